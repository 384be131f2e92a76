"""Offices as their members said them, and who has what an abolished one promised.

An office is known by its name, whatever its capitals, spaces and points: `key_of`. Each member speaks of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, select

from laurel.core.instrument import Fold, Kept, Meet, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.dialogue.records import (
    OFFICE_ABOLISHED,
    OFFICE_HELD,
    OFFICE_OPENED,
    OfficeAbolished,
    OfficeHeld,
    OfficeOpened,
)
from laurel.instruments.dialogue.series_said import encoded

_metadata = MetaData()
offices = Kept(
    Table(
        "dialogue_office",
        _metadata,
        Column("member", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
    searched=("words",),
)
holders = Kept(
    Table(
        "dialogue_holder",
        _metadata,
        *said_columns(),
        Column("key", Text, nullable=False),
        Column("holder", Text),
        Index("dialogue_holder_key", "by_member", "key"),
    ),
    Meet.ONCE,
    searched=("holder",),
)
TABLES = (offices, holders)
_O, _H = offices.table.c, holders.table.c
_ALL = select(offices.table).order_by(_O.member, _O.key, _O.at, _O.number, _O.id)
HOLDERS = select(holders.table).order_by(_H.at, _H.number, _H.id)


@lru_cache(maxsize=4096)
def key_of(name: str) -> str:
    """The name by which offices are one: small letters and digits of any script, whatever stands between them."""
    small = unicodedata.normalize("NFKC", name).casefold()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in small).split())


def fold_opened(record_id: str, record: Record[OfficeOpened]) -> Rows:
    """The last word of a member that it has this office."""
    body = record.body
    return _row(record_id, record, body.office, "\n".join((body.office, *body.also)))


def fold_abolished(record_id: str, record: Record[OfficeAbolished]) -> Rows:
    """The last word of a member that it has this office no more."""
    return _row(record_id, record, record.body.office, f"{record.body.office}\n{record.body.reason}")


def _row(record_id: str, record: Record[Any], office: str, words: str) -> Rows:
    row = {
        "member": record.origin,
        "key": key_of(office),
        "kind": record.kind,
        "at": as_text(record.at),
        "number": record.number,
        "id": record_id,
        "label": msgspec.json.encode(record.label).decode(),
        "words": words,
        "body": encoded(record.body),
    }
    return ((offices, row),)


def fold_held(record_id: str, record: Record[OfficeHeld]) -> Rows:
    """One row for each change of holder."""
    row = {"key": key_of(record.body.office), "holder": record.body.holder}
    return ((holders, {**said_row(record_id, record), **row}),)


FOLDS: Mapping[str, Fold] = {
    OFFICE_OPENED.name: fold_opened,
    OFFICE_ABOLISHED.name: fold_abolished,
    OFFICE_HELD.name: fold_held,
}


@dataclass(frozen=True)
class Office:
    """An office as its member said it last. `abolished` is None while it stands."""

    member: str
    name: str
    key: str
    also: tuple[str, ...]
    abolished: OfficeAbolished | None
    id: str
    label: Label


@dataclass(frozen=True)
class Register:
    """Every office that we were told of, by its member and each of its names."""

    offices: tuple[Office, ...]
    by_name: Mapping[tuple[str, str], Office] = field(default_factory=dict[tuple[str, str], Office])

    def find(self, member: str, name: str) -> Office | None:
        """That office, by any of its names; None when its member has not opened one of that name."""
        return self.by_name.get((member, key_of(name)))

    def heir(self, member: str, name: str) -> str | None:
        """What the office is called that has now what was promised under that name; None when it is nobody's.

        A name that no member opened an office under is itself: promises are made before offices are put on record.
        """
        seen: set[str] = set()
        while (office := self.find(member, name)) is not None and office.abolished is not None:
            following = office.abolished.successor
            if following is None or office.key in seen:
                return None
            seen.add(office.key)
            name = following
        return name if office is None else office.name

    def keys_of(self, member: str, name: str) -> set[str]:
        """Every key under which something may have been promised that this office has now."""
        now = key_of(self.heir(member, name) or name)
        names = {key for of, key in self.by_name if of == member}
        return {key_of(name), now} | {key for key in names if key_of(self.heir(member, key) or "") == now}

    def orphans(self) -> set[tuple[str, str]]:
        """Member and key of every name whose promises are nobody's."""
        return {(member, key) for member, key in self.by_name if self.heir(member, key) is None}


def register(view: View) -> Register:
    """The offices of all members."""
    said: dict[tuple[str, str], list[Any]] = {}
    for row in view.rows(_ALL):
        said.setdefault((row.member, row.key), []).append(row)
    found = tuple(_office(member, key, rows) for (member, key), rows in said.items())
    # What an office is called in the first place counts before what another is called also.
    names = {(one.member, key_of(name)): one for one in reversed(found) for name in one.also}
    return Register(found, {**names, **{(one.member, one.key): one for one in found}})


def _office(member: str, key: str, rows: list[Any]) -> Office:
    opened = next((_opened(row.body) for row in rows if row.kind == OFFICE_OPENED.name), None)
    last = rows[-1]
    abolished = _abolished(last.body) if last.kind == OFFICE_ABOLISHED.name else None
    name = opened.office if opened else _abolished(last.body).office
    return Office(member, name, key, opened.also if opened else (), abolished, last.id, label_of(last.label))


@lru_cache(maxsize=1024)
def _opened(body: str) -> OfficeOpened:
    return msgspec.json.decode(body, type=OfficeOpened)


@lru_cache(maxsize=1024)
def _abolished(body: str) -> OfficeAbolished:
    return msgspec.json.decode(body, type=OfficeAbolished)
