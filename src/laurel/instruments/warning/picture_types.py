"""What the shared picture says: one system track for each thing in flight, and the alerts.

A view, not a record: every node that holds the same track reports computes the same picture.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from laurel.core.label import Label
from laurel.instruments.warning.records import (
    AlertReason,
    AlertState,
    Area,
    Flag,
    NoticeFit,
    Phase,
    SensorKind,
    Track,
    TrackState,
)


class Position(Struct, frozen=True):
    """Geodetic, WGS84."""

    lat_deg: float
    lon_deg: float
    alt_m: float


class Ellipse(Struct, frozen=True):
    """An error ellipse on the ground: half axes, and the long axis clockwise from north."""

    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float


class Launch(Struct, frozen=True):
    """The fused estimate of where and when it was launched."""

    lat_deg: float
    lon_deg: float
    at: datetime
    at_sigma_s: float
    ellipse50: Ellipse
    ellipse90: Ellipse


class PredictedImpactPoint(Struct, frozen=True):
    """Where and when it will meet the ground if nothing changes. Never an observation.

    It comes before `earliest_at` with 5 %, and after `latest_at` with 5 %.
    """

    lat_deg: float
    lon_deg: float
    at: datetime
    at_sigma_s: float
    earliest_at: datetime
    latest_at: datetime
    ellipse50: Ellipse
    ellipse90: Ellipse
    areas: tuple[Area, ...]


class ObservedImpactPoint(Struct, frozen=True):
    """Where and when it met the ground, as plots that led down to it tell. Never a prediction."""

    lat_deg: float
    lon_deg: float
    at: datetime
    at_sigma_s: float
    ellipse50: Ellipse
    ellipse90: Ellipse
    areas: tuple[Area, ...]


class PathPoint(Struct, frozen=True, array_like=True):
    """Longitude, latitude (degrees), altitude (m), seconds after the track's first plot."""

    lon_deg: float
    lat_deg: float
    alt_m: float
    t_s: float


class VehicleClass(Struct, frozen=True):
    """How likely it is a vehicle of that class."""

    name: str
    probability: float


class NoticeMatch(Struct, frozen=True):
    """A launch that was announced for that time and place: which notice, and what time, place and path say of it.

    `member` passed it on, `notifier` announced it. A notice that does not `counts` changes no confidence: its grade is
    too poor. `words` say all of it in sentences.
    """

    notice: str
    member: str
    notifier: str
    number: str
    vehicle: str
    grade: str
    counts: bool
    fit: NoticeFit
    time: str
    place: str
    path: str
    words: str


class SystemTrack(Struct, frozen=True):
    """One thing in flight, fused from every member's track of it.

    `sources` are the sensors that saw it, each once, whoever reports its plots; `sensors` counts them. `flags` say
    what makes it less believable, `split_from` which system track it came out of. `path` is where it is predicted to go
    from `position` on.
    """

    number: str
    state: TrackState
    phase: Phase
    first_at: datetime
    at: datetime
    seen_at: datetime
    position: Position
    position_sigma_m: float
    speed_mps: float
    speed_sigma_mps: float
    heading_deg: float
    climb_mps: float
    members: tuple[str, ...]
    tracks: tuple[str, ...]
    sensor_kinds: tuple[SensorKind, ...]
    sensors: int
    confidence: str
    classes: tuple[VehicleClass, ...]
    trail: tuple[PathPoint, ...]
    path: tuple[PathPoint, ...]
    overflies: tuple[Area, ...]
    launch: Launch | None
    impact: PredictedImpactPoint | None
    no_impact_because: str | None
    observed: ObservedImpactPoint | None
    sources: tuple[str, ...]
    flags: tuple[Flag, ...]
    split_from: str | None
    notice: NoticeMatch | None


class AlertAcknowledgement(Struct, frozen=True):
    """Which office of which member has read an alert, or one that it replaced.

    `alert` is the record that was read; it `counts` unless the alert has named another area since.
    """

    member: str
    office: str
    by: str
    at: datetime
    alert: str
    counts: bool


class StandingAlert(Struct, frozen=True):
    """An alert as it stands now, who gave it, and who has acknowledged it."""

    id: str
    member: str
    said_at: datetime
    reason: AlertReason
    state: AlertState
    tracks: tuple[str, ...]
    areas: tuple[Area, ...]
    confidence: str
    impact_at: datetime | None
    lead_s: float | None
    banner: str
    words: str
    acknowledged: tuple[AlertAcknowledgement, ...]


class SensorSite(Struct, frozen=True):
    """One of our own sensors, for the map: the others keep theirs at home.

    `suspect` is why our tracker doubts it now, or None.
    """

    name: str
    kind: SensorKind
    lat_deg: float
    lon_deg: float
    alt_m: float
    max_range_m: float
    sector_from_deg: float
    sector_to_deg: float
    last_scan_at: datetime | None
    suspect: str | None


class Warn(Struct, frozen=True):
    """What in the picture itself cannot well be true: so many new tracks from the one time to the other."""

    first_at: datetime
    last_at: datetime
    tracks: int
    confirmed: int
    words: str


class Picture(Struct, frozen=True):
    """What is in flight, what was warned of, and what we see with. `warnings` is what to doubt of it."""

    at: datetime
    tracks: tuple[SystemTrack, ...]
    alerts: tuple[StandingAlert, ...]
    sensors: tuple[SensorSite, ...]
    warnings: tuple[Warn, ...]


class MemberTrack(Struct, frozen=True):
    """The latest that one member reported of one of its tracks, and in which record."""

    name: str
    member: str
    record: str
    said_at: datetime
    label: Label
    track: Track


class MemberTracks(Struct, frozen=True):
    """Every member's tracks that may still fly, as reported."""

    at: datetime
    tracks: tuple[MemberTrack, ...]


class TrackMoment(Struct, frozen=True):
    """What one member reported of a track at one time; at most one in five seconds is kept."""

    track: str
    at: datetime
    state: TrackState
    phase: Phase
    position: Position
    position_sigma_m: float
    speed_mps: float


class TrackHistory(Struct, frozen=True):
    """One system track as it stands, and all that was reported of it, oldest first."""

    track: SystemTrack
    history: tuple[TrackMoment, ...]


class Alerts(Struct, frozen=True):
    """Alerts as they were said, newest first."""

    at: datetime
    alerts: tuple[StandingAlert, ...]


class Sensors(Struct, frozen=True):
    """Our own sensors by name."""

    at: datetime
    sensors: tuple[SensorSite, ...]
