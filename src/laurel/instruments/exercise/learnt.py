"""What people learn of play: observations by anyone, each member's word on each objective, what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import Column, MetaData, Row, Table, Text, select

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Code, Language, Line, Name, RecordId
from laurel.core.fields import Text as Words
from laurel.core.instrument import Command, Desk, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record, Utc, as_text
from laurel.core.tables import said_columns, said_row
from laurel.instruments.exercise.commands import OFFICERS, exercise_only
from laurel.instruments.exercise.plan.msel import Objective
from laurel.instruments.exercise.planned import CONTROL
from laurel.instruments.exercise.played import play
from laurel.instruments.exercise.records import (
    ACTION_PROPOSED,
    OBSERVED,
    RATED,
    ActionProposed,
    Finding,
    Observed,
    PlanKey,
    Rated,
    Rating,
)

_metadata = MetaData()

observations = Kept(
    Table(
        "exercise_observed",
        _metadata,
        *said_columns(),
        Column("finding", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("objective", Text),
        Column("about", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("text",),
)
ratings = Kept(
    Table(
        "exercise_rated",
        _metadata,
        Column("objective", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Column("rating", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "id"),
    searched=("text",),
)
actions = Kept(
    Table(
        "exercise_action",
        _metadata,
        *said_columns(),
        Column("action", Text, nullable=False),
        Column("member", Text, nullable=False),
        Column("office", Text, nullable=False),
        Column("due", Text, nullable=False),
        Column("objective", Text),
    ),
    Meet.ONCE,
    searched=("action",),
)
_OBSERVED = select(observations.table).order_by(observations.table.c.at, observations.table.c.id)
_RATED = select(ratings.table).order_by(ratings.table.c.objective, ratings.table.c.member)
_ACTIONS = select(actions.table).order_by(actions.table.c.due, actions.table.c.id)


class ObserveAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that should be kept or mended, as somebody saw it; `about` are records that show it."""

    finding: Finding
    text: Words
    language: Language
    label: Label
    objective: PlanKey | None = None
    about: Annotated[tuple[RecordId, ...], Meta(max_length=50)] = ()


class RateAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How an objective was met, in this member's own eyes: P, S, M or U (HSEEP 2020), and why."""

    objective: PlanKey
    rating: Rating
    text: Words
    language: Language
    label: Label


class ProposeActionAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done after the exercise, by which office of which member, until when."""

    action: Line
    member: Code
    office: Name
    due: Utc
    label: Label
    objective: PlanKey | None = None


class Observation(Struct, frozen=True):
    """What somebody saw."""

    record: str
    member: str
    author: str
    at: datetime
    finding: Finding
    text: str
    language: str
    objective: str | None
    about: tuple[str, ...]


class Word(Struct, frozen=True):
    """One member's last word on an objective."""

    objective: str
    member: str
    rating: Rating
    text: str
    language: str
    at: datetime


class Action(Struct, frozen=True):
    """What is to be done."""

    record: str
    proposed_by: str
    action: str
    member: str
    office: str
    due: datetime
    objective: str | None


class HotWash(Struct, frozen=True):
    """What all members have said of play, in the order in which it was said."""

    objectives: tuple[Objective, ...]
    observations: tuple[Observation, ...]
    ratings: tuple[Word, ...]
    actions: tuple[Action, ...]


def observe(ask: ObserveAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise what one saw. Raises ExerciseOnly, BadField, Nothing."""
    exercise_only("observe", desk)
    _known(ask.objective, view)
    for one in ask.about:
        if view.record(one) is None:
            raise Nothing(about=one)
    body = Observed(ask.finding, ask.text, ask.language, ask.objective)
    return (Draft(body, ask.label, about=ask.about),)


def rate(ask: RateAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise how an objective was met. Raises ExerciseOnly, BadField."""
    exercise_only("rate", desk)
    _known(ask.objective, view)
    return (Draft(Rated(ask.objective, ask.rating, ask.text, ask.language), ask.label),)


def propose_action(ask: ProposeActionAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise what is to be done after it. Raises ExerciseOnly, BadField."""
    exercise_only("propose-action", desk)
    _known(ask.objective, view)
    if ask.member not in desk.members:
        raise BadField(field="member", value=ask.member, must_be=", ".join(desk.members))
    body = ActionProposed(ask.action, ask.member, ask.office, ask.due, ask.objective)
    return (Draft(body, ask.label),)


def _known(objective: str | None, view: View) -> None:
    playing = play(view)
    known = () if playing is None else tuple(one.id for one in playing.plan.objectives)
    if objective is not None and objective not in known:
        raise BadField(field="objective", value=objective, must_be=", ".join(known) or "left out: no plan is played")


def fold_observed(record_id: str, record: Record[Observed]) -> Rows:
    """One row for each observation."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "finding": body.finding.value,
        "text": body.text,
        "language": body.language,
        "objective": body.objective,
        "about": " ".join(record.about),
    }
    return () if record.exercise is None else ((observations, row),)


def fold_rated(record_id: str, record: Record[Rated]) -> Rows:
    """One row for each member's last word on an objective."""
    body = record.body
    row = {
        "objective": body.objective,
        "member": record.origin,
        "rating": body.rating.value,
        "text": body.text,
        "language": body.language,
        "at": as_text(record.at),
        "id": record_id,
    }
    return () if record.exercise is None else ((ratings, row),)


def fold_action_proposed(record_id: str, record: Record[ActionProposed]) -> Rows:
    """One row for each action."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "action": body.action,
        "member": body.member,
        "office": body.office,
        "due": as_text(body.due),
        "objective": body.objective,
    }
    return () if record.exercise is None else ((actions, row),)


def answer_hot_wash(ask: NoAsk, view: View, now: datetime) -> HotWash:
    """What all members have said of play: observations, ratings, actions."""
    del ask, now
    playing = play(view)
    objectives = () if playing is None else playing.plan.objectives
    return HotWash(
        objectives,
        tuple(_observation(row) for row in view.rows(_OBSERVED)),
        tuple(
            Word(row.objective, row.member, Rating(row.rating), row.text, row.language, _time(row.at))
            for row in view.rows(_RATED)
        ),
        tuple(
            Action(row.id, row.by_member, row.action, row.member, row.office, _time(row.due), row.objective)
            for row in view.rows(_ACTIONS)
        ),
    )


def _observation(row: Row[tuple[object, ...]]) -> Observation:
    return Observation(
        record=row.id,
        member=row.by_member,
        author=row.author,
        at=_time(row.at),
        finding=Finding(row.finding),
        text=row.text,
        language=row.language,
        objective=row.objective,
        about=tuple(row.about.split()),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


NOUN = Noun(
    tables=(observations, ratings, actions),
    folds={OBSERVED.name: fold_observed, RATED.name: fold_rated, ACTION_PROPOSED.name: fold_action_proposed},
    commands=(
        Command("observe", ObserveAsk, observe, OFFICERS),
        Command("rate", RateAsk, rate, CONTROL),
        Command("propose-action", ProposeActionAsk, propose_action, OFFICERS),
    ),
    queries=(Query("hot-wash", NoAsk, HotWash, answer_hot_wash),),
)
