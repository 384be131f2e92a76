"""Where it was launched and where it will come down, with the ellipses that say how well that is known.

A prediction assumes free flight from now on. There is none while a motor may burn, from a short look by one
sensor, or when the answer would be too wide to act on; then the reason is said instead. What may manoeuvre, or has
not been seen for a while, has a wider one. An impact that was seen is told as such, and nothing is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import atan2, ceil, cos, degrees, exp, hypot, isfinite, log, radians, sqrt

import numpy as np

from laurel.instruments.warning.areas import TERRITORY, touches
from laurel.instruments.warning.fuse import Estimate
from laurel.instruments.warning.information import intersect
from laurel.instruments.warning.landing import TOLERANCE_M, displaced, landings, told
from laurel.instruments.warning.overflight import LIKELY, Pass, passes
from laurel.instruments.warning.picture_types import (
    Ellipse,
    Launch,
    ObservedImpactPoint,
    PathPoint,
    PredictedImpactPoint,
)
from laurel.instruments.warning.predict import LIMIT_S, along
from laurel.instruments.warning.records import Area, LaunchPoint, ObservedImpact, Phase
from laurel.instruments.warning.tracker.motion import LOG_BETA_PRIOR, LOG_BETA_SIGMA
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import GM_M3PS2, MEAN_RADIUS_M, OMEGA_RADPS, height, to_geodetic
from laurel.physics.flight import LANDED, drive_of, trace

# Radii that hold 50 and 90 % of a two-dimensional Gaussian, in standard deviations.
HOLDS_50, HOLDS_90 = 1.1774, 2.1460

ONE_SENSOR_S = 30.0
"""One radar's velocity is that of its angles: before, they err more than the ellipse can be trusted to tell."""
WIDEST_M, WIDEST_SHARE = 100_000.0, 0.1
"""An ellipse is too wide to act on beyond that, or beyond that share of the way still to fly."""
REGION_M = 300_000.0
"""So wide may be the region in which something that manoeuvres comes down."""
THICK_AIR_M = 40_000.0
"""Below that, drag and a weak motor look alike to a tracker for some seconds."""
TURNS_MPS2 = 10.0
"""What a vehicle that manoeuvres pulls to one side on the average of the rest of its flight."""
STRAYS_MPS2 = {Phase.COAST: 0.05, Phase.REENTRY: 1.0, Phase.MANEUVER: 10.0}
"""What a vehicle may have been pulled by on each axis while no one looked: vents, lift by chance, a purpose."""
STRAYS_S = 120.0
SUREST, WILDEST = 1e-6, 4.0
"""Bounds of a variance of ln beta that is believed."""
LOWEST_ORBIT_M = 80_000.0
PATH_POINTS = 120
PASS_STEP_M, MOST_PASS_POINTS = 5_000.0, 2_400


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
    observed: ObservedImpactPoint | None = None

    def may_touch(self) -> tuple[Area, ...]:
        """The areas that the 99 % ellipse touches."""
        if self.impact is None or self.ellipse99 is None:
            return ()
        return touches(self.impact.lat_deg, self.impact.lon_deg, self.ellipse99)

    @property
    def overflies(self) -> tuple[Area, ...]:
        """The territories it is likely to pass over, in that order."""
        return tuple(dict.fromkeys(Area(one.member, TERRITORY) for one in self.passes if one.chance >= LIKELY))


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


def outlook(
    estimate: Estimate,
    phase: Phase,
    first_at: datetime,
    seen_at: datetime,
    sensors: int,
    unseen_s: float = 0.0,
) -> Outlook:
    """What is ahead of a system track seen from `first_at` to `seen_at` by that many sensors.

    `unseen_s` is for how long it has been lost: the prediction of then, by what it may have done since the wider.
    """
    because = _too_soon(estimate, phase, first_at, seen_at, sensors)
    if because is not None:
        return nothing_ahead(because)
    mean, covariance = _with_beta(estimate)
    covariance[:6, :6] += _strayed(STRAYS_MPS2[phase], unseen_s)
    times, states, rates, ended = trace(0.0, estimate.state, LIMIT_S, drive_of(exp(mean[6])), TOLERANCE_M)
    if ended != LANDED:
        return nothing_ahead("it may not come down within two hours")
    falls_s, place = float(times[-1]), to_geodetic(*states[-1, :3].tolist())
    cloud, lands = landings(mean, covariance, states[-1], falls_s)
    if not lands:
        return nothing_ahead("too little is known: it might not even come down")
    middle, spread, radii, (earliest_s, latest_s) = told(cloud)
    widest_m = max(WIDEST_M, WIDEST_SHARE * float(np.linalg.norm(states[-1, :3] - states[0, :3])))
    if phase is Phase.MANEUVER:
        turns_m = min(0.5 * TURNS_MPS2 * falls_s, 0.5 * float(np.linalg.norm(estimate.state[3:]))) * falls_s
        spread[:2, :2] += turns_m**2 * np.eye(2)
        widest_m = REGION_M
    ellipse50, ellipse90, ellipse99 = (ellipse(spread[:2, :2], radius) for radius in radii.tolist())
    if not ellipse90.semi_major_m <= widest_m:
        off = f"it might come down {ellipse90.semi_major_m / 1e3:,.0f} km away"
        return nothing_ahead(f"it manoeuvres: {off}" if phase is Phase.MANEUVER else f"too little is known: {off}")
    lat, lon = (degrees(angle) for angle in displaced(place[0], place[1], middle[0], middle[1]))
    lon = (lon + 180.0) % 360.0 - 180.0
    lands_at = estimate.at + timedelta(seconds=falls_s)
    impact = PredictedImpactPoint(
        lat_deg=lat,
        lon_deg=lon,
        at=lands_at + timedelta(seconds=middle[2]),
        at_sigma_s=sqrt(spread[2, 2]),
        earliest_at=lands_at + timedelta(seconds=earliest_s),
        latest_at=lands_at + timedelta(seconds=latest_s),
        ellipse50=ellipse50,
        ellipse90=ellipse90,
        areas=touches(lat, lon, ellipse90),
    )
    wanted = np.linspace(0.0, falls_s, PATH_POINTS)
    points = along(times, states, rates, wanted)
    since_first_s = (estimate.at - first_at).total_seconds()
    path = tuple(
        PathPoint(lon, lat, max(alt, 0.0), since_first_s + t)
        for t, (lat, lon, alt) in zip(wanted.tolist(), points.tolist(), strict=True)
    )
    # So near each other that no tongue of land lies between two of them.
    flown_m = float(np.linalg.norm(states[-1, :3] - states[0, :3]))
    near = np.linspace(0.0, falls_s, min(max(ceil(flown_m / PASS_STEP_M), PATH_POINTS), MOST_PASS_POINTS))
    return Outlook(impact, None, path, passes(estimate, near, along(times, states, rates, near)), ellipse99)


def _too_soon(estimate: Estimate, phase: Phase, first_at: datetime, seen_at: datetime, sensors: int) -> str | None:
    seen_s = (seen_at - first_at).total_seconds()
    if phase is Phase.BOOST:
        return "its motor was burning when last seen"
    if phase is Phase.UNKNOWN:
        return "it is not known yet whether its motor burns"
    climbs = climb_rate(estimate.state) > 0.0
    if phase is not Phase.MANEUVER and climbs and height(*estimate.state[:3].tolist()) < THICK_AIR_M:
        return "it still climbs through the air, where its motor may burn"
    if sensors == 1 and seen_s < ONE_SENSOR_S:
        return f"it was seen for {seen_s:.0f} s by one sensor, which needs {ONE_SENSOR_S:.0f} s"
    return None


def _with_beta(estimate: Estimate) -> tuple[Vector, Matrix]:
    """(7,) and (7, 7): the estimate and ln beta, as its fall told or as is known of such vehicles."""
    mean, covariance = np.append(estimate.state, LOG_BETA_PRIOR), np.zeros((7, 7))
    covariance[:6, :6] = estimate.covariance
    covariance[6, 6] = LOG_BETA_SIGMA**2
    drag = estimate.drag
    if drag is not None and log(50.0) < drag.log_beta < log(1e6) and 0.0 <= drag.covariance[6] < WILDEST:
        mean[6] = drag.log_beta
        covariance[6, 6] = max(drag.covariance[6], SUREST)
        with_state = np.array(drag.covariance[:6])
        # A reported covariance need not be one: what explains more than there is explains nothing.
        if (with_state**2 < np.diag(estimate.covariance) * covariance[6, 6]).all():
            covariance[6, :6] = covariance[:6, 6] = with_state
    return mean, covariance


def _strayed(acceleration_mps2: float, unseen_s: float) -> Matrix:
    """(6, 6) what an acceleration of that sigma on each axis, held while unseen, adds to the state of then."""
    speed = acceleration_mps2 * min(unseen_s, STRAYS_S)
    # As a push at the start it would have led farther than it did.
    place = -0.5 * speed * min(unseen_s, STRAYS_S)
    return np.kron([[place * place, place * speed], [place * speed, speed * speed]], np.eye(3)).astype(np.float64)


def landed(seen: Sequence[ObservedImpact]) -> Outlook | None:
    """The members' observations of one impact as one, by covariance intersection; None if none is sound."""
    points = [LaunchPoint(one.lat_deg, one.lon_deg, one.at, one.at_sigma_s, one.covariance_m2) for one in seen]
    found = launch_of(points)
    if found is None:
        return None
    impact = ObservedImpactPoint(
        lat_deg=found.lat_deg,
        lon_deg=found.lon_deg,
        at=found.at,
        at_sigma_s=found.at_sigma_s,
        ellipse50=found.ellipse50,
        ellipse90=found.ellipse90,
        areas=touches(found.lat_deg, found.lon_deg, found.ellipse90),
    )
    return Outlook(None, "its impact was observed", (), (), None, impact)


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
