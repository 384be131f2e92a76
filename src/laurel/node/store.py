"""One world's database: SQLite in WAL mode, every commit on the disk before it counts.

One connection writes, all others only read. Statements are constants; SQLAlchemy compiles each once.
"""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Select, bindparam, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import OperationalError

from laurel.core.errors import DiskFull, NewerDatabase, WorldInUse
from laurel.core.instrument import Kept, Meet
from laurel.core.record import Lane, Precedence, Sealed, World
from laurel.node import schema
from laurel.node.schema import SCHEMA_VERSION

BUSY_MS = 5_000


@dataclass(frozen=True)
class Logged:
    """A record as it stands in the log."""

    position: int
    sealed: Sealed
    id: str
    kind: str
    misread: str | None


def upsert(kept: Kept) -> Insert:
    """The statement that lets a row meet the one already there, by the table's rule."""
    key = [column.name for column in kept.table.primary_key]
    statement = insert(kept.table)
    if kept.meet is Meet.ONCE:
        return statement.on_conflict_do_nothing(index_elements=key)
    mine = sa.tuple_(*(statement.excluded[name] for name in kept.rank))
    theirs = sa.tuple_(*(kept.table.c[name] for name in kept.rank))
    changed = {name: statement.excluded[name] for name in kept.table.c.keys() if name not in key}  # noqa: SIM118
    return statement.on_conflict_do_update(index_elements=key, set_=changed, where=mine > theirs)


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MS}",
        "cache_size=-65536",
        "foreign_keys=OFF",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class Reader:
    """Read access to the views within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a constant statement."""
        return self._connection.execute(statement).all()


class Store:
    """The database of one world. Opening takes the world's lock: one world has one writer."""

    def __init__(self, path: Path, world: World, tables: Iterable[Kept], *, writes: bool = True) -> None:
        self.path = path
        self.world = world
        self.tables = tuple(tables)
        self._upserts = {kept.table.name: upsert(kept) for kept in self.tables}
        self._lock = path.with_suffix(".lock").open("a") if writes else None
        if self._lock is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                raise WorldInUse(world=world.name, database=path) from None
        self._writer = self._engine(_begin_writing)
        self._readers = self._engine(_begin_reading)
        self._lanes: dict[int, Lane] = {}
        self._lane_ids: dict[Lane, int] = {}
        self._check_version()
        if writes:
            with self.writing() as to:
                schema.metadata.create_all(to)
                to.execute(_PUT_META, {"name": "schema", "value": str(SCHEMA_VERSION)})
        self._load_lanes()

    def _engine(self, begin: Any) -> Engine:
        engine = sa.create_engine(f"sqlite:///{self.path}", pool_size=8, max_overflow=16)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", begin)
        return engine

    def _check_version(self) -> None:
        with self.reading() as from_:
            if not sa.inspect(from_).has_table("meta"):
                return
            found = int(from_.execute(_GET_META, {"name": "schema"}).scalar() or 0)
        if found > SCHEMA_VERSION:
            self.close()
            raise NewerDatabase(database=self.path, found=found, supported=SCHEMA_VERSION)

    def close(self) -> None:
        """Give the lock back."""
        self._writer.dispose()
        self._readers.dispose()
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction: all of it is on the disk after, or none of it. Raises DiskFull."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except OperationalError as error:
            self._load_lanes()
            if _sqlite_name(error) == "SQLITE_FULL":
                raise DiskFull(database=self.path) from error
            raise
        except BaseException:
            self._load_lanes()
            raise

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One consistent moment of the database."""
        with self._readers.begin() as connection:
            yield connection

    # Lanes

    def _load_lanes(self) -> None:
        with self.reading() as from_:
            if not sa.inspect(from_).has_table("lane"):
                return
            rows = from_.execute(_LANES).all()
        self._lanes = {
            row.lane: Lane(self.world, row.origin, tuple(row.audience.split()), Precedence(row.precedence))
            for row in rows
        }
        self._lane_ids = {lane: number for number, lane in self._lanes.items()}

    def lane_id(self, to: Connection, lane: Lane) -> int:
        """The lane's number in this database, made on first use."""
        known = self._lane_ids.get(lane)
        if known is not None:
            return known
        row = {"origin": lane.origin, "audience": " ".join(lane.audience), "precedence": int(lane.precedence)}
        made = to.execute(_ADD_LANE, row).lastrowid
        self._lanes[made] = lane
        self._lane_ids[lane] = made
        return made

    def lane(self, lane_id: int) -> Lane:
        """The lane of that number."""
        return self._lanes[lane_id]

    def head(self, from_: Connection, lane: Lane) -> tuple[int, str | None]:
        """Last number of the lane and its id; (0, None) for an empty one."""
        known = self._lane_ids.get(lane)
        row = None if known is None else from_.execute(_HEAD, {"lane": known}).first()
        return (0, None) if row is None else (row.number, row.head)

    def heads(self, from_: Connection) -> list[tuple[Lane, int, str]]:
        """Every lane that holds something, with its last number and id."""
        return [
            (self._lanes[row.lane], row.number, row.head)
            for row in from_.execute(_HEADS).all()
            if row.lane in self._lanes
        ]

    def id_at(self, from_: Connection, lane: Lane, number: int) -> str | None:
        """The id of the record at that number of the lane."""
        known = self._lane_ids.get(lane)
        return None if known is None else from_.execute(_ID_AT, {"at_lane": known, "at_number": number}).scalar()

    # The log

    def append(
        self, to: Connection, lane: Lane, number: int, sealed: Sealed, kind: str, misread: str | None, taken_at: str
    ) -> int:
        """Write a record after all others and move its lane's head. The position it got."""
        lane_id = self.lane_id(to, lane)
        row = {
            "id": sealed.id,
            "lane": lane_id,
            "number": number,
            "kind": kind,
            "misread": misread,
            "taken_at": taken_at,
            "payload": sealed.payload,
            "signature": sealed.signature,
            "key_id": sealed.key_id,
        }
        position = to.execute(_ADD_LOG, row).lastrowid
        to.execute(_MOVE_HEAD, {"of_lane": lane_id, "number": number, "head": sealed.id})
        return position

    def after(self, from_: Connection, position: int, limit: int) -> list[Logged]:
        """The next records of the log."""
        return [_logged(row) for row in from_.execute(_AFTER, {"position": position, "limit": limit})]

    def at_positions(self, from_: Connection, positions: Sequence[int]) -> list[Logged]:
        """The records at these positions, in order."""
        return [_logged(row) for row in from_.execute(_AT_POSITIONS, {"positions": list(positions)})]

    def last_position(self, from_: Connection) -> int:
        """The position of the newest record; 0 for an empty log."""
        return from_.execute(_LAST).scalar() or 0

    # Views

    def fold_rows(self, to: Connection, rows: Iterable[tuple[Kept, Mapping[str, Any]]]) -> None:
        """Let rows meet those already there, table by table."""
        by_table: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for kept, row in rows:
            by_table[kept.table.name].append(row)
        for name, batch in by_table.items():
            to.execute(self._upserts[name], batch)

    def view_digest(self, from_: Connection) -> dict[str, str]:
        """For each view table, the SHA-256 of its rows in the order of its key."""
        digests: dict[str, str] = {}
        for kept in sorted(self.tables, key=lambda one: one.table.name):
            digest = hashlib.sha256()
            ordered = sa.select(kept.table).order_by(*kept.table.primary_key)
            for row in from_.execute(ordered):
                digest.update(msgspec.msgpack.encode(tuple(row)))
            digests[kept.table.name] = digest.hexdigest()
        return digests


def _sqlite_name(error: BaseException) -> str:
    origin = error.orig if isinstance(error, OperationalError) else None
    return origin.sqlite_errorname if isinstance(origin, sqlite3.Error) else ""


def is_machine_fault(error: BaseException) -> bool:
    """Whether the disk, not the code that ran, is at fault: then no reaction is to blame."""
    return _sqlite_name(error).startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY"))


def _logged(row: Any) -> Logged:
    return Logged(row.position, Sealed(row.payload, row.signature, row.key_id), row.id, row.kind, row.misread)


_L, _G = schema.lane, schema.log
_PUT_META = insert(schema.meta).on_conflict_do_nothing()
_GET_META = sa.select(schema.meta.c.value).where(schema.meta.c.name == bindparam("name"))
_LANES = sa.select(_L)
_ADD_LANE = insert(_L).values(number=0)
_HEAD = sa.select(_L.c.number, _L.c.head).where(_L.c.lane == bindparam("lane"))
_HEADS = sa.select(_L.c.lane, _L.c.number, _L.c.head).where(_L.c.number > 0).order_by(_L.c.lane)
_MOVE_HEAD = (
    sa.update(_L).where(_L.c.lane == bindparam("of_lane")).values(number=bindparam("number"), head=bindparam("head"))
)
_ID_AT = sa.select(_G.c.id).where(_G.c.lane == bindparam("at_lane"), _G.c.number == bindparam("at_number"))
_ADD_LOG = insert(_G)
_COLUMNS = (_G.c.position, _G.c.id, _G.c.kind, _G.c.misread, _G.c.payload, _G.c.signature, _G.c.key_id)
_AFTER = (
    sa.select(*_COLUMNS).where(_G.c.position > bindparam("position")).order_by(_G.c.position).limit(bindparam("limit"))
)
_AT_POSITIONS = (
    sa.select(*_COLUMNS).where(_G.c.position.in_(bindparam("positions", expanding=True))).order_by(_G.c.position)
)
_LAST = sa.select(sa.func.max(_G.c.position))
