"""Who is asked to come to rest, and what is waited for first: also while links are cut, and once they are mended."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from laurel.core.record import Precedence
from laurel.gateways.demo.door import Door
from laurel.gateways.demo.play import Stage
from laurel.gateways.exercise.stepping import Stepping
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.node.excon import Settled
from laurel.node.level import LaneRow, SettleAsk

STARTS_AT = datetime(2027, 3, 1, tzinfo=UTC)
ALL = "JPN KOR USA"


@dataclass
class Nodes:
    """Three nodes as stepping sees them: what each has still to say, what each holds, and what is on its way.

    A number stands for all before it. What was said across a link that is cut comes once it is mended, late.
    """

    held: dict[str, dict[tuple[str, str], int]]
    stage: Stage = field(init=False)
    to_say: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    on_its_way: list[tuple[str, tuple[str, str], int]] = field(default_factory=list[tuple[str, tuple[str, str], int]])
    asked: list[str] = field(default_factory=list[str])
    clocks: list[str] = field(default_factory=list[str])
    awaited: dict[str, tuple[LaneRow, ...]] = field(default_factory=dict[str, tuple[LaneRow, ...]])
    set_to: ClockSet | None = None

    def say(self, member: str, audience: str) -> None:
        key = member, audience
        number = self.held[member].get(key, 0) + 1
        self.held[member][key] = number
        near = next(island for island in self.stage.islands if member in island)
        for peer in audience.split():
            if peer in near:
                self.held[peer][key] = number
            else:
                self.on_its_way.append((peer, key, number))

    def answer(self, request: httpx.Request) -> httpx.Response:
        member, _, path = request.url.path[1:].partition("/")
        if path == "exercise/set-clock":
            ask = msgspec.json.decode(request.content, type=SetClockAsk)
            self.set_to = ClockSet(ask.real_at, ask.exercise_at, ask.rate)
            self.clocks.append(member)
            self.say(member, ALL)
            return httpx.Response(200, json={})
        ask = msgspec.json.decode(request.content, type=SettleAsk)
        assert ask.clock == self.set_to
        self.asked.append(member)
        self.awaited[member] = ask.lanes
        level = all(self.held[member].get((row.origin, row.audience), 0) >= row.number for row in ask.lanes)
        if level:
            for audience in self.to_say.pop(member, []):
                self.say(member, audience)
        else:
            self.bring(member)
        rows = (LaneRow(*key, Precedence.ROUTINE, number) for key, number in sorted(self.held[member].items()))
        settled = Settled(ask.clock.exercise_at, tuple(rows), None, level)
        return httpx.Response(200, content=msgspec.json.encode(settled))

    def bring(self, member: str) -> None:
        """What waited at a link that was cut, for this member."""
        for peer, key, number in self.on_its_way:
            if peer == member:
                self.held[peer][key] = max(number, self.held[peer].get(key, 0))


@pytest.fixture
async def nodes() -> AsyncGenerator[Nodes]:
    doors = {code: Door(f"http://node/{code}", "token") for code in ALL.split()}
    made = Nodes(held={code: {} for code in doors})
    async with httpx.AsyncClient(transport=httpx.MockTransport(made.answer)) as to:
        made.stage = Stage("freedom-27", (), doors, to)
        yield made


async def stepped(nodes: Nodes, stepping: Stepping, seconds: float) -> list[str]:
    """Who was asked, in order, at that second of play."""
    nodes.asked.clear()
    await stepping.step(STARTS_AT + timedelta(seconds=seconds))
    return list(nodes.asked)


async def test_all_are_asked_at_a_step_and_then_those_alone_who_were_told_something(nodes: Nodes) -> None:
    stepping = Stepping(nodes.stage)
    assert await stepped(nodes, stepping, 0.0) == ["JPN", "KOR", "USA"]
    nodes.to_say = {"KOR": ["JPN KOR"]}
    assert await stepped(nodes, stepping, 1.0) == ["JPN", "KOR", "USA", "JPN"]
    nodes.to_say = {"USA": ["USA"]}
    assert await stepped(nodes, stepping, 2.0) == ["JPN", "KOR", "USA"]
    nodes.asked.clear()
    nodes.to_say = {"USA": [ALL]}
    await stepping.settle(["USA"])
    assert nodes.asked == ["USA", "JPN", "KOR"]
    assert nodes.clocks == ["JPN"] * 3


async def test_each_waits_for_all_that_was_said_to_it_and_that_it_did_not_hold(nodes: Nodes) -> None:
    stepping = Stepping(nodes.stage)
    nodes.to_say = {"KOR": ["JPN KOR", "KOR USA"]}
    await stepping.step(STARTS_AT)
    assert [(row.origin, row.audience) for row in nodes.awaited["USA"]] == [("JPN", ALL), ("KOR", "KOR USA")]
    assert [(row.origin, row.audience) for row in nodes.awaited["JPN"]] == [("KOR", "JPN KOR")]


async def test_nobody_waits_for_what_was_said_across_links_that_are_cut_until_they_are_mended(nodes: Nodes) -> None:
    stepping = Stepping(nodes.stage)
    await stepping.step(STARTS_AT)
    nodes.stage.cut = frozenset({("JPN", "KOR"), ("JPN", "USA")})
    nodes.clocks.clear()
    nodes.to_say = {"KOR": [ALL], "JPN": [ALL]}
    assert await stepped(nodes, stepping, 1.0) == ["JPN", "KOR", "USA"]
    assert nodes.clocks == ["JPN", "KOR"], "each island has its clock set"
    assert {row.origin for row in nodes.awaited["USA"]} == {"KOR"}
    assert nodes.awaited["JPN"] == ()
    nodes.stage.cut = frozenset()
    assert await stepped(nodes, stepping, 2.0) == ["JPN", "JPN", "KOR", "USA"], "what waited came at the second ask"
    assert {(row.origin, row.number) for row in nodes.awaited["JPN"]} == {("KOR", 2)}
    assert nodes.held["JPN"] == nodes.held["KOR"] == nodes.held["USA"]


async def test_a_link_that_is_cut_parts_nobody_while_word_goes_round_by_the_third(nodes: Nodes) -> None:
    stepping = Stepping(nodes.stage)
    nodes.stage.cut = frozenset({("JPN", "KOR")})
    nodes.to_say = {"KOR": ["JPN KOR"]}
    assert await stepped(nodes, stepping, 0.0) == ["JPN", "KOR", "USA", "JPN"]
    assert nodes.clocks == ["JPN"]
