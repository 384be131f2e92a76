"""Worlds for tests: three members with real keys, each with a real database."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.notebook import Write, notebook, written

from laurel.border.parcel import Parcel, open_parcel, seal_parcel
from laurel.border.sealing import SECRET_BYTES, public_bytes, secret_from
from laurel.core.errors import Malformed, TooLarge
from laurel.core.instrument import Instrument, Role
from laurel.core.label import Classification
from laurel.core.record import SALT_BYTES, Lane, Precedence, Sealed, decode, key_id
from laurel.core.record import World as WorldName
from laurel.core.roster import Card, Roster, SealingKey, Standing, sealing_key
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.ledger import faults
from laurel.node.keep.parked import parked_rows
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.members import Keys
from laurel.node.outbox import Outbox
from laurel.node.policies import house
from laurel.node.world import World

LIVE = WorldName("camp-david")
EXERCISE = WorldName("camp-david", "freedom-27")
MEMBERS = ("JPN", "KOR", "USA")
OFFICER = Author("officer:sato", frozenset({Role.WATCH_OFFICER}))
START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)


# Each member's first sealing key in these tests is made from its code: what is tested is not how keys are made.
SECRETS = {code: secret_from(code.encode().ljust(SECRET_BYTES, b"!")) for code in MEMBERS}
SEALING = {code: sealing_key(0, public_bytes(code.encode().ljust(SECRET_BYTES, b"!"))) for code in MEMBERS}


@dataclass
class SetClock:
    """A clock that a test sets."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def rate(self) -> float:
        return 1.0


@dataclass(frozen=True)
class Members:
    """Keys and cards of the three members in one world."""

    keys: dict[str, Ed25519PrivateKey]
    cards: dict[str, Card]

    def roster(self, me: str, world: WorldName = LIVE) -> Roster:
        return Roster(world, me, dict.fromkeys(MEMBERS, Standing.MEMBER), self.cards)


def members(world: WorldName = LIVE) -> Members:
    keys = {code: Ed25519PrivateKey.generate() for code in MEMBERS}
    return Members(keys, cards_of(keys, world))


def cards_of(keys: Mapping[str, Ed25519PrivateKey], world: WorldName = LIVE) -> dict[str, Card]:
    return {
        code: Card(
            *(code, code, world, key.public_key().public_bytes_raw(), "U" + code, "", "localhost:1", START),
            *(SEALING[code].name, SEALING[code].public),
        )
        for code, key in keys.items()
    }


def keys_of(who: Members, me: str) -> Keys:
    """What that member holds in secret."""
    return Keys({key_id(who.keys[me].public_key()): who.keys[me]}, {SEALING[me].name: SECRETS[me]})


def open_world(
    path: Path,
    who: Members,
    me: str = "JPN",
    *,
    instruments: Sequence[Instrument] | None = None,
    clock: SetClock | None = None,
    name: WorldName = LIVE,
    keys: Keys | None = None,
) -> World:
    """A world of one member at that path, opened or opened again, with the line itself if none is given."""
    given = tuple(instruments or (notebook(),))
    catalogue = Catalogue(given if any(one.name == LINE.name for one in given) else (LINE, *given))
    store = Store(path, name, catalogue.tables)
    bring_up_to_date(store, catalogue)
    salt = partial(secrets.token_bytes, SALT_BYTES)
    border = house(Classification.SECRET)
    return World(store, catalogue, who.roster(me, name), keys or keys_of(who, me), clock or SetClock(), salt, border)


class Worlds:
    """Worlds of members who know each other, opened, closed and opened again in one folder."""

    def __init__(self, folder: Path, name: WorldName = LIVE) -> None:
        self.folder = folder
        self.name = name
        self.who = members(name)
        self.clock = SetClock()
        self.keys: dict[str, Keys] = {}
        self._open: dict[str, World] = {}

    def path(self, me: str = "JPN") -> Path:
        """That member's database."""
        return self.folder / f"{me}.db"

    def open(self, me: str = "JPN", *instruments: Instrument) -> World:
        """That member's world, closed before if it was open: a crash, since nothing is told of it."""
        self.close(me)
        kept = self.keys.get(me)
        world = open_world(
            self.path(me), self.who, me, instruments=instruments, clock=self.clock, name=self.name, keys=kept
        )
        self._open[me] = world
        return world

    def close(self, me: str) -> None:
        """As if its process were gone. Its keys are on the disk, as its log is."""
        if me in self._open:
            world = self._open.pop(me)
            self.keys[me] = world.keys
            world.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for me in MEMBERS:
            self.close(me)


def note(
    text: str,
    ask_id: str | None = None,
    *,
    topic: str = "topic",
    weight: int = 0,
    to: tuple[str, ...] = MEMBERS,
    precedence: Precedence = Precedence.ROUTINE,
) -> Asked:
    """An ask to write a note."""
    return Asked(OFFICER, "notebook/write", Write(topic, text, weight, to, precedence), ask_id or f"ask:{text}")


def wrapped(
    *records: Sealed,
    origin: str | None = None,
    sender: str | None = None,
    to: str = "KOR",
    lane: Lane | None = None,
    key: SealingKey | None = None,
    world: WorldName = LIVE,
) -> bytes:
    """Records in one parcel for a member, said to be of that lane; if none is given, of the first record's."""
    lane = lane or lane_of(*records) or Lane(world, "JPN", MEMBERS, Precedence.ROUTINE)
    origin = origin or lane.origin
    parcel = Parcel(origin, lane.audience, lane.precedence, records)
    return seal_parcel(parcel, world.name, sender or origin, to, key or SEALING[to])


def lane_of(*records: Sealed) -> Lane | None:
    """The lane of the first of them that is a record at all."""
    for one in records:
        try:
            return decode(one.payload).lane
        except (Malformed, TooLarge):
            continue
    return None


def opened(parcel: bytes, me: str = "KOR") -> Parcel:
    """What is in a parcel for that member."""
    return open_parcel(parcel, LIVE.name, me, {SEALING[me].name: SECRETS[me]})


def log_of(world: World) -> list[Sealed]:
    """Every record, in log order."""
    with world.store.reading() as from_:
        rows = from_.execute(sa.select(schema.log).order_by(schema.log.c.position)).all()
    return [Sealed(row.payload, row.signature, row.key_id) for row in rows]


def texts(world: World, origin: str | None = None) -> list[str]:
    """The notes in the view, in the order of their arrival here."""
    log, notes = schema.log.c, written.table.c
    statement = sa.select(notes.text, notes.origin).join(schema.log, log.id == notes.id).order_by(log.position)
    with world.store.reading() as from_:
        return [row.text for row in from_.execute(statement) if origin in {None, row.origin}]


def parked(world: World) -> list[tuple[str, str, str]]:
    """What was set aside: what failed, on which subject, and the error."""
    with world.store.reading() as from_:
        return [(row["reaction"], row["subject"], row["error"]) for row in parked_rows(from_)]


def check_log(world: World) -> int:
    """Every record is signed by its origin and stands where it may in its lane. How many there are."""
    with world.store.reading() as from_:
        assert list(faults(from_, world.roster, world.catalogue.understood)) == []
    return len(log_of(world))


def pages(world: World) -> int:
    """How many pages the database has."""
    with world.store.writing() as to:
        return to.connection.exec_driver_sql("PRAGMA page_count").scalar() or 0


def set_pages(world: World, more: int | None) -> None:
    """Let the database grow by so many pages only: what SQLite does then is what it does on a full disk."""
    limit = 2**30 if more is None else pages(world) + more
    with world.store.writing() as to:
        to.connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")


def deliver(from_: World, to: World) -> None:
    """Carry over everything that waits, and mark it as carried."""
    outbox = Outbox(from_)
    for parcel in outbox.waiting(to.roster.me, 100_000):
        to.receive(from_.roster.me, [parcel.wrapped])
        outbox.carried([parcel])


def exchange(*worlds: World) -> None:
    """Carry until nothing waits for any of them, reacting on the way."""
    while any(Outbox(one).waiting(other.roster.me, 1) for one in worlds for other in worlds if one is not other):
        for one in worlds:
            for other in worlds:
                if one is not other:
                    deliver(one, other)
            while one.react():
                pass


def digests(world: World) -> dict[str, str]:
    """The digest of every view."""
    with world.store.reading() as from_:
        return world.store.view_digest(from_)


def contents(path: Path, *, but: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a database, but of those named."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as from_:
        names = [name for (name,) in from_.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        return {
            name: sorted(from_.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names if name not in set(but)
        }


def audited(world: World) -> list[tuple[str, str, str]]:
    """Decision, member and policy of every line of the audit, in order."""
    with world.store.reading() as from_:
        rows = from_.execute(sa.select(schema.audit).order_by(schema.audit.c.line)).all()
    return [(row.decision, row.member, row.policy) for row in rows]
