"""The terminal: what an officer at a bare console reads and does, against a real node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.nodes.door import Served, served
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from laurel.cli.terminal.app import Talk
from laurel.cli.terminal.wire import Wire
from laurel.core.instrument import Role

PATIENCE_S = 20.0


@dataclass
class Console:
    """A terminal of 80 by 24, and who sits at it."""

    app: Talk
    pilot: Pilot[None]

    @property
    def words(self) -> str:
        """All that stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self.pilot.pause(0.02)

    async def reads(self, *words: str) -> None:
        """Until all of these stand on the screen."""
        try:
            await self.until(lambda: all(one in self.words for one in words))
        except TimeoutError:
            raise AssertionError(f"{words} are not on the screen:\n{self.words}") from None

    async def fill(self, text: str | None = None, **fields: str) -> None:
        for name, value in fields.items():
            self.app.screen.query_one(f"#{name}", Input).value = value
        if text is not None:
            self.app.screen.query_one(TextArea).text = text
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)


@asynccontextmanager
async def console(wire: Wire, **more: str) -> AsyncGenerator[Console]:
    app = Talk(wire, **more)
    async with app.run_test(size=(80, 24)) as pilot:
        yield Console(app, pilot)


def token_wire(node: Served, to: httpx.AsyncClient) -> Wire:
    return Wire(node.url, node.bearer(Role.WATCH_OFFICER), to)


async def test_smoke(tmp_path: Path) -> None:
    async with served(tmp_path) as node, httpx.AsyncClient(trust_env=False) as to:
        async with console(token_wire(node, to)) as one:
            await one.reads("LIVE camp-david", "JPN", "connected")
            await one.press("n")
            await one.reads("A new conversation")
            await one.fill(
                "西方で一発を探知した。",
                to="kor usa",
                subject="発射の件",
                precedence="f",
                classification="s",
                language="ja",
            )
            print(one.words)
            await one.press("ctrl+s")
            await one.reads("発射の件", "** FLASH **", "waits for KOR, USA")
            print(one.words)
            await one.press("enter")
            await one.reads("[ja, original]", "KOR · sent")
            print(one.words)
