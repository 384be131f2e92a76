"""Consultations as they are shown: where each stands, whom it waits for, and what our own officers should do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from laurel.core.fields import RecordId
from laurel.core.instrument import Item, NoAsk, Noun, Query, View
from laurel.instruments.consult import caveats, said, stages
from laurel.instruments.consult.adoption import Verdict
from laurel.instruments.consult.course_types import (
    ActionRow,
    AssessmentRow,
    Consultation,
    ConsultationRow,
    Consultations,
    ResponseRow,
    Stage,
    StatementRow,
    TextState,
)
from laurel.instruments.consult.options import option_rows, stances_on
from laurel.instruments.consult.procedure import Procedure, procedure, procedures, text_rows
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
from laurel.instruments.consult.silence import silence_at
from laurel.instruments.consult.words import Purpose

MOST = 25
"""Consultations that are listed, those requested last."""
LATELY = timedelta(days=30)
"""One that is over stays in the list for so long after it was requested."""


class ConsultationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Which consultation: the id of its request."""

    consultation: RecordId


def answer_consultations(ask: NoAsk, view: View, now: datetime) -> Consultations:
    """All that is open, and what was lately, newest first."""
    del ask
    rows = [row_of(one, view.member, now) for one in _latest(view)]
    return Consultations(now, tuple(one for one in rows if one.stage in stages.OPEN or now - one.at < LATELY))


def answer_consultation(ask: ConsultationAsk, view: View, now: datetime) -> Consultation:
    """One consultation whole. Raises Nothing."""
    found = procedure(view, ask.consultation)
    course = found.course
    body = course.request.body
    convened = max(course.of(Convened), key=lambda one: (one.at, one.id), default=None)
    return Consultation(
        row=row_of(found, view.member, now),
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
        texts=tuple(replace(one, stances=stances_on(course, one.id)) for one in text_rows(found, now)),
        actions=actions(course),
        statement=statement(found),
        departed=course.departed,
        closed_by=course.closed,
    )


def _latest(view: View) -> Sequence[Procedure]:
    courses = said.latest(view, MOST)
    found = procedures(view, courses)
    return [found[one.id] for one in courses]


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


def statement(found: Procedure) -> StatementRow | None:
    """Who has issued the adopted text as a joint statement; None while nobody has."""
    text = found.drafts.get(found.judged.adopted.get(Purpose.RESPONSE, ""))
    if text is None:
        return None
    asked, joint = set(text.body.asked), text.body
    issued = asked & {
        one.member
        for one in found.course.of(JointStatement)
        if (one.body.text, one.body.text_hash, one.body.versions) == (text.id, joint.text_hash, joint.versions)
    }
    return (
        StatementRow(text.id, joint.text_hash, tuple(sorted(issued)), tuple(sorted(asked - issued))) if issued else None
    )


def _respond_by(course: Course) -> datetime:
    return course.request.at + timedelta(seconds=course.request.body.respond_within_s)


def _unanswered(course: Course) -> tuple[str, ...]:
    return tuple(one for one in course.remaining if one != course.request.member and one not in course.last(Responded))


def _live(found: Procedure) -> Verdict | None:
    """The verdict on the text that is being adopted now, if there is one: of the latest round."""
    live = [one for one in found.judged.verdicts.values() if one.final is None]
    return max(live, key=lambda one: (one.text.purpose, one.text.round, one.text.id), default=None)


# The row


def row_of(found: Procedure, me: str, now: datetime) -> ConsultationRow:
    """One line on it."""
    course = found.course
    stage = stages.stage_of(course, found.judged)
    text = _live(found) if stage in stages.OPEN else None
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
        waits_for=() if stage not in stages.OPEN else text.waits_for if text is not None else _unanswered(course),
        waits_for_us=_waits_for_us(found, stage, text, me),
        due=_due(course, stage, text),
    )


def _due(course: Course, stage: Stage, text: Verdict | None) -> datetime | None:
    if stage not in stages.OPEN:
        return None
    if text is not None:
        return text.text.deadline
    return _respond_by(course) if _unanswered(course) else None


SAID_OF: Mapping[Stage, str] = {
    Stage.REQUESTED: "requested",
    Stage.CONVENED: "convened",
    Stage.ASSESSED: "assessed",
    Stage.OPTIONS: "options are weighed",
    Stage.TEXT: "a joint text is sought",
    Stage.ADOPTED: "adopted",
    Stage.NOT_ADOPTED: "not adopted",
    Stage.CLOSED: "closed",
    Stage.FOLLOWED_UP: "adopted and followed up",
}


JOINT: Mapping[Purpose, str] = {
    Purpose.ASSESSMENT: "the joint assessment",
    Purpose.RESPONSE: "the joint response",
}


def _round(text: Verdict) -> str:
    return f"round {text.text.round} of {JOINT[text.text.purpose]}"


def _state(course: Course, stage: Stage, text: Verdict | None, now: datetime) -> str:
    if text is not None:
        what = _round(text)
        if text.state(now) is TextState.OPEN:
            return f"{what} open until {_minute(text.text.deadline)}"
        return f"{what} provisional, waiting for {', '.join(text.waits_for) or 'records that are not here yet'}"
    words = SAID_OF[stage]
    if stage in {Stage.CLOSED, Stage.NOT_ADOPTED} and course.closed:
        return f"{words}, ended by {', '.join(course.closed)}"
    unanswered = _unanswered(course)
    if stage in stages.OPEN and unanswered:
        late = "overdue" if now > _respond_by(course) else "waiting for the response of"
        return f"{words}, {late}: {', '.join(unanswered)}"
    return words


def _waits_for_us(found: Procedure, stage: Stage, text: Verdict | None, me: str) -> str | None:
    """The most urgent thing that our officers should do, if any."""
    course = found.course
    if me not in course.remaining or (me in course.closed and stage in stages.OPEN):
        return None
    if stage not in stages.OPEN:
        told = statement(found)
        return "Issue the joint statement, as others have" if told is not None and me in told.missing else None
    if text is not None:
        return _read_it(found, text, me) if me in text.waits_for else None
    if me in _unanswered(course):
        return f"Respond to the request, by {_minute(_respond_by(course))}"
    unweighed = _unweighed(course, me)
    if unweighed:
        return f"Take a stance on {'1 option' if unweighed == 1 else f'{unweighed} options'}"
    return None if me in course.last(Assessed) else "Give our own assessment"


def _read_it(found: Procedure, text: Verdict, me: str) -> str:
    what = _round(text)
    if not found.shown_to(text.text.id, me):
        return f"Read {what}: nobody here was shown it, so our silence is no assent"
    at = silence_at(found, text.text.id, me)
    return (
        f"Our silence on {what} is assent at {_minute(at)}" if at else f"Say yes or no to {what}: silence is no answer"
    )


def _minute(at: datetime) -> str:
    return f"{at:%d %b %H:%M} UTC"


def _unweighed(course: Course, me: str) -> int:
    """How many options of others stand on which we took no stance."""
    options = course.of(Option)
    replaced = {one.body.instead for one in options}
    ours = {one.body.on for one in course.of(Stance) if one.member == me}
    return sum(one.member != me and one.id not in replaced | ours for one in options)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each consultation that is open."""
    rows = [(found, row_of(found, view.member, now)) for found in _latest(view)]
    return [
        Item(
            subject=row.id,
            title=f"{row.member} requests consultation: {row.subject}",
            state=row.state,
            due=row.due,
            offices=("principal", "watch officer"),
            label=found.course.request.label,
            summary=row.waits_for_us or f"Waits for {', '.join(row.waits_for) or 'nobody'}.",
        )
        for found, row in rows
        if row.stage in stages.OPEN
    ]


QUERIES: tuple[Query[Any, Any], ...] = (
    Query("consultations", NoAsk, Consultations, answer_consultations, live=True),
    Query("consultation", ConsultationAsk, Consultation, answer_consultation),
)
NOUN = Noun(queries=QUERIES, docket=docket)
