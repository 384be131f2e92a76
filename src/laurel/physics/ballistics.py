"""How a body moves: the one acceleration that every flight, tracker and predictor here integrates.

A state is (6,): ECEF metres and metres per second. `inv_beta_m2pkg` is 1 / ballistic coefficient (Cd A / m);
0 is vacuum. Numerics: Dormand & Prince 1980, order 5(4), for arcs; classical Runge-Kutta 4 for short steps.
"""

from __future__ import annotations

from math import ceil, cos, sin, sqrt

import numpy as np

from laurel.physics.atmosphere import CEILING_M, density, density_and_slope, pressure, sound_speed
from laurel.physics.compiled import Matrix, Triple, Vector, compiled
from laurel.physics.earth import A_M, GM_M3PS2, J2, OMEGA_RADPS, freefall, height, normal_and_height

# What drives a phase of flight, one float each: see `rates`.
INV_BETA, LIFT_TO_DRAG, BANK, MODE, THRUST, NOZZLE_AREA, MASS, FLOW, SINCE, AIM_X, AIM_Y, AIM_Z, AREA = range(13)
DRIVE_SIZE = 13
COAST, FIXED_AIM, ALONG_VELOCITY = 0.0, 1.0, 2.0

MAX_STEP_S = 60.0
AIRLESS_M = 300_000.0


@compiled
def acceleration(
    position: Triple, velocity: Triple, inv_beta_m2pkg: float, lift_to_drag: float = 0.0, bank_rad: float = 0.0
) -> Triple:
    """ECEF m/s2: gravity to J4, centrifugal, Coriolis, drag, and lift turned by the bank from upward to the right."""
    x, y, z = position
    vx, vy, vz = velocity
    ax, ay, az = freefall(x, y, z, vx, vy)
    if inv_beta_m2pkg <= 0.0 or x * x + y * y + z * z > (A_M + CEILING_M) ** 2:
        return ax, ay, az
    c, s, h = normal_and_height(x, y, z)
    v = sqrt(vx * vx + vy * vy + vz * vz)
    k = 0.5 * density(h) * v * inv_beta_m2pkg
    ax -= k * vx
    ay -= k * vy
    az -= k * vz
    if lift_to_drag != 0.0 and v > 0.0:
        p = sqrt(x * x + y * y)
        ux, uy, uz = (c * x / p, c * y / p, s) if p > 0.0 else (0.0, 0.0, s)
        along = (ux * vx + uy * vy + uz * vz) / (v * v)
        lx, ly, lz = ux - along * vx, uy - along * vy, uz - along * vz
        n = sqrt(lx * lx + ly * ly + lz * lz)
        if n > 1e-9:
            lift = k * v * lift_to_drag / n
            up, right = lift * cos(bank_rad), lift * sin(bank_rad) / v
            ax += up * lx + right * (vy * lz - vz * ly)
            ay += up * ly + right * (vz * lx - vx * lz)
            az += up * lz + right * (vx * ly - vy * lx)
    return ax, ay, az


@compiled
def drag_coefficient(mach: float) -> float:
    """Cd of a slender rocket body under power: 0.2 subsonic, 0.45 at Mach 1.2, falling to 0.18 (notional)."""
    if mach < 0.8:
        return 0.2
    if mach < 1.2:
        return 0.2 + 0.625 * (mach - 0.8)
    return 0.18 + 0.27 * (1.2 / mach) ** 1.2


@compiled
def rates(t: float, state: Vector, drive: Vector, out: Vector) -> None:
    """Writes d state / dt into `out`; under thrust with the mass, pressure and Mach number of that moment."""
    x, y, z, vx, vy, vz = state[0], state[1], state[2], state[3], state[4], state[5]
    mode = drive[MODE]
    if mode == COAST:
        ax, ay, az = acceleration((x, y, z), (vx, vy, vz), drive[INV_BETA], drive[LIFT_TO_DRAG], drive[BANK])
    else:
        m = drive[MASS] - drive[FLOW] * (t - drive[SINCE])
        h = height(x, y, z)
        v = sqrt(vx * vx + vy * vy + vz * vz)
        inv_beta = drag_coefficient(v / sound_speed(h)) * drive[AREA] / m
        ax, ay, az = acceleration((x, y, z), (vx, vy, vz), inv_beta)
        push = (drive[THRUST] - drive[NOZZLE_AREA] * pressure(h)) / m
        if mode == FIXED_AIM or v < 1.0:
            ax += push * drive[AIM_X]
            ay += push * drive[AIM_Y]
            az += push * drive[AIM_Z]
        else:
            ax += push * vx / v
            ay += push * vy / v
            az += push * vz / v
    out[0] = vx
    out[1] = vy
    out[2] = vz
    out[3] = ax
    out[4] = ay
    out[5] = az


_A = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [1 / 5, 0.0, 0.0, 0.0, 0.0, 0.0],
        [3 / 40, 9 / 40, 0.0, 0.0, 0.0, 0.0],
        [44 / 45, -56 / 15, 32 / 9, 0.0, 0.0, 0.0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0.0, 0.0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0.0],
        [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_C = np.array([0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0])
_E = np.array([71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])


@compiled
def advance(t: float, state: Vector, dt: float, drive: Vector, k: Matrix, out: Vector) -> float:
    """One Dormand-Prince step into `out`; returns its error estimate in metres (velocity counts 1,000 s).

    `k` is (7, 6): row 0 holds the rates at the start on entry, row 6 those at the end on return.
    """
    for stage in range(1, 7):
        for i in range(6):
            total = 0.0
            for j in range(stage):
                total += _A[stage, j] * k[j, i]
            out[i] = state[i] + dt * total
        rates(t + _C[stage] * dt, out, drive, k[stage])
    error = 0.0
    for i in range(6):
        e = 0.0
        for j in range(7):
            e += _E[j] * k[j, i]
        e *= dt * (1.0 if i < 3 else 1000.0)
        error += e * e
    return sqrt(error)


@compiled
def next_step(dt: float, error: float, tolerance_m: float) -> float:
    """The step to try after one of `dt` that erred by `error`."""
    if not error < 1e12:
        return 0.1 * dt
    grow = 0.9 * (tolerance_m / max(error, 1e-30)) ** 0.2
    return dt * min(5.0, max(0.1, grow))


@compiled
def climb_rate(state: Vector) -> float:
    """Vertical speed above the ellipsoid (m/s)."""
    c, s, _ = normal_and_height(state[0], state[1], state[2])
    p = max(sqrt(state[0] * state[0] + state[1] * state[1]), 1e-9)
    return c * (state[0] * state[3] + state[1] * state[4]) / p + s * state[5]


@compiled
def below(state: Vector) -> bool:
    """Whether it is under the ellipsoid, of which no point is farther from the centre than the equator."""
    x, y, z = state[0], state[1], state[2]
    return x * x + y * y + z * z < A_M * A_M and height(x, y, z) < 0.0


@compiled
def above_air(state: Vector) -> bool:
    """Whether it is so high that what air there is shifts no impact by a centimetre."""
    x, y, z = state[0], state[1], state[2]
    return x * x + y * y + z * z > (A_M + AIRLESS_M) ** 2


@compiled
def land(t: float, state: Vector, dt: float, drive: Vector, k: Matrix, out: Vector) -> float:
    """Shortens the step `dt` so that it ends on the ellipsoid; writes the state there, returns the step.

    Needs height >= 0 at `state` and, in `out`, what the step led to, below 0. Newton's rule on the height, halving
    where it would leave the step; to 1 mm.
    """
    low, high, here = 0.0, dt, dt
    for _ in range(50):
        h = height(out[0], out[1], out[2])
        if abs(h) < 1e-3:
            break
        if h < 0.0:
            high = here
        else:
            low = here
        here -= h / climb_rate(out)
        if not low < here < high:
            here = 0.5 * (low + high)
        advance(t, state, here, drive, k, out)
    return here


@compiled
def to_ground(
    state: Vector, inv_beta_m2pkg: float, tolerance_m: float = 0.05, limit_s: float = 7200.0
) -> tuple[Vector, float, bool]:
    """(6,) state at impact on the ellipsoid, seconds until then, and whether it comes down within the limit."""
    drive = np.zeros(DRIVE_SIZE)
    drive[INV_BETA] = inv_beta_m2pkg
    k = np.empty((7, 6))
    here = state.copy()
    there = np.empty(6)
    rates(0.0, here, drive, k[0])
    t = 0.0
    dt = 1.0
    while t < limit_s:
        high = above_air(here)
        drive[INV_BETA] = 0.0 if high else inv_beta_m2pkg
        error = advance(t, here, dt, drive, k, there)
        if high and not above_air(there):
            drive[INV_BETA] = inv_beta_m2pkg
            error = advance(t, here, dt, drive, k, there)
        if not error <= tolerance_m:
            dt = next_step(dt, error, tolerance_m)
            if dt < 1e-6:
                return here, t, False
            continue
        if below(there) and climb_rate(there) < 0.0:
            if height(here[0], here[1], here[2]) < 0.0:
                return here, t, t > 0.0
            dt = land(t, here, dt, drive, k, there)
            return there, t + dt, True
        t += dt
        here[:] = there
        k[0] = k[6]
        dt = min(next_step(dt, error, tolerance_m), MAX_STEP_S)
    return here, t, False


@compiled
def propagate(state: Vector, dt_s: float, inv_beta_m2pkg: float, step_s: float = 5.0) -> Vector:
    """(6,) the state `dt_s` later (or earlier, if negative), by Runge-Kutta 4 in steps of at most `step_s`.

    In free fall 5 s steps err by less than 1 mm in 20 minutes; below 60 km height take 0.5 s.
    """
    n = max(ceil(abs(dt_s) / step_s), 1)
    h = dt_s / n
    x, y, z, vx, vy, vz = state[0], state[1], state[2], state[3], state[4], state[5]
    b = inv_beta_m2pkg
    for _ in range(n):
        a1, b1, c1 = acceleration((x, y, z), (vx, vy, vz), b)
        p, q, r = vx + 0.5 * h * a1, vy + 0.5 * h * b1, vz + 0.5 * h * c1
        a2, b2, c2 = acceleration((x + 0.5 * h * vx, y + 0.5 * h * vy, z + 0.5 * h * vz), (p, q, r), b)
        p2, q2, r2 = vx + 0.5 * h * a2, vy + 0.5 * h * b2, vz + 0.5 * h * c2
        a3, b3, c3 = acceleration((x + 0.5 * h * p, y + 0.5 * h * q, z + 0.5 * h * r), (p2, q2, r2), b)
        p3, q3, r3 = vx + h * a3, vy + h * b3, vz + h * c3
        a4, b4, c4 = acceleration((x + h * p2, y + h * q2, z + h * r2), (p3, q3, r3), b)
        x += h / 6.0 * (vx + 2.0 * p + 2.0 * p2 + p3)
        y += h / 6.0 * (vy + 2.0 * q + 2.0 * q2 + q3)
        z += h / 6.0 * (vz + 2.0 * r + 2.0 * r2 + r3)
        vx += h / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
        vy += h / 6.0 * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
        vz += h / 6.0 * (c1 + 2.0 * c2 + 2.0 * c3 + c4)
    return np.array([x, y, z, vx, vy, vz])


@compiled
def drag(state: Vector, inv_beta_m2pkg: float) -> Vector:
    """(3,) ECEF m/s2 of drag alone. Its derivative by ln(beta) is its negative."""
    k = -0.5 * inv_beta_m2pkg * density(height(state[0], state[1], state[2]))
    v = sqrt(state[3] ** 2 + state[4] ** 2 + state[5] ** 2)
    return k * v * state[3:6]


@compiled
def gradient(state: Vector, inv_beta_m2pkg: float) -> Matrix:
    """(6, 6) d(rates)/d(state): gravity with J2, rotation, drag with the density's slope along the vertical.

    Without J3 and J4: relative error 1e-5 of the gravity gradient.
    """
    f = np.zeros((6, 6))
    f[0, 3] = 1.0
    f[1, 4] = 1.0
    f[2, 5] = 1.0
    r = state[:3]
    z = r[2]
    r2 = r[0] * r[0] + r[1] * r[1] + z * z
    r5 = r2 * r2 * sqrt(r2)
    kj = 0.5 * GM_M3PS2 * J2 * A_M * A_M / r5
    for i in range(3):
        for j in range(3):
            central = 3.0 * GM_M3PS2 * r[i] * r[j] / r5
            oblate = (105.0 * z * z / r2 - 15.0) * r[i] * r[j] / r2
            if i == j:
                central -= GM_M3PS2 * r2 / r5
                oblate += 3.0 - 15.0 * z * z / r2
            if i == 2:
                oblate -= 30.0 * z * r[j] / r2
            if j == 2:
                oblate -= 30.0 * z * r[i] / r2
            if i == 2 and j == 2:
                oblate += 6.0
            f[3 + i, j] = central - kj * oblate
    w = OMEGA_RADPS
    f[3, 0] += w * w
    f[4, 1] += w * w
    f[3, 4] += 2.0 * w
    f[4, 3] -= 2.0 * w
    if inv_beta_m2pkg > 0.0 and r2 < (A_M + CEILING_M) ** 2:
        c, s, h = normal_and_height(r[0], r[1], z)
        rho, slope = density_and_slope(h)
        p = max(sqrt(r[0] * r[0] + r[1] * r[1]), 1e-9)
        up = (c * r[0] / p, c * r[1] / p, s)
        v = sqrt(state[3] ** 2 + state[4] ** 2 + state[5] ** 2)
        k = 0.5 * rho * inv_beta_m2pkg
        for i in range(3):
            f[3 + i, 3 + i] -= k * v
            for j in range(3):
                f[3 + i, j] -= k * slope * v * state[3 + i] * up[j]
                if v > 0.0:
                    f[3 + i, 3 + j] -= k * state[3 + i] * state[3 + j] / v
    return f


@compiled
def transition(state: Vector, dt_s: float, inv_beta_m2pkg: float) -> Matrix:
    """(6, 6) d(state after dt_s)/d(state now), to third order in dt_s; good for 10 s in coast, 1 s in the air."""
    f = gradient(state, inv_beta_m2pkg) * dt_s
    f2 = f @ f
    return np.eye(6) + f + 0.5 * f2 + (f2 @ f) / 6.0
