"""The audit for a screen: a page at a time, the chain a stretch at a time, so that a million lines stay quick.

Lines are numbered without a gap, and time goes on with them: both are looked up by halving, never by reading all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, bindparam

from laurel.core.record import decode
from laurel.instruments.office.records import AUDIT_ANCHORED, AuditAnchored
from laurel.node.keep import schema
from laurel.node.keep.audit import Line, encoded, line_of, link
from laurel.node.keep.inquiry import Wanted, anchored_chains, ends_early, fault_of, selected

# Looked through for one page: as many as are read in a tenth of a second.
LOOKED_THROUGH = 200_000
CHECKED_AT_ONCE = 5_000
COUNTED = 200_000
HOURS = timedelta(hours=24)
BATCH = 2_000


class AuditPage(Struct, frozen=True):
    """The last lines that match, in their order, and the kinds of their records that stand in the log.

    `before` asks for what stands before: None when that is nothing. `looked_to` is when the oldest line was written
    that was looked at: a page may hold less than was wanted, although there is more.
    """

    lines: tuple[Line, ...]
    before: int | None
    looked_to: str | None
    kinds: Mapping[str, str]


class AuditStand(Struct, frozen=True):
    """How long the audit is, where its chain stands, and the last of it that a signed record vouches for."""

    lines: int
    chain: str
    first_at: str | None
    last_at: str | None
    anchored_line: int | None
    anchored_at: datetime | None


class ChainChecked(Struct, frozen=True):
    """The chain up to a line, made again; the first fault as a sentence, or None. `done` at the last line."""

    line: int
    chain: str
    lines: int
    done: bool
    fault: str | None


class HourTally(Struct, frozen=True):
    """How often one thing was decided about one member within an hour that begins then."""

    hour: str
    member: str
    decision: str
    count: int


class AuditHours(Struct, frozen=True):
    """What was let go, kept back and refused within the last day, or among the last lines where those are too many."""

    since: str | None
    tallies: tuple[HourTally, ...]


def page(from_: Connection, wanted: Wanted, kind: str | None, until: datetime | None) -> AuditPage:
    """The last lines before `until` that match all that is given, among as many as can be looked through at once."""
    end = min(_end(from_), wanted.before or _MOST, _MOST if until is None else line_at(from_, until))
    begin = 1 if wanted.since is None else line_at(from_, wanted.since)
    narrow = (wanted.author, wanted.member, wanted.decision, kind)
    floor = begin if wanted.record is not None or narrow == (None,) * 4 else max(begin, end - LOOKED_THROUGH)
    rows = from_.execute(selected(wanted, floor, end, kind)).all()
    lines = tuple(line_of(row) for row in reversed(rows))
    oldest = lines[0].line if len(lines) == wanted.limit else floor
    looked_to = from_.execute(_AT, {"line": oldest}).scalar()
    return AuditPage(lines, oldest if oldest > begin else None, looked_to, _kinds(from_, lines))


def stand(from_: Connection) -> AuditStand:
    """As it is now."""
    last, first = from_.execute(_LAST).first(), from_.execute(_AT, {"line": 1}).scalar()
    anchor = from_.execute(_LAST_ANCHOR).first()
    body = None if anchor is None else msgspec.json.decode(decode(anchor.payload).body, type=AuditAnchored)
    return AuditStand(
        lines=0 if last is None else last.line,
        chain="" if last is None else last.chain,
        first_at=first,
        last_at=None if last is None else last.at,
        anchored_line=None if body is None else body.line,
        anchored_at=None if anchor is None else decode(anchor.payload).at,
    )


def check(from_: Connection, after: int, chain: str) -> ChainChecked:
    """Make the chain again from where it stood after a line, for one stretch, and hold it against what is written."""
    anchors = anchored_chains(from_)
    line = after
    for row in from_.execute(_AFTER, {"after": after, "most": CHECKED_AT_ONCE}):
        line, chain = line + 1, link(chain, encoded(line_of(row)))
        fault = fault_of(line_of(row), line, chain, row.chain, anchors.get(row.line))
        if fault is not None:
            return ChainChecked(line, chain, _end(from_) - 1, done=True, fault=fault)
    lines = _end(from_) - 1
    cut = [number for number in anchors if number > lines]
    done = line >= lines
    return ChainChecked(line, chain, lines, done, ends_early(lines, cut) if done and cut else None)


def hours(from_: Connection, now: datetime) -> AuditHours:
    """Counted by hour and member. Only what crosses the border, or was to, has a member beside ours."""
    begin = max(line_at(from_, now - HOURS), _end(from_) - COUNTED)
    rows = from_.execute(_TALLIES, {"begin": begin}).all()
    since = from_.execute(_AT, {"line": max(begin, 1)}).scalar()
    return AuditHours(since, tuple(HourTally(row.hour, row.member, row.decision, row.times) for row in rows))


def stretch(from_: Connection, after: int) -> Sequence[Line]:
    """The lines after that one, as many as are read at once. None when it was the last."""
    return [line_of(row) for row in from_.execute(_AFTER, {"after": after, "most": BATCH})]


def line_at(from_: Connection, at: datetime) -> int:
    """The number of the first line that was written then or later; one more than there are when none was."""
    wanted, low, high = at.astimezone(UTC).isoformat(), 1, _end(from_)
    while low < high:
        middle = (low + high) // 2
        written = from_.execute(_AT, {"line": middle}).scalar()
        if written is not None and written < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _end(from_: Connection) -> int:
    """One more than the number of the last line."""
    last = from_.execute(_LAST).first()
    return 1 if last is None else last.line + 1


def _kinds(from_: Connection, lines: Sequence[Line]) -> dict[str, str]:
    ids = sorted({one.record for one in lines if one.record})
    return {row.id: row.kind for row in _in_parts(from_, ids)}


def _in_parts(from_: Connection, ids: Sequence[str]) -> Iterator[Any]:
    for first in range(0, len(ids), BATCH):
        yield from from_.execute(_KINDS, {"ids": ids[first : first + BATCH]})


_MOST = 1 << 62
_CROSSING = ("release", "withheld", "refused", "admitted")
_A, _G = schema.audit.c, schema.log.c
_AT = sa.select(_A.at).where(_A.line == bindparam("line"))
_LAST = sa.select(_A.line, _A.at, _A.chain).order_by(_A.line.desc()).limit(1)
_AFTER = sa.select(schema.audit).where(_A.line > bindparam("after")).order_by(_A.line).limit(bindparam("most"))
_LAST_ANCHOR = (
    sa.select(_G.payload)
    .where(_G.kind == AUDIT_ANCHORED.name, _G.misread.is_(None))
    .order_by(_G.position.desc())
    .limit(1)
)
_KINDS = sa.select(_G.id, _G.kind).where(_G.id.in_(bindparam("ids", expanding=True)))
_HOUR = sa.func.substr(_A.at, 1, 13)
_TALLIES = (
    sa.select(_HOUR.label("hour"), _A.member, _A.decision, sa.func.count().label("times"))
    .where(_A.line >= bindparam("begin"), _A.decision.in_(_CROSSING), _A.member != "")
    .group_by(_HOUR, _A.member, _A.decision)
    .order_by(_HOUR, _A.member, _A.decision)
)
