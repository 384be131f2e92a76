"""Three houses that share STIX objects, and objects to share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Raw
from tests.instruments.harness import Nodes

from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, Label, label
from laurel.instruments.cyber import INSTRUMENT
from laurel.instruments.cyber.asked import OfObject
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.sharing import ShareObjectsAsk
from laurel.instruments.cyber.shown import ObjectCourse
from laurel.instruments.cyber.tlp import IDS

MEMBERS = ("JPN", "KOR", "USA")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVERYONE = label(Classification.UNCLASSIFIED, set(MEMBERS))
AUTHOR = "identity--00000000-0000-4000-8000-00000000a000"
STATEMENT = "marking-definition--00000000-0000-4000-8000-00000000b000"
STRANGE = "marking-definition--00000000-0000-4000-8000-00000000c000"


def stix_id(of: str, number: int) -> str:
    return f"{of}--{number:08x}-0000-4000-8000-{number:012x}"


def stix(of: str, number: int = 1, modified: int = 1, **more: Any) -> dict[str, Any]:
    """An object; its versions count up by the day."""
    made: dict[str, Any] = {
        "type": of,
        "spec_version": "2.1",
        "id": stix_id(of, number),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": f"2026-01-{modified:02}T00:00:00.000Z",
    }
    return {**made, **more}


def indicator(number: int = 1, modified: int = 1, name: str = "notional.example", **more: Any) -> dict[str, Any]:
    pattern = more.pop("pattern", f"[domain-name:value = '{name}']")
    told = {"name": name, "pattern": pattern, "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}
    return stix("indicator", number, modified, **told, **more)


def sighting(number: int, of: str, **more: Any) -> dict[str, Any]:
    return stix("sighting", number, sighting_of_ref=of, count=2, **more)


def definition(marking: str, sort: str = "statement") -> dict[str, Any]:
    made = stix("marking-definition", definition_type=sort, definition={sort: "Copyright."}, id=marking)
    del made["modified"]
    return made


def marked(stix: dict[str, Any], *markings: Tlp | str) -> dict[str, Any]:
    return {**stix, "object_marking_refs": [IDS[one] if isinstance(one, Tlp) else one for one in markings]}


def raw(stix: dict[str, Any]) -> Raw:
    return Raw(json.dumps(stix).encode())


class Houses(Nodes):
    """The nodes of the three."""

    def __init__(self) -> None:
        super().__init__(INSTRUMENT, MEMBERS)

    def share(
        self,
        member: str,
        *objects: dict[str, Any],
        to: Label = EVERYONE,
        tlp: Tlp = Tlp.CLEAR,
        red_to: Sequence[str] = (),
    ) -> list[str]:
        ask = ShareObjectsAsk(to, tlp, tuple(raw(one) for one in objects), tuple(red_to))
        return self.ask(member, "share-objects", ask, "officer:sato", NOW)

    def object(self, member: str, called: str) -> ObjectCourse:
        return self.of[member].query("object", OfObject(called), NOW)

    def look(self, member: str, query: str) -> Any:
        return self.of[member].query(query, NoAsk(), NOW)
