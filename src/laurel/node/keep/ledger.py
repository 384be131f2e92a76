"""What can be done with a log at rest: count it, verify it, export it, make its views again."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any, BinaryIO, TypedDict

import msgspec
import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy import Connection, bindparam

from laurel.border.admit import Kinds
from laurel.core.errors import LaurelError, Nothing, WrongWorld
from laurel.core.record import Precedence, Record, Sealed, World, check_signature, decode, envelope, key_id
from laurel.core.roster import Roster, spans_of
from laurel.instruments import INSTRUMENTS
from laurel.instruments.line import keys as line_keys
from laurel.node.home import keys
from laurel.node.home.layout import Layout
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.reader import Reader
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.keep.views import rebuild as rebuild_views
from laurel.node.members import roster_of


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
    gaps: int
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
    with _reading(layout, world) as from_:
        rows = from_.execute(_COUNTS).all()
    return [Count(origin=row.origin, kind=row.kind, records=row.records) for row in rows]


class NotAsWritten(LaurelError):
    """The log does not say what was once written into it."""

    says = "the log is not as it was written"
    remedy = "something was removed, added or altered"


def verify(layout: Layout, world: World) -> Verified:
    """Check every record as a stranger would: hash, world, signature, number, link to the one before.

    And that the columns beside a record say what it says. Returns every fault as a sentence; none
    means that the log holds.
    """
    kinds = Catalogue(INSTRUMENTS).understood
    with _reading(layout, world) as from_:
        roster = _roster(layout, world, from_)
        found = list(faults(from_, roster, kinds))
        records = from_.execute(_RECORDS).scalar() or 0
        lanes = from_.execute(_LANES).scalar() or 0
        held = from_.execute(_HELD).scalar() or 0
        forks = from_.execute(_FORKS).scalar() or 0
        gaps = from_.execute(_GAPS, {"kinds": list(kinds.that_skip)}).scalar() or 0
    return Verified(world=world.name, records=records, lanes=lanes, held=held, forks=forks, gaps=gaps, faults=found)


def _quietly() -> None:
    """Nobody waits to hear how far it has come."""


def faults(from_: Connection, roster: Roster, kinds: Kinds, passed: Callable[[], None] = _quietly) -> Iterator[str]:
    """Every fault of the log as a sentence. `passed` is called for each record that was looked at.

    A lane is read in the order of its numbers: each record follows the one before. Where numbers are missing, a gap
    that the lane's origin declared covers them, and follows the record before its first.
    """
    lane, gaps, number, record_id = None, (), 0, None
    ends: dict[int, tuple[int, str | None]] = {}
    for row in from_.execute(_LOG):
        if row.lane != lane:
            lane, number, record_id = row.lane, 0, None
            gaps = _gaps(from_, kinds, lane)
        try:
            _check(row, roster)
            _check_place(from_, row, kinds, gaps, number, record_id)
        except LaurelError as error:
            yield f"position {row.position}: {error}"
        passed()
        ends[lane] = number, record_id = row.number, row.id
    for row in from_.execute(_ENDS):
        if ends.get(row.lane, (0, None)) != (row.number, row.head):
            says = f"{Precedence(row.precedence).name} lane of {row.origin} to {row.audience}"
            yield f"the {says} does not end with its head, number {row.number}"


def _gaps(from_: Connection, kinds: Kinds, lane: int) -> list[tuple[int, int]]:
    """The first and last numbers of each gap that was declared in the lane, as far as they can be read."""
    gaps: list[tuple[int, int]] = []
    for row in from_.execute(_SKIPPING, {"of_lane": lane, "kinds": list(kinds.that_skip)}):
        with suppress(LaurelError):
            skipped = kinds.skipped(kinds.read(decode(row.payload))[0])
            gaps += [] if skipped is None else [skipped]
    return gaps


def _check(row: Any, roster: Roster) -> None:
    sealed = Sealed(row.payload, row.signature, row.key_id)
    if sealed.id != row.id:
        raise NotAsWritten(record_id=row.id, its_bytes_hash_to=sealed.id)
    record = decode(sealed.payload)
    if record.world != roster.world:
        raise WrongWorld(record_id=row.id, said_in=record.world.name, offered_to=roster.world.name)
    check_signature(sealed, roster.key_for(record.lane, record.number, sealed.key_id))
    said = (record.origin, " ".join(record.label.rel_to), record.precedence, record.kind, record.number)
    if said != (row.origin, row.audience, row.precedence, row.kind, row.number):
        raise NotAsWritten(record_id=row.id, it_says=said, filed_as=(row.origin, row.kind, row.number))


def _check_place(
    from_: Connection, row: Any, kinds: Kinds, gaps: Sequence[tuple[int, int]], last: int, last_id: str | None
) -> None:
    record = decode(row.payload)
    skipped = kinds.skipped(kinds.read(record)[0]) if gaps else None
    before = last_id
    if skipped is not None and skipped[0] <= last:
        before = from_.execute(_ID_AT, {"of_lane": row.lane, "of_number": skipped[0] - 1}).scalar()
    # What came before a record that turned up alone is lost with it.
    alone = skipped is None and record.number != last + 1
    if not _lost(last + 1, record.number - 1, gaps) or (record.prev != before and not alone):
        raise NotAsWritten(record_id=row.id, number=record.number, comes_after=last)


def _lost(first: int, last: int, gaps: Sequence[tuple[int, int]]) -> bool:
    """Whether all numbers from the first to the last were declared lost."""
    for begin, end in sorted(gaps):
        if begin <= first:
            first = max(first, end + 1)
    return first > last


def export(layout: Layout, world: World, to: BinaryIO) -> None:
    """A first line with all keys that each member ever signed with, then one DSSE envelope a line, in log order."""
    with _reading(layout, world) as from_:
        roster = _roster(layout, world, from_)
        public = {
            code: {key_id(span.key): span.key.public_bytes_raw().hex() for span in roster.spans[code]}
            for code in sorted(roster.cards)
        }
        to.write(msgspec.json.encode({"world": world.name, "node": roster.me, "keys": public}) + b"\n")
        for row in from_.execute(_EXPORTED):
            sealed = Sealed(row.payload, row.signature, row.key_id)
            to.write(msgspec.json.encode(envelope(sealed)) + b"\n")


def records_of(layout: Layout, world: World) -> list[tuple[str, Record[Raw]]]:
    """Every record of the log by its id, in log order."""
    with _reading(layout, world) as from_:
        return [(row.id, decode(row.payload)) for row in from_.execute(_NAMED)]


def rebuild(layout: Layout, world: World) -> Rebuilt:
    """Make every view again and compare. Raises WorldInUse while the node runs."""
    place = layout.world(world)
    if not place.database.exists():
        raise Nothing(log_of=world.name, database=place.database)
    catalogue = Catalogue(INSTRUMENTS)
    with closing(Store(place.database, world, catalogue.tables)) as store:
        bring_up_to_date(store, catalogue)
        began = time.monotonic()
        before, after, folded = rebuild_views(store, catalogue)
        seconds = time.monotonic() - began
    differs = sorted(name for name in after if before.get(name) != after[name])
    return Rebuilt(world=world.name, records=folded, seconds=round(seconds, 3), views=after, differs=differs)


def told_keys(layout: Layout, world: World, member: str) -> list[bytes]:
    """The signing keys that our log knows a member by; none when there is no log yet."""
    if not layout.world(world).database.exists():
        return []
    with _reading(layout, world) as from_:
        spans = _roster(layout, world, from_).spans.get(member, ())
    return [span.key.public_bytes_raw() for span in spans]


def _roster(layout: Layout, world: World, from_: Connection) -> Roster:
    """The roster in force. A database that an older Laurel left has no word of keys, nor a table for it."""
    cards = keys.load_roster(layout, world)
    if not sa.inspect(from_).has_table(line_keys.signing.table.name):
        return replace(cards, spans={code: spans_of(card) for code, card in cards.cards.items()})
    return roster_of(cards, Reader(from_), {})


@contextmanager
def _reading(layout: Layout, world: World) -> Generator[Connection]:
    """One moment of the log, whatever a running node adds meanwhile. Raises Nothing when there is no log."""
    with closing(Store(layout.world(world).database, world, (), writes=False)) as store, store.reading() as from_:
        yield from_


_L, _G = schema.lane, schema.log
_COUNTS = (
    sa.select(_L.c.origin, _G.c.kind, sa.func.count().label("records"))
    .join(_L, _L.c.lane == _G.c.lane)
    .group_by(_L.c.origin, _G.c.kind)
    .order_by(_L.c.origin, _G.c.kind)
)
_WITH_LANES = sa.select(_G, _L.c.origin, _L.c.audience, _L.c.precedence).outerjoin(_L, _L.c.lane == _G.c.lane)
_NAMED = sa.select(_G.c.id, _G.c.payload).order_by(_G.c.position)
_EXPORTED = _WITH_LANES.order_by(_G.c.position).execution_options(yield_per=1_000)
_LOG = _WITH_LANES.order_by(_G.c.lane, _G.c.number).execution_options(yield_per=1_000)
_SKIPPING = sa.select(_G.c.payload).where(
    _G.c.lane == bindparam("of_lane"), _G.c.kind.in_(bindparam("kinds", expanding=True)), _G.c.misread.is_(None)
)
_ID_AT = sa.select(_G.c.id).where(_G.c.lane == bindparam("of_lane"), _G.c.number == bindparam("of_number"))
_RECORDS = sa.select(sa.func.count()).select_from(_G)
_LANES = sa.select(sa.func.count(_G.c.lane.distinct()))
_GAPS = _RECORDS.where(_G.c.kind.in_(bindparam("kinds", expanding=True)), _G.c.misread.is_(None))
_ENDS = sa.select(_L)
_HELD = sa.select(sa.func.count()).select_from(schema.held)
_FORKS = sa.select(sa.func.count()).select_from(schema.fork)
