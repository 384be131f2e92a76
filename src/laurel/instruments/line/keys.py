"""Keys that change: which key signs up to where, and which key to seal with.

The word of a new signing key stands in one place alone for each who hears it: the FLASH lane of its origin and that one
member, or of the origin alone. It is signed by the old key and is the last that the old key signs there, so a
second such word cannot follow it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, bindparam, func, select

from laurel.core.instrument import (
    Command,
    Desk,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.core.roster import SealingKey
from laurel.instruments.line.records import (
    KEY_CHANGED,
    SEALING_KEY_CHANGED,
    KeyChanged,
    LaneEnd,
    SealingKeyChanged,
)

NODE_ONLY = frozenset({Role.NODE})

_metadata = MetaData()

signing = Kept(
    Table(
        "line_signing_key",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("old", Text, nullable=False),
        Column("new", LargeBinary, nullable=False),
        Column("ends", Text, nullable=False),
    ),
    Meet.ONCE,
)
sealing = Kept(
    Table(
        "line_sealing_key",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("name", Text, nullable=False),
        Column("public", LargeBinary, nullable=False),
        Column("horizon_days", Integer, nullable=False),
    ),
    Meet.ONCE,
)

TABLES = (signing, sealing)

_S, _T = signing.table.c, sealing.table.c
_SIGNING = select(signing.table).order_by(_S.origin, _S.audience, _S.number)
_LAST = select(_T.origin, func.max(_T.generation).label("generation")).group_by(_T.origin).subquery()
_SEALING = (
    select(sealing.table)
    .join(_LAST, (_LAST.c.origin == _T.origin) & (_LAST.c.generation == _T.generation))
    .order_by(_T.origin, _T.id)
)
_REPLACED = (
    select(_T.at, _T.generation, _T.horizon_days).where(_T.origin == bindparam("of")).order_by(_T.generation, _T.id)
)


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the old key ends in every lane that this member reads."""

    to: str
    ends: tuple[LaneEnd, ...]


class ChangeSigningKey(Struct, frozen=True, forbid_unknown_fields=True):
    """From now on we sign with another key: tell each member where the old one ends, and write it down for us."""

    old: str
    new: bytes
    words: tuple[Word, ...]


class ChangeSealingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """From now on, what is sent to us is sealed with this key: tell everyone."""

    name: str
    public: bytes
    horizon_days: int


def change_signing_key(ask: ChangeSigningKey, view: View, desk: Desk) -> Sequence[Draft]:
    """One record for each who is told, and for nobody else: the lanes named are his."""
    del view
    return [
        Draft(
            KeyChanged(ask.old, ask.new, word.ends),
            label(Classification.RESTRICTED, {desk.member, word.to}),
            Precedence.FLASH,
        )
        for word in ask.words
    ]


def change_sealing_key(ask: ChangeSealingKey, view: View, desk: Desk) -> Sequence[Draft]:
    """One record for all."""
    del view
    body = SealingKeyChanged(ask.name, ask.public, ask.horizon_days)
    return (Draft(body, label(Classification.RESTRICTED, {*desk.members, *desk.readers}), Precedence.PRIORITY),)


def fold_key_changed(record_id: str, record: Record[KeyChanged]) -> Rows:
    """One row, if it stands where such a word may stand and ends that lane itself."""
    body = record.body
    here = LaneEnd(record.label.rel_to, int(record.precedence), record.number)
    if len(here.audience) > 2 or record.precedence is not Precedence.FLASH or here not in body.ends:
        return ()
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "origin": record.origin,
        "audience": " ".join(record.label.rel_to),
        "number": record.number,
        "old": body.old,
        "new": body.new,
        "ends": msgspec.json.encode(body.ends).decode(),
    }
    return ((signing, row),)


def fold_sealing_key_changed(record_id: str, record: Record[SealingKeyChanged]) -> Rows:
    """One row for each key that a member was ever written to by."""
    body = record.body
    key = SealingKey(body.name, body.public)
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "origin": record.origin,
        "generation": key.generation,
        "name": body.name,
        "public": body.public,
        "horizon_days": body.horizon_days,
    }
    return ((sealing, row),)


class Change(Struct, frozen=True):
    """One signing key after another, as its member told those of one lane."""

    at: datetime
    origin: str
    old: str
    new: bytes
    ends: tuple[LaneEnd, ...]


def changes(view: View, me: str) -> Mapping[str, Sequence[Change]]:
    """What each member told us of its signing keys, in the order said: the first word on a key counts.

    Of our own words the one to ourselves counts, which names every lane; those to others where it was lost.
    """
    found: dict[str, dict[str, Change]] = defaultdict(dict)
    for row in view.rows(_SIGNING):
        ends = msgspec.json.decode(row.ends, type=tuple[LaneEnd, ...])
        one = Change(_time(row.at), row.origin, row.old, row.new, ends)
        alone = row.audience == row.origin
        if row.origin == me and alone:
            found[me][row.old] = one
        elif row.origin == me or not alone:
            found[row.origin].setdefault(row.old, one)
    return {origin: tuple(of_member.values()) for origin, of_member in found.items()}


def sealing_keys(view: View) -> dict[str, SealingKey]:
    """The key that each member asked last to be written to by."""
    return {row.origin: SealingKey(row.name, row.public) for row in view.rows(_SEALING)}


class Replaced(Struct, frozen=True):
    """When a member's sealing key of that generation was said, and how long those before it live on."""

    at: datetime
    generation: int
    horizon_days: int


def sealing_history(view: View, member: str) -> tuple[Replaced, ...]:
    """Every change of a member's sealing key, the oldest first."""
    rows = view.rows(_REPLACED, of=member)
    return tuple(Replaced(_time(row.at), row.generation, row.horizon_days) for row in rows)


class KeyRow(Struct, frozen=True):
    """A change of a member's keys, as it told us."""

    member: str
    at: datetime
    what: str
    name: str


class Keys(Struct, frozen=True):
    """Every change of signing keys that we were told, and the sealing key in force of each member."""

    changes: tuple[KeyRow, ...]


def answer_keys(ask: NoAsk, view: View, now: datetime) -> Keys:
    """Which members changed their keys, and when."""
    del ask, now
    rows = {(row.origin, row.at, "signing", row.old) for row in view.rows(_SIGNING)}
    rows |= {(row.origin, row.at, "sealing", row.name) for row in view.rows(_SEALING)}
    return Keys(tuple(KeyRow(member, _time(at), what, name) for member, at, what, name in sorted(rows)))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


COMMANDS = (
    Command("change-signing-key", ChangeSigningKey, change_signing_key, NODE_ONLY),
    Command("change-sealing-key", ChangeSealingKey, change_sealing_key, NODE_ONLY),
)
QUERIES = (Query("keys", NoAsk, Keys, answer_keys),)
FOLDS = {KEY_CHANGED.name: fold_key_changed, SEALING_KEY_CHANGED.name: fold_sealing_key_changed}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES)
