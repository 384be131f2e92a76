"""What is asked of commitments: to promise, to say how far it is, to judge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, Name, RecordId, Slug
from laurel.core.instrument import Command, Desk, Noun, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, Utc, in_utc
from laurel.core.tables import label_of
from laurel.instruments.dialogue import commitments_said as said
from laurel.instruments.dialogue import meetings_said
from laurel.instruments.dialogue.labels import check_quotes, check_told, check_within
from laurel.instruments.dialogue.offices_said import Register, register
from laurel.instruments.dialogue.records import (
    Citation,
    Commitment,
    Evidence,
    Initiative,
    Milestone,
    Progress,
    Review,
    Step,
)

PRINCIPALS = frozenset({Role.PRINCIPAL})
REVIEWERS = frozenset({Role.PRINCIPAL, Role.ANALYST})
MOST_FOLLOWING = 1_000
"""Of one record."""


class AbolishedOffice(BadAsk):
    """Nobody is there to keep it."""

    says = "this office was abolished, and a promise of it would be nobody's"
    remedy = "bind the promise to the office that took over (successor), or to another"


class PromisedAlready(BadAsk):
    """Whoever asks, and however often: one promise is made once."""

    says = "what follows from that record was promised already, in these words and for that day"
    remedy = "say how far it is (laurel dialogue note-progress); another promise has other words or another day"


class CommitAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Promise something for an office of ours. `meeting`: in which it was agreed. An initiative has partners.

    `about` are records that it follows from: from those the same is promised once.
    """

    office: Name
    words: Line
    language: Language
    topic: Slug
    label: Label
    due_at: Utc | None = None
    source: Citation | None = None
    meeting: RecordId | None = None
    series: Slug | None = None
    initiative: Initiative | None = None
    partners: Annotated[tuple[Name, ...], Meta(max_length=30)] = ()
    milestones: Annotated[tuple[Milestone, ...], Meta(max_length=30)] = ()
    about: Annotated[tuple[RecordId, ...], Meta(max_length=20)] = ()


class NoteProgressAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a commitment of ours is: taken up, under way, fulfilled, withdrawn; or declined, if others proposed it.

    `reached` are all its milestones so far, counted from 0.
    """

    commitment: RecordId
    step: Step
    words: Line
    language: Language
    label: Label
    reached: Annotated[tuple[Annotated[int, Meta(ge=0, le=29)], ...], Meta(max_length=30)] = ()
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=30)] = ()


class ReviewAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Judge a commitment, ours or another's: kept (1), open (0), not kept (-1), and why. Our last judgement holds."""

    commitment: RecordId
    score: Annotated[int, Meta(ge=-1, le=1)]
    reason: Line
    language: Language
    label: Label
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=30)] = ()


def commit(ask: CommitAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Promise it: our own office alone.

    Raises BadField, AbolishedOffice, Nothing, BeyondAudience, TooWide, PromisedAlready.
    """
    check_told(ask.label, desk)
    if ask.meeting is not None:
        check_within(ask.label, label_of(meetings_said.one(view, ask.meeting).label_text), desk)
    _check_follows(ask, view, desk)
    given = {name: getattr(ask, name) for name in Commitment.__struct_fields__ if name in ask.__struct_fields__}
    body = checked(Commitment(member=desk.member, **given), register(view), desk.now)
    about = dict.fromkeys(one for one in (ask.meeting, *ask.about) if one)
    return (Draft(body, ask.label, about=tuple(about)),)


def _check_follows(ask: CommitAsk, view: View, desk: Desk) -> None:
    for record in ask.about:
        if view.record(record) is None:
            raise Nothing(about=record, log="no such record here")
    check_quotes(ask.label, ask.about, view)
    due_at = _utc(ask.due_at)
    for record in ask.about:
        for row in said.chosen(view, most=MOST_FOLLOWING, closed=True, member=desk.member, about=record):
            body = said.body_of(row)
            if (body.words, body.due_at) == (ask.words, due_at):
                raise PromisedAlready(commitment=row.id, about=record)


def checked(body: Commitment, offices: Register, now: datetime | None) -> Commitment:
    """As it is said: in UTC. `now`: it must be due after that. Raises BadField, AbolishedOffice."""
    office = offices.find(body.member, body.office)
    if office is not None and office.abolished is not None:
        heir = offices.heir(body.member, body.office)
        raise AbolishedOffice(office=office.name, of=body.member, successor=heir or "nobody")
    if now is not None and body.due_at is not None and body.due_at <= now:
        raise BadField(field="due_at", value=body.due_at.isoformat(), must_be=f"after {now.isoformat()}")
    late = [one for one in body.milestones if body.due_at is not None and (one.due_at or body.due_at) > body.due_at]
    if late:
        raise BadField(field="milestones.due_at", value=late[0].title, must_be=f"by {body.due_at}, as the commitment")
    steps = tuple(structs.replace(one, due_at=_utc(one.due_at)) for one in body.milestones)
    return structs.replace(body, due_at=_utc(body.due_at), milestones=steps)


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else in_utc(at)


def note_progress(ask: NoteProgressAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our own word on our own commitment. Raises Nothing, NotPermitted, BadField, BeyondAudience."""
    row = said.one(view, ask.commitment)
    if row.member != desk.member:
        raise NotPermitted(why=f"how far it is, {row.member} says; we may review it", commitment=ask.commitment)
    if ask.step is Step.DECLINED and row.by_member == desk.member:
        raise BadField(field="step", value=ask.step.value, must_be="withdrawn, for what we promised ourselves")
    _check_evidence(ask.evidence)
    milestones = len(said.body_of(row).milestones)
    beyond = [one for one in ask.reached if one >= milestones]
    if beyond:
        raise BadField(
            field="reached", value=beyond[0], must_be=f"the place, from 0, of one of {milestones} milestones"
        )
    check_within(ask.label, label_of(row.label), desk)
    body = Progress(**{name: getattr(ask, name) for name in Progress.__struct_fields__})
    body = structs.replace(body, reached=tuple(sorted(set(ask.reached))))
    return (Draft(body, ask.label, about=_about(ask.commitment, ask.evidence), answers=ask.commitment),)


def review(ask: ReviewAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our judgement, beside those of the others. Raises Nothing, BadField, BeyondAudience."""
    row = said.one(view, ask.commitment)
    _check_evidence(ask.evidence)
    check_within(ask.label, label_of(row.label), desk)
    body = Review(**{name: getattr(ask, name) for name in Review.__struct_fields__})
    return (Draft(body, ask.label, about=_about(ask.commitment, ask.evidence), answers=ask.commitment),)


def _check_evidence(evidence: Sequence[Evidence]) -> None:
    for one in evidence:
        if one.record is None and one.url is None:
            raise BadField(field="evidence", value=one.title, must_be="a record or a URL that shows it")


def _about(commitment: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((commitment, *(one.record for one in evidence if one.record is not None))))


COMMANDS: tuple[Command[Any], ...] = (
    Command("commit", CommitAsk, commit, PRINCIPALS),
    Command("note-progress", NoteProgressAsk, note_progress, PRINCIPALS),
    Command("review", ReviewAsk, review, REVIEWERS),
)
NOUN = Noun(commands=COMMANDS)
