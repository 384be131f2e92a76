"""Options for response, each member's part in them, and stances.

An amended option is another record: nobody has taken a stance on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, RecordId, Text
from laurel.core.instrument import Command, Desk, Noun, View
from laurel.core.record import Draft, Utc
from laurel.instruments.consult import caveats, said
from laurel.instruments.consult.course import OFFICERS, speaking
from laurel.instruments.consult.course_types import CaveatRow, ForbiddenRow, OptionRow, StanceRow, TextState
from laurel.instruments.consult.records import Option, Part, Stance
from laurel.instruments.consult.said import Course, Said
from laurel.instruments.consult.voice import draft
from laurel.instruments.consult.words import Field, Position

WILLING = frozenset({Position.SUPPORTS, Position.ACCEPTS})


class Forbidden(BadAsk):
    """A member's own law stands before a common wish."""

    says = "a caveat forbids a member its part in this option as it stands"
    remedy = "offer another instead, with a part that stays open to the member, or ask for the consent that lifts it"


class Replaced(BadAsk):
    """Stances and texts are on what stands."""

    says = "this option was replaced by another"
    remedy = "look at the one that stands in the facts"


class StanceTooLate(BadAsk):
    """A stance is for those who still weigh."""

    says = "this text is no longer weighed: its deadline has passed, or it is settled"
    remedy = "see where it stands: laurel consult consultation"


class OfferOptionAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Offer a response with each member's part in it. `instead` is the option it replaces, of whoever's."""

    consultation: RecordId
    title: Line
    field: Field
    language: Language
    text: Text
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=20)]
    begins_at: Utc
    instead: RecordId | None = None


class TakeStanceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our position on an option or a text, instead of the one before. `consents`: our caveats that we lift for it."""

    consultation: RecordId
    on: RecordId
    position: Position
    language: Language
    reason: Line
    consents: tuple[RecordId, ...] = ()


# Read


def option_rows(course: Course, standing: Sequence[CaveatRow]) -> tuple[OptionRow, ...]:
    """Every option as it stands, the first offered first."""
    options = course.of(Option)
    replaced = {one.body.instead: one.id for one in options if one.body.instead is not None}
    return tuple(
        _row(course, one, standing, replaced.get(one.id)) for one in sorted(options, key=lambda one: (one.at, one.id))
    )


def stances_on(course: Course, record: str) -> tuple[StanceRow, ...]:
    """The last stance of each member on that very option or text, by member."""
    last = {one.member: one for one in course.of(Stance) if one.body.on == record}
    return tuple(
        StanceRow(member, one.body.position, one.body.language, one.body.reason, one.at)
        for member, one in sorted(last.items())
    )


def consents_on(course: Course, option: str) -> frozenset[tuple[str, str]]:
    """(member, record of its caveat) that the last stance of each on that very option lifts."""
    last = {one.member: one for one in course.of(Stance) if one.body.on == option}
    return frozenset((member, caveat) for member, one in last.items() for caveat in one.body.consents)


def check_text(view: View, consultation: str, options: Collection[str]) -> None:
    """For what a text rests on: options of this consultation that stand, and that no caveat forbids to anyone in it.

    Raises Nothing, Replaced, Forbidden.
    """
    rows = _rows(view, said.course(view, consultation))
    for option in options:
        row = _standing(rows.get(option), option)
        if row.forbidden:
            raise _cite(row.id, row.forbidden[0])


def _row(course: Course, one: Said[Option], standing: Sequence[CaveatRow], replaced_by: str | None) -> OptionRow:
    forbidden = caveats.evaluate(one.body, standing, consents_on(course, one.id))
    body = one.body
    return OptionRow(
        id=one.id,
        member=one.member,
        title=body.title,
        field=body.field,
        language=body.language,
        text=body.text,
        parts=body.parts,
        begins_at=body.begins_at,
        at=one.at,
        available_to=caveats.available_to(body, forbidden),
        forbidden=forbidden,
        stances=stances_on(course, one.id),
        instead=body.instead,
        replaced_by=replaced_by,
    )


def _standing(row: OptionRow | None, option: str) -> OptionRow:
    if row is None:
        raise Nothing(option=option)
    if row.replaced_by is not None:
        raise Replaced(option=option, by=row.replaced_by)
    return row


def _cite(option: str, row: ForbiddenRow) -> Forbidden:
    return Forbidden(
        option=option,
        member=row.member,
        caveat=row.caveat,
        of=row.of_member,
        title=row.title,
        source=row.source,
        forbids=", ".join(row.activities),
        stays_open=", ".join(row.open_activities),
    )


# Asked


def offer(ask: OfferOptionAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Offer it. What a caveat forbids may be offered, and shows who cannot. Raises BadField, Nothing, Replaced."""
    course = speaking(view, desk, ask.consultation, "offer-option").course
    members = [part.member for part in ask.parts]
    if len(set(members)) < len(members) or not set(members) <= set(course.remaining):
        raise BadField(field="parts", value=", ".join(members), must_be=f"one each, of {', '.join(course.remaining)}")
    if ask.begins_at <= desk.now:
        raise BadField(field="begins_at", value=ask.begins_at.isoformat(), must_be=f"after {desk.now.isoformat()}")
    if ask.instead is not None:
        _standing(_rows(view, course).get(ask.instead), ask.instead)
    about = () if ask.instead is None else (ask.instead,)
    return (draft(course, Option(**structs.asdict(ask)), *about),)


def take_stance(ask: TakeStanceAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say what we think of it. Nobody supports what its own law forbids it to do.

    Raises Nothing, Replaced, StanceTooLate, Forbidden, NotPermitted.
    """
    found = speaking(view, desk, ask.consultation, "take-stance")
    course, verdict = found.course, found.judged.verdicts.get(ask.on)
    if verdict is not None:
        state = verdict.state(desk.now)
        if state is not TextState.OPEN:
            raise StanceTooLate(text=ask.on, state=state.value, deadline=verdict.text.deadline.isoformat())
        if ask.consents:
            raise BadField(field="consents", must="be left out: caveats are lifted for an option, not for a text")
    else:
        _check_option_stance(ask, _standing(_rows(view, course).get(ask.on), ask.on), course, view, desk)
    return (draft(course, Stance(**structs.asdict(ask)), ask.on, *ask.consents),)


def _check_option_stance(ask: TakeStanceAsk, row: OptionRow, course: Course, view: View, desk: Desk) -> None:
    standing = caveats.standing(view)
    liftable = {one.record for one in standing if one.member == desk.member and one.caveat.consent_lifts}
    if not set(ask.consents) <= liftable:
        raise NotPermitted(consents=", ".join(set(ask.consents) - liftable), liftable=", ".join(sorted(liftable)))
    if ask.consents and ask.position not in WILLING:
        raise BadField(
            field="position", value=ask.position.value, must_be="supports or accepts, to lift a caveat for it"
        )
    if ask.position not in WILLING:
        return
    option = next(one.body for one in course.of(Option) if one.id == row.id)
    consents = {(desk.member, one) for one in ask.consents}
    for forbidden in caveats.evaluate(option, standing, consents):
        if forbidden.member == forbidden.of_member == desk.member:
            raise _cite(row.id, forbidden)


def _rows(view: View, course: Course) -> dict[str, OptionRow]:
    return {row.id: row for row in option_rows(course, caveats.standing(view))}


COMMANDS: tuple[Command[Any], ...] = (
    Command("offer-option", OfferOptionAsk, offer, OFFICERS),
    Command("take-stance", TakeStanceAsk, take_stance, OFFICERS),
)
NOUN = Noun(commands=COMMANDS)
