"""What can be done with a log at rest: count it, verify it, export it, make its views again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import BinaryIO, TypedDict

import msgspec
import sqlalchemy as sa

from laurel.core.errors import LaurelError
from laurel.core.record import Lane, World, check_signature, decode, envelope
from laurel.core.roster import Roster
from laurel.instruments import INSTRUMENTS
from laurel.node import keys, schema
from laurel.node.catalogue import Catalogue
from laurel.node.layout import Layout
from laurel.node.store import Logged, Store
from laurel.node.views import rebuild as rebuild_views

READ_BATCH = 1_000


class Count(TypedDict):
    """How many records of one kind one member said."""

    origin: str
    kind: str
    records: int


class Verified(TypedDict):
    """What was checked, and every fault found."""

    world: str
    records: int
    lanes: int
    held: int
    forks: int
    faults: list[str]


class Rebuilt(TypedDict):
    """What rebuilding did."""

    world: str
    records: int
    seconds: float
    views: dict[str, str]
    differs: list[str]


def counts(layout: Layout, world: World) -> list[Count]:
    """Records by origin and kind."""
    store = _open(layout, world)
    with store.reading() as from_:
        rows = from_.execute(_COUNTS).all()
    store.close()
    return [Count(origin=row.origin, kind=row.kind, records=row.records) for row in rows]


def verify(layout: Layout, world: World) -> Verified:
    """Check every record as a stranger would: hash, world, signature, number, link to the one before.

    Returns every fault as a sentence; none means that the log holds.
    """
    store = _open(layout, world)
    roster = keys.load_roster(layout, world)
    faults: list[str] = []
    last: dict[Lane, tuple[int, str | None]] = {}
    records = 0
    for logged in _all(store):
        records += 1
        try:
            _check(logged, roster, last)
        except LaurelError as error:
            faults.append(f"position {logged.position}: {error}")
    with store.reading() as from_:
        held = from_.execute(_HELD).scalar() or 0
        forks = from_.execute(_FORKS).scalar() or 0
        for lane, number, head in store.heads(from_):
            if last.get(lane) != (number, head):
                faults.append(f"the lane of {lane.origin} to {' '.join(lane.audience)} ends elsewhere than its head")
    store.close()
    return Verified(world=world.name, records=records, lanes=len(last), held=held, forks=forks, faults=faults)


class BrokenLink(LaurelError):
    """A record does not follow from the one before it."""

    says = "the record does not follow from the one before it in its lane"
    remedy = "something was removed, added or altered"


def _check(logged: Logged, roster: Roster, last: dict[Lane, tuple[int, str | None]]) -> None:
    sealed = logged.sealed
    record = decode(sealed.payload)
    if sealed.id != logged.id or record.world != roster.world:
        raise BrokenLink(record_id=logged.id, hashes_to=sealed.id, world=record.world.name)
    check_signature(sealed, roster.key(record.origin, sealed.key_id))
    number, before = last.get(record.lane, (0, None))
    last[record.lane] = (record.number, sealed.id)
    if (record.number, record.prev) != (number + 1, before):
        raise BrokenLink(record_id=logged.id, number=record.number, after=number)


def export(layout: Layout, world: World, to: BinaryIO) -> None:
    """A first line with the members' public keys, then one DSSE envelope a line, in log order."""
    store = _open(layout, world)
    roster = keys.load_roster(layout, world)
    public = {code: card.signing_key.hex() for code, card in roster.cards.items()}
    to.write(msgspec.json.encode({"world": world.name, "node": roster.me, "keys": public}) + b"\n")
    to.writelines(msgspec.json.encode(envelope(logged.sealed)) + b"\n" for logged in _all(store))
    store.close()


def rebuild(layout: Layout, world: World) -> Rebuilt:
    """Make every view again and compare. Raises WorldInUse while the node runs."""
    catalogue = Catalogue(INSTRUMENTS)
    store = Store(layout.world(world).database, world, catalogue.tables)
    began = time.monotonic()
    before, after, folded = rebuild_views(store, catalogue)
    seconds = time.monotonic() - began
    store.close()
    differs = sorted(name for name in after if before.get(name) != after[name])
    return Rebuilt(world=world.name, records=folded, seconds=round(seconds, 3), views=after, differs=differs)


def _open(layout: Layout, world: World) -> Store:
    return Store(layout.world(world).database, world, (), writes=False)


def _all(store: Store) -> Iterator[Logged]:
    position = 0
    while True:
        with store.reading() as from_:
            batch = store.after(from_, position, READ_BATCH)
        if not batch:
            return
        yield from batch
        position = batch[-1].position


_L, _G = schema.lane, schema.log
_COUNTS = (
    sa.select(_L.c.origin, _G.c.kind, sa.func.count().label("records"))
    .join(_L, _L.c.lane == _G.c.lane)
    .group_by(_L.c.origin, _G.c.kind)
    .order_by(_L.c.origin, _G.c.kind)
)
_HELD = sa.select(sa.func.count()).select_from(schema.held)
_FORKS = sa.select(sa.func.count()).select_from(schema.fork)
