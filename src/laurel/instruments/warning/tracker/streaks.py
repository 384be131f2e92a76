"""What an infrared sensor saw burn, look after look: streaks of plots, and where each of them began."""

from __future__ import annotations

from math import log, pi
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.table import MAX_SENSORS, Eye, Flags, Plots, Whole
from laurel.physics.compiled import Matrix, Vector, compiled

FASTEST_MPS = 8_000.0
HARDEST_MPS2 = 100.0
NEAREST_M = 300_000.0
SIGMAS = 6.0
PERIODS = 3.6
LEAST_WAIT_S = 12.0
"""Between two stages nothing burns for some seconds."""
PAUSE_S = 30.0
"""What begins so soon after another ended, further along its way, may be its next stage."""
RATE_LOOKS = 5
"""A rate is taken over so many looks."""
KEPT_S, STRAY_S, STRAY_PLOTS = 900.0, 60.0, 3
"""A streak is kept so long after its last plot; one of fewer plots, most likely false ones, not as long."""
LOOKS = 24
OLDEST = 16
"""When there is no room left, every second of so many old looks is dropped: the past is kept, but thinner."""


class Streaks(NamedTuple):
    """One row for each streak: its first and last plot (t_s, azimuth, elevation), and the track that took it."""

    sensor: Whole
    first: Matrix
    """(n, 3)."""
    last: Matrix
    """(n, 3)."""
    rate: Matrix
    """(n, 2) rad/s."""
    plots: Whole
    number: Whole
    """Number of the track that takes its plots, 0 while none does."""
    looks: Matrix
    """(n, 24, 3) its plots, the older ones thinned out: t_s, azimuth, elevation."""
    held: Whole
    """How many of those there are."""
    risen: Flags
    """Whether the sensor had looked just before and seen nothing there: then it came out of the clouds."""
    score: Vector
    """How unlikely false plots alone would have made it: minus the logarithm of that chance."""


class Looked(NamedTuple):
    """When each infrared sensor looked last."""

    at_s: Vector
    """(64,) -inf: never."""


def never_looked() -> Looked:
    """Not yet."""
    return Looked(np.full(MAX_SENSORS, -np.inf))


def no_streaks() -> Streaks:
    """None yet."""
    whole = np.zeros(0, dtype=np.int64)
    bare = np.zeros((0, 3))
    return Streaks(
        whole, bare, bare, np.zeros((0, 2)), whole, whole, np.zeros((0, LOOKS, 3)), whole, whole > 0, np.zeros(0)
    )


@compiled
def hold(streaks: Streaks, row: int, t_s: float, azimuth_rad: float, elevation_rad: float) -> None:
    """Keeps one more look of a streak."""
    looks = streaks.looks[row]
    count = streaks.held[row]
    if count == LOOKS:
        for i in range(1, OLDEST // 2):
            looks[i] = looks[2 * i]
        for i in range(OLDEST, LOOKS):
            looks[i - OLDEST // 2] = looks[i]
        count = LOOKS - OLDEST // 2
    looks[count, 0], looks[count, 1], looks[count, 2] = t_s, azimuth_rad, elevation_rad
    streaks.held[row] = count + 1


@compiled
def gaps(streaks: Streaks, plots: Plots, eye: Eye) -> tuple[Whole, Whole, Vector, Vector]:
    """Plots and streaks they may continue: which plot, which streak, how far off as a share of the reach; the reach."""
    n, m = len(streaks.sensor), len(plots.t_s)
    size = 16
    who, whom = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    gap, wide = np.empty(size), np.empty(size)
    count = 0
    distance = max(np.sqrt((eye.site**2).sum()) - 6.4e6, NEAREST_M)
    for k in range(m):
        for i in range(n):
            dt_s = plots.t_s[k] - streaks.last[i, 0]
            if streaks.sensor[i] != eye.slot or not 0.0 < dt_s < max(PERIODS * eye.period_s, LEAST_WAIT_S):
                continue
            az = plots.azimuth_rad[k] - streaks.last[i, 1]
            el = plots.elevation_rad[k] - streaks.last[i, 2]
            reach = SIGMAS * eye.angle_sigma_rad
            if streaks.plots[i] > 1:
                az -= streaks.rate[i, 0] * dt_s
                el -= streaks.rate[i, 1] * dt_s
                # A rate is no better than the plots at its ends; the rest is the motor's work.
                back_s = streaks.last[i, 0] - streaks.looks[i, max(streaks.held[i] - RATE_LOOKS, 0), 0]
                reach *= 1.0 + np.sqrt(2.0) * dt_s / back_s
                reach += 0.5 * HARDEST_MPS2 * dt_s * (dt_s + back_s) / distance
            else:
                reach += FASTEST_MPS * dt_s / distance
            miss = np.sqrt(az * az + el * el)
            if miss >= reach:
                continue
            if count == size:
                size *= 2
                who = np.concatenate((who, np.empty(count, dtype=np.int64)))
                whom = np.concatenate((whom, np.empty(count, dtype=np.int64)))
                gap = np.concatenate((gap, np.empty(count)))
                wide = np.concatenate((wide, np.empty(count)))
            who[count], whom[count], gap[count], wide[count] = k, i, miss / reach, reach
            count += 1
    return who[:count].copy(), whom[:count].copy(), gap[:count].copy(), wide[:count].copy()


@compiled
def extend(streaks: Streaks, plots: Plots, eye: Eye) -> Whole:
    """Each plot goes to the streak that comes nearest, the nearest pair first: (m,) the row, -1 for a new streak."""
    went = np.full(len(plots.t_s), -1)
    taken = np.zeros(len(streaks.sensor), dtype=np.bool_)
    who, whom, gap, wide = gaps(streaks, plots, eye)
    for p in np.argsort(gap, kind="mergesort"):
        plot, row = int(who[p]), int(whom[p])
        if went[plot] >= 0 or taken[row]:
            continue
        went[plot] = row
        taken[row] = True
        t_s, azimuth, elevation = (
            float(plots.t_s[plot]),
            float(plots.azimuth_rad[plot]),
            float(plots.elevation_rad[plot]),
        )
        streaks.last[row, 0], streaks.last[row, 1], streaks.last[row, 2] = t_s, azimuth, elevation
        streaks.plots[row] += 1
        streaks.score[row] -= min(log(max(eye.clutter * pi * wide[p] ** 2, 1e-12)), 0.0)
        hold(streaks, row, t_s, azimuth, elevation)
        ago = streaks.looks[row, max(streaks.held[row] - RATE_LOOKS, 0)]
        streaks.rate[row, 0] = (azimuth - ago[1]) / (t_s - ago[0])
        streaks.rate[row, 1] = (elevation - ago[2]) / (t_s - ago[0])
    return went


@compiled
def started(plots: Plots, went: Whole, eye: Eye, looked_s: float) -> Streaks:
    """A streak for each plot that continued none; the sensor looked last at `looked_s`."""
    count = int((went < 0).sum())
    first = np.empty((count, 3))
    row = 0
    for k in range(len(went)):
        if went[k] < 0:
            first[row, 0], first[row, 1], first[row, 2] = plots.t_s[k], plots.azimuth_rad[k], plots.elevation_rad[k]
            row += 1
    looks = np.zeros((count, LOOKS, 3))
    looks[:, 0] = first
    return Streaks(
        np.full(count, eye.slot),
        first,
        first.copy(),
        np.zeros((count, 2)),
        np.ones(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        looks,
        np.ones(count, dtype=np.int64),
        first[:, 0] - looked_s < PERIODS * eye.period_s,
        np.zeros(count),
    )


@compiled
def broke_off(streaks: Streaks, row: int, eye: Eye) -> bool:
    """Whether a streak begins where another of this sensor, which ended before, was going: it may be the rest of it."""
    first = streaks.first[row]
    distance = max(np.sqrt((eye.site**2).sum()) - 6.4e6, NEAREST_M)
    for j in range(len(streaks.sensor)):
        gap_s = first[0] - streaks.last[j, 0]
        if streaks.sensor[j] != eye.slot or streaks.plots[j] < 2 or not 0.0 < gap_s < PAUSE_S:
            continue
        az = first[1] - streaks.last[j, 1] - streaks.rate[j, 0] * gap_s
        el = first[2] - streaks.last[j, 2] - streaks.rate[j, 1] * gap_s
        reach = SIGMAS * eye.angle_sigma_rad * (1.0 + gap_s / eye.period_s)
        reach += 0.5 * HARDEST_MPS2 * gap_s * (gap_s + RATE_LOOKS * eye.period_s) / distance
        if az * az + el * el < reach * reach:
            return True
    return False


def lasting(streaks: Streaks, now_s: float) -> Flags:
    """(n,) which streaks may be of use still."""
    age_s = now_s - streaks.last[:, 0]
    return (age_s < KEPT_S) & ((streaks.plots >= STRAY_PLOTS) | (streaks.number > 0) | (age_s < STRAY_S))


@compiled
def moves(streaks: Streaks, row: int, eye: Eye) -> float:
    """How much better a steady motion explains a streak than standing still: in chi-square, 2 if it stands still."""
    n = streaks.held[row]
    looks = streaks.looks[row, :n]
    middle_s = looks[:, 0].mean()
    since = looks[:, 0] - middle_s
    squares = (since * since).sum()
    if squares <= 0.0:
        return 0.0
    across = (since * looks[:, 1]).sum() * np.cos(looks[0, 2])
    upward = (since * looks[:, 2]).sum()
    return (across * across + upward * upward) / squares / eye.angle_sigma_rad**2
