"""Powered flight: vertical rise, pitch kick, gravity turn, staging, then the coast and reentry of `flight`.

Three degrees of freedom: the thrust points up, then tilted by the kick, then along the velocity relative to
the ground. `solve_boost` finds the kick, the cutoff of the last stage and the launch azimuth that meet a
published apogee and range.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, degrees, hypot, isfinite, log, pi, radians, sin
from typing import NamedTuple, TypeAlias

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.ballistics import (
    AIM_X,
    AIM_Z,
    ALONG_VELOCITY,
    AREA,
    DRIVE_SIZE,
    FIXED_AIM,
    FLOW,
    MASS,
    MODE,
    NOZZLE_AREA,
    SINCE,
    THRUST,
)
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import MEAN_RADIUS_M, Geodesic, enu_to_ecef, geodesic, geodetic_to_ecef
from laurel.physics.flight import (
    LANDED,
    LIMIT_S,
    REACHED_END,
    TOLERANCE_M,
    Flight,
    NoImpact,
    drive_of,
    landed,
    slowed_to,
    summit,
    trace,
)

STANDARD_GRAVITY_MPS2 = 9.80665
CLOSE_M = 200.0
KICKS_DEG = np.geomspace(0.1, 60.0, 24)
CUTOFFS = np.linspace(0.1, 1.0, 10)


class BadVehicle(BadAsk):
    """A vehicle that cannot leave the ground, or is not one."""

    says = "this vehicle cannot fly"
    remedy = "give stages with positive masses, thrust and specific impulse, and more thrust than weight at lift-off"


class BadLaunch(BadAsk):
    """A kick, cutoff or azimuth out of range."""

    says = "this launch cannot be"
    remedy = "give a kick of 0 to 89 degrees, a cutoff above 0 and up to 1, and a finite azimuth"


class NoSuchFlight(BadAsk):
    """No kick and cutoff of this vehicle give that apogee and that range."""

    says = "this vehicle cannot fly that apogee and range"
    remedy = "check the published figures, or take another vehicle; the facts give the nearest flight it can make"


_Arc: TypeAlias = tuple[Vector, Matrix, Matrix]


class Site(NamedTuple):
    """A launch site: degrees and metres above the ellipsoid."""

    lat_deg: float
    lon_deg: float
    alt_m: float = 0.0


@dataclass(frozen=True)
class Stage:
    """One stage: masses in kg, thrust and specific impulse in vacuum, the nozzle exit for the loss in air.

    `coast_s` passes unpowered before it lights.
    """

    propellant_kg: float
    dry_kg: float
    thrust_n: float
    impulse_s: float
    diameter_m: float
    nozzle_area_m2: float = 0.0
    coast_s: float = 0.0

    @property
    def flow_kgps(self) -> float:
        """Propellant burnt per second."""
        return self.thrust_n / (self.impulse_s * STANDARD_GRAVITY_MPS2)

    @property
    def burn_s(self) -> float:
        """Seconds from ignition to empty tanks."""
        return self.propellant_kg / self.flow_kgps


@dataclass(frozen=True)
class Vehicle:
    """Stages from the ground up, and the payload that falls: its mass and ballistic coefficient.

    A quasi-ballistic one also lifts from its apogee on: `lift_to_drag` times its drag, upward, until it is as
    slow as `dive_mps`; from there it falls without lift.
    """

    name: str
    stages: tuple[Stage, ...]
    payload_kg: float
    beta_kgpm2: float
    lift_to_drag: float = 0.0
    dive_mps: float = 0.0
    rise_s: float = 5.0
    kick_s: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what cannot fly."""
        positive = [self.payload_kg, self.beta_kgpm2, self.rise_s, self.kick_s]
        for stage in self.stages:
            positive += [stage.propellant_kg, stage.dry_kg, stage.thrust_n, stage.impulse_s, stage.diameter_m]
        if not self.stages or not all(isfinite(x) and x > 0.0 for x in positive):
            raise BadVehicle(vehicle=self.name)
        first = self.stages[0]
        weight_n = self.liftoff_kg * STANDARD_GRAVITY_MPS2
        thrust_n = first.thrust_n - 101_325.0 * first.nozzle_area_m2
        if thrust_n <= weight_n or self.rise_s + self.kick_s >= first.burn_s:
            raise BadVehicle(vehicle=self.name, thrust_n=thrust_n, weight_n=weight_n, first_burn_s=first.burn_s)

    @cached_property
    def liftoff_kg(self) -> float:
        """Everything on the pad."""
        return self.payload_kg + sum(stage.propellant_kg + stage.dry_kg for stage in self.stages)


@dataclass(frozen=True, eq=False)
class Solution:
    """A launch that meets the aim, and its flight."""

    azimuth_deg: float
    kick_deg: float
    cutoff_fraction: float
    flight: Flight


def _phases(
    vehicle: Vehicle, site: Site, azimuth_deg: float, kick_deg: float, cutoff_fraction: float
) -> tuple[list[tuple[float, Vector]], tuple[tuple[float, float], ...]]:
    """(end, drive) of each powered or coasting phase until the last cutoff, and the burns."""
    az, kick = radians(azimuth_deg), radians(kick_deg)
    up = enu_to_ecef(np.array([0.0, 0.0, 1.0]), site.lat_deg, site.lon_deg)
    tilted = enu_to_ecef(np.array([sin(kick) * sin(az), sin(kick) * cos(az), cos(kick)]), site.lat_deg, site.lon_deg)
    phases: list[tuple[float, Vector]] = []
    burns: list[tuple[float, float]] = []
    mass, now = vehicle.liftoff_kg, 0.0
    for number, stage in enumerate(vehicle.stages):
        drive = np.zeros(DRIVE_SIZE)
        drive[MODE] = ALONG_VELOCITY
        drive[AIM_X : AIM_Z + 1] = up
        drive[MASS] = mass
        drive[AREA] = pi / 4.0 * stage.diameter_m**2
        if stage.coast_s > 0.0:
            now += stage.coast_s
            phases.append((now, drive.copy()))
        drive[THRUST], drive[NOZZLE_AREA], drive[FLOW] = stage.thrust_n, stage.nozzle_area_m2, stage.flow_kgps
        drive[SINCE] = now
        if number == 0:
            rise, turn = drive.copy(), drive.copy()
            rise[MODE] = turn[MODE] = FIXED_AIM
            turn[AIM_X : AIM_Z + 1] = tilted
            phases += [(vehicle.rise_s, rise), (vehicle.rise_s + vehicle.kick_s, turn)]
        last = number == len(vehicle.stages) - 1
        burn_s = stage.burn_s * (cutoff_fraction if last else 1.0)
        phases.append((now + burn_s, drive))
        burns.append((now, now + burn_s))
        now += burn_s
        mass -= stage.propellant_kg + stage.dry_kg
    return phases, tuple(burns)


def _glide(vehicle: Vehicle, parts: list[_Arc], limit_s: float, tolerance_m: float) -> int:
    """Flies the last of `parts` again with lift from its apogee until the dive; returns how it ended.

    One that is past its apogee when the motor ends falls without lift: it would loop.
    """
    top_s, _ = summit(*parts[-1])
    coast = parts.pop()
    now, state = float(coast[0][0]), coast[1][0]
    falling, lifted = drive_of(vehicle.beta_kgpm2), drive_of(vehicle.beta_kgpm2, vehicle.lift_to_drag)
    legs = [(top_s, falling), (limit_s, lifted)] if top_s > now else [(limit_s, falling)]
    ended = REACHED_END
    for end_s, drive in legs:
        *steps, ended = trace(now, state, end_s, drive, tolerance_m)
        if drive is lifted:
            dive_s = slowed_to(vehicle.dive_mps, steps[0], steps[1], steps[2])
            if dive_s < float(steps[0][-1]):
                *steps, ended = trace(now, state, dive_s, drive, tolerance_m)
                legs.append((limit_s, falling))
        parts.append((steps[0], steps[1], steps[2]))
        now, state = float(steps[0][-1]), steps[1][-1]
    return ended


def launch(
    vehicle: Vehicle,
    site: Site,
    azimuth_deg: float,
    kick_deg: float,
    cutoff_fraction: float = 1.0,
    *,
    tolerance_m: float = TOLERANCE_M,
    limit_s: float = LIMIT_S,
) -> Flight:
    """The whole flight from lift-off at t = 0 to the ground; `Flight.burns` and `thrusting` tell when motors burn.

    `kick_deg` is the tilt of the thrust towards the azimuth during the kick; `cutoff_fraction` the share of the
    last stage's propellant that burns. Raises BadLaunch, NoImpact, BadPlace.
    """
    sound = isfinite(azimuth_deg) and 0.0 <= kick_deg < 89.0 and 0.0 < cutoff_fraction <= 1.0
    if not sound:
        raise BadLaunch(azimuth_deg=azimuth_deg, kick_deg=kick_deg, cutoff_fraction=cutoff_fraction)
    phases, burns = _phases(vehicle, site, azimuth_deg, kick_deg, cutoff_fraction)
    state = np.concatenate((geodetic_to_ecef(*site), np.zeros(3)))
    parts: list[_Arc] = []
    now, ended = 0.0, REACHED_END
    phases.append((limit_s, drive_of(vehicle.beta_kgpm2)))
    for end_s, drive in phases:
        if end_s <= now:
            continue
        times, states, slopes, ended = trace(now, state, float(end_s), drive, float(tolerance_m))
        parts.append((times, states, slopes))
        now, state = float(times[-1]), states[-1]
        if ended != REACHED_END:
            break
    if vehicle.lift_to_drag != 0.0 and now > phases[-2][0]:
        ended = _glide(vehicle, parts, limit_s, tolerance_m)
    now = float(parts[-1][0][-1])
    if ended == LANDED:
        burns = tuple((lit, min(out, now)) for lit, out in burns if lit < now)
    times, states, slopes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return landed(times, states, slopes, ended, burns)


def ground_track(site: Site, flight: Flight) -> Geodesic:
    """The geodesic from the launch site to the impact."""
    return geodesic(site.lat_deg, site.lon_deg, flight.impact_lat_deg, flight.impact_lon_deg)


class _Aim(NamedTuple):
    vehicle: Vehicle
    site: Site
    azimuth_deg: float
    apogee_m: float
    range_m: float


class _Shot(NamedTuple):
    """One try: (3,) tilt along and across the wanted azimuth (degrees) and cutoff; (3,) what it got and its flight."""

    knobs: Vector
    got_m: Vector
    """Apogee, reach along the wanted azimuth, reach to the right of it."""
    miss_m: float
    flight: Flight


def _shoot(aim: _Aim, knobs: Vector, tolerance_m: float = TOLERANCE_M) -> _Shot | None:
    along, across, cutoff = knobs.tolist()
    kick = hypot(along, across)
    if not (kick < 89.0 and 0.02 <= cutoff <= 1.0):
        return None
    azimuth_deg = aim.azimuth_deg + degrees(atan2(across, along))
    try:
        flight = launch(aim.vehicle, aim.site, azimuth_deg, kick, cutoff, tolerance_m=tolerance_m)
    except NoImpact:
        return None
    way = ground_track(aim.site, flight)
    off = radians(way.azimuth_deg - aim.azimuth_deg)
    got = np.array([flight.apogee_m, way.distance_m * cos(off), way.distance_m * sin(off)])
    return _Shot(knobs, got, float(np.abs(got - _wanted(aim)).max()), flight)


def _wanted(aim: _Aim) -> Vector:
    return np.array([aim.apogee_m, aim.range_m, 0.0])


def _slope(aim: _Aim, shot: _Shot) -> Matrix | None:
    """(3, 3) change of what a shot gets by its knobs, one-sided differences."""
    columns: list[Vector] = []
    for i, nudge in enumerate((1e-4, 1e-4, -1e-4 if shot.knobs[2] > 0.5 else 1e-4)):
        nudged = shot.knobs.copy()
        nudged[i] += nudge
        other = _shoot(aim, nudged)
        if other is None:
            return None
        columns.append((other.got_m - shot.got_m) / nudge)
    return np.array(columns).T


def _improve(aim: _Aim, shot: _Shot) -> _Shot:
    """Newton's method with the step halved until it gains."""
    for _ in range(20):
        if shot.miss_m < 1.0:
            break
        slope = _slope(aim, shot)
        if slope is None or abs(np.linalg.det(slope)) < 1e-9:
            break
        step = np.linalg.solve(slope, _wanted(aim) - shot.got_m)
        better: _Shot | None = None
        share = 1.0
        while better is None and share > 0.005:
            knobs = shot.knobs + share * step
            knobs[2] = min(knobs[2], 1.0)
            tried = _shoot(aim, knobs)
            better = tried if tried is not None and tried.miss_m < shot.miss_m else None
            share *= 0.5
        if better is None:
            break
        shot = better
    return shot


def _grid(aim: _Aim) -> list[_Shot]:
    """A coarse look at what the vehicle can do that way, nearest first by the ratio of apogees and of reaches."""
    knobs = (np.array([kick, 0.0, cutoff]) for kick in KICKS_DEG for cutoff in CUTOFFS)
    shots = [shot for shot in (_shoot(aim, k, 1.0) for k in knobs) if shot is not None]

    def far_off(shot: _Shot) -> float:
        apogee, along = max(shot.got_m[0], 1.0), max(shot.got_m[1], 1.0)
        return abs(log(apogee / aim.apogee_m)) + abs(log(along / aim.range_m))

    return sorted(shots, key=far_off)


def solve_boost(vehicle: Vehicle, site: Site, azimuth_deg: float, apogee_m: float, range_m: float) -> Solution:
    """The launch whose impact lies `range_m` away at that azimuth with that apogee, all within 200 m.

    A coarse grid, then Newton. Raises NoSuchFlight with the nearest flight found.
    """
    if not (isfinite(azimuth_deg) and 0.0 < apogee_m < 1e9 and 0.0 < range_m < pi * MEAN_RADIUS_M):
        raise NoSuchFlight(vehicle=vehicle.name, azimuth_deg=azimuth_deg, apogee_m=apogee_m, range_m=range_m)
    aim = _Aim(vehicle, site, azimuth_deg, apogee_m, range_m)
    nearest: _Shot | None = None
    for start in _grid(aim)[:4]:
        shot = _improve(aim, start)
        if nearest is None or shot.miss_m < nearest.miss_m:
            nearest = shot
        if shot.miss_m < CLOSE_M:
            along, across, cutoff = shot.knobs.tolist()
            turned = (azimuth_deg + degrees(atan2(across, along))) % 360.0
            return Solution(turned, hypot(along, across), cutoff, shot.flight)
    raise NoSuchFlight(
        vehicle=vehicle.name,
        apogee_km=apogee_m / 1e3,
        range_km=range_m / 1e3,
        nearest_apogee_km=round(float(nearest.got_m[0]) / 1e3, 1) if nearest else None,
        nearest_range_km=round(float(nearest.got_m[1]) / 1e3, 1) if nearest else None,
    )
