"""What officers wrote in consultations and questions, for search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Column, MetaData, Table, Text

from laurel.core.instrument import RECORD_ID, Fold, Kept, Meet, Noun, Rows
from laurel.core.record import Record
from laurel.core.words import WORDS, words_in
from laurel.instruments.consult import records as consult

NAMES = (*WORDS, "reason", "versions")

filed = Kept(
    Table("consult_filed", MetaData(), Column("id", Text, primary_key=True), Column("words", Text, nullable=False)),
    Meet.ONCE,
    searched=("words",),
)


def fold(record_id: str, record: Record[Any]) -> Rows:
    """The words of each. Of a text that is only named, the name is no word."""
    body = {name: value for name, value in _fields(record).items() if not _is_id(value)}
    return ((filed, {"id": record_id, "words": words}),) if (words := words_in(body, NAMES)) else ()


def _fields(record: Record[Any]) -> dict[str, Any]:
    body = record.body.caveat if isinstance(record.body, consult.CaveatDeclared) else record.body
    return {name: msgspec.to_builtins(getattr(body, name)) for name in NAMES if name in body.__struct_fields__}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and RECORD_ID.fullmatch(value) is not None


WRITTEN = (
    consult.REQUESTED,
    consult.RESPONDED,
    consult.ASSESSED,
    consult.OPTION,
    consult.STANCE,
    consult.CAVEAT_DECLARED,
    consult.CAVEAT_ENDED,
    consult.JOINT_TEXT,
    consult.OBJECTED,
    consult.AMENDED,
    consult.REMARKED,
    consult.DEPARTED,
    consult.CLOSED,
    consult.RESPONSE_ACTION,
    consult.INFORMATION_REQUESTED,
    consult.INFORMATION_ANSWERED,
)
FOLDS: Mapping[str, Fold] = {kind.name: fold for kind in WRITTEN}
NOUN = Noun(tables=(filed,), folds=FOLDS)
