"""Which exercises there are, who takes part with which card, which halted or ended, and what time it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Float, MetaData, Table, Text, select

from laurel.core.errors import BadSignature, Malformed
from laurel.core.instrument import Item, Kept, Meet, NoAsk, Rows, View
from laurel.core.label import Label
from laurel.core.record import Halt, Record, World, as_text
from laurel.core.roster import Card, fingerprint, open_card
from laurel.instruments.exercise.ended import End, ends
from laurel.instruments.exercise.records import Announced, ClockSet, Halted, Joined

_metadata = MetaData()

announced = Kept(
    Table(
        "exercise_announced",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("compact", Text, nullable=False),
        Column("exercise", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("starts_at", Text, nullable=False),
        Column("scenario_sha256", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("title", "exercise"),
)
joined = Kept(
    Table(
        "exercise_joined",
        _metadata,
        Column("exercise", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Column("card", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "id"),
)
halted = Kept(
    Table(
        "exercise_halted",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("exercise", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("reason",),
)
clock = Kept(
    Table(
        "exercise_clock",
        _metadata,
        Column("exercise", Text, primary_key=True),
        Column("real_at", Text, nullable=False),
        Column("exercise_at", Text, nullable=False),
        Column("rate", Float, nullable=False),
        Column("slowed_from", Float),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("real_at", "id"),
)

TABLES = (announced, joined, halted, clock)

_ANNOUNCED = select(announced.table).order_by(announced.table.c.at, announced.table.c.id)
_JOINED = select(joined.table).order_by(joined.table.c.exercise, joined.table.c.member)
_HALTED = select(halted.table).order_by(halted.table.c.at, halted.table.c.id)
_CLOCK = select(clock.table)


class Member(Struct, frozen=True):
    """Who takes part. `fingerprint` is None when the card cannot be opened, and `trouble` says why.

    `ended` once its world of the exercise is no more.
    """

    member: str
    at: datetime
    card: str
    fingerprint: str | None
    trouble: str | None
    ended: End | None = None


class Exercise(Struct, frozen=True):
    """One announced exercise. Of two announcements under one name the earlier counts."""

    exercise: str
    title: str
    starts_at: datetime
    scenario_sha256: str
    announced_by: str
    announced_at: datetime
    announcement: str
    label: Label
    members: tuple[Member, ...]
    halted: Halt | None

    def member(self, code: str) -> Member | None:
        """That member, if it takes part."""
        return next((one for one in self.members if one.member == code), None)

    @property
    def ended_at(self) -> tuple[str, ...]:
        """The members whose worlds of it are no more."""
        return tuple(one.member for one in self.members if one.ended is not None)

    @property
    def playing(self) -> tuple[str, ...]:
        """The members at which play may go on."""
        return () if self.halted else tuple(one.member for one in self.members if one.ended is None)


class Exercises(Struct, frozen=True):
    """All of them, in the order of their announcements."""

    exercises: tuple[Exercise, ...]


class Clock(Struct, frozen=True):
    """What time it is in this world. Without a clock set it is the real time."""

    now: datetime
    set: ClockSet | None
    halted: Halt | None


# Announcements and joinings count only when said live, the clock only when said in the exercise.


def fold_announced(record_id: str, record: Record[Announced]) -> Rows:
    """One row for an announcement."""
    if record.exercise is not None:
        return ()
    body = record.body
    row = {
        "id": record_id,
        "compact": record.compact,
        "exercise": body.exercise,
        "title": body.title,
        "starts_at": as_text(body.starts_at),
        "scenario_sha256": body.scenario_sha256,
        "by_member": record.origin,
        "at": as_text(record.at),
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((announced, row),)


def fold_joined(record_id: str, record: Record[Joined]) -> Rows:
    """One row for each member of each exercise: its last card."""
    if record.exercise is not None:
        return ()
    body = record.body
    row = {
        "exercise": body.exercise,
        "member": record.origin,
        "card": body.card,
        "at": as_text(record.at),
        "id": record_id,
    }
    return ((joined, row),)


def fold_halted(record_id: str, record: Record[Halted]) -> Rows:
    """One row for a halt, heard in the live world or in the exercise it stops."""
    body = record.body
    if record.exercise not in {None, body.exercise}:
        return ()
    row = {
        "id": record_id,
        "exercise": body.exercise,
        "by_member": record.origin,
        "author": record.author,
        "reason": body.reason,
        "at": as_text(record.at),
    }
    return ((halted, row),)


def fold_clock_set(record_id: str, record: Record[ClockSet]) -> Rows:
    """The one row of this world's clock."""
    if record.exercise is None:
        return ()
    body = record.body
    row = {
        "exercise": record.exercise,
        "real_at": as_text(body.real_at),
        "exercise_at": as_text(body.exercise_at),
        "rate": body.rate,
        "slowed_from": body.slowed_from,
        "id": record_id,
    }
    return ((clock, row),)


def exercises(view: View) -> tuple[Exercise, ...]:
    """All announced exercises, in the order of their announcements."""
    members: defaultdict[str, list[tuple[str, str, datetime]]] = defaultdict(list)
    for row in view.rows(_JOINED):
        members[row.exercise].append((row.member, row.card, _time(row.at)))
    halts, over = halts_of(view), ends(view)
    found: dict[str, Exercise] = {}
    for row in view.rows(_ANNOUNCED):
        world = World(row.compact, row.exercise)
        if row.exercise in found:
            continue
        found[row.exercise] = Exercise(
            exercise=row.exercise,
            title=row.title,
            starts_at=_time(row.starts_at),
            scenario_sha256=row.scenario_sha256,
            announced_by=row.by_member,
            announced_at=_time(row.at),
            announcement=row.id,
            label=msgspec.json.decode(row.label, type=Label),
            members=tuple(_member(world, over.get((row.exercise, one[0])), *one) for one in members[row.exercise]),
            halted=halts.get(row.exercise),
        )
    return tuple(found.values())


def exercise_named(view: View, name: str) -> Exercise | None:
    """The announced exercise of that name."""
    return next((one for one in exercises(view) if one.exercise == name), None)


def exercise_cards(view: View, name: str) -> dict[str, Card]:
    """The cards of all who joined, by member, without those that cannot be opened."""
    found = exercise_named(view, name)
    members = () if found is None else found.members
    return {one.member: open_card(one.card.encode()) for one in members if one.trouble is None}


def clock_set(view: View) -> ClockSet | None:
    """The last setting of this world's clock."""
    rows = view.rows(_CLOCK)
    if not rows:
        return None
    row = rows[0]
    return ClockSet(_time(row.real_at), _time(row.exercise_at), row.rate, row.slowed_from)


def answer_exercises(ask: NoAsk, view: View, now: datetime) -> Exercises:
    """All announced exercises, who joined, which were halted, and where they ended."""
    del ask, now
    return Exercises(exercises(view))


def answer_clock(ask: NoAsk, view: View, now: datetime) -> Clock:
    """What time it is in this world, and who set it."""
    del ask
    halts = list(halts_of(view).values())
    setting = clock_set(view)
    # A live world hears of every halt and has no clock to stop.
    return Clock(now, setting, halts[0] if setting is not None and halts else None)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each announced exercise that has not ended at all who joined."""
    del now
    return [_item(one) for one in exercises(view) if not one.members or len(one.ended_at) < len(one.members)]


def card_trouble(file: str, world: World, member: str) -> str | None:
    """Why this is not a card of that member for that world, or None."""
    try:
        card = open_card(file.encode())
    except (Malformed, BadSignature) as error:
        return str(error)
    if card.member != member:
        return f"the card is of {card.member}"
    if card.world != world:
        return f"the card is for {card.world.name}"
    return None


def _member(world: World, end: End | None, member: str, file: str, at: datetime) -> Member:
    trouble = card_trouble(file, world, member)
    name = None if trouble else fingerprint(open_card(file.encode()))
    return Member(member, at, file, name, trouble, end)


def halts_of(view: View) -> Mapping[str, Halt]:
    """The first word that halted each exercise, by its name."""
    first: dict[str, Halt] = {}
    for row in view.rows(_HALTED):
        first.setdefault(row.exercise, Halt(row.by_member, row.author, row.reason, _time(row.at)))
    return first


def _item(one: Exercise) -> Item:
    taking_part = ", ".join(member.member for member in one.members)
    if one.ended_at:
        state = f"ended by {', '.join(one.ended_at)}"
    elif one.halted is not None:
        state = f"halted by {one.halted.member}: {one.halted.reason}"
    elif taking_part:
        state = f"joined by {taking_part}"
    else:
        state = "announced"
    return Item(
        subject=one.announcement,
        title=f"Exercise {one.exercise}: {one.title}",
        state=state,
        # `starts_at` is the exercise's own time, often years from now: it is no deadline.
        due=None,
        offices=("exercise-control",),
        label=one.label,
        summary=f"Announced by {one.announced_by}. Play begins at {as_text(one.starts_at)} exercise time.",
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
