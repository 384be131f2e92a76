"""What a STIX 2.1 object must have before anything is made of it, and what is read from one.

OASIS STIX 2.1 (https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html): 2.9 identifier, 2.12 timestamp, 3.2
common properties, 3.6 versioning, 7.2 markings. Unknown types and properties of one's own are kept as they are. The
door holds each object against the whole standard beside (`gateways/stix.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec import Raw

from laurel.core.errors import BadAsk
from laurel.core.record import UNREADABLE
from laurel.instruments.cyber.records import MAX_OBJECT_BYTES, Tlp
from laurel.instruments.cyber.tlp import LEVELS, stricter

STIX_ID = re.compile(
    r"([a-z0-9][a-z0-9-]{1,248}[a-z0-9])--[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){2}[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)
MOMENT = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2])-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z")
FRACTION_DIGITS = 12
VERSIONED = frozenset({
    "attack-pattern", "campaign", "course-of-action", "extension-definition", "grouping", "identity", "incident",
    "indicator", "infrastructure", "intrusion-set", "language-content", "location", "malware", "malware-analysis",
    "note", "observed-data", "opinion", "relationship", "report", "sighting", "threat-actor", "tool", "vulnerability",
})  # fmt: skip
"""Types of the standard that have versions: they need `created` and `modified`."""
MARKING = "marking-definition"
"""It is made once and never changed."""

STATEMENT = "statement"
LONGEST_WORDS = 20_000
UNWORDED = frozenset({"id", "type", "spec_version", "created", "modified", "pattern_type", "extensions"})
REFERENCE = ("_ref", "_refs")


class BadStix(BadAsk):
    """One object of many: the others are none the worse for it."""

    says = "this is no STIX 2.1 object"
    remedy = "ask its author to mend it; the rest of its bundle was taken"


@dataclass(frozen=True)
class Stix:
    """One version of one object, as far as we read it. `version` sorts as versions do; "" for what has none."""

    id: str
    type: str
    created: str
    modified: str
    version: str
    revoked: bool
    spec_version: str
    created_by: str
    markings: tuple[str, ...]
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What a person calls it, or the beginning of what it says."""
        of = self.properties
        texts = (of.get(one) for one in ("name", "value", "pattern", "description"))
        found = next((one for one in texts if isinstance(one, str) and one.strip()), None)
        if found is None and self.type == "relationship":
            found = str(of.get("relationship_type"))
        return " ".join((found or "").split())[:200] or self.type

    @property
    def own_tlp(self) -> Tlp:
        """The strictest TLP level among its own markings, of the whole and of parts."""
        level = Tlp.CLEAR
        for marking in self.markings:
            level = stricter(level, LEVELS.get(marking, Tlp.CLEAR))
        return level

    @property
    def foreign(self) -> tuple[str, ...]:
        """Its markings that are none of TLP."""
        return tuple(one for one in self.markings if one not in LEVELS)

    @property
    def words(self) -> str:
        """Everything in it that a person may look for."""
        return "\n".join(dict.fromkeys(_words(self.properties)))[:LONGEST_WORDS]


def read(raw: Raw) -> Stix:
    """What stands in it. Raises BadStix."""
    if len(bytes(raw)) > MAX_OBJECT_BYTES:
        raise BadStix(bytes=len(bytes(raw)), limit=MAX_OBJECT_BYTES)
    try:
        found = msgspec.json.decode(raw)
    except UNREADABLE as error:
        raise BadStix(why=f"no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadStix(why="not an object")
    of = cast("dict[str, Any]", found)
    stix_type, stix_id = _text(of, "type"), _text(of, "id")
    matched = STIX_ID.fullmatch(stix_id)
    if matched is None or matched[1] != stix_type:
        raise BadStix(object=stix_id[:300], field="id", must_be=f"{stix_type[:80]}--UUID")
    try:
        return _checked(of, stix_type, stix_id)
    except BadStix as error:
        raise BadStix(object=stix_id, **error.facts) from None


def _checked(of: Mapping[str, Any], stix_type: str, stix_id: str) -> Stix:
    # Observables, of the standard or of somebody's own, are what was seen: they need no author's time and no version.
    observed = stix_type not in VERSIONED | {MARKING} and not {"created", "modified"} & of.keys()
    spec_version = _text(of, "spec_version", "2.1" if observed else None)
    if spec_version != "2.1":
        raise BadStix(field="spec_version", value=spec_version[:80], must_be="2.1")
    created = _text(of, "created", "" if observed else None)
    modified = _text(of, "modified", "" if observed or stix_type == MARKING else None)
    moments = {name: moment(name, of[name]) for name in ("created", "modified") if name in of}
    if "created" in moments and moments.get("modified", moments["created"]) < moments["created"]:
        raise BadStix(field="modified", value=modified, must_be=f"{created} or later")
    created_by = _text(of, "created_by_ref", "")
    if created_by and not (created_by.startswith("identity--") and STIX_ID.fullmatch(created_by)):
        raise BadStix(field="created_by_ref", value=created_by[:80], must_be="identity--UUID")
    revoked = of.get("revoked", False)
    if not isinstance(revoked, bool):
        raise BadStix(field="revoked", value=str(revoked)[:80], must_be="true or false")
    return Stix(
        id=stix_id,
        type=stix_type,
        created=created,
        modified=modified,
        version=moments.get("modified", moments.get("created", "")),
        revoked=revoked,
        spec_version=spec_version,
        created_by=created_by,
        markings=_markings(of),
        properties=of,
    )


def _markings(of: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the whole, and of its parts: nobody here hands on a part of an object."""
    found = [*_list(of, "object_marking_refs")]
    for part in _list(of, "granular_markings"):
        ref = cast("dict[str, Any]", part).get("marking_ref") if isinstance(part, dict) else part
        found += [] if ref is None else [ref]
    for one in found:
        if not isinstance(one, str) or not one.startswith("marking-definition--") or not STIX_ID.fullmatch(one):
            raise BadStix(field="markings", value=str(one)[:120], must_be="marking-definition--UUID")
    return tuple(dict.fromkeys(found))


def _list(of: Mapping[str, Any], name: str) -> list[Any]:
    value = of.get(name, [])
    if not isinstance(value, list):
        raise BadStix(field=name, value=str(value)[:80], must_be="a list")
    return cast("list[Any]", value)


def _text(of: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = of.get(name, default)
    if not isinstance(value, str):
        raise BadStix(field=name, value=str(value)[:80], must_be="text" if name in of else "there")
    return value


def moment(name: str, value: str) -> str:
    """The moment with always as many digits, so that text sorts as time does. Raises BadStix."""
    matched = MOMENT.fullmatch(value)
    try:
        datetime.fromisoformat(matched[1] if matched else "")
    except ValueError:
        matched = None
    if matched is None:
        raise BadStix(field=name, value=value[:80], must_be="a moment such as 2026-11-22T09:00:00.000Z") from None
    return f"{matched[1]}.{(matched[2] or '')[:FRACTION_DIGITS]:0<{FRACTION_DIGITS}}"


def _words(of: Mapping[str, Any]) -> Iterator[str]:
    """Texts in it and in its parts, but no ids, references and moments."""
    left: list[Any] = [of]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            named = cast("dict[str, Any]", value)
            left += [named[name] for name in reversed(named) if not (name in UNWORDED or name.endswith(REFERENCE))]
        elif isinstance(value, list):
            left += reversed(cast("list[Any]", value))
        elif isinstance(value, str) and value.strip() and not MOMENT.fullmatch(value):
            yield value


def compact(raw: Raw) -> Raw:
    """The same, letter for letter, without the spaces between its parts. Raises BadStix."""
    try:
        return Raw(msgspec.json.format(bytes(raw), indent=-1))
    except UNREADABLE as error:
        raise BadStix(why=f"no JSON: {error}") from None


def digest(stix: Mapping[str, Any]) -> str:
    """The same for equal objects, in whatever order their properties stand."""
    return hashlib.sha256(msgspec.json.encode(stix, order="sorted")).hexdigest()


def pattern_key(properties: Mapping[str, Any]) -> str | None:
    """The same for indicators that look for the same: by pattern, whatever their ids and spaces. None for others."""
    pattern, kind = properties.get("pattern"), properties.get("pattern_type", "stix")
    if properties.get("type") != "indicator" or not isinstance(pattern, str) or not isinstance(kind, str):
        return None
    wanted = _one_spaced(pattern) if kind == "stix" else pattern.strip()
    return hashlib.sha256(f"{kind}\n{wanted}".encode()).hexdigest()


QUOTED = re.compile(r"('(?:[^'\\]|\\.)*')")


def _one_spaced(pattern: str) -> str:
    """Spaces between words of a pattern mean nothing; those within quotes do."""
    pieces = QUOTED.split(pattern)
    return "".join(
        piece if place % 2 else re.sub(r"\s*([\[\]()=<>!,])\s*", r"\1", " ".join(piece.split()))
        for place, piece in enumerate(pieces)
    )
