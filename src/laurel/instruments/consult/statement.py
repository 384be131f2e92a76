"""What follows from an adopted text: who does what until when, and the text told to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from laurel.core.errors import BadAsk, BadField
from laurel.core.fields import Line, Name, RecordId, Sha256
from laurel.core.instrument import Command, Desk, Noun, Role, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Utc
from laurel.instruments.consult.board import statement
from laurel.instruments.consult.course import OFFICERS, speaking
from laurel.instruments.consult.procedure import Draft as Proposed
from laurel.instruments.consult.procedure import Procedure
from laurel.instruments.consult.records import PROCEDURE, JointStatement, ResponseAction
from laurel.instruments.consult.voice import draft
from laurel.instruments.consult.words import Purpose

ISSUERS = frozenset({Role.PRINCIPAL, Role.RELEASE_AUTHORITY})


class OtherText(BadAsk):
    """What is told to everybody is what was adopted, to the letter."""

    says = "this is not the text that was adopted"
    remedy = "read the adopted text again, and give its hash as it stands there"


class IssuedAlready(BadAsk):
    """Once is enough."""

    says = "we have issued this joint statement already"
    remedy = "see who has not: laurel consult consultation"


class ActAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """An office of ours does this until then, as follows from the adopted text; `option` is one of that text."""

    consultation: RecordId
    office: Name
    words: Line
    due_at: Utc
    option: RecordId | None = None


class IssueStatementAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Tell everybody the adopted text. `text_hash` is that of the text which was on the screen."""

    consultation: RecordId
    text_hash: Sha256


def act(ask: ActAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Promise it: our own office alone. Raises WrongStage, WeLeft, MemberGone, BadField."""
    found, text = _adopted(view, desk, ask.consultation, "act")
    if ask.due_at <= desk.now:
        raise BadField(field="due_at", value=ask.due_at.isoformat(), must_be=f"after {desk.now.isoformat()}")
    if ask.option is not None and ask.option not in text.body.options:
        raise BadField(field="option", value=ask.option, must_be=f"one of the text's: {', '.join(text.body.options)}")
    body = ResponseAction(found.course.id, text.id, desk.member, ask.office, ask.words, ask.due_at, option=ask.option)
    return (draft(found.course, body, text.id),)


def issue(ask: IssueStatementAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The adopted words and clauses, and our own remarks, unclassified.

    Raises WrongStage, WeLeft, MemberGone, OtherText, IssuedAlready.
    """
    found, text = _adopted(view, desk, ask.consultation, "issue-statement")
    course, joint = found.course, text.body
    if ask.text_hash != joint.text_hash:
        raise OtherText(given=ask.text_hash, adopted=joint.text_hash, text=text.id)
    issued = statement(found)
    if issued is not None and desk.member in issued.issued_by:
        raise IssuedAlready(text=text.id, issued_by=", ".join(issued.issued_by))
    body = JointStatement(
        consultation=course.id,
        text=text.id,
        text_hash=joint.text_hash,
        compact=desk.world.compact,
        members=joint.asked,
        versions=joint.versions,
        clauses=joint.clauses,
        # A remark is its member's own word: it stands in the record that this member signs.
        remarks=tuple(one.body for one in found.counted_remarks(text.id) if one.member == desk.member),
        issued_at=desk.now,
    )
    public = Label(Classification.UNCLASSIFIED, course.members)
    return (Draft(body, public, PROCEDURE, about=(course.id, text.id), answers=course.id),)


def _adopted(view: View, desk: Desk, consultation: str, command: str) -> tuple[Procedure, Proposed]:
    found = speaking(view, desk, consultation, command)
    return found, found.drafts[found.judged.adopted[Purpose.RESPONSE]]


COMMANDS: tuple[Command[Any], ...] = (
    Command("act", ActAsk, act, OFFICERS),
    Command(
        "issue-statement",
        IssueStatementAsk,
        issue,
        ISSUERS,
        confirm="Tell everybody this adopted text? It goes out without classification and cannot be taken back.",
    ),
)
NOUN = Noun(commands=COMMANDS)
