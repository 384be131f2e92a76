"""What the hotline shows: the board of all conversations, and one of them whole.

Every screen is told of the board after each commit, so it must cost as much after ten years as on the first day: it
looks at the last `LOOKED_AT` messages for conversations, of each precedence at the last `reach.LOOKED_AT` for calls.
What is older is found by search, and by a conversation's own id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Row, bindparam, func, select, tuple_

from laurel.core.errors import Nothing
from laurel.core.fields import RecordId
from laurel.core.instrument import NoAsk, Noun, Query, View
from laurel.core.label import Label, label
from laurel.core.record import Precedence
from laurel.core.tables import label_of
from laurel.instruments.hotline import attachments, translations
from laurel.instruments.hotline.board_types import (
    AttachmentRow,
    Board,
    CallRow,
    Conversation,
    ConversationRow,
    MessageRow,
    Reach,
    TranslationRow,
)
from laurel.instruments.hotline.climb import climbs
from laurel.instruments.hotline.conversation import messages, subject_of
from laurel.instruments.hotline.reach import Waiting, reach_of, receipts, waiting, waits
from laurel.instruments.hotline.records import Attachment, Call

CONVERSATIONS = 50
CALLS = 50
LOOKED_AT = 500
"""Among so many of the last messages conversations are looked for, and their messages counted."""
SHOWN_LENGTH = 500

_M = messages.table.c
_R = receipts.table.c
_LAST = select(_M.conversation, _M.id).order_by(_M.at.desc(), _M.id.desc()).limit(LOOKED_AT)
_OF = select(messages.table).where(_M.id.in_(bindparam("of", expanding=True)))
_ARRIVED = (
    select(_R.message, func.min(_R.at).label("at"))
    .where(_R.message.in_(bindparam("of", expanding=True)), _R.by_member == bindparam("us"))
    .group_by(_R.message)
)


def answer_board(ask: NoAsk, view: View, now: datetime) -> Board:
    """What waits for us, and the latest conversations: 50 of each at most, from among the last messages."""
    del ask
    waiting_for_us = waiting(view)
    return Board(now, _calls(view, waiting_for_us[:CALLS]), _conversations(view, waiting_for_us))


def _calls(view: View, called: Sequence[Waiting]) -> tuple[CallRow, ...]:
    ids = [one.id for one in called]
    rows = _by_id(view, [*ids, *(one.conversation for one in called)])
    arrived = {row.message: row.at for row in view.rows(_ARRIVED, of=ids, us=view.member)}
    climbing = climbs(view, ids)
    return tuple(
        CallRow(
            message=one.id,
            conversation=one.conversation,
            subject=subject_of(rows.get(one.conversation)),
            member=one.by,
            at=one.at,
            since=datetime.fromisoformat(arrived.get(one.id, rows[one.id].at)),
            precedence=one.precedence,
            language=rows[one.id].language,
            text=rows[one.id].text[:SHOWN_LENGTH],
            readback=rows[one.id].readback,
            called=climbing[one.id].called,
            next_office=climbing[one.id].next_office,
            next_at=climbing[one.id].next_at,
            failed=climbing[one.id].failed,
        )
        for one in called
    )


def _conversations(view: View, waiting_for_us: Sequence[Waiting]) -> tuple[ConversationRow, ...]:
    looked_at = view.rows(_LAST)
    number = Counter(row.conversation for row in looked_at)
    of = list(number)[:CONVERSATIONS]
    last = {row.conversation: row.id for row in reversed(looked_at)}
    lasts = [last[one] for one in of]
    rows, reach = _by_id(view, [*of, *lasts]), reach_of(view, lasts)
    unheard = Counter(one.conversation for one in waiting_for_us)
    return tuple(_row(one, rows.get(one), rows[last[one]], number[one], reach[last[one]], unheard[one]) for one in of)


def _row(
    conversation: str,
    opening: Row[Any] | None,
    last: Row[Any],
    messages: int,
    reach: Sequence[Reach],
    unacknowledged: int,
) -> ConversationRow:
    first = last if opening is None else opening
    return ConversationRow(
        id=conversation,
        subject=subject_of(opening),
        banner=_marking([label_of(first.label), label_of(last.label)]).banner,
        members=label_of(first.label).rel_to,
        precedence=Precedence(last.precedence),
        opened_by=first.by_member,
        opened_at=datetime.fromisoformat(first.at),
        last_at=datetime.fromisoformat(last.at),
        last_member=last.by_member,
        last_text=last.text[:SHOWN_LENGTH],
        last_language=last.language,
        messages=messages,
        waits_for=tuple(one.member for one in reach if waits(one, last.precedence)),
        unacknowledged=unacknowledged,
    )


def _marking(labels: Sequence[Label]) -> Label:
    """What a page that shows all of these is marked with: the strictest of them, to all told of the first."""
    strictest = max((one.classification for one in labels), key=lambda one: one.rank)
    caveats = frozenset(caveat for one in labels for caveat in one.caveats)
    return label(strictest, set(labels[0].rel_to), caveats)


def _by_id(view: View, ids: Iterable[str]) -> Mapping[str, Row[Any]]:
    return {row.id: row for row in view.rows(_OF, of=list(dict.fromkeys(ids)))}


# One conversation


class ConversationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Which conversation, and how many of its messages: the last, or the last before one of them."""

    id: RecordId
    most: Annotated[int, Meta(ge=1, le=500)] = 100
    before: RecordId | None = None


_IN = (
    select(messages.table)
    .where(_M.conversation == bindparam("of"))
    .order_by(_M.at.desc(), _M.id.desc())
    .limit(bindparam("most"))
)
_BEFORE = _IN.where(tuple_(_M.at, _M.id) < tuple_(bindparam("at"), bindparam("id")))
_EARLIER = (
    select(func.count())
    .where(_M.conversation == bindparam("of"))
    .where(tuple_(_M.at, _M.id) < tuple_(bindparam("at"), bindparam("id")))
)


def answer_conversation(ask: ConversationAsk, view: View, now: datetime) -> Conversation:
    """Its last messages, oldest first, each with how far it came and its translations. Raises Nothing."""
    del now
    key: dict[str, Any] = {"of": ask.id, "most": ask.most}
    if ask.before is None:
        found = list(reversed(view.rows(_IN, **key)))
    else:
        before = _by_id(view, [ask.before]).get(ask.before)
        if before is None or before.conversation != ask.id:
            raise Nothing(message=ask.before, conversation=ask.id)
        found = list(reversed(view.rows(_BEFORE, **(key | {"at": before.at, "id": before.id}))))
        if not found:
            raise Nothing(message_before=ask.before, conversation=ask.id)
    if not found:
        raise Nothing(conversation=ask.id)
    opening = _by_id(view, [ask.id]).get(ask.id)
    [[earlier]] = view.rows(_EARLIER, of=ask.id, at=found[0].at, id=found[0].id)
    first = found[0] if opening is None else opening
    return Conversation(
        id=ask.id,
        subject=subject_of(opening),
        banner=_marking([label_of(row.label) for row in (first, *found)]).banner,
        members=label_of(first.label).rel_to,
        messages=_messages(view, found),
        earlier=earlier,
    )


def _messages(view: View, rows: Sequence[Row[Any]]) -> tuple[MessageRow, ...]:
    ids = [row.id for row in rows]
    named = [msgspec.json.decode(row.attachments, type=tuple[Attachment, ...]) for row in rows]
    reach, translated = reach_of(view, ids), translations.rows_of(view, ids)
    files = attachments.rows_of(view, named)
    return tuple(
        _message(row, reach[row.id], translated.get(row.id, ()), attached)
        for row, attached in zip(rows, files, strict=True)
    )


def _message(
    row: Row[Any],
    reach: tuple[Reach, ...],
    translated: tuple[TranslationRow, ...],
    attached: tuple[AttachmentRow, ...],
) -> MessageRow:
    return MessageRow(
        id=row.id,
        conversation=row.conversation,
        member=row.by_member,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        precedence=Precedence(row.precedence),
        banner=label_of(row.label).banner,
        language=row.language,
        text=row.text,
        answers=row.answers,
        about=tuple(row.about.split()),
        readback=row.readback,
        reach=reach,
        translations=translated,
        attachments=attached,
        minutes_of=None if row.minutes_of is None else msgspec.json.decode(row.minutes_of, type=Call),
    )


NOUN = Noun(
    queries=(
        Query("board", NoAsk, Board, answer_board, live=True),
        Query("conversation", ConversationAsk, Conversation, answer_conversation),
    )
)
