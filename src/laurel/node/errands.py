"""Errands: what only the world outside can do, taken to the member's own services, and what came of it.

Beside the station, after each commit, everything is run that instruments want and the log does not hold yet. The key of
an errand is that of the ask by which its outcome is said, so the outcome is said once; a crash between the two runs
the errand again. A service is tried three times, then the errand has failed, and that is its outcome. Each service
has so many at once, so that a slow one holds up no other. An exercise sends nobody out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.core.errors import Broken, LaurelError
from laurel.core.instrument import Errand, Outcome
from laurel.node import services
from laurel.node.asked import NODE, Asked
from laurel.node.carry.intake import set_within
from laurel.node.clock import RealClock
from laurel.node.home.layout import Layout
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.parked import park, parked_by, unpark
from laurel.node.keep.reader import Reader
from laurel.node.keep.store import is_machine_fault
from laurel.node.services.settings import FILE, BadServices, Services, read_services
from laurel.node.station import Station

TRIES_AFTER_S = (0.0, 2.0, 8.0)
"""An errand is tried at once, and again after so long, and once more: then it has failed."""
AT_ONCE = 4
"""So many errands to one service at a time."""
MOST_OUT = 200
LOOK_EVERY_S = 0.2
LOOK_AT_LEAST_S = 2.0
AGAIN_AFTER_S = 5.0
PARKED = "node.services"

log = logging.getLogger(__name__)


class NobodySent(Broken):
    """What is played must wake nobody."""

    says = "an exercise sends nobody out"
    remedy = "nothing to do: on the screen everything climbs as it would"


@dataclass(frozen=True)
class Wanted:
    """An errand, and the command by which its outcome is said."""

    command: str
    errand: Errand


def errands_of(catalogue: Catalogue, from_: Connection, failed: dict[str, Exception]) -> list[Wanted]:
    """Every errand that instruments want and whose outcome was neither said nor set aside."""
    found: list[Wanted] = []
    for one in catalogue.instruments:
        try:
            wanted = one.errands(Reader(from_))
        except Exception as error:
            if is_machine_fault(error):
                raise
            failed[one.name] = error
        else:
            found += [Wanted(f"{one.name}/{errand.command}", errand) for errand in wanted]
    if not found:
        return []
    keys = [one.errand.key for one in found]
    settled = set(from_.execute(_ASKED, {"author": NODE, "ask_ids": keys}).scalars())
    for command in {one.command for one in found}:
        settled |= parked_by(from_, f"{NODE}.{command}")
    return [one for one in found if one.errand.key not in settled]


class Running:
    """The errands of one world that are out now. `layout` is the folder that says by which services: None has none."""

    def __init__(self, station: Station, layout: Layout | None, tries_after_s: Sequence[float] = TRIES_AFTER_S) -> None:
        self._station = station
        self._folder = layout and layout.folder
        self._tries_after_s = tries_after_s
        self._services = Services()
        self._stamp: tuple[int, ...] | None = ()
        self._out: dict[str, asyncio.Task[None]] = {}
        self._wanted: frozenset[str] = frozenset()
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._parked: set[str] = set()

    async def run(self) -> None:
        """Send out whatever is wanted, until cancelled. Nothing that is out then is waited for: it is ended."""
        try:
            async with self._station.listening() as changed:
                while True:
                    await set_within(changed, LOOK_AT_LEAST_S)
                    # What is on its way to a screen goes first.
                    await asyncio.sleep(LOOK_EVERY_S)
                    changed.clear()
                    try:
                        await self._look()
                    except LaurelError:
                        log.exception("errands wait: the machine is at fault")
                        await asyncio.sleep(AGAIN_AFTER_S)
        finally:
            out = list(self._out.values())
            for task in out:
                task.cancel()
            await asyncio.gather(*out, return_exceptions=True)

    async def _look(self) -> None:
        world = self._station.inner
        await self._read_again()
        if world.recovery.quiet:
            return
        # What comes home while we look is still wanted in what we read: it was out when we began.
        busy = set(self._out)
        failed: dict[str, Exception] = {}
        wanted = await self._station.reading(partial(self._read, failed))
        for name in failed.keys() - self._parked:
            await self._set_aside(f"{name}.errands", {"every look": failed[name]})
        self._parked = set(failed)
        self._wanted = frozenset(one.errand.key for one in wanted)
        for one in wanted[: MOST_OUT - len(self._out)]:
            if one.errand.key not in busy and one.errand.key not in self._out:
                self._out[one.errand.key] = asyncio.create_task(self._send(one))

    def _read(self, failed: dict[str, Exception]) -> list[Wanted]:
        with self._station.inner.store.reading() as from_:
            return errands_of(self._station.inner.catalogue, from_, failed)

    async def _send(self, one: Wanted) -> None:
        try:
            async with self._turns[one.errand.to]:
                outcome = await self._outcome(one.errand)
            if outcome is not None:
                await self._say(one, outcome)
        finally:
            del self._out[one.errand.key]

    async def _outcome(self, errand: Errand) -> Outcome | None:
        """What came of it; None when nobody wants it any more."""
        why = ""
        for wait_s in self._tries_after_s:
            await asyncio.sleep(wait_s)
            if errand.key not in self._wanted:
                return None
            try:
                if self._folder is None:
                    raise NobodySent
                service = services.service_of(self._services, errand.to)
            except Broken as error:
                return Outcome(done=False, why=str(error))
            try:
                answer = await services.run(service, errand.key, errand.facts, RealClock().now())
            except services.ServiceFailed as error:
                why = error.why
                log.warning("%s did not do the errand %s: %s", errand.to, errand.key, why)
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                log.exception("%s and the errand %s do not go together", errand.to, errand.key)
            else:
                return Outcome(done=True, answer=answer)
        return Outcome(done=False, why=f"tried {len(self._tries_after_s)} times; the last time {why}")

    async def _say(self, one: Wanted, outcome: Outcome) -> None:
        """The outcome is not thrown away while it cannot be said; what is refused is set aside, and shown."""
        author, key = self._station.inner.author, one.errand.key
        while True:
            try:
                await self._station.say(Asked(author, one.command, one.errand.then(outcome), key))
            except Exception as error:
                if not isinstance(error, Broken) and not is_machine_fault(error):
                    await self._set_aside(f"{NODE}.{one.command}", {key: error})
                    return
                log.exception("the outcome of %s is said later", key)
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                return

    async def _set_aside(self, what: str, faults: Mapping[str, Exception]) -> None:
        world = self._station.inner

        def write() -> None:
            with world.store.writing() as to:
                for subject, error in faults.items():
                    park(to, what, subject, error)

        await self._station.writing(write)

    # services.toml

    async def _read_again(self) -> None:
        """What the folder says now, if it says something else than before. What is wrong there is shown."""
        if self._folder is None:
            return
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._services = await self._station.reading(partial(read_services, self._folder))
        except BadServices as error:
            faults: Mapping[str, Exception] = {FILE: error}
        else:
            faults = self._services.faults
        for error in faults.values():
            log.error("%s", error)
        await self._station.writing(self._forgive)
        await self._set_aside(PARKED, faults)

    def _forgive(self) -> None:
        with self._station.inner.store.writing() as to:
            unpark(to, [PARKED])


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """Changes whenever services.toml is written; None where there is none."""
    try:
        stat = (folder / FILE).stat()
    except OSError:
        return None
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)


_A = schema.ask
_ASKED = sa.select(_A.c.ask_id).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("ask_ids", expanding=True))
)
