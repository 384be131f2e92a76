"""Views: what follows from the log. Derived, so they can always be made again."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table, bindparam

from laurel.core.errors import Broken
from laurel.core.instrument import Fold, Instrument, Rows
from laurel.core.record import Record, decode
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue, Folds, folds_of
from laurel.node.keep.parked import park, unpark
from laurel.node.keep.search import forget_words, keep_words
from laurel.node.keep.standing import show_standing, whole
from laurel.node.keep.store import Store, overwrite
from laurel.node.keep.transaction import Transaction

REBUILD_BATCH = 2_000

log = logging.getLogger(__name__)


class BadRow(Broken):
    """A fold is wrong."""

    says = "a fold made a row that its table cannot hold"
    remedy = "mend the instrument's fold; the record itself is kept, and a rebuild folds it again"


def rows_of(fold: Fold, record_id: str, record: Record[Any]) -> Rows:
    """The rows that a fold makes of a record, each sure to fit its table. Raises BadRow, and what the fold raises."""
    rows = fold(record_id, record)
    for kept, row in rows:
        _check(kept.table, row)
        if row[kept.source] != record_id:
            raise BadRow(table=kept.table.name, column=kept.source, value=row[kept.source], needs=record_id)
    return rows


def fold_said(to: Transaction, store: Store, folds: Folds, record_id: str, record: Record[Any]) -> None:
    """Fold our own record. What a fold raises is the asker's to know."""
    for _, fold in folds.get(record.kind, ()):
        store.put_rows(to, rows_of(fold, record_id, record))


def fold_logged(to: Transaction, store: Store, folds: Folds, record_id: str, record: Record[Any]) -> None:
    """Fold a record that is in the log whatever we make of it. A fold that fails is parked; the others count."""
    for name, fold in folds.get(record.kind, ()):
        try:
            store.put_rows(to, rows_of(fold, record_id, record))
        except Exception as error:
            log.exception("%s failed on %s", name, record_id)
            park(to, name, record_id, error)


def bring_up_to_date(store: Store, catalogue: Catalogue) -> list[str]:
    """Make again the views of instruments whose tables or folds have changed. Their names."""
    changed: list[str] = []
    with store.writing() as to:
        understood = _read_again(to, catalogue)
        for instrument in catalogue.instruments:
            name = f"view:{instrument.name}"
            wanted = catalogue.fingerprint(instrument)
            same = to.execute(_GET_META, {"of": name}).scalar() == wanted
            if same and understood.isdisjoint(instrument.folds):
                continue
            _remake(to, store, catalogue, instrument)
            to.put(_PUT_META, {"name": name, "value": wanted})
            changed.append(instrument.name)
        show_standing(to.connection, store.tables, catalogue.kinds)
        keep_words(to.connection, store.tables)
    return changed


def rebuild(store: Store, catalogue: Catalogue) -> tuple[dict[str, str], dict[str, str], int]:
    """Make every view again from the log: digests before, digests after, records folded.

    All in one transaction: readers see the old views until the new ones stand. Nothing is reacted to.
    """
    with store.writing() as to:
        before = store.view_digest(to)
        forget_words(to.connection, store.tables)
        for kept in store.tables:
            to.execute(sa.delete(whole(kept)))
        folded = _fold_log(to, store, catalogue, catalogue.folds)
        keep_words(to.connection, store.tables)
        after = store.view_digest(to)
    return before, after, folded


def _read_again(to: Transaction, catalogue: Catalogue) -> set[str]:
    """Understand what was quarantined, where an upgrade now can. The kinds of what is understood now."""
    understood: set[str] = set()
    for row in to.execute(_MISREAD).all():
        record, misread = catalogue.read(decode(row.payload))
        if misread is None:
            to.execute(_UNDERSTOOD, {"at_position": row.position})
            understood.add(record.kind)
    if understood:
        # What memories hold was made without these.
        to.execute(sa.delete(schema.memory))
    return understood


def _remake(to: Transaction, store: Store, catalogue: Catalogue, instrument: Instrument) -> None:
    for name in sa.inspect(to.connection).get_table_names():
        if name.startswith(f"{instrument.name}_"):
            to.connection.exec_driver_sql(f'DROP TABLE "{name}"')
    for kept in instrument.tables:
        whole(kept).create(to.connection)
    _fold_log(to, store, catalogue, folds_of([instrument]))


def _fold_log(to: Transaction, store: Store, catalogue: Catalogue, folds: Folds) -> int:
    """Fold all understood records of these kinds, in batches."""
    unpark(to, [name for named in folds.values() for name, _ in named])
    count, position = 0, 0
    while True:
        key = {"after": position, "kinds": list(folds), "limit": REBUILD_BATCH}
        batch = to.execute(_TO_FOLD, key).all()
        if not batch:
            return count
        for row in batch:
            record, _ = catalogue.read(decode(row.payload))
            fold_logged(to, store, folds, row.id, record)
        count += len(batch)
        position = batch[-1].position


def _fits_integer(value: Any) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _fits_float(value: Any) -> bool:
    # SQLite would keep NaN as NULL.
    return not math.isnan(value) if isinstance(value, float) else _fits_integer(value)


def _fits_text(value: Any) -> bool:
    return isinstance(value, str) and (value.isascii() or bool(value.encode()))


def _fits_bytes(value: Any) -> bool:
    return isinstance(value, bytes)


_FITS: Mapping[type, Callable[[Any], bool]] = {
    bool: _fits_integer,
    int: _fits_integer,
    float: _fits_float,
    str: _fits_text,
    bytes: _fits_bytes,
}


@cache
def _columns(table: Table) -> Mapping[str, tuple[bool, Callable[[Any], bool]]]:
    return {one.name: (bool(one.nullable), _FITS[one.type.python_type]) for one in table.c}


def _check(table: Table, row: Mapping[str, Any]) -> None:
    """Rows are written together and later: one that the database would refuse must be found before."""
    columns = _columns(table)
    if row.keys() != columns.keys():
        raise BadRow(table=table.name, has=sorted(row), needs=sorted(columns))
    for name, (nullable, fits) in columns.items():
        value = row[name]
        if not (nullable if value is None else fits(value)):
            raise BadRow(table=table.name, column=name, value=f"{value!r:.80}")


_G, _M = schema.log, schema.meta
_GET_META = sa.select(_M.c.value).where(_M.c.name == bindparam("of"))
_PUT_META = overwrite(_M)
_MISREAD = sa.select(_G.c.position, _G.c.payload).where(_G.c.misread.is_not(None))
_UNDERSTOOD = sa.update(_G).where(_G.c.position == bindparam("at_position")).values(misread=None)
_TO_FOLD = (
    sa.select(_G.c.position, _G.c.id, _G.c.payload)
    .where(
        _G.c.position > bindparam("after"),
        _G.c.kind.in_(bindparam("kinds", expanding=True)),
        _G.c.misread.is_(None),
    )
    .order_by(_G.c.position)
    .limit(bindparam("limit"))
)
