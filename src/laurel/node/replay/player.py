"""The clock of a replay, and who moves it: play, pause, step, speed, any moment."""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta

from laurel.core.errors import Broken, LaurelError
from laurel.node.clock import monotonic
from laurel.node.members import ROSTER_KINDS
from laurel.node.replay.shown import LogOpening, OpeningStage, Replay
from laurel.node.replay.telling import Telling
from laurel.node.station import Station

TICK_S = 0.1
SLOWEST, FASTEST = 0.25, 60.0
AT_ONCE = 500
"""So many records are told in one go while it plays, and then whoever looks may look."""

log = logging.getLogger(__name__)


class StillOpening(Broken):
    """Nobody sees a part of a log."""

    says = "this replay is still being opened"
    remedy = "wait until the whole log is read and checked; about says how far it is"


class ReplayClock:
    """The moment that is shown, `at` first. It never passes a record that was not told yet."""

    def __init__(self, at: datetime, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._at = self._limit = at
        self._since_s = 0.0
        self._rate = 0.0

    def now(self) -> datetime:
        """The moment, UTC."""
        return min(self.wanted(), self._limit)

    def rate(self) -> float:
        """How fast it plays; 0 while it stands."""
        return self._rate

    def wanted(self) -> datetime:
        """Where it would be if telling took no time."""
        return self._at + timedelta(seconds=(self._seconds() - self._since_s) * self._rate)

    def set(self, at: datetime, rate: float) -> None:
        """From this moment on, so fast."""
        self._at, self._since_s, self._rate = at, self._seconds(), rate

    def until(self, limit: datetime) -> None:
        """The next record comes then."""
        self._limit = limit


class Player:
    """Moves one replay. All who look at it see the same moment."""

    def __init__(self, station: Station, telling: Telling, clock: ReplayClock, live_url: str | None) -> None:
        self._station = station
        self._telling = telling
        self._clock = clock
        self._live_url = live_url
        self._opening: LogOpening | None = LogOpening(OpeningStage.READING, 0, telling.source.records)
        self._speed = 1.0
        self._turn = asyncio.Lock()

    def shown(self) -> Replay:
        """Where it stands."""
        source, times = self._telling.source, self._telling.times
        opened = self._opening is None
        return Replay(
            world=source.world.name,
            exercise=source.world.exercise,
            node=source.cards.me,
            vouched=source.vouched,
            opening=self._opening,
            records=len(times) if opened else source.records,
            from_at=times[0] if opened else None,
            to_at=times[-1] if opened else None,
            at=self._clock.now() if opened else None,
            position=self._telling.position,
            playing=self._clock.rate() > 0.0,
            speed=self._speed,
            live_url=self._live_url,
        )

    def must_be_open(self) -> Telling:
        """What is told. Raises StillOpening."""
        if self._opening is not None:
            raise StillOpening(stage=self._opening.stage, done=self._opening.done, of=self._opening.of)
        return self._telling

    async def open(self) -> bool:
        """Read, fold and check the log, and stand before its beginning. Whether it can be seen."""

        def progress(stage: OpeningStage, done: int) -> None:
            self._opening = LogOpening(stage, done, max(done, self._telling.source.records))

        try:
            await self._station.writing(lambda: self._telling.open(progress))
            self._opening = None
            await self.go(self._telling.times[0])
        except LaurelError as error:
            log.exception("the log cannot be replayed")
            stage = self._opening.stage if self._opening else OpeningStage.READING
            self._opening = LogOpening(stage, 0, self._telling.source.records, str(error))
            self._station.stir()
            return False
        return True

    async def go(self, at: datetime) -> None:
        """To that moment, or to the end of the log that is nearest to it."""
        times = self.must_be_open().times
        await self._stand(min(max(at, times[0]), times[-1]), None)

    async def go_to_record(self, position: int) -> None:
        """Right behind that record. It stands there: what was taken in the same moment comes after."""
        times = self.must_be_open().times
        position = min(max(position, 1), len(times))
        await self._stand(times[position - 1], position, rate=0.0)

    async def step_mark(self, by: int) -> None:
        """To the next or the previous of the marked moments, and stand."""
        telling = self.must_be_open()
        places = [mark.position for mark in telling.marks]
        place = bisect_right(places, telling.position) if by > 0 else bisect_left(places, telling.position) - 1
        if 0 <= place < len(places):
            await self.go_to_record(places[place])
        else:
            await self.go_to_record(len(telling.times) if by > 0 else 1)

    async def step_record(self, by: int) -> None:
        """So many records on or back, and stand."""
        await self.go_to_record(self.must_be_open().position + by)

    def play(self, *, playing: bool, speed: float | None = None) -> None:
        """Go on from here, or stand."""
        times = self.must_be_open().times
        self._speed = self._speed if speed is None else min(max(speed, SLOWEST), FASTEST)
        now = self._clock.now()
        self._clock.set(now, self._speed if playing and now < times[-1] else 0.0)
        self._station.stir()

    async def run(self) -> None:
        """Tell what its time has come for, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            if self._clock.rate() > 0.0:
                await self._on()

    async def _on(self) -> None:
        telling = self._telling
        async with self._turn:
            wanted = telling.at(self._clock.wanted())
            position = min(wanted, telling.position + AT_ONCE)
            if position > telling.position:
                before = telling.position
                await self._station.writing(lambda: telling.tell_on(position))
                if any(telling.store.taken.get(kind, 0) > before for kind in ROSTER_KINDS):
                    await self._follow_roster()
            self._set_limit()
            if self._clock.now() >= telling.times[-1]:
                self._clock.set(telling.times[-1], 0.0)
                self._station.stir()

    async def _stand(self, at: datetime, position: int | None, rate: float | None = None) -> None:
        telling = self._telling
        async with self._turn:
            behind = telling.at(at) if position is None else position
            await self._station.writing(lambda: telling.tell(behind))
            await self._follow_roster()
            self._clock.set(at, self._clock.rate() if rate is None and at < telling.times[-1] else 0.0)
            self._set_limit()
        self._station.stir()

    async def _follow_roster(self) -> None:
        cards = self._telling.source.cards
        await self._station.writing(lambda: self._station.inner.take_cards(cards))

    def _set_limit(self) -> None:
        times = self._telling.times
        self._clock.until(times[min(self._telling.position, len(times) - 1)])
