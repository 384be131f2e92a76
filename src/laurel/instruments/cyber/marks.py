"""Who made what, and what markings mean that are none of TLP: said by officers, since no object proves either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Index, MetaData, Table, Text, bindparam, func, select

from laurel.core.errors import BadField
from laurel.core.fields import Line
from laurel.core.instrument import Command, Desk, Kept, Meet, NoAsk, Noun, Query, Role, Rows, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record
from laurel.core.tables import said_columns, said_row, taken
from laurel.instruments.cyber.objects import H
from laurel.instruments.cyber.records import (
    IDENTITY_CLAIMED,
    MARKING_READ,
    IdentityClaimed,
    MarkingRead,
    StixId,
    Tlp,
)
from laurel.instruments.cyber.shown import Claim, Identities, Reading, Readings
from laurel.instruments.cyber.stix import STATEMENT
from laurel.instruments.cyber.tlp import LEVELS

OFFICERS = frozenset({Role.RELEASE_AUTHORITY, Role.PRINCIPAL})

_metadata = MetaData()
claimed = Kept(
    Table(
        "cyber_identity",
        _metadata,
        *said_columns(),
        Column("identity", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Index("cyber_identity_identity", "identity"),
    ),
    Meet.ONCE,
)
read_as = Kept(
    Table(
        "cyber_marking",
        _metadata,
        *said_columns(),
        Column("marking", Text, nullable=False),
        Column("tlp", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Index("cyber_marking_marking", "marking"),
    ),
    Meet.ONCE,
)
_C, _R, _T = claimed.table.c, read_as.table.c, taken.c
_CLAIMS = select(_C.identity, _C.by_member).where(_C.identity.in_(bindparam("of", expanding=True))).distinct()
_EVERY_CLAIM = select(claimed.table).order_by(_C.identity, _C.at, _C.id)
# One house says them all, so its own order is everybody's.
_READINGS = select(_R.marking, _R.tlp, _R.reason).join(taken, _T.record == _R.id).order_by(_T.position)
_DEFINITIONS = select(H.stix_id, H.sort).where(H.stix_id.in_(bindparam("of", expanding=True))).distinct()
_FOREIGN = select(H.foreign, func.count(H.id).label("named")).where(H.foreign != "").group_by(H.foreign)


def fold_claimed(record_id: str, record: Record[IdentityClaimed]) -> Rows:
    """One row for each claim."""
    return ((claimed, {**said_row(record_id, record), "identity": record.body.identity, "reason": record.body.reason}),)


def fold_read(record_id: str, record: Record[MarkingRead]) -> Rows:
    """One row for each word of our own house; what another says of its own house binds nobody."""
    if record.label.rel_to != (record.origin,):
        return ()
    body = record.body
    row = {"marking": body.marking, "tlp": body.tlp.value, "reason": body.reason}
    return ((read_as, {**said_row(record_id, record), **row}),)


# Read


def makers(view: View, identities: Iterable[str]) -> Mapping[str, str]:
    """By STIX identity, the member that claims it. What two claim is nobody's."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in view.rows(_CLAIMS, of=sorted({one for one in identities if one})):
        found[row.identity].add(row.by_member)
    return {identity: min(members) for identity, members in found.items() if len(members) == 1}


def levels(view: View, markings: Iterable[str], beside: Mapping[str, set[str]] | None = None) -> Mapping[str, Tlp]:
    """By marking that is none of TLP, what it is taken for; those nobody here understands are not named.

    What our own officers said last goes before all. A statement, such as a copyright, limits no reader; what is
    defined in several ways is not understood. `beside`: definitions that are not here yet, each in all its sorts.
    """
    wanted = {one for one in markings if one not in LEVELS}
    if not wanted:
        return {}
    sorts: defaultdict[str, set[str]] = defaultdict(set)
    for row in view.rows(_DEFINITIONS, of=sorted(wanted)):
        sorts[row.stix_id].add(row.sort)
    for marking, each in (beside or {}).items():
        sorts[marking] |= each
    found = {marking: Tlp.CLEAR for marking in wanted if sorts[marking] == {STATEMENT}}
    said = {row.marking: Tlp(row.tlp) for row in view.rows(_READINGS)}
    return found | {marking: said[marking] for marking in wanted & said.keys()}


def answer_markings(ask: NoAsk, view: View, now: datetime) -> Readings:
    """Markings that are none of TLP, on how many objects, and what our house takes them for."""
    del ask, now
    counts: defaultdict[str, int] = defaultdict(int)
    for row in view.rows(_FOREIGN):
        for marking in row.foreign.split():
            counts[marking] += row.named
    reasons = {row.marking: row.reason for row in view.rows(_READINGS)}
    found = levels(view, {*counts, *reasons})
    each = sorted({*counts, *reasons})
    return Readings(tuple(Reading(one, found.get(one), counts[one], reasons.get(one, "")) for one in each))


def answer_identities(ask: NoAsk, view: View, now: datetime) -> Identities:
    """The STIX identities that members claim. What two claim is nobody's."""
    del ask, now
    rows = view.rows(_EVERY_CLAIM)
    sure = makers(view, {row.identity for row in rows})
    return Identities(
        tuple(Claim(row.identity, row.by_member, row.id, row.reason, disputed=row.identity not in sure) for row in rows)
    )


# Asked


class ClaimIdentityAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say that a STIX identity is ours: we alone then make versions of what it made, revoke it, loosen its marking."""

    identity: StixId
    reason: Line
    label: Label


class ReadMarkingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What our house takes a marking for from now on. Objects that stayed at home for it may be shared again."""

    marking: StixId
    tlp: Tlp
    reason: Line


def claim_identity(ask: ClaimIdentityAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Claim it. Raises BadField."""
    del view
    if not ask.identity.startswith("identity--"):
        raise BadField(field="identity", value=ask.identity, must_be="the id of a STIX identity")
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    return (Draft(IdentityClaimed(ask.identity, ask.reason), ask.label),)


def read_marking(ask: ReadMarkingAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Note it at home. Raises BadField."""
    del view
    if not ask.marking.startswith("marking-definition--") or ask.marking in LEVELS:
        raise BadField(field="marking", value=ask.marking, must_be="the id of a marking that is none of TLP")
    home = Label(Classification.RESTRICTED, (desk.member,))
    return (Draft(MarkingRead(ask.marking, ask.tlp, ask.reason), home),)


COMMANDS: tuple[Command[Any], ...] = (
    Command("claim-identity", ClaimIdentityAsk, claim_identity, OFFICERS),
    Command(
        "read-marking",
        ReadMarkingAsk,
        read_marking,
        OFFICERS,
        confirm="Read this marking so? What bears it may then be shared that far.",
    ),
)
NOUN = Noun(
    tables=(claimed, read_as),
    folds={IDENTITY_CLAIMED.name: fold_claimed, MARKING_READ.name: fold_read},
    commands=COMMANDS,
    queries=(
        Query("markings", NoAsk, Readings, answer_markings),
        Query("identities", NoAsk, Identities, answer_identities),
    ),
)
