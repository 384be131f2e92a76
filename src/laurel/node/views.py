"""Views: what follows from the log. Derived, so they can always be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.core.instrument import Fold, Instrument, Kept, Rows
from laurel.core.record import Record, decode
from laurel.node import schema
from laurel.node.catalogue import Catalogue
from laurel.node.store import Store

REBUILD_BATCH = 2_000


def fold_record(
    folds: Mapping[str, Sequence[Fold]], record_id: str, record: Record[Any]
) -> Sequence[tuple[Kept, Mapping[str, Any]]]:
    """The rows that every instrument makes of a record."""
    return list(chain.from_iterable(fold(record_id, record) for fold in folds.get(record.kind, ())))


def bring_up_to_date(store: Store, catalogue: Catalogue) -> list[str]:
    """Make again the views of instruments whose tables or folds have changed. Their names."""
    changed: list[str] = []
    with store.writing() as to:
        _read_again(to, catalogue)
        for instrument in catalogue.instruments:
            name = f"view:{instrument.name}"
            wanted = catalogue.fingerprint(instrument)
            if to.execute(_GET_META, {"of": name}).scalar() == wanted:
                continue
            _remake(to, store, catalogue, instrument)
            to.execute(_DROP_META, {"of": name})
            to.execute(_PUT_META, {"name": name, "value": wanted})
            changed.append(instrument.name)
    return changed


def rebuild(store: Store, catalogue: Catalogue) -> tuple[dict[str, str], dict[str, str], int]:
    """Make every view again from the log: digests before, digests after, records folded.

    All in one transaction: readers see the old views until the new ones stand. Nothing is reacted to.
    """
    with store.writing() as to:
        before = store.view_digest(to)
        for kept in store.tables:
            to.execute(sa.delete(kept.table))
        folded = _fold_log(to, store, catalogue, catalogue.folds)
        after = store.view_digest(to)
    return before, after, folded


def _read_again(to: Connection, catalogue: Catalogue) -> None:
    """Understand what was quarantined, where an upgrade now can. Its instrument's view is new too."""
    for row in to.execute(_MISREAD).all():
        _, misread = catalogue.read(decode(row.payload))
        if misread is None:
            to.execute(_UNDERSTOOD, {"at_position": row.position})


def _remake(to: Connection, store: Store, catalogue: Catalogue, instrument: Instrument) -> None:
    for name in sa.inspect(to).get_table_names():
        if name.startswith(f"{instrument.name}_"):
            to.exec_driver_sql(f'DROP TABLE "{name}"')
    for kept in instrument.tables:
        kept.table.create(to)
    _fold_log(to, store, catalogue, {kind: [fold] for kind, fold in instrument.folds.items()})


def _fold_log(to: Connection, store: Store, catalogue: Catalogue, folds: Mapping[str, Sequence[Fold]]) -> int:
    """Fold all understood records of these kinds, in batches."""
    count, position = 0, 0
    while True:
        key = {"after": position, "kinds": list(folds), "limit": REBUILD_BATCH}
        batch = to.execute(_TO_FOLD, key).all()
        if not batch:
            return count
        rows: list[Rows] = []
        for row in batch:
            record, _ = catalogue.read(decode(row.payload))
            rows.append(fold_record(folds, row.id, record))
        store.fold_rows(to, chain.from_iterable(rows))
        count += len(batch)
        position = batch[-1].position


_G, _M = schema.log, schema.meta
_GET_META = sa.select(_M.c.value).where(_M.c.name == bindparam("of"))
_DROP_META = sa.delete(_M).where(_M.c.name == bindparam("of"))
_PUT_META = sa.insert(_M)
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
