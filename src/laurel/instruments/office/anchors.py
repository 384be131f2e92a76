"""Where the chain of the audit stood, put on record hourly.

The audit is a table of this node, not a part of the log. A signed record of where its chain stood means that
nobody can write it anew, or cut its end off, without contradicting the log; at most the last hour can be lost unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, select

from laurel.core.instrument import (
    Command,
    Desk,
    Fold,
    Kept,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.instrument import Meet as Rule
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Record, as_text
from laurel.instruments.office.records import AUDIT_ANCHORED, AuditAnchored

Chain = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]

anchored = Kept(
    Table(
        "office_anchored",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("line", BigInteger, nullable=False),
        Column("chain", Text, nullable=False),
    ),
    Rule.ONCE,
)

TABLES: tuple[Kept, ...] = (anchored,)

_A = anchored.table.c
_LATEST = select(anchored.table).order_by(_A.line.desc(), _A.id).limit(bindparam("most"))


class AnchorAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Put on record where the audit's chain stands: the node asks this itself, since it alone sees the audit."""

    line: Annotated[int, Meta(ge=1)]
    chain: Chain


def anchor_audit(ask: AnchorAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """A record that stays at home."""
    del view
    return (Draft(AuditAnchored(ask.line, ask.chain), label(Classification.RESTRICTED, {desk.member})),)


class LatestAnchors(Struct, frozen=True, forbid_unknown_fields=True):
    """How many anchors, the last ones."""

    most: Annotated[int, Meta(ge=1, le=1_000)] = 24


class Anchor(Struct, frozen=True):
    """At that time the audit had so many lines, chained to this."""

    record: str
    at: datetime
    line: int
    chain: str


class Anchors(Struct, frozen=True):
    """The audit's anchors, the last first."""

    anchors: tuple[Anchor, ...]


def fold_anchored(record_id: str, record: Record[AuditAnchored]) -> Rows:
    """One row for each anchor."""
    at = as_text(record.at)
    return ((anchored, {"id": record_id, "at": at, "line": record.body.line, "chain": record.body.chain}),)


def anchors(view: View, most: int) -> tuple[Anchor, ...]:
    """The last of them, the last first."""
    rows = view.rows(_LATEST, most=most)
    return tuple(Anchor(row.id, datetime.fromisoformat(row.at), row.line, row.chain) for row in rows)


def answer_anchors(ask: LatestAnchors, view: View, now: datetime) -> Anchors:
    """Where the audit's chain stood, hour by hour."""
    del now
    return Anchors(anchors(view, ask.most))


COMMANDS: tuple[Command[Any], ...] = (Command("anchor-audit", AnchorAsk, anchor_audit, frozenset({Role.NODE})),)
QUERIES: tuple[Query[Any, Any], ...] = (Query("anchors", LatestAnchors, Anchors, answer_anchors),)
FOLDS: Mapping[str, Fold] = {AUDIT_ANCHORED.name: fold_anchored}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES)
