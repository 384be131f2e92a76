"""The alerts as they were said: all of them, those in force, those that still predict something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, select

from laurel.core.instrument import View
from laurel.core.label import Label
from laurel.instruments.warning.records import Alert, AlertReason, AlertState
from laurel.instruments.warning.view import FLIGHT_LASTS, alert, alert_track, micros, moment

ENDS_AFTER_IMPACT = timedelta(seconds=60)
ENDS_WITHOUT_IMPACT = timedelta(minutes=30)
LATEST_MOMENT = datetime(9000, 1, 1, tzinfo=UTC)
"""A claimed time is anything; what is added to it must stay within the calendar."""

_ALERT, _LAST = alert.table.c, alert_track.table.c

_ALERTS = (
    select(alert.table)
    .where(_ALERT.said_us >= bindparam("since_us"))
    .order_by(_ALERT.said_us, _ALERT.said_place, _ALERT.record)
)
_ALERTS_BY = _ALERTS.where(_ALERT.origin == bindparam("member"))
_ALERT_OF = select(alert.table).where(_ALERT.record == bindparam("called"))
_LATEST_ALERTS = (
    select(alert.table)
    .order_by(_ALERT.said_us.desc(), _ALERT.said_place.desc(), _ALERT.record.desc())
    .limit(bindparam("most"))
)
_OPEN_ALERTS = (
    select(alert.table, _LAST.track)
    .join_from(alert_track.table, alert.table, _LAST.record == _ALERT.record)
    .where(_LAST.state == AlertState.PREDICTED.value)
    .order_by(_ALERT.said_us, _ALERT.said_place, _ALERT.record)
)

_label_of = msgspec.msgpack.Decoder(Label)
_alert_of = msgspec.msgpack.Decoder(Alert)


@dataclass(frozen=True)
class SaidAlert:
    """An alert and who said it when, in which exercise if in one, under which label."""

    record: str
    member: str
    author: str
    said_at: datetime
    said_place: str
    exercise: str | None
    label: Label
    alert: Alert

    @property
    def order(self) -> tuple[datetime, str, str]:
        """By which alerts stand in the order of saying."""
        return self.said_at, self.said_place, self.record


def alerts_since(view: View, since: datetime, member: str | None = None) -> list[SaidAlert]:
    """Every alert said since then, in the order of saying; or those of one member."""
    values = {"since_us": micros(since)}
    rows = view.rows(_ALERTS, **values) if member is None else view.rows(_ALERTS_BY, member=member, **values)
    return [_said(row) for row in rows]


def latest_alerts(view: View, most: int) -> list[SaidAlert]:
    """The alerts last said, newest first."""
    return [_said(row) for row in view.rows(_LATEST_ALERTS, most=most)]


def alert_said(view: View, record: str) -> SaidAlert | None:
    """The alert of that record."""
    rows = view.rows(_ALERT_OF, called=record)
    return _said(rows[0]) if rows else None


def open_alerts(view: View) -> list[SaidAlert]:
    """Alerts that predict something and that no later alert replaced, in the order of saying."""
    found: dict[str, SaidAlert] = {}
    still: dict[str, set[str]] = {}
    for row in view.rows(_OPEN_ALERTS):
        if row.record not in found:
            found[row.record] = _said(row)
        still.setdefault(row.record, set()).add(row.track)
    return [one for one in found.values() if still[one.record] == set(one.alert.tracks)]


def _said(row: Row[Any]) -> SaidAlert:
    return SaidAlert(
        record=row.record,
        member=row.origin,
        author=row.author,
        said_at=moment(row.said_us),
        said_place=row.said_place,
        exercise=row.exercise,
        label=_label_of.decode(row.label),
        alert=_alert_of.decode(row.body),
    )


def in_force(said: Sequence[SaidAlert]) -> list[list[SaidAlert]]:
    """Of alerts in the order of saying, the chains: the alert that none replaced, after all that it replaced.

    A later alert of the same origin and reason that shares a track replaces an earlier one.
    """
    before: dict[str, list[SaidAlert]] = {}
    holder: dict[tuple[str, AlertReason, str], SaidAlert] = {}
    last: dict[str, SaidAlert] = {}
    for one in said:
        keys = [(one.member, one.alert.reason, name) for name in one.alert.tracks]
        replaced = {held.record: held for key in keys if (held := holder.get(key)) is not None}
        before[one.record] = list(replaced.values())
        for record in replaced:
            last.pop(record, None)
        last[one.record] = one
        holder.update(dict.fromkeys(keys, one))
    return sorted((_chain(one, before) for one in last.values()), key=lambda chain: chain[-1].order)


def _chain(last: SaidAlert, before: Mapping[str, Sequence[SaidAlert]]) -> list[SaidAlert]:
    found = {last.record: last}
    ahead = [last]
    while ahead:
        new = [one for one in before[ahead.pop().record] if one.record not in found]
        found.update((one.record, one) for one in new)
        ahead += new
    return sorted(found.values(), key=lambda said: said.order)


def followed(view: View, said: SaidAlert) -> list[SaidAlert]:
    """This alert and those that replaced it, in the order of saying: the last one stands."""
    chain = [said]
    for later in alerts_since(view, said.said_at, said.member):
        last = chain[-1]
        shares = set(last.alert.tracks) & set(later.alert.tracks)
        if later.order > last.order and later.alert.reason is said.alert.reason and shares:
            chain.append(later)
    return chain


def ends_at(said: SaidAlert) -> datetime:
    """When an alert is over by itself: a minute after the impact it predicts, or half an hour after it was said."""
    said_at = min(said.said_at, LATEST_MOMENT)
    if said.alert.impact_at is None:
        return said_at + ENDS_WITHOUT_IMPACT
    return min(said.alert.impact_at, said_at + FLIGHT_LASTS) + ENDS_AFTER_IMPACT
