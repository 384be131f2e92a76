"""What the audit answers: who saw what, who let what go to whom by which policy, who was refused; and whether it holds.

All of it reads: beside a running node, or when the node is down.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypedDict

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from sqlalchemy import Connection, Select

from laurel.core.errors import BadField
from laurel.core.record import World, decode, key_id, pre_authentication_encoding
from laurel.core.roster import Roster
from laurel.instruments.office.records import AUDIT_ANCHORED, AuditAnchored
from laurel.node.home import keys
from laurel.node.home.layout import Layout
from laurel.node.keep import schema
from laurel.node.keep.audit import Line, encoded, line_of, link
from laurel.node.keep.store import Store

AUDIT_TYPE = "application/vnd.laurel.audit.v1+json"
SHORTEST_PREFIX = 8


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines of the audit: the last `limit` of those that match all that is given, before a line if one is."""

    record: str | None = None
    author: str | None = None
    member: str | None = None
    decision: str | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int = 100


class Checked(TypedDict):
    """Whether the chain and its anchors hold: the first fault as a sentence, or None."""

    world: str
    lines: int
    anchors: int
    chain: str
    fault: str | None


def lines(from_: Connection, wanted: Wanted) -> list[Line]:
    """The lines that are wanted, in their order."""
    rows = from_.execute(selected(wanted)).all()
    return [line_of(row) for row in reversed(rows)]


def selected(wanted: Wanted, begin: int = 1, end: int | None = None, kind: str | None = None) -> Select[Any]:
    """What finds them, the last first: from line `begin` on, before `end`, of records of that kind."""
    columns = {"record": _A.record, "author": _A.author, "member": _A.member, "decision": _A.decision}
    given = [(column, getattr(wanted, name)) for name, column in columns.items()]
    found = sa.select(schema.audit).where(*(column == value for column, value in given if value is not None))
    if wanted.since is not None:
        found = found.where(_A.at >= wanted.since.astimezone(UTC).isoformat())
    if wanted.before is not None:
        found = found.where(_A.line < wanted.before)
    if end is not None:
        found = found.where(_A.line >= begin, _A.line < end)
    if kind is not None:
        found = found.where(sa.exists().where(_G.id == _A.record, _G.kind == kind))
    return found.order_by(_A.line.desc()).limit(wanted.limit)


def full_id(from_: Connection, prefix: str) -> str:
    """The id of the record, in the log or refused, that begins so. Raises BadField unless there is just one."""
    if len(prefix) < SHORTEST_PREFIX:
        raise BadField(field="record", value=prefix, must_be=f"the first {SHORTEST_PREFIX} digits of an id or more")
    found: set[str] = set()
    for column in (_G.id, _A.record):
        begins = sa.select(column).where(column >= prefix, column < prefix + "g").distinct().limit(2)
        found |= set(from_.execute(begins).scalars())
    if len(found) != 1:
        raise BadField(field="record", value=prefix, must_be="one record's id", found=len(found))
    return found.pop()


def verify(layout: Layout, world: World) -> Checked:
    """Make the chain again from the lines and compare it, line by line, and with every anchor in the log."""
    with reading(layout, world) as from_:
        anchors = anchored_chains(from_)
        fault, chain, count = None, "", 0
        for line, written in _chained(from_):
            count += 1
            chain = link(chain, encoded(line))
            fault = fault_of(line, count, chain, written, anchors.get(line.line))
            if fault is not None:
                break
        cut = [number for number in anchors if number > count]
        if fault is None and cut:
            fault = ends_early(count, cut)
    return Checked(world=world.name, lines=count, anchors=len(anchors), chain=chain, fault=fault)


def fault_of(line: Line, count: int, chain: str, written: str, anchored: str | None) -> str | None:
    """What is wrong with a line that is to be number `count`, whose chain was made again; None when nothing is."""
    if line.line != count:
        return f"line {count} is missing"
    if chain != written:
        return f"line {count}, of {line.at}, is not as it was written, or one before it is not"
    if anchored not in {None, chain}:
        return (
            f"line {count} and all before it were written anew: a record in the log says that the chain stood elsewhere"
        )
    return None


def _chained(from_: Connection) -> Iterator[tuple[Line, str]]:
    for row in from_.execute(_EVERY):
        yield line_of(row), row.chain


def ends_early(lines: int, cut: Collection[int]) -> str:
    """What is wrong with an audit that holds so many lines, when the log says that there were those."""
    return f"the audit ends at line {lines}, but a record in the log says that there was a line {min(cut)}"


def anchored_chains(from_: Connection) -> dict[int, str]:
    """Where the chain stood after which lines, as records in the log say."""
    bodies = [msgspec.json.decode(decode(one).body, type=AuditAnchored) for one in from_.execute(_ANCHORS).scalars()]
    return {body.line: body.chain for body in bodies}


def export(layout: Layout, world: World, to: BinaryIO, now: datetime) -> None:
    """A first line with our public key, then every line as it is chained, then where the chain ends, signed (DSSE)."""
    made = Export(layout, world)
    to.write(made.head())
    with reading(layout, world) as from_:
        to.writelines(made.written(line) for line, _ in _chained(from_))
    to.write(made.end(now))


class Export:
    """An export while it is written, line by line."""

    def __init__(self, layout: Layout, world: World) -> None:
        self._roster, self._key = keys.load_roster(layout, world), keys.signing_key(layout, world)
        self.count, self._chain = 0, ""

    def head(self) -> bytes:
        """Which world and node, and the key that signs the end."""
        public = self._key.public_key().public_bytes_raw().hex()
        return msgspec.json.encode({"world": self._roster.world.name, "node": self._roster.me, "key": public}) + b"\n"

    def written(self, line: Line) -> bytes:
        """The next line."""
        one = encoded(line)
        self.count, self._chain = self.count + 1, link(self._chain, one)
        return one + b"\n"

    def end(self, now: datetime) -> bytes:
        """Where the chain ends, signed (DSSE)."""
        return _signed(self.count, self._chain, self._roster, self._key, now) + b"\n"


def _signed(count: int, chain: str, roster: Roster, key: Ed25519PrivateKey, now: datetime) -> bytes:
    end = {"world": roster.world.name, "node": roster.me, "lines": count, "chain": chain, "at": now}
    payload = msgspec.json.encode(end)
    signature = {
        "keyid": key_id(key.public_key()),
        "sig": base64.b64encode(key.sign(pre_authentication_encoding(payload, AUDIT_TYPE))).decode(),
    }
    envelope = {"payloadType": AUDIT_TYPE, "payload": base64.b64encode(payload).decode(), "signatures": [signature]}
    return msgspec.json.encode(envelope)


@contextmanager
def reading(layout: Layout, world: World) -> Generator[Connection]:
    """One moment of a world's database, whatever a running node adds meanwhile. Raises Nothing when there is none."""
    with closing(Store(layout.world(world).database, world, (), writes=False)) as store, store.reading() as from_:
        yield from_


_A, _G = schema.audit.c, schema.log.c
_EVERY = sa.select(schema.audit).order_by(_A.line).execution_options(yield_per=1_000)
_ANCHORS = sa.select(_G.payload).where(_G.kind == AUDIT_ANCHORED.name, _G.misread.is_(None))
