"""Sensors in a scenario: what they register with their node, and what truly ails them.

A ship's radar registers one place. It knows where it truly is and reports as if it stood there; how wide a plot then
lies is another matter: across the line of sight it is range times the error of an angle, and seen from `d` metres
aside, up to `d` times that error shows as range. A ship that stays within range sigma over angle sigma of the place
it registered adds no more than its range is off by anyway. One that sails on is another sensor at its next place.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from laurel.instruments.exercise.files import shaped
from laurel.instruments.exercise.traffic.craft import SHIPS, Waypoint, way_of
from laurel.instruments.exercise.written import (
    BadScenario,
    Latitude,
    Longitude,
    Member,
    Span,
    Words,
    check_span,
)
from laurel.instruments.warning.records import Degrees, Name, Sensor, SensorKind
from laurel.physics.earth import geodesic
from laurel.physics.route import Route


class SensorClass(Struct, frozen=True, forbid_unknown_fields=True):
    """Notional figures that several sensors share. `range_sigma_m` is left out for infrared.

    What ends in `bias_sigma` is what a sensor says of its own registration.
    """

    kind: SensorKind
    angle_sigma_mrad: Annotated[float, Meta(gt=0.0, le=100.0)]
    max_range_km: Annotated[float, Meta(gt=0.0, le=100_000.0)]
    period_s: Annotated[float, Meta(gt=0.0, le=3_600.0)]
    false_plots: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    detection: Annotated[float, Meta(gt=0.0, le=1.0)]
    range_sigma_m: Annotated[float, Meta(gt=0.0, le=10_000.0)] | None = None
    min_elevation_deg: Degrees = 1.0
    range_bias_sigma_m: Annotated[float, Meta(ge=0.0, le=10_000.0)] = 0.0
    angle_bias_sigma_mrad: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.0


class Bias(Struct, frozen=True, forbid_unknown_fields=True):
    """By how much every plot is off, which nobody has been told."""

    range_m: Annotated[float, Meta(ge=-10_000.0, le=10_000.0)] = 0.0
    azimuth_mrad: Annotated[float, Meta(ge=-100.0, le=100.0)] = 0.0
    elevation_mrad: Annotated[float, Meta(ge=-100.0, le=100.0)] = 0.0


NO_BIAS = Bias()


class Station(Struct, frozen=True, forbid_unknown_fields=True):
    """One sensor of one member: a class, and where it stands. No sector sees all round."""

    member: Member
    name: Name
    place: Words
    of_class: str = field(name="class")
    lat_deg: Latitude
    lon_deg: Longitude
    alt_m: Annotated[float, Meta(ge=-500.0, le=5.0e7)]
    sector_from_deg: Degrees = 0.0
    sector_to_deg: Degrees = 0.0
    bias: Bias = NO_BIAS
    outages: tuple[Span, ...] = ()
    patrol: tuple[Waypoint, ...] = ()


class Truly(Struct, frozen=True):
    """What a sensor is, beyond what it registers. A ship's `way` is where it sails, over and over."""

    bias: Bias = NO_BIAS
    outages: tuple[Span, ...] = ()
    way: Route | None = None


AS_REGISTERED = Truly()


def checked_class(name: str, raw: dict[str, Any]) -> SensorClass:
    """The class of that name. Raises BadScenario, BadFile."""
    figures = shaped(raw, SensorClass, f"classes.{name}")
    if (figures.kind is SensorKind.RADAR) != (figures.range_sigma_m is not None):
        raise BadScenario(
            field=f"classes.{name}.range_sigma_m",
            value=figures.range_sigma_m,
            why="a radar measures range, an infrared sensor does not",
        )
    return figures


def registered(station: Station, figures: SensorClass) -> Sensor:
    """What its node is told."""
    return Sensor(
        name=station.name,
        kind=figures.kind,
        lat_deg=station.lat_deg,
        lon_deg=station.lon_deg,
        alt_m=station.alt_m,
        angle_sigma_rad=figures.angle_sigma_mrad * 1e-3,
        range_sigma_m=figures.range_sigma_m,
        max_range_m=figures.max_range_km * 1e3,
        period_s=figures.period_s,
        false_plots=figures.false_plots,
        detection=figures.detection,
        min_elevation_deg=figures.min_elevation_deg,
        sector_from_deg=station.sector_from_deg,
        sector_to_deg=station.sector_to_deg,
        range_bias_m=figures.range_bias_sigma_m,
        angle_bias_rad=figures.angle_bias_sigma_mrad * 1e-3,
    )


def truly(station: Station, figures: SensorClass, where: str) -> Truly:
    """What is so and its node is not told. Raises BadScenario."""
    for place, span in enumerate(station.outages):
        check_span(span, f"{where}.outages[{place}]")
    if figures.range_sigma_m is None and station.bias.range_m != 0.0:
        raise BadScenario(field=f"{where}.bias.range_m", value=station.bias.range_m, why="infrared measures no range")
    return Truly(station.bias, station.outages, _patrol(station, figures, where))


def _patrol(station: Station, figures: SensorClass, where: str) -> Route | None:
    """Where its ship sails, near enough to the place that it registered. Raises BadScenario."""
    if not station.patrol:
        return None
    if figures.range_sigma_m is None:
        raise BadScenario(field=f"{where}.patrol", value=len(station.patrol), why="a satellite is no ship")
    reach_m = figures.range_sigma_m / (figures.angle_sigma_mrad * 1e-3)
    for place, one in enumerate(station.patrol):
        away_m = geodesic(station.lat_deg, station.lon_deg, one.lat_deg, one.lon_deg).distance_m
        if away_m > reach_m:
            why = (
                f"{away_m / 1e3:.1f} km from the place it registers; its errors hold within {reach_m / 1e3:.1f} km "
                "(range sigma over angle sigma): let another sensor stand there, and give each its outages"
            )
            raise BadScenario(field=f"{where}.patrol[{place}]", value=station.name, why=why)
    return way_of(SHIPS["warship"], station.patrol, f"{where}.patrol", round_and_round=True)
