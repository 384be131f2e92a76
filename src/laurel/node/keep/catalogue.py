"""What this node understands: the kinds, commands, queries and views of its instruments, by name."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from laurel.border.admit import Kinds
from laurel.core.errors import UnknownAsk
from laurel.core.instrument import Command, Fold, Instrument, Kept, Kind, Memory, Query, React, Sanitise
from laurel.node.keep.standing import HIDES, whole

Thing = TypeVar("Thing")
Folds = Mapping[str, Sequence[tuple[str, Fold]]]


class Catalogue:
    """The instruments of one world, indexed for use."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self.instruments = tuple(instruments)
        self.kinds: dict[str, Kind[Any]] = {kind.name: kind for one in instruments for kind in one.kinds}
        self.understood = Kinds(self.kinds)
        self.read = self.understood.read
        self.memories: tuple[Memory[Any], ...] = tuple(memory for one in instruments for memory in one.memories)
        self._kind_of: Mapping[type[Struct], Kind[Any]] = {kind.body: kind for kind in self.kinds.values()}
        self._commands = {f"{one.name}/{made.name}": made for one in instruments for made in one.commands}
        self._queries = {f"{one.name}/{made.name}": made for one in instruments for made in one.queries}

    @property
    def tables(self) -> tuple[Kept, ...]:
        """Every table of every view."""
        return tuple(kept for one in self.instruments for kept in one.tables)

    def kind_of(self, body: Struct) -> Kind[Any]:
        """The kind a body is said as."""
        return self._kind_of[type(body)]

    def command(self, path: str) -> Command[Any]:
        """The command at `instrument/command`. Raises UnknownAsk."""
        try:
            return self._commands[path]
        except KeyError:
            raise UnknownAsk(command=path) from None

    def answers(self, path: str) -> bool:
        """Whether there is such a command here."""
        return path in self._commands

    def query(self, path: str) -> Query[Any, Any]:
        """The query at `instrument/query`. Raises UnknownAsk."""
        try:
            return self._queries[path]
        except KeyError:
            raise UnknownAsk(query=path) from None

    def changing(self, instrument: Instrument) -> frozenset[str]:
        """The kinds whose records may change what an instrument answers; else time alone does."""
        return HIDES | instrument.folds.keys()

    @cached_property
    def asks(self) -> Mapping[str, type[Struct]]:
        """What each command asks."""
        return {path: command.ask for path, command in self._commands.items()}

    @cached_property
    def sanitises(self) -> Mapping[str, Sanitise]:
        """For each kind that can be sanitised, how."""
        return {kind: sanitise for one in self.instruments for kind, sanitise in one.sanitises.items()}

    @cached_property
    def folds(self) -> Folds:
        """For each kind, the named folds of all instruments that read it."""
        return folds_of(self.instruments)

    @cached_property
    def reactions(self) -> Mapping[str, Sequence[tuple[str, React]]]:
        """For each kind, the named reactions to it."""
        return _by_kind(
            (kind, (f"{one.name}.on.{kind}", react))
            for one in self.instruments
            for kind, react in one.reactions.items()
        )

    def fingerprint(self, instrument: Instrument) -> str:
        """Changes whenever the instrument's tables or folds do."""
        ddl = [str(CreateTable(whole(kept)).compile(dialect=sqlite.dialect())) for kept in instrument.tables]
        described = "\n".join([str(instrument.version), *ddl, *sorted(instrument.folds)])
        return hashlib.sha256(described.encode()).hexdigest()


def folds_of(instruments: Iterable[Instrument]) -> Folds:
    """For each kind, the named folds of these instruments."""
    return _by_kind(
        (kind, (f"{one.name}.fold.{kind}", fold)) for one in instruments for kind, fold in one.folds.items()
    )


def _by_kind(pairs: Iterable[tuple[str, Thing]]) -> Mapping[str, Sequence[Thing]]:
    grouped: dict[str, list[Thing]] = defaultdict(list)
    for kind, thing in pairs:
        grouped[kind].append(thing)
    return grouped
