"""A small instrument for tests: notes that are written, echoed, counted and remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.instrument import (
    Command,
    Desk,
    Due,
    Instrument,
    Kept,
    Kind,
    Meet,
    Memory,
    NoAsk,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence, Record

_metadata = MetaData()
written = Kept(
    Table(
        "notebook_written",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("text", Text, nullable=False),
    ),
    Meet.ONCE,
)
latest = Kept(
    Table(
        "notebook_latest",
        _metadata,
        Column("topic", Text, primary_key=True),
        Column("weight", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("text", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("weight", "id"),
)


class Note(Struct, frozen=True):
    """Something written down."""

    topic: str
    text: str
    weight: int = 0


class Ring(Struct, frozen=True):
    """The node's own ask when an alarm is due."""

    due_at: datetime


class Echo(Struct, frozen=True):
    """What a reaction says to a note."""

    text: str


NOTE = Kind("notebook.note.v1", Note, None, retractable=True)
ECHO = Kind("notebook.echo.v1", Echo, None)


class Write(Struct, frozen=True):
    topic: str
    text: str
    weight: int = 0
    to: tuple[str, ...] = ("JPN", "KOR", "USA")
    precedence: Precedence = Precedence.ROUTINE


class Count(Struct, frozen=True):
    notes: int


def write(ask: Write, view: View, desk: Desk) -> Sequence[Draft]:
    del view
    told = label(Classification.RESTRICTED, {*ask.to, desk.member})
    return [Draft(Note(ask.topic, ask.text, ask.weight), told, ask.precedence)]


def ring(ask: Ring, view: View, desk: Desk) -> Sequence[Draft]:
    """Writes that the alarm rang, and how late."""
    del view
    late = desk.now - ask.due_at
    told = label(Classification.RESTRICTED, {desk.member})
    return [Draft(Note("alarm", f"rang {late} late" if late > timedelta(minutes=1) else "rang"), told)]


def fold_note(record_id: str, record: Record[Note]) -> Rows:
    body = record.body
    if body.text == "tear the page":
        raise OSError("the page tore")
    return [
        (written, {"id": record_id, "origin": record.origin, "text": body.text}),
        (latest, {"topic": body.topic, "weight": body.weight, "id": record_id, "text": body.text}),
    ]


def count(ask: NoAsk, view: View, now: datetime) -> Count:
    del ask, now
    return Count(len(view.rows(select(written.table))))


ALARM_AT = datetime(2030, 1, 1, 0, 1, tzinfo=UTC)


def due(view: View) -> Sequence[Due]:
    """Every note that says so wakes the node a minute into 2030."""
    notes = view.rows(select(written.table).where(written.table.c.text.like("wake me%")))
    return [Due(ALARM_AT, f"alarm:{row.id}", "ring", Ring(ALARM_AT)) for row in notes]


@dataclass
class Tally:
    """A memory: how many notes there were, and their texts in order."""

    texts: list[str] = field(default_factory=list[str])


def tally(state: Tally, record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
    del record_id, view
    state.texts.append(record.body.text)
    if not record.body.text.startswith("tally"):
        return []
    told = label(Classification.RESTRICTED, {desk.member})
    return [Draft(Echo(f"{len(state.texts)}:{','.join(state.texts)}"), told)]


TALLY = Memory(
    name="notebook.tally",
    kinds=(NOTE.name,),
    fresh=Tally,
    step=tally,
    dump=lambda state: msgspec.json.encode(state.texts),
    load=lambda dumped: Tally(msgspec.json.decode(dumped, type=list[str])),
)


def notebook(react: Callable[[str, Record[Any], View, Desk], Sequence[Draft]] | None = None) -> Instrument:
    """The instrument, with a reaction to notes when one is given."""
    return Instrument(
        name="notebook",
        version=1,
        kinds=(NOTE, ECHO),
        commands=(
            Command("write", Write, write, frozenset({Role.WATCH_OFFICER, Role.NODE})),
            Command("ring", Ring, ring, frozenset({Role.NODE})),
        ),
        queries=(Query("count", NoAsk, Count, count),),
        tables=(written, latest),
        folds={NOTE.name: fold_note},
        reactions={NOTE.name: react} if react else {},
        memories=(TALLY,),
        due=due,
    )
