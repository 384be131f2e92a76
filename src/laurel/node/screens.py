"""What every screen of a world is shown: the live queries, the clock, the lines. Made once for all screens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from laurel.node.clock import RealClock
from laurel.node.site import Site

OLDEST_S = 1.0


class Screens:
    """One world's screens."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._real = RealClock()
        self._live = [
            (f"{instrument.name}/{query.name}", query)
            for instrument in site.station.inner.catalogue.instruments
            for query in instrument.queries
            if query.live
        ]
        self._generation = -1
        self._made_s = self._looked_s = -OLDEST_S
        self._making: asyncio.Future[tuple[str, ...]] | None = None
        self._links = ""

    async def messages(self) -> tuple[str, ...]:
        """All there is to show after the last commit, as JSON: what is in flight first."""
        now_s = asyncio.get_running_loop().time()
        generation = self._site.station.generation
        if self._making is None or generation != self._generation or now_s - self._made_s > OLDEST_S:
            self._generation, self._made_s = generation, now_s
            self._making = asyncio.ensure_future(self._make())
        return await asyncio.shield(self._making)

    async def _make(self) -> tuple[str, ...]:
        station = self._site.station
        answers = [
            _json({"type": query.name, query.name: await station.judge(path, query.ask())})
            for path, query in self._live
        ]
        clock = station.inner.clock
        reading = {"type": "clock", "now": clock.now(), "rate": clock.rate(), "real": self._real.now()}
        if self._made_s - self._looked_s >= OLDEST_S:
            self._looked_s = self._made_s
            trouble = await station.reading(self._site.trouble)
            self._links = _json({"type": "links", "links": self._site.links(), "trouble": trouble})
        return (*answers, _json(reading), self._links)


def _json(message: Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()
