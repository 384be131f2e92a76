"""Play as its control steers it: the start, injects called or skipped, what became of each, areas without play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Boolean, Column, MetaData, Table, Text, select

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Line, Name
from laurel.core.instrument import Command, Desk, Kept, Meet, NoAsk, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, Utc, as_text
from laurel.instruments.exercise.commands import OFFICERS, exercise_only, whole_compact
from laurel.instruments.exercise.plan.msel import Plan, parse
from laurel.instruments.exercise.planned import CONTROL, may_begin
from laurel.instruments.exercise.records import (
    CALLED,
    INJECTED,
    NO_PLAY,
    STARTED,
    Called,
    Changed,
    Corner,
    Injected,
    InjectOutcome,
    NoPlay,
    PlanKey,
    PlanText,
    Started,
)

_metadata = MetaData()

starts = Kept(
    Table(
        "exercise_started",
        _metadata,
        Column("exercise", Text, primary_key=True),
        Column("plan", Text, nullable=False),
        Column("dry", Boolean, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "id"),
)
calls = Kept(
    Table(
        "exercise_called",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("inject", Text, nullable=False),
        Column("skip", Boolean, nullable=False),
        Column("why", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("at", Text, nullable=False),
    ),
    Meet.ONCE,
)
injects = Kept(
    Table(
        "exercise_injected",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("inject", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("records", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("at", Text, nullable=False),
    ),
    Meet.ONCE,
)
areas = Kept(
    Table(
        "exercise_no_play",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("corners_deg", Text, nullable=False),
        Column("begins_at", Text, nullable=False),
        Column("ends_at", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("at", Text, nullable=False),
    ),
    Meet.ONCE,
)
_STARTED = select(starts.table)
_CALLED = select(calls.table).order_by(calls.table.c.at, calls.table.c.id)
_INJECTED = select(injects.table).order_by(injects.table.c.at, injects.table.c.id)
_AREAS = select(areas.table).order_by(areas.table.c.begins_at, areas.table.c.id)


class GoesOnce(BadAsk):
    """It has gone, or was called, or will not go."""

    says = "this inject was dealt with before"
    remedy = "plan another inject and start again with the new plan: what has gone stays gone"


class StartAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Play this plan from now on; `dry` without people: nodes answer as the plan says that they would."""

    plan: PlanText
    label: Label
    dry: bool = False
    changed: Changed = ()


class CallAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Bring this inject about now, whatever it waits for."""

    inject: PlanKey
    label: Label


class SkipAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """This inject will not go."""

    inject: PlanKey
    why: Line
    label: Label


class InjectedAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of an inject."""

    inject: PlanKey
    outcome: InjectOutcome
    records: tuple[str, ...]
    why: str
    label: Label


class NoPlayAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Here nothing is played between these times of the exercise. The last corner joins the first."""

    name: Name
    corners_deg: Annotated[tuple[Corner, ...], Meta(min_length=3, max_length=100)]
    begins_at: Utc
    ends_at: Utc
    why: Line
    label: Label


class Area(Struct, frozen=True):
    """Where nothing is played; `now` whether that holds at this moment."""

    record: str
    name: str
    corners_deg: tuple[tuple[float, float], ...]
    begins_at: datetime
    ends_at: datetime
    why: str
    member: str
    now: bool


class Areas(Struct, frozen=True):
    """All of them, the earliest first."""

    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Fate:
    """What became of an inject, when, and the records that it led to."""

    outcome: InjectOutcome
    at: datetime
    member: str
    records: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Play:
    """What this world is playing: the plan, whether without people, and what control and nodes did of it so far."""

    plan: Plan
    dry: bool
    called: Mapping[str, Called]
    called_at: Mapping[str, datetime]
    fates: Mapping[str, Fate]


def start(ask: StartAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise what is played from now on. Raises ExerciseOnly, BadPlan, CannotBegin, BadField."""
    del view
    exercise_only("start", desk)
    whole_compact(ask.label, desk)
    may_begin(ask.plan, desk)
    return (Draft(Started(ask.plan, ask.dry, ask.changed), ask.label, Precedence.IMMEDIATE),)


def call(ask: CallAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Want an inject now. Raises ExerciseOnly, Nothing, GoesOnce, BadField."""
    return _called(Called(ask.inject), ask.label, view, desk)


def skip(ask: SkipAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Want an inject never. Raises ExerciseOnly, Nothing, GoesOnce, BadField."""
    return _called(Called(ask.inject, skip=True, why=ask.why), ask.label, view, desk)


def _called(body: Called, label: Label, view: View, desk: Desk) -> Sequence[Draft]:
    exercise_only("call", desk)
    whole_compact(label, desk)
    playing = play(view)
    if playing is None or body.inject not in {one.id for one in playing.plan.moves(dry=playing.dry)}:
        raise Nothing(inject=body.inject, plan="none is played" if playing is None else playing.plan.title)
    if body.inject in playing.called or body.inject in playing.fates:
        raise GoesOnce(inject=body.inject)
    return (Draft(body, label, Precedence.IMMEDIATE),)


def injected(ask: InjectedAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say what became of an inject of ours. Raises ExerciseOnly."""
    del view
    exercise_only("injected", desk)
    body = Injected(ask.inject, ask.outcome, ask.records, ask.why)
    return (Draft(body, ask.label, Precedence.IMMEDIATE),)


def no_play(ask: NoPlayAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise where nothing is played. Raises ExerciseOnly, BadField."""
    del view
    exercise_only("no-play", desk)
    whole_compact(ask.label, desk)
    if not ask.begins_at < ask.ends_at:
        raise BadField(field="ends_at", value=ask.ends_at, must_be=f"after {as_text(ask.begins_at)}")
    body = NoPlay(ask.name, ask.corners_deg, ask.begins_at, ask.ends_at, ask.why)
    return (Draft(body, ask.label, Precedence.IMMEDIATE),)


# None of these counts when it is said live.


def fold_started(record_id: str, record: Record[Started]) -> Rows:
    """The one row of this world's plan: the last start."""
    if record.exercise is None:
        return ()
    row = {
        "exercise": record.exercise,
        "plan": record.body.plan,
        "dry": record.body.dry,
        "by_member": record.origin,
        "at": as_text(record.at),
        "id": record_id,
    }
    return ((starts, row),)


def fold_called(record_id: str, record: Record[Called]) -> Rows:
    """One row for each call."""
    if record.exercise is None:
        return ()
    body = record.body
    row = {
        "id": record_id,
        "inject": body.inject,
        "skip": body.skip,
        "why": body.why,
        "by_member": record.origin,
        "at": as_text(record.at),
    }
    return ((calls, row),)


def fold_injected(record_id: str, record: Record[Injected]) -> Rows:
    """One row for each inject that was dealt with."""
    if record.exercise is None:
        return ()
    body = record.body
    row = {
        "id": record_id,
        "inject": body.inject,
        "outcome": body.outcome.value,
        "records": " ".join(body.records),
        "why": body.why,
        "by_member": record.origin,
        "at": as_text(record.at),
    }
    return ((injects, row),)


def fold_no_play(record_id: str, record: Record[NoPlay]) -> Rows:
    """One row for each area."""
    if record.exercise is None:
        return ()
    body = record.body
    row = {
        "id": record_id,
        "name": body.name,
        "corners_deg": msgspec.json.encode(body.corners_deg).decode(),
        "begins_at": as_text(body.begins_at),
        "ends_at": as_text(body.ends_at),
        "why": body.why,
        "by_member": record.origin,
        "at": as_text(record.at),
    }
    return ((areas, row),)


def play(view: View) -> Play | None:
    """What this world is playing; None before the start. Of two words about one inject the first counts."""
    rows = view.rows(_STARTED)
    if not rows:
        return None
    called: dict[str, Called] = {}
    called_at: dict[str, datetime] = {}
    for row in view.rows(_CALLED):
        if row.inject not in called:
            called[row.inject] = Called(row.inject, row.skip, row.why)
            called_at[row.inject] = _time(row.at)
    fates: dict[str, Fate] = {}
    for row in view.rows(_INJECTED):
        led_to = tuple(row.records.split())
        fate = Fate(InjectOutcome(row.outcome), _time(row.at), row.by_member, led_to, row.why)
        fates.setdefault(row.inject, fate)
    return Play(_parsed(rows[0].plan), rows[0].dry, called, called_at, fates)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Plan:
    """A plan is long, and looked at at every step of play."""
    return parse(text.encode())


def answer_areas(ask: NoAsk, view: View, now: datetime) -> Areas:
    """Where nothing is played, now and later."""
    del ask
    return Areas(
        tuple(
            Area(
                record=row.id,
                name=row.name,
                corners_deg=msgspec.json.decode(row.corners_deg, type=tuple[tuple[float, float], ...]),
                begins_at=_time(row.begins_at),
                ends_at=_time(row.ends_at),
                why=row.why,
                member=row.by_member,
                now=_time(row.begins_at) <= now < _time(row.ends_at),
            )
            for row in view.rows(_AREAS)
        )
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


NOUN = Noun(
    tables=(starts, calls, injects, areas),
    folds={
        STARTED.name: fold_started,
        CALLED.name: fold_called,
        INJECTED.name: fold_injected,
        NO_PLAY.name: fold_no_play,
    },
    commands=(
        Command("start", StartAsk, start, CONTROL),
        Command("call", CallAsk, call, CONTROL),
        Command("skip", SkipAsk, skip, CONTROL),
        Command("injected", InjectedAsk, injected, frozenset({Role.NODE})),
        Command("no-play", NoPlayAsk, no_play, OFFICERS),
    ),
    queries=(Query("areas", NoAsk, Areas, answer_areas),),
)
