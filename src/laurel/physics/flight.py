"""A flight from a state to the ground: `fly` integrates it once, `Flight.at` reads it at any moment.

Between the integrator's steps the position is the quintic that meets position, velocity and acceleration at
both ends, so any moment is as exact as a step: below 1 m at impact and 0.1 m in coast for this model.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees, inf, isfinite

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.ballistics import (
    BANK,
    DRIVE_SIZE,
    INV_BETA,
    LIFT_TO_DRAG,
    MAX_STEP_S,
    advance,
    climb_rate,
    land,
    next_step,
    rates,
)
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height, to_geodetic

LIMIT_S = 43_200.0
TOLERANCE_M = 1e-3
LOWEST_START_M = -1000.0
FASTEST_START_MPS = 20_000.0

REACHED_END, LANDED, STUCK = 0, 1, 2


class BadStart(BadAsk):
    """No flight begins there."""

    says = "no flight can begin in this state"
    remedy = (
        "give finite ECEF metres and metres per second, at or above the ground or climbing to it, below 20 km/s, "
        "and a ballistic coefficient above zero (or None for vacuum)"
    )


class NoImpact(BadAsk):
    """The arc never meets the ground."""

    says = "this flight does not come down"
    remedy = "it orbits, escapes or glides on: lower the speed or the angle, or raise limit_s"


class OutsideFlight(BadAsk):
    """Asked for a moment before the start or after the impact."""

    says = "the flight does not cover that moment"
    remedy = "ask between start_t_s and impact_t_s"


@dataclass(frozen=True, eq=False)
class Flight:
    """One flight over the rotating Earth; times are seconds from its start, heights metres above WGS84."""

    apogee_m: float
    apogee_t_s: float
    impact_lat_deg: float
    impact_lon_deg: float
    impact_t_s: float
    impact_speed_mps: float
    node_t_s: Vector
    """(n,) the integrator's steps."""
    node_state: Matrix
    """(n, 6) ECEF metres and metres per second."""
    node_rate: Matrix
    """(n, 6) their rates."""
    burns: tuple[tuple[float, float], ...] = ()
    """When motors burnt: (ignition, cutoff) each."""

    @property
    def start_t_s(self) -> float:
        """The first moment."""
        return float(self.node_t_s[0])

    @property
    def burnout_t_s(self) -> float:
        """The end of the last burn; the start, if nothing burnt."""
        return self.burns[-1][1] if self.burns else self.start_t_s

    def thrusting(self, t_s: float) -> bool:
        """Whether a motor burns at that moment."""
        return any(lit <= t_s < out for lit, out in self.burns)

    def at(self, t_s: float) -> tuple[Vector, Vector]:
        """Position (3,) and velocity (3,), ECEF metres and metres per second. Raises OutsideFlight."""
        if not self.start_t_s <= t_s <= self.impact_t_s:
            raise OutsideFlight(t_s=t_s, start_t_s=self.start_t_s, impact_t_s=self.impact_t_s)
        state = between(float(t_s), self.node_t_s, self.node_state, self.node_rate)
        return state[:3], state[3:]


@compiled
def trace(
    t: float, state: Vector, end_s: float, drive: Vector, tolerance_m: float
) -> tuple[Vector, Matrix, Matrix, int]:
    """Times, states and rates of the steps from `t` until `end_s` or the ground, and which of these ended it."""
    size = 256
    times = np.empty(size)
    states = np.empty((size, 6))
    slopes = np.empty((size, 6))
    k = np.empty((7, 6))
    here = state.copy()
    there = np.empty(6)
    rates(t, here, drive, k[0])
    times[0] = t
    states[0] = here
    slopes[0] = k[0]
    n = 1
    dt = 0.1
    ended = REACHED_END
    while t < end_s:
        last = t + dt >= end_s
        if last:
            dt = end_s - t
        error = advance(t, here, dt, drive, k, there)
        if not error <= tolerance_m:
            dt = next_step(dt, error, tolerance_m)
            if dt < 1e-9:
                ended = STUCK
                break
            continue
        if height(there[0], there[1], there[2]) < 0.0 and climb_rate(there) < 0.0:
            ended = LANDED
            if height(here[0], here[1], here[2]) < 0.0:
                break
            dt = land(t, here, dt, drive, k, there)
        t = end_s if last and ended == REACHED_END else t + dt
        here[:] = there
        k[0] = k[6]
        dt = min(next_step(dt, error, tolerance_m), MAX_STEP_S)
        if n == size:
            size *= 2
            longer = np.empty(size)
            longer[:n] = times
            times = longer
            wider = np.empty((size, 6))
            wider[:n] = states
            states = wider
            steeper = np.empty((size, 6))
            steeper[:n] = slopes
            slopes = steeper
        times[n] = t
        states[n] = here
        slopes[n] = k[0]
        n += 1
        if ended == LANDED:
            break
    return times[:n].copy(), states[:n].copy(), slopes[:n].copy(), ended


@compiled
def between(t: float, times: Vector, states: Matrix, slopes: Matrix) -> Vector:
    """(6,) state at `t` on the quintic between the steps around it."""
    i = min(max(int(np.searchsorted(times, t, side="right")) - 1, 0), len(times) - 2)
    h = times[i + 1] - times[i]
    out = np.empty(6)
    if h <= 0.0:
        out[:] = states[i + 1]
        return out
    u = (t - times[i]) / h
    for j in range(3):
        p0, v0, a0 = states[i, j], states[i, 3 + j] * h, slopes[i, 3 + j] * h * h
        p1, v1, a1 = states[i + 1, j], states[i + 1, 3 + j] * h, slopes[i + 1, 3 + j] * h * h
        d = p1 - p0 - v0 - 0.5 * a0
        e = v1 - v0 - a0
        g = a1 - a0
        c3 = 10.0 * d - 4.0 * e + 0.5 * g
        c4 = -15.0 * d + 7.0 * e - g
        c5 = 6.0 * d - 3.0 * e + 0.5 * g
        out[j] = p0 + u * (v0 + u * (0.5 * a0 + u * (c3 + u * (c4 + u * c5))))
        out[3 + j] = (v0 + u * (a0 + u * (3.0 * c3 + u * (4.0 * c4 + u * 5.0 * c5)))) / h
    return out


@compiled
def summit(times: Vector, states: Matrix, slopes: Matrix) -> tuple[float, float]:
    """Moment and height of the highest point of the steps, to 1 ms."""
    top_t = times[0]
    top = height(states[0, 0], states[0, 1], states[0, 2])
    climbing = climb_rate(states[0]) > 0.0
    for i in range(1, len(times)):
        climbs = climb_rate(states[i]) > 0.0
        if climbing and not climbs:
            lo, hi = times[i - 1], times[i]
            for _ in range(30):
                mid = 0.5 * (lo + hi)
                if climb_rate(between(mid, times, states, slopes)) > 0.0:
                    lo = mid
                else:
                    hi = mid
            s = between(0.5 * (lo + hi), times, states, slopes)
            h = height(s[0], s[1], s[2])
            if h > top:
                top_t, top = 0.5 * (lo + hi), h
        climbing = climbs
    return top_t, top


@compiled
def slowed_to(speed_mps: float, times: Vector, states: Matrix, slopes: Matrix) -> float:
    """The first moment at which the steps are that slow, to 1 ms; their last moment, if never."""
    for i in range(1, len(times)):
        if np.linalg.norm(states[i, 3:]) <= speed_mps:
            lo, hi = times[i - 1], times[i]
            for _ in range(30):
                mid = 0.5 * (lo + hi)
                if np.linalg.norm(between(mid, times, states, slopes)[3:]) > speed_mps:
                    lo = mid
                else:
                    hi = mid
            return 0.5 * (lo + hi)
    return float(times[-1])


def drive_of(beta_kgpm2: float | None, lift_to_drag: float = 0.0, bank_rad: float = 0.0) -> Vector:
    """What drives an unpowered phase, for `trace`. Raises BadStart."""
    if not ((inf if beta_kgpm2 is None else beta_kgpm2) > 0.0 and isfinite(lift_to_drag) and isfinite(bank_rad)):
        raise BadStart(beta_kgpm2=beta_kgpm2, lift_to_drag=lift_to_drag, bank_rad=bank_rad)
    drive = np.zeros(DRIVE_SIZE)
    drive[INV_BETA] = 0.0 if beta_kgpm2 is None else 1.0 / beta_kgpm2
    drive[LIFT_TO_DRAG] = lift_to_drag
    drive[BANK] = bank_rad
    return drive


def landed(
    times: Vector, states: Matrix, slopes: Matrix, ended: int, burns: tuple[tuple[float, float], ...] = ()
) -> Flight:
    """The flight that these steps tell. Raises NoImpact if they do not end on the ground."""
    last = states[-1]
    if ended != LANDED:
        raise NoImpact(
            after_s=round(float(times[-1]), 1),
            height_m=round(height(last[0], last[1], last[2])),
            speed_mps=round(float(np.linalg.norm(last[3:])), 1),
        )
    apogee_t_s, apogee_m = summit(times, states, slopes)
    lat, lon, _ = to_geodetic(last[0], last[1], last[2])
    return Flight(
        apogee_m=apogee_m,
        apogee_t_s=apogee_t_s,
        impact_lat_deg=degrees(lat),
        impact_lon_deg=degrees(lon),
        impact_t_s=float(times[-1]),
        impact_speed_mps=float(np.linalg.norm(last[3:])),
        node_t_s=times,
        node_state=states,
        node_rate=slopes,
        burns=burns,
    )


def fly(
    position_ecef_m: Vector,
    velocity_ecef_mps: Vector,
    beta_kgpm2: float | None = None,
    *,
    lift_to_drag: float = 0.0,
    bank_rad: float = 0.0,
    tolerance_m: float = TOLERANCE_M,
    limit_s: float = LIMIT_S,
) -> Flight:
    """The unpowered flight from that ECEF state at t = 0 to the ellipsoid.

    `beta_kgpm2` is mass / (Cd A), None for vacuum; lift is `lift_to_drag` times the drag, upward at bank 0,
    to the right at pi/2. Error for this model: impact below 1 m, apogee 0.1 m, times 1 ms. Raises BadStart, NoImpact.
    """
    state = np.concatenate((np.asarray(position_ecef_m, float).ravel(), np.asarray(velocity_ecef_mps, float).ravel()))
    if state.shape != (6,) or not np.isfinite(state).all():
        raise BadStart(position_ecef_m=position_ecef_m, velocity_ecef_mps=velocity_ecef_mps)
    above, speed = height(state[0], state[1], state[2]), float(np.linalg.norm(state[3:]))
    if above < LOWEST_START_M or speed > FASTEST_START_MPS or (above <= 0.0 and climb_rate(state) <= 0.0):
        raise BadStart(height_m=round(above), speed_mps=round(speed, 1), climb_mps=round(climb_rate(state), 1))
    drive = drive_of(beta_kgpm2, lift_to_drag, bank_rad)
    return landed(*trace(0.0, state, float(limit_s), drive, float(tolerance_m)))
