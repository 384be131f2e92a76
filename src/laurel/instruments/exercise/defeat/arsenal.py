"""Notional interceptors and the batteries that hold them.

None describes a real system. Speeds, reaches and heights are round numbers of the size that open literature gives for
the class: Wilkening 2000, "A Simple Model for Calculating Ballistic Missile Defense Effectiveness", Science & Global
Security 8 (2); National Research Council 2012, "Making Sense of Ballistic Missile Defense". Hit chances are ASSUMED,
the same for all, so that no exercise can be read as a statement about equipment.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Vector
from laurel.physics.earth import geodetic_to_ecef

ASSUMED_HIT = 0.7


class BadArsenal(BadAsk):
    """A figure with which nothing could be engaged."""

    says = "this figure of an arsenal makes no sense"
    remedy = "correct the figure it names: lengths, times and counts are not negative, chances lie between 0 and 1"


@dataclass(frozen=True)
class Interceptor:
    """One kind of interceptor. It reaches `speed_mps` evenly in `burn_s` and keeps it.

    `basket_m` is the largest error of the place it is sent to that its own seeker makes good.
    """

    name: str
    speed_mps: float
    burn_s: float
    reach_m: float
    lowest_m: float
    highest_m: float
    basket_m: float
    hit: float = ASSUMED_HIT

    def __post_init__(self) -> None:
        positive = {"speed_mps": self.speed_mps, "reach_m": self.reach_m, "basket_m": self.basket_m}
        for name, value in positive.items():
            if not value > 0.0:
                raise BadArsenal(interceptor=self.name, figure=name, value=value)
        if not self.burn_s >= 0.0:
            raise BadArsenal(interceptor=self.name, figure="burn_s", value=self.burn_s)
        if not 0.0 <= self.hit <= 1.0:
            raise BadArsenal(interceptor=self.name, figure="hit", value=self.hit)
        if not self.lowest_m < self.highest_m:
            raise BadArsenal(interceptor=self.name, figure="highest_m", value=self.highest_m)

    def time_of_flight(self, distance_m: Vector) -> Vector:
        """Seconds to fly so far, (n,): evenly faster until it has burnt out, then evenly on."""
        burnt_m = 0.5 * self.speed_mps * self.burn_s
        on_s = 0.5 * self.burn_s + distance_m / self.speed_mps
        if burnt_m <= 0.0:
            return on_s
        return np.where(distance_m < burnt_m, np.sqrt(2.0 * distance_m * self.burn_s / self.speed_mps), on_s)

    def chance(self, error_m: float, rounds: int) -> float:
        """That one of so many rounds hits what is within `error_m` (one axis, one sigma) of where it is said to be.

        The error across the way is Rayleigh; all rounds of a salvo share it.
        """
        found = 1.0 if error_m <= 0.0 else 1.0 - float(np.exp(-0.5 * (self.basket_m / error_m) ** 2))
        return found * (1.0 - (1.0 - self.hit) ** rounds)


@dataclass(frozen=True)
class Battery:
    """Where a member keeps `rounds` of one interceptor, of which it guides as many at once as it has `channels`."""

    name: str
    member: str
    lat_deg: float
    lon_deg: float
    alt_m: float
    interceptor: Interceptor
    rounds: int
    channels: int
    reaction_s: float

    def __post_init__(self) -> None:
        for name, value in {"rounds": self.rounds, "channels": self.channels, "reaction_s": self.reaction_s}.items():
            if value < 0:
                raise BadArsenal(battery=self.name, figure=name, value=value)

    @property
    def position_ecef_m(self) -> Vector:
        """(3,) metres."""
        return geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m)


def combined(*errors_m: float) -> float:
    """One sigma of errors that know nothing of each other."""
    return sqrt(sum(one**2 for one in errors_m))


MIDCOURSE = Interceptor("notional, from a ship, above the air", 4_000.0, 40.0, 1_200e3, 100e3, 600e3, 3_000.0)
UPPER_TIER = Interceptor("notional, from land, upper tier", 2_600.0, 16.0, 200e3, 40e3, 150e3, 1_500.0)
LOWER_TIER = Interceptor("notional, from land, lower tier", 1_500.0, 10.0, 35e3, 2e3, 24e3, 400.0)

INTERCEPTORS = {"midcourse": MIDCOURSE, "upper-tier": UPPER_TIER, "lower-tier": LOWER_TIER}
