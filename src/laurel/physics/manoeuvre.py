"""A manoeuvre on the way down: from some height a vehicle lifts for some time, then it falls as before.

Lift is `lift_to_drag` times the drag, turned by the bank from upward to the right, and never more than the body
bears. It is square to the motion through air that turns with the Earth, so it takes nothing from the energy and
adds nothing: what is lost is lost to drag. No attitude, no control: three degrees of freedom (Yanushevsky 2011,
"Modern Missile Guidance", uses the same point mass for maneuvering targets).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, radians

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.atmosphere import density
from laurel.physics.ballistics import acceleration, climb_rate
from laurel.physics.boost import STANDARD_GRAVITY_MPS2
from laurel.physics.compiled import Matrix, Triple, Vector, compiled
from laurel.physics.earth import height
from laurel.physics.flight import LANDED, LIMIT_S, TOLERANCE_M, Flight, drive_of, landed, trace

STEP_S = 0.05
HIGHEST_M = 90_000.0
"""Above it there is no air to lift on."""


class BadManoeuvre(BadAsk):
    """One that this flight cannot make."""

    says = "this manoeuvre cannot be flown"
    remedy = "give a height below its apogee and below 90 km, a positive time, and lift and load that a body can bear"


@dataclass(frozen=True)
class Manoeuvre:
    """Lift from `below_m` on the way down for `for_s`, at most `most_g` times the weight."""

    below_m: float
    for_s: float
    lift_to_drag: float
    bank_deg: float = 0.0
    most_g: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what no body bears: BadManoeuvre."""
        sound = 0.0 < self.below_m <= HIGHEST_M and 0.0 < self.for_s <= 3_600.0 and isfinite(self.bank_deg)
        if not (sound and 0.0 < self.lift_to_drag <= 6.0 and 0.0 < self.most_g <= 100.0):
            raise BadManoeuvre(manoeuvre=self)


@compiled
def _lifted(state: Vector, inv_beta_m2pkg: float, lift_to_drag: float, bank_rad: float, most_mps2: float) -> Triple:
    """ECEF m/s2 with the lift that the body bears."""
    x, y, z, vx, vy, vz = state[0], state[1], state[2], state[3], state[4], state[5]
    drag = 0.5 * density(height(x, y, z)) * (vx * vx + vy * vy + vz * vz) * inv_beta_m2pkg
    lift = lift_to_drag
    if drag * lift > most_mps2:
        lift = most_mps2 / drag
    return acceleration((x, y, z), (vx, vy, vz), inv_beta_m2pkg, lift, bank_rad)


@compiled
def _rates(
    state: Vector, inv_beta_m2pkg: float, lift_to_drag: float, bank_rad: float, most_mps2: float, out: Vector
) -> None:
    """Writes d state / dt into `out`."""
    ax, ay, az = _lifted(state, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2)
    out[0], out[1], out[2] = state[3], state[4], state[5]
    out[3], out[4], out[5] = ax, ay, az


@compiled
def _step(
    state: Vector, dt: float, inv_beta_m2pkg: float, lift_to_drag: float, bank_rad: float, most_mps2: float
) -> Vector:
    """(6,) the state `dt` later, by Runge-Kutta 4."""
    k1, k2, k3, k4 = np.empty(6), np.empty(6), np.empty(6), np.empty(6)
    _rates(state, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2, k1)
    _rates(state + 0.5 * dt * k1, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2, k2)
    _rates(state + 0.5 * dt * k2, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2, k3)
    _rates(state + dt * k3, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2, k4)
    return state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


@compiled
def _pull(
    t: float,
    state: Vector,
    for_s: float,
    inv_beta_m2pkg: float,
    lift_to_drag: float,
    bank_rad: float,
    most_mps2: float,
) -> tuple[Vector, Matrix, Matrix, bool]:
    """Times, states and rates from `t` until `for_s` later or the ground, and whether it was the ground."""
    size = int(for_s / STEP_S) + 3
    times, states, slopes = np.empty(size), np.empty((size, 6)), np.empty((size, 6))
    here, n, end_s, down = state.copy(), 0, t + for_s, False
    while True:
        times[n] = t
        states[n] = here
        _rates(here, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2, slopes[n])
        n += 1
        dt = min(STEP_S, end_s - t)
        if down or dt < 1e-9 or n == size:
            return times[:n].copy(), states[:n].copy(), slopes[:n].copy(), down
        there = _step(here, dt, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2)
        if height(there[0], there[1], there[2]) < 0.0 and climb_rate(there) < 0.0:
            down = True
            low, high = 0.0, dt
            for _ in range(40):
                dt = 0.5 * (low + high)
                there = _step(here, dt, inv_beta_m2pkg, lift_to_drag, bank_rad, most_mps2)
                if height(there[0], there[1], there[2]) < 0.0:
                    high = dt
                else:
                    low = dt
        t += dt
        here = there


def manoeuvred(flight: Flight, beta_kgpm2: float, manoeuvre: Manoeuvre) -> Flight:
    """The same flight with the manoeuvre in it, and a fall without lift after it. Raises BadManoeuvre, NoImpact."""
    begins_s = _falls_to(flight, manoeuvre.below_m)
    before = flight.node_t_s < begins_s
    position, velocity = flight.at(begins_s)
    drive = drive_of(beta_kgpm2)
    times, states, slopes, down = _pull(
        begins_s,
        np.concatenate((position, velocity)),
        manoeuvre.for_s,
        1.0 / beta_kgpm2,
        manoeuvre.lift_to_drag,
        radians(manoeuvre.bank_deg),
        manoeuvre.most_g * STANDARD_GRAVITY_MPS2,
    )
    parts = [(flight.node_t_s[before], flight.node_state[before], flight.node_rate[before]), (times, states, slopes)]
    ended = LANDED
    if not down:
        *rest, ended = trace(float(times[-1]), states[-1], LIMIT_S, drive, TOLERANCE_M)
        parts.append((rest[0], rest[1], rest[2]))
    steps, states, slopes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return landed(steps, states, slopes, ended, flight.burns)


def _falls_to(flight: Flight, below_m: float) -> float:
    """When it first comes down to that height, after the motor and the apogee, to 1 ms. Raises BadManoeuvre."""
    low = max(flight.apogee_t_s, flight.burnout_t_s)

    def above_m(t_s: float) -> float:
        x, y, z = flight.at(t_s)[0].tolist()
        return height(x, y, z) - below_m

    if above_m(low) <= 0.0:
        raise BadManoeuvre(below_m=below_m, apogee_m=round(flight.apogee_m))
    high = low
    while above_m(high) > 0.0:
        low, high = high, min(high + 1.0, flight.impact_t_s)
    while high - low > 1e-3:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if above_m(middle) > 0.0 else (low, middle)
    return high
