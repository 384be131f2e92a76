"""What members tell each other of attacks on their networks: STIX 2.1 objects as they were written, and advisories."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Raw, Struct

from laurel.core.fields import Language, Line, RecordId, Text
from laurel.core.instrument import FOREVER, Kind

MAX_OBJECT_BYTES = 240 * 1024
"""Of one STIX object, without the spaces between its parts: what leaves room for its label in a record of 256 kB."""
MAX_NAMED = 2_000
"""Objects that one record of a bundle names; a bundle of more is told by several."""

StixId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{1,248}[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
    ),
]
"""`type--uuid`: STIX 2.1, section 2.9."""


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 (FIRST, 2022). Order of declaration is order of strictness."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"

    @property
    def rank(self) -> int:
        """0 for the least strict."""
        return list(Tlp).index(self)


class Severity(StrEnum):
    """How grave a vulnerability or a campaign is: the ratings of CVSS."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class StixObject(Struct, frozen=True):
    """One version of one STIX object, letter for letter as its author wrote it.

    `tlp` is how far its reader may pass it on: the strictest of what its officer said and what its own markings say.
    The record's label is no less strict. What it is worth is judged where it is read.
    """

    stix: Raw
    tlp: Tlp


class Bundle(Struct, frozen=True):
    """These records of objects came as one bundle. Each names objects of its own audience; one bundle may have many."""

    bundle: StixId
    objects: Annotated[tuple[RecordId, ...], Meta(max_length=MAX_NAMED)]


class Version(Struct, frozen=True):
    """An advisory in one language: what is known, and what is to be done."""

    language: Language
    title: Line
    text: Text
    advice: Annotated[str, Meta(max_length=40_000)] = ""


class Advisory(Struct, frozen=True):
    """What our house advises against an attack or a weakness, in several languages, the original first.

    `title`, `text` and `language` are those of the original. `objects` are STIX objects that it is about; their
    records stand in `about`. One that `replaces` another of the same member stands in its place.
    """

    severity: Severity
    language: Language
    title: Line
    text: Text
    advice: Annotated[str, Meta(max_length=40_000)] = ""
    versions: Annotated[tuple[Version, ...], Meta(max_length=5)] = ()
    objects: Annotated[tuple[StixId, ...], Meta(max_length=200)] = ()
    replaces: RecordId | None = None


class AdvisoryClosed(Struct, frozen=True):
    """Our advisory needs nobody's attention any more."""

    advisory: RecordId
    reason: Line


class IdentityClaimed(Struct, frozen=True):
    """This STIX identity is ours: what names it in `created_by_ref` was made by our house."""

    identity: StixId
    reason: Line


class MarkingRead(Struct, frozen=True):
    """What our house takes a marking for that is none of TLP. Stays at home."""

    marking: StixId
    tlp: Tlp
    reason: Line


STIX_OBJECT = Kind("cyber.object.v1", StixObject, FOREVER, retractable=True)
BUNDLE = Kind("cyber.bundle.v1", Bundle, FOREVER, retractable=True)
ADVISORY = Kind("cyber.advisory.v1", Advisory, FOREVER, retractable=True)
ADVISORY_CLOSED = Kind("cyber.advisory-closed.v1", AdvisoryClosed, FOREVER, undone_by="say the advisory again")
IDENTITY_CLAIMED = Kind("cyber.identity-claimed.v1", IdentityClaimed, FOREVER, retractable=True)
MARKING_READ = Kind("cyber.marking-read.v1", MarkingRead, FOREVER, undone_by="read it otherwise")

KINDS = (STIX_OBJECT, BUNDLE, ADVISORY, ADVISORY_CLOSED, IDENTITY_CLAIMED, MARKING_READ)
