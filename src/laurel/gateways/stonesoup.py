"""Plots and tracks from and to Stone Soup, the open tracking framework (`pip install laurel[bench]` brings it).

    tracker.update(scan_of(detections, sensor, at))
    path_of(tracks)                                    # a track's reports as a Stone Soup Track

Its states are [x, vx, y, vy, z, vz] in ECEF metres and metres per second; ours are position, then velocity. Its bearing
counts anticlockwise from the first axis of the sensor's frame (east), our azimuth clockwise from the second (north).
Times stay what they are: UTC, to the microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import asin, atan2, pi, remainder

import numpy as np
from stonesoup.models.measurement.nonlinear import CartesianToElevationBearing, CartesianToElevationBearingRange
from stonesoup.types.angle import Bearing, Elevation
from stonesoup.types.array import CovarianceMatrix, StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.multihypothesis import MultipleHypothesis
from stonesoup.types.state import GaussianState
from stonesoup.types.track import Track as Path
from stonesoup.types.update import Update

from laurel.core.errors import BadAsk
from laurel.instruments.warning.records import Phase, Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.physics.compiled import Matrix
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.infrared import satellite_frame

POSITION = (0, 2, 4)
VELOCITY = (1, 3, 5)
ORDER = np.array([0, 3, 1, 4, 2, 5])
"""Which of our numbers stands at each of its places."""
BACK = np.argsort(ORDER)
UPPER = np.triu_indices(6)

SENSOR, SNR_DB = "sensor", "snr_db"

SensorModel = CartesianToElevationBearingRange | CartesianToElevationBearing


class NotACovariance(BadAsk):
    """A path without a state that has a mean and a covariance of six numbers."""

    says = "this Stone Soup track has no Gaussian state of six numbers"
    remedy = "give a track of GaussianState with [x, vx, y, vy, z, vz] in ECEF"


def model_of(sensor: Sensor) -> SensorModel:
    """Its measurement model of a sensor: elevation, bearing and, for a radar, range, with the sensor's errors."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    ranged = sensor.kind is SensorKind.RADAR
    frame = enu_matrix(sensor.lat_deg, sensor.lon_deg) if ranged else satellite_frame(site)
    sigma = np.array([sensor.angle_sigma_rad, sensor.angle_sigma_rad, sensor.range_sigma_m or 0.0])
    sigma = sigma if ranged else sigma[:2]
    model = CartesianToElevationBearingRange if ranged else CartesianToElevationBearing
    return model(
        ndim_state=6,
        mapping=POSITION,
        noise_covar=CovarianceMatrix(np.diag(sigma**2)),
        translation_offset=StateVector(site),
        rotation_offset=StateVector(_turns(frame)),
    )


def _turns(frame: Matrix) -> tuple[float, float, float]:
    """Its roll, pitch and yaw of a frame (3, 3) whose rows are axes in ECEF."""
    # It composes Rx(-roll) Ry(pitch) Rz(-yaw).
    return (
        atan2(float(frame[1, 2]), float(frame[2, 2])),
        asin(float(np.clip(frame[0, 2], -1.0, 1.0))),
        atan2(float(frame[0, 1]), float(frame[0, 0])),
    )


def detections_of(scan: Scan, sensor: Sensor, model: SensorModel | None = None) -> set[Detection]:
    """The scan's plots as its detections; `model` spares making the same one again for each scan."""
    seen_by = model_of(sensor) if model is None else model
    return {
        Detection(
            StateVector(_its_numbers(plot)),
            timestamp=scan.at + timedelta(seconds=plot.offset_s),
            measurement_model=seen_by,
            metadata={SENSOR: sensor.name, SNR_DB: plot.snr_db},
        )
        for plot in scan.plots
    }


def _its_numbers(plot: Plot) -> list[Elevation | Bearing | float]:
    angles: list[Elevation | Bearing | float] = [Elevation(plot.elevation_rad), Bearing(pi / 2.0 - plot.azimuth_rad)]
    return angles if plot.range_m is None else [*angles, plot.range_m]


def scan_of(detections: Iterable[Detection], sensor: Sensor, at: datetime) -> Scan:
    """Its detections by one sensor as a scan of that time, in order of time and angle."""
    plots = sorted(_plot(detection, at) for detection in detections)
    return Scan(sensor.name, at, tuple(Plot(*numbers) for numbers in plots))


def _plot(detection: Detection, at: datetime) -> tuple[float, float, float, float | None, float]:
    elevation, bearing, *away = (float(number) for number in detection.state_vector[:, 0])
    azimuth = remainder(pi / 2.0 - bearing, 2.0 * pi)
    offset_s = (detection.timestamp - at).total_seconds()
    return offset_s, azimuth, elevation, away[0] if away else None, float(detection.metadata.get(SNR_DB, 0.0))


def state_of(track: Track) -> GaussianState:
    """A track report as its state."""
    half = np.zeros((6, 6))
    half[UPPER] = track.covariance
    covariance = half + half.T - np.diag(np.diag(half))
    ours = np.array(track.position_ecef_m + track.velocity_ecef_mps)
    return GaussianState(
        StateVector(ours[ORDER]), CovarianceMatrix(covariance[np.ix_(ORDER, ORDER)]), timestamp=track.at
    )


def path_of(tracks: Sequence[Track]) -> Path:
    """The reports of one track, in order, as its track."""
    return Path([state_of(track) for track in tracks], id=str(tracks[-1].number) if tracks else "")


def track_of(path: Path, number: int) -> Track:
    """Its track as a track report of that number. What it does not know is unknown. Raises NotACovariance."""
    last = path[-1] if len(path) else None
    if not isinstance(last, GaussianState) or last.covar.shape != (6, 6):
        raise NotACovariance(track=path.id, states=len(path))
    seen_now = isinstance(path[-1], Update)
    numbers = [float(value) for value in np.asarray(last.state_vector, dtype=np.float64)[BACK, 0]]
    covariance = np.asarray(last.covar, dtype=np.float64)[np.ix_(BACK, BACK)]
    plots = [state for state in path if isinstance(state, Update)]
    names = {str(detection.metadata[SENSOR]): detection for detection in _taken(plots) if SENSOR in detection.metadata}
    return Track(
        number=number,
        state=TrackState.TRACKED if seen_now or not plots else TrackState.COASTING,
        phase=Phase.UNKNOWN,
        first_at=path[0].timestamp,
        at=last.timestamp,
        seen_at=plots[-1].timestamp if plots else last.timestamp,
        position_ecef_m=(numbers[0], numbers[1], numbers[2]),
        velocity_ecef_mps=(numbers[3], numbers[4], numbers[5]),
        covariance=tuple(float(value) for value in covariance[UPPER]),
        plots=len(plots),
        sensors=tuple(sorted(names)),
        kinds=_kinds(names.values()),
        launch=None,
    )


def _taken(updates: Iterable[Update]) -> list[Detection]:
    """The detections of these updates; for a mixture of several, the likeliest."""
    out: list[Detection] = []
    for update in updates:
        found = update.hypothesis
        if isinstance(found, MultipleHypothesis):
            found = max(found.single_hypotheses, key=lambda one: one.weight)
        out.append(found.measurement)
    return [detection for detection in out if detection]


def _kinds(detections: Iterable[Detection]) -> tuple[SensorKind, ...]:
    found = {SensorKind.RADAR if len(one.state_vector) == 3 else SensorKind.INFRARED for one in detections}
    return tuple(kind for kind in SensorKind if kind in found)
