"""What is said of how far a message came: by the node that has it, by a screen, by an officer who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, structs
from sqlalchemy import bindparam, select

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Line, Name, RecordId, Text
from laurel.core.instrument import Command, Desk, Item, Noun, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record
from laurel.core.tables import label_of
from laurel.instruments.hotline.board_types import Reached
from laurel.instruments.hotline.conversation import TALKS, message_of, messages, subject_of
from laurel.instruments.hotline.reach import SENT, judged, receipts, waiting
from laurel.instruments.hotline.records import (
    MESSAGE,
    Acknowledged,
    Delivered,
    Message,
    ReadbackJudged,
    Shown,
)

ON_THE_DOCKET = 100
SUMMARY_LENGTH = 200

_M, _R, _J = messages.table.c, receipts.table.c, judged.table.c

# Asked


class NotOurs(BadAsk):
    """Each member judges what was read back of its own messages."""

    says = "this message was sent by another member"
    remedy = "the member that sent it says whether it was understood"


class OwnMessage(BadAsk):
    """Nobody acknowledges to himself."""

    says = "this message is our own"
    remedy = "those it was sent to acknowledge it"


class ShownAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """These messages are on the screen of an officer. What was shown before, or is our own, is passed over."""

    messages: Annotated[tuple[RecordId, ...], Meta(min_length=1, max_length=500)]


class AcknowledgeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Acknowledge a message for your office. `readback`, in your own words, where the message wants one."""

    message: RecordId
    office: Name
    readback: Text | None = None


class JudgeReadbackAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say whether what was read back is what we meant. Who was wrong reads back again."""

    acknowledgement: RecordId
    right: bool
    remark: Line | None = None


_OUR_SHOWN = select(_R.message).where(
    _R.message.in_(bindparam("of", expanding=True)),
    _R.by_member == bindparam("us"),
    _R.reached == Reached.SHOWN.value,
)


def shown(ask: ShownAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """One receipt for each that was not shown at our house before. Raises Nothing."""
    of = list(dict.fromkeys(ask.messages))
    stand = {row.id: row for row in view.rows(SENT, of=of)}
    for one in of:
        if one not in stand and view.record(one) is None:
            raise Nothing(message=one)
    before = {row.message for row in view.rows(_OUR_SHOWN, of=of, us=desk.member)}
    drafts: list[Draft] = []
    for one in of:
        found = view.record(one) if one in stand and one not in before else None
        if found is not None and found.origin != desk.member:
            drafts.append(_receipt_for(one, found, Shown(one), desk))
    return drafts


def acknowledge(ask: AcknowledgeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The acknowledgement, to all who have the message. Raises Nothing, TakenBack, OwnMessage, BadField."""
    found, message = message_of(ask.message, view)
    if found.origin == desk.member:
        raise OwnMessage(message=ask.message)
    if message.readback and not (ask.readback or "").strip():
        raise BadField(field="readback", must_be="what you understood, in your own words: this message wants it")
    return (_receipt_for(ask.message, found, Acknowledged(ask.message, ask.office, ask.readback), desk),)


def judge_readback(ask: JudgeReadbackAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The word on a readback, to all who have the message. Raises Nothing, TakenBack, NotOurs, BadField."""
    given = view.rows(_ACKNOWLEDGED, of=ask.acknowledgement)
    if not given:
        raise Nothing(acknowledgement=ask.acknowledgement)
    message = given[0].message
    found, _ = message_of(message, view)
    if found.origin != desk.member:
        raise NotOurs(message=message, sent_by=found.origin)
    if given[0].readback is None:
        raise BadField(field="acknowledgement", value=ask.acknowledgement, must_be="one that reads something back")
    body = ReadbackJudged(ask.acknowledgement, ask.right, ask.remark)
    draft = _receipt_for(message, found, body, desk)
    return (structs.replace(draft, about=(ask.acknowledgement, message)),)


def on_message(record_id: str, record: Record[Message], view: View, desk: Desk) -> Sequence[Draft]:
    """Our node has it on its disk, it tells all who have it: not of what we sent ourselves."""
    del view
    if record.origin == desk.member:
        return ()
    return (_receipt_for(record_id, record, Delivered(record_id), desk),)


def _receipt_for(message: str, found: Record[Any], body: Struct, desk: Desk) -> Draft:
    return Draft(body, still_told(found.label, desk), found.precedence, about=(message,))


def still_told(given: Label, desk: Desk) -> Label:
    """That label, without those who have left: nothing can be told to them."""
    entitled = {desk.member, *desk.members}
    return structs.replace(given, rel_to=tuple(one for one in given.rel_to if one in entitled))


_ACKNOWLEDGED = select(receipts.table).where(_R.id == bindparam("of"), _R.reached == Reached.ACKNOWLEDGED.value)


# The docket

_TITLES = select(_M.id, _M.conversation, _M.subject, _M.text, _M.label, _M.by_member).where(
    _M.id.in_(bindparam("of", expanding=True))
)
_UNJUDGED = (
    select(_R.id, _R.by_member, _R.office, _R.readback, _M.id.label("message"), _M.label)
    .join_from(receipts.table, messages.table, _M.id == _R.message)
    .where(
        _M.by_member == bindparam("us"),
        _R.by_member != bindparam("us"),
        _R.readback.is_not(None),
        ~select(_J.id).where(_J.acknowledgement == _R.id, _J.by_member == bindparam("us")).exists(),
    )
    .order_by(_R.at.desc(), _R.id)
    .limit(ON_THE_DOCKET)
)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each message that waits for our officers, and for each readback that waits for our word."""
    del now
    waits_for_us = waiting(view)[:ON_THE_DOCKET]
    rows = {row.id: row for row in view.rows(_TITLES, of=[one.id for one in waits_for_us])}
    openings = {row.id: row for row in view.rows(_TITLES, of=[one.conversation for one in waits_for_us])}
    items = [
        Item(
            subject=one.id,
            title=f"{one.precedence.name} message of {one.by}: {subject_of(openings.get(one.conversation))}",
            state="waits to be read back again" if one.again else "waits to be acknowledged",
            due=None,
            offices=("watch officer",),
            label=label_of(rows[one.id].label),
            summary=rows[one.id].text[:SUMMARY_LENGTH],
        )
        for one in waits_for_us
    ]
    return items + [
        Item(
            subject=row.id,
            title=f"{row.by_member} ({row.office}) read back a message of ours",
            state="waits for our word: right or wrong",
            due=None,
            offices=("watch officer",),
            label=label_of(row.label),
            summary=row.readback[:SUMMARY_LENGTH],
        )
        for row in view.rows(_UNJUDGED, us=view.member)
    ]


COMMANDS: tuple[Command[Any], ...] = (
    Command("shown", ShownAsk, shown, TALKS),
    Command("acknowledge", AcknowledgeAsk, acknowledge, TALKS),
    Command("judge-readback", JudgeReadbackAsk, judge_readback, TALKS),
)
NOUN = Noun(
    commands=COMMANDS,
    reactions={MESSAGE.name: on_message},
    docket=docket,
)
