"""Advisories: what a house advises its partners to do, about which objects; open until that house closes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core import fields
from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, RecordId
from laurel.core.instrument import Command, Desk, Item, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.cyber.judge import courses, told_to
from laurel.instruments.cyber.records import (
    ADVISORY,
    ADVISORY_CLOSED,
    Advisory,
    AdvisoryClosed,
    Severity,
    StixId,
    Version,
)
from laurel.instruments.cyber.sharing import SHARERS
from laurel.instruments.cyber.shown import Advisories, AdvisoryRow
from laurel.instruments.cyber.tlp import ranked, tlp_of

MOST = 50
URGENCY: Mapping[Severity, Precedence] = {
    Severity.LOW: Precedence.ROUTINE,
    Severity.MEDIUM: Precedence.ROUTINE,
    Severity.HIGH: Precedence.PRIORITY,
    Severity.CRITICAL: Precedence.IMMEDIATE,
}

_metadata = MetaData()
said = Kept(
    Table(
        "cyber_advisory",
        _metadata,
        *said_columns(),
        Column("severity", Text, nullable=False),
        Column("replaces", Text),
        Column("body", Text, nullable=False),
        Column("words", Text, nullable=False),
        Index("cyber_advisory_at", "at"),
        Index("cyber_advisory_replaces", "replaces"),
    ),
    Meet.ONCE,
    searched=("words",),
)
closed = Kept(
    Table(
        "cyber_advisory_closed",
        _metadata,
        *said_columns(),
        Column("advisory", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Index("cyber_advisory_closed_advisory", "advisory"),
    ),
    Meet.ONCE,
)
named = Kept(
    Table(
        "cyber_advisory_object",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("stix_id", Text, primary_key=True),
        Index("cyber_advisory_object_stix_id", "stix_id"),
    ),
    Meet.ONCE,
)
_A, _C, _N = said.table.c, closed.table.c, named.table.c
_LAST = select(said.table).order_by(_A.at.desc(), _A.id).limit(bindparam("most"))
_ONE = select(said.table).where(_A.id == bindparam("of"))
_CLOSED = select(closed.table).where(_C.advisory.in_(bindparam("of", expanding=True))).order_by(_C.at, _C.id)
_REPLACING = select(_A.id, _A.by_member, _A.replaces).where(_A.replaces.in_(bindparam("of", expanding=True)))
_ABOUT = select(_N.id).where(_N.stix_id == bindparam("of")).order_by(_N.id)


def fold_said(record_id: str, record: Record[Advisory]) -> Rows:
    """One row for each advisory, and one for each object that it is about."""
    body = record.body
    texts = [body.title, body.text, body.advice, *(f"{one.title}\n{one.text}\n{one.advice}" for one in body.versions)]
    row = {
        "severity": body.severity.value,
        "replaces": body.replaces,
        "body": msgspec.json.encode(body).decode(),
        "words": "\n".join(one for one in texts if one),
    }
    about_ = [(named, {"id": record_id, "stix_id": one}) for one in dict.fromkeys(body.objects)]
    return ((said, {**said_row(record_id, record), **row}), *about_)


def fold_closed(record_id: str, record: Record[AdvisoryClosed]) -> Rows:
    """One row for each."""
    row = {"advisory": record.body.advisory, "reason": record.body.reason}
    return ((closed, {**said_row(record_id, record), **row}),)


# Read


def advisories_now(view: View) -> tuple[AdvisoryRow, ...]:
    """Those said last, newest first, each with what became of it. Only its own member closes or replaces it."""
    return _rows(view, view.rows(_LAST, most=MOST))


def _rows(view: View, rows: Sequence[Row[Any]]) -> tuple[AdvisoryRow, ...]:
    ids = [row.id for row in rows]
    ended = {(row.advisory, row.by_member): row.reason for row in view.rows(_CLOSED, of=ids)}
    replaced = {(row.replaces, row.by_member): row.id for row in view.rows(_REPLACING, of=ids)}
    return tuple(_row(row, ended, replaced) for row in rows)


def _row(row: Row[Any], ended: Mapping[Any, str], replaced: Mapping[Any, str]) -> AdvisoryRow:
    label, key = label_of(row.label), (row.id, row.by_member)
    return AdvisoryRow(
        id=row.id,
        member=row.by_member,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        severity=Severity(row.severity),
        advisory=msgspec.json.decode(row.body, type=Advisory),
        label=label,
        banner=label.banner,
        closed=ended.get(key),
        replaced_by=replaced.get(key),
    )


def about(view: View, stix_id: str) -> tuple[str, ...]:
    """The advisories that name this object."""
    return tuple(row.id for row in view.rows(_ABOUT, of=stix_id))


def answer_advisories(ask: NoAsk, view: View, now: datetime) -> Advisories:
    """The advisories said last, in all their languages, and whether they still stand."""
    del ask
    return Advisories(now, advisories_now(view))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each advisory that stands."""
    del now
    return [
        Item(
            subject=one.id,
            title=f"{one.member} advises: {one.advisory.title}",
            state=one.severity.value,
            due=None,
            offices=("watch officer", "analyst"),
            label=one.label,
            summary=" ".join((one.advisory.advice or one.advisory.text).split())[:300],
        )
        for one in advisories_now(view)
        if one.closed is None and one.replaced_by is None
    ]


# Asked


class AdviseAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Advise those whom `label.rel_to` names. `versions` are the same in other languages.

    `objects` must be here, for no fewer than `label` names and no more strictly marked. `replaces`: ours that it
    stands in the place of.
    """

    severity: Severity
    language: Language
    title: Line
    text: fields.Text
    label: Label
    advice: Annotated[str, Meta(max_length=40_000)] = ""
    versions: Annotated[tuple[Version, ...], Meta(max_length=5)] = ()
    objects: Annotated[tuple[StixId, ...], Meta(max_length=200)] = ()
    replaces: RecordId | None = None


class CloseAdvisoryAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """An advisory of ours needs nobody's attention any more. Those are told who were told of it."""

    advisory: RecordId
    reason: Line


def advise(ask: AdviseAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say it. Raises BadField, Nothing, NotPermitted."""
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    languages = [ask.language, *(one.language for one in ask.versions)]
    if len(set(languages)) != len(languages):
        raise BadField(field="versions", value=", ".join(languages), must_be="each in another language")
    if ask.replaces is not None:
        _ours(ask.replaces, view, desk)
    body = Advisory(
        severity=ask.severity,
        language=ask.language,
        title=ask.title,
        text=ask.text,
        advice=ask.advice,
        versions=ask.versions,
        objects=ask.objects,
        replaces=ask.replaces,
    )
    records = _records_of(ask, view)
    replaced = () if ask.replaces is None else (ask.replaces,)
    return (Draft(body, ask.label, URGENCY[ask.severity], about=(*records, *replaced)),)


def _records_of(ask: AdviseAsk, view: View) -> tuple[str, ...]:
    """The record of each object that it is about. Raises Nothing, NotPermitted."""
    found = courses(view, ask.objects)
    records: list[str] = []
    for one in ask.objects:
        if one not in found:
            raise Nothing(object=one, list="laurel cyber objects")
        course = found[one]
        row = course.current
        if not set(ask.label.rel_to) <= told_to(row) or course.tlp(row).rank > max(tlp_of(ask.label).rank, row.tlp):
            raise NotPermitted(
                why="the label lets more out than that of an object it is about",
                object=one,
                marked=ranked(row.tlp),
                object_label=label_of(row.label).banner,
            )
        records.append(row.id)
    return tuple(dict.fromkeys(records))


def close(ask: CloseAdvisoryAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Close it. Raises Nothing, NotPermitted."""
    found = _ours(ask.advisory, view, desk)
    told = label_of(found.label)
    rel_to = tuple(one for one in told.rel_to if one in {desk.member, *desk.members})
    label = msgspec.structs.replace(told, rel_to=rel_to)
    return (Draft(AdvisoryClosed(ask.advisory, ask.reason), label, about=(ask.advisory,)),)


def _ours(record_id: str, view: View, desk: Desk) -> Row[Any]:
    found = next(iter(view.rows(_ONE, of=record_id)), None)
    if found is None:
        raise Nothing(advisory=record_id, list="laurel cyber advisories")
    if found.by_member != desk.member:
        raise NotPermitted(why="only its own member closes or replaces an advisory", of=found.by_member)
    return found


NOUN = Noun(
    tables=(said, closed, named),
    folds={ADVISORY.name: fold_said, ADVISORY_CLOSED.name: fold_closed},
    commands=(
        Command("advise", AdviseAsk, advise, SHARERS),
        Command("close-advisory", CloseAdvisoryAsk, close, SHARERS),
    ),
    queries=(Query("advisories", NoAsk, Advisories, answer_advisories),),
    docket=docket,
)
