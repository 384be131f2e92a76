"""Disruption notices, in the form of the IPEF supply chain agreement, and the meeting that is due within 15 days.

IPEF Agreement Relating to Supply Chain Resilience (in force 24 February 2024), Article 12: a party in a disruption,
or one that expects it, may ask for an emergency meeting, in person or virtual, "as soon as practicable but no later
than 15 days after" it asked; and says the impact, the cause, the expected duration, the sectors, its own measures,
and what help it wants. The 15 days run from when its author says the notice was said; each node judges by its own
clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Boolean, Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core import fields
from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, Name, RecordId, Slug
from laurel.core.instrument import Command, Desk, Fold, Item, Kept, Meet, NoAsk, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, Utc, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.office.records import ours
from laurel.instruments.supply.dataset import home
from laurel.instruments.supply.firms import clean
from laurel.instruments.supply.records import (
    MEET_WITHIN,
    MET,
    NOTICE,
    NOTICE_CLOSED,
    NOTICE_FIRMS,
    Days,
    DisruptionNotice,
    Duration,
    FirmNamed,
    Met,
    NoticeClosed,
    NoticeFirms,
)
from laurel.instruments.supply.told_types import MeetingRow, NoticeRow, Notices

FILERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ANALYST, Role.RELEASE_AUTHORITY})
MOST = 50
"""Notices that are shown, and looked through for the docket: those said last."""
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
CHAIN = 20
"""So often a notice may replace another until the first of them is not looked for any more."""

# Kept

_metadata = MetaData()
notices = Kept(
    Table(
        "supply_notice",
        _metadata,
        *said_columns(),
        Column("reference", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("instead", Text),
        Column("body", Text, nullable=False),
        Index("supply_notice_at", "at"),
        Index("supply_notice_reference", "by_member", "reference"),
        Index("supply_notice_instead", "instead"),
    ),
    Meet.ONCE,
    searched=("title", "words"),
)
follows = Kept(
    Table(
        "supply_notice_follow",
        _metadata,
        *said_columns(),
        Column("notice", Text, nullable=False),
        Column("closes", Boolean, nullable=False),
        Column("met_at", Text),
        Column("language", Text, nullable=False),
        Column("words", Text, nullable=False),
        Index("supply_notice_follow_notice", "notice"),
    ),
    Meet.ONCE,
    searched=("words",),
)
"""What was said of a notice: that the members met, that it is closed."""
behind = Kept(
    Table(
        "supply_notice_firms",
        _metadata,
        *said_columns(),
        Column("reference", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_notice_firms_reference", "reference"),
    ),
    Meet.ONCE,
)
_N, _F, _B = notices.table.c, follows.table.c, behind.table.c
_LATEST = select(notices.table).order_by(_N.at.desc(), _N.id).limit(bindparam("most"))
_CALLED = select(notices.table).where(_N.id == bindparam("called"))
_AMONG = select(notices.table).where(_N.id.in_(bindparam("ids", expanding=True)))
_REFERENCE = select(_N.id).where(_N.by_member == bindparam("member"), _N.reference == bindparam("reference"))
_FOLLOWS = select(follows.table).where(_F.notice.in_(bindparam("ids", expanding=True))).order_by(_F.at, _F.id)
_REPLACED = (
    select(_N.id, _N.instead, _N.by_member)
    .where(_N.instead.in_(bindparam("ids", expanding=True)))
    .order_by(_N.at, _N.number, _N.id)
)
_BEHIND = select(_B.reference, _B.body).where(_B.reference.in_(bindparam("references", expanding=True))).order_by(_B.id)


def fold_notice(record_id: str, record: Record[DisruptionNotice]) -> Rows:
    """One row for each notice."""
    body = record.body
    said = (body.summary, body.cause, *body.sectors, *body.inputs, body.measures, body.help_wanted, body.reference)
    row = {
        "reference": body.reference,
        "title": body.title,
        "words": "\n".join(said),
        "instead": body.instead,
        "body": _text(body),
    }
    return ((notices, {**said_row(record_id, record), **row}),)


def fold_met(record_id: str, record: Record[Met]) -> Rows:
    """One row for each word that the members met."""
    body = record.body
    row = {"notice": body.notice, "closes": False, "met_at": as_text(body.met_at)}
    return ((follows, {**said_row(record_id, record), **row, "language": body.language, "words": body.text}),)


def fold_closed(record_id: str, record: Record[NoticeClosed]) -> Rows:
    """One row for each word that a notice is closed."""
    body = record.body
    row = {"notice": body.notice, "closes": True, "met_at": None}
    return ((follows, {**said_row(record_id, record), **row, "language": body.language, "words": body.text}),)


def fold_behind(record_id: str, record: Record[NoticeFirms]) -> Rows:
    """One row for the firms behind a notice of our own."""
    if not ours(record):
        return ()
    row = {"reference": record.body.reference, "body": _text(record.body)}
    return ((behind, {**said_row(record_id, record), **row}),)


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()


# Judged


def judge(chain: Sequence[tuple[DisruptionNotice, datetime]], met: Sequence[MeetingRow]) -> datetime | None:
    """Until when the members have to meet: 15 days after it was first asked; None when nobody asked, or they met.

    `chain` is the notice and those that it replaces.
    """
    asked = [at for notice, at in chain if notice.meeting]
    # What its author dates to the end of all time is due then.
    return min(*asked, LAST_MOMENT - MEET_WITHIN) + MEET_WITHIN if asked and not met else None


def notices_now(view: View, now: datetime) -> tuple[NoticeRow, ...]:
    """Those said last, the newest first, with what was said of each."""
    return _shown(view.rows(_LATEST, most=MOST), view, now)


def _shown(rows: Sequence[Row[Any]], view: View, now: datetime) -> tuple[NoticeRow, ...]:
    known = _with_replaced(rows, view)
    said: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in view.rows(_FOLLOWS, ids=list(known)):
        if row.by_member in label_of(known[row.notice].label).rel_to:
            said[row.notice].append(row)
    later = {
        row.instead: row.id
        for row in view.rows(_REPLACED, ids=list(known))
        if known[row.instead].by_member == row.by_member
    }
    references = [row.reference for row in rows if row.by_member == view.member]
    firms = {
        row.reference: msgspec.json.decode(row.body, type=NoticeFirms).firms
        for row in view.rows(_BEHIND, references=references)
    }
    return tuple(
        _row(
            _chain(row, known),
            said,
            later.get(row.id),
            firms.get(row.reference, ()) if row.by_member == view.member else (),
            now,
        )
        for row in rows
    )


def _with_replaced(rows: Sequence[Row[Any]], view: View) -> dict[str, Row[Any]]:
    """These, and those that they replace, by id."""
    known = {row.id: row for row in rows}
    for _ in range(CHAIN):
        wanted = {row.instead for row in known.values() if row.instead is not None} - set(known)
        found = view.rows(_AMONG, ids=sorted(wanted)) if wanted else ()
        if not found:
            break
        known |= {row.id: row for row in found}
    return known


def _chain(row: Row[Any], known: Mapping[str, Row[Any]]) -> list[Row[Any]]:
    """A notice and those of its own member that it replaces, the newest first."""
    found = [row]
    while (before := known.get(found[-1].instead or "")) is not None and before.by_member == row.by_member:
        found.append(before)
    return found


def _row(
    chain: Sequence[Row[Any]],
    said: Mapping[str, Sequence[Row[Any]]],
    replaced: str | None,
    firms: tuple[FirmNamed, ...],
    now: datetime,
) -> NoticeRow:
    row = chain[0]
    bodies = [(msgspec.json.decode(one.body, type=DisruptionNotice), datetime.fromisoformat(one.at)) for one in chain]
    met = tuple(
        MeetingRow(one.id, one.by_member, datetime.fromisoformat(one.met_at), one.language, one.words)
        for notice in chain
        for one in said.get(notice.id, ())
        if not one.closes
    )
    closed = next((one for one in said.get(row.id, ()) if one.closes and one.by_member == row.by_member), None)
    meet_by = judge(bodies, met)
    return NoticeRow(
        id=row.id,
        member=row.by_member,
        at=bodies[0][1],
        banner=label_of(row.label).banner,
        notice=bodies[0][0],
        state="closed" if closed is not None else "open" if replaced is None else "replaced",
        meeting="met" if met else "not-asked" if meet_by is None else "overdue" if now > meet_by else "waits",
        meet_by=meet_by,
        meetings=met,
        closed_at=None if closed is None else datetime.fromisoformat(closed.at),
        closing_language=None if closed is None else closed.language,
        closing_text=None if closed is None else closed.words,
        replaced_by=replaced,
        firms=firms,
    )


# Asked


class FileNoticeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """File a notice to those whom `label.rel_to` names, ourselves included. `summary` is the impact.

    `firms` are kept at home, in a record of their own under the same reference; no text of the notice may name one.
    """

    reference: Slug
    title: Line
    language: Language
    summary: fields.Text
    cause: fields.Text
    begins_at: Utc
    sectors: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=50)]
    office: Name
    label: Label
    meeting: bool
    least_days: Days | None = None
    most_days: Days | None = None
    inputs: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    measures: Annotated[str, Meta(max_length=20_000)] = ""
    help_wanted: Annotated[str, Meta(max_length=20_000)] = ""
    instead: RecordId | None = None
    firms: Annotated[tuple[FirmNamed, ...], Meta(max_length=200)] = ()


class SayMetAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The members met on this notice, in person or not, and this came of it. Those are told who were told of it."""

    notice: RecordId
    met_at: Utc
    language: Language
    text: fields.Text


class CloseNoticeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The disruption of a notice of ours is over, or was none. Those are told who were told of it."""

    notice: RecordId
    language: Language
    text: fields.Text


def file_notice(ask: FileNoticeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say the notice; keep its firms. Raises BadField, Nothing, NotPermitted, NamesFirm."""
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    if ask.least_days is not None and ask.most_days is not None and ask.most_days < ask.least_days:
        raise BadField(field="most_days", value=ask.most_days, must_be=f">= {ask.least_days}")
    if view.rows(_REFERENCE, member=desk.member, reference=ask.reference):
        raise BadField(field="reference", value=ask.reference, must_be="one that no notice of ours bears yet")
    if ask.instead is not None and _called(ask.instead, view).by_member != desk.member:
        raise NotPermitted(why="a notice is replaced by its own member", notice=ask.instead)
    given = msgspec.structs.asdict(ask)
    own = {name: given[name] for name in DisruptionNotice.__struct_fields__ if name in given}
    body = DisruptionNotice(**own, duration=Duration(ask.least_days, ask.most_days))
    clean(body, view, (name for one in ask.firms for name in (one.name, *one.aliases)))
    about = () if ask.instead is None else (ask.instead,)
    said = Draft(body, ask.label, Precedence.PRIORITY, about=about)
    return (said, Draft(NoticeFirms(ask.reference, ask.firms), home(desk))) if ask.firms else (said,)


def say_met(ask: SayMetAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that the members met. Raises Nothing, BadField, NamesFirm."""
    row = _called(ask.notice, view)
    if ask.met_at > desk.now:
        raise BadField(field="met_at", value=ask.met_at.isoformat(), must_be="in the past: it is said once it was")
    return (_follow(Met(**msgspec.structs.asdict(ask)), row, view, desk),)


def close(ask: CloseNoticeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Close a notice of ours. Raises Nothing, NotPermitted, NamesFirm."""
    row = _called(ask.notice, view)
    if row.by_member != desk.member:
        raise NotPermitted(why="a notice is closed by its own member", notice=ask.notice, member=row.by_member)
    return (_follow(NoticeClosed(**msgspec.structs.asdict(ask)), row, view, desk),)


def _called(notice: str, view: View) -> Row[Any]:
    found = next(iter(view.rows(_CALLED, called=notice)), None)
    if found is None:
        raise Nothing(notice=notice, list="laurel supply notices")
    return found


def _follow(body: Met | NoticeClosed, row: Row[Any], view: View, desk: Desk) -> Draft:
    clean(body, view)
    return Draft(body, told(label_of(row.label), desk), Precedence.PRIORITY, about=(row.id,), answers=row.id)


def told(given: Label, desk: Desk) -> Label:
    """That label, without those who have left: nothing can be told to them."""
    entitled = {desk.member, *desk.members}
    return msgspec.structs.replace(given, rel_to=tuple(one for one in given.rel_to if one in entitled))


# Shown


def answer_notices(ask: NoAsk, view: View, now: datetime) -> Notices:
    """The notices of all members, and whether they met on each in time; with its firms, for our own."""
    del ask
    return Notices(now, notices_now(view, now))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each notice that is open."""
    rows = view.rows(_LATEST, most=MOST)
    labels = {row.id: label_of(row.label) for row in rows}
    return [
        Item(
            subject=one.id,
            title=f"{one.member}, disruption: {one.notice.title}",
            state=f"meeting {one.meeting}" if one.meeting in {"waits", "overdue"} else one.state,
            due=one.meet_by,
            offices=(one.notice.office,),
            label=labels[one.id],
            summary=_summary(one),
        )
        for one in _shown(rows, view, now)
        if one.state == "open"
    ]


def _summary(one: NoticeRow) -> str:
    """Without the names of firms: what follows from the docket may cross."""
    parts = [f"From {one.notice.begins_at:%d %b %Y}.", f"Sectors: {', '.join(one.notice.sectors)}."]
    if one.meet_by is not None:
        parts.append(f"A meeting is asked for by {one.meet_by:%d %b %Y}.")
    if one.notice.help_wanted:
        parts.append("Help is wanted.")
    return " ".join(parts)


COMMANDS: tuple[Command[Any], ...] = (
    Command("file-notice", FileNoticeAsk, file_notice, FILERS),
    Command("say-met", SayMetAsk, say_met, FILERS),
    Command("close-notice", CloseNoticeAsk, close, FILERS, confirm="Close this notice, for all who were told of it?"),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("notices", NoAsk, Notices, answer_notices),)
FOLDS: Mapping[str, Fold] = {
    NOTICE.name: fold_notice,
    MET.name: fold_met,
    NOTICE_CLOSED.name: fold_closed,
    NOTICE_FIRMS.name: fold_behind,
}
NOUN = Noun(tables=(notices, follows, behind), folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
