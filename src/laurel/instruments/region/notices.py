"""Launches that were announced: passed on by a member, cancelled or replaced by the same, matched to what flew.

The warning instrument matches tracks to them, on the system track itself; what alerts said of a notice is shown here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, RecordId
from laurel.core.instrument import Command, Desk, Fold, Item, Kept, Meet, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.region.board_types import MatchRow, NoticeRow, Notices, NoticeState
from laurel.instruments.region.checks import check_interval, check_outline, check_rests_on, told
from laurel.instruments.region.records import NOTICE_CANCELLED, NOTIFIED_LAUNCH, NoticeCancelled, NotifiedLaunch
from laurel.instruments.region.reports import WRITERS
from laurel.instruments.region.scales import grade_means
from laurel.instruments.warning.records import ALERT, Alert, NoticeFit

MOST = 100
SOON = timedelta(days=7)
"""A launch announced within this time stands on the docket."""
MOST_ON_DOCKET = 20
LONGEST_WINDOW = timedelta(days=62)

# Kept

_metadata = MetaData()
notices = Kept(
    Table(
        "region_notice",
        _metadata,
        *said_columns(),
        Column("begins", Text, nullable=False),
        Column("ends", Text, nullable=False),
        Column("notifier", Text, nullable=False),
        Column("notice_number", Text, nullable=False),
        Column("site_name", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("region_notice_ends", "ends"),
    ),
    Meet.ONCE,
    searched=("notifier", "notice_number", "site_name", "words"),
)
ended = Kept(
    Table(
        "region_notice_ended",
        _metadata,
        *said_columns(),
        Column("notice", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Index("region_notice_ended_notice", "notice"),
    ),
    Meet.ONCE,
    searched=("reason",),
)
matched = Kept(
    Table(
        "region_match",
        _metadata,
        *said_columns(),
        Column("notice", Text, nullable=False),
        Column("fit", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("tracks", Text, nullable=False),
        Index("region_match_notice", "notice"),
    ),
    Meet.ONCE,
    searched=("words",),
)
STANDING: NoticeState = "standing"
CANCELLED: NoticeState = "cancelled"
REPLACED: NoticeState = "replaced"
OVER: NoticeState = "over"
_N, _E, _M = notices.table.c, ended.table.c, matched.table.c
_COMING = (
    select(notices.table)
    .where(_N.ends >= bindparam("now"), _N.begins < bindparam("before"))
    .order_by(_N.begins, _N.id)
    .limit(bindparam("most"))
)
_PAST = select(notices.table).where(_N.ends < bindparam("now")).order_by(_N.ends.desc(), _N.id).limit(bindparam("most"))
_CALLED = select(notices.table).where(_N.id == bindparam("called"))
_ENDED = select(ended.table).where(_E.notice.in_(bindparam("ids", expanding=True))).order_by(_E.at, _E.number, _E.id)
_MATCHED = select(matched.table).where(_M.notice.in_(bindparam("ids", expanding=True))).order_by(_M.at, _M.id)


def fold_notice(record_id: str, record: Record[NotifiedLaunch]) -> Rows:
    """One row for each notice, and one for the notice that it replaces."""
    body, said = record.body, said_row(record_id, record)
    row = {
        "begins": as_text(min(one.begins_at for one in body.windows)),
        "ends": as_text(max(one.ends_at for one in body.windows)),
        "notifier": body.notifier,
        "notice_number": body.number,
        "site_name": body.site_name,
        "words": body.words,
        "body": msgspec.json.encode(body).decode(),
    }
    rows = [(notices, {**said, **row})]
    if body.replaces is not None:
        rows.append((ended, {**said, "notice": body.replaces, "state": REPLACED, "reason": body.number}))
    return rows


def fold_cancelled(record_id: str, record: Record[NoticeCancelled]) -> Rows:
    """One row for each cancellation."""
    row = {"notice": record.body.notice, "state": CANCELLED, "reason": record.body.reason}
    return ((ended, {**said_row(record_id, record), **row}),)


def fold_alert(record_id: str, record: Record[Alert]) -> Rows:
    """One row for each alert that names a notice."""
    named = record.body.notice
    if named is None:
        return ()
    row = {
        "notice": named.notice,
        "fit": named.fit.value,
        "words": named.words,
        "tracks": " ".join(record.body.tracks),
    }
    return ((matched, {**said_row(record_id, record), **row}),)


# Shown


class NoticesAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How many notices, at most."""

    most: Annotated[int, Meta(ge=1, le=500)] = MOST


def answer_notices(ask: NoticesAsk, view: View, now: datetime) -> Notices:
    """Launches that were announced, and what our nodes' alerts matched to each."""
    coming = view.rows(_COMING, now=as_text(now), before="9", most=ask.most + 1)
    past = view.rows(_PAST, now=as_text(now), most=ask.most + 1 - len(coming)) if len(coming) <= ask.most else ()
    rows = [*coming, *past]
    return Notices(now, tuple(_shown(view, rows[: ask.most], now)), len(rows) > ask.most)


def _shown(view: View, rows: Sequence[Row[Any]], now: datetime) -> list[NoticeRow]:
    ids = [row.id for row in rows]
    ends = _endings(view, rows)
    matches: defaultdict[str, list[MatchRow]] = defaultdict(list)
    for row in view.rows(_MATCHED, ids=ids):
        matches[row.notice].append(_match(row))
    return [_row(row, ends.get(row.id), matches[row.id], now) for row in rows]


def _endings(view: View, rows: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    """What ended each, if the member that passed it on said so: its last word."""
    by = {row.id: row.by_member for row in rows}
    return {row.notice: row for row in view.rows(_ENDED, ids=list(by)) if row.by_member == by[row.notice]}


def _row(row: Row[Any], end: Row[Any] | None, matches: Sequence[MatchRow], now: datetime) -> NoticeRow:
    body = msgspec.json.decode(row.body, type=NotifiedLaunch)
    state: NoticeState = OVER if row.ends < as_text(now) else STANDING
    because = ""
    if end is not None:
        state = CANCELLED if end.state == CANCELLED else REPLACED
        because = end.reason if state == CANCELLED else f"replaced by {end.reason}"
    return NoticeRow(
        id=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        notice=body,
        grade_means=grade_means(body.grade),
        state=state,
        because=because,
        replaced_by=end.id if end is not None and state == REPLACED else None,
        matches=tuple(matches),
        banner=label_of(row.label).banner,
    )


def _match(row: Row[Any]) -> MatchRow:
    return MatchRow(
        alert=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        tracks=tuple(row.tracks.split()),
        fit=NoticeFit(row.fit),
        words=row.words,
    )


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each launch that is announced for the next days."""
    rows = view.rows(_COMING, now=as_text(now), before=as_text(now + SOON), most=MOST_ON_DOCKET)
    ends = _endings(view, rows)
    return [_item(row, now) for row in rows if row.id not in ends]


def _item(row: Row[Any], now: datetime) -> Item:
    body = msgspec.json.decode(row.body, type=NotifiedLaunch)
    window = min((one for one in body.windows if one.ends_at >= now), key=lambda one: one.begins_at)
    times = f"{window.begins_at:%d %b %Y %H:%M} to {window.ends_at:%d %b %Y %H:%M} UTC"
    return Item(
        subject=row.id,
        title=f"Launch notified by {body.notifier}: {body.vehicle.value.replace('-', ' ')} from {body.site_name}",
        state="window open" if window.begins_at <= now else "notified",
        due=window.begins_at,
        offices=("watch officer",),
        label=label_of(row.label),
        summary=f"{body.source} {body.number} ({body.grade}), {times}.",
    )


# Asked


class NotifyLaunchAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Pass on the notice of a launch. `label`: who is told, and whose tracks it is matched to."""

    notice: NotifiedLaunch
    label: Label


class CancelNoticeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice that we passed on holds no more: nothing is taken for it. Those are told who were told of it."""

    notice: RecordId
    language: Language
    reason: Line


def notify(ask: NotifyLaunchAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that it was announced. Raises BadField, BadOutline, Nothing, NotPermitted, TakenBack, TooWide."""
    body = ask.notice
    for place, window in enumerate(body.windows):
        check_interval(f"notice.windows[{place}]", window)
        if window.ends_at - window.begins_at > LONGEST_WINDOW:
            must_be = f"within {LONGEST_WINDOW.days} days: a window as long as that would excuse anything"
            raise BadField(field=f"notice.windows[{place}]", value=window.ends_at.isoformat(), must_be=must_be)
    for place, area in enumerate(body.areas):
        check_outline(f"notice.areas[{place}].outline", area.outline)
    if body.replaces is not None:
        _own(body.replaces, view, desk)
    rests_on = () if body.report is None else (body.report,)
    check_rests_on(rests_on, ask.label, view)
    about = (*rests_on, *(() if body.replaces is None else (body.replaces,)))
    return (Draft(body, ask.label, Precedence.IMMEDIATE, about=about),)


def cancel(ask: CancelNoticeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that it holds no more. Raises Nothing, NotPermitted."""
    row = _own(ask.notice, view, desk)
    body = NoticeCancelled(ask.notice, ask.language, ask.reason)
    label = told(label_of(row.label), desk)
    return (Draft(body, label, Precedence.IMMEDIATE, about=(ask.notice,), answers=ask.notice),)


def _own(notice: str, view: View, desk: Desk) -> Row[Any]:
    """The notice that we passed on. Raises Nothing, NotPermitted."""
    row = next(iter(view.rows(_CALLED, called=notice)), None)
    if row is None:
        raise Nothing(notice=notice, list="laurel region notices")
    if row.by_member != desk.member:
        raise NotPermitted(why="who passed a notice on ends it", notice=notice, of=row.by_member)
    return row


COMMANDS: tuple[Command[Any], ...] = (
    Command("notify-launch", NotifyLaunchAsk, notify, WRITERS),
    Command(
        "cancel-notice",
        CancelNoticeAsk,
        cancel,
        WRITERS,
        confirm="Cancel this notice? What flies then is unannounced.",
    ),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("notices", NoticesAsk, Notices, answer_notices),)
FOLDS: Mapping[str, Fold] = {
    NOTIFIED_LAUNCH.name: fold_notice,
    NOTICE_CANCELLED.name: fold_cancelled,
    ALERT.name: fold_alert,
}
NOUN = Noun(tables=(notices, ended, matched), folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
