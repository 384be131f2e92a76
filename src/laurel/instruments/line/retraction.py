"""What was taken back, by whom, and which nodes have honoured it.

A record that was taken back stands no more: no view shows it, on any node that heard of the retraction. It is
history, so the log keeps it, and this is the one place that still tells of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import BadAsk, Nothing
from laurel.core.fields import Line, RecordId
from laurel.core.instrument import (
    Command,
    Desk,
    Fold,
    Item,
    Kept,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.instrument import Meet as Rule
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.instruments.line.records import (
    HONOURED,
    RETRACTED,
    Honoured,
    Retracted,
)

TITLES = ("title", "words", "subject", "text", "reason")
TITLE_LENGTH = 200

_metadata = MetaData()

retracted = Kept(
    Table(
        "line_retracted",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("instead", Text),
        Column("label", Text, nullable=False),
        Index("line_retracted_record", "record"),
    ),
    Rule.ONCE,
)
honoured = Kept(
    Table(
        "line_honoured",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("retraction", Text, nullable=False),
        Index("line_honoured_retraction", "retraction"),
    ),
    Rule.ONCE,
)

TABLES = (retracted, honoured)

_R, _H = retracted.table.c, honoured.table.c
_LATEST = select(retracted.table).order_by(_R.at.desc(), _R.id).limit(bindparam("most"))
_ALL = select(retracted.table).order_by(_R.at, _R.id)
_OF = select(_R.id).where(_R.record == bindparam("of"), _R.origin == bindparam("by"))
_HONOURED = (
    select(_H.retraction, _H.origin, _H.at)
    .where(_H.retraction.in_(bindparam("of", expanding=True)))
    .order_by(_H.at, _H.id)
)


class NotOurs(BadAsk):
    """Nobody takes back what another said."""

    says = "this record was said by another member"
    remedy = "ask that member's officers to take it back"


class NotRetractable(BadAsk):
    """What a memory consumed, or a procedure counted, has had its effect."""

    says = "a record of this kind cannot be taken back"
    remedy = "do what `instead` says"


class AlreadyRetracted(BadAsk):
    """Once is enough."""

    says = "this record was taken back already"
    remedy = "see who has honoured it: laurel line retractions"


class RetractAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take a record of ours back at every member that has it. `instead` is what we said in its place, if anything."""

    record: RecordId
    reason: Line
    instead: RecordId | None = None


def retract(ask: RetractAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """To all who may have the record, with its own label; what was derived from it is taken back too.

    Raises Nothing, NotOurs, NotRetractable, AlreadyRetracted.
    """
    found = _ours(ask.record, view, desk)
    kind = desk.kinds.get(found.kind)
    if kind is None or not kind.retractable:
        raise NotRetractable(kind=found.kind, instead="upgrade first" if kind is None else kind.undone_by)
    for row in view.rows(_OF, of=ask.record, by=desk.member):
        raise AlreadyRetracted(record=ask.record, retraction=row.id)
    if ask.instead is not None:
        _ours(ask.instead, view, desk)
    # The reason is for those who had the original: who had less of it must not learn more now.
    less = [
        Retracted(one, "What this was made from was taken back.")
        for one in view.derived(ask.record)
        if not view.rows(_OF, of=one, by=desk.member)
    ]
    return [_draft(one, view, desk) for one in (Retracted(ask.record, ask.reason, ask.instead), *less)]


def _ours(record_id: str, view: View, desk: Desk) -> Record[Raw]:
    found = view.record(record_id)
    if found is None:
        raise Nothing(record=record_id)
    if found.origin != desk.member:
        raise NotOurs(record=record_id, origin=found.origin)
    return found


def _draft(body: Retracted, view: View, desk: Desk) -> Draft:
    found = _ours(body.record, view, desk)
    return Draft(body, _told(found.label, desk), max(found.precedence, Precedence.PRIORITY), about=(body.record,))


def _told(given: Label, desk: Desk) -> Label:
    """That label, without those who have left: nothing can be told to them."""
    entitled = {desk.member, *desk.members, *desk.readers}
    return msgspec.structs.replace(given, rel_to=tuple(one for one in given.rel_to if one in entitled))


def on_retracted(record_id: str, record: Record[Retracted], view: View, desk: Desk) -> Sequence[Draft]:
    """The receipt, once our views show it: to all who were told. None for what we do not honour."""
    if record.origin == desk.member or _void(record.origin, record.body.record, view):
        return ()
    return (Draft(Honoured(record_id), _told(record.label, desk), record.precedence, about=(record_id,)),)


def _void(origin: str, record_id: str, view: View) -> bool:
    """Whether we hold the record and it stands all the same. What we do not hold yet will not stand when it comes."""
    found = view.record(record_id)
    return found is not None and (found.origin != origin or view.stands(record_id))


# Folds


def fold_retracted(record_id: str, record: Record[Retracted]) -> Rows:
    """One row for each retraction."""
    body = record.body
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "origin": record.origin,
        "author": record.author,
        "record": body.record,
        "reason": body.reason,
        "instead": body.instead,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((retracted, row),)


def fold_honoured(record_id: str, record: Record[Honoured]) -> Rows:
    """One row for each receipt."""
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "origin": record.origin,
        "retraction": record.body.retraction,
    }
    return ((honoured, row),)


# Reading


class Latest(Struct, frozen=True, forbid_unknown_fields=True):
    """How many retractions, the last ones said."""

    most: Annotated[int, Meta(ge=1, le=1_000)] = 50


class Honour(Struct, frozen=True):
    """A member whose node has honoured a retraction, and when it said so."""

    member: str
    at: datetime


class Retraction(Struct, frozen=True):
    """A record that was taken back, and by which nodes. `kind`, `title` and `said_at` where we hold that record.

    `waiting` are those it was said to that have not honoured it yet, or that can be told no more. `void`: the
    record stands here all the same, since another than its origin, or of a kind that cannot be, took it back.
    """

    retraction: str
    record: str
    member: str
    author: str
    at: datetime
    reason: str
    instead: str | None
    kind: str | None
    title: str | None
    said_at: datetime | None
    honoured: tuple[Honour, ...]
    waiting: tuple[str, ...]
    void: bool
    label: Label


class Retractions(Struct, frozen=True):
    """What was taken back, the last first."""

    retractions: tuple[Retraction, ...]


def answer_retractions(ask: Latest, view: View, now: datetime) -> Retractions:
    """What was taken back, why, who has honoured it and who has not."""
    del now
    return Retractions(_read(view.rows(_LATEST, most=ask.most), view))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each retraction that somebody has not honoured yet."""
    del now
    return [
        Item(
            subject=one.retraction,
            title=_struck(one),
            state=f"waiting for {', '.join(one.waiting)}",
            due=None,
            offices=("watch-officer", "release-authority"),
            label=one.label,
            summary=f"{one.reason} Honoured by {', '.join(each.member for each in one.honoured) or 'nobody yet'}.",
        )
        for one in _read(view.rows(_ALL), view, waiting=True)
        if not one.void
    ]


def _struck(one: Retraction) -> str:
    """What was taken back, without its words: they stand no more, not even here."""
    if one.kind is None or one.said_at is None:
        return f"{one.member} took back a record that is not here"
    return f"{one.member} took back its {one.kind.split('.')[1]} of {one.said_at:%H:%M:%S} UTC"


def _read(rows: Sequence[Row[Any]], view: View, *, waiting: bool = False) -> tuple[Retraction, ...]:
    """These retractions; or only those of them that still wait for somebody."""
    honours: defaultdict[str, list[Honour]] = defaultdict(list)
    for row in view.rows(_HONOURED, of=[row.id for row in rows]):
        if row.origin not in {one.member for one in honours[row.retraction]}:
            honours[row.retraction].append(Honour(row.origin, datetime.fromisoformat(row.at)))
    labels = {row.id: msgspec.json.decode(row.label, type=Label) for row in rows}
    return tuple(
        _retraction(row, labels[row.id], honours[row.id], view)
        for row in rows
        if not (waiting and _done(row, labels[row.id], honours[row.id]))
    )


def _done(row: Row[Any], label: Label, honours: Sequence[Honour]) -> bool:
    return {row.origin, *(one.member for one in honours)}.issuperset(label.rel_to)


def _retraction(row: Row[Any], label: Label, honours: Sequence[Honour], view: View) -> Retraction:
    found = view.record(row.record)
    had = set(label.rel_to) if found is None or found.origin != row.origin else set(found.label.rel_to)
    told = had - {row.origin}
    return Retraction(
        retraction=row.id,
        record=row.record,
        member=row.origin,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        reason=row.reason,
        instead=row.instead,
        kind=None if found is None else found.kind,
        title=None if found is None else _title(found),
        said_at=None if found is None else found.at,
        honoured=tuple(one for one in honours if one.member in told),
        waiting=tuple(sorted(told - {one.member for one in honours})),
        void=_void(row.origin, row.record, view),
        label=label,
    )


def _title(found: Record[Raw]) -> str:
    """What a record is called where it is struck through: its own words, else its kind."""
    body = msgspec.json.decode(found.body)
    words = next((body[name] for name in TITLES if isinstance(body.get(name), str)), None)
    return f"{found.kind.split('.')[1]}: {words[:TITLE_LENGTH]}" if words else found.kind.split(".")[1]


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        "retract",
        RetractAsk,
        retract,
        frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL}),
        confirm="Take this record back, at every member that has it?",
    ),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("retractions", Latest, Retractions, answer_retractions, live=True),)
FOLDS: Mapping[str, Fold] = {RETRACTED.name: fold_retracted, HONOURED.name: fold_honoured}
REACTIONS = {RETRACTED.name: on_retracted}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, reactions=REACTIONS, docket=docket)
