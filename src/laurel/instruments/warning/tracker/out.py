"""The records that tell of tracks."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from math import degrees, isnan

import numpy as np

from laurel.instruments.warning.records import (
    Drag,
    Flag,
    FreeFall,
    LaunchPoint,
    ObservedImpact,
    Phase,
    SensorKind,
    Source,
    Track,
    TrackState,
)
from laurel.instruments.warning.tracker.descent import impact_of
from laurel.instruments.warning.tracker.memory import EPOCH, TrackerMemory
from laurel.instruments.warning.tracker.modes import blend
from laurel.instruments.warning.tracker.motion import LOG_BETA_SIGMA
from laurel.instruments.warning.tracker.sources import source_name
from laurel.instruments.warning.tracker.standing import BROKEN, FELL, LOST, NEWS
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
    Flags,
    Tracks,
    Whole,
)
from laurel.instruments.warning.tracker.trust import doubted
from laurel.physics.compiled import Matrix, compiled

PHASES = (Phase.BOOST, Phase.COAST, Phase.REENTRY, Phase.MANEUVER, Phase.UNKNOWN)
ENDED = {LOST: TrackState.LOST, BROKEN: TrackState.LOST, FELL: TrackState.FALLEN}
FLAGGED: dict[tuple[bool, bool], tuple[Flag, ...]] = {
    (False, False): (),
    (False, True): (Flag.CLUTTER,),
    (True, False): (Flag.SUSPECT_SENSOR,),
    (True, True): (Flag.CLUTTER, Flag.SUSPECT_SENSOR),
}
"""By whether it rests on suspect sensors alone, and whether it began among many false plots."""
MOSTLY = 0.5
LEARNT = 0.5
"""Share of its prior standard deviation at which the ballistic coefficient counts as learnt."""
MOST_REMEMBERED = 16_384
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


@compiled
def learnt(tracks: Tracks, rows: Whole) -> Flags:
    """(k,) whether the fall through the air told more of the ballistic coefficient than was believed."""
    out = np.zeros(len(rows), dtype=np.bool_)
    for at in range(len(rows)):
        row = int(rows[at])
        variance = tracks.cov[row, REENTRY, LOG_BETA, LOG_BETA]
        out[at] = tracks.chance[row, REENTRY] >= MOSTLY and variance <= (LEARNT * LOG_BETA_SIGMA) ** 2
    return out


def tracks_out(memory: TrackerMemory, fates: Whole) -> list[Track]:
    """The tracks with news, by number."""
    tracks = memory.tracks
    rows = np.flatnonzero((tracks.number > 0) & np.isin(fates, (NEWS, LOST, BROKEN, FELL)))
    if not len(rows):
        return []
    rows = rows[np.argsort(tracks.number[rows], kind="stable")]
    mean, cov = told(tracks, rows)
    seen_by: dict[bytes, tuple[tuple[str, ...], tuple[SensorKind, ...], bool]] = {}
    suspect = doubted(memory.trust)
    out: list[Track] = []
    # Columns become lists at once: a raid has a thousand rows.
    for (
        row,
        state,
        covariance,
        pedigree,
        number,
        status,
        phase,
        plots,
        parent,
        noisy,
        fate,
        first_s,
        t_s,
        seen_s,
        slowed,
    ) in zip(
        rows.tolist(),
        mean.tolist(),
        cov[:, _UPPER[0], _UPPER[1]].tolist(),
        _pedigrees(memory, rows),
        *(column[rows].tolist() for column in (tracks.number, tracks.status, tracks.phase, tracks.plots)),
        *(column[rows].tolist() for column in (tracks.split_from, tracks.noisy, fates)),
        *(column[rows].tolist() for column in (tracks.first_s, tracks.t_s, tracks.seen_s)),
        learnt(tracks, rows).tolist(),
        strict=True,
    ):
        key = tracks.sensors[row].tobytes()
        if key not in seen_by:
            seen_by[key] = _witnesses(memory, row, suspect)
        sensors, kinds, trusted = seen_by[key]
        flying = TrackState.COASTING if status == COASTING else TrackState.TRACKED
        x, y, z, vx, vy, vz = state
        out.append(
            Track(
                number=number,
                state=ENDED.get(fate, flying),
                phase=PHASES[phase],
                first_at=moment(first_s),
                at=moment(t_s),
                seen_at=moment(seen_s),
                position_ecef_m=(x, y, z),
                velocity_ecef_mps=(vx, vy, vz),
                covariance=tuple(covariance),
                plots=plots,
                sensors=sensors,
                kinds=kinds,
                launch=_launch(tracks.launch[row].tobytes()),
                pedigree=pedigree,
                freed=_freed(tracks.freed[row].tobytes()),
                drag=_drag(tracks, row) if slowed else None,
                flags=FLAGGED[not trusted, noisy],
                split_from=parent or None,
                observed=_observed(tracks, row) if fate == FELL else None,
            )
        )
    return out


def _witnesses(memory: TrackerMemory, row: int, suspect: Flags) -> tuple[tuple[str, ...], tuple[SensorKind, ...], bool]:
    """Names and kinds of the sensors that saw a track, and whether any of them is trusted."""
    saw = memory.tracks.sensors[row]
    sensors = [memory.sensors[i] for i in np.flatnonzero(saw).tolist()]
    kinds = {sensor.kind for sensor in sensors}
    trusted = bool((saw & ~suspect).any())
    return tuple(sensor.name for sensor in sensors), tuple(k for k in SensorKind if k in kinds), trusted


def _pedigrees(memory: TrackerMemory, rows: Whole) -> list[tuple[Source, ...]]:
    """What each track is made of, by the sensors' names."""
    names = [source_name(sensor) for sensor in memory.sensors]
    by_name = sorted(range(len(names)), key=names.__getitem__)
    seen = memory.tracks.sources[rows][:, by_name]
    at, place = np.nonzero(seen[:, :, PLOTS])
    out: list[list[Source]] = [[] for _ in rows]
    for i, j, (first_s, last_s, plots) in zip(at.tolist(), place.tolist(), seen[at, place].tolist(), strict=True):
        out[i].append(_source(names[by_name[j]], first_s, last_s, plots))
    return [tuple(sources) for sources in out]


# Most of what is told of a track was told before: each of these is made once.


@lru_cache(maxsize=MOST_REMEMBERED)
def moment(t_s: float) -> datetime:
    """The moment so many seconds after the epoch, to the microsecond."""
    return EPOCH + timedelta(seconds=t_s)


@lru_cache(maxsize=MOST_REMEMBERED)
def _source(name: str, first_s: float, last_s: float, plots: float) -> Source:
    return Source(name, moment(first_s), moment(last_s), int(plots))


@lru_cache(maxsize=MOST_REMEMBERED)
def _freed(row: bytes) -> FreeFall | None:
    since_s, *numbers = np.frombuffer(row).tolist()
    if isnan(since_s):
        return None
    x, y, z, vx, vy, vz = numbers[:FREE]
    covariance = np.array(numbers[FREE:]).reshape(FREE, FREE)[_UPPER].tolist()
    return FreeFall(
        at=moment(since_s),
        position_ecef_m=(round(x, 1), round(y, 1), round(z, 1)),
        velocity_ecef_mps=(round(vx, 4), round(vy, 4), round(vz, 4)),
        covariance=tuple(float(f"{number:.7g}") for number in covariance),
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def _launch(row: bytes) -> LaunchPoint | None:
    found = np.frombuffer(row).tolist()
    if found[SOURCE] == NO_LAUNCH:
        return None
    return LaunchPoint(
        lat_deg=degrees(found[LAT]),
        lon_deg=degrees(found[LON]),
        at=moment(found[WHEN]),
        at_sigma_s=found[WHEN_SIGMA],
        covariance_m2=(found[EAST_EAST], found[EAST_NORTH], found[NORTH_NORTH]),
    )


def _observed(tracks: Tracks, row: int) -> ObservedImpact:
    found = impact_of(tracks, row).tolist()
    return ObservedImpact(
        lat_deg=degrees(found[LAT]),
        lon_deg=degrees(found[LON]),
        at=moment(found[WHEN]),
        at_sigma_s=found[WHEN_SIGMA],
        covariance_m2=(found[EAST_EAST], found[EAST_NORTH], found[NORTH_NORTH]),
    )


def _drag(tracks: Tracks, row: int) -> Drag:
    """What the fall through the air told of the ballistic coefficient."""
    x, y, z, vx, vy, vz, own = tracks.cov[row, REENTRY, LOG_BETA, : LOG_BETA + 1].tolist()
    return Drag(float(tracks.mean[row, REENTRY, LOG_BETA]), (x, y, z, vx, vy, vz, own))
