"""What stands: of every view, the rows but those whose record its own origin took back.

The rows of a view lie in a table that nobody reads. What carries the view's name is a view of the database that
leaves out what was taken back, so no query, however it joins, can forget to. It asks at the moment of reading:
whether the retraction came before the record or after it makes no difference, and nothing is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Select, Table, Text, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateView, DropView

from laurel.core.instrument import Kept, Kind
from laurel.core.tables import taken
from laurel.instruments.line.records import RETRACTED
from laurel.instruments.line.retraction import retracted
from laurel.node.keep import schema

HIDES = frozenset({RETRACTED.name})
"""The kinds whose records take others out of every view."""

taken_back = Table("taken_back", MetaData(), Column("record", Text))


@cache
def whole(kept: Kept) -> Table:
    """Where all rows of a view lie, standing and taken back. Only the store writes there."""
    return kept.table.to_metadata(MetaData(), name=f"{kept.table.name}_all")


def show_standing(to: Connection, tables: Iterable[Kept], kinds: Mapping[str, Kind[Any]]) -> None:
    """Give every view its name, over the rows that stand. What is as it should be already is left alone."""
    shown = {row.name: row.sql for row in to.execute(_SHOWN)}
    views = {
        taken_back.name: _taken_back(kinds),
        taken.name: _TAKEN,
        **{kept.table.name: _standing(kept) for kept in tables},
    }
    wanted = {name: _definition(name, rows) for name, rows in views.items()}
    for name, definition in shown.items():
        if definition != wanted.get(name):
            to.execute(DropView(Table(name, MetaData())))
    for name, definition in wanted.items():
        if definition != shown.get(name):
            to.exec_driver_sql(definition)


def _taken_back(kinds: Mapping[str, Kind[Any]]) -> Select[Any]:
    """A retraction counts when the record's own origin said it, of a kind that can be taken back."""
    if RETRACTED.name not in kinds:
        return sa.select(_G.id.label("record")).where(sa.false())
    may = sorted(name for name, kind in kinds.items() if kind.retractable)
    # First a retraction is looked for. There is hardly ever one, and then nothing else is.
    counts = sa.select(_G.id).join(schema.lane, _L.lane == _G.lane)
    counts = counts.where(_G.id == _R.record, _L.origin == _R.origin, _G.kind.in_(may)).correlate(whole(retracted))
    return sa.select(_R.record).where(counts.exists())


def _standing(kept: Kept) -> Select[Any]:
    rows = whole(kept)
    gone = sa.select(taken_back.c.record).where(taken_back.c.record == rows.c[kept.source])
    return sa.select(rows).where(~gone.exists())


def _definition(name: str, rows: Select[*tuple[Any, ...]]) -> str:
    made = CreateView(rows, name).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return str(made).strip()


def stands(from_: Connection, record_id: str) -> bool:
    """Whether a record was not taken back by its own origin."""
    return from_.execute(_IS_TAKEN_BACK, {"of": record_id}).first() is None


def derived(from_: Connection, record_id: str) -> list[str]:
    """Our own sanitised records that were made from this one of ours, in the order of saying."""
    return list(from_.execute(_DERIVED, {"of": record_id}).scalars())


_R, _G, _L, _D = whole(retracted).c, schema.log.c, schema.lane.c, schema.derived.c
_SHOWN = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
_TAKEN = sa.select(_G.id.label("record"), _G.position, _G.kind, _G.taken_at.label("at"))
_IS_TAKEN_BACK = sa.select(taken_back.c.record).where(taken_back.c.record == bindparam("of")).limit(1)
_DERIVED = sa.select(_D.record).where(_D.original == bindparam("of")).order_by(_D.position)
