"""Announcing an exercise, joining it, stopping it, and setting its clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.instrument import Command, Desk, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Utc, World
from laurel.core.roster import open_card
from laurel.instruments.exercise.records import Announced, ClockSet, ExerciseName, Halted, Joined
from laurel.instruments.exercise.view import (
    Exercise,
    card_trouble,
    exercise_cards,
    exercise_named,
)

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Line = Annotated[str, Meta(min_length=1, max_length=200)]

OFFICERS = frozenset(Role) - {Role.SENSOR, Role.NODE}


class LiveOnly(BadAsk):
    """This is said in the live world, which alone can vouch for an exercise."""

    says = "this is said in the live world only"
    remedy = "ask the live world of the compact"


class ExerciseOnly(BadAsk):
    """Said live, it would touch what is real."""

    says = "this is said in an exercise world only"
    remedy = "ask the exercise's own world; nothing is played live, and the live clock is not set by anyone"


class AlreadyAnnounced(BadAsk):
    """Keys, databases and archives are named after an exercise, so a name is used once."""

    says = "an exercise of that name was announced before"
    remedy = "choose another name"


class AnnounceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """An exercise is to be held; `starts_at` is its own time when play begins."""

    exercise: ExerciseName
    title: Line
    starts_at: Utc
    scenario_sha256: Sha256
    label: Label


class JoinAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take part, with the text of this member's card for the exercise world."""

    exercise: ExerciseName
    card: Annotated[str, Meta(min_length=1, max_length=64_000)]
    label: Label


class HaltAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop all play."""

    exercise: ExerciseName
    reason: Line
    label: Label


class SetClockAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """At the real moment `real_at` the exercise shows `exercise_at` and runs at `rate` (0 pauses)."""

    real_at: Utc
    exercise_at: Utc
    rate: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    label: Label


def announce(ask: AnnounceAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say live that it will be held. Raises LiveOnly, AlreadyAnnounced, BadField."""
    live_only(desk)
    whole_compact(ask.label, desk)
    earlier = exercise_named(view, ask.exercise)
    if earlier is not None:
        raise AlreadyAnnounced(exercise=ask.exercise, by=earlier.announced_by, at=earlier.announced_at.isoformat())
    body = Announced(ask.exercise, ask.title, ask.starts_at, ask.scenario_sha256)
    return (Draft(body, ask.label),)


def join(ask: JoinAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say live that this member takes part. Raises LiveOnly, Nothing, BadField.

    A member may join again when its address has changed, never with another key: what it said under
    the first would lose its proof.
    """
    live_only(desk)
    whole_compact(ask.label, desk)
    found = announced(view, ask.exercise)
    trouble = card_trouble(ask.card, World(desk.world.compact, ask.exercise), desk.member)
    if trouble is not None:
        raise BadField(field="card", why=trouble)
    earlier = exercise_cards(view, ask.exercise).get(desk.member)
    if earlier is not None and earlier.signing_key != open_card(ask.card.encode()).signing_key:
        raise BadField(field="card", why="this member joined before with another signing key")
    return (Draft(Joined(ask.exercise, ask.card), ask.label, about=(found.announcement,)),)


def halt(ask: HaltAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say FLASH, live or in the exercise itself, that play stops. Raises Nothing, BadField."""
    whole_compact(ask.label, desk)
    body = Halted(ask.exercise, ask.reason)
    if desk.world.exercise is None:
        found = announced(view, ask.exercise)
        return (Draft(body, ask.label, Precedence.FLASH, about=(found.announcement,)),)
    if ask.exercise != desk.world.exercise:
        raise BadField(field="exercise", value=ask.exercise, here=desk.world.exercise)
    return (Draft(body, ask.label, Precedence.FLASH),)


def set_clock(ask: SetClockAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise what time it is there. Raises ExerciseOnly, BadField."""
    del view
    exercise_only("set-clock", desk)
    whole_compact(ask.label, desk)
    body = ClockSet(ask.real_at, ask.exercise_at, ask.rate)
    return (Draft(body, ask.label, Precedence.IMMEDIATE),)


def live_only(desk: Desk) -> None:
    """Raises LiveOnly in an exercise."""
    if desk.world.exercise is not None:
        raise LiveOnly(world=desk.world.name, live=World(desk.world.compact).name)


def exercise_only(asked: str, desk: Desk) -> None:
    """Raises ExerciseOnly in the live world."""
    if desk.world.exercise is None:
        raise ExerciseOnly(asked=asked, world=desk.world.name)


def whole_compact(label: Label, desk: Desk) -> None:
    """One who is not told of an exercise may take it for real. Raises BadField."""
    if label.rel_to != desk.members:
        raise BadField(field="label.rel_to", value=label.rel_to, must_be=desk.members)


def announced(view: View, name: str) -> Exercise:
    """The exercise of that name. Raises Nothing."""
    found = exercise_named(view, name)
    if found is None:
        raise Nothing(exercise=name)
    return found


COMMANDS = (
    Command("announce", AnnounceAsk, announce, frozenset({Role.EXERCISE_CONTROL})),
    Command("join", JoinAsk, join, frozenset({Role.EXERCISE_CONTROL})),
    Command("halt", HaltAsk, halt, OFFICERS, confirm="Stop this exercise, now, at every member?"),
    Command("set-clock", SetClockAsk, set_clock, frozenset({Role.EXERCISE_CONTROL})),
)
