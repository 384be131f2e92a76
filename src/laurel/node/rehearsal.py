"""Nodes without disk, keys or wire: views in memory, reactions in log order, records handed over at once.

For tests and benchmarks of what instruments say to each other; what a real node adds is tested with real nodes.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Raw, Struct
from sqlalchemy import Row, Select
from sqlalchemy.dialects.sqlite import insert

from laurel.core.errors import BadField
from laurel.core.instrument import Desk, Instrument, Item, Kept, Meet
from laurel.core.record import Draft, Record, World, as_text
from laurel.core.tables import taken
from laurel.node.keep.docket import docket
from laurel.node.keep.search import search

WORLD = World("camp-david")
NODE = "node"


class MemoryView:
    """An instrument's tables in memory, and their meet rules."""

    def __init__(self, instrument: Instrument, member: str = "JPN") -> None:
        self.instrument = instrument
        self.member = member
        self._engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        self._to = self._engine.connect()
        for kept in instrument.tables:
            kept.table.create(self._to)
        taken.create(self._to)
        self._meet = {kept.table.name: meet(kept) for kept in instrument.tables}
        self._folded: dict[str, Record[Any]] = {}

    def rows(self, statement: Select[Any], **values: Any) -> Sequence[Row[Any]]:
        """What a query of the tables finds."""
        return self._to.execute(statement, values or None).all()

    def record(self, record_id: str) -> Record[Raw] | None:
        """A record that was folded here."""
        found = self._folded.get(record_id)
        return None if found is None else msgspec.structs.replace(found, body=Raw(msgspec.json.encode(found.body)))

    def stands(self, record_id: str) -> bool:
        """Whether it is here: a rehearsal takes nothing back."""
        return record_id in self._folded

    def derived(self, record_id: str) -> Sequence[str]:
        """None: a rehearsal has no border."""
        del record_id
        return ()

    def search(self, kept: Kept, words: str, most: int) -> Sequence[str]:
        """The ids of records whose `searched` columns hold all these words."""
        return search(self._to, kept, words, most)

    def docket(self, now: datetime) -> Sequence[Item]:
        """What is open."""
        return docket((self.instrument,), self, now)

    def fold(self, record_id: str, record: Record[Any]) -> None:
        """Takes a record into the tables."""
        if record_id not in self._folded:
            row = {
                "record": record_id,
                "position": len(self._folded) + 1,
                "kind": record.kind,
                "at": as_text(record.at),
            }
            self._to.execute(insert(taken), row)
        self._folded[record_id] = record
        fold = self.instrument.folds.get(record.kind)
        for kept, row in fold(record_id, record) if fold else ():
            self._to.execute(self._meet[kept.table.name], row)

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, in the order of keys."""
        return {
            kept.table.name: [tuple(row) for row in self.rows(sa.select(kept.table).order_by(*kept.table.primary_key))]
            for kept in self.instrument.tables
        }

    def close(self) -> None:
        """Ends the database."""
        self._to.close()
        self._engine.dispose()


def meet(kept: Kept) -> Any:
    """The statement by which a row enters its table."""
    key = [column.name for column in kept.table.primary_key]
    statement = insert(kept.table)
    if kept.meet is Meet.ONCE:
        return statement.on_conflict_do_nothing(index_elements=key)
    mine, theirs = (sa.tuple_(*(columns[name] for name in kept.rank)) for columns in (statement.excluded, kept.table.c))
    changed = {column.name: statement.excluded[column.name] for column in kept.table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed, where=mine > theirs)


def record_of(instrument: Instrument, draft: Draft, desk: Desk, number: int) -> tuple[str, Record[Any]]:
    """A draft as it would stand in the log."""
    kind = next(kind.name for kind in instrument.kinds if kind.body is type(draft.body))
    record = Record(
        kind=kind,
        compact=desk.world.compact,
        exercise=desk.world.exercise,
        origin=desk.member,
        author=desk.author,
        at=desk.now,
        label=draft.label,
        precedence=draft.precedence,
        number=number,
        prev=None,
        about=draft.about,
        answers=draft.answers,
        salt=bytes(16),
        body=draft.body,
    )
    return hashlib.sha256(msgspec.json.encode(record)).hexdigest(), record


@dataclass
class Node:
    """One member's node."""

    member: str
    members: tuple[str, ...]
    instrument: Instrument
    log: list[tuple[str, Record[Any]]] = field(default_factory=list[tuple[str, Record[Any]]])
    reacted: int = 0

    def __post_init__(self) -> None:
        self.view = MemoryView(self.instrument, self.member)
        self.states = [memory.fresh() for memory in self.instrument.memories]

    def desk(self, author: str, now: datetime) -> Desk:
        """Who asks here, and when."""
        return Desk(WORLD, self.member, author, now, self.members)

    def query(self, name: str, ask: Struct, now: datetime) -> Any:
        """The answer to that query."""
        query = next(query for query in self.instrument.queries if query.name == name)
        return query.answer(ask, self.view, now)

    def said(self, body: type[Struct]) -> list[Record[Any]]:
        """The records of that sort in its log that are its own."""
        return [record for _, record in self.log if isinstance(record.body, body) and record.origin == self.member]


class Nodes:
    """Several nodes on a road that never fails. What one says, its audience hears at once."""

    def __init__(self, instrument: Instrument, members: Iterable[str]) -> None:
        self.members = tuple(sorted(members))
        self.of = {member: Node(member, self.members, instrument) for member in self.members}
        self._instrument = instrument
        self._number = 0

    def ask(self, member: str, command: str, ask: Struct, author: str, now: datetime) -> list[str]:
        """The ids of what the command says; then everything that follows from it is said too."""
        node = self.of[member]
        decide = next(one.decide for one in self._instrument.commands if one.name == command)
        desk = node.desk(author, now)
        said = [self.say(draft, desk) for draft in decide(ask, node.view, desk)]
        self.settle(now)
        return said

    def say(self, draft: Draft, desk: Desk) -> str:
        """The id of the record, which its audience has taken in. Raises BadField."""
        self._number += 1
        record_id, record = record_of(self._instrument, draft, desk, self._number)
        if desk.member not in record.label.rel_to:
            raise BadField(field="label.rel_to", value=", ".join(record.label.rel_to), must_be=f"with {desk.member}")
        for member in record.label.rel_to:
            self.of[member].view.fold(record_id, record)
            self.of[member].log.append((record_id, record))
        return record_id

    def settle(self, now: datetime) -> None:
        """Let every node react to all it has not reacted to."""
        waiting = deque(self.of.values())
        while waiting:
            node = waiting.popleft()
            while node.reacted < len(node.log):
                record_id, record = node.log[node.reacted]
                node.reacted += 1
                desk = node.desk(NODE, now)
                drafts: list[Draft] = []
                for memory, state in zip(self._instrument.memories, node.states, strict=True):
                    if record.kind in memory.kinds:
                        drafts += memory.step(state, record_id, record, node.view, desk)
                react = self._instrument.reactions.get(record.kind)
                drafts += react(record_id, record, node.view, desk) if react else ()
                for draft in drafts:
                    waiting.extend(self.of[member] for member in draft.label.rel_to)
                    self.say(draft, desk)

    def wake(self, now: datetime) -> int:
        """Every node asks, as itself, what is due. How many asks."""
        count = 0
        for node in self.of.values():
            for due in self._instrument.due(node.view):
                if due.at <= now:
                    self.ask(node.member, due.command, due.ask, NODE, now)
                    count += 1
        return count
