"""A log that is to be replayed, read as it lies and never written: a world's database, or a file of DSSE envelopes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from laurel.core.errors import BadAsk, LaurelError, NewerDatabase, Nothing
from laurel.core.record import UNREADABLE, Sealed, World, key_id, open_envelope
from laurel.core.roster import KeySpan, Roster
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout
from laurel.node.keep.schema import SCHEMA_VERSION

READ_BATCH = 2_000
MAX_LINE_BYTES = 4 * 1024 * 1024


class BadArchive(BadAsk):
    """What was given is no log, or not the log that was once written."""

    says = "this log cannot be replayed"
    remedy = "export it again at its node (laurel log export), or name the node's folder; nothing was changed"


class Taken(Struct, frozen=True):
    """One record as the log has it. `taken_at` is real time by its node's clock; an export does not say it."""

    sealed: Sealed
    misread: str | None = None
    taken_at: str | None = None


@dataclass(frozen=True)
class Source:
    """A log that can be read from its beginning. `cards` are who its world's members are, as far as is known here.

    `vouched`: this node knows, and not from the log's own file, that its records are checked with the right keys.
    `records` is how many there are to read, an estimate for a file.
    """

    world: World
    cards: Roster
    vouched: bool
    records: int
    read: Callable[[], Iterator[Taken]]


class _Head(Struct, frozen=True):
    world: str
    node: str
    keys: dict[str, dict[str, str]]


def of_world(layout: Layout, world: World) -> Source:
    """The log of a world of this node, running or ended. Raises Nothing, NoSuchWorld, NewerDatabase, BadArchive."""
    database = layout.world(world).database
    with _looking(database, world) as (schema, last):
        if schema > SCHEMA_VERSION:
            raise NewerDatabase(database=database, found=schema, supported=SCHEMA_VERSION)
    cards = keys.load_roster(layout, world)
    return Source(world, cards, vouched=True, records=last, read=lambda: _rows(database, last))


def extent(layout: Layout, world: World) -> int:
    """How many records the log of that world holds. Raises Nothing, BadArchive."""
    with _looking(layout.world(world).database, world) as (_, last):
        return last


def of_file(file: Path, layout: Layout | None = None) -> Source:
    """The log in a file that `laurel log export` wrote, or that is kept of an exercise that ended.

    A node that has the same world vouches for its keys; of an exercise that ended, one whose live log names the file.

    Raises Nothing, BadArchive.
    """
    head = _head(file)
    world = World(*_named(head.world))
    compact = load_compact(world.compact)
    spans = {code: _spans(file, code, named) for code, named in head.keys.items()}
    cards = Roster(world, head.node, compact.standings, {}, spans, founded=compact.standings, names=compact.names)
    cards = replace(cards, charter=compact.charter)
    vouched = _vouched(layout, world, spans) or _is_named(layout, world, file)
    return Source(world, cards, vouched, _lines(file), lambda: _envelopes(file))


def told_at(own: Sequence[bool], at: Sequence[datetime]) -> list[datetime]:
    """When a node took each record, by its world's clock, where it did not write it down.

    By what each record says of itself, but never before the one before, nor after the next that the node said
    itself: a peer whose clock is wrong moves nothing.
    """
    found = list(at)
    last: datetime | None = None
    for place in reversed(range(len(found))):
        if own[place]:
            last = found[place]
        elif last is not None:
            found[place] = min(found[place], last)
    return list(accumulate(found, max))


# A world's database


@contextmanager
def _looking(database: Path, world: World) -> Generator[tuple[int, int]]:
    """The version of a database's schema, and where its log ends."""
    if not database.is_file():
        raise Nothing(log_of=world.name, database=database)
    with _reading(database) as from_:
        [schema] = from_.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() or (0,)
        [last] = from_.execute("SELECT max(position) FROM log").fetchone()
        yield int(schema), last or 0


@contextmanager
def _reading(database: Path) -> Generator[sqlite3.Connection]:
    # Without a write-ahead log nobody writes, and then SQLite must not lay one beside it.
    written = database.with_name(f"{database.name}-wal")
    how = "mode=ro" if written.exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?{how}", uri=True)) as from_:
            yield from_
    except sqlite3.DatabaseError as error:
        raise BadArchive(database=database, why=str(error)) from None


def _rows(database: Path, last: int) -> Iterator[Taken]:
    """In short looks: a node that runs copies its write-ahead log into the database only when nobody reads."""
    after = 0
    while True:
        with _reading(database) as from_:
            rows = from_.execute(_ROWS, (after, last, READ_BATCH)).fetchall()
        if not rows:
            return
        for position, *columns in rows:
            try:
                payload, signature, key_name, misread, taken_at = msgspec.convert(columns, _Columns)
            except msgspec.ValidationError as error:
                raise BadArchive(database=database, position=position, why=str(error)) from None
            yield Taken(Sealed(payload, signature, key_name), misread, taken_at)
        after = rows[-1][0]


_Columns = tuple[bytes, bytes, str, str | None, str]
_ROWS = (
    "SELECT position, payload, signature, key_id, misread, taken_at FROM log"
    " WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
)


# A file


def _head(file: Path) -> _Head:
    try:
        with file.open("rb") as lines:
            first = lines.readline(MAX_LINE_BYTES)
        return msgspec.json.decode(first, type=_Head)
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None
    except UNREADABLE as error:
        raise BadArchive(file=file, line=1, why=str(error)) from None


def _named(name: str) -> tuple[str, str | None]:
    compact, _, exercise = name.partition(".")
    return compact, exercise or None


def _spans(file: Path, code: str, named: dict[str, str]) -> tuple[KeySpan, ...]:
    spans: list[KeySpan] = []
    for name, public in named.items():
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        except ValueError as error:
            raise BadArchive(file=file, line=1, key_of=code, why=str(error)) from None
        if key_id(key) != name:
            raise BadArchive(file=file, line=1, key_of=code, why=f"the key called {name} is {key_id(key)}")
        spans.append(KeySpan(key))
    return tuple(spans)


def _vouched(layout: Layout | None, world: World, spans: dict[str, tuple[KeySpan, ...]]) -> bool:
    """Whether this node knows every key that the file names, from its own cards."""
    if layout is None:
        return False
    try:
        known = keys.load_roster(layout, world)
        for code, of_member in spans.items():
            for span in of_member:
                known.key(code, key_id(span.key))
    except LaurelError:
        return False
    return True


def _is_named(layout: Layout | None, world: World, file: Path) -> bool:
    """Whether a member said live that this very file is what it keeps of an exercise that ended there."""
    if layout is None or world.exercise is None:
        return False
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    database = layout.world(World(world.compact)).database
    try:
        with _looking(database, world), _reading(database) as from_:
            return from_.execute(_NAMED, (world.exercise, sha256)).fetchone() is not None
    except LaurelError:
        return False


_NAMED = "SELECT 1 FROM exercise_ended WHERE exercise = ? AND archive_sha256 = ?"


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b"")) - 1)


def _envelopes(file: Path) -> Iterator[Taken]:
    with file.open("rb") as lines:
        lines.readline(MAX_LINE_BYTES)
        number = 1
        while line := lines.readline(MAX_LINE_BYTES):
            number += 1
            if not line.strip():
                continue
            try:
                yield Taken(open_envelope(line.decode()))
            except (LaurelError, UnicodeDecodeError) as error:
                raise BadArchive(file=file, line=number, why=str(error)) from None
