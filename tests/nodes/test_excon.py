"""A plan played at three real nodes: each brings about its own cells' injects, once, whatever happens to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, Node, refusal, seen, three_nodes

from laurel.core.instrument import Role
from laurel.core.record import World
from laurel.gateways.demo import play
from laurel.gateways.exercise.stepping import Stepping
from laurel.instruments.exercise.planned import PlanAsk
from laurel.instruments.exercise.played import CallAsk, SkipAsk, StartAsk
from laurel.instruments.exercise.records import Announced

NAME = "freedom-27"
WORLD = World(LIVE.compact, NAME)
STARTS_AT = datetime(2027, 3, 1, tzinfo=UTC)

PLAN = b"""
title = "Freedom 27, an hour"
summary = "A call, an answer, a consultation."
starts_at = 2027-03-01T00:00:00Z
lasts_s = 3600.0

[[objectives]]
id = "talk"
words = "Acknowledge a FLASH within two minutes"
capability = "Operational communications"

[[cells]]
id = "white-usa"
member = "USA"
role = "white"
office = "White cell"

[[cells]]
id = "control-kor"
member = "KOR"
role = "control"
office = "Exercise control"

[[cells]]
id = "watch-jpn"
member = "JPN"
role = "training"
office = "Operations centre"

[[injects]]
id = "call"
title = "The United States warns by hotline"
cell = "white-usa"
at_s = 60.0
command = "hotline/send"
[injects.ask]
classification = "SECRET"
precedence = 3
language = "en"
text = "Two vehicles, eastward."
subject = "Launch"
to = ["JPN", "KOR"]
[[injects.expects]]
id = "ack"
member = "JPN"
kind = "hotline.acknowledged.v1"
within_s = 120.0
objective = "talk"
criterion = "Acknowledged by office"

[[injects]]
id = "more"
title = "More of it, once Japan has acknowledged"
cell = "control-kor"
when = {kind = "hotline.acknowledged.v1", by = "JPN"}
delay_s = 30.0
after = ["call"]
command = "hotline/send"
[injects.ask]
classification = "SECRET"
precedence = 2
language = "en"
text = "And one more."
answers = "{record:call}"
conversation = "{record:call}"

[[injects]]
id = "by-hand"
title = "A notice read out, when control thinks it fit"
cell = "white-usa"
by_hand = true
words = "The press asks."

[[injects]]
id = "never"
title = "Something that control leaves out"
cell = "control-kor"
at_s = 3000.0
words = "Nothing."

[[injects]]
id = "wrong"
title = "A message to nobody"
cell = "control-kor"
at_s = 90.0
command = "hotline/send"
ask = {classification = "SECRET", precedence = 2, language = "en", text = "To whom?", subject = "Nobody", to = []}

[[answers]]
id = "jpn-acks"
title = "Japan acknowledges"
cell = "watch-jpn"
when = {kind = "hotline.message.v1", by = "USA"}
delay_s = 45.0
command = "hotline/acknowledge"
ask = {message = "{heard:hotline.message.v1:USA}", office = "Operations centre"}
"""


def after(seconds: float) -> datetime:
    return STARTS_AT + timedelta(seconds=seconds)


async def held(nodes: Mapping[str, Node]) -> play.Stage:
    """The exercise, joined by all, its clock stopped at the beginning."""
    wanted = Announced(NAME, "Freedom 27", STARTS_AT, "0" * 64)
    stage = await play.hold([node.made for node in nodes.values()], wanted, nodes["USA"].to)
    await play.pause(stage, STARTS_AT)
    return stage


async def begin(stage: play.Stage, *, dry: bool) -> None:
    await stage.doors["USA"].ask(
        stage.to, "exercise/start", StartAsk(PLAN.decode(), EVERYONE, dry=dry), "test:start:0001"
    )


async def msel(stage: play.Stage, member: str) -> Any:
    return await stage.doors[member].look(stage.to, "exercise/msel", dict[str, Any])


def fates(shown: Any) -> dict[str, tuple[str | None, float | None]]:
    return {one["id"]: (one["outcome"], one["at_s"]) for one in shown["injects"]}


async def planned(nodes: Mapping[str, Node], stage: play.Stage) -> None:
    """The plan, said live at one member."""
    ask = PlanAsk(NAME, PLAN.decode(), EVERYONE)
    await nodes["KOR"].live.ask(stage.to, "exercise/plan", ask, "test:plan:0001")


async def stepped_through(nodes: Mapping[str, Node]) -> play.Stage:
    """A dry run, from moment to moment, to its end."""
    stage = await held(nodes)
    await begin(stage, dry=True)
    stepping = Stepping(stage)
    at: datetime | None = STARTS_AT
    while at is not None and at <= after(3_600.0):
        await stepping.step(at)
        next_at = stepping.next_at
        at = None if next_at is None else max(next_at, at + timedelta(seconds=1))
    return stage


def said(node: Node, kind: str) -> int:
    return sum(count for (_, name), count in node.counts(WORLD).items() if name == kind)


@pytest.mark.timeout(600)
async def test_a_dry_run_brings_about_every_inject_and_answer_and_judges_them_equally_at_every_node(
    tmp_path: Path,
) -> None:
    async with three_nodes(tmp_path) as nodes:
        stage = await stepped_through(nodes)
        shown = [await msel(stage, member) for member in MEMBERS]
        assert [fates(one) for one in shown] == [fates(shown[0])] * 3
        assert fates(shown[0]) == {
            "call": ("done", 60.0),
            "jpn-acks": ("done", 105.0),
            "more": ("done", 135.0),
            "by-hand": (None, None),
            "never": ("done", 3_000.0),
            "wrong": ("refused", 90.0),
        }
        wrong = next(one for one in shown[1]["injects"] if one["id"] == "wrong")
        assert "to" in wrong["why"]
        assert [(one["id"], one["verdict"], one["took_s"]) for one in shown[2]["expected"]] == [("ack", "done", 45.0)]
        # Nothing of it is live.
        for node in nodes.values():
            assert {kind for _, kind in node.counts()} == {"exercise.announced.v1", "exercise.joined.v1"}


@pytest.mark.timeout(600)
async def test_with_people_nobody_answers_for_them_and_a_node_that_dies_in_play_brings_nothing_about_twice(
    tmp_path: Path,
) -> None:
    async with three_nodes(tmp_path) as nodes:
        stage = await held(nodes)
        await begin(stage, dry=False)
        kor = stage.doors["KOR"]
        await planned(nodes, stage)

        async def carried() -> bool:
            url, headers = stage.doors["JPN"].url, stage.doors["JPN"].headers
            here = await stage.to.get(f"{url}/exercise/plan-here", headers=headers)
            return here.is_success and here.json()["plan"] == PLAN.decode()

        await seen(carried, "the plan that was said live, for control in the exercise")
        url, token = stage.doors["JPN"].url, nodes["JPN"].token(Role.WATCH_OFFICER)
        for path in ("plan-here", "msel"):
            trained = await stage.to.get(f"{url}/exercise/{path}", headers={"Authorization": f"Bearer {token}"})
            assert (trained.status_code, trained.json()["error"]) == (403, "NotPermitted")
        await play.run_on(stage, 20.0)

        async def called() -> bool:
            return fates(await msel(stage, "JPN"))["call"][0] == "done"

        await seen(called, "the first inject, at a member that did not bring it about")
        os.kill(nodes["USA"].world_pid(WORLD), signal.SIGKILL)
        await kor.ask(stage.to, "exercise/skip", SkipAsk("never", "no time", EVERYONE), "test:skip:0001")
        await kor.ask(stage.to, "exercise/call", CallAsk("by-hand", EVERYONE), "test:call:0001")
        assert "GoesOnce" in await refusal(kor, stage.to, "exercise/call", CallAsk("never", EVERYONE))

        async def all_done() -> bool:
            now = fates(await msel(stage, "USA"))
            return (now["by-hand"][0], now["never"][0], now["wrong"][0]) == ("done", "skipped", "refused")

        await seen(all_done, "what control called and skipped")
        shown = await msel(stage, "JPN")
        assert "jpn-acks" not in fates(shown), "people answer for themselves"
        assert fates(shown)["more"] == (None, None), "nobody has acknowledged"
        assert shown["expected"][0]["verdict"] in {"awaited", "missed"}
        await play.pause(stage)
        await asyncio.sleep(0.5)
        for member in MEMBERS:
            assert said(nodes[member], "hotline.message.v1") == 1
            assert said(nodes[member], "exercise.injected.v1") == 4


@pytest.mark.timeout(600)
async def test_a_plan_that_cannot_be_played_is_refused_with_its_first_fault_and_checked_with_all(
    tmp_path: Path,
) -> None:
    async with three_nodes(tmp_path) as nodes:
        stage = await held(nodes)
        circle = PLAN.replace(b'by_hand = true\nwords = "The press asks."', b'after = ["never"]').replace(
            b"at_s = 3000.0", b'after = ["by-hand"]'
        )
        door = stage.doors["JPN"]
        told = await refusal(door, stage.to, "exercise/start", StartAsk(circle.decode(), EVERYONE))
        assert "CannotBegin" in told
        assert "circle" in told
        asked = msgspec.json.encode({"plan": circle.decode()})
        answer = await stage.to.post(f"{door.url}/exercise/check", content=asked, headers=door.headers)
        found = answer.json()["findings"]
        assert {one["level"] for one in found} == {"ERROR", "WARNING", "PASS"}
        assert any("circle" in one["words"] for one in found)
        nobody = await refusal(nodes["JPN"].live, stage.to, "exercise/start", StartAsk(PLAN.decode(), EVERYONE))
        assert "ExerciseOnly" in nobody


@pytest.mark.timeout(600)
async def test_before_a_start_a_node_tells_who_answers_who_fell_silent_and_which_office_is_nobodys(
    tmp_path: Path,
) -> None:
    async with three_nodes(tmp_path) as nodes:
        stage = await held(nodes)

        async def told() -> dict[str, str]:
            door, asked = stage.doors["JPN"], msgspec.json.encode({"plan": PLAN.decode()})
            answer = await stage.to.post(f"{door.url}/exercise/check", content=asked, headers=door.headers)
            return {f"{one['about']}: {one['words']}": one["level"] for one in answer.json()["findings"]}

        async def all_answer() -> bool:
            found = await told()
            return {f"member {one}: it has joined and answers" for one in ("KOR", "USA")} <= found.keys()

        async def korea_is_silent() -> bool:
            return "member KOR: its world of the exercise does not answer now" in await told()

        await seen(all_answer, "the worlds of the others")
        found = await told()
        assert "ERROR" not in found.values()
        assert found["cell watch-jpn: nobody at this node has the office Operations centre"] == "WARNING"
        assert "clock: set, and within the time of play or before it" in found
        await nodes["KOR"].cut_power()
        await seen(korea_is_silent, "the silence of Korea")
