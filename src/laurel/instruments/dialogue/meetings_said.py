"""What was said of meetings, and what follows: how each stands, and which comes before and after it.

A meeting is its convener's: what others say of it changes nothing. The convener's last word holds, in the order in
which it was said; that is one member's own clock, and no other's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Row, Table, Text, and_, bindparam, func, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Fold, Kept, Meet, Rows, View
from laurel.core.record import Record, as_text, in_utc
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.dialogue.meeting_types import MeetingRow, MeetingState
from laurel.instruments.dialogue.records import (
    AGENDA,
    MEETING,
    MEETING_CHANGED,
    MINUTES,
    PAPER,
    Agenda,
    Change,
    Meeting,
    MeetingChanged,
    Minutes,
    Paper,
)
from laurel.instruments.dialogue.series_said import Declared, declared, encoded

_metadata = MetaData()
meetings = Kept(
    Table(
        "dialogue_meeting",
        _metadata,
        *said_columns(),
        Column("series", Text, nullable=False),
        Column("begins_at", Text, nullable=False),
        Column("host", Text),
        Column("held", Boolean, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("dialogue_meeting_series", "series", "begins_at"),
        Index("dialogue_meeting_begins", "begins_at"),
    ),
    Meet.ONCE,
    searched=("words",),
)
changes = Kept(
    Table(
        "dialogue_meeting_change",
        _metadata,
        Column("meeting", Text, primary_key=True),
        Column("by_member", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("change", Text, nullable=False),
        Column("begins_at", Text),
        Column("body", Text, nullable=False),
        Index("dialogue_meeting_change_begins", "begins_at"),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
)
words = Kept(
    Table(
        "dialogue_meeting_word",
        _metadata,
        *said_columns(),
        Column("meeting", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("dialogue_meeting_word_meeting", "meeting"),
    ),
    Meet.ONCE,
    searched=("words",),
)
TABLES = (meetings, changes, words)

_M, _C, _W = meetings.table.c, changes.table.c, words.table.c
BEGINS = func.coalesce(_C.begins_at, _M.begins_at)
TOGETHER = meetings.table.outerjoin(changes.table, and_(_C.meeting == _M.id, _C.by_member == _M.by_member))
_COLUMNS = (
    _M.id,
    _M.at,
    _M.by_member,
    _M.label,
    _M.body,
    _M.series,
    BEGINS.label("begins"),
    _C.at.label("changed_at"),
    _C.body.label("changed"),
)
_ALL = select(*_COLUMNS).select_from(TOGETHER)
_IN_ORDER = (BEGINS, _M.id)
_SOME = _ALL.where(_M.id.in_(bindparam("ids", expanding=True))).order_by(*_IN_ORDER)
_OF_SERIES = _ALL.where(_M.series == bindparam("series")).order_by(*_IN_ORDER)
HELD = func.coalesce(_C.change == Change.HELD.value, _M.held)
_LINES = (
    select(_M.id, _M.series, _M.host, BEGINS.label("begins"), HELD.label("held"))
    .select_from(TOGETHER)
    .where(
        _M.series.in_(bindparam("series", expanding=True)),
        func.coalesce(_C.change, "") != Change.CANCELLED.value,
    )
    .order_by(*_IN_ORDER)
)
_BETWEEN = _ALL.where(bindparam("since") <= BEGINS, bindparam("until") >= BEGINS).order_by(*_IN_ORDER)
_LAST = (
    _ALL.where(bindparam("since") <= BEGINS, bindparam("until") >= BEGINS)
    .order_by(BEGINS.desc(), _M.id)
    .limit(bindparam("most"))
)
_COUNTS = (
    select(_W.meeting, func.count().label("times"))
    .join(meetings.table, and_(_M.id == _W.meeting, _M.by_member == _W.by_member))
    .where(_W.meeting.in_(bindparam("of", expanding=True)), _W.kind == MEETING_CHANGED.name)
    .group_by(_W.meeting)
)
_WORDS = select(words.table).where(_W.meeting == bindparam("of")).order_by(_W.at, _W.number, _W.id)


# Folds


def fold_meeting(record_id: str, record: Record[Meeting]) -> Rows:
    """One row for each meeting."""
    body = record.body
    row = {
        "series": body.series,
        "begins_at": as_text(body.begins_at),
        "host": body.host,
        "held": body.held,
        "words": f"{body.title}\n{body.place}",
        "body": encoded(body),
    }
    return ((meetings, {**said_row(record_id, record), **row}),)


def fold_changed(record_id: str, record: Record[MeetingChanged]) -> Rows:
    """The last word of each member on each meeting, and a line in its story."""
    body = record.body
    row = {
        "meeting": body.meeting,
        "by_member": record.origin,
        "at": as_text(record.at),
        "number": record.number,
        "id": record_id,
        "change": body.change.value,
        "begins_at": None if body.begins_at is None else as_text(body.begins_at),
        "body": encoded(body),
    }
    return ((changes, row), _word(record_id, record, body.meeting, body.reason))


def fold_agenda(record_id: str, record: Record[Agenda]) -> Rows:
    """One row for each agenda."""
    said = "\n".join(text for one in record.body.items for text in (one.title, one.summary) if text)
    return (_word(record_id, record, record.body.meeting, said),)


def fold_paper(record_id: str, record: Record[Paper]) -> Rows:
    """One row for each paper."""
    body = record.body
    names = [one.name for one in body.attachments]
    return (_word(record_id, record, body.meeting, "\n".join((body.title, *(v.text for v in body.versions), *names))),)


def fold_minutes(record_id: str, record: Record[Minutes]) -> Rows:
    """One row for each minutes."""
    return (_word(record_id, record, record.body.meeting, "\n".join(one.text for one in record.body.versions)),)


def _word(record_id: str, record: Record[Any], meeting: str, said: str) -> tuple[Kept, dict[str, Any]]:
    row = {"meeting": meeting, "kind": record.kind, "words": said, "body": encoded(record.body)}
    return words, {**said_row(record_id, record), **row}


FOLDS: Mapping[str, Fold] = {
    MEETING.name: fold_meeting,
    MEETING_CHANGED.name: fold_changed,
    AGENDA.name: fold_agenda,
    PAPER.name: fold_paper,
    MINUTES.name: fold_minutes,
}


# Judged


@dataclass(frozen=True)
class Told:
    """A meeting, and what its convener said of it last."""

    id: str
    convener: str
    at: datetime
    label_text: str
    meeting: Meeting
    changed_at: datetime
    changed: MeetingChanged | None

    @property
    def begins_at(self) -> datetime:
        """As it was said last."""
        return in_utc((self.changed and self.changed.begins_at) or self.meeting.begins_at)

    @property
    def ends_at(self) -> datetime:
        """As it was said last."""
        return in_utc((self.changed and self.changed.ends_at) or self.meeting.ends_at)

    @property
    def off(self) -> bool:
        """Whether it was cancelled."""
        return self.changed is not None and self.changed.change is Change.CANCELLED

    @property
    def held(self) -> bool:
        """Whether its convener says that it was held."""
        if self.changed is None:
            return self.meeting.held
        return self.changed.change is Change.HELD


def over_at(told: Told) -> datetime:
    """When its time is over: where the hours are not known, with its last day, as UTC counts days."""
    if not told.meeting.all_day:
        return told.ends_at
    return told.ends_at.replace(hour=23, minute=59, second=59, microsecond=999_999)


@dataclass(frozen=True, order=True)
class Place:
    """Where a meeting stands among those of its series: when it begins, as text that sorts as time does, and its id."""

    begins: str
    id: str
    host: str | None = field(default=None, compare=False)
    held: bool = field(default=False, compare=False)


def state_of(told: Told, now: datetime) -> MeetingState:
    """Planned, moved, cancelled, held, or past: its time is over, and nobody said that it was held."""
    if told.off or told.held:
        return "cancelled" if told.off else "held"
    if now > over_at(told):
        return "past"
    return "planned" if told.changed is None else "moved"


# Read


def one(view: View, meeting: str) -> Told:
    """The meeting of that id. Raises Nothing."""
    for told in some(view, [meeting]):
        return told
    raise Nothing(meeting=meeting, list="laurel dialogue meetings")


def some(view: View, ids: Sequence[str]) -> list[Told]:
    """The meetings of these ids, the first to begin first."""
    return [_told(row) for row in view.rows(_SOME, ids=list(ids))]


def of_series(view: View, name: str) -> list[Told]:
    """Every meeting of that series, the first to begin first."""
    return [_told(row) for row in view.rows(_OF_SERIES, series=name)]


def lines(view: View, names: Sequence[str]) -> Mapping[str, Sequence[Place]]:
    """Of each of these series the meetings that were not cancelled, the first to begin first."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for row in view.rows(_LINES, series=list(names)):
        found[row.series].append(Place(row.begins, row.id, row.host, bool(row.held)))
    return found


def between(view: View, since: datetime, until: datetime) -> list[Told]:
    """Every meeting that begins then, the first first."""
    return [_told(row) for row in view.rows(_BETWEEN, since=as_text(since), until=as_text(until))]


def last_of(view: View, since: datetime, until: datetime, most: int) -> list[Told]:
    """So many of those that begin then, the last first."""
    return [_told(row) for row in view.rows(_LAST, since=as_text(since), until=as_text(until), most=most)]


def words_of(view: View, meeting: str) -> Sequence[Row[Any]]:
    """All that was said of it, in the order of saying."""
    return view.rows(_WORDS, of=meeting)


def _told(row: Row[Any]) -> Told:
    at = datetime.fromisoformat(row.at)
    return Told(
        id=row.id,
        convener=row.by_member,
        at=at,
        label_text=row.label,
        meeting=msgspec.json.decode(row.body, type=Meeting),
        changed_at=at if row.changed is None else datetime.fromisoformat(row.changed_at),
        changed=None if row.changed is None else msgspec.json.decode(row.changed, type=MeetingChanged),
    )


def rows_of(view: View, told: Sequence[Told], now: datetime) -> tuple[MeetingRow, ...]:
    """As they are shown: with the names of their series, and what comes before and after each."""
    known = declared(view)
    places = lines(view, sorted({one.meeting.series for one in told}))
    times = {row.meeting: row.times for row in view.rows(_COUNTS, of=[one.id for one in told])}
    return tuple(
        _row(each, known.get(each.meeting.series), places.get(each.meeting.series, ()), times.get(each.id, 0), now)
        for each in told
    )


def _row(told: Told, series: Declared | None, line: Sequence[Place], times: int, now: datetime) -> MeetingRow:
    meeting, changed = told.meeting, told.changed
    own = Place(as_text(told.begins_at), told.id)
    before, after = bisect_left(line, own), bisect_right(line, own)
    label = label_of(told.label_text)
    return MeetingRow(
        id=told.id,
        convener=told.convener,
        series=meeting.series,
        series_title=series.series.title if series else meeting.series,
        tier=series.series.tier if series else None,
        title=meeting.title,
        language=meeting.language,
        begins_at=told.begins_at,
        ends_at=told.ends_at,
        place=(changed and changed.place) or meeting.place,
        time_zone=(changed and changed.time_zone) or meeting.time_zone,
        host=meeting.host,
        all_day=meeting.all_day,
        state=state_of(told, now),
        reason=changed.reason if changed else "",
        previous=meeting.previous or (line[before - 1].id if before else None),
        next=line[after].id if after < len(line) else None,
        source=meeting.source,
        said_at=told.at,
        changed_at=told.changed_at,
        changes=times,
        label=label,
        banner=label.banner,
    )
