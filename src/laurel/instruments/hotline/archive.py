"""The archive: of what each record of a conversation speaks, and where in it these words were written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Kept, Meet, Noun, Query, Rows, View
from laurel.core.record import Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.core.words import excerpt
from laurel.instruments.hotline.records import (
    ACKNOWLEDGED,
    DELIVERED,
    MESSAGE,
    READBACK_JUDGED,
    SHOWN,
    TRANSLATION,
    TRANSLATION_REVIEWED,
    Acknowledged,
    Delivered,
    Message,
    ReadbackJudged,
    Shown,
    Translation,
    TranslationReviewed,
)

filed = Kept(
    Table(
        "hotline_filed",
        MetaData(),
        *said_columns(),
        Column("kind", Text, nullable=False),
        Column("of", Text, nullable=False),
        Column("language", Text),
        Column("words", Text),
        Index("hotline_filed_of", "of"),
    ),
    Meet.ONCE,
    searched=("words",),
)

_F = filed.table.c
_OF = select(_F.id, _F.kind, _F.of).where(_F.of.in_(bindparam("of", expanding=True)))
_ROWS = select(filed.table).where(_F.id.in_(bindparam("ids", expanding=True)))

# Folds


def fold_message(record_id: str, record: Record[Message]) -> Rows:
    """Filed under its conversation, which is called by the message that opened it."""
    body = record.body
    words = body.text if body.subject is None else f"{body.subject}\n{body.text}"
    return _filed(record_id, record, body.conversation or record_id, body.language, words)


def fold_translation(record_id: str, record: Record[Translation]) -> Rows:
    """Filed under its message."""
    return _filed(record_id, record, record.body.message, record.body.language, record.body.text)


def fold_reached(record_id: str, record: Record[Delivered | Shown | Acknowledged]) -> Rows:
    """Filed under its message; what was read back is no word of the conversation's."""
    return _filed(record_id, record, record.body.message)


def fold_judged(record_id: str, record: Record[ReadbackJudged]) -> Rows:
    """Filed under the acknowledgement."""
    return _filed(record_id, record, record.body.acknowledgement)


def fold_reviewed(record_id: str, record: Record[TranslationReviewed]) -> Rows:
    """Filed under the translation."""
    return _filed(record_id, record, record.body.translation)


def _filed(record_id: str, record: Record[Any], of: str, language: str | None = None, words: str | None = None) -> Rows:
    row = {**said_row(record_id, record), "kind": record.kind, "of": of, "language": language, "words": words}
    return ((filed, row),)


# A conversation whole


def records_of(view: View, conversation: str) -> list[str]:
    """Every record of a conversation that stands here, by id: messages, and what speaks of them. Raises Nothing."""
    found: dict[str, None] = {}
    asked = [conversation]
    while asked:
        rows = view.rows(_OF, of=asked)
        asked = [row.id for row in rows if row.id not in found]
        found |= dict.fromkeys(asked)
    if not found:
        raise Nothing(conversation=conversation)
    return list(found)


def subject_of(view: View, conversation: str) -> str:
    """What a conversation is about: the first line of the message that opened it."""
    words = next((row.words for row in view.rows(_ROWS, ids=[conversation])), None)
    return excerpt((words or "").partition("\n")[0], ())


# Search


class SearchAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages and translations in which all these words stand, or parts of words; the last that came, so many."""

    words: Annotated[str, Meta(min_length=1, max_length=500)]
    most: Annotated[int, Meta(ge=1, le=500)] = 50


class Hit(Struct, frozen=True):
    """Where the words stand: in a message, or in a translation of one. The excerpt is always of what was found.

    `original` is how the message itself begins, in its own language: that text alone is authoritative.
    """

    conversation: str
    message: str
    record: str
    member: str
    at: datetime
    banner: str
    translation: bool
    language: str
    excerpt: str
    original_language: str
    original: str


class Hits(Struct, frozen=True):
    """What was found, the last that came first."""

    words: str
    hits: tuple[Hit, ...]


def answer_search(ask: SearchAsk, view: View, now: datetime) -> Hits:
    """Where in our archive these words were written. What was taken back is not found."""
    del now
    ids = list(view.search(filed, ask.words, ask.most))
    rows = {row.id: row for row in view.rows(_ROWS, ids=ids)}
    of = [row.of for row in rows.values() if row.kind == TRANSLATION.name]
    messages = {row.id: row for row in view.rows(_ROWS, ids=of)} | rows
    hits = [_hit(rows[one], messages, ask.words) for one in ids if one in rows]
    return Hits(ask.words, tuple(one for one in hits if one is not None))


def _hit(row: Row[Any], messages: dict[str, Row[Any]], words: str) -> Hit | None:
    """None for a translation of a message that is not here or was taken back."""
    translated = row.kind == TRANSLATION.name
    message = messages.get(row.of) if translated else row
    if message is None or message.kind != MESSAGE.name:
        return None
    return Hit(
        conversation=message.of,
        message=message.id,
        record=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        banner=label_of(row.label).banner,
        translation=translated,
        language=row.language,
        excerpt=excerpt(row.words, words.split()),
        original_language=message.language,
        original=excerpt(message.words, ()),
    )


NOUN = Noun(
    tables=(filed,),
    folds={
        MESSAGE.name: fold_message,
        TRANSLATION.name: fold_translation,
        DELIVERED.name: fold_reached,
        SHOWN.name: fold_reached,
        ACKNOWLEDGED.name: fold_reached,
        READBACK_JUDGED.name: fold_judged,
        TRANSLATION_REVIEWED.name: fold_reviewed,
    },
    queries=(Query("search", SearchAsk, Hits, answer_search),),
)
