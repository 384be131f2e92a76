"""The end of an exercise at one member: its world there is no more, and what was played lies in an archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.instrument import Kept, Meet, Noun, Rows, View
from laurel.core.record import Record, as_text
from laurel.instruments.exercise.records import ENDED, Ended

ended = Kept(
    Table(
        "exercise_ended",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("exercise", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("archive_sha256", Text, nullable=False),
        Column("records", Integer, nullable=False),
        Column("at", Text, nullable=False),
    ),
    Meet.ONCE,
)

_ENDED = select(ended.table).order_by(ended.table.c.at, ended.table.c.id)


class End(Struct, frozen=True):
    """When a member's world of an exercise ended, who ended it, and the SHA-256 of its archive of so many records.

    `record` says so.
    """

    record: str
    author: str
    at: datetime
    archive_sha256: str
    records: int


def fold_ended(record_id: str, record: Record[Ended]) -> Rows:
    """One row for an end, which counts only when said live."""
    if record.exercise is not None:
        return ()
    body = record.body
    row = {
        "id": record_id,
        "exercise": body.exercise,
        "by_member": record.origin,
        "author": record.author,
        "archive_sha256": body.archive_sha256,
        "records": body.records,
        "at": as_text(record.at),
    }
    return ((ended, row),)


def ends(view: View) -> Mapping[tuple[str, str], End]:
    """The first end that was said, by exercise and member."""
    first: dict[tuple[str, str], End] = {}
    for row in view.rows(_ENDED):
        end = End(row.id, row.author, datetime.fromisoformat(row.at), row.archive_sha256, row.records)
        first.setdefault((row.exercise, row.by_member), end)
    return first


NOUN = Noun(tables=(ended,), folds={ENDED.name: fold_ended})
