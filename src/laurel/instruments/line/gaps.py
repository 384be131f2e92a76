"""What an origin said, lost, and declared lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.errors import BadField
from laurel.core.fields import Line
from laurel.core.instrument import (
    Command,
    Desk,
    Fold,
    Item,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.line.records import (
    GAP_DECLARED,
    GapDeclared,
    Number,
)

MAY_DECLARE = frozenset({Role.ADMINISTRATOR, Role.PRINCIPAL})

_metadata = MetaData()

declared = Kept(
    Table(
        "line_gap",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("precedence", Integer, nullable=False),
        Column("first", Integer, nullable=False),
        Column("last", Integer, nullable=False),
        Column("reason", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)

TABLES: tuple[Kept, ...] = (declared,)

GAPS = select(declared.table).order_by(declared.table.c.at, declared.table.c.id)


class DeclareGap(Struct, frozen=True, forbid_unknown_fields=True):
    """We said these numbers of this lane of ours, lost them, and nobody we reach has them."""

    audience: tuple[str, ...]
    precedence: Precedence
    first: Number
    last: Number
    reason: Line


class Gap(Struct, frozen=True):
    """Numbers that a member declared lost in one of its lanes. Records of them that turn up are kept in their place."""

    origin: str
    at: datetime
    audience: tuple[str, ...]
    precedence: int
    first: int
    last: int
    reason: str


class Gaps(Struct, frozen=True):
    """Every declared gap, oldest first."""

    gaps: tuple[Gap, ...]


def declare_gap(ask: DeclareGap, view: View, desk: Desk) -> Sequence[Draft]:
    """Said in the lane itself, right behind what was lost. Raises BadField."""
    del view
    if desk.member not in ask.audience or len(ask.audience) < 2:
        raise BadField(field="audience", value=" ".join(ask.audience), must_be="of a lane of ours that a peer reads")
    if ask.first > ask.last:
        raise BadField(field="last", value=ask.last, must_be=f"{ask.first} or more")
    told = label(Classification.RESTRICTED, set(ask.audience))
    return (Draft(GapDeclared(ask.first, ask.last, ask.reason), told, ask.precedence),)


def fold_gap(record_id: str, record: Record[GapDeclared]) -> Rows:
    """One row for each declared gap."""
    body = record.body
    row = {
        "id": record_id,
        "at": record.at.isoformat(),
        "origin": record.origin,
        "audience": " ".join(record.label.rel_to),
        "precedence": int(record.precedence),
        "first": body.first,
        "last": body.last,
        "reason": body.reason,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((declared, row),)


def answer_gaps(ask: NoAsk, view: View, now: datetime) -> Gaps:
    """What each member declared lost."""
    del ask, now
    return Gaps(
        tuple(
            Gap(
                row.origin,
                datetime.fromisoformat(row.at),
                tuple(row.audience.split()),
                row.precedence,
                row.first,
                row.last,
                row.reason,
            )
            for row in view.rows(GAPS)
        )
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        "declare-gap",
        DeclareGap,
        declare_gap,
        MAY_DECLARE,
        confirm="Declare these numbers lost? They are never used again, and every reader of the lane is told.",
    ),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("gaps", NoAsk, Gaps, answer_gaps),)
FOLDS: Mapping[str, Fold] = {GAP_DECLARED.name: fold_gap}


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each gap: what was said there is gone, unless somebody else kept it."""
    del now
    return [
        Item(
            subject=row.id,
            title=f"{row.origin} lost what it said under numbers {row.first} to {row.last}",
            state="declared lost",
            due=None,
            offices=("administrator",),
            label=msgspec.json.decode(row.label, type=Label),
            summary=row.reason,
        )
        for row in view.rows(GAPS)
    ]


NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
