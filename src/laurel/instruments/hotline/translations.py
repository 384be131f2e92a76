"""Translations: records of their own, drafts until a person has reviewed them.

The original alone is what was said. A translation stands beside it with the name of who made it; what an engine made is
a draft until a person who reads both languages, another than who made it, stands by it. One that was taken back, or
whose message was, is shown no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import Boolean, Column, Index, MetaData, Row, Table, bindparam, select
from sqlalchemy import Text as TextColumn

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Name, RecordId, Text
from laurel.core.instrument import (
    OFFICER_AUTHOR,
    Command,
    Desk,
    Errand,
    Fold,
    Kept,
    Meet,
    Noun,
    Outcome,
    Role,
    Rows,
    View,
)
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.hotline.board_types import TranslationRow
from laurel.instruments.hotline.conversation import TALKS, message_of, messages
from laurel.instruments.hotline.receipts import still_told
from laurel.instruments.hotline.records import (
    TRANSLATION,
    TRANSLATION_FAILED,
    TRANSLATION_REVIEWED,
    TRANSLATION_WANTED,
    Translation,
    TranslationFailed,
    TranslationReviewed,
    TranslationWanted,
)
from laurel.instruments.office.records import ours

ENGINE = "translation engine"
"""What our own engine is called on record: its answer says no more of it."""
LONGEST = 40_000
AT_ONCE = 50

# Kept

_metadata = MetaData()
translations = Kept(
    Table(
        "hotline_translation",
        _metadata,
        *said_columns(),
        Column("message", TextColumn, nullable=False),
        Column("language", TextColumn, nullable=False),
        Column("text", TextColumn, nullable=False),
        Column("translator", TextColumn, nullable=False),
        Column("engine", Boolean, nullable=False),
        Index("hotline_translation_message", "message"),
    ),
    Meet.ONCE,
)
reviews = Kept(
    Table(
        "hotline_translation_reviewed",
        _metadata,
        *said_columns(),
        Column("translation", TextColumn, nullable=False),
        Column("reviewer", TextColumn, nullable=False),
        Index("hotline_translation_reviewed_translation", "translation"),
    ),
    Meet.ONCE,
)
wanted = Kept(
    Table(
        "hotline_translation_wanted",
        _metadata,
        *said_columns(),
        Column("message", TextColumn, nullable=False),
        Column("language", TextColumn, nullable=False),
        Index("hotline_translation_wanted_message", "message"),
    ),
    Meet.ONCE,
)
failed = Kept(
    Table(
        "hotline_translation_failed",
        _metadata,
        *said_columns(),
        Column("wanted", TextColumn, nullable=False),
        Column("why", TextColumn, nullable=False),
        Index("hotline_translation_failed_wanted", "wanted"),
    ),
    Meet.ONCE,
)


def fold_translation(record_id: str, record: Record[Translation]) -> Rows:
    """One row for each translation."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "message": body.message,
        "language": body.language,
        "text": body.text,
        "translator": body.translator,
        "engine": body.engine,
    }
    return ((translations, row),)


def fold_reviewed(record_id: str, record: Record[TranslationReviewed]) -> Rows:
    """One row for each review."""
    body = record.body
    return ((reviews, {**said_row(record_id, record), "translation": body.translation, "reviewer": body.reviewer}),)


def fold_wanted(record_id: str, record: Record[TranslationWanted]) -> Rows:
    """One row for each that our own house wants: no peer gives our engine work."""
    body = record.body
    row = {**said_row(record_id, record), "message": body.message, "language": body.language}
    return ((wanted, row),) if ours(record) else ()


def fold_failed(record_id: str, record: Record[TranslationFailed]) -> Rows:
    """One row for each failure of our own engine."""
    body = record.body
    row = {**said_row(record_id, record), "wanted": body.wanted, "why": body.why}
    return ((failed, row),) if ours(record) else ()


FOLDS: Mapping[str, Fold] = {
    TRANSLATION.name: fold_translation,
    TRANSLATION_REVIEWED.name: fold_reviewed,
    TRANSLATION_WANTED.name: fold_wanted,
    TRANSLATION_FAILED.name: fold_failed,
}

# Read

_M, _T, _V, _W, _F = messages.table.c, translations.table.c, reviews.table.c, wanted.table.c, failed.table.c
_OF = (
    select(translations.table, _V.by_member.label("review_member"), _V.author.label("review_author"), _V.reviewer)
    .join_from(translations.table, reviews.table, _V.translation == _T.id, isouter=True)
    .where(_T.message.in_(bindparam("of", expanding=True)))
    .order_by(_T.at, _T.id, _V.at, _V.id)
)


def rows_of(view: View, ids: Sequence[str]) -> dict[str, tuple[TranslationRow, ...]]:
    """The translations of each of these messages, in the order of saying."""
    found: dict[str, dict[str, TranslationRow]] = {}
    for row in view.rows(_OF, of=list(ids)):
        of = found.setdefault(row.message, {})
        if row.id not in of or (of[row.id].draft and _counts(row)):
            of[row.id] = _row(row)
    return {message: tuple(rows.values()) for message, rows in found.items()}


def _counts(row: Row[Any]) -> bool:
    """Whether that review is a person's, and another's than who made the translation."""
    return is_another(row.by_member, row.author, row.review_member, row.review_author)


def is_another(member: str, author: str, review_member: str | None, review_author: str | None) -> bool:
    """Whether the second is a person and not the first. Names that differ in capitals alone are one person's."""
    if review_member is None or review_author is None or not review_author.startswith(OFFICER_AUTHOR):
        return False
    return (member, author.casefold()) != (review_member, review_author.casefold())


def _row(row: Row[Any]) -> TranslationRow:
    reviewed = _counts(row)
    return TranslationRow(
        id=row.id,
        member=row.by_member,
        language=row.language,
        text=row.text,
        translator=row.translator,
        engine=row.engine,
        draft=not reviewed,
        reviewer=row.reviewer if reviewed else None,
    )


# Asked


class OwnTranslation(NotPermitted):
    """Two pairs of eyes."""

    says = "a translation is reviewed by a person, and by another than who made it"
    remedy = "ask another officer who reads both languages, signed in under his own name"


class SameLanguage(BadAsk):
    """Nothing to translate."""

    says = "the message is written in that language"
    remedy = "name another language"


class TranslateAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say what a message says in another language, by a named person, or by a named engine. It is a draft."""

    message: RecordId
    language: Language
    text: Text
    translator: Name
    engine: bool


class ReviewTranslationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Stand by this very translation, under your own name. Another person made it."""

    translation: RecordId
    reviewer: Name


class WantTranslationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Let our own translation engine make a draft, for our own house."""

    message: RecordId
    language: Language


class TakeTranslationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What our engine answered, or why it did not."""

    wanted: RecordId
    done: bool
    text: str
    why: str


def translate(ask: TranslateAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The translation, to all who have the message. Raises Nothing, TakenBack, SameLanguage, BadField."""
    found = _to_translate(ask.message, ask.language, view)
    if not ask.text.strip():
        raise BadField(field="text", must_be="words")
    body = Translation(ask.message, ask.language, ask.text, ask.translator, ask.engine)
    return (Draft(body, still_told(found.label, desk), found.precedence, about=(ask.message,)),)


def review(ask: ReviewTranslationAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """A person's word for it, to all who have it. Raises Nothing, OwnTranslation."""
    rows = view.rows(_ONE, of=ask.translation)
    if not rows:
        raise Nothing(translation=ask.translation)
    row = rows[0]
    if not is_another(row.by_member, row.author, desk.member, desk.author):
        raise OwnTranslation(author=desk.author, made_by=f"{row.author} of {row.by_member}")
    body = TranslationReviewed(ask.translation, ask.reviewer)
    told = still_told(label_of(row.label), desk)
    return (Draft(body, told, Precedence(row.precedence), about=(ask.translation, row.message)),)


def want(ask: WantTranslationAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Kept at home. Nothing when it waits already, or our engine made one. Raises Nothing, TakenBack, SameLanguage."""
    found = _to_translate(ask.message, ask.language, view)
    key = {"of": ask.message, "language": ask.language, "us": desk.member}
    if view.rows(_WAITS, **key) or view.rows(_MADE, **key):
        return ()
    body = TranslationWanted(ask.message, ask.language)
    return (Draft(body, at_home(found.label, desk), found.precedence, about=(ask.message,)),)


def take(ask: TakeTranslationAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The engine's draft, or its failure, for our own house: what the node does by itself it tells nobody else.

    Raises Nothing.
    """
    del desk
    rows = view.rows(_WANTED, of=ask.wanted)
    if not rows:
        raise Nothing(wanted=ask.wanted)
    [row] = rows
    precedence, home = Precedence(row.precedence), label_of(row.label)
    why = _fault(ask, row.message, view)
    if why:
        return (Draft(TranslationFailed(ask.wanted, why[:1_000]), home, precedence, about=(ask.wanted,)),)
    body = Translation(row.message, row.language, ask.text, ENGINE, engine=True)
    return (Draft(body, home, precedence, about=(row.message, ask.wanted)),)


def _fault(ask: TakeTranslationAsk, message: str, view: View) -> str:
    if not ask.done:
        return ask.why or "the engine gave no reason"
    if not view.stands(message):
        return "the message was taken back meanwhile"
    if not ask.text.strip():
        return "the engine answered nothing"
    if len(ask.text) > LONGEST:
        return f"the engine answered {len(ask.text)} characters: {LONGEST} are carried"
    return ""


def _to_translate(message: str, language: str, view: View) -> Record[Any]:
    found, body = message_of(message, view)
    if body.language == language:
        raise SameLanguage(message=message, language=language)
    return found


def at_home(given: Label, desk: Desk) -> Label:
    """As strict, for our own house alone."""
    return structs.replace(given, rel_to=(desk.member,))


_ONE = select(translations.table).where(_T.id == bindparam("of"))
_WANTED = select(wanted.table).where(_W.id == bindparam("of"))
_NOT_FAILED = ~select(_F.id).where(_F.wanted == _W.id).exists()
_WAITS = select(_W.id).where(_W.message == bindparam("of"), _W.language == bindparam("language"), _NOT_FAILED)
_MADE = select(_T.id).where(
    _T.message == bindparam("of"),
    _T.language == bindparam("language"),
    _T.by_member == bindparam("us"),
    _T.engine,
)

# Errands

_MADE_FOR = select(_T.id).where(
    _T.message == _W.message, _T.language == _W.language, _T.by_member == bindparam("us"), _T.engine
)
_OPEN = (
    select(_W.id, _W.language, _M.text, _M.language.label("source"))
    .join_from(wanted.table, messages.table, _M.id == _W.message)
    .where(_NOT_FAILED, ~_MADE_FOR.exists())
    .order_by(_W.precedence.desc(), _W.at, _W.id)
    .limit(AT_ONCE)
)


def errands(view: View) -> Sequence[Errand]:
    """What our engine shall translate, the most urgent first."""
    return [
        Errand(
            key=f"translate:{row.id}",
            to="translate",
            facts={"text": row.text, "source": row.source, "target": row.language},
            command="take-translation",
            then=_taker(row.id),
        )
        for row in view.rows(_OPEN, us=view.member)
    ]


def _taker(wanted_id: str) -> Callable[[Outcome], Struct]:
    return lambda outcome: TakeTranslationAsk(wanted_id, outcome.done, outcome.answer, outcome.why)


COMMANDS: tuple[Command[Any], ...] = (
    Command("translate", TranslateAsk, translate, TALKS | {Role.ANALYST}),
    Command("review-translation", ReviewTranslationAsk, review, TALKS | {Role.ANALYST}),
    Command("want-translation", WantTranslationAsk, want, TALKS | {Role.ANALYST}),
    Command("take-translation", TakeTranslationAsk, take, frozenset({Role.NODE})),
)
NOUN = Noun(tables=(translations, reviews, wanted, failed), folds=FOLDS, commands=COMMANDS, errands=errands)
