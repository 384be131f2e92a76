"""A country is called at a real node: by its own program, step by step, until an officer's word ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from tests.node.outside import program
from tests.nodes.three import LIVE, Node, answers, client, make_three, run_nodes, seen

from laurel.core.instrument import Role
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.gateways.demo.door import Door
from laurel.instruments.hotline.board_types import Board, CallRow
from laurel.instruments.hotline.conversation import SendAsk
from laurel.instruments.hotline.duty import PutDutyListAsk
from laurel.instruments.hotline.receipts import AcknowledgeAsk
from laurel.instruments.hotline.records import ESCALATED, NOTIFIED, Step
from laurel.node.services.settings import FILE

STEPS = (Step(2, "watch officer", ("pager",)), Step(8, "duty director", ("pager",)))


def called(calls: Path) -> list[str]:
    """Whom the program was told to call, in order."""
    return [json.loads(line)["office"] for line in calls.read_text().splitlines()] if calls.exists() else []


def officer(node: Node) -> Door:
    return Door(node.live.url, node.token(Role.WATCH_OFFICER))


async def says(kor: Node, text: str) -> None:
    ask = SendAsk(Classification.SECRET, Precedence.FLASH, "ko", text, ("JPN",), "발사")
    await officer(kor).ask(kor.to, "hotline/send", ask, f"test:say:{text.encode().hex()}")


async def board(jpn: Node) -> tuple[CallRow, ...]:
    return (await officer(jpn).look(jpn.to, "hotline/board", Board)).calls


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_an_officers_word_ends_the_climb_and_a_killed_node_calls_once_more_at_most(tmp_path: Path) -> None:
    calls, steps = tmp_path / "calls", PutDutyListAsk(STEPS)
    # Whoever kills the node while this rests does so between the errand and its outcome.
    page = program(tmp_path / "page", f"cat >> {calls}; echo >> {calls}; test -e {tmp_path}/slow && sleep 30; exit 0")
    async with client() as to:
        nodes = make_three(tmp_path, to)
        jpn, kor = nodes["JPN"], nodes["KOR"]
        services = jpn.made.layout.folder / FILE
        services.write_text(f'[notify.pager]\nkind = "command"\nargv = ["{page}"]\n')
        async with run_nodes(*nodes.values()):
            await officer(jpn).ask(to, "hotline/put-duty-list", steps, "test:list")

            async def calls_made(*offices: str) -> bool:
                return called(calls) == list(offices)

            await says(kor, "하나.")
            await seen(lambda: calls_made("watch officer"), "the first call")
            [row] = await board(jpn)
            assert (row.text, row.called, row.next_office) == ("하나.", ("watch officer",), "duty director")
            await officer(jpn).ask(
                to, "hotline/acknowledge", AcknowledgeAsk(row.message, "watch officer"), "test:heard"
            )
            assert await board(jpn) == ()
            await asyncio.sleep(STEPS[1].after_s)
            assert called(calls) == ["watch officer"]

            await says(kor, "둘.")
            await seen(lambda: calls_made("watch officer", "watch officer", "duty director"), "both calls")
            [row] = await board(jpn)
            assert (row.called, row.next_office, row.failed) == (("watch officer", "duty director"), None, ())
            await officer(jpn).ask(
                to, "hotline/acknowledge", AcknowledgeAsk(row.message, "watch officer"), "test:heard-again"
            )

            calls.unlink()
            (tmp_path / "slow").touch()
            await says(kor, "셋.")
            await seen(lambda: calls_made("watch officer"), "the call that is broken off")
            with suppress(ProcessLookupError):
                os.kill(jpn.world_pid(LIVE), signal.SIGKILL)
            (tmp_path / "slow").unlink()
            await answers(jpn)

            async def all_told() -> bool:
                return jpn.counts().get(("JPN", NOTIFIED.name)) == 5

            await seen(all_told, "what came of every call")
            assert Counter(called(calls)) == {"watch officer": 2, "duty director": 1}
            assert jpn.counts()["JPN", ESCALATED.name] == 5
            assert ("JPN", ESCALATED.name) not in kor.counts()
