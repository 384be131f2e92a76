"""What was said of line checks, in tables: plans, the slots our node marked, checks, and what became of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text

from laurel.core.instrument import Kept, Meet, Rows
from laurel.core.record import Precedence, Record, as_text
from laurel.core.tables import said_columns, said_row
from laurel.instruments.hotline.records import (
    CHECK_ANSWERED,
    CHECK_HEARD,
    CHECK_MEASURED,
    CHECK_PLAN,
    CHECK_ROUND,
    LINE_CHECK,
    CheckAnswered,
    CheckHeard,
    CheckMeasured,
    CheckPlan,
    CheckRound,
    LineCheck,
)
from laurel.instruments.line.records import LINK_CHANGED, LinkChanged
from laurel.instruments.office.records import ours

SHORTEST_S = 10
"""No line is checked more often: a plan that says so is not taken."""

URGENCY = Precedence.PRIORITY
"""Before files, behind what officers say with urgency."""

_metadata = MetaData()
plans = Kept(
    Table(
        "hotline_check_plan",
        _metadata,
        *said_columns(),
        Column("other", Text, nullable=False),
        Column("every_s", Integer, nullable=False),
        Column("deliver_within_s", Integer, nullable=False),
        Column("answer_within_s", Integer, nullable=False),
    ),
    Meet.ONCE,
)
marked = Kept(
    Table(
        "hotline_check_marked",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("peer", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("slot", BigInteger, nullable=False),
        Column("every_s", Integer, nullable=False),
        Column("deliver_within_s", Integer, nullable=False),
        Column("answer_within_s", Integer, nullable=False),
        Index("hotline_check_marked_peer", "peer", "number"),
        Index("hotline_check_marked_slot", "peer", "every_s", "slot"),
    ),
    Meet.ONCE,
)
latest = Kept(
    Table(
        "hotline_check_latest",
        _metadata,
        Column("every_s", Integer, primary_key=True),
        Column("slot", BigInteger, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    ("slot", "id"),
)
checks = Kept(
    Table(
        "hotline_check",
        _metadata,
        *said_columns(),
        Column("other", Text, nullable=False),
        Column("slot", BigInteger, nullable=False),
        Column("text", Integer, nullable=False),
        Index("hotline_check_between", "by_member", "other", "number"),
    ),
    Meet.ONCE,
)
heard = Kept(
    Table(
        "hotline_check_heard",
        _metadata,
        *said_columns(),
        Column("check_id", Text, nullable=False),
        Index("hotline_check_heard_check", "check_id"),
    ),
    Meet.ONCE,
)
answered = Kept(
    Table(
        "hotline_check_answered",
        _metadata,
        *said_columns(),
        Column("check_id", Text, nullable=False),
        Column("office", Text, nullable=False),
        Column("counterword", Text, nullable=False),
        Index("hotline_check_answered_check", "check_id"),
    ),
    Meet.ONCE,
)
measured = Kept(
    Table(
        "hotline_check_measured",
        _metadata,
        *said_columns(),
        Column("check_id", Text, nullable=False),
        Column("member", Text, nullable=False),
        Column("heard_after_s", Float),
        Column("answered_after_s", Float),
        Index("hotline_check_measured_check", "check_id"),
        Index("hotline_check_measured_at", "member", "at"),
    ),
    Meet.ONCE,
)
links = Kept(
    Table(
        "hotline_check_link",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("peer", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("via", Text, nullable=False),
        Column("since", Text, nullable=False),
        Column("alive_before", Text),
        Index("hotline_check_link_peer", "peer", "number"),
    ),
    Meet.ONCE,
)
lines = Kept(
    Table(
        "hotline_check_line",
        _metadata,
        Column("peer", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("via", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("id", Text, nullable=False),
    ),
    Meet.GREATEST,
    ("number", "id"),
)
TABLES = (plans, marked, latest, checks, heard, answered, measured, links, lines)


def between(record: Record[Any]) -> str | None:
    """The other of the two to whom alone this was said; None when it was said to more, or fewer."""
    others = [one for one in record.label.rel_to if one != record.origin]
    return others[0] if len(others) == 1 else None


def fold_plan(record_id: str, record: Record[CheckPlan]) -> Rows:
    """One row for each plan between two that may be kept to."""
    body, other = record.body, between(record)
    if other is None or body.every_s < SHORTEST_S:
        return ()
    row = {
        **said_row(record_id, record),
        "other": other,
        "every_s": body.every_s,
        "deliver_within_s": body.deliver_within_s,
        "answer_within_s": body.answer_within_s,
    }
    return ((plans, row),)


def fold_round(record_id: str, record: Record[CheckRound]) -> Rows:
    """One row for each peer that our own node marked this slot for, and the last slot of that period."""
    if not ours(record):
        return ()
    body = record.body
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "number": record.number,
        "slot": body.slot,
        "every_s": body.every_s,
        "deliver_within_s": body.deliver_within_s,
        "answer_within_s": body.answer_within_s,
    }
    last = (latest, {"every_s": body.every_s, "slot": body.slot, "id": record_id})
    return (last, *((marked, {**row, "peer": peer}) for peer in sorted(set(body.peers))))


def fold_check(record_id: str, record: Record[LineCheck]) -> Rows:
    """One row for each check between two. All of one checker stand in one lane, so their numbers order them."""
    other = between(record)
    if other is None or record.precedence is not URGENCY:
        return ()
    row = {**said_row(record_id, record), "other": other, "slot": record.body.slot, "text": record.body.text}
    return ((checks, row),)


def fold_heard(record_id: str, record: Record[CheckHeard]) -> Rows:
    """One row for each word of a node that it has a check."""
    return ((heard, {**said_row(record_id, record), "check_id": record.body.check}),)


def fold_answered(record_id: str, record: Record[CheckAnswered]) -> Rows:
    """One row for each answer of an officer."""
    body = record.body
    row = {"check_id": body.check, "office": body.office, "counterword": body.counterword}
    return ((answered, {**said_row(record_id, record), **row}),)


def fold_measured(record_id: str, record: Record[CheckMeasured]) -> Rows:
    """One row for each time that our own node measured."""
    body = record.body
    row = {
        "check_id": body.check,
        "member": body.member,
        "heard_after_s": body.heard_after_s,
        "answered_after_s": body.answered_after_s,
    }
    return ((measured, {**said_row(record_id, record), **row}),) if ours(record) else ()


def fold_link(record_id: str, record: Record[LinkChanged]) -> Rows:
    """One row for each change of a line that our own node saw, and how it is now."""
    body = record.body
    row = {"id": record_id, "number": record.number, "peer": body.peer, "state": body.state, "via": body.via}
    seen = {
        "at": as_text(record.at),
        "since": as_text(body.since),
        "alive_before": None if body.alive_before is None else as_text(body.alive_before),
    }
    return ((links, {**row, **seen}), (lines, row)) if ours(record) else ()


FOLDS = {
    CHECK_PLAN.name: fold_plan,
    CHECK_ROUND.name: fold_round,
    LINE_CHECK.name: fold_check,
    CHECK_HEARD.name: fold_heard,
    CHECK_ANSWERED.name: fold_answered,
    CHECK_MEASURED.name: fold_measured,
    LINK_CHANGED.name: fold_link,
}
