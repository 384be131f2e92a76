"""Public alerts and their cancels as they were said, and which threat each is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Row, Table, Text, bindparam, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning.records import Area, PublicAlert, PublicAlertState
from laurel.instruments.warning.view import micros, moment, said_by

SHOWN = timedelta(hours=12)
"""What was told to the public longer ago is history."""

_metadata = MetaData()
public = Kept(
    Table(
        "warning_public",
        _metadata,
        Column("record", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("exercise", Text),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_public_said", "said_us"),
    ),
    Meet.ONCE,
)
_P = public.table.c
_RECENT = select(public.table).where(_P.said_us >= bindparam("since_us")).order_by(_P.said_us, _P.said_place, _P.record)
_label_of = msgspec.msgpack.Decoder(Label)
_body_of = msgspec.msgpack.Decoder(PublicAlert)


@dataclass(frozen=True)
class SaidPublic:
    """A public alert or its cancel, as it was said."""

    record: str
    member: str
    author: str
    said_at: datetime
    exercise: str | None
    label: Label
    body: PublicAlert


def fold_public_alert(record_id: str, record: Record[PublicAlert]) -> Rows:
    """One row for each, and each cancel."""
    row = {
        **said_by(record_id, record),
        "author": record.author,
        "exercise": record.exercise,
        "label": msgspec.msgpack.encode(record.label),
        "body": msgspec.msgpack.encode(record.body),
    }
    return ((public, row),)


def recent(view: View, now: datetime) -> list[SaidPublic]:
    """All of the last hours, in the order of saying."""
    return [_said(row) for row in view.rows(_RECENT, since_us=micros(now - SHOWN))]


def _said(row: Row[Any]) -> SaidPublic:
    return SaidPublic(
        record=row.record,
        member=row.origin,
        author=row.author,
        said_at=moment(row.said_us),
        exercise=row.exercise,
        label=_label_of.decode(row.label),
        body=_body_of.decode(row.body),
    )


def cancels_in(said: Sequence[SaidPublic]) -> dict[str, SaidPublic]:
    """The cancel of each that was cancelled, by its own member: another's word cancels nothing."""
    of = {one.record: one.member for one in said if one.body.state is PublicAlertState.ISSUED}
    found: dict[str, SaidPublic] = {}
    for one in said:
        cancelled = one.body.cancels
        if one.body.state is PublicAlertState.CANCELLED and cancelled and of.get(cancelled) == one.member:
            found.setdefault(cancelled, one)
    return found


def threat_of(view: View, alert: str) -> str:
    """What an alert is about: the last of those that replaced it. Of one that never reached us, itself."""
    found = said_alerts.alert_said(view, alert)
    return alert if found is None else said_alerts.followed(view, found)[-1].record


def told_of(view: View, said: Sequence[SaidPublic], member: str, threat: str) -> tuple[set[Area], str | None]:
    """The areas to whose public a member told of that threat, not cancelled; and its last cancel of any such."""
    threats = {alert: threat_of(view, alert) for alert in {one.body.alert for one in said if one.member == member}}
    about = [one for one in said if one.member == member and threats[one.body.alert] == threat]
    cancels = cancels_in(about)
    last = max(cancels.values(), key=lambda one: (one.said_at, one.record), default=None)
    issued = [one for one in about if one.body.state is PublicAlertState.ISSUED and one.record not in cancels]
    return {area for one in issued for area in one.body.areas}, last and last.record
