"""What follows from an adopted text: who does what until when, and the text told to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Line, Name, RecordId, Sha256
from laurel.core.instrument import Command, Desk, Noun, Role, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Utc
from laurel.instruments.consult.board import adopted, statement
from laurel.instruments.consult.course import OFFICERS, draft, speaking, texts_of
from laurel.instruments.consult.course_types import TextRow
from laurel.instruments.consult.records import PROCEDURE, JointStatement, JointText, Remarked, ResponseAction
from laurel.instruments.consult.said import Course
from laurel.instruments.consult.stages import BEFORE_ADOPTION, WrongStage

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
    """Promise it: our own office alone. Raises WrongStage, BadField."""
    course, text = _adopted(view, desk, ask.consultation, "act")
    if ask.due_at <= desk.now:
        raise BadField(field="due_at", value=ask.due_at.isoformat(), must_be=f"after {desk.now.isoformat()}")
    if ask.option is not None and ask.option not in text.options:
        raise BadField(field="option", value=ask.option, must_be=f"one of the text's: {', '.join(text.options)}")
    body = ResponseAction(course.id, text.id, desk.member, ask.office, ask.words, ask.due_at, option=ask.option)
    return (draft(course, body, text.id),)


def issue(ask: IssueStatementAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The adopted words and clauses, and our remarks, unclassified. Raises WrongStage, OtherText, IssuedAlready."""
    course, text = _adopted(view, desk, ask.consultation, "issue-statement")
    if ask.text_hash != text.text_hash:
        raise OtherText(given=ask.text_hash, adopted=text.text_hash, text=text.id)
    issued = statement(course, (text,))
    if issued is not None and desk.member in issued.issued_by:
        raise IssuedAlready(text=text.id, issued_by=", ".join(issued.issued_by))
    said = view.record(text.id)
    if said is None:
        raise Nothing(text=text.id)
    joint = msgspec.json.decode(said.body, type=JointText)
    # A remark is its member's own word: it stands in the record that this member signs.
    remarks = tuple(
        Remarked(course.id, text.id, one.what, one.language, one.words)
        for one in text.remarks
        if one.member == desk.member
    )
    body = JointStatement(
        consultation=course.id,
        text=text.id,
        text_hash=joint.text_hash,
        compact=desk.world.compact,
        members=joint.asked,
        versions=joint.versions,
        clauses=joint.clauses,
        remarks=remarks,
        issued_at=desk.now,
    )
    public = Label(Classification.UNCLASSIFIED, course.members)
    return (Draft(body, public, PROCEDURE, about=(course.id, text.id), answers=course.id),)


def _adopted(view: View, desk: Desk, consultation: str, command: str) -> tuple[Course, TextRow]:
    course = speaking(view, desk, consultation, command)
    text = adopted(texts_of(view, course.id, desk.now))
    if text is None:
        raise WrongStage(ask=f"consult/{command}", do=BEFORE_ADOPTION)
    return course, text


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
