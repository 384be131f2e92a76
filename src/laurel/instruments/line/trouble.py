"""Forks and records that nobody here could read: said by the node itself, shown until somebody has asked why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.instrument import Command, Desk, Item, Kept, Meet, NoAsk, Query, Role, Rows, View
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.line.records import FORKED, QUARANTINED, Forked, Quarantined

NODE_ONLY = frozenset({Role.NODE})

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


class ReportFork(Struct, frozen=True, forbid_unknown_fields=True):
    """Two records under one number of one lane: tell everyone who may read that lane."""

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str


class ReportQuarantine(Struct, frozen=True, forbid_unknown_fields=True):
    """An authentic record that we do not understand: tell its origin."""

    record: str
    origin: str
    kind: str
    why: str


def report_fork(ask: ReportFork, view: View, desk: Desk) -> Sequence[Draft]:
    """Evidence for all who may read the lane. Every node that sees the fork says so."""
    del view
    body = Forked(ask.origin, ask.audience, ask.precedence, ask.number, ask.kept, ask.other)
    # A lane may name one who is no member: it is told to those who are.
    told = label(Classification.RESTRICTED, set(ask.audience) & set(desk.members))
    return (Draft(body, told, Precedence.IMMEDIATE, about=tuple(one for one in (ask.kept, ask.other) if one)),)


def report_quarantine(ask: ReportQuarantine, view: View, desk: Desk) -> Sequence[Draft]:
    """Word to the origin, who may need to wait for our upgrade."""
    del view
    body = Quarantined(ask.record, ask.kind, ask.why)
    told = label(Classification.RESTRICTED, {desk.member, ask.origin})
    return (Draft(body, told, Precedence.PRIORITY, about=(ask.record,)),)


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


COMMANDS = (
    Command("report-fork", ReportFork, report_fork, NODE_ONLY),
    Command("report-quarantine", ReportQuarantine, report_quarantine, NODE_ONLY),
)
QUERIES = (Query("trouble", NoAsk, Trouble, answer_trouble, live=True),)
FOLDS = {FORKED.name: fold_forked, QUARANTINED.name: fold_quarantined}
