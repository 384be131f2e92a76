"""Exercise control at one node: what the plan brings about, asked by the same commands as in real life.

Every node plays its own member's cells: whenever the log grows or time reaches the next, the injects that are due are
asked, each once, by its name; what became of each is said to all. While the clock stands nothing goes by itself.
A crash between the two asks the inject again, which the node knows it by and answers as before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, bindparam

from laurel.core.errors import BadField, Broken, LaurelError
from laurel.core.instrument import PEOPLE
from laurel.core.label import Classification, label
from laurel.core.record import as_text, decode
from laurel.instruments.exercise.commands import SlowClockAsk
from laurel.instruments.exercise.plan.fill import SAID_AT, filled, watched
from laurel.instruments.exercise.plan.msel import Heard, Inject
from laurel.instruments.exercise.plan.run import Course, due, next_s, ready_s
from laurel.instruments.exercise.played import InjectedAsk, Play, play
from laurel.instruments.exercise.records import ClockSet, InjectOutcome
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.carry.intake import set_within
from laurel.node.exercise_clock import ExerciseClock
from laurel.node.keep import schema
from laurel.node.keep.reader import Reader
from laurel.node.level import LaneRow, SettleAsk, lanes_of, level
from laurel.node.station import PlayHalted, Station

CELL = "cell:"
"""How the name of an author begins who is a cell of a plan: its node asks in its name."""
LONGEST_WAIT_S = 2.0
LOOK_EVERY_S = 0.05
AGAIN_AFTER_S = 5.0
LATE_AFTER_S = 1.0
"""Of real time: so long a node may take for an inject that is due."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stand:
    """Where play stands at this node: what is played, how far it has come, and at which second of play it is now.

    `late_s`: so late this node brought about what it had to, at worst, since the clock was set: None while it keeps up.
    """

    play: Play
    course: Course
    now_s: float
    late_s: float | None = None

    @property
    def moves(self) -> Sequence[Inject]:
        """What nodes bring about by themselves."""
        return self.play.plan.moves(dry=self.play.dry)

    def own(self, member: str) -> tuple[Inject, ...]:
        """The moves of this member's cells."""
        cells = {cell.id for cell in self.play.plan.cells if cell.member == member}
        return tuple(one for one in self.moves if one.cell in cells)


class Settled(Struct, frozen=True):
    """Nothing is left to do here at this time of the exercise. `next_at` is when something goes by itself.

    Not `level`: what must come first has not come yet, and nothing was done.
    """

    now: datetime
    lanes: tuple[LaneRow, ...]
    next_at: datetime | None
    level: bool = True


class Excon:
    """The plan of one exercise world, carried on at this member's node."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._turn, self._reading = asyncio.Lock(), asyncio.Lock()
        self._heard = _Hearing()
        self._settled: tuple[int, Settled] | None = None
        self._late: tuple[ClockSet, float] | None = None

    async def run(self) -> None:
        """Bring about whatever is due, until cancelled."""
        async with self._station.listening() as changed:
            while True:
                wait_s = LONGEST_WAIT_S
                if self._station.inner.clock.rate() > 0.0 and self._station.halted is None:
                    try:
                        wait_s = self._until_next_s(await self.go())
                    except PlayHalted as halted:
                        log.info("play stops: %s", halted)
                    except LaurelError:
                        log.exception("injects wait: the machine is at fault")
                        wait_s = AGAIN_AFTER_S
                await set_within(changed, wait_s)
                # What is on its way to a screen goes first.
                await asyncio.sleep(LOOK_EVERY_S)
                changed.clear()

    async def go(self) -> Stand | None:
        """Ask all injects that are due now, and say what became of them. Where play stands then."""
        async with self._turn:
            while (stand := await self.stand()) and (now := self._due(stand)):
                for inject in now:
                    self._note_late(stand, inject)
                    await self._bring_about(stand, inject)
            await self._slow_down()
            return stand

    async def stand(self) -> Stand | None:
        """Where play stands; None before a start."""

        def read() -> Stand | None:
            inner = self._station.inner
            with inner.store.reading() as from_:
                playing = play(Reader(from_))
                if playing is None:
                    return None
                starts_at = playing.plan.starts_at
                course = _course(playing, self._heard.since(from_, playing, starts_at))
                return Stand(playing, course, (inner.clock.now() - starts_at).total_seconds(), self._late_s())

        async with self._reading:
            return await self._station.reading(read)

    async def settle(self, ask: SettleAsk) -> Settled:
        """Do all that this moment of a standing clock asks for: reactions, what is due, injects.

        So an exercise can be stepped from moment to moment, and comes out the same however fast the machine is.
        """
        station, inner = self._station, self._station.inner
        station.stepped = True
        if not await level(station, ask):
            return Settled(inner.clock.now(), lanes_of(inner), None, level=False)
        if self._settled is not None and self._settled[0] == inner.store.position:
            last = self._settled[1]
            if last.now == inner.clock.now():
                return last
        while True:
            before = inner.store.position
            woken = await station.writing(inner.settle)
            stand = await self.go()
            if inner.store.position == before:
                break
            station.outgoing.set()
        settled = Settled(inner.clock.now(), lanes_of(inner), self._next_at(woken.next_at, stand))
        self._settled = (before, settled)
        return settled

    def _next_at(self, due_at: datetime | None, stand: Stand | None) -> datetime | None:
        """When something will go by itself that is known of now."""
        at_s = None if stand is None else next_s(stand.own(self._station.roster.me), stand.course)
        inject_at = None if stand is None or at_s is None else stand.play.plan.starts_at + timedelta(seconds=at_s)
        return min((at for at in (due_at, inject_at) if at is not None), default=None)

    def _note_late(self, stand: Stand, inject: Inject) -> None:
        """A clock that runs too fast for this machine is told of. What a jump passed over is late from the jump on."""
        clock, ready = self._station.inner.clock, ready_s(inject, stand.course)
        if not isinstance(clock, ExerciseClock) or clock.rate() <= 0.0 or ready is None:
            return
        set_s = (clock.setting.exercise_at - stand.play.plan.starts_at).total_seconds()
        late_s = stand.now_s - max(ready, set_s)
        if late_s > LATE_AFTER_S * clock.rate():
            self._late = clock.setting, max(late_s, self._late_s() or 0.0)

    async def _slow_down(self) -> None:
        """Halve the pace of a clock under which injects went late, for everybody: nothing is skipped."""
        clock = self._station.inner.clock
        if self._late is None or not isinstance(clock, ExerciseClock) or clock.setting.rate <= 1.0:
            return
        setting, late_s = self._late
        if setting != clock.setting:
            return
        everyone = label(Classification.UNCLASSIFIED, set(self._station.roster.speakers))
        ask = SlowClockAsk(setting.real_at, clock.real.now(), everyone)
        ask_id = f"slow-clock:{as_text(setting.real_at)}"
        try:
            await self._station.say(Asked(self._station.inner.author, "exercise/slow-clock", ask, ask_id))
        except BadField:
            log.info("the clock was set meanwhile, and is not slowed")
        else:
            log.warning(
                "injects went %.0f s of play late at %g times real time: the clock is slowed", late_s, setting.rate
            )

    def _late_s(self) -> float | None:
        clock = self._station.inner.clock
        if self._late is None or not isinstance(clock, ExerciseClock) or self._late[0] != clock.setting:
            return None
        return self._late[1]

    def _due(self, stand: Stand) -> tuple[Inject, ...]:
        # One whose time has come together with another's may wait for what the first says.
        return due(stand.own(self._station.roster.me), stand.course, stand.now_s)[:1]

    def _until_next_s(self, stand: Stand | None) -> float:
        rate = self._station.inner.clock.rate()
        if stand is None or rate <= 0.0:
            return LONGEST_WAIT_S
        at_s = next_s(stand.own(self._station.roster.me), stand.course)
        return LONGEST_WAIT_S if at_s is None else min(max((at_s - stand.now_s) / rate, 0.0), LONGEST_WAIT_S)

    async def _bring_about(self, stand: Stand, inject: Inject) -> None:
        called = stand.play.called.get(inject.id)
        if called is not None and called.skip:
            await self._tell(inject, InjectOutcome.SKIPPED, why=called.why)
            return
        try:
            records = await self._ask(stand, inject)
        except (msgspec.ValidationError, LaurelError) as error:
            # What the machine is at fault for is tried again, a halt ends it all; what the command refuses is over.
            if isinstance(error, Broken | PlayHalted):
                raise
            log.warning("inject %s was refused: %s", inject.id, error)
            await self._tell(inject, InjectOutcome.REFUSED, why=str(error))
        else:
            await self._tell(inject, InjectOutcome.DONE, records)

    async def _ask(self, stand: Stand, inject: Inject) -> tuple[str, ...]:
        if inject.command is None:
            return ()
        fields = await self._station.reading(lambda: self._filled(stand, inject))
        kind: type[Struct] = self._station.inner.catalogue.command(inject.command).ask
        author = Author(f"{CELL}{inject.cell}", PEOPLE)
        asked = Asked(author, inject.command, msgspec.convert(fields, kind), f"inject:{inject.id}")
        return (await self._station.say(asked)).records

    def _filled(self, stand: Stand, inject: Inject) -> dict[str, Any]:
        led_to = {name: fate.records for name, fate in stand.play.fates.items()}
        with self._station.inner.store.reading() as from_:
            view = Reader(from_)

            def field(record: str, name: str) -> Any:
                found = view.record(record)
                if found is None:
                    return None
                return as_text(found.at) if name == SAID_AT else msgspec.json.decode(found.body).get(name)

            return filled(stand.play.plan, inject, led_to, stand.course.heard, field)

    async def _tell(self, inject: Inject, outcome: InjectOutcome, records: tuple[str, ...] = (), why: str = "") -> None:
        everyone = label(Classification.UNCLASSIFIED, set(self._station.roster.speakers))
        ask = InjectedAsk(inject.id, outcome, records, why, everyone)
        await self._station.say(Asked(self._station.inner.author, "exercise/injected", ask, f"injected:{inject.id}"))


class _Hearing:
    """What this world's log holds of the kinds that a plan looks at, read on from where it was read last."""

    def __init__(self) -> None:
        self._kinds: frozenset[str] = frozenset()
        self._position = 0
        self._said: list[tuple[tuple[Any, ...], str, str]] = []

    def since(self, from_: Connection, playing: Play, starts_at: datetime) -> tuple[Heard, ...]:
        """All of it, in the order of saying."""
        kinds = watched(playing.plan)
        if kinds != self._kinds:
            self._kinds, self._position, self._said = kinds, 0, []
        for row in from_.execute(_SAID, {"kinds": sorted(kinds), "after": self._position}):
            record = decode(row.payload)
            self._said.append((record.order, row.id, record.kind))
            self._position = row.position
        self._said.sort()
        return tuple(
            Heard(kind, member, (at - starts_at).total_seconds(), name) for (at, member, *_), name, kind in self._said
        )


def _course(playing: Play, heard: tuple[Heard, ...]) -> Course:
    def second(at: datetime) -> float:
        return (at - playing.plan.starts_at).total_seconds()

    done = {name: fate for name, fate in playing.fates.items() if fate.outcome is InjectOutcome.DONE}
    return Course(
        fired={name: second(fate.at) for name, fate in done.items()},
        over={name: second(fate.at) for name, fate in playing.fates.items() if name not in done},
        called={name: second(at) for name, at in playing.called_at.items()},
        heard=heard,
    )


_L = schema.log
_SAID = (
    sa.select(_L.c.position, _L.c.id, _L.c.payload)
    .where(_L.c.kind.in_(bindparam("kinds", expanding=True)), _L.c.position > bindparam("after"))
    .order_by(_L.c.position)
)
