"""What members tell each other, and themselves, about missiles in flight.

A sensor and its scans stay at home: their label releases them to their own member alone. What
crosses is the track report, under the label of a standing release that an officer signed, and the
alert.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, RecordId
from laurel.core.instrument import FOREVER, Kind
from laurel.core.label import Label
from laurel.core.record import Utc

MAX_PLOTS = 2_000
MAX_TRACKS = 400

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Degrees = Annotated[float, Meta(ge=-360.0, le=360.0)]


class SensorKind(StrEnum):
    """Two kinds that fail for different reasons."""

    RADAR = "radar"
    INFRARED = "infrared"


class Sensor(Struct, frozen=True):
    """A sensor of this member: where it stands and how well it sees. Notional figures.

    `angle_sigma_rad` and `range_sigma_m` (None for infrared) are one standard deviation of one plot;
    `false_plots` is the mean number of false plots in a scan; `detection` the mean chance to see what is
    in its field of view, for a radar at half of its greatest range; azimuths are degrees clockwise from true
    north, and the sector is empty (all round) when both are equal.

    `range_bias_m`, `angle_bias_rad` and `time_bias_s` are one standard deviation of what its registration may be
    off by for as long as it stands: no number of plots averages that out. `owner` is the member whose sensor it
    is, where a member is sent another's plots; None: our own. Two members that hold plots of one sensor give it
    one name, and the same owner.
    """

    name: Name
    kind: SensorKind
    lat_deg: Annotated[float, Meta(ge=-90.0, le=90.0)]
    lon_deg: Annotated[float, Meta(ge=-180.0, le=180.0)]
    alt_m: Annotated[float, Meta(ge=-500.0, le=5.0e7)]
    angle_sigma_rad: Annotated[float, Meta(gt=0.0, le=0.1)]
    range_sigma_m: Annotated[float, Meta(gt=0.0, le=10_000.0)] | None
    max_range_m: Annotated[float, Meta(gt=0.0, le=1.0e8)]
    period_s: Annotated[float, Meta(gt=0.0, le=3_600.0)]
    false_plots: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    detection: Annotated[float, Meta(gt=0.0, le=1.0)]
    min_elevation_deg: Degrees = 1.0
    sector_from_deg: Degrees = 0.0
    sector_to_deg: Degrees = 0.0
    range_bias_m: Annotated[float, Meta(ge=0.0, le=10_000.0)] = 0.0
    angle_bias_rad: Annotated[float, Meta(ge=0.0, le=0.1)] = 0.0
    time_bias_s: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    owner: Code | None = None


class Plot(Struct, frozen=True, array_like=True):
    """One detection, refraction corrected by the site.

    A radar gives azimuth (clockwise from true north) and elevation in its own horizon frame, and
    range. An infrared satellite gives the two angles of `physics.infrared` and no range.
    `offset_s` counts from the scan's `at`.
    """

    offset_s: Annotated[float, Meta(ge=-60.0, le=60.0)]
    azimuth_rad: Annotated[float, Meta(ge=-6.3, le=6.3)]
    elevation_rad: Annotated[float, Meta(ge=-1.6, le=1.6)]
    range_m: Annotated[float, Meta(gt=0.0, le=1.0e8)] | None
    snr_db: Annotated[float, Meta(ge=-50.0, le=150.0)]


class Scan(Struct, frozen=True):
    """One dwell or turn of one sensor: all its plots, none is news too."""

    sensor: Name
    at: Utc
    plots: Annotated[tuple[Plot, ...], Meta(max_length=MAX_PLOTS)]


class Phase(StrEnum):
    """What moves the vehicle now, as far as the track can tell."""

    UNKNOWN = "unknown"
    BOOST = "boost"
    COAST = "coast"
    REENTRY = "reentry"
    MANEUVER = "maneuver"


class TrackState(StrEnum):
    """What the reporting member knows of the track now. A lost track is not an impact.

    FALLEN: its plots led down to the ground, so its impact was observed.
    """

    TRACKED = "tracked"
    COASTING = "coasting"
    LOST = "lost"
    FALLEN = "fallen"


class Flag(StrEnum):
    """What makes a track less believable than its numbers."""

    SUN = "sun"
    """Seen in infrared alone, near where that satellite sees sunlight thrown back or looks towards the Sun."""
    CLUTTER = "clutter"
    """Begun among more false plots than its sensors declare."""
    SUSPECT_SENSOR = "suspect-sensor"
    """Rests on a sensor that disagrees with the others."""


class LaunchPoint(Struct, frozen=True):
    """Where and when it was launched, by one member's estimate.

    `covariance_m2` is (east-east, east-north, north-north).
    """

    lat_deg: float
    lon_deg: float
    at: Utc
    at_sigma_s: float
    covariance_m2: tuple[float, float, float]


class Source(Struct, frozen=True):
    """Plots of one sensor that a track is made of: a line of its pedigree.

    `sensor` is owner and name (`JPN/NORTH`), so that the same plots by two routes are known for the same.
    """

    sensor: Annotated[str, Meta(pattern="^[A-Z]{3}/[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    first_at: Utc
    last_at: Utc
    plots: int


class FreeFall(Struct, frozen=True):
    """What a track knew when it was sure that nothing but gravity moves the vehicle, until now.

    All it learned since, it learned by its own plots alone; what it knew then may rest on what every tracker
    misjudged alike. State and covariance as of `Track`, to seven digits.
    """

    at: Utc
    position_ecef_m: tuple[float, float, float]
    velocity_ecef_mps: tuple[float, float, float]
    covariance: tuple[float, ...]


class Drag(Struct, frozen=True):
    """What the fall through the air told of the ballistic coefficient beta (kg/m2).

    `log_beta` is its natural logarithm; `covariance` is that of log_beta with (position m, velocity m/s), six
    numbers, then its variance.
    """

    log_beta: float
    covariance: tuple[float, float, float, float, float, float, float]


class ObservedImpact(Struct, frozen=True):
    """Where and when it met the ground, by plots that led down to it.

    `covariance_m2` is (east-east, east-north, north-north).
    """

    lat_deg: float
    lon_deg: float
    at: Utc
    at_sigma_s: float
    covariance_m2: tuple[float, float, float]


class Track(Struct, frozen=True):
    """One track of one member. Numbers count from 1 per member and are never used twice.

    State is ECEF (rotating) at `at`; `covariance` is the upper triangle, row by row, 21 numbers,
    of the 6x6 covariance of (position m, velocity m/s). `seen_at` is the time of its last plot.
    `pedigree` names the plots it is made of; empty where that is unknown. `split_from` is the track it came out of.
    `freed` is None while a motor, fins or air may move it.
    """

    number: Annotated[int, Meta(ge=1, le=2**53)]
    state: TrackState
    phase: Phase
    first_at: Utc
    at: Utc
    seen_at: Utc
    position_ecef_m: tuple[float, float, float]
    velocity_ecef_mps: tuple[float, float, float]
    covariance: tuple[float, ...]
    plots: int
    sensors: tuple[str, ...]
    kinds: tuple[SensorKind, ...]
    launch: LaunchPoint | None
    pedigree: tuple[Source, ...] = ()
    drag: Drag | None = None
    flags: tuple[Flag, ...] = ()
    split_from: int | None = None
    observed: ObservedImpact | None = None
    freed: FreeFall | None = None


class TrackReport(Struct, frozen=True):
    """The tracks that one scan changed. A large change is split over several reports."""

    at: Utc
    tracks: Annotated[tuple[Track, ...], Meta(max_length=MAX_TRACKS)]


class SensorDoubt(Struct, frozen=True):
    """Our tracker's opinion of one of our sensors, said when it changes. Stays at home, like the sensor."""

    sensor: Name
    suspect: bool
    why: str
    at: Utc


class StandingRelease(Struct, frozen=True):
    """An officer's act: from now on, what is made from scans goes out under this label.

    Without one, track reports and alerts keep the label of the scans and stay at home.
    """

    release: Label
    reason: str


class AlertReason(StrEnum):
    """Why a member is alerted."""

    LAUNCH = "launch"
    OVERFLIGHT = "overflight"
    IMPACT = "impact"


class AlertState(StrEnum):
    """Where an alert stands. Predicted is not observed."""

    PREDICTED = "predicted"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Area(Struct, frozen=True, order=True):
    """A member's land (`territory`) or its 200 nautical mile zone (`zone`, an approximation)."""

    member: str
    extent: str


class NoticeFit(StrEnum):
    """How what flies agrees with a launch that was announced for that time and place."""

    AS_NOTIFIED = "as notified"
    """Towards where the notice says."""
    PATH_UNKNOWN = "notified, path not known yet"
    OFF_PATH = "not on the notified path"
    """It may hide behind the notice."""
    TOO_MANY = "more than were notified"
    """Several were launched, and the notice announces one."""


class NoticeNamed(Struct, frozen=True):
    """The notice that an alert speaks of, and how well it fits: time, place, path, in words."""

    notice: RecordId
    fit: NoticeFit
    words: str


class Alert(Struct, frozen=True):
    """A member's warning over its own area, or of a launch.

    `tracks` are the member tracks it rests on (`JPN-12`); a later alert of the same origin and
    reason that shares a track replaces the earlier one. `notice`: a launch announced for that time and place.
    """

    reason: AlertReason
    state: AlertState
    tracks: tuple[str, ...]
    areas: tuple[Area, ...]
    confidence: str
    launched_at: Utc | None
    impact_at: Utc | None
    impact_lat_deg: float | None
    impact_lon_deg: float | None
    words: str
    notice: NoticeNamed | None = None


class AlertAcknowledged(Struct, frozen=True):
    """An officer has read this alert, and `office` answers for it: all who have the alert see so."""

    alert: RecordId
    office: Annotated[str, Meta(min_length=1, max_length=120)]


class PublicAlertState(StrEnum):
    """Whether the public is told to take cover, or that it need not any more."""

    ISSUED = "issued"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why the public need not take cover. Each has its ready sentence in every language."""

    ERROR = "error"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class Words(Struct, frozen=True):
    """What the public reads, in one language (ISO 639)."""

    language: Language
    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


class PublicAlert(Struct, frozen=True):
    """What wakes a country up, issued by two officers of it; or its cancel, by one, to the same audience.

    `alert` is the member's own alert that it rests on. A cancel names what it `cancels` and the `reason`; nothing
    but a cancel does, so neither can be taken for the other.
    """

    state: PublicAlertState
    alert: RecordId
    areas: tuple[Area, ...]
    words: tuple[Words, ...]
    cancels: RecordId | None = None
    reason: CancelReason | None = None


class CoarsePoint(Struct, frozen=True):
    """A place on a grid, at a whole minute."""

    lat_deg: Latitude
    lon_deg: Longitude
    at: Utc


class CoarseTrack(Struct, frozen=True):
    """A track as those may know it who must not know how well we see: a place on a grid, at a whole minute."""

    number: Annotated[int, Meta(ge=1, le=2**53)]
    state: TrackState
    at: Utc
    lat_deg: Latitude
    lon_deg: Longitude
    alt_m: float
    launch: CoarsePoint | None
    observed: CoarsePoint | None


class CoarseTracks(Struct, frozen=True):
    """Derived from a track report that stays home: on a grid of `grid_m`, said `delay_s` later; `dropped` was left out.

    No sensor is named and no error is given: both tell how well we see.
    """

    grid_m: int
    delay_s: int
    dropped: tuple[str, ...]
    tracks: Annotated[tuple[CoarseTrack, ...], Meta(max_length=MAX_TRACKS)]


class CoarseAlert(Struct, frozen=True):
    """Derived from an alert that stays home: its places on a grid, its times whole minutes. Its confidence is kept."""

    grid_m: int
    delay_s: int
    dropped: tuple[str, ...]
    reason: AlertReason
    state: AlertState
    tracks: tuple[str, ...]
    areas: tuple[Area, ...]
    confidence: str
    launched_at: Utc | None
    impact: CoarsePoint | None


SENSOR = Kind("warning.sensor.v1", Sensor, FOREVER, undone_by="register the sensor again as it is")
SCAN = Kind(
    "warning.scan.v1",
    Scan,
    timedelta(days=30),
    undone_by="take back the track reports that rest on it, and stop the sensor",
)
TRACK_REPORT = Kind("warning.track-report.v1", TrackReport, timedelta(days=90), retractable=True)
SENSOR_DOUBT = Kind("warning.sensor-doubt.v1", SensorDoubt, timedelta(days=90))
STANDING_RELEASE = Kind(
    "warning.standing-release.v1", StandingRelease, FOREVER, undone_by="put another release in force"
)
ALERT = Kind("warning.alert.v1", Alert, FOREVER, retractable=True)
ACKNOWLEDGED = Kind(
    "warning.acknowledged.v1",
    AlertAcknowledged,
    FOREVER,
    undone_by="tell them by the hotline: what was read was read",
    falls_with="alert",
)
COARSE_TRACKS = Kind("warning.coarse-tracks.v1", CoarseTracks, timedelta(days=90), retractable=True)
COARSE_ALERT = Kind("warning.coarse-alert.v1", CoarseAlert, FOREVER, retractable=True)
PUBLIC_ALERT = Kind(
    "warning.public-alert.v1",
    PublicAlert,
    FOREVER,
    undone_by="cancel it with warning/cancel-public-alert",
)

KINDS = (
    SENSOR,
    SCAN,
    TRACK_REPORT,
    SENSOR_DOUBT,
    STANDING_RELEASE,
    ALERT,
    ACKNOWLEDGED,
    COARSE_TRACKS,
    COARSE_ALERT,
    PUBLIC_ALERT,
)
