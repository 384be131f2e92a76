"""What the sensors of a scenario see, reported moment by moment to each member's own node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil

from laurel.core.errors import Broken
from laurel.gateways import feed
from laurel.gateways.demo.play import Stage
from laurel.gateways.exercise.stepping import Stepping
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.simulate import scans, scene
from laurel.instruments.warning.records import Scan
from laurel.node.doorstep import people

QUANTUM = timedelta(seconds=5)
"""Scans that come within so long are reported together, at its end."""

Moment = tuple[datetime, Mapping[str, Sequence[Scan]]]
"""When scans are reported, and each member's."""


class ScanRefused(Broken):
    """What a simulated sensor saw was not taken."""

    says = "a node refused a scan of the exercise"
    remedy = "the facts say why; laurel exercise run --folder DIR keeps all files"


def moments(scenario: Scenario | None, everyone: Sequence[str], began: datetime) -> Iterator[Moment]:
    """All of them, the earliest first."""
    if scenario is None:
        return
    truth = scene(scenario)
    by_moment: defaultdict[datetime, dict[str, list[Scan]]] = defaultdict(dict)
    for member in everyone:
        due = groupby(scans(scenario, truth, member), key=lambda scan: _quantum(began, scan.at))
        for at, some in due:
            by_moment[at][member] = list(some)
    for at in sorted(by_moment):
        yield at, by_moment[at]


def sensor_doors(scenario: Scenario | None, stage: Stage) -> dict[str, feed.Door]:
    """Where each sensor reports, with a new credential of its own."""
    doors: dict[str, feed.Door] = {}
    for node in stage.nodes:
        url, _, world = stage.doors[node.member].url.rpartition("/")
        # Closed at once: a register that is copied while it is open here is no longer locked against others.
        with closing(people(node.layout)) as register:
            for sensor in () if scenario is None else scenario.sensors.get(node.member, ()):
                doors[sensor.name] = feed.Door(url, world, register.credential(sensor.name))
    return doors


async def report(stepping: Stepping, doors: Mapping[str, feed.Door], by_member: Mapping[str, Sequence[Scan]]) -> int:
    """Each member's sensors report to its own node, one after the other. How many scans were taken.

    Raises ScanRefused, AskRefused, WaitedTooLong.
    """
    taken = 0
    for member in stepping.stage.everyone:
        for sensor, some in groupby(sorted(by_member.get(member, ()), key=_sensor), key=_sensor):
            fed = await feed.report(stepping.stage.to, doors[sensor], tuple(some))
            if fed.refused:
                raise ScanRefused(member=member, sensor=sensor, why=str(fed.refused[0]))
            taken += fed.taken
        if member in by_member:
            await stepping.settle([member])
    return taken


def _sensor(scan: Scan) -> str:
    return scan.sensor


def _quantum(began: datetime, at: datetime) -> datetime:
    return began + ceil((at - began) / QUANTUM) * QUANTUM
