"""Stocks and lead times: each member's own, kept at home, by the name of the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Line
from laurel.core.instrument import Command, Desk, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.record import Draft, Record, Utc, as_text
from laurel.instruments.office.records import ours
from laurel.instruments.supply.answers import StockRow, Stocks
from laurel.instruments.supply.dataset import WRITERS, home, plain, read
from laurel.instruments.supply.records import STOCK_PUT, Days, Remark, StockPut

MOST = 1_000

# Kept: of each input the last that was said.

stocks = Kept(
    Table(
        "supply_stock",
        MetaData(),
        Column("name", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
    searched=("words",),
)
_S = stocks.table.c
_ALL = select(stocks.table).order_by(_S.name).limit(MOST)
_OF = select(stocks.table).where(_S.name == bindparam("called"))


def fold_stock(record_id: str, record: Record[StockPut]) -> Rows:
    """What we said of that input."""
    body = record.body
    if not ours(record):
        return ()
    row = {
        "name": plain(body.input),
        "at": as_text(record.at),
        "number": record.number,
        "id": record_id,
        "author": record.author,
        "words": f"{body.input}\n{body.source}",
        "body": msgspec.json.encode(body).decode(),
    }
    return ((stocks, row),)


# Read


def stock_of(view: View, name: str) -> StockRow | None:
    """What we have of the input of that name."""
    row = next(iter(view.rows(_OF, called=plain(name))), None)
    return None if row is None else _row(row, in_dataset=True)


def stocks_by_name(view: View) -> Mapping[str, StockPut]:
    """All we have, by plain names."""
    return {row.name: msgspec.json.decode(row.body, type=StockPut) for row in view.rows(_ALL)}


def _row(row: Row[Any], *, in_dataset: bool) -> StockRow:
    stock = msgspec.json.decode(row.body, type=StockPut)
    return StockRow(row.id, stock, datetime.fromisoformat(row.at), row.author, in_dataset)


# Asked


class PutStockAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days we have an input, and how long what is under way keeps coming: from at least to at most.

    What is left out is unknown. `input` is its name, or its key in the data set imported last. It stays at home.
    """

    input: Line
    cover_least_days: Days | None = None
    cover_most_days: Days | None = None
    lead_least_days: Days | None = None
    lead_most_days: Days | None = None
    as_of: Utc | None = None
    source: Remark = ""


def put_stock(ask: PutStockAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Keep it, instead of what we said of that input before. Raises BadField."""
    for name in ("cover", "lead"):
        least, most = getattr(ask, f"{name}_least_days"), getattr(ask, f"{name}_most_days")
        if least is not None and most is not None and most < least:
            raise BadField(field=f"{name}_most_days", value=most, must_be=f">= {least}")
    named = msgspec.structs.replace(ask, input=_name(ask.input, view))
    return (Draft(StockPut(**msgspec.structs.asdict(named)), home(desk)),)


def _name(name: str, view: View) -> str:
    """As the data set writes it, where it knows it."""
    try:
        return read(view, None).called(name).name
    except Nothing:
        return name


def answer_stocks(ask: NoAsk, view: View, now: datetime) -> Stocks:
    """Every stock that was put, as it was said last."""
    del ask, now
    try:
        known = {plain(one.name) for one in read(view, None).inputs}
    except Nothing:
        known = set[str]()
    return Stocks(tuple(_row(row, in_dataset=row.name in known) for row in view.rows(_ALL)))


NOUN = Noun(
    tables=(stocks,),
    folds={STOCK_PUT.name: fold_stock},
    commands=(Command("put-stock", PutStockAsk, put_stock, WRITERS),),
    queries=(Query("stocks", NoAsk, Stocks, answer_stocks),),
)
