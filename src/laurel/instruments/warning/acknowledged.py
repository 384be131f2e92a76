"""Who has read an alert and answers for it: said to all who have the alert, so that they know whether a country sleeps.

An acknowledgement is of the alert that was on the screen. It counts for those that replace it for as long as they name
no area that it did not: a renewed time asks nobody twice, another country does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.fields import Name, RecordId
from laurel.core.instrument import Command, Desk, Kept, Meet, Role, Rows, View
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning.picture_types import AlertAcknowledgement
from laurel.instruments.warning.records import ACKNOWLEDGED, AlertAcknowledged
from laurel.instruments.warning.view import moment, said_by

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL})

acknowledged = Kept(
    Table(
        "warning_acknowledged",
        MetaData(),
        Column("record", Text, primary_key=True),
        Column("alert", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("office", Text, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Index("warning_acknowledged_alert", "alert"),
    ),
    Meet.ONCE,
)

_A = acknowledged.table.c
_OF = (
    select(acknowledged.table)
    .where(_A.alert.in_(bindparam("alerts", expanding=True)))
    .order_by(_A.said_us, _A.said_place, _A.record)
)


class AcknowledgeAlertAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Tell all who have this alert that your office has read it."""

    alert: RecordId
    office: Name


def acknowledge_alert(ask: AcknowledgeAlertAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The acknowledgement, to all who have the alert and are still here. Raises Nothing.

    An alert that was replaced meanwhile may be acknowledged too: it is what the officer read.
    """
    found = said_alerts.alert_said(view, ask.alert)
    if found is None:
        raise Nothing(alert=ask.alert)
    present = {desk.member, *desk.members}
    told = structs.replace(found.label, rel_to=tuple(one for one in found.label.rel_to if one in present))
    return (Draft(AlertAcknowledged(ask.alert, ask.office), told, Precedence.FLASH, about=(ask.alert,)),)


def fold_acknowledged(record_id: str, record: Record[AlertAcknowledged]) -> Rows:
    """One row for each acknowledgement."""
    row = {
        **said_by(record_id, record),
        "alert": record.body.alert,
        "author": record.author,
        "office": record.body.office,
    }
    return ((acknowledged, row),)


def of_chains(
    view: View, chains: Sequence[Sequence[said_alerts.SaidAlert]]
) -> Mapping[str, tuple[AlertAcknowledgement, ...]]:
    """For each chain, by the last of its alerts: who acknowledged any of them, in the order of saying."""
    rows = view.rows(_OF, alerts=[one.record for chain in chains for one in chain])
    found: dict[str, tuple[AlertAcknowledgement, ...]] = {}
    for chain in chains:
        named = {one.record: set(one.alert.areas) for one in chain}
        last = chain[-1]
        found[last.record] = tuple(
            AlertAcknowledgement(
                member=row.origin,
                office=row.office,
                by=row.author,
                at=moment(row.said_us),
                alert=row.alert,
                counts=set(last.alert.areas) <= named[row.alert],
            )
            for row in rows
            if row.alert in named
        )
    return found


TABLES = (acknowledged,)
FOLDS = {ACKNOWLEDGED.name: fold_acknowledged}
COMMANDS = (Command("acknowledge-alert", AcknowledgeAlertAsk, acknowledge_alert, OFFICERS),)
