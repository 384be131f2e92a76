"""Whose territory a flight passes over above 100 km, and with what chance: the path has a width.

An error of the state turns the plane of flight about two axes; the path swings to the side by the cosine and the
sine of the angle flown since (Kepler's motion, to first order). Ten strands beside the expected path, each as
likely as any other, are laid over the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import atan2, cos, pi, sin, sqrt
from statistics import NormalDist

import numpy as np

from laurel.instruments.warning.areas import NOBODY, owners_at
from laurel.instruments.warning.fuse import Estimate
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, OMEGA_RADPS

OVERFLIGHT_M = 100_000.0
POSSIBLE, LIKELY = 0.1, 0.5
"""Told from the second on, and until it falls below the first."""
STRANDS = 10
NARROW_M = 1_000.0
"""Narrower than the map is true, a path is one strand."""

_OFFSETS = np.array([NormalDist().inv_cdf((strand + 0.5) / STRANDS) for strand in range(STRANDS)])


@dataclass(frozen=True)
class Pass:
    """A stretch of the predicted flight over one member's territory, above 100 km, and the chance of it."""

    member: str
    start_at: datetime
    end_at: datetime
    lowest_m: float
    chance: float


@compiled
def inertial(lat_rad: float, lon_rad: float, t_s: float) -> Vector:
    """(3,) the direction in a frame that stands still and was ECEF at 0."""
    turned = lon_rad + OMEGA_RADPS * t_s
    return np.array([cos(lat_rad) * cos(turned), cos(lat_rad) * sin(turned), sin(lat_rad)])


@compiled
def plane(state: Vector) -> tuple[Vector, Vector]:
    """(3,) the normal of the plane of flight; distance (m), climb (m/s) and angular momentum (m2/s) in it."""
    r = state[:3]
    v = state[3:] + np.array([-OMEGA_RADPS * state[1], OMEGA_RADPS * state[0], 0.0])
    normal = np.array([r[1] * v[2] - r[2] * v[1], r[2] * v[0] - r[0] * v[2], r[0] * v[1] - r[1] * v[0]])
    momentum = max(sqrt((normal * normal).sum()), 1.0)
    distance = sqrt((r * r).sum())
    return normal / momentum, np.array([distance, (r * v).sum() / distance, momentum])


@compiled
def widths(state: Vector, covariance: Matrix, times_s: Vector, points: Matrix) -> Vector:
    """(n,) by what angle at the Earth's centre (rad, 1 sigma) the path may lie to the side of these points."""
    normal, (distance, climb, momentum) = plane(state)
    here = state[:3] / distance
    out = np.empty(len(times_s))
    weigh = np.empty(6)
    for n in range(len(times_s)):
        there = inertial(points[n, 0] * pi / 180.0, points[n, 1] * pi / 180.0, times_s[n])
        over = here[1] * there[2] - here[2] * there[1], here[2] * there[0] - here[0] * there[2]
        side = normal[0] * over[0] + normal[1] * over[1]
        side += normal[2] * (here[0] * there[1] - here[1] * there[0])
        flown = atan2(side, here[0] * there[0] + here[1] * there[1] + here[2] * there[2])
        for i in range(3):
            weigh[i] = normal[i] * (cos(flown) / distance - climb * sin(flown) / momentum)
            weigh[3 + i] = normal[i] * distance * sin(flown) / momentum
        total = 0.0
        for i in range(6):
            for j in range(6):
                total += weigh[i] * covariance[i, j] * weigh[j]
        out[n] = sqrt(max(total, 0.0))
    return out


@compiled
def strands(normal: Vector, times_s: Vector, points: Matrix, width: Vector, offsets: Vector) -> Matrix:
    """(2, k * n) latitudes and longitudes (degrees) of paths so many widths to the side, one after the other."""
    count = len(times_s)
    out = np.empty((2, len(offsets) * count))
    for n in range(count):
        middle = inertial(points[n, 0] * pi / 180.0, points[n, 1] * pi / 180.0, times_s[n])
        for strand in range(len(offsets)):
            side = offsets[strand] * width[n]
            x, y, z = middle[0] + side * normal[0], middle[1] + side * normal[1], middle[2] + side * normal[2]
            at = strand * count + n
            out[0, at] = atan2(z, sqrt(x * x + y * y)) * 180.0 / pi
            out[1, at] = (atan2(y, x) - OMEGA_RADPS * times_s[n]) * 180.0 / pi
    return out


def passes(estimate: Estimate, times_s: Vector, points: Matrix) -> tuple[Pass, ...]:
    """The stretches over territories of a path of latitude, longitude (degrees) and height (m), by their start.

    What fewer than one strand in ten passes over is left out.
    """
    high = np.flatnonzero(points[:, 2] > OVERFLIGHT_M)
    times, path = times_s[high], points[high]
    width = widths(estimate.state, estimate.covariance, times, path)
    narrow = not len(high) or float(width.max()) * MEAN_RADIUS_M < NARROW_M
    offsets = np.zeros(1) if narrow else _OFFSETS
    lat, lon = strands(plane(estimate.state)[0], times, path, width, offsets)
    owners, members = owners_at(lat, lon)
    lands = owners.reshape(len(offsets), len(high))
    found: list[Pass] = []
    present: set[int] = set(owners.tolist())
    for owner in present - {-1}:
        if members[owner] == NOBODY:
            continue
        over = lands == owner
        chance = float(over.any(axis=1).mean())
        rows = np.flatnonzero(over.any(axis=0))
        for stretch in np.split(rows, np.flatnonzero(np.diff(high[rows]) > 1) + 1):
            start_s, end_s = float(times[stretch[0]]), float(times[stretch[-1]])
            start_at, end_at = (estimate.at + timedelta(seconds=t_s) for t_s in (start_s, end_s))
            found.append(Pass(members[owner], start_at, end_at, float(path[stretch, 2].min()), chance))
    return tuple(sorted(found, key=lambda one: (one.start_at, one.member)))
