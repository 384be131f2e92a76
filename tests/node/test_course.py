"""Where play stands at one node: what it has heard, and how late it is when the clock runs too fast for the machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.node.notebook import notebook
from tests.node.worlds import EXERCISE, MEMBERS, SetClock, Worlds

from laurel.api.exercises import Msel, msel_of
from laurel.core.instrument import PEOPLE
from laurel.core.label import Classification, Label
from laurel.instruments.exercise import INSTRUMENT
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.learnt import ObserveAsk
from laurel.instruments.exercise.played import StartAsk
from laurel.instruments.exercise.records import ClockSet, Finding
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.excon import Excon
from laurel.node.exercise_clock import ExerciseClock
from laurel.node.level import follow_clock
from laurel.node.outbox import Outbox
from laurel.node.station import Station
from laurel.node.world import World

STARTS_AT = datetime(2027, 3, 1, tzinfo=UTC)
PLAN = """
title = "Freedom 27, an hour"
summary = "Two calls."
starts_at = 2027-03-01T00:00:00Z
lasts_s = 3600.0

[[objectives]]
id = "talk"
words = "Answer within two minutes"
capability = "Operational communications"

[[cells]]
id = "control"
member = "JPN"
role = "control"
office = "Exercise control"

[[cells]]
id = "watch"
member = "JPN"
role = "training"
office = "Operations centre"

[[injects]]
id = "first"
title = "The press asks"
cell = "control"
at_s = 60.0
words = "What is known?"
[[injects.expects]]
id = "answer"
member = "JPN"
kind = "exercise.observed.v1"
within_s = 120.0
objective = "talk"
criterion = "What was answered is written down"

[[injects]]
id = "second"
title = "The press asks again"
cell = "control"
at_s = 1200.0
words = "And now?"
"""


EVERYONE = Label(Classification.UNCLASSIFIED, MEMBERS)
CONTROL = Author("officer:sato", PEOPLE)


@dataclass
class Played:
    """A node that plays, and the real time by which its clock runs."""

    station: Station
    excon: Excon
    clock: ExerciseClock
    real: SetClock = field(default_factory=SetClock)

    async def say_clock(self, play_s: float, rate: float) -> None:
        """Control sets the clock, now."""
        ask = SetClockAsk(self.real.at, STARTS_AT + timedelta(seconds=play_s), rate, EVERYONE)
        await self.station.say(Asked(CONTROL, "exercise/set-clock", ask, f"clock:{play_s}"))
        await follow_clock(self.station)

    def run_from(self, play_s: float, rate: float) -> None:
        """Set the clock, now."""
        self.clock.set(ClockSet(self.real.at, STARTS_AT + timedelta(seconds=play_s), rate))

    def after(self, seconds: float) -> None:
        """So much real time goes by."""
        self.real.at += timedelta(seconds=seconds)

    async def msel(self) -> Msel:
        """As it is answered, once all has gone that is due."""
        await self.excon.go()
        stand = await self.excon.stand()
        assert stand is not None
        return msel_of(stand)


@pytest.fixture
def worlds(tmp_path: Path) -> Generator[Worlds]:
    with Worlds(tmp_path, EXERCISE) as made:
        yield made


@pytest.fixture
async def played(worlds: Worlds) -> AsyncGenerator[Played]:
    real = SetClock()
    clock = ExerciseClock(STARTS_AT, real)
    world = worlds.open("JPN", INSTRUMENT, notebook())
    world.clock = clock
    station = Station(world)
    running = asyncio.create_task(station.run())
    await station.say(Asked(CONTROL, "exercise/start", StartAsk(PLAN, EVERYONE), "ask:start"))
    yield Played(station, Excon(station), clock, real)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    station.close()


def observe(world: World, text: str, ask_id: str) -> None:
    world.say(Asked(CONTROL, "exercise/observe", ObserveAsk(Finding.STRENGTH, text, "en", EVERYONE), ask_id))


@pytest.mark.parametrize("backwards", [False, True])
async def test_what_was_said_in_one_moment_is_heard_in_the_order_of_saying_whatever_came_first(
    worlds: Worlds, played: Played, *, backwards: bool
) -> None:
    came: list[tuple[str, bytes]] = []
    for member in ("KOR", "USA"):
        world = worlds.open(member, INSTRUMENT, notebook())
        for number in range(3):
            observe(world, f"Seen {number}.", f"ask:{number}")
        came += [(member, one.wrapped) for one in Outbox(world).waiting("JPN", 100)]
    for member, parcel in reversed(came) if backwards else came:
        await played.station.receive(member, [parcel])
    stand = await played.excon.stand()
    assert stand is not None
    assert [one.member for one in stand.course.heard] == ["KOR"] * 3 + ["USA"] * 3


def gone(shown: Msel) -> dict[str, float | None]:
    return {one.id: one.at_s for one in shown.injects}


async def test_what_goes_when_it_is_due_is_not_late_however_fast_the_clock(played: Played) -> None:
    played.run_from(0.0, 100.0)
    played.after(0.9)
    shown = await played.msel()
    assert (gone(shown)["first"], shown.late_s) == (90.0, None)


async def test_what_goes_late_under_a_clock_that_runs_too_fast_goes_all_the_same_and_play_says_how_late(
    played: Played,
) -> None:
    played.run_from(0.0, 100.0)
    played.after(3.0)
    shown = await played.msel()
    assert (gone(shown)["first"], shown.late_s) == (300.0, 240.0)
    played.after(10.5)
    shown = await played.msel()
    assert gone(shown)["second"] == 1_350.0
    assert shown.late_s == 240.0, "the worst since the clock was set"


async def test_a_slower_clock_is_judged_anew(played: Played) -> None:
    played.run_from(0.0, 100.0)
    played.after(3.0)
    assert (await played.msel()).late_s == 240.0
    played.run_from(300.0, 1.0)
    assert (await played.msel()).late_s is None


async def test_a_clock_that_this_node_cannot_keep_up_with_is_slowed_for_everybody_and_says_so(played: Played) -> None:
    await played.say_clock(0.0, 100.0)
    played.after(3.0)
    await played.excon.go()
    await follow_clock(played.station)
    setting = played.clock.setting
    assert (setting.rate, setting.slowed_from) == (50.0, 100.0)
    assert played.clock.now() == STARTS_AT + timedelta(seconds=300.0), "it goes on from where it was"
    await played.excon.go()
    await follow_clock(played.station)
    assert played.clock.setting == setting, "once, until something goes late again"


async def test_a_clock_is_never_slowed_below_real_time(played: Played) -> None:
    await played.say_clock(59.0, 1.0)
    played.after(30.0)
    assert (await played.msel()).late_s == 29.0
    await follow_clock(played.station)
    assert (played.clock.rate(), played.clock.setting.slowed_from) == (1.0, None)


async def test_who_paused_the_clock_meanwhile_has_it_paused(played: Played) -> None:
    await played.say_clock(0.0, 100.0)
    played.after(3.0)
    ask = SetClockAsk(played.real.at, played.clock.now(), 0.0, EVERYONE)
    await played.station.say(Asked(CONTROL, "exercise/set-clock", ask, "pause"))
    await played.excon.go()
    await follow_clock(played.station)
    assert played.clock.rate() == 0.0


async def test_what_a_jump_passes_over_is_not_late_for_that(played: Played) -> None:
    played.run_from(600.0, 1.0)
    shown = await played.msel()
    assert (gone(shown)["first"], shown.late_s) == (600.0, None)


async def test_what_goes_while_the_clock_stands_is_never_late(played: Played) -> None:
    played.run_from(600.0, 0.0)
    played.after(50.0)
    shown = await played.msel()
    assert (gone(shown)["first"], shown.late_s) == (600.0, None)
