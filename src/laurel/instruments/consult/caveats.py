"""Caveats: what a member's law does not let it do, or lets others do only with its consent, held against every option.

A caveat is data, said by its own member, with its legal source. What follows from it for an option is `evaluate`: pure,
so every node that was told the same caveats says the same, and names the caveat that forbids.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, bindparam, select

from laurel.core.errors import BadField, Broken, Nothing
from laurel.core.fields import Line, Slug
from laurel.core.instrument import Command, Desk, Fold, Kept, Meet, NoAsk, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.core.tables import label_of
from laurel.instruments.consult.course_types import CaveatRow, Caveats, ForbiddenRow
from laurel.instruments.consult.records import (
    CAVEAT_DECLARED,
    CAVEAT_ENDED,
    Caveat,
    CaveatDeclared,
    CaveatEnded,
    Option,
    Part,
)
from laurel.instruments.consult.words import Activity, Binds

PRINCIPALS = frozenset({Role.PRINCIPAL})


class BadCharter(Broken):
    """A compact's file is written by hand."""

    says = "a caveat in the compact's file cannot be read"
    remedy = "mend [[charter.consult.caveats]] in the file; compacts/camp-david.toml shows the form"


# Evaluated


def evaluate(
    option: Option, caveats: Sequence[CaveatRow], consents: Collection[tuple[str, str]]
) -> tuple[ForbiddenRow, ...]:
    """Why members cannot do their parts as they stand, in the order of parts and caveats.

    `consents` are (member, record of its caveat) named in stances on this very option. A part that says no place may be
    anywhere, and so is under every caveat: to be free of one that speaks of a place, it names its own.
    """
    found = [
        (part, row, hit)
        for part in option.parts
        for row in caveats
        if (hit := _forbidden(part, row, option.begins_at)) and not _lifted(row, consents)
    ]
    shut: dict[str, set[Activity]] = {}
    for part, _, hit in found:
        shut.setdefault(part.member, set()).update(hit)
    return tuple(
        ForbiddenRow(
            member=part.member,
            of_member=row.member,
            caveat=row.caveat.name,
            title=row.caveat.title,
            source=row.caveat.source,
            activities=_in_order(hit),
            consent_lifts=row.caveat.consent_lifts,
            open_activities=_in_order({*row.caveat.allows, *part.activities} - shut[part.member]),
        )
        for part, row, hit in found
    )


def available_to(option: Option, forbidden: Collection[ForbiddenRow]) -> tuple[str, ...]:
    """Those with a part in it whose part nothing forbids, sorted."""
    parts = {part.member for part in option.parts if part.activities}
    return tuple(sorted(parts - {row.member for row in forbidden}))


def _forbidden(part: Part, row: CaveatRow, at: datetime) -> frozenset[Activity]:
    """What of this part the caveat speaks of: whose it is, when, where, and what stays open all the same."""
    caveat = row.caveat
    if (part.member == row.member) is not (caveat.binds is Binds.OWN):
        return frozenset()
    if caveat.valid_from is not None and at < caveat.valid_from:
        return frozenset()
    if caveat.valid_until is not None and at >= caveat.valid_until:
        return frozenset()
    if part.where and caveat.where and not set(part.where) & set(caveat.where):
        return frozenset()
    return frozenset(part.activities) & frozenset(caveat.activities) - frozenset(caveat.allows)


def _lifted(row: CaveatRow, consents: Collection[tuple[str, str]]) -> bool:
    return row.caveat.consent_lifts and (row.member, row.record) in consents


def _in_order(activities: Collection[Activity]) -> tuple[Activity, ...]:
    return tuple(one for one in Activity if one in activities)


# Kept: of each member and name the last that was said, whether it stands or has ended.

_metadata = MetaData()
caveats = Kept(
    Table(
        "consult_caveat",
        _metadata,
        Column("member", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("stands", Boolean, nullable=False),
        Column("label", Text, nullable=False),
        Column("body", Text, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
)
_C = caveats.table.c
_STANDING = select(caveats.table).where(_C.stands).order_by(_C.member, _C.name)
_OURS = _STANDING.where(_C.member == bindparam("of"))


def _row(record_id: str, record: Record[Any], name: str, body: str, *, stands: bool) -> Rows:
    row = {
        "member": record.origin,
        "name": name,
        "at": as_text(record.at),
        "number": record.number,
        "id": record_id,
        "stands": stands,
        "label": msgspec.json.encode(record.label).decode(),
        "body": body,
    }
    return ((caveats, row),)


def fold_declared(record_id: str, record: Record[CaveatDeclared]) -> Rows:
    """A caveat as its member says it stands."""
    caveat = record.body.caveat
    return _row(record_id, record, caveat.name, msgspec.json.encode(caveat).decode(), stands=True)


def fold_ended(record_id: str, record: Record[CaveatEnded]) -> Rows:
    """That it stands no more."""
    return _row(record_id, record, record.body.name, "", stands=False)


def standing(view: View) -> tuple[CaveatRow, ...]:
    """All that stand, by member and name."""
    return tuple(
        CaveatRow(row.member, row.id, msgspec.json.decode(row.body, type=Caveat), datetime.fromisoformat(row.at))
        for row in view.rows(_STANDING)
    )


# Asked


class DeclareCaveatAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A caveat of ours, instead of the one of that name that stood before. `label`: who is told."""

    caveat: Caveat
    label: Label


class EndCaveatAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A caveat of ours stands no more. Those are told who were told of it."""

    name: Slug
    reason: Line


class DeclareCharterCaveatsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Declare what the compact's file says of our caveats, where nothing of that name stands. `label`: who is told."""

    label: Label


def declare(ask: DeclareCaveatAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that it stands. Raises BadField."""
    del view
    return (_draft(ask.caveat, ask.label, desk),)


def end(ask: EndCaveatAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that it stands no more. Raises Nothing."""
    for row in view.rows(_OURS, of=desk.member):
        if row.name == ask.name:
            told = label_of(row.label)
            entitled = tuple(one for one in told.rel_to if one in {desk.member, *desk.members})
            to = msgspec.structs.replace(told, rel_to=entitled)
            return (Draft(CaveatEnded(ask.name, ask.reason), to, Precedence.PRIORITY, about=(row.id,)),)
    raise Nothing(caveat=ask.name, of=desk.member, list="laurel consult caveats")


def declare_charter(ask: DeclareCharterCaveatsAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Those of the compact's file for our own member. Raises Nothing when none is left to declare; BadCharter."""
    known = {row.name for row in view.rows(_OURS, of=desk.member)}
    left = [one for one in charter_caveats(desk.charter, desk.member) if one.name not in known]
    if not left:
        raise Nothing(charter_caveats_of=desk.member, stand=", ".join(sorted(known)))
    return [_draft(one, ask.label, desk) for one in left]


def charter_caveats(charter: Mapping[str, Mapping[str, Any]], member: str) -> tuple[Caveat, ...]:
    """What the compact's file says of that member's caveats, each an illustration. Raises BadCharter."""
    found: list[Caveat] = []
    for entry in charter.get("consult", {}).get("caveats", ()):
        given = {name: value for name, value in entry.items() if name != "member"}
        if entry.get("member") != member:
            continue
        try:
            found.append(msgspec.convert({**given, "illustration": True}, Caveat))
        except msgspec.ValidationError as error:
            raise BadCharter(member=member, name=entry.get("name"), why=str(error)) from None
    return tuple(found)


def _draft(caveat: Caveat, label: Label, desk: Desk) -> Draft:
    if desk.member not in label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(label.rel_to), must_be=f"with {desk.member}")
    since, until = caveat.valid_from, caveat.valid_until
    if since is not None and until is not None and until <= since:
        raise BadField(field="caveat.valid_until", value=until.isoformat(), must_be=f"after {since.isoformat()}")
    return Draft(CaveatDeclared(caveat), label, Precedence.PRIORITY)


def answer_caveats(ask: NoAsk, view: View, now: datetime) -> Caveats:
    """All caveats that stand, of every member that told us."""
    del ask, now
    return Caveats(standing(view))


COMMANDS: tuple[Command[Any], ...] = (
    Command("declare-caveat", DeclareCaveatAsk, declare, PRINCIPALS),
    Command("end-caveat", EndCaveatAsk, end, PRINCIPALS, confirm="End this caveat? What it forbade becomes open."),
    Command("declare-charter-caveats", DeclareCharterCaveatsAsk, declare_charter, PRINCIPALS),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("caveats", NoAsk, Caveats, answer_caveats),)
FOLDS: Mapping[str, Fold] = {CAVEAT_DECLARED.name: fold_declared, CAVEAT_ENDED.name: fold_ended}
NOUN = Noun(tables=(caveats,), folds=FOLDS, commands=COMMANDS, queries=QUERIES)
