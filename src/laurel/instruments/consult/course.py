"""The course of a consultation: requested by one member alone, responded to, convened, assessed, left, closed.

`said.py` holds what was said, `stages.py` says how far it has come. What is asked here is checked against both, so that
a person is told why; what a peer says all the same is counted, or not, by the same rules at every node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadAsk, BadField, NotPermitted
from laurel.core.fields import Language, Line, Name, RecordId, Text
from laurel.core.instrument import Command, Desk, Noun, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record
from laurel.instruments.consult import said, sources, stages
from laurel.instruments.consult.adoption import FEWEST
from laurel.instruments.consult.procedure import Procedure
from laurel.instruments.consult.records import (
    PROCEDURE,
    RESPONDED,
    Assessed,
    Closed,
    ConsultationRequest,
    Convened,
    Convening,
    Departed,
    Responded,
    ResponseMeasured,
    Seconds,
    Source,
)
from laurel.instruments.consult.voice import check_voice, draft, voiced
from laurel.instruments.consult.words import Ground, Level

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL})
PRINCIPALS = frozenset({Role.PRINCIPAL})


class NobodyToConsult(BadAsk):
    """A request goes to somebody."""

    says = "the label names nobody to consult with"
    remedy = "name every member that takes part in rel_to; leave a source that is for fewer out, or have it released"


class RequestAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask others to consult, in our own opinion. `label.rel_to` are those who take part, ourselves included.

    `laurel consult ready` gives the whole of it, filled in from any record that is here.
    """

    subject: Line
    ground: Ground
    level: Level
    language: Language
    opinion: Text
    label: Label
    respond_within_s: Seconds
    convening: Annotated[tuple[Convening, ...], Meta(max_length=10)] = ()
    sources: Annotated[tuple[Source, ...], Meta(max_length=50)] = ()


class RespondAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Answer a request by our office. `convening` is which of its ways to meet suits us, by its place from 0."""

    consultation: RecordId
    office: Name
    language: Language
    text: Text
    convening: Annotated[int, Meta(ge=0, le=9)] | None = None


class ConveneAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The members meet, or met, so."""

    consultation: RecordId
    convening: Convening


class AssessAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our own assessment of the situation, instead of the one we gave before."""

    consultation: RecordId
    language: Language
    text: Text


class DepartAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Leave a consultation, for good."""

    consultation: RecordId
    reason: Line


class CloseAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Have done with a consultation: we assent to nothing more in it."""

    consultation: RecordId
    reason: Line


def speaking(view: View, desk: Desk, consultation: str, command: str) -> Procedure:
    """The consultation, if we may say that in it now. Raises Nothing, WeLeft, MemberGone, VoiceLost, WrongStage."""
    found = voiced(view, desk, consultation)
    stage = stages.stage_of(found.course, found.judged)
    stages.check(stage, command)
    if stage in stages.OPEN:
        check_voice(found, desk)
    return found


# Asked


def request(ask: RequestAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """One member alone asks the others to consult.

    Raises NobodyToConsult, NotPermitted, BadField; Nothing, OtherSource, SourceTakenBack, TooWide.
    """
    members = ask.label.rel_to
    if desk.member not in members:
        raise BadField(field="label.rel_to", value=", ".join(members), must_be=f"with {desk.member}")
    if len(members) < FEWEST:
        raise NobodyToConsult(rel_to=", ".join(members))
    strangers = set(members) - {desk.member, *desk.members}
    if strangers:
        raise NotPermitted(not_members=", ".join(sorted(strangers)), members=", ".join(desk.members))
    past = [one.at for one in ask.convening if one.at <= desk.now]
    if past:
        raise BadField(field="convening.at", value=past[0].isoformat(), must_be=f"after {desk.now.isoformat()}")
    sources.check(ask.sources, ask.label, view)
    given = {name: getattr(ask, name) for name in ConsultationRequest.__struct_fields__ if name != "members"}
    body = ConsultationRequest(**given, members=members)
    return (Draft(body, ask.label, PROCEDURE, about=tuple(one.record for one in ask.sources)),)


def respond(ask: RespondAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our answer to another's request. The first one is measured. Raises NotPermitted, BadField."""
    course = speaking(view, desk, ask.consultation, "respond").course
    if course.request.member == desk.member:
        raise NotPermitted(why="our own request is not for us to answer", requested_by=desk.member)
    offered = len(course.request.body.convening)
    if ask.convening is not None and ask.convening >= offered:
        raise BadField(field="convening", value=ask.convening, must_be=f"the place, from 0, of one of {offered}")
    return (draft(course, Responded(**structs.asdict(ask))),)


def convene(ask: ConveneAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The members meet so."""
    course = speaking(view, desk, ask.consultation, "convene").course
    return (draft(course, Convened(ask.consultation, ask.convening)),)


def assess(ask: AssessAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our own assessment."""
    course = speaking(view, desk, ask.consultation, "assess").course
    return (draft(course, Assessed(ask.consultation, ask.language, ask.text)),)


def depart(ask: DepartAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """We leave."""
    course = speaking(view, desk, ask.consultation, "depart").course
    return (draft(course, Departed(ask.consultation, ask.reason)),)


def close(ask: CloseAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """We have done."""
    course = speaking(view, desk, ask.consultation, "close").course
    return (draft(course, Closed(ask.consultation, ask.reason)),)


def on_responded(record_id: str, record: Record[Responded], view: View, desk: Desk) -> Sequence[Draft]:
    """At the requester's node, of each member's first response: how long it took, by our own clock."""
    found = said.find(view, record.body.consultation)
    if found is None or found.request.member != desk.member or not set(found.members) <= {desk.member, *desk.members}:
        return ()
    first = found.first(Responded).get(record.origin)
    measured = {one.body.member for one in found.of(ResponseMeasured)}
    if first is None or first.id != record_id or record.origin in measured | {desk.member}:
        return ()
    took_s = max((desk.now - found.request.at).total_seconds(), 0.0)
    return (draft(found, ResponseMeasured(found.id, record.origin, took_s), record_id),)


COMMANDS: tuple[Command[Any], ...] = (
    Command("request", RequestAsk, request, OFFICERS),
    Command("respond", RespondAsk, respond, OFFICERS),
    Command("convene", ConveneAsk, convene, OFFICERS),
    Command("assess", AssessAsk, assess, OFFICERS),
    Command(
        "depart",
        DepartAsk,
        depart,
        PRINCIPALS,
        confirm="Leave this consultation? Nothing we say in it after this counts.",
    ),
    Command("close", CloseAsk, close, PRINCIPALS, confirm="Close this consultation? We assent to nothing more in it."),
)
NOUN = Noun(tables=said.TABLES, folds=said.FOLDS, commands=COMMANDS, reactions={RESPONDED.name: on_responded})
