"""The records of an exercise, from one log or several: each once, in order of time, as far as its readers may know it.

A review has readers. A record whose label names all of them is shown. What a member said to nobody but itself is
counted in times where that member gave its own log: it goes into no text. Everything else is left out, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from laurel.core.errors import Nothing, WrongWorld
from laurel.core.instrument import Kind
from laurel.core.label import Classification, Label
from laurel.core.record import UNREADABLE, Record, World
from laurel.instruments.consult import records as consult
from laurel.instruments.exercise import records as exercise
from laurel.instruments.exercise.plan.msel import BadPlan, Plan, parse
from laurel.instruments.exercise.review.tracks import Taken, TrackLine, Tracks
from laurel.instruments.line.records import RETRACTED, Retracted
from laurel.instruments.warning import records as warning

Body = TypeVar("Body", bound=Struct)
Numbered = tuple[str, Record[Raw]]
"""A record's id and the record, its body as it was written."""

READ: Mapping[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        *(exercise.HALTED, exercise.CLOCK_SET, exercise.STARTED, exercise.CALLED),
        *(exercise.INJECTED, exercise.NO_PLAY, exercise.OBSERVED, exercise.RATED, exercise.ACTION_PROPOSED),
        *(warning.ALERT, warning.ACKNOWLEDGED, warning.PUBLIC_ALERT),
        *(consult.REQUESTED, consult.RESPONDED, consult.STANCE, consult.ASSENTED, consult.OBJECTED, consult.AMENDED),
    )
}
"""Kinds whose bodies a review reads. Of tracks it reads what `tracks.py` says, of all others who said them and when."""


@dataclass(frozen=True)
class Said:
    """One record, and its body where a review reads it."""

    id: str
    record: Record[Raw]
    body: Struct | None

    @property
    def at(self) -> datetime:
        """When it was said, in the exercise's time."""
        return self.record.at

    @property
    def by(self) -> str:
        """The member that said it."""
        return self.record.origin


@dataclass(frozen=True)
class Log:
    """What a review is made of. `given_by` are the members whose own logs were read."""

    world: World
    plan: Plan | None
    plan_trouble: str
    readers: tuple[str, ...]
    given_by: frozenset[str]
    label: Label
    shown: tuple[Said, ...]
    tracks: tuple[TrackLine, ...]
    at_home: int
    left_out: Mapping[tuple[str, str], int]
    unread: Mapping[str, int]
    begins_at: datetime
    ends_at: datetime
    records: int

    def of(self, kind: Kind[Body]) -> tuple[tuple[Said, Body], ...]:
        """What was said of that kind, in order."""
        return tuple((one, one.body) for one in self.shown if isinstance(one.body, kind.body))

    def play_s(self, at: datetime) -> float:
        """Seconds of play at that moment of the exercise."""
        return (at - self.begins_at).total_seconds()


def read(records: Sequence[Numbered], given_by: frozenset[str], readers: Sequence[str], taken: Taken) -> Log:
    """What these records tell, whatever their order, and however often one of them stands among them.

    Without `readers` the review is for all who take part. Raises WrongWorld for records of several worlds,
    Nothing without any.
    """
    if not records:
        raise Nothing(log="no record")
    unique = dict(records)
    ordered = sorted(unique.items(), key=lambda one: (one[1].order, one[0]))
    world = ordered[0][1].world
    for record_id, record in ordered:
        if record.world != world:
            raise WrongWorld(record_id=record_id, said_in=record.world.name, offered_to=world.name)
    taken_back = _taken_back(ordered)
    plan, trouble = _plan(ordered)
    everybody = plan.members if plan else tuple(sorted({record.origin for _, record in ordered}))
    wanted = tuple(sorted(readers or everybody))
    shown, left_out, unread = list[Said](), Counter[tuple[str, str]](), Counter[str]()
    tracks, label, at_home = Tracks(taken), Label(Classification.UNCLASSIFIED, wanted), 0
    for record_id, record in ordered:
        if record_id in taken_back:
            continue
        home = record.label.rel_to == (record.origin,) and record.origin in given_by
        for_all = set(wanted) <= set(record.label.rel_to)
        if not (for_all or home):
            left_out[record.origin, record.kind] += 1
            continue
        try:
            used = tracks.take(record_id, record)
            kind = READ.get(record.kind) if for_all else None
            body = None if kind is None else msgspec.json.decode(record.body, type=kind.body)
        except UNREADABLE:
            unread[record.kind] += 1
            continue
        at_home += used and not for_all
        if used or body is not None:
            label = _stricter(label, record.label)
        if for_all:
            shown.append(Said(record_id, record, body))
    return Log(
        world=world,
        plan=plan,
        plan_trouble=trouble,
        readers=wanted,
        given_by=given_by,
        label=label,
        shown=tuple(shown),
        tracks=tracks.lines(),
        at_home=at_home,
        left_out=dict(sorted(left_out.items())),
        unread=dict(sorted(unread.items())),
        begins_at=plan.starts_at if plan else _first_clock(ordered) or ordered[0][1].at,
        ends_at=_end(ordered),
        records=len(ordered),
    )


def _stricter(label: Label, other: Label) -> Label:
    """The classification and the caveats of both. Who reads it was decided before."""
    strictest = max(label.classification, other.classification, key=lambda one: one.rank)
    return Label(strictest, label.rel_to, tuple(sorted({*label.caveats, *other.caveats})))


def _bodies(ordered: Sequence[Numbered], kind: Kind[Body]) -> list[tuple[Numbered, Body]]:
    found: list[tuple[Numbered, Body]] = []
    for one in ordered:
        if one[1].kind == kind.name:
            try:
                found.append((one, msgspec.json.decode(one[1].body, type=kind.body)))
            except UNREADABLE:
                continue
    return found


def _taken_back(ordered: Sequence[Numbered]) -> frozenset[str]:
    """What its own origin took back."""
    origins = {record_id: record.origin for record_id, record in ordered}
    said: list[tuple[Numbered, Retracted]] = _bodies(ordered, RETRACTED)
    return frozenset(body.record for (_, by), body in said if origins.get(body.record) == by.origin)


def _plan(ordered: Sequence[Numbered]) -> tuple[Plan | None, str]:
    """The plan that was started last, or why there is none."""
    started = _bodies(ordered, exercise.STARTED)
    if not started:
        return None, "no plan was started: nothing is judged against what was expected"
    try:
        return parse(started[-1][1].plan.encode()), ""
    except BadPlan as error:
        return None, str(error)


def _first_clock(ordered: Sequence[Numbered]) -> datetime | None:
    settings = _bodies(ordered, exercise.CLOCK_SET)
    return min((body.exercise_at for _, body in settings), default=None)


def _end(ordered: Sequence[Numbered]) -> datetime:
    """Where play ended: at the first halt; else with the last word, or where the clock was stopped last."""
    halts = [record.at for (_, record), _ in _bodies(ordered, exercise.HALTED)]
    if halts:
        return min(halts)
    clock = max((body for _, body in _bodies(ordered, exercise.CLOCK_SET)), key=lambda one: one.real_at, default=None)
    stopped = [clock.exercise_at] if clock is not None and clock.rate == 0.0 else []
    return max([ordered[-1][1].at, *stopped])
