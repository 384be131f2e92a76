"""What an instrument is made of: kinds it says, commands and queries it answers, tables it keeps.

An instrument is data and pure functions. The node owns the clock, the disk and the wire, and calls:

- `decide(ask, view, desk) -> drafts` when someone asks a command;
- `fold(record) -> rows` for every record, in any order;
- `react(record, view, desk) -> drafts` once for every record, in log order;
- `step(state, record, view, desk) -> drafts` for a memory: a reaction with a cache of the log;
- `due(view) -> [Due]` to learn when time itself asks for something;
- `answer(ask, view, now) -> result` for a query, and `docket(view, now) -> [Item]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct
from sqlalchemy import Row, Select, Table

from laurel.core.label import Label
from laurel.core.record import Draft, Record, World

Body = TypeVar("Body", bound=Struct)
Ask = TypeVar("Ask", bound=Struct)
Result = TypeVar("Result")
State = TypeVar("State")

FOREVER: timedelta | None = None


class Role(StrEnum):
    """What an author may do at its own node."""

    WATCH_OFFICER = "watch-officer"
    RELEASE_AUTHORITY = "release-authority"
    PRINCIPAL = "principal"
    ANALYST = "analyst"
    EXERCISE_CONTROL = "exercise-control"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SENSOR = "sensor"
    NODE = "node"


class NoAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """For a query that needs nothing."""


class View(Protocol):
    """Read access to this world's tables."""

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a constant statement."""
        ...


@dataclass(frozen=True)
class Desk:
    """Where a decision is made: whose node, which world, who asks, when, who else belongs."""

    world: World
    member: str
    author: str
    now: datetime
    members: tuple[str, ...]


@dataclass(frozen=True)
class Kind(Generic[Body]):
    """One sort of record: its name, its typed body, how long it is kept (None is forever).

    `skips` gives, for a kind that declares numbers of its own lane lost, the first and the last of them.
    """

    name: str
    body: type[Body]
    keeps: timedelta | None
    skips: Callable[[Body], tuple[int, int]] | None = None


@dataclass(frozen=True)
class Command(Generic[Ask]):
    """Something an author may ask. Route, verb, form and page follow from it.

    `confirm` are the words a person must see before it is done; None asks nothing.
    """

    name: str
    ask: type[Ask]
    decide: Callable[[Ask, View, Desk], Sequence[Draft]]
    roles: frozenset[Role]
    persons: int = 1
    confirm: str | None = None
    prefill: Callable[[View, Desk], Ask] | None = None

    @property
    def for_people(self) -> bool:
        """Whether it has a door: what the node alone may ask has none."""
        return self.roles != frozenset({Role.NODE})


@dataclass(frozen=True)
class Query(Generic[Ask, Result]):
    """Something anyone signed in may look up. A `live` one is pushed to screens when the log grows."""

    name: str
    ask: type[Ask]
    result: type[Result]
    answer: Callable[[Ask, View, datetime], Result]
    live: bool = False


class Meet(StrEnum):
    """What happens when a fold returns a row whose primary key is already there."""

    ONCE = "once"
    """The first stays. The key must begin with the record's id, so equal keys are equal rows."""
    GREATEST = "greatest"
    """The greater stays, by the rank columns, the last of which is the record's id."""


@dataclass(frozen=True)
class Kept:
    """A table of a view and its meet rule. Its name begins with the instrument's name."""

    table: Table
    meet: Meet
    rank: tuple[str, ...] = ()


Rows = Sequence[tuple[Kept, Mapping[str, Any]]]
Fold = Callable[[str, Record[Any]], Rows]
"""(record id, record) -> rows. Pure: reads no table, so the order of arrival cannot matter."""

React = Callable[[str, Record[Any], View, Desk], Sequence[Draft]]


@dataclass(frozen=True)
class Memory(Generic[State]):
    """A reaction with a cache of the log, such as the tracker.

    `step` may change `state` in place. After an exception or a restart the node loads the last
    checkpoint and repeats the later records silently, so equal records must give equal states.
    """

    name: str
    kinds: tuple[str, ...]
    fresh: Callable[[], State]
    step: Callable[[State, str, Record[Any], View, Desk], Sequence[Draft]]
    dump: Callable[[State], bytes]
    load: Callable[[bytes], State]
    version: int = 1


@dataclass(frozen=True)
class Due:
    """At that time the node asks this as itself. `key` is unique in the log: it fires once."""

    at: datetime
    key: str
    command: str
    ask: Struct


@dataclass(frozen=True)
class Item:
    """One line of the docket: what agendas, dossiers, search and consultations read."""

    subject: str
    title: str
    state: str
    due: datetime | None
    offices: tuple[str, ...]
    label: Label
    summary: str


def nothing_due(view: View) -> Sequence[Due]:
    """For instruments that time never wakes."""
    del view
    return ()


def no_items(view: View, now: datetime) -> Sequence[Item]:
    """For instruments with nothing on the docket."""
    del view, now
    return ()


@dataclass(frozen=True)
class Instrument:
    """One thing members do together. `version` grows whenever a fold or a table changes."""

    name: str
    version: int
    kinds: tuple[Kind[Any], ...]
    commands: tuple[Command[Any], ...] = ()
    queries: tuple[Query[Any, Any], ...] = ()
    tables: tuple[Kept, ...] = ()
    folds: Mapping[str, Fold] = field(default_factory=dict[str, Fold])
    reactions: Mapping[str, React] = field(default_factory=dict[str, React])
    memories: tuple[Memory[Any], ...] = ()
    due: Callable[[View], Sequence[Due]] = nothing_due
    docket: Callable[[View, datetime], Sequence[Item]] = no_items
