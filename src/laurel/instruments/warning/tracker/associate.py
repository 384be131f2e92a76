"""Which plots may be which track's: where each will be, a gate around it, and what a look says of it. Kernels.

The worth of a pair is its log-likelihood ratio against a false plot. The best `assignment` says which tracks were
seen and which plots are left over; what a confirmed track learns, it learns from all its plots by their `beliefs`.
"""

from __future__ import annotations

from math import asin, atan2, inf, log, pi, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.assignment import Pairs
from laurel.instruments.warning.tracker.belief import beliefs
from laurel.instruments.warning.tracker.bias import as_seen, biased
from laurel.instruments.warning.tracker.modes import blend, foresee
from laurel.instruments.warning.tracker.motion import COAST_STEP_S
from laurel.instruments.warning.tracker.sight import Sight, compare, sight
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    FALSE_ALARM,
    FREE,
    FULL,
    LEAST_DETECTION,
    MANEUVER,
    MODES,
    MOST_DETECTION,
    SLOTS,
    Eye,
    Flags,
    Plots,
    Tracks,
    Whole,
)
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector, compiled

GATE = (13.8, 16.3)
"""Squared distance that holds 99.9 % of true plots: two numbers, three numbers."""
UNSEEN_S = 3600.0
"""Nothing is carried on for longer than that."""
ZENITH_RAD = 1.4
"""Above that elevation many radars are blind, and no sensor says whether it is."""
WINDOW = 6.0
LEAST_DOUBT = 0.1
MISSED_DOUBT = 0.5
ASTRAY_M = 20_000.0
"""A vehicle that turned or cut its motor unforeseen is found again within that distance."""
RIVALLED = 7.0
"""A look says no more than that for a new track there."""


class Outlook(NamedTuple):
    """Every track as it will be when the scan begins: one estimate each, and whether the sensor looks there."""

    t_s: float
    span_s: float
    mean: Matrix
    """(n, 6) at `t_s`; zeros for what went unseen too long."""
    later: Matrix
    """(n, 6) `span_s` later, when the scan ends."""
    cov: Matrix
    """(n, 6, 6) at `t_s`."""
    wander: Vector
    """(n,) variance of the acceleration on each axis, (m/s2)2."""
    chance: Vector
    """(n,) that the sensor detects it, if it looks there."""
    in_view: Flags
    wanted: Flags
    """In view, and emitting what the sensor sees: an infrared sensor sees motors alone."""


@compiled
def covers(eye: Eye, position: Vector, margin: float) -> bool:
    """Whether a radar looks there, `margin` radians inside its limits (outside, if negative)."""
    d = position - eye.site
    distance = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    if distance > eye.reach_m * (1.0 - margin) or distance < 1.0:
        return False
    f = eye.frame
    east = f[0, 0] * d[0] + f[0, 1] * d[1] + f[0, 2] * d[2]
    north = f[1, 0] * d[0] + f[1, 1] * d[1] + f[1, 2] * d[2]
    up = f[2, 0] * d[0] + f[2, 1] * d[1] + f[2, 2] * d[2]
    elevation = asin(up / distance)
    if elevation < eye.lowest_rad + margin or (margin > 0.0 and elevation > ZENITH_RAD):
        return False
    off = (atan2(east, north) - eye.sector_from_rad - margin) % (2.0 * pi)
    return eye.sector_rad >= 2.0 * pi - 1e-9 or off <= eye.sector_rad - 2.0 * margin


@compiled
def detection(eye: Eye, position: Vector) -> float:
    """The chance that one look detects what is there: for a radar, Swerling 1 with the fourth power of the range."""
    if not eye.ranged:
        return eye.detection
    d = position - eye.site
    quarter = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) / (0.25 * eye.reach_m * eye.reach_m)
    chance = FALSE_ALARM ** (1.0 / (1.0 + eye.half_way_snr / max(quarter * quarter, 1e-9)))
    return min(max(chance, LEAST_DETECTION), MOST_DETECTION)


@compiled
def hedge(chance: Vector, least: float) -> None:
    """No mode that is kept stays below `least`: in place, the others give in proportion."""
    for mode in range(MODES):
        if 0.0 < chance[mode] < least:
            rest = (1.0 - least) / (1.0 - chance[mode])
            for other in range(MODES):
                chance[other] = least if other == mode else chance[other] * rest


@compiled
def look_ahead(tracks: Tracks, eye: Eye, t_s: float, span_s: float, margin: float) -> Outlook:
    """Every track from `t_s` until `span_s` later. A track that is newer is carried back, with doubt."""
    n = len(tracks.t_s)
    out = Outlook(
        t_s,
        span_s,
        np.zeros((n, FREE)),
        np.zeros((n, FREE)),
        np.zeros((n, FREE, FREE)),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n, dtype=np.bool_),
        np.zeros(n, dtype=np.bool_),
    )
    mean = np.empty((MODES, FULL))
    cov = np.empty((MODES, FULL, FULL))
    cross = np.empty((MODES, FULL, BIASES * SLOTS))
    chance = np.empty(MODES)
    for i in range(n):
        if t_s > tracks.t_s[i] + UNSEEN_S:
            continue
        foresee(tracks, i, t_s, mean, cov, cross, chance)
        burns = chance[BOOST] > 0.0
        # A motor that cuts out or lights must not throw the next plot out of the gate.
        hedge(chance, LEAST_DOUBT if tracks.absence[i] == 0.0 else MISSED_DOUBT)
        blend(mean, cov, chance, out.mean[i], out.cov[i])
        if biased(eye):
            as_seen(eye, tracks.slots[i], out.mean[i], out.cov[i], cross, chance)
        if span_s > 0.0:
            out.later[i] = propagate(out.mean[i], span_s, 0.0, COAST_STEP_S)
        for mode in (BOOST, MANEUVER):
            if chance[mode] == 0.0:
                continue
            for j in range(3):
                pushed = chance[mode] * mean[mode, FREE + j]
                out.later[i, j] += 0.5 * span_s * span_s * pushed
                out.later[i, 3 + j] += span_s * pushed
                out.wander[i] += chance[mode] * cov[mode, FREE + j, FREE + j] / 3.0
        out.chance[i] = detection(eye, out.mean[i, :3].copy())
        if eye.ranged:
            out.in_view[i] = covers(eye, out.mean[i, :3].copy(), margin)
            out.wanted[i] = covers(eye, out.mean[i, :3].copy(), -10.0 * margin)
        else:
            # Two angles alone fit too many false starts.
            out.wanted[i] = burns and tracks.number[i] > 0
    return out


@compiled
def position_at(ahead: Outlook, row: int, dt_s: float) -> Vector:
    """(3,) where a track is `dt_s` after the outlook's start: the cubic that meets both its ends."""
    out = np.empty(3)
    h = ahead.span_s
    u = dt_s / h if h > 0.0 else 0.0
    for j in range(3):
        p0, v0 = ahead.mean[row, j], ahead.mean[row, 3 + j] * h
        p1, v1 = ahead.later[row, j], ahead.later[row, 3 + j] * h
        out[j] = p0 + u * (v0 + u * (3.0 * (p1 - p0) - 2.0 * v0 - v1 + u * (2.0 * (p0 - p1) + v0 + v1)))
    return out


@compiled
def measure(cov: Matrix, residual: Vector, count: int) -> tuple[float, float]:
    """Squared distance of a residual and log-determinant of 2 pi cov; infinity if cov is not positive definite."""
    distance2, volume = 0.0, 0.0
    low = np.zeros((count, count))
    z = np.zeros(count)
    for a in range(count):
        for b in range(a):
            total = cov[a, b]
            for m in range(b):
                total -= low[a, m] * low[b, m]
            low[a, b] = total / low[b, b]
        pivot = cov[a, a]
        left = residual[a]
        for m in range(a):
            pivot -= low[a, m] * low[a, m]
            left -= low[a, m] * z[m]
        if not pivot > 0.0:
            return inf, 0.0
        low[a, a] = sqrt(pivot)
        z[a] = left / low[a, a]
        distance2 += z[a] * z[a]
        volume += log(2.0 * pi * pivot)
    return distance2, volume


@compiled
def innovation(seen: Sight, eye: Eye, ahead: Outlook, row: int, dt_s: float) -> tuple[Vector, Matrix, int]:
    """What a plot says beyond a track `dt_s` after the outlook: residual, its covariance S, how many numbers."""
    position = position_at(ahead, row, dt_s)
    residual, slope, variance, count = compare(seen, eye, position)
    p = ahead.cov[row]
    spot = np.empty((3, 3))
    extra = 0.25 * dt_s**4 * ahead.wander[row]
    for i in range(3):
        for j in range(3):
            spot[i, j] = p[i, j] + dt_s * (p[i, 3 + j] + p[3 + i, j] + dt_s * p[3 + i, 3 + j])
        spot[i, i] += extra
    s = np.zeros((3, 3))
    for a in range(count):
        for b in range(count):
            for i in range(3):
                for j in range(3):
                    s[a, b] += slope[a, i] * spot[i, j] * slope[b, j]
        s[a, a] += variance[a]
    return residual, s, count


@compiled
def gate(ahead: Outlook, plots: Plots, eye: Eye) -> Pairs:
    """Every pair of a track and a plot that is worth more than nothing.

    A radar's plots are sorted by range first, so each track meets those near its own range only.
    """
    n, m = len(ahead.wander), len(plots.t_s)
    axis = plots.range_m if eye.ranged else plots.elevation_rad
    order = np.argsort(axis, kind="mergesort")
    sorted_axis: Vector = axis[order]
    span = ahead.span_s
    size = max(4 * n, 16)
    rows = np.empty(size, dtype=np.int64)
    hits = np.empty(size, dtype=np.int64)
    worths = np.empty(size)
    count = 0
    for i in range(n):
        if not ahead.wanted[i]:
            continue
        chance = log(ahead.chance[i] / (1.0 - ahead.chance[i]))
        first, last = 0, m
        if eye.ranged:
            d = ahead.mean[i, :3] - eye.site
            distance = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
            v, p = ahead.mean[i], ahead.cov[i]
            near2, fast2 = 0.0, 0.0
            for a in range(3):
                for b in range(3):
                    near2 += d[a] * p[a, b] * d[b]
                    fast2 += d[a] * p[3 + a, 3 + b] * d[b]
            wide = (sqrt(max(near2, 0.0)) + span * sqrt(max(fast2, 0.0))) / max(distance, 1.0)
            speed = sqrt(v[3] * v[3] + v[4] * v[4] + v[5] * v[5])
            reach = WINDOW * (wide + eye.range_sigma_m) + span * (speed + 100.0 * span)
            # A line of sight that is wrong by a whole error lies further out along a sphere.
            sideways2 = p[0, 0] + p[1, 1] + p[2, 2]
            reach += WINDOW * WINDOW * sideways2 / (2.0 * max(distance, 1.0))
            nearest: float = distance - reach
            furthest: float = distance + reach
            first = int(np.searchsorted(sorted_axis, nearest))
            last = int(np.searchsorted(sorted_axis, furthest))
        for place in range(first, last):
            k = int(order[place])
            seen = sight(eye, plots.azimuth_rad[k], plots.elevation_rad[k], plots.range_m[k])
            residual, s, numbers = innovation(seen, eye, ahead, i, plots.t_s[k] - ahead.t_s)
            distance2, volume = measure(s, residual, numbers)
            if distance2 > GATE[numbers - 2]:
                continue
            density = eye.clutter * (plots.range_m[k] ** 2 if eye.ranged else 1.0)
            worth = chance - 0.5 * (distance2 + volume) - log(density)
            if worth <= 0.0:
                continue
            if count == size:
                size *= 2
                rows = np.concatenate((rows, np.empty(size - count, dtype=np.int64)))
                hits = np.concatenate((hits, np.empty(size - count, dtype=np.int64)))
                worths = np.concatenate((worths, np.empty(size - count)))
            rows[count], hits[count], worths[count] = i, k, worth
            count += 1
    return Pairs(rows[:count].copy(), hits[:count].copy(), worths[:count].copy())


@compiled
def open_to(pairs: Pairs, tracks: Tracks, first: int, last: int, free: Flags) -> Pairs:
    """Those pairs whose track has a status from `first` to `last` and whose plot is free."""
    n = len(pairs.row)
    keep = np.zeros(n, dtype=np.bool_)
    for p in range(n):
        keep[p] = first <= tracks.status[pairs.row[p]] <= last and free[pairs.plot[p]]
    return Pairs(pairs.row[keep], pairs.plot[keep], pairs.worth[keep])


@compiled
def astray(ahead: Outlook, tracks: Tracks, plot_of: Whole) -> Matrix:
    """(k, 3) where confirmed tracks should have been that this look did not find there."""
    out = np.empty((len(plot_of), 3))
    count = 0
    for row in range(len(plot_of)):
        if tracks.number[row] > 0 and ahead.in_view[row] and plot_of[row] < 0:
            out[count] = ahead.mean[row, :3]
            count += 1
    return out[:count].copy()


@compiled
def rivals(position: Vector, gone: Matrix) -> int:
    """How many of these astray tracks may be what is seen there."""
    count = 0
    for nth in range(len(gone)):
        away2 = 0.0
        for a in range(3):
            away2 += (position[a] - gone[nth, a]) ** 2
        count += away2 < ASTRAY_M * ASTRAY_M
    return count


@compiled
def evidence(pairs: Pairs, ahead: Outlook, tracks: Tracks, gone: Matrix, plots: int) -> Vector:
    """(n,) log-likelihood ratio of what a scan shows of each track, plots and misses: it flies there, or nothing does.

    A plot that others claim as well says less (Musicki & Evans 2004), and so does one near a track that went astray.
    """
    n = len(ahead.chance)
    _, none = beliefs(pairs.row, pairs.plot, pairs.worth, n, plots)
    gain = np.zeros(n)
    for row in range(n):
        # Where the sensor may not look at all, a miss says nothing.
        if none[row] < 1.0 or ahead.in_view[row]:
            gain[row] = log(1.0 - ahead.chance[row]) - log(none[row])
        if gain[row] > RIVALLED and tracks.number[row] == 0 and rivals(ahead.mean[row], gone) > 0:
            gain[row] = RIVALLED
    return gain
