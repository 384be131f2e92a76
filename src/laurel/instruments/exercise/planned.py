"""The plan of an exercise, said live in versions, so that all members have it before play begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Command, Desk, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record, as_text
from laurel.instruments.exercise.commands import announced, live_only, whole_compact
from laurel.instruments.exercise.plan.check import CannotBegin, Finding, House, check, worst_first
from laurel.instruments.exercise.plan.comcheck import Comms, comcheck
from laurel.instruments.exercise.plan.msel import Plan, parse
from laurel.instruments.exercise.plan.outline import Outline, outline
from laurel.instruments.exercise.records import PLANNED, ExerciseName, Planned, PlanText

CONTROL = frozenset({Role.EXERCISE_CONTROL})
READ_BY = frozenset({Role.EXERCISE_CONTROL, Role.AUDITOR})
"""Who is trained does not read what will happen."""

plans = Kept(
    Table(
        "exercise_plan",
        MetaData(),
        Column("exercise", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("plan", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("version", "at", "id"),
)
_PLAN = select(plans.table).where(plans.table.c.exercise == bindparam("exercise"))


class PlanAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """This is to be played: a plan as its TOML file has it, in place of the one before."""

    exercise: ExerciseName
    plan: PlanText
    label: Label


class OneExercise(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which exercise."""

    exercise: ExerciseName


class PlanSaid(Struct, frozen=True):
    """The plan that counts: who said it, when, and its text."""

    exercise: str
    version: int
    member: str
    author: str
    at: datetime
    plan: str


def plan(ask: PlanAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say live what is to be played. Raises LiveOnly, Nothing, BadPlan, BadField.

    What cannot begin yet may be said: a plan grows. It is the start that is refused.
    """
    live_only(desk)
    whole_compact(ask.label, desk)
    found = announced(view, ask.exercise)
    parse(ask.plan.encode())
    before = view.rows(_PLAN, exercise=ask.exercise)
    version = before[0].version + 1 if before else 1
    return (Draft(Planned(ask.exercise, version, ask.plan), ask.label, about=(found.announcement,)),)


def fold_planned(record_id: str, record: Record[Planned]) -> Rows:
    """One row for each exercise: its last plan."""
    if record.exercise is not None:
        return ()
    body = record.body
    row = {
        "exercise": body.exercise,
        "version": body.version,
        "plan": body.plan,
        "by_member": record.origin,
        "author": record.author,
        "at": as_text(record.at),
        "id": record_id,
    }
    return ((plans, row),)


def answer_plan(ask: OneExercise, view: View, now: datetime) -> PlanSaid:
    """The plan of an exercise, for those who steer it. Raises Nothing."""
    del now
    for row in view.rows(_PLAN, exercise=ask.exercise):
        return PlanSaid(row.exercise, row.version, row.by_member, row.author, datetime.fromisoformat(row.at), row.plan)
    raise Nothing(exercise=ask.exercise, plan="none was said")


def read_through(text: str, desk: Desk, comms: Comms | None = None) -> tuple[tuple[Finding, ...], Outline]:
    """What is found of a plan at this desk, and the plan as people read it. Raises BadPlan.

    `comms` is what the node knows in the world in which it is to be played.
    """
    parsed = parse(text.encode())
    reached = () if comms is None else comcheck(parsed, comms)
    return worst_first((*_findings(parsed, desk), *reached)), outline(parsed)


def may_begin(text: str, desk: Desk) -> None:
    """Raises BadPlan, CannotBegin."""
    CannotBegin.unless(_findings(parse(text.encode()), desk))


def _findings(parsed: Plan, desk: Desk) -> tuple[Finding, ...]:
    return check(parsed, House(desk.asks, frozenset(desk.kinds), frozenset(desk.members)))


NOUN = Noun(
    tables=(plans,),
    folds={PLANNED.name: fold_planned},
    commands=(Command("plan", PlanAsk, plan, CONTROL),),
    queries=(Query("planned", OneExercise, PlanSaid, answer_plan, roles=READ_BY),),
)
