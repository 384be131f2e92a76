"""Conversations: messages in their writers' own languages, to any audience of the compact.

A message without a conversation opens one, which is called by its id. Those who were told of the opening may be told of
what follows, all of them or fewer, never more: whoever else shall know gets a conversation of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from sqlalchemy import Boolean, Column, Index, MetaData, Row, Table, Text

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Code, Language, Line, Name, RecordId
from laurel.core.fields import Text as Words
from laurel.core.instrument import Command, Desk, Fold, Kept, Meet, Noun, Role, Rows, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.tables import said_columns, said_row
from laurel.instruments.hotline import attachments
from laurel.instruments.hotline.records import MESSAGE, Attachment, Call, Message

TALKS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL})
"""Who speaks on the hotline, and whose screens count as shown."""

# Kept

messages = Kept(
    Table(
        "hotline_message",
        MetaData(),
        *said_columns(),
        Column("conversation", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("answers", Text),
        Column("about", Text, nullable=False),
        Column("readback", Boolean, nullable=False),
        Column("attachments", Text, nullable=False),
        Column("minutes_of", Text),
        Index("hotline_message_at", "at", "id", "conversation"),
        Index("hotline_message_conversation", "conversation", "at", "id"),
        Index("hotline_message_precedence", "precedence", "at", "id"),
        Index("hotline_message_answers", "answers", "by_member"),
    ),
    Meet.ONCE,
)


def fold_message(record_id: str, record: Record[Message]) -> Rows:
    """One row for each message."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "conversation": body.conversation or record_id,
        "subject": body.subject or "",
        "language": body.language,
        "text": body.text,
        "answers": record.answers,
        "about": " ".join(record.about),
        "readback": body.readback,
        "attachments": msgspec.json.encode(body.attachments).decode(),
        "minutes_of": body.minutes_of and msgspec.json.encode(body.minutes_of).decode(),
    }
    return ((messages, row),)


FOLDS: Mapping[str, Fold] = {MESSAGE.name: fold_message}

NOT_HERE = "(the message that opened it is not here)"
"""The subject of a conversation whose opening was taken back, or has not come."""


def subject_of(opening: Row[Any] | None) -> str:
    """What a conversation is called: the subject of the message that opened it."""
    return NOT_HERE if opening is None or not opening.subject else opening.subject


# Asked


class NotToldOf(BadAsk):
    """What follows in a conversation is for those who were told of it."""

    says = "this would tell somebody who was not told of what it follows"
    remedy = "leave that member out, or open another conversation with it and cite this one in `about`"


class TakenBack(BadAsk):
    """Its author took it back, so nobody answers or translates it any more."""

    says = "this message was taken back"
    remedy = "look at the conversation again and answer what stands"


class SendAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Send a message: with a `subject` and `to` it opens a conversation, else it goes on in one.

    What goes on in a conversation goes to all who were told of its opening, or of what it answers; `to` may name
    fewer. Our own code need not be in it. Who gets a message with `readback` must say what he understood.
    """

    classification: Classification
    precedence: Precedence
    language: Language
    text: Words
    to: tuple[Code, ...] = ()
    subject: Line | None = None
    conversation: RecordId | None = None
    answers: RecordId | None = None
    about: Annotated[tuple[RecordId, ...], Meta(max_length=50)] = ()
    caveats: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    readback: bool = False
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()
    minutes_of: Call | None = None


def send(ask: SendAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The message, to exactly those it names. Raises BadField, Nothing, TakenBack, NotToldOf, FileForFewer."""
    _check_words(ask)
    for one in ask.about:
        if view.record(one) is None:
            raise Nothing(about=one)
    conversation = ask.conversation
    if ask.answers is not None:
        _, answered = message_of(ask.answers, view)
        conversation = _same(conversation, answered.conversation or ask.answers)
    if (ask.subject is None) is (conversation is None):
        raise BadField(field="subject", must_be="given when a message opens a conversation, and only then")
    audience = _opened_to(ask, desk) if conversation is None else _told(ask, conversation, view, desk)
    attachments.check_attached(view, tuple(sorted(audience)), ask.attachments)
    body = Message(
        language=ask.language,
        text=ask.text,
        conversation=conversation,
        subject=ask.subject,
        readback=ask.readback,
        attachments=ask.attachments,
        minutes_of=ask.minutes_of,
    )
    told = label(ask.classification, audience, frozenset(ask.caveats))
    return (Draft(body, told, ask.precedence, about=ask.about, answers=ask.answers),)


def message_of(record_id: str, view: View) -> tuple[Record[Raw], Message]:
    """A message that is here and stands. Raises Nothing, TakenBack."""
    found = view.record(record_id)
    if found is None or found.kind != MESSAGE.name:
        raise Nothing(message=record_id)
    if not view.stands(record_id):
        raise TakenBack(message=record_id, member=found.origin)
    return found, msgspec.json.decode(found.body, type=Message)


def _check_words(ask: SendAsk) -> None:
    if not ask.text.strip():
        raise BadField(field="text", must_be="words")
    call = ask.minutes_of
    if call is not None and call.ended_at < call.began_at:
        raise BadField(field="minutes_of.ended_at", value=call.ended_at.isoformat(), must_be="after it began")


def _same(given: str | None, answered: str) -> str:
    if given not in {None, answered}:
        raise BadField(field="answers", in_conversation=answered, must_be="a message of the conversation it goes on in")
    return answered


def _opened_to(ask: SendAsk, desk: Desk) -> set[str]:
    audience = _named(ask, desk)
    if audience == {desk.member}:
        raise BadField(field="to", value="", must_be=f"some of {', '.join(_others(desk))}")
    return audience


def _told(ask: SendAsk, conversation: str, view: View, desk: Desk) -> set[str]:
    """To whom what goes on there may go: all who were told and still belong, or those of them who are named."""
    opening = view.record(conversation)
    if opening is None or opening.kind != MESSAGE.name:
        raise Nothing(conversation=conversation)
    if msgspec.json.decode(opening.body, type=Message).conversation is not None:
        raise BadField(field="conversation", value=conversation, must_be="the message that opened it")
    told = set(opening.label.rel_to)
    if ask.answers is not None:
        told &= set(message_of(ask.answers, view)[0].label.rel_to)
    if not ask.to:
        audience = told & {desk.member, *desk.members}
        if audience == {desk.member}:
            raise BadField(field="to", value="", must_be="somebody: nobody else of this conversation belongs any more")
        return audience
    audience = _named(ask, desk)
    if not audience <= told:
        raise NotToldOf(not_told=", ".join(sorted(audience - told)), told=", ".join(sorted(told)))
    return audience


def _named(ask: SendAsk, desk: Desk) -> set[str]:
    strangers = set(ask.to) - {desk.member, *desk.members}
    if strangers:
        raise BadField(field="to", value=", ".join(sorted(strangers)), must_be=f"of {', '.join(_others(desk))}")
    return {*ask.to, desk.member}


def _others(desk: Desk) -> list[str]:
    return sorted({*desk.members} - {desk.member})


COMMANDS: tuple[Command[Any], ...] = (Command("send", SendAsk, send, TALKS),)
NOUN = Noun(tables=(messages,), folds=FOLDS, commands=COMMANDS)
