"""What may be looked up of warning, what is due, and its lines on the docket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.instrument import Due, Item, NoAsk, Query, View
from laurel.instruments.warning import picture, public_alert
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning import view as tables
from laurel.instruments.warning.alerts import clock, place
from laurel.instruments.warning.commands import EndAlertAsk
from laurel.instruments.warning.picture_types import Alerts, MemberTracks, Picture, Sensors, TrackHistory
from laurel.instruments.warning.records import AlertState, TrackState

OFFICES = ("watch officer",)


class TrackAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A system track, by its number or that of any member track in it, such as JPN-12."""

    number: Annotated[str, Meta(pattern="^[A-Z]{3}-[0-9]{1,16}$")]


class AlertsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How many alerts, at most."""

    most: Annotated[int, Meta(ge=1, le=1_000)] = 100


def answer_picture(ask: NoAsk, view: View, now: datetime) -> Picture:
    """What is in flight, what was warned of, and what we see with."""
    del ask
    return picture.picture(view, now)


def answer_tracks(ask: NoAsk, view: View, now: datetime) -> MemberTracks:
    """Every member's tracks as reported."""
    del ask
    return MemberTracks(now, tuple(tables.member_tracks(view, now)))


def answer_track(ask: TrackAsk, view: View, now: datetime) -> TrackHistory:
    """One system track and its history. Raises Nothing."""
    return picture.history(view, ask.number, now)


def answer_sensors(ask: NoAsk, view: View, now: datetime) -> Sensors:
    """Our own sensors and when each was last heard."""
    del ask
    return Sensors(now, tables.sensor_sites(view))


def answer_alerts(ask: AlertsAsk, view: View, now: datetime) -> Alerts:
    """Alerts as they were said, newest first; replaced and closed ones too."""
    return Alerts(now, picture.standing(view, [[said] for said in said_alerts.latest_alerts(view, ask.most)]))


def due(view: View) -> Sequence[Due]:
    """Every alert in force ends by itself. Another member's is ended by its own node: here nothing is said."""
    return [
        Due(said_alerts.ends_at(said), f"end-alert:{said.record}", "end-alert", EndAlertAsk(said.record))
        for said in said_alerts.open_alerts(view)
    ]


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each public alert, each thing in flight, each alert in force and each sensor that is doubted."""
    tracks = [_track_item(one) for one in picture.assessments(view, now)]
    alerts = [_alert_item(said) for said in said_alerts.open_alerts(view) if now <= said_alerts.ends_at(said)]
    return [
        *public_alert.docket(view, now),
        *tracks,
        *alerts,
        *(_doubt_item(one) for one in tables.doubted_sensors(view)),
    ]


def _track_item(one: picture.Assessment) -> Item:
    impact = one.outlook.impact
    noticed = "" if one.notice is None else f" A launch was notified: {one.notice.fit.value}."
    return Item(
        subject=one.number,
        title=f"Missile {one.number}" if one.state is not TrackState.LOST else f"Missile {one.number}, lost",
        state=one.state.value,
        due=None if impact is None else impact.at,
        offices=OFFICES,
        label=one.label,
        summary=f"No impact point: {one.outlook.because}.{noticed}"
        if impact is None
        else f"Predicted impact near {place(impact.lat_deg, impact.lon_deg)} at {clock(impact.at)}.{noticed}",
    )


def _alert_item(said: said_alerts.SaidAlert) -> Item:
    return Item(
        subject=said.record,
        title=f"{said.member}: {said.alert.reason.value} alert",
        state=AlertState.PREDICTED.value,
        due=said.alert.impact_at,
        offices=OFFICES,
        label=said.label,
        summary=said.alert.words,
    )


def _doubt_item(one: tables.DoubtedSensor) -> Item:
    return Item(
        subject=f"{one.member}/{one.sensor}",
        title=f"Sensor {one.sensor} doubted",
        state="suspect",
        due=None,
        offices=OFFICES,
        label=one.label,
        summary=f"Since {clock(one.since)}: {one.why}.",
    )


QUERIES = (
    Query("picture", NoAsk, Picture, answer_picture, live=True),
    Query("tracks", NoAsk, MemberTracks, answer_tracks),
    Query("track", TrackAsk, TrackHistory, answer_track),
    Query("sensors", NoAsk, Sensors, answer_sensors),
    Query("alerts", AlertsAsk, Alerts, answer_alerts),
)
