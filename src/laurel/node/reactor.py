"""Reactions follow the log by a stored cursor; what they say and the cursor are committed together.

A reaction that fails three times on a record is parked and shown, and the log goes on. A memory is
a reaction with a cache of the log: after an exception, a rollback or a restart it is loaded from its
last checkpoint and repeats the later records silently.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from laurel.core.instrument import Desk, Memory
from laurel.core.record import Draft, Record, decode
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.parked import park, parked_by
from laurel.node.keep.reader import Reader
from laurel.node.keep.store import Logged, Store, is_machine_fault, overwrite
from laurel.node.keep.transaction import Transaction

TRIES = 3
RUN_LIMIT = 512
BATCH = 64
CHECKPOINT_EVERY = timedelta(seconds=10)
CURSOR = "reactions"
NEVER = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger(__name__)

SayDraft = Callable[[Transaction, Draft, Desk], str]


@dataclass
class _Live:
    """A memory's state as of a log position, and when it was last checkpointed."""

    state: Any
    position: int
    checkpoint_at: datetime = NEVER


class Reactor:
    """Runs reactions and memories for one world."""

    def __init__(self, store: Store, catalogue: Catalogue, say: SayDraft) -> None:
        self._store = store
        self._catalogue = catalogue
        self._say = say
        self._cursor: int | None = None
        self._passed_over: set[int] = set()
        self._live: dict[str, _Live] = {}
        self._memories: dict[str, list[Memory[Any]]] = {}
        for memory in catalogue.memories:
            for kind in memory.kinds:
                self._memories.setdefault(kind, []).append(memory)

    @contextmanager
    def guarded(self) -> Generator[Transaction]:
        """A transaction of the store; when it fails, the cursor and memories that ran ahead of it are dropped."""
        try:
            with self._store.writing() as to:
                yield to
        except BaseException:
            self._cursor = None
            self._live.clear()
            raise

    def pass_over(self, positions: Iterable[int]) -> None:
        """Our own records that came back from peers: what we did when we said them is done, and never done again."""
        self._passed_over |= set(positions)

    def run(self, to: Transaction, desk: Desk, *, level: bool = False) -> bool:
        """Follow the log from the cursor. True when the limit came before the end of the log.

        `level`: all that was said has come. Then all is followed, peers' records in the order of saying: the order in
        which they came is chance.
        """
        start = self._cursor
        if start is None:
            start = to.execute(_GET_CURSOR, {"of": CURSOR}).scalar() or 0
            self._passed_over |= set(to.execute(_RECOVERED, {"after": start}).scalars())
        position = start
        done = 0
        while position < to.position and (level or done < RUN_LIMIT):
            found = self._store.after(to, position, to.position - position if level else BATCH)
            position = found[-1].position
            done += len(found)
            for logged in sorted(found, key=partial(_saying, desk.member)) if level else found:
                self._react(to, logged, desk)
        if position != start:
            to.put(_PUT_CURSOR, {"name": CURSOR, "position": position})
        self._cursor = position
        return position < to.position

    def _react(self, to: Transaction, logged: Logged, desk: Desk) -> None:
        memories = self._memories.get(logged.kind, ())
        reactions = self._catalogue.reactions.get(logged.kind, ())
        if logged.misread is not None or not (memories or reactions):
            return
        record, _ = self._catalogue.read(decode(logged.sealed.payload))
        if logged.position in self._passed_over:
            # Memories see them, as they will when they repeat the log.
            for memory in memories:
                self._try(to, memory.name, logged, desk, _silent(self._remember(to, memory, logged, record, desk)))
            return
        for memory in memories:
            self._try(to, memory.name, logged, desk, self._remember(to, memory, logged, record, desk))
        for name, react in reactions:
            self._try(to, name, logged, desk, _once(react, logged, record, Reader(to), desk))

    def _try(
        self, to: Transaction, name: str, logged: Logged, desk: Desk, attempt: Callable[[], Sequence[Draft]]
    ) -> None:
        """Up to three tries, each undone whole when it fails; then the record is parked."""
        for tried in range(1, TRIES + 1):
            try:
                with to.step():
                    for draft in attempt():
                        self._say(to, draft, desk)
            except Exception as error:
                if is_machine_fault(error):
                    raise
                self._live.pop(name, None)
                log.warning("reaction %s failed on %s, try %d of %d: %s", name, logged.id, tried, TRIES, error)
                if tried == TRIES:
                    park(to, name, logged.id, error)
            else:
                return

    # Memories

    def _remember(
        self, to: Transaction, memory: Memory[Any], logged: Logged, record: Record[Any], desk: Desk
    ) -> Callable[[], Sequence[Draft]]:
        def attempt() -> Sequence[Draft]:
            live = self._load(to, memory, logged.position, desk)
            drafts = memory.step(live.state, logged.id, record, Reader(to), desk)
            live.position = max(live.position, logged.position)
            # By our own clock: what a record claims about its time must not hold checkpoints up.
            if desk.now - live.checkpoint_at >= CHECKPOINT_EVERY:
                self._checkpoint(to, memory, live)
                live.checkpoint_at = desk.now
            return drafts

        return attempt

    def _load(self, to: Transaction, memory: Memory[Any], before: int, desk: Desk) -> _Live:
        """The state as of just before a position: in memory, or checkpoint and silent repetition."""
        live = self._live.get(memory.name)
        if live is not None:
            return live
        live = self._checkpointed(to, memory)
        parked = parked_by(to, memory.name)
        for logged, record in self._of_kinds(to, memory.kinds, live.position, before):
            if logged.id not in parked:
                memory.step(live.state, logged.id, record, Reader(to), replace(desk, now=record.at))
        self._live[memory.name] = live
        return live

    def _checkpointed(self, to: Transaction, memory: Memory[Any]) -> _Live:
        row = to.execute(_GET_MEMORY, {"of": memory.name, "version": memory.version}).first()
        if row is not None:
            try:
                return _Live(memory.load(row.state), row.position)
            except Exception:
                log.exception("the checkpoint of %s cannot be loaded; the whole log is repeated", memory.name)
        return _Live(memory.fresh(), 0)

    def _of_kinds(
        self, to: Transaction, kinds: Sequence[str], after: int, before: int
    ) -> Iterator[tuple[Logged, Record[Any]]]:
        """The understood records of these kinds between two positions, both excluded."""
        found = to.execute(_OF_KINDS, {"kinds": list(kinds), "after": after, "before": before}).scalars().all()
        for start in range(0, len(found), BATCH):
            for logged in self._store.at_positions(to, found[start : start + BATCH]):
                yield logged, self._catalogue.read(decode(logged.sealed.payload))[0]

    def _checkpoint(self, to: Transaction, memory: Memory[Any], live: _Live) -> None:
        row = {"name": memory.name, "version": memory.version, "position": live.position}
        to.put(_PUT_MEMORY, {**row, "state": memory.dump(live.state)})


def _saying(me: str, logged: Logged) -> tuple[Any, ...]:
    """Sorts records in the order of saying: our own, as they stand here, before what came meanwhile."""
    record = decode(logged.sealed.payload)
    return (0, logged.position) if record.origin == me else (1, *record.order)


def _once(
    react: Callable[[str, Record[Any], Reader, Desk], Sequence[Draft]],
    logged: Logged,
    record: Record[Any],
    view: Reader,
    desk: Desk,
) -> Callable[[], Sequence[Draft]]:
    return lambda: react(logged.id, record, view, desk)


def _silent(attempt: Callable[[], Sequence[Draft]]) -> Callable[[], Sequence[Draft]]:
    def step() -> Sequence[Draft]:
        attempt()
        return ()

    return step


_G, _M = schema.log, schema.memory
_GET_CURSOR = sa.select(schema.cursor.c.position).where(schema.cursor.c.name == bindparam("of"))
_RECOVERED = sa.select(schema.recovered.c.position).where(schema.recovered.c.position > bindparam("after"))
_PUT_CURSOR = overwrite(schema.cursor)
_GET_MEMORY = sa.select(_M.c.position, _M.c.state).where(
    _M.c.name == bindparam("of"), _M.c.version == bindparam("version")
)
_PUT_MEMORY = overwrite(_M)
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
