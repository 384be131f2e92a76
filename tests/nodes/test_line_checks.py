"""Show 3: the path, the node and the officer are killed in turn, and each time the line is named rightly on both sides.

Japan and Korea as they run in their own houses, with a line that is checked every ten seconds. Both paths between them
can be cut. An officer sits in each capital and answers what waits for him.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.nodes.paths import Paths, paths_between
from tests.nodes.three import LIVE, Node, client, make_three, run_nodes, seen

from laurel.core.instrument import Role
from laurel.gateways.demo.door import AskRefused, Door
from laurel.instruments.hotline.board_types import LineRow, Lines, LineSpan, LineState
from laurel.instruments.hotline.check_texts import TEXTS
from laurel.instruments.hotline.checks import AnswerCheck, PlanChecks

HEALTHY, PATH_DOWN, NODE_DOWN = LineState.HEALTHY, LineState.PATH_DOWN, LineState.NODE_DOWN
UNANSWERED, UNHEARD = LineState.UNANSWERED, LineState.UNHEARD
PLAN = PlanChecks("KOR", every_s=10, deliver_within_s=3, answer_within_s=6)
# The bounds that the hotline's README states, by this plan.
PATH_WITHIN_S = 20.0
NODE_WITHIN_S = 40.0
OFFICER_WITHIN_S = 2 * PLAN.every_s + PLAN.answer_within_s + 2.0
MISSED_WITHIN_S = 2 * PLAN.every_s + PLAN.deliver_within_s + 15.0
AGAIN_WITHIN_S = 60.0
# nats-py lets a TLS connection whose peer is silent be closed by whoever collects the garbage.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*StreamWriter.__del__:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.long,
    pytest.mark.timeout(600),
]
log = logging.getLogger(__name__)


@dataclass
class Capital:
    """One member's node, and the officer who sits before it while `there`."""

    node: Node
    other: str
    door: Door
    there: bool = True
    answered: set[str] = field(default_factory=set[str])

    async def line(self) -> LineRow | None:
        """The line to the other as it is shown; None while there is none."""
        shown = await self.door.look(self.node.to, "hotline/lines", Lines)
        return next((one for one in shown.lines if one.member == self.other), None)

    async def history(self) -> list[LineSpan]:
        line = await self.line()
        assert line is not None
        return list(line.history)

    def shows(self, *states: LineState) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            line = await self.line()
            return line is not None and line.state in states and line.alarm is (line.state is not HEALTHY)

        return holds

    async def sit(self) -> None:
        """Answer, for as long as the officer is there."""
        while True:
            with suppress(httpx.TransportError, AskRefused):
                line = await self.line() if self.there else None
                for check in () if line is None else line.checks:
                    if check.waits_for_us and check.id is not None and check.id not in self.answered:
                        [word] = [text.counterwords["ja"] for text in TEXTS if text.shown == check.text]
                        answer = AnswerCheck(check.id, "watch", word)
                        await self.door.ask(self.node.to, "hotline/answer-check", answer, f"answer:{check.id}")
                        self.answered.add(check.id)
            await asyncio.sleep(0.3)


@dataclass
class Stage:
    """Both capitals and the paths between them."""

    jpn: Capital
    kor: Capital
    paths: Paths

    async def both(self, within_s: float, *states: LineState) -> float:
        """The seconds until both sides name the line so."""
        return max(await asyncio.gather(*(one_shows(one, within_s, *states) for one in (self.jpn, self.kor))))

    async def healthy(self) -> float:
        return await self.both(AGAIN_WITHIN_S, HEALTHY)


async def one_shows(one: Capital, within_s: float, *states: LineState) -> float:
    took_s = await seen(one.shows(*states), f"{one.node.member} sees {' or '.join(states)}", within_s)
    log.info("%s saw %s after %.1f s", one.node.member, "/".join(states), took_s)
    return took_s


def capital(node: Node, other: str) -> Capital:
    return Capital(node, other, Door(node.live.url, node.token(Role.WATCH_OFFICER)))


@asynccontextmanager
async def stage(folder: Path) -> AsyncGenerator[Stage]:
    async with client() as to:
        made = make_three(folder, to)
        jpn, kor = made["JPN"], made["KOR"]
        async with paths_between(jpn.made.layout, kor.made.layout) as paths, run_nodes(jpn, kor):
            set_up = Stage(capital(jpn, "KOR"), capital(kor, "JPN"), paths)
            officers = [asyncio.create_task(one.sit()) for one in (set_up.jpn, set_up.kor)]
            try:
                await set_up.both(AGAIN_WITHIN_S, HEALTHY)
                await set_up.jpn.door.ask(to, "hotline/plan-checks", PLAN, "test:plan-checks")
                await asyncio.sleep(PLAN.every_s)
                await set_up.healthy()
                yield set_up
            finally:
                for one in officers:
                    one.cancel()
                await asyncio.gather(*officers, return_exceptions=True)


async def test_path_node_and_officer_are_each_named_on_both_sides_within_the_bound(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        await the_path(on)
        await the_officer(on)
        await the_node_falls_silent(on)
        await the_whole_node_dies(on)


async def the_path(on: Stage) -> None:
    on.paths.cut()
    await on.both(PATH_WITHIN_S, PATH_DOWN)
    on.paths.mend()
    await on.healthy()
    # One way alone: Japan reaches nobody, Korea hears everything but that its checks are heard, or any of Japan's.
    on.paths.cut("JPN")
    await one_shows(on.jpn, PATH_WITHIN_S, PATH_DOWN)
    await one_shows(on.kor, MISSED_WITHIN_S, UNHEARD)
    on.paths.mend()
    await on.healthy()


async def the_officer(on: Stage) -> None:
    for one in (on.kor, on.jpn):
        one.there = False
        await on.both(OFFICER_WITHIN_S, UNANSWERED)
        one.there = True
        await on.healthy()


async def the_node_falls_silent(on: Stage) -> None:
    """Its server answers, it does not. It is asked what it knows of that when it goes on."""
    pid = on.kor.node.world_pid(LIVE)
    on.kor.there = False
    os.kill(pid, signal.SIGSTOP)
    stopped_at = datetime.now(UTC)
    try:
        await one_shows(on.jpn, NODE_WITHIN_S, NODE_DOWN)
    finally:
        os.kill(pid, signal.SIGCONT)
        on.kor.there = True
    woke_at = datetime.now(UTC)
    await on.healthy()
    own = next(one for one in await on.kor.history() if one.state is NODE_DOWN)
    assert abs(own.since - stopped_at) <= timedelta(seconds=PLAN.every_s + 2)
    assert own.until is not None
    assert abs(own.until - woke_at) <= timedelta(seconds=PLAN.every_s)


async def the_whole_node_dies(on: Stage) -> None:
    """With its server: from outside that is a path that is down. It names its own outage when it comes back."""
    on.kor.there = False
    before = datetime.now(UTC)
    await on.kor.node.cut_power()
    died_at = datetime.now(UTC)
    await one_shows(on.jpn, PATH_WITHIN_S, PATH_DOWN)
    await on.kor.node.start()
    await seen(lambda: on.kor.door.answers(on.kor.node.to), "Korea's world, started again")
    on.kor.there = True

    async def named() -> bool:
        """Not before it speaks again does it know how long it was away."""
        downs = [one for one in await on.kor.history() if one.state is NODE_DOWN and one.until is not None]
        return any(before - timedelta(seconds=5) <= one.since <= died_at for one in downs)

    await seen(named, "Korea's own outage, by Korea", AGAIN_WITHIN_S)
    await on.healthy()
