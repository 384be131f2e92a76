"""Commitments: bound to offices, never to names. Each is its member's own word; nobody promises for another.

A response action of a consultation is one. What becomes of it is said later, by its member, and by the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.instrument import Item, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.record import Record, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.consult.records import PROCEDURE, RESPONSE_ACTION, ResponseAction

MOST = 200
"""Commitments that are shown, those due last."""
SOON = timedelta(days=14)
"""What is due within this time stands on the docket."""

_metadata = MetaData()
commitments = Kept(
    Table(
        "dialogue_commitment",
        _metadata,
        *said_columns(),
        Column("office", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("due_at", Text, nullable=False),
        Column("consultation", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("option", Text),
        Index("dialogue_commitment_due", "due_at"),
    ),
    Meet.ONCE,
    searched=("words", "office"),
)
_C = commitments.table.c
_LAST_DUE = select(commitments.table).order_by(_C.due_at.desc(), _C.id).limit(bindparam("most"))


class CommitmentRow(Struct, frozen=True):
    """What an office of a member does until when, and the consultation and adopted text that it follows from."""

    id: str
    member: str
    office: str
    words: str
    due_at: datetime
    said_at: datetime
    consultation: str
    text: str
    option: str | None
    banner: str
    overdue: bool


class Commitments(Struct, frozen=True):
    """What was promised, the first due first."""

    at: datetime
    commitments: tuple[CommitmentRow, ...]


def fold_response_action(record_id: str, record: Record[ResponseAction]) -> Rows:
    """One row for each action that a member promised for an office of its own."""
    body = record.body
    if body.member != record.origin or record.precedence is not PROCEDURE:
        return ()
    row = {
        "office": body.office,
        "words": body.words,
        "due_at": as_text(body.due_at),
        "consultation": body.consultation,
        "text": body.text,
        "option": body.option,
    }
    return ((commitments, {**said_row(record_id, record), **row}),)


def answer_commitments(ask: NoAsk, view: View, now: datetime) -> Commitments:
    """What every member promised, by office and date, and what is overdue."""
    del ask
    found = view.rows(_LAST_DUE, most=MOST)
    return Commitments(now, tuple(_row(row, now) for row in reversed(found)))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each that is overdue, or due soon."""
    rows = view.rows(_LAST_DUE, most=MOST)
    return [
        Item(
            subject=one.id,
            title=f"{one.member}, {one.office}: {one.words}",
            state="overdue" if one.overdue else "due",
            due=one.due_at,
            offices=(one.office,),
            label=label_of(row.label),
            summary=f"Promised on {one.said_at:%d %b %Y} in consultation {one.consultation[:12]}.",
        )
        for row, one in ((row, _row(row, now)) for row in reversed(rows))
        if one.due_at <= now + SOON
    ]


def _row(row: Any, now: datetime) -> CommitmentRow:
    due_at = datetime.fromisoformat(row.due_at)
    return CommitmentRow(
        id=row.id,
        member=row.by_member,
        office=row.office,
        words=row.words,
        due_at=due_at,
        said_at=datetime.fromisoformat(row.at),
        consultation=row.consultation,
        text=row.text,
        option=row.option,
        banner=label_of(row.label).banner,
        overdue=now > due_at,
    )


NOUN = Noun(
    tables=(commitments,),
    folds={RESPONSE_ACTION.name: fold_response_action},
    queries=(Query("commitments", NoAsk, Commitments, answer_commitments, live=True),),
    docket=docket,
)
