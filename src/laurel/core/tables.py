"""The columns with which almost every table of a view begins, and the fold that fills them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, MetaData, Table, Text

from laurel.core.label import Label
from laurel.core.record import Record, as_text

taken = Table(
    "taken",
    MetaData(),
    Column("record", Text),
    Column("position", Integer),
    Column("kind", Text),
    Column("at", Text),
)
"""Every record here, in the order in which our own node took it in, and when by our own clock.

For queries alone: it differs from node to node, so nothing that members must agree on may follow from it.
"""


def said_columns() -> tuple[Column[Any], ...]:
    """The record a row follows from: its id (the key), when, by whom, how urgent, to whom, and where in its lane.

    `number` orders what one member said with one urgency to one audience; `at` is only what its author claims.
    """
    return (
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("precedence", Integer, nullable=False),
        Column("label", Text, nullable=False),
        Column("number", Integer, nullable=False),
    )


def said_row(record_id: str, record: Record[Any]) -> dict[str, Any]:
    """What stands in those columns."""
    return {
        "id": record_id,
        "at": as_text(record.at),
        "by_member": record.origin,
        "author": record.author,
        "precedence": int(record.precedence),
        "label": msgspec.json.encode(record.label).decode(),
        "number": record.number,
    }


@lru_cache(maxsize=1024)
def label_of(text: str) -> Label:
    """The label in its column."""
    return msgspec.json.decode(text, type=Label)
