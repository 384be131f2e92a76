"""How a plot corrects a track: two estimates, powered and ballistic, weighed by how well they foresee it. Kernels.

An interacting multiple model (Blom & Bar-Shalom 1988) of two extended Kalman filters while a motor may burn,
the ballistic one alone once that is settled. A plot is compared along its own line of sight, so neither the
zenith nor north is special, and its numbers are taken one at a time (Joseph form), so nothing is inverted.
A plot older than the track is compared with the track carried back to it, and corrects the track where it is.
"""

from __future__ import annotations

from math import cos, exp, log, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.motion import heading, move
from laurel.instruments.warning.tracker.table import (
    BALLISTIC,
    BOOST,
    COAST,
    FREE,
    FULL,
    POWERED,
    REENTRY,
    UNKNOWN,
    Eye,
    Plots,
    Tracks,
)
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

IGNITE_S, SOON_S, IGNITE_SOON_S = 600.0, 20.0, 200.0
"""Mean time before a motor lights: in long free flight; and within 20 s of a cutoff, when stages part."""
BURN_S = 60.0
LEAST_CHANCE = 1e-9
SETTLED_CHANCE = 1e-2
"""Below that probability of a burning motor, long enough, the powered estimate is dropped."""
SETTLED_S = 6.0
STRAIN_FADES = 0.9
STRAINED = 45.0
"""The fading sum goes over that once in ten million looks in free fall."""
RELIT_MPS2, RELIT_CHANCE = 20.0, 0.1
PUSH_MPS2 = 4.0
"""A burning motor accelerates by at least that much."""
PHASE_CHANCE = 0.9
PHASE_S = 1.5
DENSE_AIR_M = 90_000.0
LEAST_COSINE = 0.02


class Sight(NamedTuple):
    """Where one plot lies: the unit line of sight and the two directions across it, ECEF, and its errors."""

    along: Vector
    right: Vector
    up: Vector
    range_m: float
    sigma_right_rad: float


@compiled
def sight(eye: Eye, azimuth_rad: float, elevation_rad: float, range_m: float) -> Sight:
    """The plot's own axes."""
    sa, ca = sin(azimuth_rad), cos(azimuth_rad)
    se, ce = sin(elevation_rad), cos(elevation_rad)
    f = eye.frame
    return Sight(
        ce * sa * f[0] + ce * ca * f[1] + se * f[2],
        ca * f[0] - sa * f[1],
        ce * f[2] - se * sa * f[0] - se * ca * f[1],
        range_m,
        eye.angle_sigma_rad * max(ce, LEAST_COSINE),
    )


@compiled
def compare(seen: Sight, eye: Eye, position: Vector) -> tuple[Vector, Matrix, Vector, int]:
    """What the plot says beyond the position: residuals, their slopes by the position, variances, how many.

    Order: across to the right (rad), across upwards (rad), range (m; radar only).
    """
    d = position - eye.site
    distance = max(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), 1.0)
    u = d / distance
    residual = np.empty(3)
    slope = np.empty((3, 3))
    variance = np.empty(3)
    right = seen.right[0] * u[0] + seen.right[1] * u[1] + seen.right[2] * u[2]
    up = seen.up[0] * u[0] + seen.up[1] * u[1] + seen.up[2] * u[2]
    for j in range(3):
        slope[0, j] = (seen.right[j] - right * u[j]) / distance
        slope[1, j] = (seen.up[j] - up * u[j]) / distance
        slope[2, j] = u[j]
    residual[0], residual[1], residual[2] = -right, -up, seen.range_m - distance
    variance[0] = seen.sigma_right_rad**2
    variance[1] = eye.angle_sigma_rad**2
    variance[2] = eye.range_sigma_m**2
    return residual, slope, variance, 3 if eye.ranged else 2


@compiled
def correct(mean: Vector, cov: Matrix, size: int, slope: Vector, residual: float, variance: float) -> float:
    """One number corrects one estimate in place (Joseph form); returns the residual's variance."""
    wide = np.zeros(FULL)
    foreseen = 0.0
    for i in range(size):
        total = 0.0
        for j in range(size):
            total += cov[i, j] * slope[j]
        wide[i] = total
        foreseen += total * slope[i]
    s = foreseen + variance
    for i in range(size):
        gain = wide[i] / s
        mean[i] += gain * residual
    for i in range(size):
        ki = wide[i] / s
        for j in range(i, size):
            kj = wide[j] / s
            value = cov[i, j] - ki * wide[j] - (wide[i] - ki * foreseen) * kj + variance * ki * kj
            cov[i, j] = value
            cov[j, i] = value
    return s


@compiled
def weigh(mean: Vector, cov: Matrix, motion: int, seen: Sight, eye: Eye, dt_s: float) -> tuple[float, float]:
    """Corrects one estimate by a plot `dt_s` after it (before, if negative; the estimate stays where it is).

    Returns the plot's log-likelihood and its squared distance.
    """
    size = FULL if motion == POWERED else FREE
    then, doubt = mean, cov
    phi = np.eye(FULL)
    if dt_s < 0.0:
        then, doubt = mean.copy(), cov.copy()
        phi = move(then, doubt, motion, dt_s)
    residual, slope, variance, count = compare(seen, eye, then[:3].copy())
    start = mean.copy()
    slopes = np.zeros((3, FULL))
    for m in range(count):
        for j in range(size):
            for k in range(3):
                slopes[m, j] += slope[m, k] * phi[k, j]
    if dt_s < 0.0:
        # What may have pushed it between the plot and now is noise of the plot.
        for m in range(count):
            there, here = 0.0, 0.0
            for j in range(size):
                for k in range(size):
                    here += slopes[m, j] * cov[j, k] * slopes[m, k]
            for j in range(3):
                for k in range(3):
                    there += slope[m, j] * doubt[j, k] * slope[m, k]
            variance[m] += max(there - here, 0.0)
    likelihood, distance2 = 0.0, 0.0
    for m in range(count):
        left = residual[m]
        for j in range(size):
            left -= slopes[m, j] * (mean[j] - start[j])
        s = correct(mean, cov, size, slopes[m], left, variance[m])
        distance2 += left * left / s
        likelihood -= 0.5 * (left * left / s + log(2.0 * pi * s))
    return likelihood, distance2


@compiled
def mix(mean: Matrix, cov: Matrix, powered: float, dt_s: float, ignite_s: float) -> float:
    """Each estimate takes over what the other would leave it: in place; returns the new chance of a burning motor.

    The ballistic estimate says nothing of the motor, so that part of the powered one stays as it is.
    """
    to_coast = 1.0 - exp(-dt_s / BURN_S)
    to_burn = 1.0 - exp(-dt_s / ignite_s)
    burning = powered * (1.0 - to_coast) + (1.0 - powered) * to_burn
    from_powered = (
        powered * (1.0 - to_coast) / burning,
        powered * to_coast / (1.0 - burning),
    )
    gap = np.zeros(FULL)
    for i in range(FREE):
        gap[i] = mean[POWERED, i] - mean[BALLISTIC, i]
    old = cov[POWERED].copy()
    fallen = cov[BALLISTIC].copy()
    for motion in range(2):
        w = from_powered[motion]
        for i in range(FREE):
            mean[motion, i] = mean[motion, i] + (w - 1.0 if motion == POWERED else w) * gap[i]
            for j in range(FREE):
                cov[motion, i, j] = w * old[i, j] + (1.0 - w) * fallen[i, j] + w * (1.0 - w) * gap[i] * gap[j]
    w = from_powered[POWERED]
    for i in range(FREE):
        for j in range(FREE, FULL):
            cov[POWERED, i, j] = w * old[i, j]
            cov[POWERED, j, i] = w * old[j, i]
    return burning


@compiled
def foresee(tracks: Tracks, row: int, t_s: float, mean: Matrix, cov: Matrix) -> float:
    """Writes both estimates as they will be at `t_s`, not before the track's time; returns the chance of a burn."""
    mean[:] = tracks.mean[row]
    cov[:] = tracks.cov[row]
    dt_s = t_s - tracks.t_s[row]
    powered = tracks.powered[row]
    if powered > 0.0:
        if dt_s > 0.0:
            phase = tracks.phase[row]
            soon = phase == BOOST or (phase == COAST and t_s - tracks.phase_s[row] < SOON_S)
            powered = mix(mean, cov, powered, dt_s, IGNITE_SOON_S if soon else IGNITE_S)
        move(mean[POWERED], cov[POWERED], POWERED, dt_s)
    move(mean[BALLISTIC], cov[BALLISTIC], BALLISTIC, dt_s)
    return powered


@compiled
def blend(mean: Matrix, cov: Matrix, powered: float, out: Vector, doubt: Matrix) -> None:
    """Writes the one estimate that both make: (6,) and (6, 6), with the doubt between them."""
    for i in range(FREE):
        out[i] = mean[BALLISTIC, i] + powered * (mean[POWERED, i] - mean[BALLISTIC, i])
    for i in range(FREE):
        for j in range(FREE):
            gap = (mean[POWERED, i] - mean[BALLISTIC, i]) * (mean[POWERED, j] - mean[BALLISTIC, j])
            if powered == 0.0:
                doubt[i, j] = cov[BALLISTIC, i, j]
            else:
                both = powered * cov[POWERED, i, j] + (1.0 - powered) * cov[BALLISTIC, i, j]
                doubt[i, j] = both + powered * (1.0 - powered) * gap


@compiled
def sound(mean: Vector, cov: Matrix, size: int) -> bool:
    """Whether an estimate is still numbers with positive variances."""
    for i in range(size):
        broken = not (abs(mean[i]) < 1e9 and 0.0 < cov[i, i] < 1e18)
        if broken:
            return False
    return True


@compiled
def relight(tracks: Tracks, row: int) -> None:
    """Free fall no longer explains the plots: a motor may burn again, from what is known, with doubt."""
    mean, cov = tracks.mean[row], tracks.cov[row]
    mean[POWERED, :] = 0.0
    cov[POWERED, :, :] = 0.0
    doubt = RELIT_MPS2 * RELIT_MPS2
    for i in range(FREE):
        mean[POWERED, i] = mean[BALLISTIC, i]
        for j in range(FREE):
            cov[POWERED, i, j] = cov[BALLISTIC, i, j]
    for i in range(3):
        # It has gone astray for some seconds already.
        cov[POWERED, i, i] += doubt * 25.0
        cov[POWERED, 3 + i, 3 + i] += doubt * 25.0
        cov[POWERED, FREE + i, FREE + i] = doubt
    tracks.powered[row] = RELIT_CHANCE
    tracks.strain[row] = 0.0


@compiled
def judge(tracks: Tracks, row: int) -> None:
    """The phase, once it has seemed so for a while, and whether the powered estimate is still needed."""
    powered = tracks.powered[row]
    mean, cov = tracks.mean[row], tracks.cov[row]
    free = mean[BALLISTIC, :FREE]
    fallen = height(free[0], free[1], free[2]) < DENSE_AIR_M and climb_rate(free) < 0.0
    seems = tracks.phase[row]
    if powered > PHASE_CHANCE:
        ahead = heading(mean[POWERED], cov[POWERED])
        thrust = 0.0
        for i in range(3):
            thrust += ahead[i] * mean[POWERED, FREE + i]
        if thrust > PUSH_MPS2:
            seems = BOOST
        elif fallen and tracks.phase[row] != UNKNOWN:
            seems = REENTRY
    elif powered < 1.0 - PHASE_CHANCE:
        seems = REENTRY if fallen else COAST
    now = tracks.t_s[row]
    if seems == tracks.phase[row]:
        tracks.wavers_s[row] = np.inf
        if seems >= COAST and 0.0 < powered < SETTLED_CHANCE and now - tracks.phase_s[row] > SETTLED_S:
            tracks.powered[row] = 0.0
            tracks.strain[row] = 0.0
    else:
        tracks.wavers_s[row] = min(tracks.wavers_s[row], now)
        if tracks.phase[row] == COAST == seems - 1 or now - tracks.wavers_s[row] >= PHASE_S:
            tracks.phase[row] = seems
            tracks.phase_s[row] = now
            tracks.wavers_s[row] = np.inf
    if tracks.strain[row] > STRAINED:
        relight(tracks, row)


@compiled
def take(tracks: Tracks, row: int, plots: Plots, k: int, eye: Eye) -> float:
    """The plot corrects the track in place. Returns its log-likelihood, or nan if the estimate broke."""
    t_s = plots.t_s[k]
    seen = sight(eye, plots.azimuth_rad[k], plots.elevation_rad[k], plots.range_m[k])
    dt_s = t_s - tracks.t_s[row]
    mean, cov = tracks.mean[row], tracks.cov[row]
    if dt_s > 0.0:
        tracks.powered[row] = foresee(tracks, row, t_s, mean, cov)
        tracks.t_s[row] = t_s
        dt_s = 0.0
    powered = tracks.powered[row]
    likelihood, distance2 = weigh(mean[BALLISTIC], cov[BALLISTIC], BALLISTIC, seen, eye, dt_s)
    if powered > 0.0:
        burning, _ = weigh(mean[POWERED], cov[POWERED], POWERED, seen, eye, dt_s)
        top = max(likelihood, burning)
        total = powered * exp(burning - top) + (1.0 - powered) * exp(likelihood - top)
        powered = min(max(powered * exp(burning - top) / total, LEAST_CHANCE), 1.0 - LEAST_CHANCE)
        likelihood = top + log(total)
        if not sound(mean[POWERED], cov[POWERED], FULL):
            return np.nan
    else:
        tracks.strain[row] = STRAIN_FADES * tracks.strain[row] + distance2 - (3.0 if eye.ranged else 2.0)
    tracks.powered[row] = powered
    if not sound(mean[BALLISTIC], cov[BALLISTIC], FREE):
        return np.nan
    tracks.seen_s[row] = max(tracks.seen_s[row], t_s)
    return likelihood
