"""What class of vehicle it is, with probabilities.

In free flight the class follows from the greatest range that the energy allows on the path of least energy, whatever
path was flown: short (under 1,000 km), medium (3,000), intermediate (5,500), intercontinental. One that flies much
flatter than that path below the top of the air, or is seen to maneuver, may glide; one whose perigee clears the air
is a space launch. While the motor burns, the energy and the height so far exclude the small, and little more.

Energy is Jacobi's integral, which the turning Earth leaves constant; the range is Wheelon 1959, "Free Flight of a
Ballistic Missile". Widths and base rates are set on flights of every notional vehicle.
"""

from __future__ import annotations

from math import asin, cos, erf, exp, log, sqrt

import numpy as np

from laurel.instruments.warning.fuse import Estimate
from laurel.instruments.warning.picture_types import VehicleClass
from laurel.instruments.warning.predict import INV_BETA_M2PKG, root
from laurel.instruments.warning.records import Phase
from laurel.physics.ballistics import climb_rate, propagate
from laurel.physics.compiled import Matrix, Triple, Vector, compiled
from laurel.physics.earth import GM_M3PS2, MEAN_RADIUS_M, OMEGA_RADPS, height

CLASSES = (
    "short-range",
    "medium-range",
    "intermediate-range",
    "intercontinental",
    "quasi-ballistic or gliding",
    "space launch",
)
SHORT, MEDIUM, INTERMEDIATE, INTERCONTINENTAL, GLIDING, SPACE = range(6)
COUNT = len(CLASSES)
BOUNDS_M = (1e6, 3e6, 5.5e6)

LOFT_LOSS = 0.06
"""Share of range that a vehicle lost to gravity while it burnt steeply, for each unit of FLAT below."""
LOG_RANGE_SIGMA = 0.06
"""What is left between that and the greatest range of the same vehicle: steering, losses, the turn of the Earth."""
FLOOR = 0.005
"""No class is ever less likely."""

AIR_M = 80_000.0
LOWEST_ORBIT_M = 80_000.0
FLAT, FLAT_WIDTH = 0.6, 0.1
"""Apogee over that of the path of least energy, below which a flight is flat."""
FLAT_LOW_M, LOW_M, LOW_WIDTH_M = 120_000.0, 65_000.0, 8_000.0
"""Below the first apogee a flat flight, below the second any flight is like those of gliders."""
MAY_GLIDE, LOW_GLIDES, FLAT_GLIDES = 0.32, 0.62, 0.9
"""Share of gliders among steep flights of up to medium range, which show nothing before they dive; among low
flights; among flat and low ones."""
SEEN_TO_MANEUVER = 0.85

PRIOR = np.array([0.28, 0.17, 0.14, 0.17, 0.2, 0.04])
FROM_M = np.array([1e5, 1e6, 3e6, 5.5e6, 2e5, 5.5e6])
TO_M = np.array([1e6, 3e6, 5.5e6, 3e7, 2.5e6, 6e7])
BURNS_TO_M = np.array([50e3, 110e3, 240e3, 450e3, 70e3, 450e3])
"""Height at which half of a class have burnt out."""


@compiled
def squared_speed_at_ground(state: Vector, extra_energy: float = 0.0) -> float:
    """(m/s)^2 over the turning ground that the same energy would be at sea level, below the vehicle."""
    x, y, z = state[0], state[1], state[2]
    flat = x * x + y * y
    r2 = flat + z * z
    spin = OMEGA_RADPS * OMEGA_RADPS
    energy = 0.5 * (state[3] ** 2 + state[4] ** 2 + state[5] ** 2) - GM_M3PS2 / sqrt(r2) - 0.5 * spin * flat
    energy += extra_energy
    return 2.0 * (energy + GM_M3PS2 / MEAN_RADIUS_M) + spin * MEAN_RADIUS_M * MEAN_RADIUS_M * flat / r2


@compiled
def greatest_range(speed2: float) -> float:
    """Metres over the ground that this squared speed at sea level reaches on the path of least energy."""
    q = min(max(speed2 * MEAN_RADIUS_M / GM_M3PS2, 1e-6), 1.0)
    return 2.0 * MEAN_RADIUS_M * asin(q / (2.0 - q))


@compiled
def shape(state: Vector) -> Triple:
    """Apogee and perigee (m above the mean sphere) of the conic, and the apogee on the path of least energy."""
    x, y, z = state[0], state[1], state[2]
    vx, vy, vz = state[3] - OMEGA_RADPS * y, state[4] + OMEGA_RADPS * x, state[5]
    r = sqrt(x * x + y * y + z * z)
    v2 = vx * vx + vy * vy + vz * vz
    energy = 0.5 * v2 - GM_M3PS2 / r
    if energy >= -1e5:
        return 1e9, r - MEAN_RADIUS_M, 1e9
    hx, hy, hz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
    momentum2 = hx * hx + hy * hy + hz * hz
    e = sqrt(max(1.0 + 2.0 * energy * momentum2 / (GM_M3PS2 * GM_M3PS2), 0.0))
    a = -0.5 * GM_M3PS2 / energy
    q = min(max(squared_speed_at_ground(state) * MEAN_RADIUS_M / GM_M3PS2, 1e-6), 0.999)
    half = asin(q / (2.0 - q))
    # On the path of least energy it leaves the ground at (pi - range angle) / 4.
    climb = 0.25 * np.pi - 0.5 * half
    best = MEAN_RADIUS_M / (2.0 - q)
    best_e = sqrt(max(1.0 - q * (2.0 - q) * cos(climb) ** 2, 0.0))
    return a * (1.0 + e) - MEAN_RADIUS_M, a * (1.0 - e) - MEAN_RADIUS_M, best * (1.0 + best_e) - MEAN_RADIUS_M


@compiled
def lost_to_air(state: Vector) -> float:
    """J/kg that drag has taken since the fall through 80 km, had the body the usual coefficient; 0 before it."""
    if height(state[0], state[1], state[2]) > AIR_M or climb_rate(state) > 0.0:
        return 0.0
    here = state
    now = squared_speed_at_ground(state)
    for _ in range(60):
        back = propagate(here, -1.0, INV_BETA_M2PKG, 1.0)
        if not np.linalg.norm(back[3:]) < 8_000.0:
            break
        here = back
        if height(here[0], here[1], here[2]) > AIR_M or climb_rate(here) > 0.0:
            break
    return max(0.5 * (squared_speed_at_ground(here) - now), 0.0)


@compiled
def below(bound_m: float, range_m: float, log_sigma: float) -> float:
    """Chance that the range is below the bound."""
    return 0.5 * (1.0 + erf(log(bound_m / max(range_m, 1e3)) / (log_sigma * sqrt(2.0))))


@compiled
def under_about(value: float, bound: float, width: float) -> float:
    """1 well below the bound, 0 well above it."""
    return 1.0 / (1.0 + exp(min((value - bound) / width, 500.0)))


@compiled
def add_point(state: Vector, lost: float, weight: float, out: Vector) -> None:
    """What one state in free flight says, added to the chances."""
    apogee, perigee, best = shape(state)
    if perigee > LOWEST_ORBIT_M:
        out[SPACE] += weight
        return
    speed2 = squared_speed_at_ground(state, lost)
    steep = apogee / best
    far = greatest_range(speed2) * (1.0 + LOFT_LOSS * (min(steep, 3.0) - 0.9))
    doubt = 0.8 * lost / max(speed2, 1.0)
    sigma = sqrt(LOG_RANGE_SIGMA * LOG_RANGE_SIGMA + doubt * doubt)
    flat = under_about(steep, FLAT, FLAT_WIDTH) * under_about(apogee, FLAT_LOW_M, LOW_WIDTH_M)
    low = under_about(apogee, LOW_M, LOW_WIDTH_M)
    glides = max(MAY_GLIDE * below(BOUNDS_M[1], far, 0.3), LOW_GLIDES * low, FLAT_GLIDES * flat)
    out[GLIDING] += weight * glides
    rest = weight * (1.0 - glides)
    under = 0.0
    for k in range(3):
        until = below(BOUNDS_M[k], far, sigma)
        out[k] += rest * (until - under)
        under = until
    out[INTERCONTINENTAL] += rest * (1.0 - under)


@compiled
def in_free_flight(state: Vector, covariance: Matrix) -> Vector:
    """(6,) chances from thirteen sigma points (cubature and centre) of an estimate that no motor drives."""
    out = np.zeros(COUNT)
    lost = lost_to_air(state)
    lower = root(covariance)
    step = sqrt(6.5)
    point = state.copy()
    add_point(point, lost, 1.0 / 13.0, out)
    for j in range(6):
        for sign in (-1.0, 1.0):
            for i in range(6):
                point[i] = state[i] + sign * step * lower[i, j]
            add_point(point, lost, 1.0 / 13.0, out)
    return out


@compiled
def while_burning(state: Vector) -> Vector:
    """(6,) chances of a vehicle whose motor burns: it will go at least that far, and classes burn to their heights."""
    far = greatest_range(squared_speed_at_ground(state))
    up = height(state[0], state[1], state[2])
    out = PRIOR.copy()
    for k in range(COUNT):
        left = log(TO_M[k] / max(far, FROM_M[k])) / log(TO_M[k] / FROM_M[k])
        out[k] *= sqrt(min(max(left, 0.002), 1.0))
        out[k] /= 1.0 + exp(min((up - BURNS_TO_M[k]) / (0.3 * BURNS_TO_M[k]), 500.0))
    return out / out.sum()


def chances(estimate: Estimate, phase: Phase) -> Vector:
    """(6,) probabilities of `CLASSES`; they sum to 1."""
    if phase is Phase.BOOST:
        found = while_burning(estimate.state)
    else:
        found = in_free_flight(estimate.state, estimate.covariance)
    if phase is Phase.UNKNOWN:
        found = 0.5 * (found + while_burning(estimate.state))
    if phase is Phase.MANEUVER:
        found = (1.0 - SEEN_TO_MANEUVER) * found
        found[GLIDING] += SEEN_TO_MANEUVER
    return FLOOR + (1.0 - COUNT * FLOOR) * found / found.sum()


def vehicle_classes(estimate: Estimate, phase: Phase) -> tuple[VehicleClass, ...]:
    """Every class and its probability, the likeliest first; equal ones in the order of `CLASSES`."""
    named = zip(CLASSES, chances(estimate, phase).tolist(), strict=True)
    return tuple(VehicleClass(name, chance) for name, chance in sorted(named, key=lambda one: -one[1]))


def published_chances(apogee_m: float, range_m: float) -> Vector:
    """(6,) the same from a published apogee and range: the state at the top of the arc between two points."""
    top = MEAN_RADIUS_M + apogee_m
    e = apogee_m / (top - MEAN_RADIUS_M * cos(0.5 * range_m / MEAN_RADIUS_M))
    speed = sqrt(GM_M3PS2 / top * (1.0 - e))
    # Over the pole, along a meridian, the turn of the Earth adds nothing.
    state = np.array([0.0, 0.0, top, speed, 0.0, 0.0])
    found = np.zeros(COUNT)
    add_point(state, 0.0, 1.0, found)
    return FLOOR + (1.0 - COUNT * FLOOR) * found
