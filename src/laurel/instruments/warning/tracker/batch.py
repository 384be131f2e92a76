"""The free-fall arc that a handful of plots lie on, all at once: Gauss-Newton, iterated along the arc. Kernels.

A filter started from two plots never quite forgets how rough that was. The arc of least squares through all plots
has the error of the Cramér-Rao bound, and its misfit tells whether it was free fall at all. Radar plots (range and
two angles), infrared plots (two angles) and any mixture will do; what they cannot bear is answered with no fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, inf, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.sight import correct
from laurel.instruments.warning.tracker.start import SPEED_SIGMA_MPS
from laurel.instruments.warning.tracker.table import (
    AZIMUTH_BIAS,
    BIASES,
    COAST,
    ELEVATION_BIAS,
    FREE,
    FULL,
    RANGE_BIAS,
    RECENT,
    SLOTS,
    TIME_BIAS,
    Eye,
    Tracks,
    Whole,
)
from laurel.physics.ballistics import propagate, transition
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import GM_M3PS2, OMEGA_RADPS, freefall, height

INV_BETA_M2PKG = 1.0 / 4000.0
AIR_M = 130_000.0
COAST_STEP_S, AIR_STEP_S = 5.0, 0.5

FASTEST_MPS, FAST_SIGMA_MPS = 8_500.0, 300.0
DEEPEST_M, DEEP_SIGMA_M = 0.0, 1_000.0
FREEST_JPKG = -2.0e6
"""What falls back within some hours has at most that energy above escape; a circle along the ground has -31e6."""
FREE_SIGMA_JPKG = 1.0e6
ROUNDS, HALVINGS = 12, 6
CLOSE = 1e-4
"""Squared sigmas: a step smaller than that changes nothing."""
WORST_SCALED = 1e13
VAGUEST_M, VAGUEST_MPS = 300_000.0, 3_000.0
"""An arc less well known than that says nothing."""
FEWEST_PLOTS = 3
LEAST_FREEDOM = 6.0
MOST_UNLIKELY = 3.0
"""Sigmas, by Wilson and Hilferty, by which a misfit may exceed its mean: one arc in seven hundred."""
MIDDLING_M = 100_000.0


class Eyes(NamedTuple):
    """Sensors as columns, by their numbers."""

    site: Matrix
    """(n, 3)."""
    frame: Matrix
    """(n, 3, 3)."""
    ranged: Whole
    sigmas: Matrix
    """(n, 2) of range and of an angle."""
    biases: Matrix
    """(n, 4) one sigma of registration: range, azimuth, elevation, time."""


def eyes_of(eyes: Sequence[Eye]) -> Eyes:
    """The sensors as columns."""
    return Eyes(
        np.array([eye.site for eye in eyes]).reshape(-1, 3),
        np.array([eye.frame for eye in eyes]).reshape(-1, 3, 3),
        np.array([int(eye.ranged) for eye in eyes], dtype=np.int64),
        np.array([(eye.range_sigma_m, eye.angle_sigma_rad) for eye in eyes]).reshape(-1, 2),
        np.array([(eye.range_bias_m, eye.angle_bias_rad, eye.angle_bias_rad, eye.time_bias_s) for eye in eyes]).reshape(
            -1, BIASES
        ),
    )


class Fit(NamedTuple):
    """An arc at its last plot."""

    mean: Vector
    """(6,)."""
    cov: Matrix
    """(6, 6) by the noise of the plots alone."""
    pull: Matrix
    """(6, 24) how the arc moves with the biases of the sensors in the slots, four for each."""
    misfit: float
    """Chi-square of the plots."""
    freedom: float
    """Its degrees of freedom."""
    sound: bool
    """False: the plots bear none."""


@compiled
def no_fit() -> Fit:
    """The plots bear no arc."""
    return Fit(np.zeros(FREE), np.zeros((FREE, FREE)), np.zeros((FREE, BIASES * SLOTS)), inf, 0.0, sound=False)


@compiled
def unlikely(misfit: float, freedom: float) -> float:
    """Sigmas by which a chi-square exceeds its mean (Wilson & Hilferty 1931)."""
    a = 2.0 / (9.0 * max(freedom, 1.0))
    return ((max(misfit, 0.0) / max(freedom, 1.0)) ** (1.0 / 3.0) - 1.0 + a) / sqrt(a)


@compiled
def axes(plot: Vector, eyes: Eyes) -> tuple[Matrix, Vector]:
    """(3, 3) rows right, up and along of a plot (t_s, azimuth, elevation, range, sensor); (3,) their sigmas."""
    slot = int(plot[4])
    f = eyes.frame[slot]
    sa, ca, se, ce = np.sin(plot[1]), np.cos(plot[1]), np.sin(plot[2]), np.cos(plot[2])
    out = np.empty((3, 3))
    out[0] = ca * f[0] - sa * f[1]
    out[1] = ce * f[2] - se * sa * f[0] - se * ca * f[1]
    out[2] = ce * sa * f[0] + ce * ca * f[1] + se * f[2]
    sigmas = np.empty(3)
    sigmas[0] = eyes.sigmas[slot, 1] * max(ce, 0.02)
    sigmas[1] = eyes.sigmas[slot, 1]
    sigmas[2] = eyes.sigmas[slot, 0]
    return out, sigmas


@compiled
def solved(normal: Matrix, right: Vector) -> tuple[bool, Vector, Matrix]:
    """Whether the normal equations can be solved, their solution and inverse; scaled, so that units do not matter."""
    n = len(right)
    nothing = np.zeros((n, n))
    scale = np.empty(n)
    for i in range(n):
        if not 0.0 < normal[i, i] < inf:
            return False, np.zeros(n), nothing
        scale[i] = sqrt(normal[i, i])
    shaped = normal / np.outer(scale, scale)
    if not np.isfinite(shaped).all():
        return False, np.zeros(n), nothing
    values, vectors = np.linalg.eigh(shaped)
    if not values[0] > values[-1] / WORST_SCALED:
        return False, np.zeros(n), nothing
    inverse = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return True, inverse @ right, 0.5 * (inverse + inverse.T)


@compiled
def rough(plots: Matrix, eyes: Eyes) -> tuple[bool, Vector]:
    """(6,) a first guess at the last plot: the parabola under gravity that passes nearest to all plots."""
    last = plots[-1]
    here = axes(last, eyes)[0][2]
    slot = int(last[4])
    near = eyes.site[slot] + here * last[3]
    if not eyes.ranged[slot]:
        # Where the line of sight comes nearest to the Earth's centre, or meets the air.
        down = -(eyes.site[slot] * here).sum()
        deep2 = (eyes.site[slot] ** 2).sum() - down * down
        near = eyes.site[slot] + here * (down - sqrt(max((6.4e6 + MIDDLING_M) ** 2 - deep2, 0.0)))
    g = freefall(near[0], near[1], near[2], 0.0, 0.0)
    fall = np.array([g[0], g[1], g[2]])
    normal, right = np.zeros((FREE, FREE)), np.zeros(FREE)
    for i in range(len(plots)):
        slot = int(plots[i, 4])
        tau = plots[i, 0] - last[0]
        ways, sigmas = axes(plots[i], eyes)
        far = plots[i, 3] if eyes.ranged[slot] else sqrt(((near - eyes.site[slot]) ** 2).sum())
        for m in range(3 if eyes.ranged[slot] else 2):
            sigma = sigmas[m] * (far if m < 2 else 1.0)
            offset = eyes.site[slot] - near - 0.5 * tau * tau * fall
            wanted = (ways[m] * offset).sum() + (far if m == 2 else 0.0)
            row = np.empty(FREE)
            for j in range(3):
                row[j] = ways[m, j] / sigma
                row[3 + j] = tau * row[j]
            normal += np.outer(row, row)
            right += row * (wanted / sigma)
    good, guess, _ = solved(normal, right)
    guess[:3] += near
    return good, guess


@compiled
def bounded(state: Vector, normal: Matrix, right: Vector) -> float:
    """Adds what no missile does to the equations: under the ground, too fast, not bound to the Earth. Its squares."""
    squares = 0.0
    alt = height(state[0], state[1], state[2])
    r = sqrt((state[:3] ** 2).sum())
    v = sqrt((state[3:] ** 2).sum())
    inertial = np.array([state[3] - OMEGA_RADPS * state[1], state[4] + OMEGA_RADPS * state[0], state[5]])
    energy = 0.5 * (inertial**2).sum() - GM_M3PS2 / r
    for kind in range(3):
        row = np.zeros(FREE)
        if kind == 0:
            over = (DEEPEST_M - alt) / DEEP_SIGMA_M
            row[:3] = -state[:3] / (r * DEEP_SIGMA_M)
        elif kind == 1:
            over = (v - FASTEST_MPS) / FAST_SIGMA_MPS
            row[3:] = state[3:] / (max(v, 1.0) * FAST_SIGMA_MPS)
        else:
            over = (energy - FREEST_JPKG) / FREE_SIGMA_JPKG
            row[3:] = inertial / FREE_SIGMA_JPKG
        if over > 0.0:
            squares += over * over
            normal += np.outer(row, row)
            right -= row * over
    return squares


@compiled
def along(
    state: Vector, plots: Matrix, eyes: Eyes, slots: Whole, normal: Matrix, right: Vector, pulled: Matrix
) -> tuple[float, float]:
    """Goes back along the arc and adds every plot to the equations; chi-square of the plots, squares of the bounds."""
    here = state.copy()
    phi = np.eye(FREE)
    now = plots[-1, 0]
    misfit = 0.0
    for i in range(len(plots) - 1, -1, -1):
        while now > plots[i, 0]:
            low = height(here[0], here[1], here[2]) < AIR_M
            inv_beta = INV_BETA_M2PKG if low else 0.0
            dt_s = max(plots[i, 0] - now, -(AIR_STEP_S if low else COAST_STEP_S))
            phi = transition(here, dt_s, inv_beta) @ phi
            here = propagate(here, dt_s, inv_beta, COAST_STEP_S)
            now = plots[i, 0] if abs(now + dt_s - plots[i, 0]) < 1e-9 else now + dt_s
        slot = int(plots[i, 4])
        ways, sigmas = axes(plots[i], eyes)
        d = here[:3] - eyes.site[slot]
        far = max(sqrt((d**2).sum()), 1.0)
        place = -1
        for s in range(SLOTS):
            if slots[s] == slot:
                place = s
        for m in range(3 if eyes.ranged[slot] else 2):
            u = d / far
            if m < 2:
                across = (ways[m] * u).sum()
                slope = (ways[m] - across * u) / far
                off = -across / sigmas[m]
            else:
                slope = u
                off = (plots[i, 3] - far) / sigmas[2]
            row = np.zeros(FREE)
            for j in range(FREE):
                for k in range(3):
                    row[j] += slope[k] * phi[k, j]
                row[j] /= sigmas[m]
            normal += np.outer(row, row)
            right += row * off
            misfit += off * off
            if place >= 0:
                first = BIASES * place
                # What is read is what is there plus the bias; a clock that is ahead tells of where it was before.
                gone = (slope * here[3:]).sum() / sigmas[m]
                pulled[:, first + TIME_BIAS] -= row * gone
                if m == 0:
                    pulled[:, first + AZIMUTH_BIAS] += row * (max(cos(plots[i, 2]), 0.02) / sigmas[0])
                elif m == 1:
                    pulled[:, first + ELEVATION_BIAS] += row / sigmas[1]
                else:
                    pulled[:, first + RANGE_BIAS] += row / sigmas[2]
    return misfit, bounded(state, normal, right)


@compiled
def fit(plots: Matrix, eyes: Eyes, slots: Whole) -> Fit:
    """The arc of plots (n, 5), in the order of their times: t_s, azimuth, elevation, range (any for infrared), sensor.

    `slots` (6,) are the sensors whose biases are considered, -1 for none.
    """
    if len(plots) < FEWEST_PLOTS or not np.isfinite(plots).all():
        return no_fit()
    numbers = 0.0
    for i in range(len(plots)):
        numbers += 3.0 if eyes.ranged[int(plots[i, 4])] else 2.0
    good, state = rough(plots, eyes)
    if not (good and np.isfinite(state).all()):
        return no_fit()
    normal, right = np.zeros((FREE, FREE)), np.zeros(FREE)
    pulled = np.zeros((FREE, BIASES * SLOTS))
    misfit, bounds = along(state, plots, eyes, slots, normal, right, pulled)
    settled = False
    cov = np.zeros((FREE, FREE))
    for _ in range(ROUNDS):
        good, step, cov = solved(normal, right)
        if not good:
            return no_fit()
        if (step * right).sum() < CLOSE:
            settled = True
            break
        share = 1.0
        gained = False
        for _ in range(HALVINGS):
            tried = state + share * step
            normal2, right2 = np.zeros((FREE, FREE)), np.zeros(FREE)
            pulled2 = np.zeros((FREE, BIASES * SLOTS))
            misfit2, bounds2 = along(tried, plots, eyes, slots, normal2, right2, pulled2)
            if misfit2 + bounds2 <= misfit + bounds:
                state, normal, right, pulled = tried, normal2, right2, pulled2
                misfit, bounds = misfit2, bounds2
                gained = True
                break
            share *= 0.4
        if not gained:
            # Rounding, or the foot of the valley: near enough if the step was small.
            settled = (step * right).sum() < 0.1
            break
    known = cov[0, 0] + cov[1, 1] + cov[2, 2] < VAGUEST_M**2 and cov[3, 3] + cov[4, 4] + cov[5, 5] < VAGUEST_MPS**2
    if not (settled and known and np.isfinite(state).all()):
        return no_fit()
    return Fit(state, cov, cov @ pulled, misfit, numbers - FREE, sound=True)


@compiled
def falls(arc: Fit) -> bool:
    """Whether the plots are those of free fall, as far as their chi-square tells."""
    return arc.sound and arc.freedom >= LEAST_FREEDOM and unlikely(arc.misfit, arc.freedom) < MOST_UNLIKELY


@compiled
def recent_plots(tracks: Tracks, row: int, from_s: float) -> Matrix:
    """(n, 5) the last plots of a track since then, in the order of their times."""
    count = min(tracks.recent_count[row], RECENT)
    ring = tracks.recent[row, :count]
    ring = ring[ring[:, 0] >= from_s]
    return ring[np.argsort(ring[:, 0], kind="mergesort")].copy()


@compiled
def restart(tracks: Tracks, row: int, eyes: Eyes, from_s: float) -> bool:
    """Makes the coasting estimate of a row anew from its last plots since `from_s`, if they are those of free fall.

    True if it did. The ring must reach no further forward than the row's time.
    """
    plots = recent_plots(tracks, row, from_s)
    arc = fit(plots, eyes, tracks.slots[row])
    if not falls(arc) or plots[-1, 0] != tracks.t_s[row] or tracks.chance[row, COAST] == 0.0:
        return False
    mean, cov = tracks.mean[row, COAST], tracks.cov[row, COAST]
    mean[:FREE] = arc.mean
    cov[:FREE, :FREE] = arc.cov
    # An arc knows nothing of how fast missiles are, which a start does.
    for a in range(3):
        speed = np.zeros(FULL)
        speed[3 + a] = 1.0
        correct(mean, cov, FREE, speed, -mean[3 + a], SPEED_SIGMA_MPS**2)
    tracks.cross[row, COAST] = 0.0
    for s in range(SLOTS):
        slot = tracks.slots[row, s]
        if slot < 0:
            continue
        for kind in range(BIASES):
            variance = eyes.biases[slot, kind] ** 2
            pull = arc.pull[:, BIASES * s + kind].copy()
            # The covariance is of what is true less what is estimated, so what leads astray counts against it.
            tracks.cross[row, COAST, :FREE, BIASES * s + kind] = -pull * variance
            tracks.cov[row, COAST, :FREE, :FREE] += np.outer(pull, pull) * variance
    return True


@compiled
def restart_new(tracks: Tracks, rows: Whole, eyes: Eyes) -> None:
    """Restarts the coasting estimates of tracks that were just confirmed."""
    for at in range(len(rows)):
        restart(tracks, rows[at], eyes, -inf)
