"""What a node keeps of the warning records: our sensors, every member's tracks, the alerts.

Times are whole microseconds since 1970, so that they sort and compare exactly. Bodies and labels are kept as
MessagePack. Views read here are pure functions of the tables; nothing is remembered between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import degrees, hypot, sqrt
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
)

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.label import Label
from laurel.core.record import Precedence, Record
from laurel.instruments.warning.fuse import plausible
from laurel.instruments.warning.picture_types import MemberTrack, SensorSite
from laurel.instruments.warning.records import (
    Alert,
    Scan,
    Sensor,
    SensorDoubt,
    StandingRelease,
    Track,
    TrackReport,
)
from laurel.physics.earth import to_geodetic

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SLOT_US = 5_000_000
"""One trail point of each track is kept in five seconds: the last."""
FLIGHT_LASTS = timedelta(hours=2)
"""Tracks and alerts older than that are history."""

_metadata = MetaData()

sensor = Kept(
    Table(
        "warning_sensor",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
    ),
    Meet.GREATEST,
    rank=("said_us", "said_place", "record"),
)
scan = Kept(
    Table(
        "warning_scan",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("sensor", Text, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("record", Text, nullable=False),
        Column("plots", Integer, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at_us", "record"),
)
doubt = Kept(
    Table(
        "warning_doubt",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("sensor", Text, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("suspect", Boolean, nullable=False),
        Column("why", Text, nullable=False),
        Column("label", LargeBinary, nullable=False),
        Index("warning_doubt_suspect", "suspect"),
    ),
    Meet.GREATEST,
    rank=("at_us", "said_us", "said_place", "record"),
)
release = Kept(
    Table(
        "warning_release",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
    ),
    Meet.GREATEST,
    rank=("said_us", "said_place", "record"),
)
track = Kept(
    Table(
        "warning_track",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("number", BigInteger, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("seen_us", BigInteger, nullable=False),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_track_seen", "seen_us"),
    ),
    Meet.GREATEST,
    rank=("at_us", "said_us", "said_place", "record"),
)
trail = Kept(
    Table(
        "warning_trail",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("number", BigInteger, primary_key=True),
        Column("slot", BigInteger, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("phase", Text, nullable=False),
        Column("lat_deg", Float, nullable=False),
        Column("lon_deg", Float, nullable=False),
        Column("alt_m", Float, nullable=False),
        Column("sigma_m", Float, nullable=False),
        Column("speed_mps", Float, nullable=False),
    ),
    Meet.GREATEST,
    rank=("at_us", "said_us", "said_place", "record"),
)
alert = Kept(
    Table(
        "warning_alert",
        _metadata,
        Column("record", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("exercise", Text),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_alert_said", "said_us"),
    ),
    Meet.ONCE,
)
alert_track = Kept(
    Table(
        "warning_alert_track",
        _metadata,
        Column("origin", Text, primary_key=True),
        Column("reason", Text, primary_key=True),
        Column("track", Text, primary_key=True),
        Column("said_us", BigInteger, nullable=False),
        Column("said_place", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("state", Text, nullable=False),
        Index("warning_alert_track_state", "state"),
    ),
    Meet.GREATEST,
    rank=("said_us", "said_place", "record"),
)

TABLES = (sensor, scan, doubt, release, track, trail, alert, alert_track)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(at_us: int) -> datetime:
    """The UTC time of whole microseconds since 1970."""
    return EPOCH + at_us * MICROSECOND


# Folds


def said_by(record_id: str, record: Record[Any]) -> dict[str, Any]:
    """Who said it when, and where it stands among what was said in that moment, as `Record.order` has it."""
    _, origin, urgency, audience, number = record.order
    return {
        "origin": record.origin,
        "said_us": micros(record.at),
        "said_place": f"{origin} {Precedence.FLASH + urgency} {' '.join(audience)} {number:019d}",
        "record": record_id,
    }


def fold_sensor(record_id: str, record: Record[Sensor]) -> Rows:
    """The sensor as last described."""
    row = {**said_by(record_id, record), "name": record.body.name, "body": msgspec.msgpack.encode(record.body)}
    return ((sensor, row),)


def fold_scan(record_id: str, record: Record[Scan]) -> Rows:
    """When each sensor was last heard."""
    row = {
        "origin": record.origin,
        "sensor": record.body.sensor,
        "at_us": micros(record.body.at),
        "record": record_id,
        "plots": len(record.body.plots),
    }
    return ((scan, row),)


def fold_doubt(record_id: str, record: Record[SensorDoubt]) -> Rows:
    """What the tracker thinks of each sensor now."""
    row = {
        **said_by(record_id, record),
        "sensor": record.body.sensor,
        "at_us": micros(record.body.at),
        "suspect": record.body.suspect,
        "why": record.body.why,
        "label": msgspec.msgpack.encode(record.label),
    }
    return ((doubt, row),)


def fold_release(record_id: str, record: Record[StandingRelease]) -> Rows:
    """The release in force."""
    row = {**said_by(record_id, record), "body": msgspec.msgpack.encode(record.body)}
    return ((release, row),)


def fold_track_report(record_id: str, record: Record[TrackReport]) -> Rows:
    """The latest state of each track, and a point of its trail."""
    said, label = said_by(record_id, record), msgspec.msgpack.encode(record.label)
    latest = {one.number: one for one in sorted(record.body.tracks, key=lambda one: (one.number, one.at))}
    rows: list[tuple[Kept, dict[str, Any]]] = []
    for one in latest.values():
        stamp = {**said, "number": one.number, "at_us": micros(one.at)}
        body = msgspec.msgpack.encode(one)
        rows.append((track, {**stamp, "seen_us": micros(one.seen_at), "label": label, "body": body}))
        if plausible(one):
            rows.append((trail, {**stamp, **_trail_point(one)}))
    return rows


def _trail_point(one: Track) -> dict[str, Any]:
    lat, lon, alt = to_geodetic(*one.position_ecef_m)
    variance = one.covariance[0] + one.covariance[6] + one.covariance[11]
    return {
        "slot": micros(one.at) // SLOT_US,
        "state": one.state.value,
        "phase": one.phase.value,
        "lat_deg": degrees(lat),
        "lon_deg": degrees(lon),
        "alt_m": alt,
        "sigma_m": sqrt(max(variance, 0.0) / 3.0),
        "speed_mps": hypot(*one.velocity_ecef_mps),
    }


def fold_alert(record_id: str, record: Record[Alert]) -> Rows:
    """The alert, and for each of its tracks which alert of that origin and reason came last."""
    body = record.body
    said = said_by(record_id, record)
    row = {
        **said,
        "author": record.author,
        "exercise": record.exercise,
        "label": msgspec.msgpack.encode(record.label),
        "body": msgspec.msgpack.encode(body),
    }
    state = {**said, "reason": body.reason.value, "state": body.state.value}
    return ((alert, row), *((alert_track, {**state, "track": name}) for name in sorted(set(body.tracks))))


# Reading

_SENSOR, _SCAN, _RELEASE, _TRACK = sensor.table.c, scan.table.c, release.table.c, track.table.c
_DOUBT = doubt.table.c

_SENSORS = (
    select(_SENSOR.origin, _SENSOR.name, _SENSOR.body, _SCAN.at_us, _DOUBT.suspect, _DOUBT.why)
    .join_from(
        sensor.table,
        scan.table,
        (_SENSOR.origin == _SCAN.origin) & (_SENSOR.name == _SCAN.sensor),
        isouter=True,
    )
    .join(doubt.table, (_SENSOR.origin == _DOUBT.origin) & (_SENSOR.name == _DOUBT.sensor), isouter=True)
    .order_by(_SENSOR.origin, _SENSOR.name)
)
_DOUBTS = (
    select(_DOUBT.origin, _DOUBT.sensor, _DOUBT.at_us, _DOUBT.why, _DOUBT.label)
    .where(_DOUBT.suspect)
    .order_by(_DOUBT.origin, _DOUBT.sensor)
)
_SENSOR_NAMED = select(_SENSOR.body).where(_SENSOR.origin == bindparam("member"), _SENSOR.name == bindparam("called"))
_RELEASE_OF = select(_RELEASE.record, _RELEASE.body).where(_RELEASE.origin == bindparam("member"))
_TRACKS = (
    select(_TRACK.origin, _TRACK.number, _TRACK.said_us, _TRACK.record, _TRACK.label, _TRACK.body)
    .where(_TRACK.seen_us >= bindparam("since_us"))
    .order_by(_TRACK.origin, _TRACK.number)
)
_sensor_of = msgspec.msgpack.Decoder(Sensor)
_release_of = msgspec.msgpack.Decoder(StandingRelease)
_track_of = msgspec.msgpack.Decoder(Track)
_label_of = msgspec.msgpack.Decoder(Label)


def sensor_named(view: View, member: str, name: str) -> Sensor | None:
    """The sensor as its member last described it."""
    rows = view.rows(_SENSOR_NAMED, member=member, called=name)
    return _sensor_of.decode(rows[0].body) if rows else None


def sensor_sites(view: View) -> tuple[SensorSite, ...]:
    """Every sensor we hold, by name; only our own, as long as the others keep theirs at home."""
    return tuple(
        _site(_sensor_of.decode(row.body), row.at_us, row.why if row.suspect else None) for row in view.rows(_SENSORS)
    )


@dataclass(frozen=True)
class DoubtedSensor:
    """A sensor that its own member's tracker doubts, since when and why."""

    member: str
    sensor: str
    since: datetime
    why: str
    label: Label


def doubted_sensors(view: View) -> list[DoubtedSensor]:
    """Those doubted now, by member and name."""
    return [
        DoubtedSensor(row.origin, row.sensor, moment(row.at_us), row.why, _label_of.decode(row.label))
        for row in view.rows(_DOUBTS)
    ]


def _site(one: Sensor, last_us: int | None, suspect: str | None) -> SensorSite:
    return SensorSite(
        name=one.name,
        kind=one.kind,
        lat_deg=one.lat_deg,
        lon_deg=one.lon_deg,
        alt_m=one.alt_m,
        max_range_m=one.max_range_m,
        sector_from_deg=one.sector_from_deg,
        sector_to_deg=one.sector_to_deg,
        last_scan_at=None if last_us is None else moment(last_us),
        suspect=suspect,
    )


def standing_release(view: View, member: str) -> tuple[str, StandingRelease] | None:
    """The member's release in force, and the record that says it."""
    rows = view.rows(_RELEASE_OF, member=member)
    return (rows[0].record, _release_of.decode(rows[0].body)) if rows else None


def member_tracks(view: View, now: datetime) -> list[MemberTrack]:
    """Every track seen within the time that a flight may last, ordered by member and number."""
    rows = view.rows(_TRACKS, since_us=micros(now - FLIGHT_LASTS))
    labels = {packed: _label_of.decode(packed) for packed in {row.label for row in rows}}
    return [
        MemberTrack(
            name=f"{row.origin}-{row.number}",
            member=row.origin,
            record=row.record,
            said_at=moment(row.said_us),
            label=labels[row.label],
            track=_track_of.decode(row.body),
        )
        for row in rows
    ]
