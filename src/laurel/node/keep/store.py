"""One world's database: SQLite in WAL mode, every commit on the disk before it counts.

One connection writes, all others only read. Statements are constants; SQLAlchemy compiles each once.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, bindparam, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError

from laurel.core.errors import DatabaseFailed, DiskFull, NewerDatabase, Nothing, WorldInUse
from laurel.core.instrument import Kept, Meet, Rows
from laurel.core.record import Lane, Precedence, Record, Sealed, World
from laurel.node.clock import Clock, RealClock
from laurel.node.keep import schema
from laurel.node.keep.reader import Source
from laurel.node.keep.schema import SCHEMA_VERSION
from laurel.node.keep.standing import whole
from laurel.node.keep.transaction import Chained, Stand, Transaction
from laurel.node.keep.upgrade import upgrade

BUSY_MS = 5_000
# Pages of the write-ahead log between two copies into the database: few, large copies cost less.
CHECKPOINT_PAGES = 4_000


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
    table = whole(kept)
    if kept.meet is Meet.ONCE:
        return insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
    return overwrite(table, kept.rank)


def overwrite(table: Table, rank: Sequence[str] = ()) -> Insert:
    """The statement that puts a row in the place of the one with its key; with a rank, only of a lesser one."""
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    mine, theirs = (sa.tuple_(*(columns[name] for name in rank)) for columns in (statement.excluded, table.c))
    where = mine > theirs if rank else None
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed, where=where)


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MS}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "cache_size=-65536",
        "foreign_keys=OFF",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def last_of(taken: Mapping[str, int], names: Iterable[str]) -> int:
    """Where the last record of these kinds, or that wrote to these tables, stands; 0 if none since the store opened."""
    return max((taken.get(name, 0) for name in names), default=0)


class Store:
    """The database of one world. Opening takes the world's lock: one world has one writer.

    `real` is the time by which it is written down when things were taken and decided, whatever the world's clock.

    Raises WorldInUse, NewerDatabase, DatabaseFailed, DiskFull; Nothing, when there is nothing to read.
    """

    def __init__(self, path: Path, world: World, tables: Iterable[Kept], *, writes: bool = True) -> None:
        self.path = path
        self.world = world
        self.tables = tuple(tables)
        self._upserts = {kept.table.name: upsert(kept) for kept in self.tables}
        self.real: Clock = RealClock()
        self._stands: Mapping[Lane, Stand] = {}
        self._position = 0
        self._taken: Mapping[str, int] = {}
        self._audited: Chained = Chained()
        if not (writes or path.exists()):
            raise Nothing(log_of=world.name, database=path)
        self._lock = path.with_suffix(".lock").open("a") if writes else None
        if self._lock is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                raise WorldInUse(world=world.name, database=path) from None
        self._writer = self._engine(_begin_writing)
        self._readers = self._engine(_begin_reading)
        try:
            self._open(writes=writes)
        except BaseException:
            self.close()
            raise

    def _engine(self, begin: Any) -> Engine:
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.path)), pool_size=8, max_overflow=16)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", begin)
        return engine

    def _open(self, *, writes: bool) -> None:
        with self.reading() as from_:
            found = _schema_of(from_)
        if found is not None and found > SCHEMA_VERSION:
            raise NewerDatabase(database=self.path, found=found, supported=SCHEMA_VERSION)
        if not writes:
            return
        with self.writing() as to:
            upgrade(to.connection, SCHEMA_VERSION if found is None else found)
            schema.metadata.create_all(to.connection)
            to.put(_PUT_META, {"name": "schema", "value": str(SCHEMA_VERSION)})
            to.position = to.execute(_LAST).scalar() or 0
            last = to.execute(_LAST_LINE).first()
            to.audited = Chained() if last is None else Chained(last.line, last.chain)
            to.stands = {
                self.lane_of(row): Stand(row.lane, row.number, row.head, row.held) for row in to.execute(_STANDS)
            }

    def belong_to(self, member: str) -> None:
        """Whose node this is, for all who read here."""
        with self.writing() as to:
            to.put(_PUT_META, {"name": "member", "value": member})

    def close(self) -> None:
        """Give the lock back."""
        self._writer.dispose()
        self._readers.dispose()
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def writing(self) -> Generator[Transaction]:
        """One transaction: all of it is on the disk after, or none of it. Raises DiskFull, DatabaseFailed."""
        with self._faults(), self._writer.begin() as connection:
            to = Transaction(connection, self._stands, self._position, self._audited, self.real.now().isoformat())
            yield to
            to.flush()
        self._stands, self._position, self._audited = to.stands, to.position, to.audited
        if to.taken:
            self._taken = {**self._taken, **to.taken}

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One consistent moment of the database. Raises DatabaseFailed."""
        with self._faults(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def _faults(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            fault = _sqlite_name(error)
            if fault == "SQLITE_FULL":
                raise DiskFull(database=self.path) from error
            if fault.startswith(_FAULTS):
                raise DatabaseFailed(database=self.path, fault=fault) from error
            raise

    @property
    def position(self) -> int:
        """Where the log ends."""
        return self._position

    @property
    def taken(self) -> Mapping[str, int]:
        """Where in the log the last record of each kind stands, and that which last wrote to each table."""
        return self._taken

    @property
    def stands(self) -> Mapping[Lane, Stand]:
        """Where each lane stands since the last commit."""
        return self._stands

    # Lanes

    def lane_of(self, row: Any) -> Lane:
        """The lane that a row's origin, audience and precedence name."""
        return Lane(self.world, row.origin, tuple(row.audience.split()), Precedence(row.precedence))

    def heads(self, from_: Source) -> list[tuple[Lane, int, str]]:
        """Every lane that holds something, with its last number and id."""
        return [(self.lane_of(row), row.number, row.head) for row in from_.execute(_HEADS)]

    def gapped(self, from_: Source) -> dict[Lane, int]:
        """Lanes of which later records are held, behind a gap, with the last number that waits there."""
        return {self.lane_of(row): row.last for row in from_.execute(_GAPPED)}

    def stand(self, to: Transaction, lane: Lane) -> Stand:
        """Where the lane stands. A new one gets its number in this database."""
        known = to.stands.get(lane)
        if known is not None:
            return known
        made = Stand(1 + max((one.lane_id for one in to.stands.values()), default=0))
        self.move(to, lane, made)
        return made

    def move(self, to: Transaction, lane: Lane, stand: Stand) -> None:
        """From now on the lane stands there."""
        to.stands[lane] = stand
        row = {"origin": lane.origin, "audience": " ".join(lane.audience), "precedence": int(lane.precedence)}
        to.put(_PUT_LANE, {**row, "lane": stand.lane_id, "number": stand.number, "head": stand.head})

    def id_at(self, to: Transaction, lane: Lane, number: int) -> str | None:
        """The id of the record at that number of the lane."""
        known = to.stands.get(lane)
        return None if known is None else to.execute(_ID_AT, {"at_lane": known.lane_id, "at_number": number}).scalar()

    def sealed_at(self, to: Transaction, lane: Lane, number: int) -> Sealed | None:
        """The record at that number of the lane."""
        known = to.stands.get(lane)
        key = {"at_lane": None if known is None else known.lane_id, "at_number": number}
        row = to.execute(_SEALED_AT, key).first()
        return None if row is None else Sealed(row.payload, row.signature, row.key_id)

    # The log

    def append(self, to: Transaction, record: Record[Any], sealed: Sealed, misread: str | None) -> int:
        """Write a record after all others; one beyond its lane's head becomes the head. The position it got."""
        lane = record.lane
        stand = self.stand(to, lane)
        to.position += 1
        to.taken[record.kind] = to.position
        row = {
            "position": to.position,
            "id": sealed.id,
            "lane": stand.lane_id,
            "number": record.number,
            "kind": record.kind,
            "misread": misread,
            "taken_at": to.at,
            "payload": sealed.payload,
            "signature": sealed.signature,
            "key_id": sealed.key_id,
        }
        to.put(_ADD_LOG, row)
        if record.number > stand.number:
            self.move(to, lane, stand._replace(number=record.number, head=sealed.id))
        return to.position

    def after(self, from_: Source, position: int, limit: int) -> list[Logged]:
        """The next records of the log."""
        return [_logged(row) for row in from_.execute(_AFTER, {"position": position, "limit": limit})]

    def at_positions(self, from_: Source, positions: Sequence[int]) -> list[Logged]:
        """The records at these positions, in order."""
        return [_logged(row) for row in from_.execute(_AT_POSITIONS, {"positions": list(positions)})]

    def sealed(self, from_: Source, ids: Sequence[str]) -> list[Sealed]:
        """The records of these ids that are here, in log order."""
        return [Sealed(*row) for row in from_.execute(_SEALED, {"ids": list(ids)})]

    def of_kind(self, from_: Source, kind: str) -> list[Sealed]:
        """All understood records of a kind, in log order."""
        return [Sealed(*row) for row in from_.execute(_OF_KIND, {"kind": kind})]

    # Views

    def put_rows(self, to: Transaction, rows: Rows) -> None:
        """Let rows meet those already there, table by table."""
        for kept, row in rows:
            to.put(self._upserts[kept.table.name], row)
            to.taken[kept.table.name] = to.position

    def view_digest(self, from_: Source) -> dict[str, str]:
        """For each view table, the SHA-256 of its rows in the order of its key."""
        digests: dict[str, str] = {}
        for kept in sorted(self.tables, key=lambda one: one.table.name):
            digest = hashlib.sha256()
            ordered = sa.select(kept.table).order_by(*kept.table.primary_key)
            for row in from_.execute(ordered):
                digest.update(msgspec.msgpack.encode(tuple(row)))
            digests[kept.table.name] = digest.hexdigest()
        return digests


_FAULTS = ("SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB")


def _sqlite_name(error: BaseException) -> str:
    # The driver's own refusals have no such name.
    return getattr(error.orig, "sqlite_errorname", "") if isinstance(error, DBAPIError) else ""


def is_machine_fault(error: BaseException) -> bool:
    """Whether the machine, not the code that ran, is at fault: then nobody who ran is to blame."""
    return isinstance(error, DiskFull | DatabaseFailed) or _sqlite_name(error).startswith(("SQLITE_FULL", *_FAULTS))


def _schema_of(from_: Connection) -> int | None:
    """The version of the database's schema; None for a new database."""
    if not sa.inspect(from_).has_table("meta"):
        return None
    return int(from_.execute(_GET_META, {"name": "schema"}).scalar() or 0)


def _logged(row: Any) -> Logged:
    return Logged(row.position, Sealed(row.payload, row.signature, row.key_id), row.id, row.kind, row.misread)


_L, _G, _H = schema.lane, schema.log, schema.held
_PUT_META = overwrite(schema.meta)
_GET_META = sa.select(schema.meta.c.value).where(schema.meta.c.name == bindparam("name"))
_STANDS = sa.select(_L, sa.func.count(_H.c.id).label("held")).outerjoin(_H, _H.c.lane == _L.c.lane).group_by(_L.c.lane)
_HEADS = sa.select(_L).where(_L.c.number > 0).order_by(_L.c.lane)
_GAPPED = sa.select(_L, sa.func.max(_H.c.number).label("last")).join(_H, _H.c.lane == _L.c.lane).group_by(_L.c.lane)
_PUT_LANE = overwrite(_L)
_ID_AT = sa.select(_G.c.id).where(_G.c.lane == bindparam("at_lane"), _G.c.number == bindparam("at_number"))
_SEALED_AT = sa.select(_G.c.payload, _G.c.signature, _G.c.key_id).where(
    _G.c.lane == bindparam("at_lane"), _G.c.number == bindparam("at_number")
)
_ADD_LOG = insert(_G)
_COLUMNS = (_G.c.position, _G.c.id, _G.c.kind, _G.c.misread, _G.c.payload, _G.c.signature, _G.c.key_id)
_AFTER = (
    sa.select(*_COLUMNS).where(_G.c.position > bindparam("position")).order_by(_G.c.position).limit(bindparam("limit"))
)
_AT_POSITIONS = (
    sa.select(*_COLUMNS).where(_G.c.position.in_(bindparam("positions", expanding=True))).order_by(_G.c.position)
)
_SEALED = (
    sa.select(_G.c.payload, _G.c.signature, _G.c.key_id)
    .where(_G.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_G.c.position)
)
_OF_KIND = (
    sa.select(_G.c.payload, _G.c.signature, _G.c.key_id)
    .where(_G.c.kind == bindparam("kind"), _G.c.misread.is_(None))
    .order_by(_G.c.position)
)
_LAST = sa.select(sa.func.max(_G.c.position))
_LAST_LINE = sa.select(schema.audit.c.line, schema.audit.c.chain).order_by(schema.audit.c.line.desc()).limit(1)
