"""Consultations as they are shown: where each stands, whom it waits for, and what our own officers should do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from laurel.core.fields import RecordId
from laurel.core.instrument import Item, NoAsk, Noun, Query, View
from laurel.instruments.consult import caveats, said, stages
from laurel.instruments.consult.course import texts_of
from laurel.instruments.consult.course_types import (
    ActionRow,
    AssessmentRow,
    Consultation,
    ConsultationRow,
    Consultations,
    ResponseRow,
    Stage,
    StatementRow,
    TextRow,
    TextState,
)
from laurel.instruments.consult.options import option_rows
from laurel.instruments.consult.records import (
    Assessed,
    Convened,
    JointStatement,
    Option,
    Responded,
    ResponseAction,
    ResponseMeasured,
    Stance,
)
from laurel.instruments.consult.said import Course
from laurel.instruments.consult.words import Purpose

MOST = 50
"""Consultations that are listed, those requested last."""
LATELY = timedelta(days=30)
"""One that is over stays in the list for so long after it was requested."""
LIVE = frozenset({TextState.OPEN, TextState.PROVISIONAL})
OVER = frozenset(Stage) - stages.OPEN


class ConsultationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Which consultation: the id of its request."""

    consultation: RecordId


def answer_consultations(ask: NoAsk, view: View, now: datetime) -> Consultations:
    """All that is open, and what was lately, newest first."""
    del ask
    rows = [row_of(course, texts_of(view, course.id, now), view.member, now) for course in said.latest(view, MOST)]
    return Consultations(now, tuple(one for one in rows if one.stage not in OVER or now - one.at < LATELY))


def answer_consultation(ask: ConsultationAsk, view: View, now: datetime) -> Consultation:
    """One consultation whole. Raises Nothing."""
    course = said.course(view, ask.consultation)
    texts = texts_of(view, course.id, now)
    body = course.request.body
    convened = max(course.of(Convened), key=lambda one: (one.at, one.id), default=None)
    return Consultation(
        row=row_of(course, texts, view.member, now),
        language=body.language,
        opinion=body.opinion,
        sources=body.sources,
        convening=body.convening,
        convened=None if convened is None else convened.body.convening,
        responses=responses(course, now),
        assessments=tuple(
            AssessmentRow(member, one.body.language, one.body.text, one.at)
            for member, one in sorted(course.last(Assessed).items())
        ),
        options=option_rows(course, caveats.standing(view)),
        texts=texts,
        actions=actions(course),
        statement=statement(course, texts),
        departed=course.departed,
        closed_by=course.closed,
    )


# Parts


def responses(course: Course, now: datetime) -> tuple[ResponseRow, ...]:
    """What each of the others answered, and how long it took. Who left is not overdue."""
    last = course.last(Responded)
    took = {one.body.member: one.body.seconds for one in reversed(course.of(ResponseMeasured))}
    late = now > _respond_by(course)
    rows: list[ResponseRow] = []
    for member in course.members:
        one = last.get(member)
        if member == course.request.member:
            continue
        rows.append(
            ResponseRow(
                member=member,
                office=one and one.body.office,
                language=one and one.body.language,
                text=one and one.body.text,
                convening=one and one.body.convening,
                at=one and one.at,
                seconds=took.get(member),
                overdue=one is None and late and member not in course.departed,
            )
        )
    return tuple(rows)


def actions(course: Course) -> tuple[ActionRow, ...]:
    """What follows, the first due first."""
    found = [
        ActionRow(one.id, one.member, one.body.office, one.body.words, one.body.due_at, one.body.option)
        for one in course.of(ResponseAction)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.id)))


def adopted(texts: Sequence[TextRow]) -> TextRow | None:
    """The text on the response that was adopted, if one was."""
    found = (one for one in texts if one.purpose is Purpose.RESPONSE and one.state is TextState.ADOPTED)
    return next(found, None)


def statement(course: Course, texts: Sequence[TextRow]) -> StatementRow | None:
    """Who has issued the adopted text as a joint statement; None while nobody has."""
    text = adopted(texts)
    if text is None:
        return None
    asked = {vote.member for vote in text.votes}
    issued = {
        one.member
        for one in course.of(JointStatement)
        if one.body.text == text.id and one.body.text_hash == text.text_hash
    }
    if not issued & asked:
        return None
    return StatementRow(text.id, text.text_hash, tuple(sorted(issued & asked)), tuple(sorted(asked - issued)))


def _respond_by(course: Course) -> datetime:
    return course.request.at + timedelta(seconds=course.request.body.respond_within_s)


def _unanswered(course: Course) -> tuple[str, ...]:
    return tuple(one for one in course.remaining if one != course.request.member and one not in course.last(Responded))


def _live(texts: Sequence[TextRow]) -> TextRow | None:
    """The text that is being adopted now, if there is one."""
    return max((one for one in texts if one.state in LIVE), key=lambda one: (one.purpose, one.round), default=None)


# The row


def row_of(course: Course, texts: Sequence[TextRow], me: str, now: datetime) -> ConsultationRow:
    """One line on it."""
    stage = stages.stage_of(course, texts)
    text = _live(texts) if stage in stages.OPEN else None
    body = course.request.body
    return ConsultationRow(
        id=course.id,
        subject=body.subject,
        member=course.request.member,
        members=course.members,
        ground=body.ground,
        level=body.level,
        banner=course.request.label.banner,
        at=course.request.at,
        stage=stage,
        state=_state(course, stage, text, now),
        waits_for=_waits_for(course, stage, text),
        waits_for_us=_waits_for_us(course, stage, text, texts, me),
        due=_due(course, stage, text),
    )


def _waits_for(course: Course, stage: Stage, text: TextRow | None) -> tuple[str, ...]:
    if stage not in stages.OPEN:
        return ()
    return text.waits_for if text is not None else _unanswered(course)


def _due(course: Course, stage: Stage, text: TextRow | None) -> datetime | None:
    if stage not in stages.OPEN:
        return None
    if text is not None:
        return text.deadline
    return _respond_by(course) if _unanswered(course) else None


SAID_OF: Mapping[Stage, str] = {
    Stage.REQUESTED: "requested",
    Stage.CONVENED: "convened",
    Stage.ASSESSED: "assessed by all",
    Stage.OPTIONS: "options are weighed",
    Stage.TEXT: "a joint text is sought",
    Stage.ADOPTED: "adopted",
    Stage.NOT_ADOPTED: "not adopted",
    Stage.CLOSED: "closed",
    Stage.FOLLOWED_UP: "adopted and followed up",
}


def _state(course: Course, stage: Stage, text: TextRow | None, now: datetime) -> str:
    if text is not None:
        what = f"text of round {text.round}" if text.purpose is Purpose.RESPONSE else "common assessment"
        waits = ", ".join(text.waits_for)
        if text.state is TextState.PROVISIONAL:
            return f"{what} provisional, waiting for {waits}"
        return f"{what} open until {text.deadline:%d %b %H:%M} UTC"
    words = SAID_OF[stage]
    if stage in {Stage.CLOSED, Stage.NOT_ADOPTED} and course.closed:
        return f"{words}, closed by {', '.join(course.closed)}"
    unanswered = _unanswered(course)
    if stage in stages.OPEN and unanswered:
        late = "overdue" if now > _respond_by(course) else "waiting for a response"
        return f"{words}, {late}: {', '.join(unanswered)}"
    return words


def _waits_for_us(course: Course, stage: Stage, text: TextRow | None, texts: Sequence[TextRow], me: str) -> str | None:
    """The most urgent thing that our officers should do, if any."""
    if me not in course.remaining:
        return None
    if stage not in stages.OPEN:
        said_it = statement(course, texts)
        return "Issue the joint statement, as others have" if said_it is not None and me in said_it.missing else None
    if text is not None and any(vote.member == me and vote.vote is None for vote in text.votes):
        until = f"{text.deadline:%d %b %H:%M} UTC"
        return f"Read the joint text of round {text.round}: after {until} our silence is assent"
    if me in _unanswered(course):
        return f"Respond to the request, by {_respond_by(course):%d %b %H:%M} UTC"
    unweighed = _unweighed(course, me)
    if unweighed and text is None:
        return f"Take a stance on {unweighed} option{'s' if unweighed > 1 else ''}"
    return None if me in course.last(Assessed) or text is not None else "Give our own assessment"


def _unweighed(course: Course, me: str) -> int:
    """How many options of others stand on which we took no stance."""
    options = course.of(Option)
    replaced = {one.body.instead for one in options}
    ours = {one.body.on for one in course.of(Stance) if one.member == me}
    return sum(one.member != me and one.id not in replaced | ours for one in options)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each consultation that is open."""
    rows = [(one, row_of(one, texts_of(view, one.id, now), view.member, now)) for one in said.latest(view, MOST)]
    return [
        Item(
            subject=row.id,
            title=f"{row.member} requests consultation: {row.subject}",
            state=row.state,
            due=row.due,
            offices=("principal", "watch officer"),
            label=course.request.label,
            summary=row.waits_for_us or f"Waits for {', '.join(row.waits_for) or 'nobody'}.",
        )
        for course, row in rows
        if row.stage in stages.OPEN
    ]


QUERIES: tuple[Query[Any, Any], ...] = (
    Query("consultations", NoAsk, Consultations, answer_consultations, live=True),
    Query("consultation", ConsultationAsk, Consultation, answer_consultation),
)
NOUN = Noun(queries=QUERIES, docket=docket)
