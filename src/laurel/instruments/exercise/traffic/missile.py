"""Ballistic missiles, alone and in salvos: from lift-off to impact, with what they leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Annotated

from msgspec import Meta, Struct
from numpy.random import Generator

from laurel.instruments.exercise.traffic.ballistic import Ballistic
from laurel.instruments.exercise.traffic.debris import spent
from laurel.instruments.exercise.traffic.mover import CrossSection, dice
from laurel.instruments.exercise.written import (
    Azimuth,
    BadScenario,
    Height,
    Kilometres,
    Latitude,
    Longitude,
    Moment,
    Seconds,
    Words,
)
from laurel.instruments.warning.records import Name
from laurel.physics.boost import BadLaunch, NoSuchFlight, Site, Vehicle, launch, solve_boost
from laurel.physics.earth import destination
from laurel.physics.flight import Flight, NoImpact
from laurel.physics.manoeuvre import BadManoeuvre, Manoeuvre, manoeuvred
from laurel.physics.vehicles import VEHICLES


class Launch(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it leaves the ground."""

    place: Words
    lat_deg: Latitude
    lon_deg: Longitude
    alt_m: Height


class Aim(Struct, frozen=True, forbid_unknown_fields=True):
    """The flight wanted: highest point, distance over the ground, direction of departure."""

    apogee_km: Kilometres
    range_km: Kilometres
    azimuth_deg: Azimuth


class Kick(Struct, frozen=True, forbid_unknown_fields=True):
    """The launch itself: tilt of the thrust, direction, and the share of the last stage's propellant that burns."""

    kick_deg: Annotated[float, Meta(ge=0.0, lt=89.0)]
    azimuth_deg: Azimuth
    cutoff: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0


class Pull(Struct, frozen=True, forbid_unknown_fields=True):
    """A manoeuvre on the way down: `physics.manoeuvre`."""

    below_km: Annotated[float, Meta(gt=0.0, le=90.0)]
    for_s: Annotated[float, Meta(gt=0.0, le=3_600.0)]
    lift_to_drag: Annotated[float, Meta(gt=0.0, le=6.0)]
    bank_deg: Annotated[float, Meta(ge=-180.0, le=180.0)] = 0.0
    most_g: Annotated[float, Meta(gt=0.0, le=100.0)] = 20.0


class Published(Struct, frozen=True, forbid_unknown_fields=True):
    """What was reported of the real flight: what the simulated one is measured against."""

    flight_s: Seconds
    flight_tolerance_s: Seconds


class FlightEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a file says of a missile and of a salvo: how it flies by its `aim`, or by its `kick`."""

    name: Name
    vehicle: str
    launch: Launch
    aim: Aim | None = None
    kick: Kick | None = None
    launch_s: Moment = 0.0
    manoeuvre: Pull | None = None
    spent_stages: bool = False
    cross_section: CrossSection = CrossSection.MISSILE


class MissileEntry(FlightEntry, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="missile"):
    """One missile."""

    published: Published | None = None


class SalvoEntry(FlightEntry, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="salvo"):
    """Several missiles of one vehicle, named NAME-1 and so on, `spacing_s` apart.

    The flight from the middle is solved; all have its kick and cutoff. Each has an azimuth of its own (normal, one
    sigma is `azimuth_spread_deg`) and a place of its own (even over a circle of `place_spread_km`).
    """

    count: Annotated[int, Meta(ge=1, le=1_000)]
    spacing_s: Annotated[float, Meta(ge=0.0, le=86_400.0)]
    azimuth_spread_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = 0.0
    place_spread_km: Annotated[float, Meta(ge=0.0, le=500.0)] = 0.0


def vehicle_of(name: str, where: str = "vehicle") -> Vehicle:
    """The class of vehicle so named. Raises BadScenario."""
    if name not in VEHICLES:
        why = "no such vehicle; there are " + ", ".join(sorted(VEHICLES))
        raise BadScenario(field=where, value=name, why=why)
    return VEHICLES[name]


def check_missile(entry: FlightEntry, where: str) -> None:
    """Raises BadScenario for what can be told without flying it."""
    vehicle_of(entry.vehicle, f"{where}.vehicle")
    if (entry.aim is None) is (entry.kick is None):
        raise BadScenario(field=f"{where}.aim", value=entry.name, why="give either an aim or a kick")


def missile(entry: MissileEntry, where: str) -> Iterator[Ballistic]:
    """The missile, and its spent stages if they are wanted. Raises BadScenario when it cannot fly so."""
    vehicle = vehicle_of(entry.vehicle, f"{where}.vehicle")
    launched = _launched(entry, vehicle, where)
    yield from _bodies(entry, entry.name, entry.launch_s, vehicle, _pulled(entry, vehicle, launched.flight, where))


def salvo(entry: SalvoEntry, seed: int, where: str) -> Iterator[Ballistic]:
    """All missiles of the salvo in order. Raises BadScenario when one cannot fly."""
    vehicle = vehicle_of(entry.vehicle, f"{where}.vehicle")
    first = _launched(entry, vehicle, where)
    for nth in range(entry.count):
        own = dice(seed, entry.name, nth)
        site = _aside(first.site, entry.place_spread_km * 1e3, own)
        azimuth_deg = (first.azimuth_deg + entry.azimuth_spread_deg * float(own.standard_normal())) % 360.0
        name = f"{entry.name}-{nth + 1}"
        try:
            flight = launch(vehicle, site, azimuth_deg, first.kick_deg, first.cutoff)
        except (BadLaunch, NoImpact) as error:
            raise BadScenario(field=where, value=name, why=str(error)) from None
        launch_s = entry.launch_s + nth * entry.spacing_s
        yield from _bodies(entry, name, launch_s, vehicle, _pulled(entry, vehicle, flight, where))


@dataclass(frozen=True, eq=False)
class _Launched:
    site: Site
    azimuth_deg: float
    kick_deg: float
    cutoff: float
    flight: Flight


def _launched(entry: FlightEntry, vehicle: Vehicle, where: str) -> _Launched:
    """The flight of a missile, or of a salvo's middle, before any manoeuvre."""
    site = Site(entry.launch.lat_deg, entry.launch.lon_deg, entry.launch.alt_m)
    try:
        if entry.kick is not None:
            kick = entry.kick
            flight = launch(vehicle, site, kick.azimuth_deg, kick.kick_deg, kick.cutoff)
            return _Launched(site, kick.azimuth_deg, kick.kick_deg, kick.cutoff, flight)
        if entry.aim is None:
            raise BadScenario(field=f"{where}.aim", value=entry.name, why="give either an aim or a kick")
        aim = entry.aim
        solved = solve_boost(vehicle, site, aim.azimuth_deg, aim.apogee_km * 1e3, aim.range_km * 1e3)
        return _Launched(site, solved.azimuth_deg, solved.kick_deg, solved.cutoff_fraction, solved.flight)
    except (NoSuchFlight, NoImpact) as error:
        by = "aim" if entry.kick is None else "kick"
        raise BadScenario(field=f"{where}.{by}", value=entry.name, why=str(error)) from None


def _pulled(entry: FlightEntry, vehicle: Vehicle, flight: Flight, where: str) -> Flight:
    """The whole flight with its manoeuvre, if it makes one. Raises BadScenario."""
    if flight.burnout_t_s >= flight.impact_t_s:
        by = "aim" if entry.kick is None else "kick"
        why = f"it falls after {flight.impact_t_s:.0f} s, while its motor burns"
        raise BadScenario(field=f"{where}.{by}", value=entry.name, why=why)
    if entry.manoeuvre is None:
        return flight
    pull = entry.manoeuvre
    lift = Manoeuvre(pull.below_km * 1e3, pull.for_s, pull.lift_to_drag, pull.bank_deg, pull.most_g)
    try:
        return manoeuvred(flight, vehicle.beta_kgpm2, lift)
    except (BadManoeuvre, NoImpact) as error:
        raise BadScenario(field=f"{where}.manoeuvre", value=entry.name, why=str(error)) from None


def _bodies(entry: FlightEntry, name: str, launch_s: float, vehicle: Vehicle, flight: Flight) -> Iterator[Ballistic]:
    yield Ballistic(name, flight, launch_s, entry.cross_section)
    if entry.spent_stages:
        yield from spent(name, flight, launch_s, vehicle.stages)


def _aside(site: Site, within_m: float, own: Generator) -> Site:
    """A chance place of the circle, on ground of the same height."""
    away_m, turn_deg = within_m * sqrt(float(own.random())), 360.0 * float(own.random())
    if away_m <= 0.0:
        return site
    lat_deg, lon_deg, _ = destination(site.lat_deg, site.lon_deg, turn_deg, away_m)
    return Site(lat_deg, lon_deg, site.alt_m)
