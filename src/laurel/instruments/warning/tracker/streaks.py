"""What an infrared sensor saw burn, look after look: streaks of plots, and where each of them began."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.table import Eye, Plots, Whole
from laurel.physics.compiled import Matrix, compiled

FASTEST_MPS = 8_000.0
HARDEST_MPS2 = 100.0
NEAREST_M = 300_000.0
SIGMAS = 6.0
PERIODS = 3.6
LEAST_WAIT_S = 5.0
KEPT_S = 900.0


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


def no_streaks() -> Streaks:
    """None yet."""
    whole = np.zeros(0, dtype=np.int64)
    return Streaks(whole, np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2)), whole, whole)


@compiled
def extend(streaks: Streaks, plots: Plots, eye: Eye) -> Whole:
    """Each plot goes to the streak that comes nearest, the nearest pair first: (m,) the row, -1 for a new streak."""
    n, m = len(streaks.sensor), len(plots.t_s)
    went = np.full(m, -1)
    gap = np.full((m, n), np.inf)
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
                # A rate from two plots is no better than they are; the rest is the motor's work.
                reach *= 1.0 + np.sqrt(2.0) * dt_s / eye.period_s
                reach += 0.5 * HARDEST_MPS2 * dt_s * dt_s / distance
            else:
                reach += FASTEST_MPS * dt_s / distance
            miss = np.sqrt(az * az + el * el)
            if miss < reach:
                gap[k, i] = miss / reach
    for _ in range(min(n, m)):
        best, plot, row = np.inf, -1, -1
        for k in range(m):
            for i in range(n):
                if gap[k, i] < best:
                    best, plot, row = gap[k, i], k, i
        if plot < 0:
            break
        went[plot] = row
        gap[plot, :] = np.inf
        gap[:, row] = np.inf
        dt_s = plots.t_s[plot] - streaks.last[row, 0]
        streaks.rate[row, 0] = (plots.azimuth_rad[plot] - streaks.last[row, 1]) / dt_s
        streaks.rate[row, 1] = (plots.elevation_rad[plot] - streaks.last[row, 2]) / dt_s
        streaks.last[row, 0] = plots.t_s[plot]
        streaks.last[row, 1] = plots.azimuth_rad[plot]
        streaks.last[row, 2] = plots.elevation_rad[plot]
        streaks.plots[row] += 1
    return went


@compiled
def started(plots: Plots, went: Whole, eye: Eye) -> Streaks:
    """A streak for each plot that continued none."""
    count = int((went < 0).sum())
    first = np.empty((count, 3))
    row = 0
    for k in range(len(went)):
        if went[k] < 0:
            first[row, 0], first[row, 1], first[row, 2] = plots.t_s[k], plots.azimuth_rad[k], plots.elevation_rad[k]
            row += 1
    return Streaks(
        np.full(count, eye.slot),
        first,
        first.copy(),
        np.zeros((count, 2)),
        np.ones(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
    )
