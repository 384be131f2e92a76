"""A member drops out in the midst of play: the others go on; what its cells owe waits, and goes when it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.nodes.test_excon import after, begin, fates, held, msel, said
from tests.nodes.three import EVERYONE, MEMBERS, answers, seen, three_nodes

from laurel.gateways.demo import play
from laurel.instruments.exercise.played import CallAsk


def row(shown: Any, inject: str) -> dict[str, Any]:
    return next(one for one in shown["injects"] if one["id"] == inject)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_what_a_member_that_dropped_out_owes_waits_for_it_and_goes_when_it_is_back(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        stage = await held(nodes)
        await begin(stage, dry=False)
        # So slowly that it has gone long before its inject is due.
        await play.run_on(stage, 2.0)
        await nodes["USA"].stop()
        assert stage.clock.now() < after(60.0)
        await stage.clock.reach(after(95.0))
        kor = stage.doors["KOR"]
        await kor.ask(stage.to, "exercise/call", CallAsk("never", EVERYONE), "test:call:0001")

        async def goes_on() -> bool:
            now = fates(await msel(stage, "JPN"))
            return now["wrong"][0] == "refused" and now["never"][0] == "done"

        await seen(goes_on, "what the others bring about, at a member that is there")
        waiting = row(await msel(stage, "JPN"), "call")
        assert (waiting["member"], waiting["outcome"], waiting["at_s"], waiting["goes_s"]) == ("USA", None, None, 60.0)
        assert (await msel(stage, "JPN"))["now_s"] > 60.0, "and is overdue"

        await nodes["USA"].start()
        await answers(nodes["USA"])

        async def gone() -> bool:
            return all([fates(await msel(stage, member))["call"][0] == "done" for member in MEMBERS])

        await seen(gone, "the inject of the member that came back, at every member")
        at_s = row(await msel(stage, "KOR"), "call")["at_s"]
        assert at_s > 95.0, "it went when it could, and says so"
        assert all(said(node, "hotline.message.v1") == 1 for node in nodes.values())
