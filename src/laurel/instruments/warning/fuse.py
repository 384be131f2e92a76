"""Members' tracks into system tracks: which of them are one thing, and where that thing is.

Two tracks are taken for one thing when their states agree at the time of the later one. In free flight their
pedigrees tell which plots they share: tracks without a common sensor add what they learned since free fall began;
one that is contained in another adds nothing; those that share in part are fused by inverse covariance
intersection. Where a pedigree is missing, or a motor, fins or air move the thing and every tracker misjudges that
alike, covariance intersection is sure however far errors are shared. Pure: the same reports give the same system
tracks on every node, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import hypot, sqrt

import numpy as np
from msgspec import structs

from laurel.instruments.warning.information import added, distance2, intersect, overlap, together, volume
from laurel.instruments.warning.pedigree import distinct, families
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.predict import carry, root
from laurel.instruments.warning.records import Drag, Phase, Track
from laurel.instruments.warning.tracker.motion import COAST_NOISE
from laurel.physics.compiled import Matrix, Vector, compiled

GATE = 30.0
"""Squared distance in six dimensions: beyond it two tracks are two things (chi-square, 4 in 100,000)."""
POSITION_FLOOR_M = 500.0
SPEED_FLOOR_MPS = 10.0
"""Added to each comparison: what members' sensors may be misaligned by."""
LAUNCH_APART_S = 60.0
LAUNCH_SIGMAS = 3.0

UNKNOWN_ACCELERATION_MPS2 = {
    Phase.BOOST: 30.0,
    Phase.UNKNOWN: 10.0,
    Phase.MANEUVER: 30.0,
    Phase.COAST: 0.0,
    Phase.REENTRY: 0.0,
}

UNSEEN = timedelta(seconds=10)
AHEAD = timedelta(seconds=60)
NEAREST_M, FARTHEST_M = 6.3e6, 6.0e7
FASTEST_MPS = 20_000.0
LARGEST = 1e18
_UPPER = np.triu_indices(6)
_MIRRORED = np.zeros((6, 6), dtype=np.int64)
_MIRRORED[_UPPER] = _MIRRORED.T[_UPPER] = np.arange(len(_UPPER[0]))
"""Which number of the triangle stands where in the whole."""
_LEAST = np.array([1.0, 1.0, 1.0, 1e-4, 1e-4, 1e-4])


@dataclass(frozen=True, eq=False)
class Estimate:
    """Where something is at a time: (6,) ECEF metres and metres per second, covariance (6, 6).

    `drag` is what its fall told of its ballistic coefficient, and how that hangs together with the state.
    """

    at: datetime
    state: Vector
    covariance: Matrix
    drag: Drag | None = None


def plausible(track: Track) -> bool:
    """Whether a report holds a state near the Earth and a covariance at all. Others are kept but not drawn."""
    numbers = (*track.position_ecef_m, *track.velocity_ecef_mps, *track.covariance)
    if len(track.covariance) != len(_UPPER[0]) or not all(abs(number) < LARGEST for number in numbers):
        return False
    return NEAREST_M < hypot(*track.position_ecef_m) < FARTHEST_M and hypot(*track.velocity_ecef_mps) < FASTEST_MPS


def timely(track: Track, now: datetime) -> bool:
    """Whether its times make sense: not from the future, and in order."""
    return track.first_at <= track.seen_at <= now + AHEAD and track.first_at <= track.at <= now + AHEAD


@compiled
def definite(correlation: Matrix) -> bool:
    """Whether a covariance in units of its own sigmas is one, with a little to spare."""
    return bool((np.diag(root(correlation)) >= 1e-4).all())


def estimate_of(track: Track) -> Estimate:
    """The reported state. A covariance that could not be one is made the nearest that could."""
    covariance = np.array(track.covariance)[_MIRRORED]
    # Metre and centimetre per second: no report is better, and nothing divides by zero.
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0) + _LEAST)
    if not definite(covariance / np.outer(scale, scale)):
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        covariance = np.outer(scale, scale) * ((vectors * np.maximum(values, 1e-9)) @ vectors.T)
    return Estimate(track.at, np.array([*track.position_ecef_m, *track.velocity_ecef_mps]), covariance)


def carried(estimate: Estimate, phase: Phase, at: datetime) -> Estimate:
    """The estimate at a later time, wider; or where and when it met the ground before that."""
    dt_s = (at - estimate.at).total_seconds()
    if dt_s <= 0.0:
        return estimate
    push = UNKNOWN_ACCELERATION_MPS2[phase]
    state, covariance, flown_s = carry(estimate.state, estimate.covariance, dt_s, push)
    covariance += _noise(flown_s**3 / 3.0, flown_s**2 / 2.0, flown_s)
    return Estimate(estimate.at + timedelta(seconds=flown_s), state, covariance)


# One thing or two


@compiled
def clash(first: Vector, second: Vector) -> bool:
    """Whether two tracks cannot be one thing: of one member at one time, or launched at different times.

    Rows are member, first plot (s), last plot (s), launch (s, nan if unknown) and its sigma (s).
    """
    if first[0] == second[0] and first[1] <= second[2] and second[1] <= first[2]:
        return True
    sigma = LAUNCH_SIGMAS * sqrt(first[4] * first[4] + second[4] * second[4])
    return abs(first[3] - second[3]) > LAUNCH_APART_S + sigma


@compiled
def matches(at_s: Vector, push: Vector, state: Matrix, covariance: Matrix, facts: Matrix) -> Matrix:
    """(k, 3) rows of two track indices and their squared distance, for every pair within the gate."""
    n = len(at_s)
    found = np.empty((4 * n + 16, 3))
    count = 0
    for i in range(n):
        for j in range(n):
            if at_s[i] > at_s[j] or (at_s[i] == at_s[j] and i >= j) or clash(facts[i], facts[j]):
                continue
            dt = at_s[j] - at_s[i]
            # Cheaply first: could they be this far apart at all?
            apart, p_i, v_i, p_j = 0.0, 0.0, 0.0, 0.0
            for k in range(3):
                gap = state[i, k] + dt * state[i, 3 + k] - state[j, k]
                apart += gap * gap
                p_i += covariance[i, k, k]
                v_i += covariance[i, 3 + k, 3 + k]
                p_j += covariance[j, k, k]
            reach = sqrt(p_i) + dt * sqrt(v_i) + sqrt(p_j) + POSITION_FLOOR_M + push[i] * dt * dt
            if sqrt(apart) > 10.0 * dt * dt + 2.0 * sqrt(GATE) * reach:
                continue
            then, wide, flown = carry(state[i], covariance[i], dt, push[i])
            if flown < dt - 1.0:
                continue
            wide += covariance[j]
            for k in range(3):
                wide[k, k] += POSITION_FLOOR_M * POSITION_FLOOR_M
                wide[3 + k, 3 + k] += SPEED_FLOOR_MPS * SPEED_FLOOR_MPS
            d2 = distance2(then - state[j], wide)
            if d2 <= GATE:
                if count == len(found):
                    longer = np.empty((2 * count, 3))
                    longer[:count] = found
                    found = longer
                found[count, 0] = min(i, j)
                found[count, 1] = max(i, j)
                found[count, 2] = d2
                count += 1
    return found[:count].copy()


def _facts(tracks: Sequence[MemberTrack]) -> Matrix:
    members = {member: index for index, member in enumerate(sorted({one.member for one in tracks}))}
    return np.array(
        [
            (
                members[one.member],
                one.track.first_at.timestamp(),
                one.track.seen_at.timestamp(),
                one.track.launch.at.timestamp() if one.track.launch else np.nan,
                one.track.launch.at_sigma_s if one.track.launch else 0.0,
            )
            for one in tracks
        ]
    )


def associate(reports: Sequence[MemberTrack]) -> list[tuple[MemberTrack, ...]]:
    """Groups of tracks that are one thing each, every track in exactly one, earliest first plot first.

    Nearest pairs join first, unless something in the one group cannot be something in the other.
    """
    tracks = sorted(reports, key=lambda one: (one.track.first_at, one.member, one.track.number))
    if not tracks:
        return []
    estimates = [estimate_of(one.track) for one in tracks]
    facts = _facts(tracks)
    found = matches(
        np.array([one.at.timestamp() for one in estimates]),
        np.array([UNKNOWN_ACCELERATION_MPS2[one.track.phase] for one in tracks]),
        np.array([one.state for one in estimates]),
        np.array([one.covariance for one in estimates]),
        facts,
    )
    group = list(range(len(tracks)))
    within = {index: [index] for index in group}
    for first, second, _ in sorted(found.tolist(), key=lambda row: (row[2], row[0], row[1])):
        a, b = sorted((group[int(first)], group[int(second)]))
        if a == b or any(clash(facts[i], facts[j]) for i in within[a] for j in within[b]):
            continue
        for index in within[b]:
            group[index] = a
        within[a] += within.pop(b)
    return [tuple(tracks[index] for index in sorted(members)) for _, members in sorted(within.items())]


# Where it is


def fuse(group: Sequence[MemberTrack]) -> Estimate:
    """Where the thing was at the time of its latest plot, from the freshest track of each member.

    A track that was carried beyond that time without a plot adds nothing, and would bend the prediction. In free
    flight the pedigrees tell what to count once; what may share more than they tell is intersected.
    """
    freshest: dict[str, MemberTrack] = {}
    for one in sorted(group, key=lambda one: (one.track.seen_at, one.track.at, one.track.number)):
        freshest[one.member] = one
    tracks = [freshest[member].track for member in sorted(freshest)]
    latest = max(tracks, key=lambda one: (one.seen_at, one.at)).at
    here = [(one, carried(estimate_of(one), one.phase, latest)) for one in tracks if one.at <= latest]
    # What met the ground on the way says nothing of a later time.
    flying = [(one, then) for one, then in here if latest - then.at < timedelta(seconds=1)]
    traced = [(one, then) for one, then in flying if traceable(one, latest)]
    parts = [then for one, then in flying if not traceable(one, latest)]
    if traced:
        parts.insert(0, _fused_by_pedigree(traced, latest))
    return replace(_as_one(intersect, parts, latest), drag=_drag([track for track, _ in flying], latest))


def traceable(track: Track, at: datetime) -> bool:
    """Whether its pedigree tells all that it shares with other tracks since it began to fall freely.

    Not long after its last plot, when what no tracker knows has moved it ever since.
    """
    return bool(track.pedigree) and _before(track) is not None and at - track.seen_at <= UNSEEN


def _before(track: Track) -> Estimate | None:
    """What it knew when it began to fall freely, if it does and says so in numbers that can be true."""
    freed = track.freed
    if freed is None or track.phase is not Phase.COAST or not track.first_at <= freed.at <= track.at:
        return None
    then = structs.replace(
        track,
        at=freed.at,
        position_ecef_m=freed.position_ecef_m,
        velocity_ecef_mps=freed.velocity_ecef_mps,
        covariance=freed.covariance,
    )
    return estimate_of(then) if plausible(then) else None


@dataclass(frozen=True, eq=False)
class _Part:
    """An estimate, and what of it may be shared with any other: the same foreseen from when free fall began."""

    now: Estimate
    before: Estimate
    since: datetime


def _fused_by_pedigree(traced: Sequence[tuple[Track, Estimate]], at: datetime) -> Estimate:
    """Tracks in free flight as one: what they share is counted once, as far as the pedigrees tell."""
    pedigrees = [track.pedigree for track, _ in traced]
    parts: list[_Part] = []
    for family in families(pedigrees):
        members = [traced[index] for index in distinct(pedigrees, family)]
        # Of three that share in part, the third may share more with the fused two than either estimate shows.
        rule = overlap if len(members) == 2 else intersect
        old = [_before(track) for track, _ in members]
        befores = [one for one in old if one is not None]
        parts.append(
            _Part(
                _as_one(rule, [now for _, now in members], at),
                _as_one(added, [carried(one, Phase.COAST, at) for one in befores], at),
                min(one.at for one in befores),
            )
        )
    if len(parts) == 1:
        return parts[0].now
    common = unexplained((at - min(part.since for part in parts)).total_seconds())
    means, covariances = _columns([part.now for part in parts])
    # Soon after a motor's end most of what is known is from before: then nothing is sharper than to intersect.
    rules = (intersect(means, covariances), together(means, covariances, *_columns([p.before for p in parts]), common))
    state, covariance = min(rules, key=lambda found: volume(found[1]))
    return Estimate(at, state, covariance)


def unexplained(seen_s: float) -> Matrix:
    """(6, 6) what the noise of free flight itself adds to every estimate made of plots over that many seconds.

    Each tracker allows for the same forces that no model explains, and errs by them alike. To first order that
    is the error of a straight line fitted to plots at even intervals, in its last position and slope, when the
    slope wanders with that noise: it depends on the time alone, not on the sensor.
    """
    place, between, speed = seen_s**3 / 105.0, seen_s**2 * 11.0 / 210.0, seen_s * 13.0 / 35.0
    return _noise(place, between, speed)


def _noise(place: float, between: float, speed: float) -> Matrix:
    """(6, 6) of the noise of free flight: these parts of it, alike on each axis."""
    covariance = np.zeros((6, 6))
    for axis in range(3):
        covariance[axis::3, axis::3] = [[place, between], [between, speed]]
    return COAST_NOISE * covariance


def _columns(parts: Sequence[Estimate]) -> tuple[Matrix, Matrix]:
    return np.array([one.state for one in parts]), np.array([one.covariance for one in parts])


def _as_one(
    rule: Callable[[Matrix, Matrix], tuple[Vector, Matrix]], parts: Sequence[Estimate], at: datetime
) -> Estimate:
    if len(parts) == 1:
        return parts[0]
    return Estimate(at, *rule(*_columns(parts)))


def _drag(tracks: Sequence[Track], at: datetime) -> Drag | None:
    """The surest of what the tracks of that very time tell; how it hangs together with a fused state is not known."""
    told = [one.drag for one in tracks if one.drag is not None and one.at == at]
    if not told:
        return None
    surest = min(told, key=lambda one: (one.covariance[6], one.log_beta))
    if len(tracks) == 1:
        return surest
    return structs.replace(surest, covariance=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, surest.covariance[6]))
