"""What was said of series: of each member and name the last, and of these what most say."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, MetaData, Row, Table, Text, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record, as_text
from laurel.core.tables import label_of
from laurel.instruments.dialogue.records import Series

series = Kept(
    Table(
        "dialogue_series",
        MetaData(),
        Column("member", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
    searched=("words",),
)
_S = series.table.c
_ALL = select(series.table).order_by(_S.name, _S.member)


@dataclass(frozen=True)
class Declared:
    """A series as most of those who declared it say it is; among equals, as the first by code does.

    `records` are by member; `differs` are those who say otherwise. `at` is when it was said last, and `number` grows
    with each time that it is.
    """

    series: Series
    id: str
    label: Label
    records: dict[str, str]
    differs: tuple[str, ...]
    at: datetime
    number: int


def fold_series(record_id: str, record: Record[Series]) -> Rows:
    """A series as that member understands it."""
    body = record.body
    row = {
        "member": record.origin,
        "name": body.name,
        "at": as_text(record.at),
        "number": record.number,
        "id": record_id,
        "label": msgspec.json.encode(record.label).decode(),
        "words": f"{body.title}\n{body.topic} {body.name}",
        "body": encoded(body),
    }
    return ((series, row),)


def encoded(body: msgspec.Struct) -> str:
    """A body as its column holds it: equal bodies are equal texts."""
    return msgspec.json.encode(body).decode()


def declared(view: View) -> dict[str, Declared]:
    """Every series by its name."""
    found: defaultdict[str, dict[str, Row[Any]]] = defaultdict(dict)
    for row in view.rows(_ALL):
        found[row.name][row.member] = row
    return {name: _agreed(said) for name, said in found.items()}


def _agreed(said: dict[str, Row[Any]]) -> Declared:
    votes = Counter(row.body for row in said.values())
    chosen = said[min(said, key=lambda member: (-votes[said[member].body], member))]
    return Declared(
        series=_decoded(chosen.body),
        id=chosen.id,
        label=label_of(chosen.label),
        records={member: row.id for member, row in said.items()},
        differs=tuple(member for member, row in said.items() if row.body != chosen.body),
        at=max(datetime.fromisoformat(row.at) for row in said.values()),
        number=sum(row.number for row in said.values()),
    )


@lru_cache(maxsize=512)
def _decoded(body: str) -> Series:
    return msgspec.json.decode(body, type=Series)
