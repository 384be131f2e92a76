"""What the cyber room shows in the scene `talk`, for looking at the console without a node. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Raw, Struct

from laurel.core.label import Classification, Label, label
from laurel.instruments.cyber.records import Advisory, Severity, Tlp, Version
from laurel.instruments.cyber.shown import (
    Advisories,
    AdvisoryRow,
    EventRow,
    Events,
    IndicatorRow,
    Indicators,
    ObjectCourse,
    ObjectRow,
    Objects,
    Relation,
    SightingRow,
    Told,
)

EVERYONE = label(Classification.RESTRICTED, {"JPN", "KOR", "USA"})
TWO = label(Classification.CONFIDENTIAL, {"JPN", "USA"})
INDICATOR = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
SAME = "indicator--31d52b1e-2c0f-4a0d-9b4b-7f9a52d0c1aa"
UNSEEN = "indicator--5c3a1d90-60f5-4d55-8a0e-52c1f0b1d0e7"
MALWARE = "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"
MISSING = "intrusion-set--4e78f46f-a023-4e5f-bc24-71b3ca22ec29"
SUBJECT = "cyber event [domain-name:value = 'update.example.net']"
ADVISORY, NEWER = "ad" * 32, "ae" * 32
PATTERN = "[domain-name:value = 'update.example.net']"


def answer(scene: str, query: str, asked: Mapping[str, str], now: datetime) -> Struct | None:
    """What the node would answer to that query; None when there is no such thing."""
    if scene != "talk":
        empty = {
            "events": Events(now, ()),
            "advisories": Advisories(now, ()),
            "indicators": Indicators(now, ()),
            "objects": Objects((), None, 0),
        }
        return empty.get(query)
    if query == "objects":
        words = asked.get("words", "").lower()
        rows = [row for row in _objects(now) if words in f"{row.name} {row.type}".lower()]
        rows = [row for row in rows if asked.get("types", row.type) == row.type]
        return Objects(tuple(rows), None, len(rows))
    if query == "object":
        return _course(asked["id"], now)
    if query == "events":
        seen = _seen(now)
        return Events(now, (EventRow(SUBJECT, f"Seen by JPN, KOR: {seen.name}", seen, seen.members, now),))
    if query == "indicators":
        return Indicators(now, (_seen(now), _unseen()))
    return Advisories(now, _advisories(now)) if query == "advisories" else None


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _sighting(number: int, member: str, first: datetime, last: datetime, count: int, told: Label) -> SightingRow:
    return SightingRow(
        id=f"sighting--{number:08d}-4bde-4b57-8b27-0e2e3a1a2c3d",
        record=f"{number:02d}" * 32,
        member=member,
        indicator=INDICATOR,
        count=count,
        first_seen=_stamp(first),
        last_seen=_stamp(last),
        at=last,
        banner=told.banner,
    )


def _seen(now: datetime) -> IndicatorRow:
    hour = timedelta(hours=1)
    return IndicatorRow(
        ids=(INDICATOR, SAME),
        name="Beacon of a loader for maintenance laptops",
        pattern=PATTERN,
        pattern_type="stix",
        valid_until="",
        revoked=False,
        members=("JPN", "KOR"),
        sightings=(
            _sighting(1, "KOR", now - 9 * hour, now - 2 * hour, 14, EVERYONE),
            _sighting(2, "JPN", now - 30 * hour, now - 20 * hour, 3, EVERYONE),
            _sighting(3, "JPN", now - 5 * hour, now - 5 * hour, 1, TWO),
        ),
        record="1d" * 32,
        label=EVERYONE,
        banner=EVERYONE.banner,
    )


def _unseen() -> IndicatorRow:
    return IndicatorRow(
        ids=(UNSEEN,),
        name="",
        pattern="[ipv4-addr:value = '198.51.100.7']",
        pattern_type="stix",
        valid_until="2027-01-01T00:00:00Z",
        revoked=False,
        members=(),
        sightings=(),
        record="2d" * 32,
        label=TWO,
        banner=TWO.banner,
    )


def _advisories(now: datetime) -> tuple[AdvisoryRow, ...]:
    versions = (
        Version("ja", "港湾設備の保守端末に関する注意", "同じ指標が二か国で観測された。", "保守端末を網から切り離す。"),
        Version(
            "ko",
            "항만 설비 정비용 단말기 주의",
            "같은 지표가 두 나라에서 관측되었다.",
            "정비용 단말기를 망에서 분리한다.",
        ),
    )
    advisory = Advisory(
        severity=Severity.HIGH,
        language="en",
        title="Maintenance laptops at ports",
        text="The same domain was looked up from maintenance laptops of cranes in two countries.",
        advice="Take maintenance laptops off the network until they have been looked at.",
        versions=versions,
        objects=(INDICATOR, MALWARE),
    )
    before = Advisory(Severity.LOW, "en", "Scans of port equipment", "Scans from one network.", "Watch.")
    at = now - timedelta(hours=1)
    return (
        AdvisoryRow(NEWER, "JPN", "officer:abe", at, Severity.HIGH, advisory, EVERYONE, EVERYONE.banner, None, None),
        AdvisoryRow(ADVISORY, "JPN", "officer:abe", at, Severity.LOW, before, TWO, TWO.banner, None, NEWER),
    )


def _row(of: str, name: str, tlp: Tlp, told: Label, at: datetime, record: str, *flags: str) -> ObjectRow:
    return ObjectRow(
        id=of,
        type=of.partition("--")[0],
        name=name,
        created="2022-10-01T00:00:00.000Z",
        modified=_stamp(at),
        revoked=False,
        tlp=tlp,
        record=record,
        member="JPN",
        at=at,
        label=told,
        banner=told.banner,
        flags=flags,
    )


def _objects(now: datetime) -> tuple[ObjectRow, ...]:
    hour = timedelta(hours=1)
    loosened = "marked TLP:GREEN by KOR, but TLP:AMBER by JPN: the stricter stands"
    return (
        _row(INDICATOR, _seen(now).name, Tlp.AMBER, EVERYONE, now - 2 * hour, "1d" * 32, loosened),
        _row(MALWARE, "Crane loader", Tlp.AMBER_STRICT, TWO, now - 3 * hour, "3d" * 32),
        _row(UNSEEN, "", Tlp.CLEAR, EVERYONE, now - 4 * hour, "2d" * 32),
    )


def _indicates(of: str, to: str, name: str, record: str) -> Relation:
    kind = to.partition("--")[0]
    return Relation(of, "indicates", outward=True, to=to, name=name, type=kind, record=record)


def _course(of: str, now: datetime) -> ObjectCourse | None:
    row = next((one for one in _objects(now) if one.id == of), None)
    if row is None:
        return None
    before = _row(of, row.name, Tlp.GREEN, EVERYONE, row.at - timedelta(days=2), "4d" * 32)
    stix = f'{{"type": "{row.type}", "id": "{of}", "pattern": "{PATTERN}"}}'
    relations = (
        _indicates("relationship--1", MALWARE, "Crane loader", "5d" * 32),
        _indicates("relationship--2", MISSING, "", "6d" * 32),
    )
    return ObjectCourse(
        id=of,
        type=row.type,
        name=row.name,
        revoked=False,
        versions=tuple(Told(one, Raw(stix.encode())) for one in (row, before)),
        relations=relations if of == INDICATOR else (),
        sightings=_seen(now).sightings if of == INDICATOR else (),
        advisories=(NEWER,) if of == INDICATOR else (),
    )
