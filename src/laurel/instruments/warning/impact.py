"""Where it was launched and where it will come down, with the ellipses that say how well that is known.

A prediction assumes free flight from now on. There is none while a motor may burn, from a short look by one
sensor, or when the answer would be too wide to act on; then the reason is said instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import atan2, cos, degrees, hypot, isfinite, radians, sqrt

import numpy as np

from laurel.instruments.warning.areas import NOBODY, TERRITORY, territory_at, touches
from laurel.instruments.warning.fuse import Estimate, intersect
from laurel.instruments.warning.picture_types import Ellipse, Launch, PathPoint, PredictedImpactPoint
from laurel.instruments.warning.predict import (
    INV_BETA_M2PKG,
    LIMIT_S,
    TOLERANCE_M,
    along,
    landing,
)
from laurel.instruments.warning.records import Area, LaunchPoint, Phase
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import GM_M3PS2, MEAN_RADIUS_M, OMEGA_RADPS, height
from laurel.physics.flight import LANDED, drive_of, trace

# Radii that hold 50, 90 and 99 % of a two-dimensional Gaussian, in standard deviations.
HOLDS_50, HOLDS_90, HOLDS_99 = 1.1774, 2.1460, 3.0349

ONE_SENSOR_S = 30.0
SEVERAL_SENSORS_S = 20.0
WIDEST_M = 500_000.0
THICK_AIR_M = 40_000.0
"""Below that, drag and a weak motor look alike to a tracker for some seconds."""
OVERFLIGHT_M = 100_000.0
LOWEST_ORBIT_M = 80_000.0
PATH_POINTS = 120


@dataclass(frozen=True)
class Pass:
    """A stretch of the predicted flight over one member's territory, above 100 km."""

    member: str
    start_at: datetime
    end_at: datetime
    lowest_m: float


@dataclass(frozen=True)
class Outlook:
    """What lies ahead of a system track if nothing changes. `because` says why there is no impact point.

    `ellipse99` is for those who must not change their mind too soon.
    """

    impact: PredictedImpactPoint | None
    because: str | None
    path: tuple[PathPoint, ...]
    passes: tuple[Pass, ...]
    ellipse99: Ellipse | None

    def may_touch(self) -> tuple[Area, ...]:
        """The areas that the 99 % ellipse touches."""
        if self.impact is None or self.ellipse99 is None:
            return ()
        return touches(self.impact.lat_deg, self.impact.lon_deg, self.ellipse99)

    @property
    def overflies(self) -> tuple[Area, ...]:
        """The territories it passes over, in that order."""
        return tuple(dict.fromkeys(Area(one.member, TERRITORY) for one in self.passes))


def orbits(state: Vector) -> bool:
    """Whether a free body in that ECEF state stays above the air, by its perigee or its escape."""
    position, velocity = state[:3], state[3:] + np.array([-OMEGA_RADPS * state[1], OMEGA_RADPS * state[0], 0.0])
    r = float(np.linalg.norm(position))
    energy = 0.5 * float(velocity @ velocity) - GM_M3PS2 / r
    if energy >= 0.0:
        return True
    momentum = np.cross(position, velocity)
    eccentricity = sqrt(max(1.0 + 2.0 * energy * float(momentum @ momentum) / GM_M3PS2**2, 0.0))
    return -0.5 * GM_M3PS2 / energy * (1.0 - eccentricity) > MEAN_RADIUS_M + LOWEST_ORBIT_M


def ellipse(covariance_m2: Matrix, radius: float) -> Ellipse:
    """The ellipse of that many standard deviations of an (east, north) covariance (2, 2)."""
    (ee, en), (_, nn) = covariance_m2.tolist()
    middle, half = 0.5 * (ee + nn), hypot(0.5 * (nn - ee), en)
    azimuth = degrees(0.5 * atan2(2.0 * en, nn - ee)) % 180.0
    return Ellipse(radius * sqrt(middle + half), radius * sqrt(max(middle - half, 0.0)), azimuth)


def nothing_ahead(because: str) -> Outlook:
    """No impact point, and why."""
    return Outlook(None, because, (), (), None)


def outlook(estimate: Estimate, phase: Phase, first_at: datetime, seen_at: datetime, sensors: int) -> Outlook:
    """What is ahead of a system track seen from `first_at` to `seen_at` by that many sensors."""
    seen_s = (seen_at - first_at).total_seconds()
    if phase is Phase.BOOST:
        return nothing_ahead("its motor was burning when last seen")
    if phase is Phase.UNKNOWN:
        return nothing_ahead("it is not known yet whether its motor burns")
    if height(*estimate.state[:3].tolist()) < THICK_AIR_M and climb_rate(estimate.state) > 0.0:
        return nothing_ahead("it still climbs through the air, where its motor may burn")
    needed_s = ONE_SENSOR_S if sensors == 1 else SEVERAL_SENSORS_S
    if seen_s < needed_s:
        by = "one sensor, which needs" if sensors == 1 else f"{sensors} sensors, which need"
        return nothing_ahead(f"it was seen for {seen_s:.0f} s by {by} {needed_s:.0f} s")
    times, states, rates, ended = trace(0.0, estimate.state, LIMIT_S, drive_of(1.0 / INV_BETA_M2PKG), TOLERANCE_M)
    if ended != LANDED:
        return nothing_ahead("it may not come down within two hours")
    place, spread, lands = landing(estimate.state, estimate.covariance, states[-1], times[-1])
    ellipse90 = ellipse(spread[:2, :2], HOLDS_90)
    if not lands or not ellipse90.semi_major_m <= WIDEST_M:
        return nothing_ahead("too little is known: the point could be hundreds of kilometres off")
    lat, lon = degrees(place[0]), (degrees(place[1]) + 180.0) % 360.0 - 180.0
    impact = PredictedImpactPoint(
        lat_deg=lat,
        lon_deg=lon,
        at=estimate.at + timedelta(seconds=place[2]),
        at_sigma_s=sqrt(spread[2, 2]),
        ellipse50=ellipse(spread[:2, :2], HOLDS_50),
        ellipse90=ellipse90,
        areas=touches(lat, lon, ellipse90),
    )
    wanted = np.linspace(0.0, float(times[-1]), 2 * PATH_POINTS - 1)
    points = along(times, states, rates, wanted)
    since_first_s = (estimate.at - first_at).total_seconds()
    path = tuple(
        PathPoint(lon, lat, max(alt, 0.0), since_first_s + t)
        for t, (lat, lon, alt) in zip(wanted[::2].tolist(), points[::2].tolist(), strict=True)
    )
    return Outlook(impact, None, path, _passes(estimate.at, wanted, points), ellipse(spread[:2, :2], HOLDS_99))


def _passes(start: datetime, times_s: Vector, points: Matrix) -> tuple[Pass, ...]:
    high = np.flatnonzero(points[:, 2] > OVERFLIGHT_M)
    lands = territory_at(points[high, 0], points[high, 1])
    found: list[Pass] = []
    last = -1
    for row, land in zip(high.tolist(), lands, strict=True):
        if land == NOBODY:
            continue
        at, alt = start + timedelta(seconds=float(times_s[row])), float(points[row, 2])
        if row == last + 1 and found and found[-1].member == land:
            found[-1] = Pass(land, found[-1].start_at, at, min(found[-1].lowest_m, alt))
        else:
            found.append(Pass(land, at, at, alt))
        last = row
    return tuple(found)


def launch_of(points: Sequence[LaunchPoint]) -> Launch | None:
    """The members' estimates of one launch as one, by covariance intersection in place and time."""
    sound = [one for one in points if _sound(one)]
    if not sound:
        return None
    origin = sound[0]
    north_m = radians(1.0) * MEAN_RADIUS_M
    east_m = north_m * max(cos(radians(origin.lat_deg)), 1e-3)
    means = np.array(
        [
            (
                ((one.lon_deg - origin.lon_deg + 180.0) % 360.0 - 180.0) * east_m,
                (one.lat_deg - origin.lat_deg) * north_m,
                (one.at - origin.at).total_seconds(),
            )
            for one in sound
        ]
    )
    covariances = np.array([_launch_covariance(one) for one in sound])
    mean, covariance = intersect(means, covariances)
    east, north, later_s = mean.tolist()
    return Launch(
        lat_deg=origin.lat_deg + north / north_m,
        lon_deg=(origin.lon_deg + east / east_m + 180.0) % 360.0 - 180.0,
        at=origin.at + timedelta(seconds=later_s),
        at_sigma_s=sqrt(covariance[2, 2]),
        ellipse50=ellipse(covariance[:2, :2], HOLDS_50),
        ellipse90=ellipse(covariance[:2, :2], HOLDS_90),
    )


def _sound(one: LaunchPoint) -> bool:
    ee, en, nn = one.covariance_m2
    numbers = (one.lat_deg, one.lon_deg, one.at_sigma_s, ee, en, nn)
    return (
        all(map(isfinite, numbers))
        and abs(one.lat_deg) < 90.0
        and abs(one.lon_deg) <= 360.0
        and 1e-3 < one.at_sigma_s < LIMIT_S
        and 1.0 <= ee < WIDEST_M**2
        and 1.0 <= nn < WIDEST_M**2
        and en * en < ee * nn
    )


def _launch_covariance(one: LaunchPoint) -> Matrix:
    ee, en, nn = one.covariance_m2
    return np.array([[ee, en, 0.0], [en, nn, 0.0], [0.0, 0.0, one.at_sigma_s**2]])
