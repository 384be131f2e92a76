"""What the queries of cyber answer."""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct

from laurel.core.label import Label
from laurel.instruments.cyber.records import Advisory, Severity, Tlp


class ObjectRow(Struct, frozen=True):
    """One version of an object as one member told it.

    `modified` is what stands in the object, verbatim; "" for what has no versions. `tlp` is the stricter of its own
    markings, of its label and, where another than its author loosened it, of what was said before. `flags` are
    findings in words.
    """

    id: str
    type: str
    name: str
    created: str
    modified: str
    revoked: bool
    tlp: Tlp
    record: str
    member: str
    at: datetime
    label: Label
    banner: str
    flags: tuple[str, ...] = ()


class Objects(Struct, frozen=True):
    """A page of objects, the last taken in first, each in its greatest version. `next` is where the next one begins."""

    objects: tuple[ObjectRow, ...]
    next: int | None
    total: int


class Told(Struct, frozen=True):
    """One version of an object, whole."""

    row: ObjectRow
    stix: Raw


class Relation(Struct, frozen=True):
    """A relationship or a sighting that joins an object to another; `to` may not be here, then it has no name."""

    id: str
    relationship: str
    outward: bool
    to: str
    name: str
    type: str
    record: str


class ObjectCourse(Struct, frozen=True):
    """All versions of an object, the greatest first, and what it is joined to. `revoked`: by its greatest version."""

    id: str
    type: str
    name: str
    revoked: bool
    versions: tuple[Told, ...]
    relations: tuple[Relation, ...]
    sightings: tuple[SightingRow, ...]
    advisories: tuple[str, ...]


class SightingRow(Struct, frozen=True):
    """One member saw an indicator."""

    id: str
    record: str
    member: str
    indicator: str
    count: int
    first_seen: str
    last_seen: str
    at: datetime
    banner: str


class IndicatorRow(Struct, frozen=True):
    """An indicator, whoever made it: equal patterns of several ids are one. `seen` by member, how often."""

    ids: tuple[str, ...]
    name: str
    pattern: str
    pattern_type: str
    valid_until: str
    revoked: bool
    members: tuple[str, ...]
    sightings: tuple[SightingRow, ...]
    record: str
    label: Label
    banner: str


class Indicators(Struct, frozen=True):
    """Indicators, those seen last first."""

    now: datetime
    indicators: tuple[IndicatorRow, ...]


class EventRow(Struct, frozen=True):
    """The same indicator seen by two members or more. `subject` is that of its item on the docket."""

    subject: str
    title: str
    indicator: IndicatorRow
    members: tuple[str, ...]
    last_at: datetime


class Events(Struct, frozen=True):
    """What several members saw, the last first."""

    now: datetime
    events: tuple[EventRow, ...]


class AdvisoryRow(Struct, frozen=True):
    """An advisory as it stands. `closed` says why it needs nobody's attention any more."""

    id: str
    member: str
    author: str
    at: datetime
    severity: Severity
    advisory: Advisory
    label: Label
    banner: str
    closed: str | None
    replaced_by: str | None


class Advisories(Struct, frozen=True):
    """The advisories said last, newest first."""

    now: datetime
    advisories: tuple[AdvisoryRow, ...]


class CollectionRow(Struct, frozen=True):
    """All objects of one TLP level for one audience. `id` follows from both, so it is the same on every node."""

    id: str
    title: str
    tlp: Tlp
    rel_to: tuple[str, ...]
    objects: int


class Collections(Struct, frozen=True):
    """The collections that hold something."""

    collections: tuple[CollectionRow, ...]


class Added(Struct, frozen=True):
    """One version of an object in a collection, in the order in which our node took it in.

    `position` grows with every record, is never given twice and has gaps. `added` is the time by our own clock.
    `version` is `modified`, else `created`, else "". `stix` is as its author wrote it: `tlp.leaving` gives it the
    marking with which it may leave this house. None in a manifest.
    """

    position: int
    added: datetime
    id: str
    type: str
    version: str
    spec_version: str
    tlp: Tlp
    label: Label
    record: str
    stix: Raw | None = None


class Page(Struct, frozen=True):
    """So many of a collection, in order. Others come after position `next`; None when these are the last."""

    objects: tuple[Added, ...]
    next: int | None


class FindingRow(Struct, frozen=True):
    """Something that is wrong with an object that is here: which, and why."""

    record: str
    member: str
    at: datetime
    object: str
    why: str


class Findings(Struct, frozen=True):
    """What is wrong with objects that came, the last first."""

    findings: tuple[FindingRow, ...]


class Claim(Struct, frozen=True):
    """A member says that this STIX identity is its own. `disputed`: another says so too, so it is nobody's."""

    identity: str
    member: str
    record: str
    reason: str
    disputed: bool


class Identities(Struct, frozen=True):
    """Which member made what names these identities."""

    claims: tuple[Claim, ...]


class Reading(Struct, frozen=True):
    """What our house takes a marking for that is none of TLP."""

    marking: str
    tlp: Tlp | None
    named_by: int
    reason: str


class Readings(Struct, frozen=True):
    """Markings that are none of TLP, and what they are taken for: None is the strictest, home only."""

    markings: tuple[Reading, ...]
