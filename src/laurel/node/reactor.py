"""Reactions follow the log by a stored cursor; what they say and the cursor are committed together.

A reaction that fails three times on a record is parked and shown, and the log goes on. A memory is
a reaction with a cache of the log: after an exception, a rollback or a restart it is loaded from its
last checkpoint and repeats the later records silently.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.core.instrument import Desk, Memory
from laurel.core.record import Draft, Record, decode
from laurel.node import schema
from laurel.node.catalogue import Catalogue
from laurel.node.clock import RealClock
from laurel.node.store import Logged, Reader, Store, is_machine_fault

TRIES = 3
RUN_LIMIT = 512
BATCH = 64
CHECKPOINT_EVERY = timedelta(seconds=10)
CURSOR = "reactions"

log = logging.getLogger(__name__)

SayDraft = Callable[[Connection, Draft, Desk], str]


@dataclass
class _Live:
    """A memory's state as of a log position, and when and where it was last checkpointed."""

    state: Any
    position: int
    checkpoint_at: datetime


class Reactor:
    """Runs reactions and memories for one world."""

    def __init__(self, store: Store, catalogue: Catalogue, say: SayDraft) -> None:
        self._store = store
        self._catalogue = catalogue
        self._say = say
        self._live: dict[str, _Live] = {}
        self._memories: dict[str, list[Memory[Any]]] = {}
        self._real = RealClock()
        for memory in catalogue.memories:
            for kind in memory.kinds:
                self._memories.setdefault(kind, []).append(memory)

    @contextmanager
    def guarded(self) -> Generator[Connection]:
        """A transaction of the store; when it fails, memories that ran ahead of it are dropped."""
        try:
            with self._store.writing() as to:
                yield to
        except BaseException:
            self._live.clear()
            raise

    def run(self, to: Connection, desk: Desk) -> bool:
        """Follow the log from the cursor. True when the limit came before the end of the log."""
        start = position = to.execute(_GET_CURSOR, {"of": CURSOR}).scalar() or 0
        done = 0
        while done < RUN_LIMIT:
            batch = self._store.after(to, position, BATCH)
            if not batch:
                break
            for logged in batch:
                position = logged.position
                self._react(to, logged, desk)
            done += len(batch)
        if position != start:
            to.execute(_PUT_CURSOR, {"name": CURSOR, "position": position})
        return done >= RUN_LIMIT

    def _react(self, to: Connection, logged: Logged, desk: Desk) -> None:
        memories = self._memories.get(logged.kind, ())
        reactions = self._catalogue.reactions.get(logged.kind, ())
        if logged.misread is not None or not (memories or reactions):
            return
        record, _ = self._catalogue.read(decode(logged.sealed.payload))
        for memory in memories:
            self._try(to, memory.name, logged, desk, self._remember(to, memory, logged, record, desk))
        for name, react in reactions:
            self._try(to, name, logged, desk, _once(react, logged, record, Reader(to), desk))

    def _try(
        self, to: Connection, name: str, logged: Logged, desk: Desk, attempt: Callable[[], Sequence[Draft]]
    ) -> None:
        """Up to three tries, each undone whole when it fails; then the record is parked."""
        for tried in range(1, TRIES + 1):
            step = to.begin_nested()
            try:
                for draft in attempt():
                    self._say(to, draft, desk)
            except Exception as error:
                if is_machine_fault(error):
                    raise
                step.rollback()
                self._live.pop(name, None)
                log.warning("reaction %s failed on %s, try %d of %d: %s", name, logged.id, tried, TRIES, error)
                if tried == TRIES:
                    self.park(to, name, logged.id, error)
            else:
                step.commit()
                return

    def park(self, to: Connection, reaction: str, subject: str, error: Exception) -> None:
        """Set a failed reaction aside, where officers see it."""
        row = {"reaction": reaction, "subject": subject, "error": f"{type(error).__name__}: {error}"}
        to.execute(_PUT_PARKED, {**row, "parked_at": self._real.now().isoformat()})

    # Memories

    def _remember(
        self, to: Connection, memory: Memory[Any], logged: Logged, record: Record[Any], desk: Desk
    ) -> Callable[[], Sequence[Draft]]:
        def attempt() -> Sequence[Draft]:
            live = self._load(to, memory, logged.position)
            drafts = memory.step(live.state, logged.id, record, Reader(to), desk)
            live.position = logged.position
            if record.at - live.checkpoint_at >= CHECKPOINT_EVERY:
                self._checkpoint(to, memory, live)
                live.checkpoint_at = record.at
            return drafts

        return attempt

    def _load(self, to: Connection, memory: Memory[Any], before: int) -> _Live:
        """The state as of just before a position: in memory, or checkpoint and silent repetition."""
        live = self._live.get(memory.name)
        if live is not None:
            return live
        row = to.execute(_GET_MEMORY, {"of": memory.name, "version": memory.version}).first()
        start = datetime.min.replace(tzinfo=UTC)
        live = _Live(memory.fresh(), 0, start) if row is None else _Live(memory.load(row.state), row.position, start)
        parked = set(to.execute(_PARKED_BY, {"reaction": memory.name}).scalars())
        for logged, record in self._of_kinds(to, memory.kinds, live.position, before):
            if logged.id not in parked:
                memory.step(live.state, logged.id, record, Reader(to), _silent(record, self._store))
            live.position = logged.position
            live.checkpoint_at = max(live.checkpoint_at, record.at)
        self._live[memory.name] = live
        return live

    def _of_kinds(
        self, to: Connection, kinds: Sequence[str], after: int, before: int
    ) -> Iterator[tuple[Logged, Record[Any]]]:
        """The understood records of these kinds between two positions, both excluded."""
        found = to.execute(_OF_KINDS, {"kinds": list(kinds), "after": after, "before": before}).scalars().all()
        for start in range(0, len(found), BATCH):
            for logged in self._store.at_positions(to, found[start : start + BATCH]):
                yield logged, self._catalogue.read(decode(logged.sealed.payload))[0]

    def _checkpoint(self, to: Connection, memory: Memory[Any], live: _Live) -> None:
        row = {"name": memory.name, "version": memory.version, "position": live.position}
        to.execute(_PUT_MEMORY, {**row, "state": memory.dump(live.state)})


def _once(
    react: Callable[[str, Record[Any], Reader, Desk], Sequence[Draft]],
    logged: Logged,
    record: Record[Any],
    view: Reader,
    desk: Desk,
) -> Callable[[], Sequence[Draft]]:
    return lambda: react(logged.id, record, view, desk)


def _silent(record: Record[Any], store: Store) -> Desk:
    """The desk of a repetition: drafts are thrown away, so only the record's own time matters."""
    return Desk(store.world, record.origin, record.author, record.at, (record.origin,))


def parked_rows(from_: Connection) -> list[dict[str, str]]:
    """Everything set aside, oldest first."""
    return [dict(row) for row in from_.execute(_ALL_PARKED).mappings()]


def _put(table: sa.Table, key: Sequence[str]) -> Any:
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changed)


_G, _M, _P = schema.log, schema.memory, schema.parked
_GET_CURSOR = sa.select(schema.cursor.c.position).where(schema.cursor.c.name == bindparam("of"))
_PUT_CURSOR = _put(schema.cursor, ["name"])
_GET_MEMORY = sa.select(_M.c.position, _M.c.state).where(
    _M.c.name == bindparam("of"), _M.c.version == bindparam("version")
)
_PUT_MEMORY = _put(_M, ["name"])
_PUT_PARKED = _put(_P, ["reaction", "subject"])
_PARKED_BY = sa.select(_P.c.subject).where(_P.c.reaction == bindparam("reaction"))
_ALL_PARKED = sa.select(_P).order_by(_P.c.parked_at)
_OF_KINDS = (
    sa.select(_G.c.position)
    .where(
        _G.c.kind.in_(bindparam("kinds", expanding=True)),
        _G.c.position > bindparam("after"),
        _G.c.position < bindparam("before"),
        _G.c.misread.is_(None),
    )
    .order_by(_G.c.position)
)
