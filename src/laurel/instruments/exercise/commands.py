"""Announcing an exercise, joining it, stopping it, setting its clock, and saying that it has ended here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.instrument import Command, Desk, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Utc, World, as_text
from laurel.core.roster import open_card
from laurel.instruments.exercise.clock import jump, slowed
from laurel.instruments.exercise.records import Announced, ClockSet, Ended, ExerciseName, Halted, Joined
from laurel.instruments.exercise.view import (
    Exercise,
    card_trouble,
    clock_set,
    exercise_cards,
    exercise_named,
)

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Line = Annotated[str, Meta(min_length=1, max_length=200)]

SLIP = timedelta(seconds=30)
"""Real time between reading a clock and setting it, at most: a busy node answers late."""
LONGEST_JUMP = timedelta(days=31)

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


class NotJoined(BadAsk):
    """What was never begun here has no end here."""

    says = "this member does not take part in that exercise"
    remedy = "laurel exercise exercises lists who takes part in which; nothing was changed"


class ExerciseEnded(BadAsk):
    """Its keys and its log are gone, and come back under no circumstances."""

    says = "this exercise has ended at this member"
    remedy = "laurel exercise archives names what is kept of it; to play again, announce another exercise"


class BadJump(BadAsk):
    """What was said would lie ahead of its own time; and a year that was typed wrong cannot be taken back."""

    says = "the clock of an exercise goes on: never back, and a month ahead at most"
    remedy = "set a later time, within a month; to play a part once more, hold another exercise"


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


class EndedAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """This member's world of an exercise is no more; the node says so when it has seen to it."""

    exercise: ExerciseName
    archive_sha256: Sha256
    records: Annotated[int, Meta(ge=0)]
    label: Label


class SetClockAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """At the real moment `real_at` the exercise shows `exercise_at` and runs at `rate` (0 pauses)."""

    real_at: Utc
    exercise_at: Utc
    rate: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    label: Label


class SlowClockAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """From the real moment `real_at` on, halve the pace of the clock that was set for `set_at`: it is too fast here."""

    set_at: Utc
    real_at: Utc
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
    """Say live that this member takes part. Raises LiveOnly, Nothing, ExerciseEnded, BadField.

    A member may join again when its address has changed, never with another key: what it said under
    the first would lose its proof.
    """
    live_only(desk)
    whole_compact(ask.label, desk)
    found = announced(view, ask.exercise)
    must_not_have_ended(found, desk.member)
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


def end(ask: EndedAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say live, once, that it has ended here. Raises LiveOnly, Nothing, NotJoined, ExerciseEnded, BadField.

    Where the others may still play, they hear of it before what can wait.
    """
    live_only(desk)
    whole_compact(ask.label, desk)
    found = announced(view, ask.exercise)
    must_have_joined(found, desk.member)
    must_not_have_ended(found, desk.member)
    body = Ended(ask.exercise, ask.archive_sha256, ask.records)
    others_play = set(found.playing) - {desk.member}
    precedence = Precedence.IMMEDIATE if others_play else Precedence.ROUTINE
    return (Draft(body, ask.label, precedence, about=(found.announcement,)),)


def must_have_joined(found: Exercise, member: str) -> None:
    """Raises NotJoined."""
    if found.member(member) is None:
        raise NotJoined(exercise=found.exercise, member=member, joined=", ".join(one.member for one in found.members))


def must_not_have_ended(found: Exercise, member: str) -> None:
    """Raises ExerciseEnded."""
    own = found.member(member)
    if own is not None and own.ended is not None:
        raise ExerciseEnded(exercise=found.exercise, member=member, by=own.ended.author, at=own.ended.at.isoformat())


def set_clock(ask: SetClockAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise what time it is there. Raises ExerciseOnly, BadField, BadJump.

    The first setting is free. Whoever sets it again reads the clock a moment before: it may slip by so much.
    """
    exercise_only("set-clock", desk)
    whole_compact(ask.label, desk)
    body = ClockSet(ask.real_at, ask.exercise_at, ask.rate)
    before = clock_set(view)
    if before is not None:
        if ask.real_at <= before.real_at:
            raise BadField(field="real_at", value=ask.real_at, must_be=f"after {as_text(before.real_at)}")
        ahead = jump(before, body, desk.now)
        slip = SLIP * max(before.rate, body.rate, 1.0)
        if not -slip <= ahead <= LONGEST_JUMP + slip:
            raise BadJump(exercise_at=as_text(ask.exercise_at), now=as_text(desk.now))
    return (Draft(body, ask.label, Precedence.IMMEDIATE),)


def slow_clock(ask: SlowClockAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say in the exercise that it goes on more slowly, unless the clock was set meanwhile.

    Raises ExerciseOnly, BadField.
    """
    exercise_only("slow-clock", desk)
    whole_compact(ask.label, desk)
    before = clock_set(view)
    if before is None or before.real_at != ask.set_at or before.rate <= 1.0:
        raise BadField(field="set_at", value=ask.set_at, must_be="when a clock was set that is faster than real time")
    return (Draft(slowed(before, ask.real_at), ask.label, Precedence.IMMEDIATE),)


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
    Command("ended", EndedAsk, end, frozenset({Role.NODE})),
    Command("set-clock", SetClockAsk, set_clock, frozenset({Role.EXERCISE_CONTROL})),
    Command("slow-clock", SlowClockAsk, slow_clock, frozenset({Role.NODE})),
)
