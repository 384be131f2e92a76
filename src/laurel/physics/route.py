"""A way over the Earth: geodesic legs at an even speed, even climbs, stops, and perhaps round and round.

Legs are those of Vincenty 1975 over the ellipsoid; speed is over the ground.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Vector
from laurel.physics.earth import destination, geodesic, geodetic_to_ecef

NUDGE_S = 0.25


class BadRoute(BadAsk):
    """No way."""

    says = "this is not a way to go"
    remedy = "give at least two points, apart from each other, and a positive speed"


class Point(NamedTuple):
    """A point of a route: degrees, metres above the ellipsoid, m/s over the ground to the next, and seconds of rest."""

    lat_deg: float
    lon_deg: float
    alt_m: float
    speed_mps: float
    stop_s: float = 0.0


@dataclass(frozen=True)
class Leg:
    """From one point to the next; a rest is a leg of no length."""

    from_s: float
    to_s: float
    start: Point
    azimuth_deg: float
    distance_m: float
    climb_m: float

    def place(self, t_s: float) -> tuple[float, float, float]:
        """Latitude, longitude (degrees) and height (m) then."""
        share = (t_s - self.from_s) / (self.to_s - self.from_s)
        alt_m = self.start.alt_m + share * self.climb_m
        if self.distance_m <= 0.0:
            return self.start.lat_deg, self.start.lon_deg, alt_m
        lat, lon, _ = destination(self.start.lat_deg, self.start.lon_deg, self.azimuth_deg, share * self.distance_m)
        return lat, lon, alt_m


@dataclass(frozen=True)
class Route:
    """The legs in order from t = 0. One that goes `round_and_round` has no end."""

    legs: tuple[Leg, ...]
    round_and_round: bool

    @property
    def round_s(self) -> float:
        """How long it takes once."""
        return self.legs[-1].to_s

    @property
    def ends_s(self) -> float:
        """When it is over."""
        return inf if self.round_and_round else self.round_s

    def at(self, t_s: float) -> tuple[Vector, Vector]:
        """Position and velocity, (3,) each, ECEF metres and metres per second; before and after, the nearest."""
        t_s = t_s % self.round_s if self.round_and_round else min(max(t_s, 0.0), self.round_s)
        found = bisect_right(self.legs, t_s, key=lambda leg: leg.from_s) - 1
        leg = self.legs[found]
        low, high = max(t_s - NUDGE_S, leg.from_s), min(t_s + NUDGE_S, leg.to_s)
        moved = geodetic_to_ecef(*leg.place(high)) - geodetic_to_ecef(*leg.place(low))
        return geodetic_to_ecef(*leg.place(t_s)), np.asarray(moved / (high - low))


def route(points: Sequence[Point], *, round_and_round: bool = False) -> Route:
    """The way through all points in order, and from the last to the first where it goes round. Raises BadRoute."""
    legs: list[Leg] = []
    now_s = 0.0
    for start, end in pairwise((*points, points[0]) if round_and_round else points):
        if start.stop_s > 0.0:
            legs.append(Leg(now_s, now_s + start.stop_s, start, 0.0, 0.0, 0.0))
            now_s += start.stop_s
        way = geodesic(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg)
        if not (start.speed_mps > 0.0 and way.distance_m > 0.0):
            raise BadRoute(speed_mps=start.speed_mps, distance_m=way.distance_m)
        next_s = now_s + way.distance_m / start.speed_mps
        legs.append(Leg(now_s, next_s, start, way.azimuth_deg, way.distance_m, end.alt_m - start.alt_m))
        now_s = next_s
    if not legs:
        raise BadRoute(points=len(points))
    if points[-1].stop_s > 0.0 and not round_and_round:
        legs.append(Leg(now_s, now_s + points[-1].stop_s, points[-1], 0.0, 0.0, 0.0))
    return Route(tuple(legs), round_and_round)
