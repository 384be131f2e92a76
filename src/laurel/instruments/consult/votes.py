"""What was said of joint texts, in tables: the texts, the votes on them, whom they reached, and remarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, bindparam, select
from sqlalchemy import Text as String

from laurel.core.instrument import Fold, Kept, Meet, Rows
from laurel.core.record import Record
from laurel.core.tables import said_columns, said_row
from laurel.instruments.consult.course_types import VoteKind
from laurel.instruments.consult.drafts import is_whole
from laurel.instruments.consult.records import (
    AMENDED,
    ASSENTED,
    JOINT_TEXT,
    OBJECTED,
    PROCEDURE,
    REMARKED,
    TEXT_HELD,
    TEXT_SHOWN,
    Amended,
    Assented,
    JointText,
    Objected,
    Remarked,
    TextHeld,
    TextShown,
)
from laurel.instruments.line.records import GAP_DECLARED, GapDeclared

_metadata = MetaData()
texts = Kept(
    Table(
        "consult_text",
        _metadata,
        *said_columns(),
        Column("consultation", String, nullable=False),
        Column("purpose", String, nullable=False),
        Column("round", Integer, nullable=False),
        # None where its clauses are unknown to this version.
        Column("whole", Boolean),
        Column("body", String, nullable=False),
        Index("consult_text_consultation", "consultation"),
    ),
    Meet.ONCE,
)
voted = Kept(
    Table(
        "consult_vote",
        _metadata,
        *said_columns(),
        Column("consultation", String, nullable=False),
        Column("purpose", String, nullable=False),
        Column("round", Integer, nullable=False),
        Column("text", String, nullable=False),
        Column("text_hash", String),
        Column("vote", String, nullable=False),
        # None for a text, which is its proposer's vote.
        Column("body", String),
        Index("consult_vote_consultation", "consultation"),
    ),
    Meet.ONCE,
)
reached = Kept(
    Table(
        "consult_reached",
        _metadata,
        *said_columns(),
        Column("text", String, nullable=False),
        # None where it reached the node; the office to which it was shown.
        Column("office", String),
        Index("consult_reached_text", "text"),
    ),
    Meet.ONCE,
)
remarked = Kept(
    Table(
        "consult_remark",
        _metadata,
        *said_columns(),
        Column("consultation", String, nullable=False),
        Column("text", String, nullable=False),
        Column("body", String, nullable=False),
        Index("consult_remark_consultation", "consultation"),
    ),
    Meet.ONCE,
)
gaps = Kept(
    Table(
        "consult_gap",
        _metadata,
        *said_columns(),
        Column("first", Integer, nullable=False),
        Column("last", Integer, nullable=False),
    ),
    Meet.ONCE,
)
TABLES = (texts, voted, reached, remarked, gaps)

_T, _V, _H, _M, _G = texts.table.c, voted.table.c, reached.table.c, remarked.table.c, gaps.table.c
TEXTS_OF = select(texts.table).where(_T.consultation.in_(bindparam("ids", expanding=True))).order_by(_T.number, _T.id)
TEXT_CALLED = select(_T.consultation).where(_T.id == bindparam("called"))
VOTES_OF = select(voted.table).where(_V.consultation.in_(bindparam("ids", expanding=True))).order_by(_V.number, _V.id)
VOTE_CALLED = select(voted.table).where(_V.id == bindparam("called"))
REACHED_OF = (
    select(reached.table)
    .join_from(reached.table, texts.table, _H.text == _T.id)
    .where(_T.consultation.in_(bindparam("ids", expanding=True)))
    .order_by(_H.number, _H.id)
)
REMARKS_OF = (
    select(remarked.table).where(_M.consultation.in_(bindparam("ids", expanding=True))).order_by(_M.number, _M.id)
)
GAPS_HERE = select(gaps.table).order_by(_G.number, _G.id)

# Folds


def fold_text(record_id: str, record: Record[JointText]) -> Rows:
    """The text, and its proposer's vote for it."""
    if record.precedence is not PROCEDURE:
        return ()
    body = record.body
    row = {
        **said_row(record_id, record),
        "consultation": body.consultation,
        "purpose": body.purpose.value,
        "round": body.round,
        "whole": is_whole(body, record.at),
        "body": _text(body),
    }
    vote = _vote_row(record_id, record, record_id, VoteKind.PROPOSED, body.text_hash)
    return ((texts, row), (voted, {**vote, "body": None}))


def fold_assented(record_id: str, record: Record[Assented]) -> Rows:
    """A vote for a text."""
    kind = VoteKind.SILENT if record.body.silent else VoteKind.AGREED
    return _vote(record_id, record, kind, record.body.text_hash)


def fold_objected(record_id: str, record: Record[Objected]) -> Rows:
    """A vote against a text."""
    return _vote(record_id, record, VoteKind.OBJECTED, None)


def fold_amended(record_id: str, record: Record[Amended]) -> Rows:
    """A vote for a text that would be another."""
    return _vote(record_id, record, VoteKind.AMENDED, None)


def _vote(record_id: str, record: Record[Any], kind: VoteKind, text_hash: str | None) -> Rows:
    if record.precedence is not PROCEDURE:
        return ()
    return ((voted, _vote_row(record_id, record, record.body.text, kind, text_hash)),)


def _vote_row(record_id: str, record: Record[Any], text: str, kind: VoteKind, text_hash: str | None) -> dict[str, Any]:
    body = record.body
    return {
        **said_row(record_id, record),
        "consultation": body.consultation,
        "purpose": body.purpose.value,
        "round": body.round,
        "text": text,
        "text_hash": text_hash,
        "vote": kind.value,
        "body": _text(body),
    }


def fold_held(record_id: str, record: Record[TextHeld]) -> Rows:
    """That a member's node has a text."""
    return ((reached, {**said_row(record_id, record), "text": record.body.text, "office": None}),)


def fold_shown(record_id: str, record: Record[TextShown]) -> Rows:
    """That a text was before an officer."""
    return ((reached, {**said_row(record_id, record), "text": record.body.text, "office": record.body.office}),)


def fold_remarked(record_id: str, record: Record[Remarked]) -> Rows:
    """What a member says beside its assent."""
    if record.precedence is not PROCEDURE:
        return ()
    body = record.body
    row = {"consultation": body.consultation, "text": body.text, "body": _text(body)}
    return ((remarked, {**said_row(record_id, record), **row}),)


def fold_gap(record_id: str, record: Record[GapDeclared]) -> Rows:
    """That a member lost what it said in a lane in which consultations are held."""
    if record.precedence is not PROCEDURE:
        return ()
    return ((gaps, {**said_row(record_id, record), "first": record.body.first, "last": record.body.last}),)


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()


FOLDS: Mapping[str, Fold] = {
    JOINT_TEXT.name: fold_text,
    ASSENTED.name: fold_assented,
    OBJECTED.name: fold_objected,
    AMENDED.name: fold_amended,
    TEXT_HELD.name: fold_held,
    TEXT_SHOWN.name: fold_shown,
    REMARKED.name: fold_remarked,
    GAP_DECLARED.name: fold_gap,
}
