"""Offices: opened, held by somebody, abolished. A promise outlives every holder; an office that ends hands it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Row

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Line, Name
from laurel.core.instrument import Command, Desk, NoAsk, Noun, Query, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft
from laurel.core.tables import label_of
from laurel.instruments.dialogue import commitments_said
from laurel.instruments.dialogue import offices_said as said
from laurel.instruments.dialogue.commitment_types import OfficeRow, Offices
from laurel.instruments.dialogue.labels import check_told, same_as
from laurel.instruments.dialogue.offices_said import Office, Register, key_of, register
from laurel.instruments.dialogue.records import OfficeAbolished, OfficeHeld, OfficeOpened

PRINCIPALS = frozenset({Role.PRINCIPAL})


class OpenOfficeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Put an office of ours on record, with what it is called also: in other languages, or in short."""

    office: Name
    label: Label
    also: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()


class HoldOfficeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say who holds an office of ours from now on, to those whom the label names. No `holder`: it is vacant."""

    office: Name
    label: Label
    holder: Name | None = None


class AbolishOfficeAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """An office of ours is no more. What it promised passes to `successor`, which is open; without one, to nobody."""

    office: Name
    reason: Line
    successor: Name | None = None


def ours(offices: Register, name: str, desk_member: str) -> Office:
    """That office of ours, while it stands. Raises Nothing."""
    found = offices.find(desk_member, name)
    if found is None or found.abolished is not None:
        state = "not on record" if found is None else "abolished"
        raise Nothing(office=name, of=desk_member, state=state, list="laurel dialogue offices")
    return found


def open_office(ask: OpenOfficeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Put it on record, or open it again; twice renames it. Raises BadField."""
    check_told(ask.label, desk)
    if not key_of(ask.office):
        raise BadField(field="office", value=ask.office, must_be="a name with letters in it")
    offices = register(view)
    for name in (ask.office, *ask.also):
        other = offices.find(desk.member, name)
        if other is not None and other.key != key_of(ask.office) and other.abolished is None:
            raise BadField(
                field="office, also", value=name, must_be=f"no name of {other.name}, which is another office"
            )
    return (Draft(OfficeOpened(ask.office, ask.also), ask.label),)


def hold_office(ask: HoldOfficeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say who holds it. Raises Nothing, BadField."""
    check_told(ask.label, desk)
    office = ours(register(view), ask.office, desk.member)
    return (Draft(OfficeHeld(office.name, ask.holder), ask.label, about=(office.id,)),)


def abolish_office(ask: AbolishOfficeAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Those are told who were told of the office. Raises Nothing, BadField."""
    offices = register(view)
    office = ours(offices, ask.office, desk.member)
    if ask.successor is not None and ours(offices, ask.successor, desk.member).key == office.key:
        raise BadField(field="successor", value=ask.successor, must_be="another office")
    body = OfficeAbolished(office.name, ask.reason, ask.successor)
    return (Draft(body, same_as(office.label, desk), about=(office.id,)),)


def answer_offices(ask: NoAsk, view: View, now: datetime) -> Offices:
    """Every office, who holds it as far as we were told, and how many open commitments it has."""
    del ask
    offices = register(view)
    held: dict[tuple[str, str], Row[Any]] = {}
    for row in view.rows(said.HOLDERS):
        office = offices.by_name.get((row.by_member, row.key))
        held[row.by_member, office.key if office else row.key] = row
    bound: Counter[tuple[str, str]] = Counter()
    for (member, key), times in commitments_said.open_by_office(view).items():
        bound[member, key_of(offices.heir(member, key) or "")] += times
    return Offices(now, tuple(_row(one, held, bound) for one in offices.offices))


def _row(office: Office, held: dict[tuple[str, str], Row[Any]], bound: Counter[tuple[str, str]]) -> OfficeRow:
    holder = held.get((office.member, office.key))
    return OfficeRow(
        member=office.member,
        office=office.name,
        also=office.also,
        state="abolished" if office.abolished else "open",
        holder=None if holder is None or office.abolished else holder.holder,
        held_since=None if holder is None or office.abolished else datetime.fromisoformat(holder.at),
        successor=office.abolished.successor if office.abolished else None,
        reason=office.abolished.reason if office.abolished else "",
        commitments=bound[office.member, office.key],
        record=office.id,
        banner=(label_of(holder.label) if holder and not office.abolished else office.label).banner,
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command("open-office", OpenOfficeAsk, open_office, PRINCIPALS),
    Command("hold-office", HoldOfficeAsk, hold_office, PRINCIPALS),
    Command(
        "abolish-office",
        AbolishOfficeAsk,
        abolish_office,
        PRINCIPALS,
        confirm="Abolish this office? What it promised passes to the successor, or to nobody.",
    ),
)
NOUN = Noun(
    tables=said.TABLES,
    folds=said.FOLDS,
    commands=COMMANDS,
    queries=(Query("offices", NoAsk, Offices, answer_offices, live=True),),
)
