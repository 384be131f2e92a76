"""What one plot says of one estimate: compared along its own line of sight, and taken one number at a time. Kernels.

So neither the zenith nor north is special, and nothing is inverted (Joseph form). A plot older than the estimate is
compared with the estimate carried back to it, and corrects the estimate where it is.
"""

from __future__ import annotations

from math import cos, log, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.bias import Place, bias_slopes, bias_variance, biased, correct_considering
from laurel.instruments.warning.tracker.motion import move
from laurel.instruments.warning.tracker.table import BIASES, FULL, SIZES, Eye, Plots
from laurel.physics.compiled import Matrix, Vector, compiled

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
def sight_of(plots: Plots, k: int, eye: Eye) -> Sight:
    """The axes of plot `k`."""
    return sight(eye, plots.azimuth_rad[k], plots.elevation_rad[k], plots.range_m[k])


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
def between(cov: Matrix, size: int, slopes: Vector, doubt: Matrix, slope: Vector) -> float:
    """Variance of a number by what may have pushed the estimate between an older plot and now."""
    there, here = 0.0, 0.0
    for j in range(size):
        for k in range(size):
            here += slopes[j] * cov[j, k] * slopes[k]
    for j in range(3):
        for k in range(3):
            there += slope[j] * doubt[j, k] * slope[k]
    return max(there - here, 0.0)


@compiled
def weigh(
    mean: Vector, cov: Matrix, cross: Matrix, mode: int, look: tuple[Sight, Eye, float, Place]
) -> tuple[float, float]:
    """Corrects the estimate of one mode by a plot; returns the plot's log-likelihood and its squared distance.

    `look` is the plot's axes, its sensor, how long after the estimate it is (before, if negative; the estimate
    stays where it is), and where its biases stand.
    """
    seen, eye, dt_s, place = look
    size = SIZES[mode]
    then, doubt = mean, cov
    phi = np.eye(FULL)
    if dt_s < 0.0:
        then, doubt = mean.copy(), cov.copy()
        phi = move(then, doubt, cross.copy(), mode, dt_s)
    residual, slope, variance, count = compare(seen, eye, then[:3].copy())
    start = mean.copy()
    slopes = np.zeros((3, FULL))
    for m in range(count):
        for j in range(size):
            for k in range(3):
                slopes[m, j] += slope[m, k] * phi[k, j]
        if dt_s < 0.0:
            variance[m] += between(cov, size, slopes[m], doubt, slope[m])
    tilts = np.zeros((3, BIASES))
    if biased(eye):
        tilts = bias_slopes(slope, then[3:6].copy(), seen.sigma_right_rad / eye.angle_sigma_rad)
        if place.slot < 0:
            variance += (tilts * tilts) @ bias_variance(eye)
    likelihood, distance2 = 0.0, 0.0
    for m in range(count):
        left = residual[m]
        for j in range(size):
            left -= slopes[m, j] * (mean[j] - start[j])
        if place.used == 0:
            s = correct(mean, cov, size, slopes[m], left, variance[m])
        else:
            s = correct_considering(mean, cov, cross, size, (slopes[m], tilts[m], left, variance[m], eye, place))
        distance2 += left * left / s
        likelihood -= 0.5 * (left * left / s + log(2.0 * pi * s))
    return likelihood, distance2
