"""A scenario: one flight and the sensors that may see it, as a file that people read and change.

`scenarios/README.md` explains every field. Nothing unknown and nothing half-understood is accepted:
an exercise with a misspelt figure would be another exercise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from laurel.core.errors import BadAsk
from laurel.core.record import Utc
from laurel.instruments.exercise.files import BadFile, decoded, shaped
from laurel.instruments.warning.records import Degrees, Name, Sensor, SensorKind

MAX_SCENARIO_BYTES = 256 * 1024

Words = Annotated[str, Meta(min_length=1, max_length=2_000)]
Member = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Kilometres = Annotated[float, Meta(gt=0.0, le=20_000.0)]
Seconds = Annotated[float, Meta(gt=0.0, le=100_000.0)]


class BadScenario(BadAsk):
    """The file is not a scenario."""

    says = "this scenario cannot be played"
    remedy = "correct the field it names; scenarios/README.md explains each one"


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Who published a figure of this scenario, and what it was."""

    by: Words
    says: Words


class Published(Struct, frozen=True, forbid_unknown_fields=True):
    """What was reported of the real flight: what the simulated one is measured against."""

    flight_s: Seconds
    flight_tolerance_s: Seconds


class Launch(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it leaves the ground."""

    place: Words
    lat_deg: Latitude
    lon_deg: Longitude
    alt_m: Annotated[float, Meta(ge=-500.0, le=9_000.0)]


class Aim(Struct, frozen=True, forbid_unknown_fields=True):
    """The flight wanted: highest point, distance over the ground, direction of departure."""

    apogee_km: Kilometres
    range_km: Kilometres
    azimuth_deg: Annotated[float, Meta(ge=0.0, lt=360.0)]


class SensorClass(Struct, frozen=True, forbid_unknown_fields=True):
    """Notional figures that several sensors share. `range_sigma_m` is left out for infrared."""

    kind: SensorKind
    angle_sigma_mrad: Annotated[float, Meta(gt=0.0, le=100.0)]
    max_range_km: Annotated[float, Meta(gt=0.0, le=100_000.0)]
    period_s: Annotated[float, Meta(gt=0.0, le=3_600.0)]
    false_plots: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    detection: Annotated[float, Meta(gt=0.0, le=1.0)]
    range_sigma_m: Annotated[float, Meta(gt=0.0, le=10_000.0)] | None = None
    min_elevation_deg: Degrees = 1.0


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


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    summary: Words
    starts_at: Utc
    speed: Annotated[float, Meta(gt=0.0, le=1_000.0)]
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    vehicle: str
    launch: Launch
    aim: Aim
    published: Published
    classes: dict[str, dict[str, Any]]
    sensors: Annotated[tuple[Station, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and found sound. `sensors` are those of each member, in file order."""

    title: str
    summary: str
    starts_at: Utc
    speed: float
    seed: int
    sources: tuple[Source, ...]
    vehicle: str
    launch: Launch
    aim: Aim
    published: Published
    sensors: dict[str, tuple[Sensor, ...]]
    sha256: str

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the members that have a sensor in it, sorted."""
        return tuple(sorted(self.sensors))


def parse(file: bytes) -> Scenario:
    """The scenario in a TOML file. Raises BadScenario, which names the field, its value and the reason."""
    try:
        return _parsed(file)
    except BadFile as error:
        raise BadScenario(**error.facts) from None


def _parsed(file: bytes) -> Scenario:
    raw = decoded(file, MAX_SCENARIO_BYTES)
    read = shaped(raw, _File)
    classes = {name: _class(name, figures) for name, figures in read.classes.items()}
    return Scenario(
        title=read.title,
        summary=read.summary,
        starts_at=read.starts_at,
        speed=read.speed,
        seed=read.seed,
        sources=read.sources,
        vehicle=read.vehicle,
        launch=read.launch,
        aim=read.aim,
        published=read.published,
        sensors=_sensors(read.sensors, classes),
        sha256=hashlib.sha256(file).hexdigest(),
    )


def _class(name: str, raw: dict[str, Any]) -> SensorClass:
    figures = shaped(raw, SensorClass, f"classes.{name}")
    if (figures.kind is SensorKind.RADAR) != (figures.range_sigma_m is not None):
        raise BadScenario(
            field=f"classes.{name}.range_sigma_m",
            value=figures.range_sigma_m,
            why="a radar measures range, an infrared sensor does not",
        )
    return figures


def _sensors(stations: tuple[Station, ...], classes: dict[str, SensorClass]) -> dict[str, tuple[Sensor, ...]]:
    sensors: dict[str, tuple[Sensor, ...]] = {}
    names: set[str] = set()
    for place, station in enumerate(stations):
        if station.name in names:
            raise BadScenario(field=f"sensors[{place}].name", value=station.name, why="used twice")
        if station.of_class not in classes:
            why = "no such class; there are " + (", ".join(sorted(classes)) or "none")
            raise BadScenario(field=f"sensors[{place}].class", value=station.of_class, why=why)
        names.add(station.name)
        before = sensors.get(station.member, ())
        sensors[station.member] = (*before, _sensor(station, classes[station.of_class]))
    return sensors


def _sensor(station: Station, figures: SensorClass) -> Sensor:
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
    )
