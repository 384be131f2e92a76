"""The archive: of what each record of a conversation speaks, and the words by which search finds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Kept, Meet, Noun, Rows, View
from laurel.core.record import Record
from laurel.core.tables import said_columns, said_row
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
)
