"""One record's whole story at one node: said, let go, carried, taken in, seen, derived from, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.core.record import Precedence, Record, decode
from laurel.instruments.line.records import HONOURED, RETRACTED, Honoured, Retracted
from laurel.node.keep import schema

SAW, OPENED, CLOSED = "saw", "stream-opened", "stream-closed"
SCREENS = {OPENED: 1, CLOSED: -1}
SHARED = ("docket", "stream")
AS_OF = "as of position "

SAYS: Mapping[str, str] = {
    "release": "let go to",
    "withheld": "kept from",
    "admitted": "taken in from",
    "held": "held behind a gap, from",
    "duplicate": "came again, from",
    "fork": "contradicts its lane, from",
    "refused": "refused from",
    "dropped": "not held, from",
    "relayed": "carried by",
    "derived": "a sanitised one made for",
}


class Event(TypedDict):
    """Something that happened to a record: when, what, who or to whom, and more of it."""

    at: str
    what: str
    who: str
    more: str


def story(from_: Connection, record_id: str) -> list[Event]:
    """All that this node knows of a record, in order. Empty when it knows nothing."""
    found = from_.execute(_LOGGED, {"of": record_id}).first()
    events = [*_decided(from_, record_id)]
    if found is not None:
        record = decode(found.payload)
        events = [_said(found, record), *events, *_waits(from_, found.position), *_derived(from_, record_id)]
        events += [*_seen(from_, found, record), *_taken_back(from_, record_id, record)]
    return sorted(events, key=lambda event: event["at"])


def _said(found: Any, record: Record[Any]) -> Event:
    more = f"{record.kind}, {record.label.banner}, {Precedence(record.precedence).name}, number {record.number}"
    return Event(at=found.taken_at, what="in the log", who=f"{record.origin} {record.author}", more=more)


def _decided(from_: Connection, record_id: str) -> Iterator[Event]:
    for row in from_.execute(_DECIDED, {"of": record_id}):
        more = ", ".join(part for part in (f"policy {row.policy}", row.digest[:12], row.why) if part)
        what = SAYS.get(row.decision, row.decision)
        yield Event(at=row.at, what=what, who=f"{row.member} {row.author}".strip(), more=more)


def _waits(from_: Connection, position: int) -> Iterator[Event]:
    released = from_.execute(_RELEASED, {"at_position": position}).all()
    waiting = {row.peer: row.via for row in from_.execute(_WAITS, {"at_position": position})}
    for row in released:
        if row.member in waiting:
            via = waiting[row.member]
            more = f"by {via}" if via else ""
            yield Event(at=row.at, what="still waits to be carried to", who=row.member, more=more)
        else:
            yield Event(at=row.at, what="carried: on the road's disk, to", who=row.member, more="")


def _derived(from_: Connection, record_id: str) -> Iterator[Event]:
    for row in from_.execute(_DERIVED, {"of": record_id}):
        if row.record == record_id:
            yield Event(at=row.taken_at, what="is sanitised, made from", who="", more=row.original)
        else:
            yield Event(at=row.taken_at, what="sanitised, as another record", who="", more=row.record)


def _seen(from_: Connection, found: Any, record: Record[Any]) -> Iterator[Event]:
    """Each author's first look by which it could be seen: a query of its instrument, the docket, an open stream."""
    shows = {record.kind.partition(".")[0], *SHARED}
    screens, first = Counter[str](), dict[tuple[str, str], str]()
    for row in from_.execute(_LOOKS):
        if row.at <= found.taken_at:
            screens[row.author] += SCREENS.get(row.decision, 0)
        elif row.decision == OPENED:
            first.setdefault((row.author, "stream"), row.at)
        elif row.decision == SAW and row.policy.partition("/")[0] in shows and _position(row.why) >= found.position:
            first.setdefault((row.author, row.policy), row.at)
    first |= {(author, "stream"): found.taken_at for author, count in screens.items() if count > 0}
    for (author, path), at in first.items():
        yield Event(at=at, what="could be seen by", who=author, more=path)


def _position(why: str) -> int:
    number = why.removeprefix(AS_OF)
    return int(number) if number.isdigit() else 0


def _taken_back(from_: Connection, record_id: str, record: Record[Any]) -> Iterator[Event]:
    """Read in the log itself, which forgets nothing."""
    told: dict[str, set[str]] = {}
    for row, said, body in _of_kind(from_, RETRACTED.name, Retracted):
        if body.record != record_id:
            continue
        told[row.id] = set(record.label.rel_to) - {said.origin}
        what = "taken back by" if said.origin == record.origin else "not taken back, whatever says"
        instead = f"; instead {body.instead}" if body.instead else ""
        more = f"{body.reason}{instead} (retraction {row.id})"
        yield Event(at=row.taken_at, what=what, who=f"{said.origin} {said.author}", more=more)
    for row, said, body in _of_kind(from_, HONOURED.name, Honoured):
        if body.retraction in told:
            told[body.retraction].discard(said.origin)
            yield Event(at=row.taken_at, what="honoured by", who=said.origin, more=f"retraction {body.retraction}")
    for retraction, waiting in told.items():
        if waiting:
            who = ", ".join(sorted(waiting))
            yield Event(at="not yet", what="not honoured by", who=who, more=f"retraction {retraction}")


def _of_kind(from_: Connection, kind: str, body: type[Any]) -> Iterator[tuple[Any, Record[Any], Any]]:
    for row in from_.execute(_OF_KIND, {"kind": kind}):
        said = decode(row.payload)
        yield row, said, msgspec.json.decode(said.body, type=body)


_A, _G, _D, _O = schema.audit.c, schema.log.c, schema.derived.c, schema.outbox.c
_LOGGED = sa.select(_G.position, _G.taken_at, _G.payload).where(_G.id == bindparam("of"))
_DECIDED = sa.select(schema.audit).where(_A.record == bindparam("of")).order_by(_A.line)
_RELEASED = (
    sa.select(_A.member, sa.func.min(_A.at).label("at"))
    .join(schema.log, _G.id == _A.record)
    .where(_G.position == bindparam("at_position"), _A.decision == "release")
    .group_by(_A.member)
)
_WAITS = sa.select(_O.peer, _O.via).where(_O.position == bindparam("at_position"))
_DERIVED = (
    sa.select(_D.record, _D.original, _G.taken_at)
    .join(schema.log, _G.position == _D.position)
    .where((_D.original == bindparam("of")) | (_D.record == bindparam("of")))
    .order_by(_D.position)
)
_LOOKS = (
    sa.select(_A.at, _A.decision, _A.author, _A.policy, _A.why)
    .where(_A.decision.in_((SAW, OPENED, CLOSED)))
    .order_by(_A.line)
    .execution_options(yield_per=1_000)
)
_OF_KIND = (
    sa.select(_G.id, _G.taken_at, _G.payload)
    .where(_G.kind == bindparam("kind"), _G.misread.is_(None))
    .order_by(_G.position)
)
