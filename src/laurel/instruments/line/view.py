"""What went wrong on the line, as every node that was told of it sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.instrument import Item, Kept, Meet, NoAsk, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record
from laurel.instruments.line.records import Forked, Quarantined

_metadata = MetaData()

forked = Kept(
    Table(
        "line_forked",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("seen_by", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("precedence", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("kept", Text, nullable=False),
        Column("other", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)
quarantined = Kept(
    Table(
        "line_quarantined",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("said_by", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)

TABLES = (forked, quarantined)

_FORKED = select(forked.table).order_by(forked.table.c.at, forked.table.c.id)
_QUARANTINED = select(quarantined.table).order_by(quarantined.table.c.at, quarantined.table.c.id)


class SeenFork(Struct, frozen=True):
    """Who said two things under one number, and who saw it."""

    seen_by: str
    at: datetime
    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str


class NotUnderstood(Struct, frozen=True):
    """A record that a node keeps but cannot read."""

    said_by: str
    at: datetime
    record: str
    kind: str
    why: str


class Trouble(Struct, frozen=True):
    """Forks and records not understood, oldest first."""

    forks: tuple[SeenFork, ...]
    quarantined: tuple[NotUnderstood, ...]


def fold_forked(record_id: str, record: Record[Forked]) -> Rows:
    """One row for each report of a fork."""
    body = record.body
    row = {
        "id": record_id,
        "at": _text(record.at),
        "seen_by": record.origin,
        "origin": body.origin,
        "audience": " ".join(body.audience),
        "precedence": body.precedence,
        "number": body.number,
        "kept": body.kept,
        "other": body.other,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((forked, row),)


def fold_quarantined(record_id: str, record: Record[Quarantined]) -> Rows:
    """One row for each record that someone could not read."""
    body = record.body
    row = {
        "id": record_id,
        "at": _text(record.at),
        "said_by": record.origin,
        "record": body.record,
        "kind": body.kind,
        "why": body.why,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((quarantined, row),)


def answer_trouble(ask: NoAsk, view: View, now: datetime) -> Trouble:
    """Forks, and records that someone could not read."""
    del ask, now
    forks = tuple(
        SeenFork(
            row.seen_by,
            datetime.fromisoformat(row.at),
            row.origin,
            tuple(row.audience.split()),
            row.precedence,
            row.number,
            row.kept,
            row.other,
        )
        for row in view.rows(_FORKED)
    )
    unread = tuple(
        NotUnderstood(row.said_by, datetime.fromisoformat(row.at), row.record, row.kind, row.why)
        for row in view.rows(_QUARANTINED)
    )
    return Trouble(forks, unread)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each fork: somebody must ask that member what happened."""
    del now
    return [
        Item(
            subject=row.id,
            title=f"{row.origin} said two things under number {row.number}",
            state="evidence kept",
            due=None,
            offices=("administrator", "principal"),
            label=msgspec.json.decode(row.label, type=Label),
            summary=f"Seen by {row.seen_by}. Kept {row.kept}; also signed {row.other}.",
        )
        for row in view.rows(_FORKED)
    ]


def _text(at: datetime) -> str:
    """Always as long, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
