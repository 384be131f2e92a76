"""What an instrument is made of: kinds it says, commands and queries it answers, tables it keeps.

An instrument is data and pure functions. The node owns the clock, the disk and the wire, and calls:

- `decide(ask, view, desk) -> drafts` when someone asks a command;
- `fold(record) -> rows` for every record, in any order;
- `react(record, view, desk) -> drafts` once for every record, in log order;
- `sanitise(body, terms) -> body` for what a policy lets those have who may not have the record;
- `step(state, record, view, desk) -> drafts` for a memory: a reaction with a cache of the log;
- `due(view) -> [Due]` to learn when time itself asks for something;
- `errands(view) -> [Errand]` to learn what is wanted of the world outside;
- `answer(ask, view, now) -> result` for a query, and `docket(view, now) -> [Item]`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Raw, Struct
from sqlalchemy import Row, Select, Table

from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record, World
from laurel.core.roster import Standing

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


PEOPLE = frozenset(Role) - {Role.SENSOR, Role.NODE}
RECORD_ID = re.compile("[0-9a-f]{64}")
OFFICER_AUTHOR = "officer:"
"""How the name of an author begins who is a person; programs, sensors and the node are none."""


class NoAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """For a query that needs nothing."""


class View(Protocol):
    """Read access to this world's tables."""

    @property
    def member(self) -> str:
        """Whose node this is: what waits for us is asked of each member by its own."""
        ...

    def rows(self, statement: Select[*tuple[Any, ...]], **values: Any) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a constant statement, without those of records that their origin took back.

        `values` are for its bound parameters: a statement that carries them is another, and is compiled anew.
        """
        ...

    def record(self, record_id: str) -> Record[Raw] | None:
        """The record as the log holds it, whether it stands or was taken back; None when it is not here."""
        ...

    def stands(self, record_id: str) -> bool:
        """Whether a record was not taken back by its origin."""
        ...

    def derived(self, record_id: str) -> Sequence[str]:
        """Our own sanitised records that were made from this one of ours."""
        ...

    def search(self, kept: Kept, words: str, most: int) -> Sequence[str]:
        """The ids of records whose `searched` columns hold all these words, the last taken in first."""
        ...

    def docket(self, now: datetime) -> Sequence[Item]:
        """What every instrument has open, the soonest due first. For commands and queries: no docket reads another."""
        ...


class Terms(Struct, frozen=True):
    """How far a record is sanitised: to a grid of `coarsen_m`, said `delay_s` later, some of it left out.

    `drop` names what is left out, in the kind's own words; `classification` is that of what is derived.
    """

    coarsen_m: int
    delay_s: int
    drop: tuple[str, ...]
    classification: Classification


@dataclass(frozen=True)
class Kind(Generic[Body]):
    """One sort of record: its name, its typed body, how long it is kept (None is forever).

    Only what is `retractable` can be taken back: not what a memory has consumed, nor what a procedure counts.
    For the rest `undone_by` says what its author does instead. `skips` gives, for a kind that declares numbers of its
    own lane lost, the first and the last of them. What `falls_with` another, named in that field of its body, is
    found no more when the other was taken back.
    """

    name: str
    body: type[Body]
    keeps: timedelta | None
    retractable: bool = False
    undone_by: str = "say another record that puts it right"
    skips: Callable[[Body], tuple[int, int]] | None = None
    falls_with: str | None = None


@dataclass(frozen=True)
class Desk:
    """Where a decision is made: whose node, which world, who asks, when, who else belongs, what is understood.

    `members` speak and are spoken to; `readers` are told one way, so no draft of ours may name one.
    `founded` is what the compact's file names, before any change by record; `charter` is what that file says to each
    instrument, by the instrument's name. `asks` is what each command here asks, by `instrument/command`.
    """

    world: World
    member: str
    author: str
    now: datetime
    members: tuple[str, ...]
    readers: tuple[str, ...] = ()
    kinds: Mapping[str, Kind[Any]] = field(default_factory=dict[str, Kind[Any]])
    founded: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    charter: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    asks: Mapping[str, type[Struct]] = field(default_factory=dict[str, type[Struct]])


@dataclass(frozen=True)
class Command(Generic[Ask]):
    """Something an author may ask. Route, verb, form and page follow from it.

    `confirm` are the words a person must see before it is done; None asks nothing. `drill` are those of an exercise,
    where they must not be mistaken for each other.

    What takes two `persons` is not done when it is asked: the ask becomes a proposal, which lapses after `lapses`.
    """

    name: str
    ask: type[Ask]
    decide: Callable[[Ask, View, Desk], Sequence[Draft]]
    roles: frozenset[Role]
    persons: int = 1
    confirm: str | None = None
    drill: str | None = None
    lapses: timedelta = timedelta(minutes=10)
    prefill: Callable[[View, Desk], Ask] | None = None

    @property
    def for_people(self) -> bool:
        """Whether it has a door: what the node alone may ask has none."""
        return self.roles != frozenset({Role.NODE})

    def words(self, world: World) -> str | None:
        """What a person must read there before it is done."""
        return self.confirm if world.exercise is None else self.drill or self.confirm


@dataclass(frozen=True)
class Query(Generic[Ask, Result]):
    """Something anyone signed in may look up, or those in some `roles` alone.

    A `live` one is pushed to all screens when the log grows, so it has no roles.
    """

    name: str
    ask: type[Ask]
    result: type[Result]
    answer: Callable[[Ask, View, datetime], Result]
    live: bool = False
    roles: frozenset[Role] | None = None


class Meet(StrEnum):
    """What happens when a fold returns a row whose primary key is already there."""

    ONCE = "once"
    """The first stays. The key must begin with the record's id, so equal keys are equal rows."""
    GREATEST = "greatest"
    """The greater stays, by the rank columns, the last of which is the record's id."""


@dataclass(frozen=True)
class Kept:
    """A table of a view and its meet rule. Its name begins with the instrument's name.

    Whole words, and parts of words, are looked up in the columns that are `searched`.
    """

    table: Table
    meet: Meet
    rank: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The column that names the record a row follows from."""
        return self.rank[-1] if self.rank else next(iter(self.table.primary_key)).name


Rows = Sequence[tuple[Kept, Mapping[str, Any]]]
Fold = Callable[[str, Record[Any]], Rows]
"""(record id, record) -> rows. Pure: reads no table, so the order of arrival cannot matter."""

React = Callable[[str, Record[Any], View, Desk], Sequence[Draft]]


Sanitise = Callable[[Any, Terms], Struct | None]
"""(body, terms) -> what may be told of it, None for nothing. Pure. What it makes is of a kind that is called
`<instrument>.coarse-<name>.v<n>`: by that name the border knows what is sanitised."""


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
class Outcome:
    """What came of an errand: done, with what was answered, or not done, and why."""

    done: bool
    answer: str = ""
    why: str = ""


@dataclass(frozen=True)
class Errand:
    """Something that only the world outside can do: wake an officer by telephone, translate a text.

    The node hands `facts` to the member's own service `to`, if it has one of that name, and asks as itself what
    `then` makes of the outcome. `key` is unique in the log, so the outcome is said once; a crash between the two
    runs the errand again. An exercise sends nobody: there it fails, and says so.
    """

    key: str
    to: str
    facts: Mapping[str, str]
    command: str
    then: Callable[[Outcome], Struct]


@dataclass(frozen=True)
class Item:
    """One line of the docket: what agendas, dossiers, calendars and consultations read.

    `subject` names it among all: the id of the record that says it, wherever one does. `about` are records that it
    rests on beside. `offices` are roles, or the office that a promise is bound to. The node writes whose it is
    (`instrument`) and what is opened there (`opens`), such as the conversation of a message.
    """

    subject: str
    title: str
    state: str
    due: datetime | None
    offices: tuple[str, ...]
    label: Label
    summary: str
    about: tuple[str, ...] = ()
    instrument: str = ""
    opens: str = ""

    @property
    def records(self) -> tuple[str, ...]:
        """The records that say it."""
        own = (self.subject,) if RECORD_ID.fullmatch(self.subject) else ()
        return tuple(dict.fromkeys((*own, *self.about)))


def nothing_due(view: View) -> Sequence[Due]:
    """For instruments that time never wakes."""
    del view
    return ()


def no_errands(view: View) -> Sequence[Errand]:
    """For instruments that want nothing of the world outside."""
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
    sanitises: Mapping[str, Sanitise] = field(default_factory=dict[str, Sanitise])
    due: Callable[[View], Sequence[Due]] = nothing_due
    errands: Callable[[View], Sequence[Errand]] = no_errands
    docket: Callable[[View, datetime], Sequence[Item]] = no_items


@dataclass(frozen=True)
class Noun:
    """One thing that an instrument speaks of, whole in one file: its tables, what is asked and answered of it."""

    tables: tuple[Kept, ...] = ()
    folds: Mapping[str, Fold] = field(default_factory=dict[str, Fold])
    commands: tuple[Command[Any], ...] = ()
    queries: tuple[Query[Any, Any], ...] = ()
    reactions: Mapping[str, React] = field(default_factory=dict[str, React])
    due: Callable[[View], Sequence[Due]] = nothing_due
    errands: Callable[[View], Sequence[Errand]] = no_errands
    docket: Callable[[View, datetime], Sequence[Item]] = no_items


def of_nouns(name: str, version: int, kinds: tuple[Kind[Any], ...], nouns: Sequence[Noun]) -> Instrument:
    """An instrument of several nouns, side by side. Two nouns may fold one kind, and react to it, in their order."""
    folds: defaultdict[str, list[Fold]] = defaultdict(list)
    reactions: defaultdict[str, list[React]] = defaultdict(list)
    for noun in nouns:
        for kind, fold in noun.folds.items():
            folds[kind].append(fold)
        for kind, react in noun.reactions.items():
            reactions[kind].append(react)
    return Instrument(
        name=name,
        version=version,
        kinds=kinds,
        commands=tuple(one for noun in nouns for one in noun.commands),
        queries=tuple(one for noun in nouns for one in noun.queries),
        tables=tuple(one for noun in nouns for one in noun.tables),
        folds={kind: _fold_all(tuple(each)) for kind, each in folds.items()},
        reactions={kind: _react_all(tuple(each)) for kind, each in reactions.items()},
        due=lambda view: [one for noun in nouns for one in noun.due(view)],
        errands=lambda view: [one for noun in nouns for one in noun.errands(view)],
        docket=lambda view, now: [one for noun in nouns for one in noun.docket(view, now)],
    )


def _fold_all(folds: tuple[Fold, ...]) -> Fold:
    if len(folds) == 1:
        return folds[0]
    return lambda record_id, record: [row for fold in folds for row in fold(record_id, record)]


def _react_all(reactions: tuple[React, ...]) -> React:
    if len(reactions) == 1:
        return reactions[0]
    return lambda record_id, record, view, desk: [
        draft for react in reactions for draft in react(record_id, record, view, desk)
    ]
