"""Export controls and investment screenings: notices of their own, which a member owes those whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core import fields
from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Code, Language, Line, Name, RecordId
from laurel.core.instrument import Command, Desk, Item, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, Utc, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.supply.firms import clean
from laurel.instruments.supply.notices import FILERS
from laurel.instruments.supply.records import MEASURE, MeasureNotified
from laurel.instruments.supply.told_types import MeasureRow, Measures
from laurel.instruments.supply.words import MeasureSort

MOST = 50
"""Measures that are shown, those said last."""
FRESH = timedelta(days=30)
"""So long after it comes into force a measure stands on the docket."""

measures = Kept(
    Table(
        "supply_measure",
        MetaData(),
        *said_columns(),
        Column("title", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("from_at", Text, nullable=False),
        Column("instead", Text),
        Column("body", Text, nullable=False),
        Index("supply_measure_at", "at"),
        Index("supply_measure_from_at", "from_at"),
        Index("supply_measure_instead", "instead"),
    ),
    Meet.ONCE,
    searched=("title", "words"),
)
_M = measures.table.c
_LATEST = select(measures.table).order_by(_M.at.desc(), _M.id).limit(bindparam("most"))
_FRESH = (
    select(measures.table).where(_M.from_at > bindparam("since")).order_by(_M.at.desc(), _M.id).limit(bindparam("most"))
)
_CALLED = select(measures.table).where(_M.id == bindparam("called"))
_REPLACED = (
    select(_M.id, _M.instead, _M.by_member)
    .where(_M.instead.in_(bindparam("ids", expanding=True)))
    .order_by(_M.at, _M.number, _M.id)
)


def fold_measure(record_id: str, record: Record[MeasureNotified]) -> Rows:
    """One row for each measure."""
    body = record.body
    row = {
        "title": body.title,
        "words": "\n".join((body.text, body.legal_basis, *body.inputs, *body.concerns)),
        "from_at": as_text(body.in_force_from),
        "instead": body.instead,
        "body": msgspec.json.encode(body).decode(),
    }
    return ((measures, {**said_row(record_id, record), **row}),)


# Judged


def state_of(measure: MeasureNotified, replaced_by: str | None, now: datetime) -> str:
    """Whether it is announced, in-force, ended or replaced."""
    if replaced_by is not None:
        return "replaced"
    if measure.in_force_until is not None and now >= measure.in_force_until:
        return "ended"
    return "in-force" if now >= measure.in_force_from else "announced"


def _shown(rows: Sequence[Row[Any]], view: View, now: datetime) -> tuple[MeasureRow, ...]:
    by = {row.id: row.by_member for row in rows}
    later = {row.instead: row.id for row in view.rows(_REPLACED, ids=list(by)) if by[row.instead] == row.by_member}
    found: list[MeasureRow] = []
    for row in rows:
        body = msgspec.json.decode(row.body, type=MeasureNotified)
        replaced = later.get(row.id)
        state = state_of(body, replaced, now)
        at, banner = datetime.fromisoformat(row.at), label_of(row.label).banner
        found.append(MeasureRow(row.id, row.by_member, at, banner, body, state, replaced))
    return tuple(found)


# Asked


class NotifyMeasureAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Tell those whom `label.rel_to` names, ourselves included, of a measure of ours. `text` is what is done.

    `concerns` are countries by code, none is everybody. `office` answers questions. `instead` is the one it replaces.
    """

    sort: MeasureSort
    title: Line
    language: Language
    text: fields.Text
    legal_basis: Line
    in_force_from: Utc
    office: Name
    label: Label
    concerns: Annotated[tuple[Code, ...], Meta(max_length=250)] = ()
    inputs: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    in_force_until: Utc | None = None
    instead: RecordId | None = None


def notify(ask: NotifyMeasureAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Tell of it. Raises BadField, Nothing, NotPermitted, NamesFirm."""
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    if ask.in_force_until is not None and ask.in_force_until <= ask.in_force_from:
        must = f"after {ask.in_force_from.isoformat()}"
        raise BadField(field="in_force_until", value=ask.in_force_until.isoformat(), must_be=must)
    if ask.instead is not None:
        found = next(iter(view.rows(_CALLED, called=ask.instead)), None)
        if found is None:
            raise Nothing(measure=ask.instead, list="laurel supply measures")
        if found.by_member != desk.member:
            raise NotPermitted(why="a measure is replaced by its own member", measure=ask.instead)
    given = msgspec.structs.asdict(ask)
    body = MeasureNotified(**{name: given[name] for name in MeasureNotified.__struct_fields__})
    clean(body, view)
    return (Draft(body, ask.label, Precedence.PRIORITY, about=() if ask.instead is None else (ask.instead,)),)


# Shown


def answer_measures(ask: NoAsk, view: View, now: datetime) -> Measures:
    """The measures that members told of, and whether each is in force."""
    del ask
    return Measures(now, _shown(view.rows(_LATEST, most=MOST), view, now))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each that is to come into force, or did not long ago."""
    rows = view.rows(_FRESH, since=as_text(now - FRESH), most=MOST)
    labels = {row.id: label_of(row.label) for row in rows}
    return [
        Item(
            subject=one.id,
            title=f"{one.member}, {one.measure.sort.value.replace('-', ' ')}: {one.measure.title}",
            state=one.state,
            due=one.measure.in_force_from,
            offices=(one.measure.office,),
            label=labels[one.id],
            summary=_summary(one.measure),
        )
        for one in _shown(rows, view, now)
        if one.state == "announced" or (one.state == "in-force" and now - FRESH < one.measure.in_force_from)
    ]


def _summary(measure: MeasureNotified) -> str:
    whom = ", ".join(measure.concerns) or "everybody"
    return f"{measure.legal_basis}. Concerns {whom}, from {measure.in_force_from:%d %b %Y}."


NOUN = Noun(
    tables=(measures,),
    folds={MEASURE.name: fold_measure},
    commands=(Command("notify-measure", NotifyMeasureAsk, notify, FILERS),),
    queries=(Query("measures", NoAsk, Measures, answer_measures),),
    docket=docket,
)
