"""What was reported of a flight: whether it can be one flight, and which notional vehicle could have flown it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from math import acos, cos, isfinite, pi, sin, sqrt
from typing import NamedTuple

from laurel.core.errors import BadAsk
from laurel.physics.boost import NoSuchFlight, Site, Solution, solve_boost
from laurel.physics.earth import GM_M3PS2, MEAN_RADIUS_M
from laurel.physics.vehicles import VEHICLES

HIGH_M = 100_000.0
"""Above that apogee most of the flight is out of the air, and the motor's share of the time is well known."""
GLIDES_BELOW_M = 150_000.0
"""A flight that low may end in a glide."""
LEAST_LEFT_S, MOST_LEFT_S = 20.0, 400.0
SLOWEST_GLIDE_MPS = 800.0
"""Mean speed over the ground of the slowest flight that still counts as a ballistic missile's."""

FALLING = ("srbm", "mrbm", "irbm", "icbm-solid", "icbm-liquid")
LIFTING = ("srbm-quasi-ballistic", "glider")
FLAT_M = 60_000.0
FLAT = 0.2
"""A flight that low, or with an apogee of less than that share of its range, is first tried with lift."""


class BadReport(BadAsk):
    """Figures of no flight at all."""

    says = "these figures describe no flight"
    remedy = "give apogee and range in metres and the flight time in seconds, all above zero, the range below 20,000 km"


class Verdict(NamedTuple):
    """Whether a report holds together.

    `arc_s` is what an unpowered arc of that apogee and range takes, `left_s` what is left over for the boost, and
    `least_s` to `most_s` what a boost, and in low flights drag and lift, can add.
    """

    consistent: bool
    arc_s: float
    left_s: float
    least_s: float
    most_s: float

    @property
    def words(self) -> str:
        """The reason, for people."""
        arc = f"The quickest ballistic arc takes {self.arc_s:.0f} s"
        possible = f"possible is {self.least_s:.0f} to {self.most_s:.0f} s"
        if self.left_s < 0.0:
            return f"{arc}, {-self.left_s:.0f} s longer than reported: nothing is left for the boost; {possible}."
        return f"{arc}, so {self.left_s:.0f} s are left for boost and air; {possible}."


def consistent(apogee_m: float, range_m: float, flight_s: float) -> Verdict:
    """Whether a reported apogee, range and flight time can be one flight. Raises BadReport.

    The Kepler arc between two points of a round Earth that do not turn is the quickest way; a boost of 60 to
    600 s adds 20 to 400 s to it. With an apogee below 100 km the motor burns for much of the climb and may add next to
    nothing; below 150 km lift may draw out the descent as long as it keeps 800 m/s over the ground. The arc is
    good to 10 s above the air, for ranges to 12,000 km and apogees to 8,000 km, beyond which the turn of the Earth
    counts; what air adds lies within the limits, checked against flights of every notional
    vehicle, so that only a gross contradiction shows in a low flight.
    """
    sound = 0.0 < apogee_m < 1e9 and 0.0 < range_m < pi * MEAN_RADIUS_M and 0.0 < flight_s < 1e6
    if not (sound and all(map(isfinite, (apogee_m, range_m, flight_s)))):
        raise BadReport(apogee_m=apogee_m, range_m=range_m, flight_s=flight_s)
    top = MEAN_RADIUS_M + apogee_m
    half = cos(0.5 * range_m / MEAN_RADIUS_M)
    e = (top - MEAN_RADIUS_M) / (top - MEAN_RADIUS_M * half)
    a = top / (1.0 + e)
    anomaly = acos(min(max((1.0 - MEAN_RADIUS_M / a) / e, -1.0), 1.0))
    arc_s = 2.0 * (pi - anomaly + e * sin(anomaly)) * sqrt(a**3 / GM_M3PS2)
    left_s = flight_s - arc_s
    least_s = LEAST_LEFT_S if apogee_m >= HIGH_M else 0.0
    glide_s = range_m / SLOWEST_GLIDE_MPS - arc_s if apogee_m < GLIDES_BELOW_M else 0.0
    most_s = max(MOST_LEFT_S, glide_s)
    return Verdict(least_s <= left_s <= most_s, arc_s, left_s, least_s, most_s)


class Fit(NamedTuple):
    """A vehicle of `VEHICLES` by its name, and the launch with which it meets the aim."""

    vehicle: str
    solution: Solution


def fits(site: Site, azimuth_deg: float, apogee_m: float, range_m: float) -> Iterator[Fit]:
    """Every notional vehicle that can fly that apogee and range, the most likely kind first, then by size."""
    flat = apogee_m <= FLAT_M or apogee_m < FLAT * range_m
    for name in (*LIFTING, *FALLING) if flat else (*FALLING, *LIFTING):
        with suppress(NoSuchFlight):
            yield Fit(name, solve_boost(VEHICLES[name], site, azimuth_deg, apogee_m, range_m))


def nearest_fit(site: Site, azimuth_deg: float, apogee_m: float, range_m: float, flight_s: float) -> Fit | None:
    """Of those the one whose flight time is nearest to that reported; None if none can fly it."""
    found = fits(site, azimuth_deg, apogee_m, range_m)
    return min(found, key=lambda one: abs(one.solution.flight.impact_t_s - flight_s), default=None)
