"""Members' tracks into system tracks: which of them are one thing, and where that thing is.

Two tracks are taken for one thing when their states agree at the time of the later one. Their errors may be
common (shared plots, shared air, shared model), and no pedigree says how far, so they are fused by covariance
intersection: never more certain than its inputs allow (Julier & Uhlmann 1997), with the weight that makes the
determinant least. Pure: the same reports give the same system tracks on every node, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot, sqrt

import numpy as np
from msgspec import structs

from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.predict import carry, root
from laurel.instruments.warning.records import Drag, Phase, Track
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

AHEAD = timedelta(seconds=60)
NEAREST_M, FARTHEST_M = 6.3e6, 6.0e7
FASTEST_MPS = 20_000.0
LARGEST = 1e18
_UPPER = np.triu_indices(6)
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
    covariance = np.zeros((6, 6))
    covariance[_UPPER] = track.covariance
    covariance = covariance + np.triu(covariance, 1).T
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
    return Estimate(estimate.at + timedelta(seconds=flown_s), state, covariance)


# One thing or two


@compiled
def distance2(difference: Vector, covariance: Matrix) -> float:
    """Squared Mahalanobis distance of a difference."""
    lower = root(covariance)
    total = 0.0
    solved = np.zeros(len(difference))
    for i in range(len(difference)):
        left = difference[i]
        for j in range(i):
            left -= lower[i, j] * solved[j]
        solved[i] = left / lower[i, i] if lower[i, i] > 0.0 else 0.0
        total += solved[i] * solved[i]
    return total


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


@compiled
def inverse(covariance: Matrix) -> Matrix:
    """(n, n) of a symmetric positive matrix, by its root; a direction without spread stays without."""
    n = len(covariance)
    lower = root(covariance)
    back = np.zeros((n, n))
    for j in range(n):
        for i in range(j, n):
            total = 1.0 if i == j else 0.0
            for k in range(j, i):
                total -= lower[i, k] * back[k, j]
            back[i, j] = total / lower[i, i] if lower[i, i] > 0.0 else 0.0
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            for k in range(max(i, j), n):
                out[i, j] += back[k, i] * back[k, j]
    return out


@compiled
def mixed(a: Matrix, b: Matrix, w: float) -> Matrix:
    """(n, n) w a + (1 - w) b."""
    out = np.empty_like(a)
    for i in range(len(a)):
        for j in range(len(a)):
            out[i, j] = w * a[i, j] + (1.0 - w) * b[i, j]
    return out


@compiled
def weight(a: Matrix, b: Matrix) -> float:
    """The share w of information `a` for which det(w a + (1 - w) b) is greatest: concave, so by bisection."""
    low, high = 0.0, 1.0
    for _ in range(30):
        w = 0.5 * (low + high)
        covariance = inverse(mixed(a, b, w))
        slope = 0.0
        for i in range(len(a)):
            for j in range(len(a)):
                slope += covariance[i, j] * (a[j, i] - b[j, i])
        if slope > 0.0:
            low = w
        else:
            high = w
    w = 0.5 * (low + high)
    return 0.0 if w < 1e-6 else 1.0 if w > 1.0 - 1e-6 else w


@compiled
def intersect(means: Matrix, covariances: Matrix) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): the covariance intersection of k estimates (k, n), (k, n, n), one after the other.

    Where they disagree more than chance explains (three sigmas of chi-square), all are believed less, by their
    greatest squared distance from the result per dimension.
    """
    count, n = means.shape
    # From here in units of the best of each, and from the first, so that nothing is lost to rounding.
    unit = np.empty(n)
    for i in range(n):
        unit[i] = covariances[0, i, i]
        for k in range(1, count):
            unit[i] = min(unit[i], covariances[k, i, i])
        unit[i] = sqrt(unit[i])
    x = np.empty((count, n))
    p = np.empty((count, n, n))
    for k in range(count):
        for i in range(n):
            x[k, i] = (means[k, i] - means[0, i]) / unit[i]
            for j in range(n):
                p[k, i, j] = covariances[k, i, j] / (unit[i] * unit[j])
    mean = x[0].copy()
    covariance = p[0].copy()
    for k in range(1, count):
        a = inverse(covariance)
        b = inverse(p[k])
        w = weight(a, b)
        covariance = inverse(mixed(a, b, w))
        held = np.zeros(n)
        for i in range(n):
            for j in range(n):
                held[i] += w * a[i, j] * mean[j] + (1.0 - w) * b[i, j] * x[k, j]
        for i in range(n):
            mean[i] = 0.0
            for j in range(n):
                mean[i] += covariance[i, j] * held[j]
    doubt = 1.0
    for k in range(count):
        d2 = distance2(x[k] - mean, p[k] + covariance)
        if d2 > n + 3.0 * sqrt(2.0 * n):
            doubt = max(doubt, d2 / n)
    for i in range(n):
        mean[i] = mean[i] * unit[i] + means[0, i]
        for j in range(n):
            covariance[i, j] *= unit[i] * unit[j] * doubt
    return mean, covariance


def fuse(group: Sequence[MemberTrack]) -> Estimate:
    """Where the thing was at the time of its latest plot, from the freshest track of each member.

    A track that was carried beyond that time without a plot adds nothing, and would bend the prediction.
    """
    freshest: dict[str, MemberTrack] = {}
    for one in sorted(group, key=lambda one: (one.track.seen_at, one.track.at, one.track.number)):
        freshest[one.member] = one
    tracks = [freshest[member].track for member in sorted(freshest)]
    latest = max(tracks, key=lambda one: (one.seen_at, one.at)).at
    chosen = [one for one in tracks if one.at <= latest]
    here = [carried(estimate_of(one), one.phase, latest) for one in chosen]
    # What met the ground on the way says nothing of a later time.
    flying = [one for one in here if latest - one.at < timedelta(seconds=1)]
    mean, covariance = intersect(np.array([one.state for one in flying]), np.array([one.covariance for one in flying]))
    return Estimate(latest, mean, covariance, _drag(chosen, latest))


def _drag(tracks: Sequence[Track], at: datetime) -> Drag | None:
    """The surest of what the tracks of that very time tell; how it hangs together with a fused state is not known."""
    told = [one.drag for one in tracks if one.drag is not None and one.at == at]
    if not told:
        return None
    surest = min(told, key=lambda one: (one.covariance[6], one.log_beta))
    if len(tracks) == 1:
        return surest
    return structs.replace(surest, covariance=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, surest.covariance[6]))
