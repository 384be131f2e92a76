"""Sightings: who saw which indicator; and what several members saw, which is an event.

Indicators that look for the same are one: by id, or by equal patterns under several ids. A sighting that several
members told may be one member's, passed on; so an event is only what no single member can have seen alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, select

from laurel.core.instrument import Item, NoAsk, Noun, Query, View
from laurel.core.label import join
from laurel.core.tables import label_of
from laurel.instruments.cyber.judge import Course, courses
from laurel.instruments.cyber.objects import LIGHT, H
from laurel.instruments.cyber.shown import EventRow, Events, IndicatorRow, Indicators, SightingRow

LOOKED_AT = 100
"""Sightings told last: what they saw may be an event, whoever saw it before and when."""
SHOWN = 100
MOST_EVENTS = 20
MOST_OF_ONE = 100
MOST_SIGHTINGS = 500
NAMED = 6
"""Sightings that stand for an event: the last of each member, so many."""

_LAST_SEEN = select(H.target).where(H.type == "sighting").order_by(H.at.desc(), H.id).limit(bindparam("most"))
_TELLERS = (
    select(H.target, H.by_member).where(H.target.in_(bindparam("of", expanding=True)), H.type == "sighting").distinct()
)
_PATTERNS = select(H.stix_id, H.pattern).where(H.stix_id.in_(bindparam("of", expanding=True)), H.pattern.is_not(None))
_SEEN = (
    select(*LIGHT)
    .where(H.type == "sighting", H.target.in_(bindparam("of", expanding=True)))
    .order_by(H.at.desc(), H.id)
    .limit(bindparam("most"))
)
_ALIKE = select(H.stix_id, H.pattern).where(H.pattern.in_(bindparam("of", expanding=True))).distinct()
_INDICATORS = select(*LIGHT).where(H.type == "indicator").order_by(H.at.desc(), H.id).limit(bindparam("most"))


@dataclass(frozen=True)
class Seen:
    """One thing that was seen: what it is, under all its ids, and every sighting of it that stands, the last first."""

    key: str
    ids: tuple[str, ...]
    of: Course | None
    sightings: Sequence[Course]

    @property
    def tellers(self) -> tuple[frozenset[str], ...]:
        """Of each sighting, whose it may be: its maker's, or any member's that told it."""
        return tuple(
            frozenset({one.maker} if one.maker else {row.by_member for row in one.versions}) for one in self.sightings
        )

    @property
    def members(self) -> tuple[str, ...]:
        """Who told a sighting of it."""
        return tuple(sorted(frozenset[str]().union(*self.tellers)))

    @property
    def by_several(self) -> bool:
        """Whether it stands, and no single member can have seen it all."""
        each = self.tellers
        return not self.revoked and bool(each) and not reduce(frozenset[str].intersection, each)

    @property
    def revoked(self) -> bool:
        """Whether its author took it back under every id."""
        return self.of is not None and self.of.revoked


def seen_lately(view: View) -> list[Seen]:
    """What the sightings told last are of, each with every sighting of it, the last seen first."""
    targets = [row.target for row in view.rows(_LAST_SEEN, most=LOOKED_AT) if row.target]
    return _gather(view, _keys(view, targets))


def events(view: View) -> list[Seen]:
    """Of these, what several members saw, the last seen first."""
    targets = [row.target for row in view.rows(_LAST_SEEN, most=LOOKED_AT) if row.target]
    keys = _keys(view, targets)
    tellers: defaultdict[str, set[str]] = defaultdict(set)
    for row in view.rows(_TELLERS, of=sorted(keys)):
        tellers[keys[row.target]].add(row.by_member)
    # Most that is seen is seen by one: only the rest is looked at closely.
    several = [key for key in dict.fromkeys(keys[one] for one in targets) if len(tellers[key]) > 1][:MOST_EVENTS]
    if not several:
        return []
    return [one for one in _gather(view, {each: key for each, key in keys.items() if key in several}) if one.by_several]


def _gather(view: View, keys: Mapping[str, str]) -> list[Seen]:
    """What has these ids, with every sighting of it that stands."""
    rows = view.rows(_SEEN, of=sorted(keys), most=MOST_SIGHTINGS)
    sightings = [one for one in courses(view, {row.stix_id for row in rows}).values() if not one.revoked]
    sightings.sort(key=lambda one: (one.current.at, one.current.id), reverse=True)
    grouped: defaultdict[str, list[Course]] = defaultdict(list)
    for one in sightings:
        if one.current.target in keys:
            grouped[keys[one.current.target]].append(one)
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for stix_id, key in sorted(keys.items()):
        ids[key].append(stix_id)
    indicators = courses(view, keys)
    return [
        Seen(key, tuple(ids[key]), _best([indicators[one] for one in ids[key] if one in indicators]), tuple(each))
        for key, each in grouped.items()
    ]


def _best(indicators: Sequence[Course]) -> Course | None:
    """Of several that look for the same, one that was not revoked."""
    return min(indicators, key=lambda one: (one.revoked, one.current.stix_id), default=None)


def _keys(view: View, targets: Iterable[str]) -> Mapping[str, str]:
    """By id, what is the same for all that look for the same; with every id that does."""
    wanted = sorted(set(targets))
    found = {row.stix_id: row.pattern for row in view.rows(_PATTERNS, of=wanted)}
    alike = {row.stix_id: row.pattern for row in view.rows(_ALIKE, of=sorted(set(found.values())))}
    return {one: one for one in wanted} | alike | found


# Shown


def of_indicator(view: View, row: Row[Any], now: datetime) -> tuple[SightingRow, ...]:
    """Who saw this, or what looks for the same."""
    del now
    return tuple(line for one in _gather(view, _keys(view, [row.stix_id])) for line in _lines(view, one))


def _lines(view: View, seen: Seen) -> tuple[SightingRow, ...]:
    return tuple(_line(view, one) for one in seen.sightings[:MOST_OF_ONE])


class _Counted(msgspec.Struct, frozen=True):
    count: Any = 1
    first_seen: Any = ""
    last_seen: Any = ""


class _Body(msgspec.Struct, frozen=True):
    stix: _Counted


class _Pattern(msgspec.Struct, frozen=True):
    pattern: Any = ""
    pattern_type: Any = ""
    valid_until: Any = ""


class _Wanted(msgspec.Struct, frozen=True):
    stix: _Pattern


def _line(view: View, course: Course) -> SightingRow:
    row = course.current
    record = view.record(row.id)
    counted = _Counted() if record is None else msgspec.json.decode(record.body, type=_Body).stix
    count = counted.count
    return SightingRow(
        id=row.stix_id,
        record=row.id,
        member=course.maker or row.by_member,
        indicator=row.target,
        count=count if isinstance(count, int) and not isinstance(count, bool) else 1,
        first_seen=str(counted.first_seen),
        last_seen=str(counted.last_seen),
        at=datetime.fromisoformat(row.at),
        banner=label_of(row.label).banner,
    )


def indicator_row(view: View, seen: Seen) -> IndicatorRow:
    """The indicator with who saw it; one that is not here is shown by its id."""
    row = seen.of.current if seen.of is not None else seen.sightings[0].current
    label = label_of(row.label)
    record = view.record(row.id) if seen.of is not None else None
    wanted = _Pattern() if record is None else msgspec.json.decode(record.body, type=_Wanted).stix
    return IndicatorRow(
        ids=seen.ids,
        name=row.name if seen.of is not None else seen.ids[0],
        pattern=str(wanted.pattern),
        pattern_type=str(wanted.pattern_type),
        valid_until=str(wanted.valid_until),
        revoked=seen.revoked,
        members=seen.members,
        sightings=_lines(view, seen),
        record=row.id,
        label=label,
        banner=label.banner,
    )


def answer_indicators(ask: NoAsk, view: View, now: datetime) -> Indicators:
    """Indicators with who saw them: those seen last first, then those told last that nobody has seen."""
    del ask
    seen = seen_lately(view)
    known = {one for each in seen for one in each.ids}
    unseen: dict[str, Seen] = {}
    for stix_id, course in courses(view, {row.stix_id for row in view.rows(_INDICATORS, most=SHOWN)}).items():
        key = course.current.pattern or stix_id
        if stix_id not in known and not course.revoked:
            before = unseen.get(key)
            unseen[key] = Seen(key, (*(before.ids if before else ()), stix_id), course, ())
    each = [*seen[:SHOWN], *sorted(unseen.values(), key=_told_at, reverse=True)]
    return Indicators(now, tuple(indicator_row(view, one) for one in each[:SHOWN]))


def _told_at(seen: Seen) -> tuple[str, str]:
    return ("", "") if seen.of is None else (seen.of.current.at, seen.of.current.id)


def answer_events(ask: NoAsk, view: View, now: datetime) -> Events:
    """What two members or more saw, the last first."""
    del ask
    return Events(now, tuple(_event(view, one) for one in events(view)))


def _event(view: View, seen: Seen) -> EventRow:
    at = datetime.fromisoformat(seen.sightings[0].current.at)
    return EventRow(subject_of(seen), _title(seen), indicator_row(view, seen), seen.members, at)


def subject_of(seen: Seen) -> str:
    """The same on every node that knows what it is of."""
    return f"cyber event {seen.key}"


def _title(seen: Seen) -> str:
    name = seen.of.current.name if seen.of is not None else seen.ids[0]
    return f"Seen by {', '.join(seen.members)}: {name}"


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each event. It rests on the last sighting of each member, and on what was seen."""
    del now
    return [_item(one) for one in events(view)]


def _item(seen: Seen) -> Item:
    chosen: dict[str, Row[Any]] = {}
    for one in seen.sightings:
        chosen.setdefault(one.maker or one.current.by_member, one.current)
    rows = [*chosen.values()][:NAMED]
    if seen.of is not None:
        rows.append(seen.of.current)
    count = len(seen.sightings)
    return Item(
        subject=subject_of(seen),
        title=_title(seen),
        state="seen by several",
        due=None,
        offices=("watch officer", "analyst"),
        label=reduce(join, (label_of(row.label) for row in rows)),
        summary=f"{count} sightings by {', '.join(seen.members)}.",
        about=tuple(row.id for row in rows),
    )


NOUN = Noun(
    queries=(
        Query("indicators", NoAsk, Indicators, answer_indicators),
        Query("events", NoAsk, Events, answer_events),
    ),
    docket=docket,
)
