"""A scenario: what moves and the sensors that may see it, as a file that people read and change.

`scenarios/README.md` explains every field. Nothing unknown and nothing half-understood is accepted:
an exercise with a misspelt figure would be another exercise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from laurel.core.record import Utc
from laurel.instruments.exercise.files import BadFile, decoded, shaped
from laurel.instruments.exercise.stations import SensorClass, Station, Truly, checked_class, registered, truly
from laurel.instruments.exercise.traffic.craft import AircraftEntry, ShipEntry, check_craft
from laurel.instruments.exercise.traffic.debris import DebrisEntry, check_debris
from laurel.instruments.exercise.traffic.missile import (
    Aim,
    Launch,
    MissileEntry,
    Published,
    SalvoEntry,
    check_missile,
)
from laurel.instruments.exercise.traffic.space import SpaceEntry, check_space
from laurel.instruments.exercise.weather import WeatherEntry, check_weather
from laurel.instruments.exercise.written import BadScenario, Moment, Span, Words, check_span
from laurel.instruments.warning.records import Sensor

MAX_SCENARIO_BYTES = 256 * 1024
MAX_OBJECTS = 5_000
LONE = ""
"""The name of the flight of a scenario that holds no other."""

Entry: TypeAlias = MissileEntry | SalvoEntry | DebrisEntry | AircraftEntry | ShipEntry | SpaceEntry


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Who published a figure of this scenario, and what it was."""

    by: Words
    says: Words


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    summary: Words
    starts_at: Utc
    speed: Annotated[float, Meta(gt=0.0, le=1_000.0)]
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    classes: dict[str, dict[str, Any]]
    sensors: Annotated[tuple[Station, ...], Meta(min_length=1)]
    assumed: tuple[Words, ...] = ()
    vehicle: str | None = None
    launch: Launch | None = None
    aim: Aim | None = None
    published: Published | None = None
    objects: tuple[Entry, ...] = ()
    lasts_s: Moment | None = None
    idle_s: Annotated[float, Meta(gt=0.0, le=3_600.0)] | None = None
    watch: tuple[Span, ...] = ()
    weather: tuple[WeatherEntry, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and found sound. `sensors` are those of each member, in file order.

    `truly` is what the sensors so named are, beyond what they register. `lasts_s`, `idle_s` and `watch` are None
    and empty in the form of one flight, in which all sensors look at their full pace until it is over.
    """

    title: str
    summary: str
    starts_at: Utc
    speed: float
    seed: int
    sources: tuple[Source, ...]
    objects: tuple[Entry, ...]
    sensors: dict[str, tuple[Sensor, ...]]
    sha256: str
    assumed: tuple[str, ...] = ()
    truly: Mapping[str, Truly] = field(default_factory=dict[str, Truly])
    weather: tuple[WeatherEntry, ...] = ()
    lasts_s: float | None = None
    idle_s: float | None = None
    watch: tuple[Span, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the members that have a sensor in it, sorted."""
        return tuple(sorted(self.sensors))

    @property
    def is_one_flight(self) -> bool:
        """Whether it has the form of one flight."""
        return self.objects[0].name == LONE

    @property
    def flight(self) -> MissileEntry:
        """The one flight. Raises BadScenario for a scenario of many objects."""
        first = self.objects[0]
        if not (self.is_one_flight and isinstance(first, MissileEntry)):
            why = "only a scenario of one flight (vehicle, launch, aim) can be played here"
            raise BadScenario(field="objects", value=len(self.objects), why=why)
        return first


def parse(file: bytes) -> Scenario:
    """The scenario in a TOML file. Raises BadScenario, which names the field, its value and the reason."""
    try:
        return _parsed(file)
    except BadFile as error:
        raise BadScenario(**error.facts) from None


def _parsed(file: bytes) -> Scenario:
    raw = decoded(file, MAX_SCENARIO_BYTES)
    read = shaped(raw, _File)
    classes = {name: checked_class(name, figures) for name, figures in read.classes.items()}
    for place, span in enumerate(read.watch):
        check_span(span, f"watch[{place}]")
    for place, weather in enumerate(read.weather):
        check_weather(weather, f"weather[{place}]")
    many = bool(read.objects)
    return Scenario(
        title=read.title,
        summary=read.summary,
        starts_at=read.starts_at,
        speed=read.speed,
        seed=read.seed,
        sources=read.sources,
        objects=_objects(read) if many else (_one_flight(read),),
        sensors=_sensors(read.sensors, classes),
        sha256=hashlib.sha256(file).hexdigest(),
        assumed=read.assumed,
        truly={one.name: truly(one, classes[one.of_class], f"sensors[{n}]") for n, one in enumerate(read.sensors)},
        weather=read.weather,
        lasts_s=read.lasts_s,
        idle_s=(IDLE_S if read.idle_s is None else read.idle_s) if many else None,
        watch=read.watch,
    )


IDLE_S = 30.0
"""A node's screen calls a sensor quiet when it has said nothing for longer."""


def _one_flight(read: _File) -> MissileEntry:
    """The form with one flight, of which all fields are needed but what was published."""
    if read.vehicle is None or read.launch is None or read.aim is None:
        given = {"vehicle": read.vehicle, "launch": read.launch, "aim": read.aim}
        missing = next(name for name, value in given.items() if value is None)
        raise BadScenario(field=missing, why="missing: give vehicle, launch and aim, or [[objects]]")
    unfit = {"lasts_s": read.lasts_s, "idle_s": read.idle_s, "watch": read.watch or None}
    for name, value in unfit.items():
        if value is not None:
            raise BadScenario(field=name, value=value, why="belongs to a scenario with [[objects]]")
    return MissileEntry(name=LONE, vehicle=read.vehicle, launch=read.launch, aim=read.aim, published=read.published)


def _objects(read: _File) -> tuple[Entry, ...]:
    """The form with many objects."""
    unfit = {"vehicle": read.vehicle, "launch": read.launch, "aim": read.aim, "published": read.published}
    for name, value in unfit.items():
        if value is not None:
            raise BadScenario(field=name, why="stands beside [[objects]]: put it into one of them")
    bodies = 0
    names: set[str] = set()
    for place, entry in enumerate(read.objects):
        where = f"objects[{place}]"
        if entry.name in names:
            raise BadScenario(field=f"{where}.name", value=entry.name, why="used twice")
        names.add(entry.name)
        bodies += _checked(entry, where)
    if bodies > MAX_OBJECTS:
        raise BadScenario(field="objects", value=bodies, why=f"more than {MAX_OBJECTS} things that move")
    return read.objects


def _checked(entry: Entry, where: str) -> int:
    """How many bodies it is, spent stages aside. Raises BadScenario for what can be told without flying it."""
    match entry:
        case MissileEntry():
            check_missile(entry, where)
            return 1
        case SalvoEntry():
            check_missile(entry, where)
            return entry.count
        case DebrisEntry():
            check_debris(entry, where)
            return entry.pieces
        case AircraftEntry() | ShipEntry():
            check_craft(entry, where)
            return 1
        case SpaceEntry():
            check_space(entry, where)
            return 1


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
        sensors[station.member] = (*before, registered(station, classes[station.of_class]))
    return sensors
