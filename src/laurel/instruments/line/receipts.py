"""Receipts: what a reader says when something reached it, and how an origin sees who received what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, MetaData, Table, Text, select

from laurel.core.instrument import (
    Command,
    Desk,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.instruments.line.records import RECEIPT_GIVEN, ReceiptGiven

given = Kept(
    Table(
        "line_receipt",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("to_member", Text, nullable=False),
        Column("record", Text, nullable=False),
    ),
    Meet.ONCE,
)

TABLES = (given,)

_GIVEN = select(given.table).order_by(given.table.c.record, given.table.c.by_member, given.table.c.at, given.table.c.id)


class GiveReceipt(Struct, frozen=True, forbid_unknown_fields=True):
    """A release reached us, and we are a reader: tell its origin alone."""

    record: str
    origin: str


def give_receipt(ask: GiveReceipt, view: View, desk: Desk) -> Sequence[Draft]:
    """To the origin, that its release is on our disk."""
    del view
    told = label(Classification.RESTRICTED, {desk.member, ask.origin})
    return (Draft(ReceiptGiven(ask.record), told, Precedence.ROUTINE, about=(ask.record,)),)


class Receipt(Struct, frozen=True):
    """Who has a record of ours, and since when it says so."""

    member: str
    at: datetime


class Received(Struct, frozen=True):
    """One record, and every reader that gave a receipt for it."""

    record: str
    by: tuple[Receipt, ...]


class Receipts(Struct, frozen=True):
    """Every record for which a receipt was given, by its id."""

    receipts: tuple[Received, ...]


def answer_receipts(ask: NoAsk, view: View, now: datetime) -> Receipts:
    """Which readers received which records."""
    del ask, now
    by: defaultdict[str, dict[str, Receipt]] = defaultdict(dict)
    for row in view.rows(_GIVEN):
        by[row.record].setdefault(row.by_member, Receipt(row.by_member, datetime.fromisoformat(row.at)))
    return Receipts(tuple(Received(record, tuple(found.values())) for record, found in by.items()))


def fold_receipt(record_id: str, record: Record[ReceiptGiven]) -> Rows:
    """One row for a receipt that was given to the one it is meant for."""
    others = set(record.label.rel_to) - {record.origin}
    if len(others) != 1:
        return ()
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "by_member": record.origin,
        "to_member": others.pop(),
        "record": record.body.record,
    }
    return ((given, row),)


COMMANDS = (Command("give-receipt", GiveReceipt, give_receipt, frozenset({Role.NODE})),)
QUERIES: tuple[Query[Any, Any], ...] = (Query("receipts", NoAsk, Receipts, answer_receipts),)
FOLDS = {RECEIPT_GIVEN.name: fold_receipt}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES)
