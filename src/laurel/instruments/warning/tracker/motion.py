"""How an estimate moves in time, with what is not known about the motion. Kernels.

BOOST: free fall plus the motor's acceleration, three numbers of the state, which turns with the velocity and
wanders, mostly along it (a Wiener process along, a fading one across: Singer 1970).
COAST: free fall with the drag of a nominal body; what that drag may be wrong by is noise along the velocity.
REENTRY: free fall with the drag of a body whose ballistic coefficient is one number of the state, its logarithm.
MANEUVER: free fall with nominal drag and an aerodynamic acceleration that grows with the drag and fades (Singer).
"""

from __future__ import annotations

from math import ceil, exp, log, sqrt

import numpy as np

from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    FREE,
    FULL,
    LOG_BETA,
    MANEUVER,
    REENTRY,
    SIZES,
    SLOTS,
)
from laurel.physics.ballistics import drag, propagate, transition
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

INV_BETA_M2PKG = 1.0 / 4000.0
"""A nominal body. Ballistic coefficients run from about 1,000 to 12,000 kg/m2."""
DRAG_DOUBT = 1.5
"""Standard deviation of the drag as a share of itself."""
DRAG_MEMORY_S = 5.0
COAST_NOISE = 3e-6
"""(m/s2)2 s: what gravity and thin air leave unexplained: tesserals, 1e-4 m/s2 for minutes."""

ALONG_NOISE = 16.0
"""(m/s2)2/s: how fast thrust over mass may wander along the velocity; a stage ends in seconds."""
ACROSS_NOISE = 2.0
ACROSS_MEMORY_S = 8.0
KNOWN_SPEED = 5.0
"""The direction of flight is known when the speed is that many times its standard deviation."""

LOG_BETA_PRIOR, LOG_BETA_SIGMA = log(4000.0), 0.6
"""Of the ballistic coefficient (kg/m2) of what is not known: 90 % between 1,500 and 10,700, 96 % between the 1,000 of
a spent body or blunt warhead and the 12,000 of a slender one."""
LOG_BETA_NOISE = 3e-4
"""1/s: shape, speed and the air of the day change it by a tenth in half a minute."""
LOG_BETA_LIMITS = (5.0, 11.5)

LIFT_SHARE, LIFT_FLOOR_MPS2 = 1.5, 0.005
"""Standard deviation of the aerodynamic acceleration on each axis: that share of the nominal drag, and a floor."""
LIFT_MEMORY_S = 20.0

AIR_M = 130_000.0
AIR_STEP_S = 0.5
COAST_STEP_S = 5.0


@compiled
def spread(cov: Matrix, phi: Matrix, size: int) -> None:
    """Cov <- phi cov phi', in place, symmetric to the last bit."""
    half = np.empty((FULL, FULL))
    for i in range(size):
        for j in range(size):
            total = 0.0
            for k in range(size):
                total += phi[i, k] * cov[k, j]
            half[i, j] = total
    for i in range(size):
        for j in range(i, size):
            total = 0.0
            for k in range(size):
                total += half[i, k] * phi[j, k]
            cov[i, j] = total
            cov[j, i] = total


@compiled
def sweep(cross: Matrix, phi: Matrix, size: int) -> None:
    """Cross <- phi cross, in place: biases stay as they are. Columns that are all zero cost nothing."""
    column = np.empty(FULL)
    for c in range(BIASES * SLOTS):
        blank = True
        for i in range(size):
            column[i] = cross[i, c]
            blank = blank and column[i] == 0.0
        if blank:
            continue
        for i in range(size):
            total = 0.0
            for k in range(size):
                total += phi[i, k] * column[k]
            cross[i, c] = total


@compiled
def fall(mean: Vector, cov: Matrix, dt_s: float, inv_beta_m2pkg: float) -> Matrix:
    """A ballistic step in place, of at most a few seconds; returns its (9, 9) transition."""
    state = mean[:FREE].copy()
    phi = np.eye(FULL)
    phi[:FREE, :FREE] = transition(state, dt_s, inv_beta_m2pkg)
    mean[:FREE] = propagate(state, dt_s, inv_beta_m2pkg, COAST_STEP_S)
    spread(cov, phi, FREE)
    quiver(cov, COAST_NOISE, dt_s)
    if inv_beta_m2pkg > 0.0:
        h = abs(dt_s)
        along = drag(mean[:FREE], inv_beta_m2pkg) * (DRAG_DOUBT * sqrt(2.0 * DRAG_MEMORY_S))
        for i in range(3):
            for j in range(3):
                q = along[i] * along[j]
                cov[i, j] += q * h * h * h / 3.0
                cov[i, 3 + j] += q * h * dt_s / 2.0
                cov[3 + i, j] += q * h * dt_s / 2.0
                cov[3 + i, 3 + j] += q * h
    return phi


@compiled
def quiver(cov: Matrix, q: float, dt_s: float) -> None:
    """Adds what gravity leaves unexplained, white and the same on every axis: `q` (m/s2)2 s."""
    h = abs(dt_s)
    for i in range(3):
        cov[i, i] += q * h * h * h / 3.0
        cov[i, 3 + i] += q * h * dt_s / 2.0
        cov[3 + i, i] += q * h * dt_s / 2.0
        cov[3 + i, 3 + i] += q * h


@compiled
def brake(mean: Vector, cov: Matrix, dt_s: float) -> Matrix:
    """A reentering step in place, of at most half a second in dense air; returns its (9, 9) transition."""
    state = mean[:FREE].copy()
    inv_beta = exp(-min(max(mean[LOG_BETA], LOG_BETA_LIMITS[0]), LOG_BETA_LIMITS[1]))
    phi = np.eye(FULL)
    phi[:FREE, :FREE] = transition(state, dt_s, inv_beta)
    mean[:FREE] = propagate(state, dt_s, inv_beta, COAST_STEP_S)
    first, last = drag(state, inv_beta), drag(mean[:FREE], inv_beta)
    for i in range(3):
        # Drag falls as ln beta grows, so its derivative is its negative; between the ends it runs straight.
        phi[i, LOG_BETA] = -dt_s * dt_s * (2.0 * first[i] + last[i]) / 6.0
        phi[3 + i, LOG_BETA] = -dt_s * (first[i] + last[i]) / 2.0
    spread(cov, phi, SIZES[REENTRY])
    quiver(cov, COAST_NOISE, dt_s)
    cov[LOG_BETA, LOG_BETA] += LOG_BETA_NOISE * abs(dt_s)
    return phi


@compiled
def pull(state: Vector) -> float:
    """The drag of a nominal body (m/s2): what aerodynamic acceleration goes with."""
    d = drag(state, INV_BETA_M2PKG)
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])


@compiled
def steer(mean: Vector, cov: Matrix, dt_s: float) -> Matrix:
    """A manoeuvring step in place, of at most half a second in dense air; returns its (9, 9) transition."""
    state = mean[:FREE].copy()
    phi = np.eye(FULL)
    phi[:FREE, :FREE] = transition(state, dt_s, INV_BETA_M2PKG)
    mean[:FREE] = propagate(state, dt_s, INV_BETA_M2PKG, COAST_STEP_S)
    h = abs(dt_s)
    first, last = pull(state), pull(mean[:FREE])
    keep = exp(-h / LIFT_MEMORY_S) * min(max(last / max(first, 1e-6), 0.5), 2.0)
    for i in range(3):
        phi[i, FREE + i] = 0.5 * dt_s * dt_s
        phi[3 + i, FREE + i] = dt_s
        phi[FREE + i, FREE + i] = keep
        mean[i] += 0.5 * dt_s * dt_s * mean[FREE + i]
        mean[3 + i] += dt_s * mean[FREE + i]
        mean[FREE + i] *= keep
    spread(cov, phi, FULL)
    sigma = LIFT_SHARE * max(first, last) + LIFT_FLOOR_MPS2
    jolt(cov, 2.0 * sigma * sigma / LIFT_MEMORY_S * np.eye(3), dt_s)
    quiver(cov, COAST_NOISE, dt_s)
    return phi


@compiled
def jolt(cov: Matrix, q: Matrix, dt_s: float) -> None:
    """Adds what a wandering acceleration leaves unexplained: `q` (3, 3), (m/s2)2/s."""
    h = abs(dt_s)
    for i in range(3):
        for j in range(3):
            cov[i, j] += q[i, j] * h**5 / 20.0
            cov[i, 3 + j] += q[i, j] * h**3 * dt_s / 8.0
            cov[3 + i, j] += q[i, j] * h**3 * dt_s / 8.0
            cov[i, FREE + j] += q[i, j] * h**3 / 6.0
            cov[FREE + i, j] += q[i, j] * h**3 / 6.0
            cov[3 + i, 3 + j] += q[i, j] * h**3 / 3.0
            cov[3 + i, FREE + j] += q[i, j] * h * dt_s / 2.0
            cov[FREE + i, 3 + j] += q[i, j] * h * dt_s / 2.0
            cov[FREE + i, FREE + j] += q[i, j] * h


@compiled
def heading(mean: Vector, cov: Matrix) -> Vector:
    """(3,) the direction of flight, or zeros while it is not known."""
    vx, vy, vz = mean[3], mean[4], mean[5]
    speed2 = vx * vx + vy * vy + vz * vz
    doubt2 = (cov[3, 3] + cov[4, 4] + cov[5, 5]) / 3.0
    if speed2 <= KNOWN_SPEED * KNOWN_SPEED * doubt2 or speed2 < 1.0:
        return np.zeros(3)
    speed = sqrt(speed2)
    return np.array([vx / speed, vy / speed, vz / speed])


@compiled
def push(mean: Vector, cov: Matrix, dt_s: float) -> Matrix:
    """A powered step in place, of at most a few seconds; returns its (9, 9) transition."""
    state = mean[:FREE].copy()
    before = heading(mean, cov)
    phi = np.eye(FULL)
    phi[:FREE, :FREE] = transition(state, dt_s, 0.0)
    mean[:FREE] = propagate(state, dt_s, 0.0, COAST_STEP_S)
    for i in range(3):
        phi[i, FREE + i] = 0.5 * dt_s * dt_s
        phi[3 + i, FREE + i] = dt_s
        mean[i] += 0.5 * dt_s * dt_s * mean[FREE + i]
        mean[3 + i] += dt_s * mean[FREE + i]
    after = heading(mean, cov)
    known = before.any() and after.any()
    if known:
        # The thrust keeps to the velocity as that turns; what points elsewhere fades.
        fade = exp(-abs(dt_s) / ACROSS_MEMORY_S)
        turn = np.eye(3)
        for i in range(3):
            for j in range(3):
                turn[i, j] += (after[i] - before[i]) * before[j]
        for i in range(3):
            for j in range(3):
                total = 0.0
                for k in range(3):
                    total += (1.0 - fade) * after[i] * after[k] * turn[k, j]
                phi[FREE + i, FREE + j] = total + fade * turn[i, j]
        pushed = mean[FREE:].copy()
        for i in range(3):
            total = 0.0
            for j in range(3):
                total += phi[FREE + i, FREE + j] * pushed[j]
            mean[FREE + i] = total
    spread(cov, phi, FULL)
    across = ACROSS_NOISE if known else ALONG_NOISE
    q = across * np.eye(3)
    for i in range(3):
        for j in range(3):
            q[i, j] += (ALONG_NOISE - across) * (after[i] * after[j])
    jolt(cov, q, dt_s)
    return phi


@compiled
def move(mean: Vector, cov: Matrix, cross: Matrix, mode: int, dt_s: float) -> Matrix:
    """Moves the estimate of one mode by `dt_s`, earlier if negative, in place; returns the (9, 9) transition.

    Going back adds the same doubt as going forward: the past of an estimate is no better known than its future.
    """
    whole = np.eye(FULL)
    if dt_s == 0.0:
        return whole
    low = mode != BOOST and height(mean[0], mean[1], mean[2]) < AIR_M
    count = max(ceil(abs(dt_s) / (AIR_STEP_S if low else COAST_STEP_S)), 1)
    for at in range(count):
        if mode == BOOST:
            phi = push(mean, cov, dt_s / count)
        elif mode == REENTRY:
            phi = brake(mean, cov, dt_s / count)
        elif mode == MANEUVER:
            phi = steer(mean, cov, dt_s / count)
        else:
            phi = fall(mean, cov, dt_s / count, INV_BETA_M2PKG if low else 0.0)
        whole = phi if at == 0 else phi @ whole
    sweep(cross, whole, SIZES[mode])
    return whole
