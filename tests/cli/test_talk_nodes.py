"""The terminal at three real nodes: a message crosses, a node dies under it, and comes back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.cli.terminal import console
from tests.nodes.three import Node, laurel, three_nodes

from laurel.cli.terminal.wire import Wire
from laurel.core.instrument import Role


def wire(node: Node, to: httpx.AsyncClient) -> Wire:
    return Wire(node.live.url, {"Authorization": f"Bearer {node.token(Role.WATCH_OFFICER)}"}, to)


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_two_officers_talk_at_their_consoles_while_a_node_dies_and_returns(tmp_path: Path) -> None:
    marks = {"precedence": "flash", "classification": "unclassified"}
    async with three_nodes(tmp_path) as nodes, httpx.AsyncClient(trust_env=False) as to:
        async with (
            console(wire(nodes["JPN"], to), language="ja") as tokyo,
            console(wire(nodes["KOR"], to), office="합참 지휘통제실", language="ko") as seoul,
        ):
            await tokyo.reads("LIVE camp-david", "JPN", "connected")
            await seoul.reads("LIVE camp-david", "KOR", "connected")
            await tokyo.press("n")
            await tokyo.fill("西方で一発を探知した。", to="KOR USA", subject="発射の件", readback="y", **marks)
            await tokyo.press("ctrl+s")
            await seoul.reads("** FLASH ** from JPN", "WANTS A READBACK", "発射の件")
            await seoul.press("c")
            await seoul.reads("[ja, original] 西方で一発を探知した。")
            await tokyo.reads("KOR ○ shown", "USA ↓ delivered")
            await seoul.press("a")
            await seoul.fill("서쪽에서 한 발.")
            await seoul.press("ctrl+s")
            await tokyo.reads('by 합참 지휘통제실 (read back, not judged: "서쪽에서 한 발.")')
            await tokyo.press("j")
            await tokyo.fill(right="y")
            await tokyo.press("ctrl+s")
            await seoul.reads("read back RIGHT")
            await nodes["KOR"].cut_power()
            await seoul.reads("NODE AWAY", "The node is away, what is shown is old")
            await seoul.press("r")
            await seoul.fill("계속 추적 중.", **marks)
            await seoul.press("ctrl+s")
            await seoul.reads("does not answer", "계속 추적 중.")
            await nodes["KOR"].start()
            await seoul.reads("connected")
            await seoul.press("ctrl+s")
            await tokyo.reads("[ko, original] 계속 추적 중.", "KOR ◄ answered")
        door = ("--url", nodes["USA"].live.url, "--token", await token_file(nodes["USA"], tmp_path))
        [row] = (await laurel("hotline", "board", *door, "--json"))["conversations"]
        assert (row["subject"], row["messages"]) == ("発射の件", 2)


async def token_file(node: Node, folder: Path) -> Path:
    file = folder / "usa.token"
    file.write_text(node.token(Role.WATCH_OFFICER))
    return file
