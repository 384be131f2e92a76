"""The records that tell of tracks."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache, lru_cache
from math import degrees, isnan
from typing import NamedTuple

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
    TRACKED,
    WHEN,
    WHEN_SIGMA,
    Flags,
    Tracks,
    Whole,
)
from laurel.instruments.warning.tracker.trust import doubted
from laurel.physics.compiled import Matrix, Triple, compiled
from laurel.physics.sun import sun_deceives

PHASES = (Phase.BOOST, Phase.COAST, Phase.REENTRY, Phase.MANEUVER, Phase.UNKNOWN)
STANDING = {TRACKED: TrackState.TRACKED, COASTING: TrackState.COASTING}
ENDED = {LOST: TrackState.LOST, BROKEN: TrackState.LOST, FELL: TrackState.FALLEN}
MOSTLY = 0.5
LEARNT = 0.5
"""Share of its prior standard deviation at which the ballistic coefficient counts as learnt."""
MOST_REMEMBERED = 2_048
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
    # Columns become lists at once: a raid has a thousand rows.
    states, covariances = mean.tolist(), cov[:, _UPPER[0], _UPPER[1]].tolist()
    number, plots, parent = tracks.number[rows].tolist(), tracks.plots[rows].tolist(), tracks.split_from[rows].tolist()
    status, phase, fate = tracks.status[rows].tolist(), tracks.phase[rows].tolist(), fates[rows].tolist()
    first_s, t_s, seen_s = tracks.first_s[rows].tolist(), tracks.t_s[rows].tolist(), tracks.seen_s[rows].tolist()
    noisy, slowed, pedigrees = tracks.noisy[rows].tolist(), learnt(tracks, rows).tolist(), _pedigrees(memory, rows)
    suspect = doubted(memory.trust)
    seen_by: dict[bytes, Witnesses] = {}
    out: list[Track] = []
    for at, row in enumerate(rows.tolist()):
        key = tracks.sensors[row].tobytes()
        if key not in seen_by:
            seen_by[key] = _witnesses(memory, row, suspect)
        saw = seen_by[key]
        x, y, z, vx, vy, vz = states[at]
        sun = SensorKind.RADAR not in saw.kinds and _dazzled(memory, row, (x, y, z), seen_s[at])
        out.append(
            Track(
                number=number[at],
                state=ENDED.get(fate[at]) or STANDING[status[at]],
                phase=PHASES[int(phase[at])],
                first_at=moment(first_s[at]),
                at=moment(t_s[at]),
                seen_at=moment(seen_s[at]),
                position_ecef_m=(x, y, z),
                velocity_ecef_mps=(vx, vy, vz),
                covariance=tuple(covariances[at]),
                plots=plots[at],
                sensors=saw.sensors,
                kinds=saw.kinds,
                launch=_launch(tracks.launch[row].tobytes()),
                pedigree=pedigrees[at],
                freed=_freed(tracks.freed[row].tobytes()),
                drag=_drag(tracks, row) if slowed[at] else None,
                flags=_flags(sun=sun, noisy=noisy[at], trusted=saw.trusted),
                split_from=parent[at] or None,
                observed=_observed(tracks, row) if fate[at] == FELL else None,
            )
        )
    return out


class Witnesses(NamedTuple):
    """Names and kinds of the sensors that saw a track, and whether any of them is trusted."""

    sensors: tuple[str, ...]
    kinds: tuple[SensorKind, ...]
    trusted: bool


def _witnesses(memory: TrackerMemory, row: int, suspect: Flags) -> Witnesses:
    saw = memory.tracks.sensors[row]
    sensors = [memory.sensors[i] for i in np.flatnonzero(saw).tolist()]
    kinds = tuple(sorted({sensor.kind for sensor in sensors}, key=tuple(SensorKind).index))
    return Witnesses(tuple(sensor.name for sensor in sensors), kinds, bool((saw & ~suspect).any()))


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


@cache
def _flags(*, sun: bool, noisy: bool, trusted: bool) -> tuple[Flag, ...]:
    """What the tracker knows against a track."""
    said = {Flag.SUN: sun, Flag.CLUTTER: noisy, Flag.SUSPECT_SENSOR: not trusted}
    return tuple(flag for flag, holds in said.items() if holds)


def _dazzled(memory: TrackerMemory, row: int, position_ecef_m: Triple, seen_s: float) -> bool:
    """Whether every satellite that saw a track looks into sunlight there."""
    slots = np.flatnonzero(memory.tracks.sensors[row]).tolist()
    there = np.array(position_ecef_m)
    return all(sun_deceives(memory.eyes[slot].site, there, moment(seen_s)) for slot in slots)


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


REMEMBERED = (moment, _source, _freed, _launch)
"""What was told, each up to MOST_REMEMBERED: all the memory that a tracker takes beside its own."""
