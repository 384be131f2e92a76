"""What the tracker holds, as columns: one array for each fact, one row for each track, tentative ones too.

Kernels work on these columns in place; rows come and go by `joined` and `kept`, which copy.
Times are float seconds since the tracker's epoch, vectors are ECEF metres and metres per second.

A track is thought to move in one of four modes, and holds an estimate for each that is possible:

| mode | numbers | what the last of them are |
|---|---|---|
| BOOST | 9 | the motor's acceleration, m/s2 |
| COAST | 6 | none: free fall |
| REENTRY | 7 | ln of the ballistic coefficient, kg/m2 |
| MANEUVER | 9 | the aerodynamic acceleration beyond drag, m/s2 |

All begin with position and velocity. Rows and columns of `mean`, `cov` and `cross` beyond a mode's size are never
read; a mode whose `chance` is exactly 0 is not kept, and its numbers mean nothing.
"""

from __future__ import annotations

from math import log, pi, radians, sin
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from laurel.core.errors import BadAsk
from laurel.instruments.warning.records import Scan, Sensor, SensorKind
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.infrared import satellite_frame

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Columns = TypeVar("Columns", bound=tuple[Any, ...])

MAX_SENSORS = 64

TENTATIVE, TRACKED, COASTING = 0, 1, 2
BOOST, COAST, REENTRY, MANEUVER = 0, 1, 2, 3
MODES = 4
UNKNOWN = 4
"""A phase is the number of a mode, or that none has proved itself yet."""
FULL, FREE = 9, 6
"""The longest state, and the part that all modes share: position and velocity."""
SIZES = (9, 6, 7, 9)
"""Numbers in the state of each mode."""
LOG_BETA = 6
"""Where a reentering state holds the logarithm of its ballistic coefficient."""

SLOTS = 6
"""Sensors of one track whose registration bias is considered."""
RANGE_BIAS, AZIMUTH_BIAS, ELEVATION_BIAS, TIME_BIAS = 0, 1, 2, 3
BIASES = 4
"""Biases of one sensor; that of azimuth counts as azimuth, that of time is how far its clock is ahead."""
RECENT = 16

# A false plot must stay possible, or a sensor that declares none could never be wrong.
FEWEST_FALSE_PLOTS = 1e-3
LEAST_DETECTION, MOST_DETECTION = 0.02, 0.98
FALSE_ALARM = 1e-6
EARTH_DISC_RAD = 0.16


class NotAPlot(BadAsk):
    """A plot that its sensor cannot have made."""

    says = "a plot does not fit its sensor"
    remedy = "a radar gives azimuth, elevation and range, an infrared sensor the two angles alone; all finite"


class Tracks(NamedTuple):
    """Every track, in the order of birth."""

    birth: Whole
    """Counts from 1 as rows begin: the older of two has the lower."""
    number: Whole
    """What others call it; 0 while it is tentative."""
    status: Whole
    phase: Whole
    """A mode, or UNKNOWN."""
    plots: Whole
    first_s: Vector
    t_s: Vector
    """Time of the state."""
    seen_s: Vector
    """Time of the last plot."""
    seen_m2: Vector
    """Variance of the position then, m2."""
    mean: Matrix
    """(n, 4, 9) the estimate of each mode."""
    cov: Matrix
    """(n, 4, 9, 9)."""
    cross: Matrix
    """(n, 4, 9, 24) covariance of each state with the biases of the sensors in `slots`, four columns for each slot.

    The biases keep their prior, which is the sensor's, and are 0 on average: they are considered, not estimated.
    """
    chance: Matrix
    """(n, 4) probability of each mode, in sum 1; exactly 0 for a mode that is not kept."""
    slots: Whole
    """(n, 6) the sensor that each slot stands for, filled from the left; -1 while it is free."""
    recent: Matrix
    """(n, 16, 5) a ring of the last plots taken: t_s, azimuth, elevation, range, sensor."""
    recent_count: Whole
    """Plots ever written to that ring: the next one goes to this number modulo 16."""
    phase_s: Vector
    """Since when the phase is what it is."""
    cutoff_s: Vector
    """When a motor was last seen to cut out; minus infinity if none was."""
    wavers_s: Vector
    """Since when the phase has seemed to be another; infinity if it does not."""
    strain: Vector
    """How far recent plots lie from the ballistic estimate: a fading sum of d2 minus its mean."""
    score: Vector
    """Log-likelihood ratio: a vehicle against false plots."""
    absence: Vector
    """Log-probability of the looks it was missed in since the last plot."""
    shadow: Whole
    """Looks in which another track took the plot it wanted."""
    rival: Whole
    """The birth of that track."""
    sensors: Flags
    """(n, 64) which sensors saw it."""
    launch: Matrix
    """(n, 8): source, lat and lon (rad), time, sigma of time, covariance ee, en, nn (m2)."""
    sources: Matrix
    """(n, 64, 3): times of the first and the last plot of each sensor, and how many."""
    freed: Matrix
    """(n, 43): since when only gravity moves it (nan: not yet), the state (6,) and its covariance (6, 6) then."""
    ledger: Matrix
    """(n, 64) for each sensor: 1 if its last look found it; else the log-chance of those that did not, or 0."""
    noisy: Flags
    """Whether it began among more false plots than its sensor declares."""
    split_from: Whole
    """The number of the track it came out of; 0 for none."""


NO_LAUNCH, LAUNCH_BY_RADAR, LAUNCH_BY_INFRARED = 0.0, 1.0, 2.0
FIRST, LAST, PLOTS = range(3)
SOURCE, LAT, LON, WHEN, WHEN_SIGMA, EAST_EAST, EAST_NORTH, NORTH_NORTH = range(8)


def no_tracks(count: int = 0) -> Tracks:
    """`count` blank rows."""

    def whole() -> Whole:
        return np.zeros(count, dtype=np.int64)

    def real(*shape: int) -> Vector:
        return np.zeros((count, *shape))

    return Tracks(
        birth=whole(),
        number=whole(),
        status=whole(),
        phase=np.full(count, UNKNOWN),
        plots=whole(),
        first_s=real(),
        t_s=real(),
        seen_s=real(),
        seen_m2=real(),
        mean=real(MODES, FULL),
        cov=real(MODES, FULL, FULL),
        cross=real(MODES, FULL, BIASES * SLOTS),
        chance=real(MODES),
        slots=np.full((count, SLOTS), -1),
        recent=real(RECENT, 5),
        recent_count=whole(),
        phase_s=real(),
        cutoff_s=np.full(count, -np.inf),
        wavers_s=np.full(count, np.inf),
        strain=real(),
        score=real(),
        absence=real(),
        shadow=whole(),
        rival=whole(),
        sensors=np.zeros((count, MAX_SENSORS), dtype=np.bool_),
        launch=real(8),
        sources=real(MAX_SENSORS, 3),
        freed=np.full((count, 1 + FREE + FREE * FREE), np.nan),
        ledger=real(MAX_SENSORS),
        noisy=np.zeros(count, dtype=np.bool_),
        split_from=whole(),
    )


def joined(first: Columns, second: Columns) -> Columns:
    """The rows of both, in order."""
    return type(first)(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))


def kept(columns: Columns, rows: NDArray[Any]) -> Columns:
    """Those rows alone, in order."""
    return type(columns)(*(column[rows] for column in columns))


class Eye(NamedTuple):
    """A sensor as the kernels see it."""

    slot: int
    site: Vector
    """(3,) ECEF metres."""
    frame: Matrix
    """(3, 3) rows across, ahead and up: east, north, up for a radar; across, down, north for a satellite."""
    ranged: bool
    range_sigma_m: float
    angle_sigma_rad: float
    reach_m: float
    lowest_rad: float
    sector_from_rad: float
    sector_rad: float
    detection: float
    half_way_snr: float
    """Signal to noise at half the greatest range, where a radar detects as its `detection` says; 0 for infrared."""
    clutter: float
    """False plots per m3 for a radar, per steradian for infrared."""
    period_s: float
    range_bias_m: float
    angle_bias_rad: float
    time_bias_s: float


def eye_of(sensor: Sensor, slot: int) -> Eye:
    """The sensor's geometry and figures, ready for kernels."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    ranged = sensor.kind is SensorKind.RADAR
    if ranged and sensor.range_sigma_m is None:
        raise NotAPlot(sensor=sensor.name, why="a radar without range_sigma_m")
    detection = min(sensor.detection, MOST_DETECTION)
    width_deg = (sensor.sector_to_deg - sensor.sector_from_deg) % 360.0 or 360.0
    false_plots = max(sensor.false_plots, FEWEST_FALSE_PLOTS)
    if ranged:
        frame = enu_matrix(sensor.lat_deg, sensor.lon_deg)
        rise = max(1.0 - sin(radians(min(sensor.min_elevation_deg, 89.0))), 1e-3)
        clutter = false_plots / (radians(width_deg) * rise * sensor.max_range_m**3 / 3.0)
    else:
        frame = satellite_frame(site)
        clutter = false_plots / (pi * EARTH_DISC_RAD**2)
    return Eye(
        slot=slot,
        site=site,
        frame=frame,
        ranged=ranged,
        range_sigma_m=sensor.range_sigma_m or 0.0,
        angle_sigma_rad=sensor.angle_sigma_rad,
        reach_m=sensor.max_range_m,
        lowest_rad=radians(sensor.min_elevation_deg),
        sector_from_rad=radians(sensor.sector_from_deg % 360.0),
        sector_rad=radians(width_deg),
        detection=detection,
        half_way_snr=log(FALSE_ALARM) / log(detection) - 1.0 if ranged else 0.0,
        clutter=clutter,
        period_s=sensor.period_s,
        range_bias_m=sensor.range_bias_m if ranged else 0.0,
        angle_bias_rad=sensor.angle_bias_rad,
        time_bias_s=sensor.time_bias_s,
    )


class Plots(NamedTuple):
    """The plots of one scan in the order of their times: (n,) each. Range is 0 for infrared."""

    t_s: Vector
    azimuth_rad: Vector
    elevation_rad: Vector
    range_m: Vector


def plots_of(scan: Scan, eye: Eye, scan_s: float) -> Plots:
    """The scan's plots, in time order and each of them once. Raises NotAPlot."""
    rows = [(plot.offset_s, plot.azimuth_rad, plot.elevation_rad, plot.range_m or 0.0) for plot in scan.plots]
    table = np.array(sorted(set(rows)), dtype=np.float64).reshape(-1, 4)
    if not np.isfinite(table).all():
        raise NotAPlot(sensor=scan.sensor, at=scan.at, why="a number that is not finite")
    if ((table[:, 3] > 0.0) != eye.ranged).any():
        raise NotAPlot(sensor=scan.sensor, at=scan.at, why="range where there is none, or none")
    columns = np.ascontiguousarray(table.T)
    return Plots(columns[0] + scan_s, columns[1], columns[2], columns[3])
