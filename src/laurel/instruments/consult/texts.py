"""Joint texts: what officers ask about them. Proposed, extended, amended, taken up, assented to, objected to.

`adoption.py` says when one is adopted, `silence.py` when our silence is our assent. What is refused here is refused
so that a person learns why; what a peer says all the same is judged by the same rule at every node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Language, Name, RecordId, Sha256, Text
from laurel.core.instrument import PEOPLE, Command, Desk, Noun, Role, View
from laurel.core.record import Draft, Utc
from laurel.instruments.consult import deadlines, silence, votes
from laurel.instruments.consult.adoption import FEWEST, YES, Verdict
from laurel.instruments.consult.clauses import FREEDOM
from laurel.instruments.consult.course_types import TextState, VoteKind
from laurel.instruments.consult.drafts import edited, hash_of
from laurel.instruments.consult.procedure import Procedure, procedure_of, vote_row
from laurel.instruments.consult.records import (
    Amended,
    Assented,
    Edit,
    JointText,
    Objected,
    Remarked,
    Seconds,
    TextShown,
    Version,
)
from laurel.instruments.consult.voice import draft, speaking
from laurel.instruments.consult.words import Purpose, RemarkKind

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL})
PRINCIPALS = frozenset({Role.PRINCIPAL})

Reason = Annotated[str, Meta(max_length=1_000)]


class Superseded(BadAsk):
    """Words that are no longer on the table."""

    says = "a later round is open: this text is no longer the one to speak to"
    remedy = "speak to the text of the latest round, which the facts name"


class NoLongerOpen(BadAsk):
    """Adopted, or never to be."""

    says = "where this text stands is final"
    remedy = "see laurel consult consultation; if it was not adopted, propose the next round"


class Spent(BadAsk):
    """One vote a round."""

    says = "this member has used its vote of this round"
    remedy = "propose the next round, or wait for it: there everybody has a vote again"


class NotAsked(BadAsk):
    """Only whom the text asks can agree to it."""

    says = "this text does not ask this member, or does not ask all whom it must"
    remedy = "propose the next round: it asks all members that did not leave"


class OtherWords(BadAsk):
    """One agrees to exact words."""

    says = "this is not the hash of that text"
    remedy = "read the text again and give the hash that is shown with it"


class TooFewLeft(BadAsk):
    """Nobody agrees alone."""

    says = "fewer than two members are left in this consultation"
    remedy = "request a new one: laurel consult request"


class Adopted(BadAsk):
    """One text for each purpose."""

    says = "a text was adopted for this purpose already"
    remedy = "request a new consultation to go further: laurel consult request"


class TooLate(BadAsk):
    """Others may have adopted the text without it by now."""

    says = "a reservation is said before the assent that it belongs to"
    remedy = "say it as an interpretation, or object to the next round"


class ProposeTextAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Propose a joint text, which is our assent to it. All others assent by silence until the deadline.

    `least_s`: for no less than so long has an officer it before him whose silence counts. `amends` names a text of the
    round before; it may be left out where there is but one.
    """

    consultation: RecordId
    purpose: Purpose
    versions: Annotated[tuple[Version, ...], Meta(min_length=1, max_length=6)]
    deadline: Utc
    options: Annotated[tuple[RecordId, ...], Meta(max_length=20)] = ()
    least_s: Seconds = 3_600
    amends: RecordId | None = None
    reason: Reason = ""


class ExtendAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Propose the same words again with another deadline. It is a round of its own: everybody votes anew."""

    text: RecordId
    deadline: Utc
    reason: Reason = ""


class TakeUpAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Propose the text as a member would have it, by the record of its amendment."""

    amendment: RecordId
    deadline: Utc
    reason: Reason = ""


class ShownTextAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """This text is before that office of ours, whole."""

    text: RecordId
    office: Name


class AssentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Agree to this text expressly. `text_hash` is what stood beside the words that were read."""

    text: RecordId
    text_hash: Sha256
    office: Name


class ObjectAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Do not agree: this text is never adopted."""

    text: RecordId
    language: Language
    reason: Text


class AmendAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say how the text would have to read: as it stands it is never adopted. Each edit fits once in its version."""

    text: RecordId
    edits: Annotated[tuple[Edit, ...], Meta(min_length=1, max_length=200)]
    language: Language
    reason: Text


class RemarkAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A reservation (before our assent) or an interpretation (at any time) that goes with our assent to this text."""

    text: RecordId
    what: RemarkKind
    language: Language
    words: Text


# Proposing


def propose_text(ask: ProposeTextAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Propose it in the next round, to all that did not leave.

    Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, Adopted, TooFewLeft, Superseded, TooSoon, BadField.
    """
    found = speaking(view, desk, ask.consultation)
    languages = [one.language for one in ask.versions]
    if len(set(languages)) != len(languages):
        raise BadField(field="versions", value=", ".join(languages), must="name each language once")
    return (_proposal(ask, found, view, desk),)


def extend(ask: ExtendAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The same words in the next round.

    Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, NoLongerOpen, TooFewLeft, Superseded, TooSoon.
    """
    found, _ = _open_text(ask.text, view, desk)
    before = found.drafts[ask.text].body
    return (_proposal(_again(before, before.versions, ask.text, ask), found, view, desk),)


def take_up(ask: TakeUpAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The words as that amendment would have them, in the next round.

    Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, Adopted, TooFewLeft, Superseded, TooSoon, EditDoesNotFit.
    """
    row = vote_row(view, ask.amendment)
    if row is None or row.vote != VoteKind.AMENDED.value:
        raise Nothing(amendment=ask.amendment)
    found = speaking(view, desk, row.consultation)
    cast = found.cast.get(ask.amendment)
    if cast is None or not isinstance(cast.body, Amended) or row.text not in found.drafts:
        raise Nothing(amendment=ask.amendment, text=row.text)
    before = found.drafts[row.text].body
    again = _again(before, edited(before.versions, cast.body.edits), row.text, ask)
    return (_proposal(again, found, view, desk, ask.amendment),)


def _again(before: JointText, versions: tuple[Version, ...], amends: str, ask: ExtendAsk | TakeUpAsk) -> ProposeTextAsk:
    return ProposeTextAsk(
        consultation=before.consultation,
        purpose=before.purpose,
        versions=versions,
        deadline=ask.deadline,
        options=before.options,
        least_s=before.least_s,
        amends=amends,
        reason=ask.reason,
    )


def _proposal(ask: ProposeTextAsk, found: Procedure, view: View, desk: Desk, *about: str) -> Draft:
    judged, course = found.judged, found.course
    if ask.purpose in judged.adopted:
        raise Adopted(purpose=ask.purpose.value, text=judged.adopted[ask.purpose])
    asked = tuple(code for code in course.members if code not in judged.departed)
    if len(asked) < FEWEST:
        raise TooFewLeft(departed=", ".join(sorted(judged.departed)))
    deadlines.check_deadline(view, set(asked) - {desk.member}, ask.deadline, ask.least_s, desk.now)
    amends = _amended(ask, found)
    text_hash = hash_of(ask.purpose, ask.versions, ask.options, FREEDOM)
    if text_hash is None:
        raise Nothing(clauses=FREEDOM)
    body = JointText(
        consultation=course.id,
        purpose=ask.purpose,
        round=judged.ballots[ask.purpose].next_round,
        versions=ask.versions,
        options=ask.options,
        clauses=FREEDOM,
        text_hash=text_hash,
        asked=asked,
        deadline=ask.deadline,
        least_s=ask.least_s,
        amends=amends,
        without=tuple(judged.departed[code] for code in sorted(judged.departed)),
        reason=ask.reason,
    )
    return draft(course, body, *about, *ask.options, answers=amends)


def _amended(ask: ProposeTextAsk, found: Procedure) -> str | None:
    """The text of the round before that this one amends; None in the first round. Raises Superseded, BadField."""
    latest = _latest(found, ask.purpose)
    if ask.amends is None and len(latest) <= 1:
        return latest[0] if latest else None
    if ask.amends is None:
        raise BadField(field="amends", must_be=f"one of the texts of the round before: {', '.join(latest)}")
    if ask.amends not in latest:
        raise Superseded(text=ask.amends, latest=", ".join(latest))
    return ask.amends


def _latest(found: Procedure, purpose: Purpose) -> Sequence[str]:
    """The texts of the latest round of that purpose that are here."""
    drafts = found.of_purpose(purpose)
    return [one.id for one in drafts if one.body.round == drafts[-1].body.round]


# Voting


def shown_text(ask: ShownTextAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """That it was shown to that office; nothing if we said so. Raises Nothing, WeLeft, MemberGone, VoiceLost, Over."""
    found = _procedure_of(ask.text, view)
    if ask.office in found.shown_to(ask.text, desk.member):
        return ()
    found = speaking(view, desk, found.course.id)
    return (draft(found.course, TextShown(ask.text, ask.office), ask.text, answers=ask.text),)


def assent(ask: AssentAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our assent to these very words.

    Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, NoLongerOpen, Superseded, NotAsked, Spent, OtherWords.
    """
    found, verdict = _votable(ask.text, view, desk)
    text = verdict.text
    if ask.text_hash != text.text_hash:
        raise OtherWords(you_gave=ask.text_hash, text=ask.text, has=text.text_hash)
    if not verdict.right:
        raise NotAsked(asked=", ".join(text.asked), not_here_yet=", ".join(text.without))
    shown = found.shown_to(ask.text, desk.member)
    shown_to = shown if ask.office in shown else (*shown, ask.office)
    body = Assented(
        found.course.id, ask.text, text.text_hash, text.purpose, text.round, silent=False, shown_to=shown_to
    )
    return (draft(found.course, body, ask.text, answers=ask.text),)


def object_(ask: ObjectAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our objection. Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, NoLongerOpen, Superseded, NotAsked, Spent."""
    found, verdict = _votable(ask.text, view, desk)
    text = verdict.text
    body = Objected(found.course.id, ask.text, text.purpose, text.round, ask.language, ask.reason)
    return (draft(found.course, body, ask.text, answers=ask.text),)


def amend(ask: AmendAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """How we would have it.

    Raises Nothing, WeLeft, MemberGone, VoiceLost, Over, NoLongerOpen, Superseded, NotAsked, Spent, EditDoesNotFit.
    """
    found, verdict = _votable(ask.text, view, desk)
    edited(found.drafts[ask.text].body.versions, ask.edits)
    text = verdict.text
    body = Amended(found.course.id, ask.text, text.purpose, text.round, ask.edits, ask.language, ask.reason)
    return (draft(found.course, body, ask.text, answers=ask.text),)


def remark(ask: RemarkAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """What goes with our assent. Raises Nothing, WeLeft, MemberGone, VoiceLost, NotAsked, NoLongerOpen, TooLate."""
    found = speaking(view, desk, _procedure_of(ask.text, view).course.id)
    verdict = found.judged.verdicts[ask.text]
    if desk.member not in verdict.votes:
        raise NotAsked(member=desk.member, asked=", ".join(verdict.text.asked))
    if verdict.final is not None and verdict.final is not TextState.ADOPTED:
        raise NoLongerOpen(text=ask.text, state=verdict.final.value)
    if ask.what is RemarkKind.RESERVATION and verdict.votes[desk.member] in YES:
        raise TooLate(text=ask.text, assented=desk.member)
    body = Remarked(found.course.id, ask.text, ask.what, ask.language, ask.words)
    return (draft(found.course, body, ask.text, answers=ask.text),)


def _procedure_of(text: str, view: View) -> Procedure:
    found = procedure_of(view, text)
    if found is None:
        raise Nothing(text=text)
    return found


def _open_text(text: str, view: View, desk: Desk) -> tuple[Procedure, Verdict]:
    """A text of the latest round that may still be adopted, in a consultation where our word counts."""
    found = speaking(view, desk, _procedure_of(text, view).course.id)
    verdict = found.judged.verdicts[text]
    latest = _latest(found, verdict.text.purpose)
    if text not in latest:
        raise Superseded(text=text, latest=", ".join(latest))
    if verdict.final is not None:
        raise NoLongerOpen(text=text, state=verdict.final.value)
    return found, verdict


def _votable(text: str, view: View, desk: Desk) -> tuple[Procedure, Verdict]:
    found, verdict = _open_text(text, view, desk)
    if desk.member not in verdict.votes:
        raise NotAsked(member=desk.member, asked=", ".join(verdict.text.asked))
    if found.judged.ballots[verdict.text.purpose].spent(desk.member, verdict.text.round):
        raise Spent(member=desk.member, round=verdict.text.round)
    return found, verdict


COMMANDS: tuple[Command[Any], ...] = (
    Command("propose-text", ProposeTextAsk, propose_text, PRINCIPALS, confirm="Propose this text, and agree to it?"),
    Command("extend", ExtendAsk, extend, PRINCIPALS, confirm="Propose the same words in a round with this deadline?"),
    Command("take-up", TakeUpAsk, take_up, PRINCIPALS, confirm="Propose the text as amended, and agree to it?"),
    Command("shown-text", ShownTextAsk, shown_text, PEOPLE),
    Command("assent", AssentAsk, assent, PRINCIPALS, confirm="Have you read every version, and do we agree to it?"),
    Command("object", ObjectAsk, object_, OFFICERS, confirm="Object, so that this text is never adopted?"),
    Command("amend", AmendAsk, amend, OFFICERS, confirm="Ask for these changes, so that this text is never adopted?"),
    Command("remark", RemarkAsk, remark, PRINCIPALS),
    *silence.COMMANDS,
)
NOUN = Noun(
    tables=(*votes.TABLES, *deadlines.TABLES),
    folds={**votes.FOLDS, **deadlines.FOLDS},
    commands=COMMANDS,
    reactions=silence.REACTIONS,
    due=silence.due,
    docket=silence.docket,
)
