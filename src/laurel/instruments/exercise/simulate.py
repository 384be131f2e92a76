"""What truly moves in a scenario, and what each sensor makes of it.

Pure: the dice are those of the scenario's seed (`streams.py`), so a sensor that is added or moved leaves the plots
of all others as they were.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import inf, isfinite

from laurel.instruments.exercise.look import LOOKS, Eye, Sighting, radar_of
from laurel.instruments.exercise.scenario import LONE, Entry, Scenario
from laurel.instruments.exercise.stations import AS_REGISTERED
from laurel.instruments.exercise.streams import ManyStreams, OneStream
from laurel.instruments.exercise.traffic.ballistic import Ballistic
from laurel.instruments.exercise.traffic.craft import AircraftEntry, ShipEntry, craft
from laurel.instruments.exercise.traffic.debris import DebrisEntry, broken
from laurel.instruments.exercise.traffic.missile import MissileEntry, SalvoEntry, missile, salvo, vehicle_of
from laurel.instruments.exercise.traffic.mover import Mover, dice
from laurel.instruments.exercise.traffic.space import SpaceEntry, space
from laurel.instruments.exercise.written import BadScenario, Span
from laurel.instruments.warning.records import Scan, Sensor, SensorKind
from laurel.physics.boost import Site, solve_boost
from laurel.physics.flight import Flight

__all__ = ["Dwell", "Scene", "Truth", "dwells", "radar_of", "scans", "scene", "solve"]

AFTER_IMPACT_S = 60.0
AXES = {SensorKind.RADAR: 3, SensorKind.INFRARED: 2}


@dataclass(frozen=True, eq=False)
class Scene:
    """All that truly moves, which no node is ever told. Times are seconds after `starts_at`."""

    starts_at: datetime
    movers: tuple[Mover, ...]
    ends_s: float
    """The last scan is not later."""
    idle_s: float | None = None
    """The pace of a sensor that has nothing to watch for; None: all look at their full pace all the time."""
    watch: tuple[Span, ...] = ()
    """When they look at their full pace besides."""

    def named(self, name: str) -> Mover:
        """The one so named. Raises BadScenario."""
        for mover in self.movers:
            if mover.name == name:
                return mover
        raise BadScenario(field="objects", value=name, why="nothing of that name moves")

    @cached_property
    def busy(self) -> tuple[tuple[float, float], ...]:
        """When sensors look at their full pace, in order and apart: while anything falls and a minute after."""
        times = [(one.from_s, one.until_s + AFTER_IMPACT_S) for one in self.movers if one.falls]
        times += [(one.from_s, one.to_s) for one in self.watch]
        joined: list[tuple[float, float]] = []
        for begins_s, ends_s in sorted(times):
            if joined and begins_s <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(ends_s, joined[-1][1])
            else:
                joined.append((begins_s, ends_s))
        return tuple(joined)


@dataclass(frozen=True, eq=False)
class Truth:
    """The one flight as it really is, which no node is ever told."""

    launched_at: datetime
    flight: Flight

    @property
    def flight_s(self) -> float:
        """Seconds from launch to impact."""
        return self.flight.impact_t_s

    @property
    def impact_at(self) -> datetime:
        """When it meets the ground."""
        return self.launched_at + timedelta(seconds=self.flight_s)

    @property
    def scene(self) -> Scene:
        """All that moves: this flight alone."""
        return Scene(self.launched_at, (Ballistic(LONE, self.flight),), self.flight_s + AFTER_IMPACT_S)


def solve(scenario: Scenario) -> Truth:
    """The one flight, which meets the scenario's apogee and range. Raises BadScenario, NoSuchFlight."""
    entry = scenario.flight
    if entry.aim is None:
        raise BadScenario(field="aim", why="missing")
    launch, aim = entry.launch, entry.aim
    site = Site(launch.lat_deg, launch.lon_deg, launch.alt_m)
    solved = solve_boost(vehicle_of(entry.vehicle), site, aim.azimuth_deg, aim.apogee_km * 1e3, aim.range_km * 1e3)
    return Truth(scenario.starts_at, solved.flight)


def scene(scenario: Scenario) -> Scene:
    """All that moves in a scenario of either form. Raises BadScenario, NoSuchFlight."""
    if scenario.is_one_flight:
        return solve(scenario).scene
    movers: dict[str, Mover] = {}
    # What breaks is looked up among what flies, wherever it stands in the file.
    ordered = sorted(enumerate(scenario.objects), key=lambda one: isinstance(one[1], DebrisEntry))
    for place, entry in ordered:
        where = f"objects[{place}]"
        for mover in _movers(entry, scenario, movers, where):
            replaces = isinstance(entry, DebrisEntry) and mover.name == entry.of
            if mover.name in movers and not replaces:
                raise BadScenario(field=f"{where}.name", value=mover.name, why="used twice")
            movers[mover.name] = mover
    everything = tuple(movers.values())
    return Scene(scenario.starts_at, everything, _ends_s(scenario, everything), scenario.idle_s, scenario.watch)


def _movers(entry: Entry, scenario: Scenario, others: dict[str, Mover], where: str) -> Iterable[Mover]:
    match entry:
        case MissileEntry():
            return missile(entry, where)
        case SalvoEntry():
            return salvo(entry, scenario.seed, where)
        case DebrisEntry():
            of = others.get(entry.of)
            if not isinstance(of, Ballistic):
                raise BadScenario(field=f"{where}.of", value=entry.of, why="no missile of that name flies")
            return broken(entry, of, scenario.seed, where)
        case AircraftEntry() | ShipEntry():
            return (craft(entry, where),)
        case SpaceEntry():
            return (space(entry, scenario.starts_at, where),)


def _ends_s(scenario: Scenario, movers: Sequence[Mover]) -> float:
    """As the file says, or a minute after the last impact, or after the last way is over. Raises BadScenario."""
    if scenario.lasts_s is not None:
        return scenario.lasts_s
    falling = [one.until_s for one in movers if one.falls]
    last_s = max(falling or [one.until_s for one in movers])
    if not isfinite(last_s):
        raise BadScenario(field="lasts_s", why="missing: nothing in it falls, and something goes on for ever")
    return last_s + AFTER_IMPACT_S


@dataclass(frozen=True)
class Dwell:
    """One scan, and of what its true plots are: none when every plot is false."""

    scan: Scan
    seen: tuple[Sighting, ...]
    plotted_at: datetime | None
    """When the first of them was truly met."""


def scans(scenario: Scenario, truth: Truth | Scene, member: str) -> Iterator[Scan]:
    """All scans of one member's sensors in the order of their times, until a minute after the last impact.

    Drawn as they are asked for. Every sensor reports every period while there is something to watch for, and at
    the idle pace otherwise: that it saw nothing is news too.
    """
    return (dwell.scan for dwell in dwells(scenario, truth, member))


def dwells(scenario: Scenario, truth: Truth | Scene, member: str) -> Iterator[Dwell]:
    """The same with the truth beside each scan, for those who run the exercise."""
    all_of_it = truth.scene if isinstance(truth, Truth) else truth
    streams = (_sensor_dwells(scenario, sensor, all_of_it) for sensor in scenario.sensors.get(member, ()))
    return heapq.merge(*streams, key=lambda dwell: dwell.scan.at)


def _sensor_dwells(scenario: Scenario, sensor: Sensor, all_of_it: Scene) -> Iterator[Dwell]:
    """`at` is the end of each scan; what moves is met at a chance moment within it."""
    own, axes = dice(scenario.seed, sensor.name), AXES[sensor.kind]
    end_s = float(own.uniform(0.0, sensor.period_s))
    streams = OneStream(own, axes) if scenario.is_one_flight else ManyStreams(scenario.seed, sensor.name, axes)
    truly = scenario.truly.get(sensor.name, AS_REGISTERED)
    look = LOOKS[sensor.kind](Eye(sensor, truly, scenario.weather, streams))
    paced = _Pace(all_of_it, sensor.period_s)
    number = 0
    while end_s <= all_of_it.ends_s:
        if paced.looks(number, end_s):
            plots, seen = look(number, end_s, paced.present(all_of_it.movers, end_s))
            scan = Scan(sensor.name, all_of_it.starts_at + timedelta(seconds=end_s), tuple(plots))
            met_at = scan.at + timedelta(seconds=plots[seen[0].plot].offset_s) if seen else None
            # The dice of an outage are thrown too: what comes after it is as it would have been.
            if not any(one.holds(end_s) for one in truly.outages):
                yield Dwell(scan, tuple(seen), met_at)
        end_s += sensor.period_s
        number += 1


class _Pace:
    """When a sensor looks: in turn through the busy times, which come in order as the looks do."""

    def __init__(self, all_of_it: Scene, period_s: float) -> None:
        self._always = all_of_it.idle_s is None
        self._busy = iter(all_of_it.busy)
        self._now = next(self._busy, (inf, inf))
        self._every = max(round((all_of_it.idle_s or period_s) / period_s), 1)
        self._period_s = period_s

    def looks(self, number: int, end_s: float) -> bool:
        """Whether it looks then."""
        while self._now[1] < end_s:
            self._now = next(self._busy, (inf, inf))
        return self._always or self._now[0] <= end_s or number % self._every == 0

    def present(self, movers: Sequence[Mover], end_s: float) -> list[Mover]:
        """What may be met in that look."""
        return [one for one in movers if one.from_s <= end_s and end_s - self._period_s <= one.until_s]
