"""One transaction of a world's one writer.

What is put waits, and is written together before the next read and before the commit. So what is
read is what was put, and sixty-four records cost little more than one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert

from laurel.core.record import Lane

Row = Mapping[str, Any]


class Stand(NamedTuple):
    """Where a lane stands: its number in this database, its last record, how many wait behind a gap."""

    lane_id: int
    number: int = 0
    head: str | None = None
    held: int = 0


class Chained(NamedTuple):
    """Where the audit's chain stands: its last line and the hash over all lines."""

    line: int = 0
    chain: str = ""


class Transaction:
    """All of it is on the disk after, or none of it. `at` is when it began, real time, as text.

    `taken` is where it put the last record of each kind, and into each table, also of those that a failed step put.
    """

    def __init__(
        self, connection: Connection, stands: Mapping[Lane, Stand], position: int, audited: Chained, at: str
    ) -> None:
        self.at = at
        self.position = position
        self.audited: Chained = audited
        self.stands = dict(stands)
        self.taken: dict[str, int] = {}
        self._connection = connection
        self._ready: dict[Insert, list[Row]] = {}
        self._putting = self._ready

    @property
    def connection(self) -> Connection:
        """The bare connection, all that was put now written."""
        self.flush()
        return self._connection

    def put(self, statement: Insert, row: Row) -> None:
        """Write this row in time. It must be one that the table takes: nobody waits for the answer."""
        self._putting.setdefault(statement, []).append(row)

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Read, or change at once."""
        self.flush()
        return self._connection.execute(statement, parameters)

    @contextmanager
    def step(self) -> Generator[None]:
        """What is put within it counts, and can be read, from its end on. If it raises, nothing was put."""
        before = dict(self.stands), self.position, self.audited
        self._putting = dict[Insert, list[Row]]()
        try:
            yield
            for statement, rows in self._putting.items():
                self._ready.setdefault(statement, []).extend(rows)
        except BaseException:
            self.stands, self.position, self.audited = before
            raise
        finally:
            self._putting = self._ready

    def flush(self) -> None:
        """Write all that was put."""
        for statement, rows in self._ready.items():
            self._connection.exec_driver_sql(_text(statement), rows)
        self._ready.clear()


@cache
def _text(statement: Insert) -> str:
    """What the driver runs: rows hold plain values only, so each statement is compiled once and for all."""
    columns = [column.name for column in statement.table.c]
    return str(statement.compile(dialect=_DIALECT, column_keys=columns))


_DIALECT = sqlite.dialect(paramstyle="named")
