"""How a track starts: two radar plots that one vehicle can have flown between.

A plot that no track took waits as a seed. A later plot within reach of it makes a tentative track: position
from the later plot, velocity from both, a motor that may burn or not. A wrong pair foresees nothing and dies.
In a crowd, where several pairs would do, a third plot on the same arc decides which of them start.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.bias import consider
from laurel.instruments.warning.tracker.modes import start_modes
from laurel.instruments.warning.tracker.sight import correct, sight
from laurel.instruments.warning.tracker.sources import credit
from laurel.instruments.warning.tracker.table import (
    FREE,
    FULL,
    Eye,
    Flags,
    Plots,
    Tracks,
    Whole,
)
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import freefall, height

FASTEST_MPS = 8_500.0
SPEED_SIGMA_MPS = 3_000.0
PUSH_SIGMA_MPS2 = 25.0
LOWEST_M = -2_000.0
SHORTEST_S = 0.3
"""Two plots of a fast radar that are nearer in time say nothing of a speed."""
KEPT_S = 1.0
LONGEST_S = 90.0
PERIODS = 2.6
MOST_PAIRS = 4
REACH = 4.0
ON_AN_ARC = 16.3
"""Squared distance that holds 99.9 % of third plots."""


class Seeds(NamedTuple):
    """Radar plots that no track took."""

    t_s: Vector
    until_s: Vector
    sensor: Whole
    position: Matrix
    """(n, 3)."""
    cov: Matrix
    """(n, 3, 3)."""
    plot: Matrix
    """(n, 5) the plot itself: t_s, azimuth, elevation, range, sensor."""


class Starts(NamedTuple):
    """A seed and a plot that may be one vehicle."""

    seed: Whole
    plot: Whole


def no_seeds() -> Seeds:
    """None yet."""
    nothing = np.zeros(0)
    return Seeds(nothing, nothing, np.zeros(0, dtype=np.int64), np.zeros((0, 3)), np.zeros((0, 3, 3)), np.zeros((0, 5)))


@compiled
def place(plots: Plots, k: int, eye: Eye) -> tuple[Vector, Matrix]:
    """(3,) and (3, 3): where a radar plot is and how well it says so, ECEF."""
    r = plots.range_m[k]
    seen = sight(eye, plots.azimuth_rad[k], plots.elevation_rad[k], r)
    position = eye.site + r * seen.along
    cov = np.empty((3, 3))
    a, b, c = eye.range_sigma_m**2, (r * seen.sigma_right_rad) ** 2, (r * eye.angle_sigma_rad) ** 2
    for i in range(3):
        for j in range(3):
            cov[i, j] = (
                a * seen.along[i] * seen.along[j] + b * seen.right[i] * seen.right[j] + c * seen.up[i] * seen.up[j]
            )
    return position, cov


@compiled
def sow(plots: Plots, free: Flags, eye: Eye) -> Seeds:
    """The free plots as seeds, those under the ground left out."""
    m = len(plots.t_s)
    count = 0
    position = np.empty((m, 3))
    cov = np.empty((m, 3, 3))
    t_s = np.empty(m)
    plot = np.empty((m, 5))
    for k in range(m):
        if not free[k]:
            continue
        there, doubt = place(plots, k, eye)
        if height(there[0], there[1], there[2]) < LOWEST_M - REACH * sqrt(doubt[0, 0] + doubt[1, 1] + doubt[2, 2]):
            continue
        position[count] = there
        cov[count] = doubt
        t_s[count] = plots.t_s[k]
        plot[count, 0], plot[count, 1], plot[count, 2] = plots.t_s[k], plots.azimuth_rad[k], plots.elevation_rad[k]
        plot[count, 3], plot[count, 4] = plots.range_m[k], eye.slot
        count += 1
    t_s = t_s[:count].copy()
    until_s = t_s + min(max(PERIODS * eye.period_s, KEPT_S), LONGEST_S)
    sensor = np.full(count, eye.slot)
    return Seeds(t_s, until_s, sensor, position[:count].copy(), cov[:count].copy(), plot[:count].copy())


@compiled
def backed(seeds: Seeds, i: int, new: Seeds, k: int) -> bool:
    """Whether a third seed, before these two, lies on one arc with them, as far as a motor allows."""
    later_s = new.t_s[k] - seeds.t_s[i]
    for j in range(len(seeds.t_s)):
        before_s = seeds.t_s[i] - seeds.t_s[j]
        if before_s < SHORTEST_S or seeds.t_s[i] > seeds.until_s[j]:
            continue
        ratio = later_s / before_s
        # What gravity and a motor may do meanwhile to a straight line through the first two.
        bend_s2 = 0.5 * later_s * (later_s + before_s)
        x, y, z = seeds.position[i, 0], seeds.position[i, 1], seeds.position[i, 2]
        fall = freefall(x, y, z, 0.0, 0.0)
        cov = np.empty((3, 3))
        off = np.empty(3)
        for a in range(3):
            step = seeds.position[i, a] - seeds.position[j, a]
            off[a] = new.position[k, a] - seeds.position[i, a] - ratio * step - bend_s2 * fall[a]
            for b in range(3):
                cov[a, b] = new.cov[k, a, b] + (1.0 + ratio) ** 2 * seeds.cov[i, a, b] + ratio**2 * seeds.cov[j, a, b]
            cov[a, a] += (PUSH_SIGMA_MPS2 * bend_s2) ** 2
        if off @ np.linalg.solve(cov, off) < ON_AN_ARC:
            return True
    return False


@compiled
def pair(seeds: Seeds, new: Seeds) -> Starts:
    """Pairs of an older and a newer seed within a vehicle's reach; the few nearest of each newer one.

    Where several would do, the third plot decides: those start that lie on an arc with an earlier one, or none yet.
    """
    n, m = len(seeds.t_s), len(new.t_s)
    chosen = np.empty(MOST_PAIRS * m, dtype=np.int64)
    later = np.empty(MOST_PAIRS * m, dtype=np.int64)
    count = 0
    best = np.empty(MOST_PAIRS)
    who = np.empty(MOST_PAIRS, dtype=np.int64)
    for k in range(m):
        found = 0
        for i in range(n):
            dt_s = new.t_s[k] - seeds.t_s[i]
            if dt_s < SHORTEST_S or new.t_s[k] > seeds.until_s[i]:
                continue
            distance2, doubt2 = 0.0, 0.0
            for j in range(3):
                distance2 += (new.position[k, j] - seeds.position[i, j]) ** 2
                doubt2 += new.cov[k, j, j] + seeds.cov[i, j, j]
            if distance2 > (FASTEST_MPS * dt_s + REACH * sqrt(doubt2)) ** 2:
                continue
            far = distance2 / ((SPEED_SIGMA_MPS * dt_s) ** 2 + doubt2 / 3.0)
            if found < MOST_PAIRS:
                found += 1
            elif far >= best[found - 1]:
                continue
            at = found - 1
            while at > 0 and best[at - 1] > far:
                best[at], who[at] = best[at - 1], who[at - 1]
                at -= 1
            best[at], who[at] = far, i
        for at in range(found):
            if found == 1 or backed(seeds, who[at], new, k):
                chosen[count], later[count] = who[at], k
                count += 1
    return Starts(chosen[:count].copy(), later[:count].copy())


@compiled
def begin(tracks: Tracks, seeds: Seeds, new: Seeds, starts: Starts, births: int, eye: Eye) -> None:
    """Fills blank rows with the tentative tracks of these pairs, after so many births."""
    for row in range(len(starts.seed)):
        tracks.birth[row] = births + row + 1
        i, k = starts.seed[row], starts.plot[row]
        dt_s = new.t_s[k] - seeds.t_s[i]
        mean, cov = np.zeros(FULL), np.zeros((FULL, FULL))
        for j in range(3):
            mean[j] = new.position[k, j]
            mean[3 + j] = (new.position[k, j] - seeds.position[i, j]) / dt_s
        ax, ay, az = freefall(mean[0], mean[1], mean[2], mean[3], mean[4])
        mean[3] += 0.5 * dt_s * ax
        mean[4] += 0.5 * dt_s * ay
        mean[5] += 0.5 * dt_s * az
        push2 = PUSH_SIGMA_MPS2**2
        for a in range(3):
            for b in range(3):
                cov[a, b] = new.cov[k, a, b]
                cov[a, 3 + b] = new.cov[k, a, b] / dt_s
                cov[3 + a, b] = new.cov[k, a, b] / dt_s
                cov[3 + a, 3 + b] = (new.cov[k, a, b] + seeds.cov[i, a, b]) / (dt_s * dt_s)
        for a in range(3):
            cov[FREE + a, FREE + a] = push2
            cov[3 + a, 3 + a] += 0.25 * dt_s * dt_s * push2
            cov[3 + a, FREE + a] = 0.5 * dt_s * push2
            cov[FREE + a, 3 + a] = 0.5 * dt_s * push2
        # Nothing flies faster than a missile: what two plots leave open, that closes.
        for a in range(3):
            slope = np.zeros(FULL)
            slope[3 + a] = 1.0
            correct(mean, cov, FULL, slope, -mean[3 + a], SPEED_SIGMA_MPS**2)
        start_modes(tracks, row, mean, cov)
        consider(tracks, row, eye)
        tracks.plots[row] = 2
        tracks.recent[row, 0], tracks.recent[row, 1] = seeds.plot[i], new.plot[k]
        tracks.recent_count[row] = 2
        tracks.first_s[row] = seeds.t_s[i]
        tracks.t_s[row] = new.t_s[k]
        tracks.seen_s[row] = new.t_s[k]
        tracks.phase_s[row] = new.t_s[k]
        tracks.seen_m2[row] = cov[0, 0] + cov[1, 1] + cov[2, 2]
        tracks.sensors[row, seeds.sensor[i]] = True
        tracks.sensors[row, new.sensor[k]] = True
        credit(tracks, row, int(seeds.sensor[i]), float(seeds.t_s[i]))
        credit(tracks, row, int(new.sensor[k]), float(new.t_s[k]))
