"""The records that tell of tracks."""

from __future__ import annotations

from math import degrees

import numpy as np

from laurel.instruments.warning.associate import Outlook
from laurel.instruments.warning.estimate import blend
from laurel.instruments.warning.records import (
    LaunchPoint,
    Phase,
    SensorKind,
    Track,
    TrackState,
)
from laurel.instruments.warning.standing import BROKEN, LOST, NEWS
from laurel.instruments.warning.track_table import (
    COASTING,
    EAST_EAST,
    EAST_NORTH,
    FREE,
    LAT,
    LON,
    NO_LAUNCH,
    NORTH_NORTH,
    SOURCE,
    WHEN,
    WHEN_SIGMA,
    Tracks,
    Whole,
)
from laurel.instruments.warning.tracker_memory import TrackerMemory
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

PHASES = (Phase.UNKNOWN, Phase.BOOST, Phase.COAST, Phase.REENTRY)
_UPPER = np.triu_indices(6)


@compiled
def told(tracks: Tracks, rows: Whole, ahead: Outlook) -> tuple[Vector, Matrix, Matrix]:
    """Time, (k, 6) and (k, 6, 6): one estimate of each of these tracks.

    What took no plot is told as it is thought to be now, with the doubt that grew, unless that is underground.
    """
    t_s = np.empty(len(rows))
    mean = np.empty((len(rows), FREE))
    cov = np.empty((len(rows), FREE, FREE))
    for at in range(len(rows)):
        row = int(rows[at])
        now = ahead.mean[row]
        if tracks.t_s[row] < ahead.t_s and height(now[0], now[1], now[2]) > 0.0:
            t_s[at], mean[at], cov[at] = ahead.t_s, now, ahead.cov[row]
        else:
            t_s[at] = tracks.t_s[row]
            blend(tracks.mean[row], tracks.cov[row], tracks.powered[row], mean[at], cov[at])
    return t_s, mean, cov


def tracks_out(memory: TrackerMemory, ahead: Outlook, fates: Whole) -> list[Track]:
    """The tracks with news, by number."""
    tracks = memory.tracks
    rows = np.flatnonzero((tracks.number > 0) & ((fates == NEWS) | (fates == LOST) | (fates == BROKEN)))
    if not len(rows):
        return []
    rows = rows[np.argsort(tracks.number[rows], kind="stable")]
    t_s, mean, cov = told(tracks, rows, ahead)
    upper = cov[:, _UPPER[0], _UPPER[1]].tolist()
    states = mean.tolist()
    seen_by: dict[bytes, tuple[tuple[str, ...], tuple[SensorKind, ...]]] = {}
    out: list[Track] = []
    for at, row in enumerate(rows.tolist()):
        state = states[at]
        key = tracks.sensors[row].tobytes()
        if key not in seen_by:
            seen_by[key] = _witnesses(memory, row)
        names, kinds = seen_by[key]
        if fates[row] != NEWS:
            status = TrackState.LOST
        else:
            status = TrackState.COASTING if tracks.status[row] == COASTING else TrackState.TRACKED
        out.append(
            Track(
                number=int(tracks.number[row]),
                state=status,
                phase=PHASES[tracks.phase[row]],
                first_at=memory.moment(float(tracks.first_s[row])),
                at=memory.moment(float(t_s[at])),
                seen_at=memory.moment(float(tracks.seen_s[row])),
                position_ecef_m=(state[0], state[1], state[2]),
                velocity_ecef_mps=(state[3], state[4], state[5]),
                covariance=tuple(upper[at]),
                plots=int(tracks.plots[row]),
                sensors=names,
                kinds=kinds,
                launch=_launch(memory, row),
            )
        )
    return out


def _witnesses(memory: TrackerMemory, row: int) -> tuple[tuple[str, ...], tuple[SensorKind, ...]]:
    """Names and kinds of the sensors that saw a track."""
    sensors = [memory.sensors[i] for i in np.flatnonzero(memory.tracks.sensors[row]).tolist()]
    kinds = {sensor.kind for sensor in sensors}
    return tuple(sensor.name for sensor in sensors), tuple(k for k in SensorKind if k in kinds)


def _launch(memory: TrackerMemory, row: int) -> LaunchPoint | None:
    if memory.tracks.launch[row, SOURCE] == NO_LAUNCH:
        return None
    found = memory.tracks.launch[row].tolist()
    return LaunchPoint(
        lat_deg=degrees(found[LAT]),
        lon_deg=degrees(found[LON]),
        at=memory.moment(found[WHEN]),
        at_sigma_s=found[WHEN_SIGMA],
        covariance_m2=(found[EAST_EAST], found[EAST_NORTH], found[NORTH_NORTH]),
    )
