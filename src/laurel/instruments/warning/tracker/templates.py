"""Boosts as they may be: a bank of ascents of notional vehicles, and what the bank says of one that is seen.

Every class of `physics.vehicles` is flown with other thrusts, payloads and kicks. Each flight stands for its
neighbours: a Gaussian kernel in what is seen (speed, lean and push at a height), with the slope of the whole
bank for what follows from it (seconds since lift-off, metres flown over the ground): a kernel density, so what
was seen weighs the flights and what lies between them is filled in (West 1993).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import inf, log, sqrt
from typing import NamedTuple

import numpy as np

from laurel.core.errors import LaurelError
from laurel.physics.boost import Site, Vehicle, launch
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, freefall, normal_and_height
from laurel.physics.flight import between
from laurel.physics.vehicles import VEHICLES

EVERY_S = 2.0
SAMPLES = 128
RISEN, FLOWN, CLIMB, OVER, PUSH = range(5)
"""Height (m), way over the ground (m), vertical and horizontal speed (m/s), push of the motor (m/s2)."""
FACTS = 5

KICKS_DEG = (2.5, 14.0)
THRUSTS = (0.80, 1.25)
PAYLOADS = (0.5, 1.6)
FLIGHTS = 56
"""Tried for each class; some do not fly far enough to be anything."""
LEAST_APOGEE_M = 50_000.0
FAR_M = 120_000.0
HOME = Site(38.0, 130.0)

SPEED, LEAN, FORCE = range(3)
SEEN = 3
BANDWIDTH = (0.10, 0.06, 0.20)
"""How far one flight speaks for its neighbours: logarithm of speed, lean (rad), logarithm of push."""
SINCE, WAY, SINCE_LOW, WAY_LOW = range(4)
TOLD = 4
SHAPE_DOUBT = (0.08, 0.04, 0.08, 0.04)
"""How far a boost may leave the shape of every flight of the bank, as a share of its time and of its way."""
FEWEST = 5.0
"""As many flights, in effect, must agree; else each speaks for more of its neighbours."""
WIDENINGS = 6
RIDGE = 0.02


class Explained(NamedTuple):
    """What the bank says of a boost that is seen at a height."""

    mean: Vector
    """(4,) seconds since lift-off and metres flown over the ground, now; the same at the lower height."""
    cov: Matrix
    """(4, 4) what remains in doubt however well it is seen."""
    slope: Matrix
    """(4, 3) change of the mean by what is seen: logarithm of speed, lean, logarithm of push."""
    sound: bool


def _spread(index: int, base: int) -> float:
    """Evenly strewn numbers between 0 and 1 (van der Corput)."""
    share, out = 1.0, 0.0
    while index:
        share /= base
        out += share * (index % base)
        index //= base
    return out


def _other(vehicle: Vehicle, thrust: float, payload: float) -> Vehicle:
    stages = tuple(replace(stage, thrust_n=thrust * stage.thrust_n) for stage in vehicle.stages)
    return replace(vehicle, stages=stages, payload_kg=payload * vehicle.payload_kg)


@compiled
def _ascent(times_s: Vector, states: Matrix, rates: Matrix, end_s: float) -> Matrix:
    """(SAMPLES, 5) the facts of a flight every EVERY_S until `end_s`; nan after it."""
    out = np.full((SAMPLES, FACTS), np.nan)
    first = states[0, :3] / sqrt((states[0, :3] ** 2).sum())
    for i in range(SAMPLES):
        t_s = i * EVERY_S
        if t_s > end_s:
            break
        s = between(t_s, times_s, states, rates)
        later = between(t_s + 0.5, times_s, states, rates)
        r = sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2])
        up = s[:3] / r
        climb = (up * s[3:]).sum()
        speed2 = (s[3:] ** 2).sum()
        fall = freefall(s[0], s[1], s[2], s[3], s[4])
        force2 = 0.0
        for j in range(3):
            force2 += ((later[3 + j] - s[3 + j]) / 0.5 - fall[j]) ** 2
        out[i, RISEN] = normal_and_height(s[0], s[1], s[2])[2]
        out[i, FLOWN] = MEAN_RADIUS_M * np.arccos(min((first * up).sum(), 1.0))
        out[i, CLIMB] = climb
        out[i, OVER] = sqrt(max(speed2 - climb * climb, 0.0))
        out[i, PUSH] = sqrt(force2)
    return out


@cache
def bank() -> Matrix:
    """(n, SAMPLES, 5) the flights, made at the first call, within a second; the same every time."""
    ascents: list[Matrix] = []
    for vehicle in VEHICLES.values():
        for i in range(1, FLIGHTS + 1):
            thrust = THRUSTS[0] + (THRUSTS[1] - THRUSTS[0]) * _spread(i, 2)
            payload = PAYLOADS[0] + (PAYLOADS[1] - PAYLOADS[0]) * _spread(i, 3)
            kick_deg = KICKS_DEG[0] * (KICKS_DEG[1] / KICKS_DEG[0]) ** _spread(i, 5)
            try:
                flight = launch(_other(vehicle, thrust, payload), HOME, 90.0, kick_deg, tolerance_m=1.0)
            except LaurelError:
                continue
            if flight.apogee_m > LEAST_APOGEE_M:
                end_s = flight.burnout_t_s - 1.0
                ascents.append(_ascent(flight.node_t_s, flight.node_state, flight.node_rate, end_s))
    return np.array(ascents)


@compiled
def reached(flight: Matrix, alt_m: float) -> float:
    """Seconds after lift-off at which a flight reaches a height, its motor burning; nan if it does not."""
    low, high = 0, SAMPLES
    while high - low > 1:
        mid = (low + high) // 2
        if flight[mid, RISEN] <= alt_m:
            low = mid
        else:
            high = mid
    if high == SAMPLES or not flight[high, RISEN] > alt_m:
        return np.nan
    h = flight[high, RISEN] - flight[low, RISEN]
    return (low + max(alt_m - flight[low, RISEN], 0.0) / max(h, 1.0)) * EVERY_S


@compiled
def fact(flight: Matrix, t_s: float, which: int) -> float:
    """One fact of a flight so long after lift-off; nan after its burnout."""
    place = max(t_s, 0.0) / EVERY_S
    low = min(int(place), SAMPLES - 2)
    share = place - low
    return (1.0 - share) * flight[low, which] + share * flight[low + 1, which]


@compiled
def seen_of(flight: Matrix, t_s: float) -> Vector:
    """(3,) logarithm of speed, lean and logarithm of push of a flight so long after lift-off."""
    climb, over = fact(flight, t_s, CLIMB), fact(flight, t_s, OVER)
    speed = sqrt(climb * climb + over * over)
    return np.array([log(max(speed, 1.0)), np.arctan2(over, climb), log(max(fact(flight, t_s, PUSH), 0.1))])


@compiled
def _candidates(flights: Matrix, alt_m: float, low_m: float) -> tuple[Matrix, Matrix]:
    """(k, 3) what is seen of each flight that burns at a height, and (k, 4) what follows from it."""
    seen = np.empty((len(flights), SEEN))
    told = np.empty((len(flights), TOLD))
    count = 0
    for j in range(len(flights)):
        now, low = reached(flights[j], alt_m), reached(flights[j], low_m)
        if not (now < inf and low < inf):
            continue
        x = seen_of(flights[j], now)
        if not np.isfinite(x).all():
            continue
        seen[count] = x
        told[count, SINCE], told[count, WAY] = now, fact(flights[j], now, FLOWN)
        told[count, SINCE_LOW], told[count, WAY_LOW] = low, fact(flights[j], low, FLOWN)
        count += 1
    return seen[:count].copy(), told[:count].copy()


@compiled
def _weights(seen: Matrix, x: Vector, cov: Matrix) -> Vector:
    """(k,) how well each flight explains `x`; they sum to 1."""
    inverse = np.linalg.inv(cov)
    far2 = np.zeros(len(seen))
    for j in range(len(seen)):
        for a in range(SEEN):
            for b in range(SEEN):
                far2[j] += (seen[j, a] - x[a]) * inverse[a, b] * (seen[j, b] - x[b])
    out = np.exp(-0.5 * (far2 - far2.min()))
    return out / out.sum()


@compiled
def _slope(seen: Matrix, told: Matrix, weights: Vector, ridge: Matrix) -> Matrix:
    """(4, 3) weighted regression of what follows on what is seen."""
    x0, y0 = weights @ seen, weights @ told
    xx, yx = ridge.copy(), np.zeros((TOLD, SEEN))
    for j in range(len(seen)):
        for b in range(SEEN):
            share = weights[j] * (seen[j, b] - x0[b])
            for a in range(SEEN):
                xx[a, b] += share * (seen[j, a] - x0[a])
            for a in range(TOLD):
                yx[a, b] += share * (told[j, a] - y0[a])
    return yx @ np.linalg.inv(xx)


@compiled
def explain(flights: Matrix, alt_m: float, low_m: float, x: Vector, doubt: Matrix) -> Explained:
    """What the flights say of a boost at `alt_m` with that speed, lean and push (logarithms), so well known.

    Not sound when no flight burns at that height.
    """
    mean, cov, slope = np.zeros(TOLD), np.zeros((TOLD, TOLD)), np.zeros((TOLD, SEEN))
    seen, told = _candidates(flights, alt_m, low_m)
    if len(seen) < FEWEST or not (np.isfinite(x).all() and np.isfinite(doubt).all()):
        return Explained(mean, cov, slope, sound=False)
    band = np.zeros((SEEN, SEEN))
    for i in range(SEEN):
        band[i, i] = BANDWIDTH[i] ** 2
    weights = np.empty(0)
    for _ in range(WIDENINGS):
        weights = _weights(seen, x, doubt + band)
        if 1.0 / (weights * weights).sum() > FEWEST:
            break
        band *= 2.0
    # A slope through few flights would be a guess: it is taken over three times as far.
    rough = _slope(seen, told, _weights(seen, x, doubt + 9.0 * band), RIDGE * band)
    share = band @ np.linalg.inv(doubt + band)
    slope = rough @ share
    moved = told + (x - seen) @ slope.T
    mean = weights @ moved
    for j in range(len(seen)):
        for a in range(TOLD):
            for b in range(TOLD):
                cov[a, b] += weights[j] * (moved[j, a] - mean[a]) * (moved[j, b] - mean[b])
    left = np.eye(SEEN) - share
    cov += rough @ left @ band @ left.T @ rough.T
    for a in range(TOLD):
        cov[a, a] += (SHAPE_DOUBT[a] * mean[a]) ** 2
    return Explained(mean, cov, slope, sound=True)
