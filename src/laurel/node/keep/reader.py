"""The views as commands and queries see them: what stands, and what an answer was made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy import Connection, Row, Select, Table, bindparam
from sqlalchemy.sql.visitors import iterate

from laurel.core.instrument import Instrument, Item, Kept
from laurel.core.record import Record, decode
from laurel.node.keep import schema, standing
from laurel.node.keep.docket import docket
from laurel.node.keep.search import search
from laurel.node.keep.transaction import Transaction

Source = Connection | Transaction

_MEMBER = sa.select(schema.meta.c.value).where(schema.meta.c.name == "member")
_PAYLOAD_OF = sa.select(schema.log.c.payload).where(schema.log.c.id == bindparam("of"))


class Reader:
    """Read access to the views within one transaction; to the docket of those instruments, where any are given."""

    def __init__(self, source: Source, instruments: Sequence[Instrument] = ()) -> None:
        self._source = source
        self._instruments = instruments
        self._member: str | None = None
        self.tables: set[str] | None = set()
        """The tables that were read; None once more than tables was."""

    @property
    def member(self) -> str:
        """Whose node this is."""
        member = self._member or self._source.execute(_MEMBER).scalar_one()
        self._member = member
        return member

    def rows(self, statement: Select[*tuple[Any, ...]], **values: Any) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a constant statement, without those of records that their origin took back."""
        if self.tables is not None:
            self.tables |= _tables_of(statement)
        return self._source.execute(statement, values or None).all()

    def record(self, record_id: str) -> Record[Raw] | None:
        """The record as the log holds it, whether it stands or was taken back; None when it is not here."""
        self.tables = None
        payload = self._source.execute(_PAYLOAD_OF, {"of": record_id}).scalar()
        return None if payload is None else decode(payload)

    def stands(self, record_id: str) -> bool:
        """Whether a record was not taken back by its origin."""
        self.tables = None
        return standing.stands(_connection(self._source), record_id)

    def derived(self, record_id: str) -> Sequence[str]:
        """Our own sanitised records that were made from this one of ours."""
        self.tables = None
        return standing.derived(_connection(self._source), record_id)

    def search(self, kept: Kept, words: str, most: int) -> Sequence[str]:
        """The ids of records whose `searched` columns hold all these words, the last taken in first."""
        self.tables = None
        return search(_connection(self._source), kept, words, most)

    def docket(self, now: datetime) -> Sequence[Item]:
        """What every instrument has open, the soonest due first."""
        self.tables = None
        # Those who make the docket get a view that has none.
        return docket(self._instruments, Reader(self._source), now)


@lru_cache(maxsize=4096)
def _tables_of(statement: Select[Any]) -> frozenset[str]:
    """Every table that a statement reads, wherever in it. Statements are constants, so each is gone through once."""
    return frozenset(one.name for one in iterate(statement) if isinstance(one, Table))


def _connection(source: Source) -> Connection:
    return source.connection if isinstance(source, Transaction) else source
