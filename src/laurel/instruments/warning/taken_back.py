"""Alerts of ours that an officer took back: the node does not say by itself again what was taken back on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.record import Record
from laurel.instruments.line.records import RETRACTED, Retracted
from laurel.instruments.warning.records import ALERT, Alert, AlertReason
from laurel.instruments.warning.view import micros

retracted = Kept(
    Table(
        "warning_retracted",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("record", Text, nullable=False),
        Index("warning_retracted_said", "said_us"),
    ),
    Meet.ONCE,
)

TABLES = (retracted,)

_R = retracted.table.c
_BY = select(_R.record).where(_R.said_us >= bindparam("since_us"), _R.origin == bindparam("member"))
_alert_of = msgspec.json.Decoder(Alert)


def fold_retracted(record_id: str, record: Record[Retracted]) -> Rows:
    """One row for each retraction, of whatever."""
    row = {
        "id": record_id,
        "origin": record.origin,
        "said_us": micros(record.at),
        "record": record.body.record,
    }
    return ((retracted, row),)


def taken_back(view: View, member: str, since: datetime) -> Mapping[tuple[AlertReason, str], datetime]:
    """For each reason and track, when the last of that member's alerts that it took back since then was said."""
    found: dict[tuple[AlertReason, str], datetime] = {}
    for row in view.rows(_BY, since_us=micros(since), member=member):
        record = view.record(row.record)
        if record is None or record.kind != ALERT.name or record.origin != member:
            continue
        alert = _alert_of.decode(record.body)
        for name in alert.tracks:
            key = (alert.reason, name)
            found[key] = max(found.get(key, record.at), record.at)
    return found


FOLDS = {RETRACTED.name: fold_retracted}
