"""The records that tell of tracks."""

from __future__ import annotations

from math import degrees, isnan

import numpy as np

from laurel.instruments.warning.records import (
    Drag,
    Flag,
    FreeFall,
    LaunchPoint,
    Phase,
    SensorKind,
    Source,
    Track,
    TrackState,
)
from laurel.instruments.warning.tracker.memory import TrackerMemory
from laurel.instruments.warning.tracker.modes import blend
from laurel.instruments.warning.tracker.motion import LOG_BETA_SIGMA
from laurel.instruments.warning.tracker.sources import source_name
from laurel.instruments.warning.tracker.standing import BROKEN, LOST, NEWS
from laurel.instruments.warning.tracker.table import (
    COASTING,
    EAST_EAST,
    EAST_NORTH,
    FREE,
    LAT,
    LOG_BETA,
    LON,
    NO_LAUNCH,
    NORTH_NORTH,
    PLOTS,
    REENTRY,
    SOURCE,
    WHEN,
    WHEN_SIGMA,
    Tracks,
    Whole,
)
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.sun import sun_deceives

PHASES = (Phase.BOOST, Phase.COAST, Phase.REENTRY, Phase.MANEUVER, Phase.UNKNOWN)
MOSTLY = 0.5
LEARNT = 0.5
"""Share of its prior standard deviation at which the ballistic coefficient counts as learnt."""
_UPPER = np.triu_indices(6)


@compiled
def told(tracks: Tracks, rows: Whole) -> tuple[Matrix, Matrix]:
    """(k, 6) and (k, 6, 6): one estimate of each of these tracks, as of its last plot or in free fall after it.

    Whoever draws a track that coasts or was lost carries it on and lets it widen. What it was when it was last
    seen bears the prediction, which must not fall away with the track.
    """
    mean = np.empty((len(rows), FREE))
    cov = np.empty((len(rows), FREE, FREE))
    for at in range(len(rows)):
        row = int(rows[at])
        blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], mean[at], cov[at])
    return mean, cov


def tracks_out(memory: TrackerMemory, fates: Whole) -> list[Track]:
    """The tracks with news, by number."""
    tracks = memory.tracks
    rows = np.flatnonzero((tracks.number > 0) & ((fates == NEWS) | (fates == LOST) | (fates == BROKEN)))
    if not len(rows):
        return []
    rows = rows[np.argsort(tracks.number[rows], kind="stable")]
    mean, cov = told(tracks, rows)
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
                at=memory.moment(float(tracks.t_s[row])),
                seen_at=memory.moment(float(tracks.seen_s[row])),
                position_ecef_m=(state[0], state[1], state[2]),
                velocity_ecef_mps=(state[3], state[4], state[5]),
                covariance=tuple(upper[at]),
                plots=int(tracks.plots[row]),
                sensors=names,
                kinds=kinds,
                launch=_launch(memory, row),
                pedigree=_pedigree(memory, row),
                freed=_freed(memory, row),
                flags=_flags(memory, row, mean[at, :3]),
                drag=_drag(tracks, row),
            )
        )
    return out


def _witnesses(memory: TrackerMemory, row: int) -> tuple[tuple[str, ...], tuple[SensorKind, ...]]:
    """Names and kinds of the sensors that saw a track."""
    sensors = [memory.sensors[i] for i in np.flatnonzero(memory.tracks.sensors[row]).tolist()]
    kinds = {sensor.kind for sensor in sensors}
    return tuple(sensor.name for sensor in sensors), tuple(k for k in SensorKind if k in kinds)


def _pedigree(memory: TrackerMemory, row: int) -> tuple[Source, ...]:
    """What the track is made of, by the sensors' names."""
    seen = memory.tracks.sources[row]
    slots = np.flatnonzero(seen[:, PLOTS])
    found = [
        Source(
            sensor=source_name(memory.sensors[slot]),
            first_at=memory.moment(first_s),
            last_at=memory.moment(last_s),
            plots=int(plots),
        )
        for slot, (first_s, last_s, plots) in zip(slots.tolist(), seen[slots].tolist(), strict=True)
    ]
    return tuple(sorted(found, key=lambda source: source.sensor))


def _flags(memory: TrackerMemory, row: int, position_ecef_m: Vector) -> tuple[Flag, ...]:
    """Sunlight, where infrared alone sees the track and no satellite that saw it looks from a better place."""
    seen_by = [memory.eyes[slot] for slot in np.flatnonzero(memory.tracks.sensors[row]).tolist()]
    if any(eye.ranged for eye in seen_by):
        return ()
    at = memory.moment(float(memory.tracks.seen_s[row]))
    return (Flag.SUN,) if all(sun_deceives(eye.site, position_ecef_m, at) for eye in seen_by) else ()


def _freed(memory: TrackerMemory, row: int) -> FreeFall | None:
    since_s, *numbers = memory.tracks.freed[row].tolist()
    if isnan(since_s):
        return None
    x, y, z, vx, vy, vz = numbers[:FREE]
    covariance = np.array(numbers[FREE:]).reshape(FREE, FREE)[_UPPER].tolist()
    return FreeFall(
        at=memory.moment(since_s),
        position_ecef_m=(round(x, 1), round(y, 1), round(z, 1)),
        velocity_ecef_mps=(round(vx, 4), round(vy, 4), round(vz, 4)),
        covariance=tuple(float(f"{number:.7g}") for number in covariance),
    )


def _drag(tracks: Tracks, row: int) -> Drag | None:
    """What the fall through the air told of the ballistic coefficient; None while that is no more than was believed."""
    doubt = tracks.cov[row, REENTRY, LOG_BETA]
    if tracks.chance[row, REENTRY] < MOSTLY or doubt[LOG_BETA] > (LEARNT * LOG_BETA_SIGMA) ** 2:
        return None
    x, y, z, vx, vy, vz, own = doubt[: LOG_BETA + 1].tolist()
    return Drag(float(tracks.mean[row, REENTRY, LOG_BETA]), (x, y, z, vx, vy, vz, own))


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
