"""A flight in a throw-away world: afterwards all that is compiled is compiled, and nobody waits for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from heapq import merge
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification
from laurel.core.record import SALT_BYTES, World, key_id
from laurel.core.roster import KeySpan, Roster, Standing
from laurel.gateways.cold import PACKAGE, STAMP, cold, kernels_now
from laurel.gateways.demo.find import find_scenario
from laurel.instruments import INSTRUMENTS
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import Truth, scans, solve
from laurel.instruments.warning.commands import RegisterSensorAsk, ReportScanAsk
from laurel.instruments.warning.records import Scan
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.members import Keys
from laurel.node.policies import house
from laurel.node.world import World as OneWorld

SCENARIO = "2022-10-04-overflight"
MEMBER = "JPN"
SCANS_IN_A_STEP = 250
STEPS = 20
EVERY = 25


@dataclass
class _Clock:
    """A clock that follows the scans."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def rate(self) -> float:
        return 1.0


@contextmanager
def warming() -> Generator[Sequence[Callable[[], None]]]:
    """The steps to take, one after another: each compiles what the one before it did not need.

    Numba keys its cache on one file, but a kernel holds those it calls: after any edit all of it is begun afresh.
    """
    if cold():
        _forget()
    scenario, kernels = parse(find_scenario(SCENARIO).read_bytes()), kernels_now()
    with TemporaryDirectory() as folder:
        rehearsal = _Rehearsal(scenario, Path(folder))
        yield [rehearsal.launch, *(partial(rehearsal.watch, part) for part in range(STEPS))]
        rehearsal.world.store.close()
    # Where the package may not be written, neither may the cache: then each run finds it cold.
    with suppress(OSError):
        STAMP.parent.mkdir(exist_ok=True)
        STAMP.write_text(kernels, encoding="utf-8")


def _forget() -> None:
    with suppress(OSError):
        for cached in PACKAGE.rglob("*.nb[ic]"):
            cached.unlink()


class _Rehearsal:
    """One member with everybody's sensors sees the first part of the flight."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        world, catalogue = World("camp-david", "warming"), Catalogue(INSTRUMENTS)
        store = Store(folder / "world.db", world, catalogue.tables)
        bring_up_to_date(store, catalogue)
        key = Ed25519PrivateKey.generate()
        roster = Roster(world, MEMBER, {MEMBER: Standing.MEMBER}, {}, {MEMBER: (KeySpan(key.public_key()),)})
        keys = Keys({key_id(key.public_key()): key})
        salt = partial(secrets.token_bytes, SALT_BYTES)
        self._clock = _Clock(scenario.starts_at)
        self._scenario = scenario
        self._scans: list[Scan] = []
        self.world = OneWorld(store, catalogue, roster, keys, self._clock, salt, house(Classification.SECRET))

    def launch(self) -> None:
        """Fly, and let every sensor look."""
        truth: Truth = solve(self._scenario)
        streams = (scans(self._scenario, truth, member) for member in self._scenario.sensors)
        self._scans = list(merge(*streams, key=_at))[: SCANS_IN_A_STEP * STEPS]
        control = Author("program:warm", frozenset({Role.ADMINISTRATOR}))
        for sensors in self._scenario.sensors.values():
            for sensor in sensors:
                ask = RegisterSensorAsk(**structs.asdict(sensor))
                self.world.say(Asked(control, "warning/register-sensor", ask, f"register:{sensor.name}"))

    def watch(self, part: int) -> None:
        """Report some of the scans, and look at the picture now and then."""
        start = part * SCANS_IN_A_STEP
        some = self._scans[start : start + SCANS_IN_A_STEP]
        for _, together in groupby(enumerate(some, start), lambda one: one[0] // EVERY):
            asks = [self._report(number, scan) for number, scan in together]
            self._clock.at = some[-1].at
            self.world.say_many(asks)
            self.world.judge("warning/picture", NoAsk())

    def _report(self, number: int, scan: Scan) -> Asked:
        author = Author(f"sensor:{scan.sensor}", frozenset({Role.SENSOR}))
        ask = ReportScanAsk(scan.sensor, scan.at, scan.plots)
        return Asked(author, "warning/report-scan", ask, f"report:{number}")


def _at(scan: Scan) -> datetime:
    return scan.at
