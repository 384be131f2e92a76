"""What a reader may know of a flight: places on a grid, times to the minute, no sensor, no error; and its view of it.

What is told depends on the cell and the minute alone: two tracks in one cell at one minute are told alike, so nothing
finer can be worked out from it. A member's own picture takes no notice of any of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import cos, degrees, radians
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, bindparam, select

from laurel.core.instrument import Fold, Kept, Meet, NoAsk, Query, Rows, Terms, View
from laurel.core.label import Label
from laurel.core.record import Record
from laurel.instruments.warning.fuse import plausible
from laurel.instruments.warning.notices import as_seen
from laurel.instruments.warning.records import (
    COARSE_ALERT,
    COARSE_TRACKS,
    Alert,
    CoarseAlert,
    CoarsePoint,
    CoarseTrack,
    CoarseTracks,
    Track,
    TrackReport,
)
from laurel.instruments.warning.view import EPOCH, FLIGHT_LASTS, micros, moment, said_by
from laurel.physics.earth import A_M, to_geodetic

MINUTE = timedelta(minutes=1)
NEAREST_POLE = 0.01
DECIMALS = 4
"""Of a degree: eleven metres, less than the finest grid."""


# Sanitising


def coarse_tracks(report: TrackReport, terms: Terms) -> CoarseTracks | None:
    """What may be told of these tracks; None when none of them can be placed."""
    placed = tuple(_coarse(one, terms) for one in report.tracks if plausible(one))
    return CoarseTracks(terms.coarsen_m, terms.delay_s, terms.drop, placed) if placed else None


def coarse_alert(alert: Alert, terms: Terms) -> CoarseAlert:
    """What may be told of this alert."""
    lat, lon, at = alert.impact_lat_deg, alert.impact_lon_deg, alert.impact_at
    told = None if lat is None or lon is None or at is None or "impact" in terms.drop else _point(lat, lon, at, terms)
    launched = None if alert.launched_at is None or "launch" in terms.drop else minute(alert.launched_at)
    return CoarseAlert(
        grid_m=terms.coarsen_m,
        delay_s=terms.delay_s,
        dropped=terms.drop,
        reason=alert.reason,
        state=alert.state,
        tracks=alert.tracks,
        areas=alert.areas,
        confidence=as_seen(alert.confidence),
        launched_at=launched,
        impact=told,
    )


def _coarse(track: Track, terms: Terms) -> CoarseTrack:
    lat_rad, lon_rad, alt_m = to_geodetic(*track.position_ecef_m)
    place = _point(degrees(lat_rad), degrees(lon_rad), track.at, terms)
    launch, observed = track.launch, track.observed
    return CoarseTrack(
        number=track.number,
        state=track.state,
        at=place.at,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        alt_m=float(round(alt_m / terms.coarsen_m) * terms.coarsen_m),
        launch=None
        if launch is None or "launch" in terms.drop
        else _point(launch.lat_deg, launch.lon_deg, launch.at, terms),
        observed=None
        if observed is None or "impact" in terms.drop
        else _point(observed.lat_deg, observed.lon_deg, observed.at, terms),
    )


def _point(lat_deg: float, lon_deg: float, at: datetime, terms: Terms) -> CoarsePoint:
    return CoarsePoint(*cell(lat_deg, lon_deg, terms.coarsen_m), minute(at))


def cell(lat_deg: float, lon_deg: float, grid_m: int) -> tuple[float, float]:
    """The middle of the grid's cell that a place lies in, degrees. Cells are as wide as high, up to near the poles."""
    step_deg = degrees(grid_m / A_M)
    lat = min(90.0, max(-90.0, round(lat_deg / step_deg) * step_deg))
    # By the row's own latitude, so that the column tells nothing of the place within the row.
    wide_deg = step_deg / max(cos(radians(lat)), NEAREST_POLE)
    lon = (round(lon_deg / wide_deg) * wide_deg + 180.0) % 360.0 - 180.0
    return round(lat, DECIMALS), round(lon, DECIMALS)


def minute(at: datetime) -> datetime:
    """The whole minute before."""
    return EPOCH + (at - EPOCH) // MINUTE * MINUTE


# The view

_metadata = MetaData()

track = Kept(
    Table(
        "warning_coarse_track",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("number", BigInteger, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("grid_m", BigInteger, nullable=False),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_coarse_track_at", "at_us"),
    ),
    Meet.GREATEST,
    rank=("at_us", "said_us", "said_place", "record"),
)
alert = Kept(
    Table(
        "warning_coarse_alert",
        _metadata,
        Column("record", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_coarse_alert_said", "said_us"),
    ),
    Meet.ONCE,
)

TABLES = (track, alert)

_TRACK, _ALERT = track.table.c, alert.table.c
_TRACKS = select(track.table).where(_TRACK.at_us >= bindparam("since_us")).order_by(_TRACK.origin, _TRACK.number)
_ALERTS = (
    select(alert.table)
    .where(_ALERT.said_us >= bindparam("since_us"))
    .order_by(_ALERT.said_us.desc(), _ALERT.said_place.desc(), _ALERT.record.desc())
)


class ToldTrack(Struct, frozen=True):
    """The last that a member told of one of its tracks, and how coarsely."""

    name: str
    member: str
    record: str
    said_at: datetime
    label: Label
    grid_m: int
    track: CoarseTrack


class ToldAlert(Struct, frozen=True):
    """An alert that a member told of."""

    member: str
    record: str
    said_at: datetime
    label: Label
    alert: CoarseAlert


class Told(Struct, frozen=True):
    """What members told of flights in the last hours, in the terms of their policies. Newer alerts first."""

    now: datetime
    tracks: tuple[ToldTrack, ...]
    alerts: tuple[ToldAlert, ...]


def fold_tracks(record_id: str, record: Record[CoarseTracks]) -> Rows:
    """The last that was told of each track."""
    told = {
        **said_by(record_id, record),
        "grid_m": record.body.grid_m,
        "label": msgspec.msgpack.encode(record.label),
    }
    latest = {one.number: one for one in sorted(record.body.tracks, key=lambda one: (one.number, one.at))}
    return [
        (track, {**told, "number": one.number, "at_us": micros(one.at), "body": msgspec.msgpack.encode(one)})
        for one in latest.values()
    ]


def fold_alert(record_id: str, record: Record[CoarseAlert]) -> Rows:
    """One row for each alert that was told of."""
    row = {
        **said_by(record_id, record),
        "label": msgspec.msgpack.encode(record.label),
        "body": msgspec.msgpack.encode(record.body),
    }
    return ((alert, row),)


def answer_told(ask: NoAsk, view: View, now: datetime) -> Told:
    """What members told of flights, sanitised: all that a reader has, and what we told readers."""
    del ask
    since_us = micros(now - FLIGHT_LASTS)
    tracks = tuple(
        ToldTrack(
            name=f"{row.origin}-{row.number}",
            member=row.origin,
            record=row.record,
            said_at=moment(row.said_us),
            label=msgspec.msgpack.decode(row.label, type=Label),
            grid_m=row.grid_m,
            track=msgspec.msgpack.decode(row.body, type=CoarseTrack),
        )
        for row in view.rows(_TRACKS, since_us=since_us)
    )
    return Told(now, tracks, tuple(_in_force(view.rows(_ALERTS, since_us=since_us))))


def _in_force(rows: Sequence[Any]) -> list[ToldAlert]:
    """Of alerts of one member and reason that share a track, the last."""
    found: list[ToldAlert] = []
    replaced: set[tuple[str, str, str]] = set()
    for row in rows:
        body = msgspec.msgpack.decode(row.body, type=CoarseAlert)
        keys = {(row.origin, body.reason.value, name) for name in body.tracks}
        if not keys & replaced:
            label = msgspec.msgpack.decode(row.label, type=Label)
            found.append(ToldAlert(row.origin, row.record, moment(row.said_us), label, body))
        replaced |= keys
    return found


FOLDS: Mapping[str, Fold] = {COARSE_TRACKS.name: fold_tracks, COARSE_ALERT.name: fold_alert}
QUERIES = (Query("told", NoAsk, Told, answer_told, live=True),)
