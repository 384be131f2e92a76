"""A terminal of 80 by 24 with an officer at it, a real node at its other end, and a peer that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from msgspec import Struct
from tests.nodes.door import LIVE, Served, make_node, served
from tests.nodes.three import PATIENCE_S
from textual.pilot import Pilot
from textual.widgets import Input, TextArea
from typing_extensions import override

from laurel.cli.terminal.app import Talk
from laurel.cli.terminal.wire import Wire
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.instruments.hotline.board import ConversationAsk
from laurel.instruments.hotline.board_types import Board, Conversation, MessageRow
from laurel.instruments.hotline.conversation import SendAsk
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.home import keys
from laurel.node.outbox import Outbox
from laurel.node.serve import open_world
from laurel.node.world import World

KIM = Author("officer:kim", frozenset({Role.WATCH_OFFICER}))


@dataclass
class Console:
    """A terminal, and who sits at it."""

    app: Talk
    pilot: Pilot[None]

    @property
    def words(self) -> str:
        """All that stands on the screen."""
        return "\n".join(strip.text for strip in vars(self.app.screen)["_compositor"].render_strips())

    def has(self, *words: str) -> bool:
        """Whether all of these stand there, however the lines were broken."""
        shown = _unbroken(self.words)
        return all(_unbroken(one) in shown for one in words)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self.pilot.pause(0.02)

    async def reads(self, *words: str) -> None:
        """Until all of these stand on the screen."""
        try:
            await self.until(lambda: self.has(*words))
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


def _unbroken(text: str) -> str:
    return "".join(text.split()).replace(">", "")


@asynccontextmanager
async def console(wire: Wire, office: str = "", language: str = "") -> AsyncGenerator[Console]:
    app = Talk(wire, office, language)
    async with app.run_test(size=(80, 24)) as pilot:
        yield Console(app, pilot)


class Lossy(httpx.AsyncHTTPTransport):
    """A network that loses the next answers: what was asked was done."""

    def __init__(self) -> None:
        super().__init__()
        self.loses = 0

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if self.loses and request.method == "POST":
            self.loses -= 1
            await answer.aclose()
            raise httpx.ReadError("the line went dead")
        return answer


@dataclass
class Seoul:
    """Another member's world, whose parcels are handed over as a courier would."""

    world: World
    tokyo: Served
    asked: int = 0

    async def say(self, command: str, ask: Struct) -> str:
        self.asked += 1
        said = self.world.say(Asked(KIM, f"hotline/{command}", ask, f"seoul:{self.asked:04}")).records[0]
        await self.exchange()
        return said

    async def send(self, text: str = "한 발을 탐지했다.", subject: str = "발사 건", *, readback: bool = False) -> str:
        ask = SendAsk(
            Classification.SECRET, Precedence.FLASH, "ko", text, to=("JPN",), subject=subject, readback=readback
        )
        return await self.say("send", ask)

    async def exchange(self) -> None:
        """Carry until nothing waits either way."""
        station = self.tokyo.site.station
        there, here = Outbox(self.world), Outbox(station.inner)
        while True:
            out = there.waiting("JPN", 1_000)
            await station.writing(lambda out=out: station.inner.receive("KOR", [one.wrapped for one in out]))
            there.carried(out)
            await station.writing(station.inner.react)
            back = here.waiting("KOR", 1_000)
            self.world.receive("JPN", [one.wrapped for one in back])
            await station.writing(lambda back=back: here.carried(back))
            while self.world.react():
                pass
            if not (out or back):
                return

    async def shows(self, message: str) -> MessageRow:
        """That message as Seoul's node shows it now."""
        await self.exchange()
        board: Board = self.world.judge("hotline/board", NoAsk())
        for row in board.conversations:
            found: Conversation = self.world.judge("hotline/conversation", ConversationAsk(row.id))
            for one in found.messages:
                if one.id == message:
                    return one
        raise AssertionError(f"{message} is not in Seoul")


@asynccontextmanager
async def two_capitals(folder: Path) -> AsyncGenerator[tuple[Served, Seoul]]:
    """Tokyo's node at its doors, and Seoul's."""
    async with served(folder) as tokyo:
        there, _ = make_node(folder, "KOR")
        here, now = tokyo.site.layout, datetime.now(UTC)
        keys.admit_card(here, LIVE, keys.card(there, LIVE, now))
        keys.admit_card(there, LIVE, keys.card(here, LIVE, now))
        await tokyo.site.station.take_cards(keys.load_roster(here, LIVE))
        world = open_world(there, LIVE)
        try:
            yield tokyo, Seoul(world, tokyo)
        finally:
            world.store.close()
