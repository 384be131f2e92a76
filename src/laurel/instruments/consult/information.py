"""Requests for information: the small sister of a consultation. One question, a time, and answers graded A1 to F6."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core import fields
from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, RecordId
from laurel.core.instrument import (
    Command,
    Desk,
    Fold,
    Item,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.consult import sources
from laurel.instruments.consult.course_types import InformationRequests, InformationRow, RequestedInformation
from laurel.instruments.consult.records import (
    INFORMATION_ANSWERED,
    INFORMATION_REQUESTED,
    InformationAnswered,
    InformationRequested,
    Seconds,
    Source,
)

ASKERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ANALYST})
MOST = 50
"""Questions that are shown, those asked last."""


class RequestInformationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask those whom `label.rel_to` names, ourselves included, one question."""

    subject: Line
    language: Language
    question: fields.Text
    label: Label
    answer_within_s: Seconds
    sources: Annotated[tuple[Source, ...], Meta(max_length=50)] = ()


class AnswerInformationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What we know of it. `grade`: how far the source is to be trusted (A-F) and how likely it is true (1-6).

    No grade when we do not know, or may not tell. `label.rel_to` holds who asked, and nobody who was not asked.
    """

    request: RecordId
    language: Language
    text: fields.Text
    label: Label
    grade: Annotated[str, Meta(pattern="^[A-F][1-6]$")] | None


# Kept

_metadata = MetaData()
questions = Kept(
    Table(
        "consult_question",
        _metadata,
        *said_columns(),
        Column("body", Text, nullable=False),
        Index("consult_question_at", "at"),
    ),
    Meet.ONCE,
)
answers = Kept(
    Table(
        "consult_answer",
        _metadata,
        *said_columns(),
        Column("request", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("consult_answer_request", "request"),
    ),
    Meet.ONCE,
)
_Q, _A = questions.table.c, answers.table.c
_LATEST = select(questions.table).order_by(_Q.at.desc(), _Q.id).limit(bindparam("most"))
_QUESTION = select(questions.table).where(_Q.id == bindparam("called"))
_ANSWERS = select(answers.table).where(_A.request.in_(bindparam("ids", expanding=True))).order_by(_A.at, _A.id)


def fold_requested(record_id: str, record: Record[InformationRequested]) -> Rows:
    """One row for each question."""
    return ((questions, {**said_row(record_id, record), "body": _text(record.body)}),)


def fold_answered(record_id: str, record: Record[InformationAnswered]) -> Rows:
    """One row for each answer."""
    row = {"request": record.body.request, "body": _text(record.body)}
    return ((answers, {**said_row(record_id, record), **row}),)


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()


# Read


def questions_now(view: View) -> tuple[RequestedInformation, ...]:
    """Those asked last, newest first, with the last answer of each member that was asked."""
    rows = view.rows(_LATEST, most=MOST)
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in view.rows(_ANSWERS, ids=[one.id for one in rows]):
        found[row.request].append(row)
    return tuple(_question(row, found[row.id]) for row in rows)


def _question(row: Row[Any], heard: Sequence[Row[Any]]) -> RequestedInformation:
    body = msgspec.json.decode(row.body, type=InformationRequested)
    asked = [one for one in label_of(row.label).rel_to if one != row.by_member]
    answered = {one.by_member: _answer(one) for one in heard if one.by_member in asked}
    at = datetime.fromisoformat(row.at)
    return RequestedInformation(
        id=row.id,
        member=row.by_member,
        subject=body.subject,
        language=body.language,
        question=body.question,
        at=at,
        due=at + timedelta(seconds=body.answer_within_s),
        sources=body.sources,
        answers=tuple(answered[member] for member in sorted(answered)),
        waits_for=tuple(one for one in asked if one not in answered),
    )


def _answer(row: Row[Any]) -> InformationRow:
    body = msgspec.json.decode(row.body, type=InformationAnswered)
    return InformationRow(row.by_member, body.language, body.text, body.grade, datetime.fromisoformat(row.at))


def answer_information(ask: NoAsk, view: View, now: datetime) -> InformationRequests:
    """The questions asked last, what was answered, and who has not."""
    del ask
    return InformationRequests(now, questions_now(view))


# Asked


def request(ask: RequestInformationAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Ask it. Raises BadField, Nothing, OtherSource, SourceTakenBack, TooWide."""
    to = ask.label.rel_to
    if desk.member not in to or len(to) == 1 or not set(to) <= {desk.member, *desk.members}:
        raise BadField(field="label.rel_to", value=", ".join(to), must_be=f"{desk.member} and those who are asked")
    sources.check(ask.sources, ask.label, view)
    body = InformationRequested(ask.subject, ask.language, ask.question, ask.answer_within_s, ask.sources)
    return (Draft(body, ask.label, Precedence.PRIORITY, about=tuple(one.record for one in ask.sources)),)


def answer(ask: AnswerInformationAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Answer it, or answer it better. Raises Nothing, NotPermitted, BadField."""
    found = next(iter(view.rows(_QUESTION, called=ask.request)), None)
    if found is None:
        raise Nothing(request=ask.request, list="laurel consult information")
    if found.by_member == desk.member:
        raise NotPermitted(why="our own question is not for us to answer", request=ask.request)
    heard, to = set(label_of(found.label).rel_to), set(ask.label.rel_to)
    if not {desk.member, found.by_member} <= to <= heard:
        must = f"with {desk.member} and {found.by_member}, and within {', '.join(sorted(heard))}"
        raise BadField(field="label.rel_to", value=", ".join(sorted(to)), must_be=must)
    body = InformationAnswered(ask.request, ask.language, ask.text, ask.grade)
    return (Draft(body, ask.label, Precedence.PRIORITY, about=(ask.request,), answers=ask.request),)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each question that waits for somebody."""
    labels = {row.id: label_of(row.label) for row in view.rows(_LATEST, most=MOST)}
    return [
        Item(
            subject=one.id,
            title=f"{one.member} asks: {one.subject}",
            state="overdue" if now > one.due else "open",
            due=one.due,
            offices=("watch officer", "analyst"),
            label=labels[one.id],
            summary=f"Waits for {', '.join(one.waits_for)}.",
        )
        for one in questions_now(view)
        if one.waits_for
    ]


COMMANDS: tuple[Command[Any], ...] = (
    Command("request-information", RequestInformationAsk, request, ASKERS),
    Command("answer-information", AnswerInformationAsk, answer, ASKERS),
)
QUERIES: tuple[Query[Any, Any], ...] = (
    Query("information", NoAsk, InformationRequests, answer_information, live=True),
)
FOLDS: Mapping[str, Fold] = {INFORMATION_REQUESTED.name: fold_requested, INFORMATION_ANSWERED.name: fold_answered}
NOUN = Noun(tables=(questions, answers), folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
