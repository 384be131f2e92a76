"""What a peer's server has for us is taken in the highest precedence first, on a new line too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from laurel.core.record import Precedence
from laurel.node.carry import intake as intake_module
from laurel.node.carry.intake import Intake, Message

NOTHING = {"Status": "404"}


@dataclass
class Handed:
    """One message, or with a status none."""

    data: bytes = b""
    headers: dict[str, str] | None = None
    subject: str = ""

    async def ack(self) -> None:
        raise NotImplementedError

    async def nak(self) -> None:
        raise NotImplementedError


@dataclass
class StandIn:
    """A server that answers when it is told to, and counts what it is asked."""

    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list[tuple[str, dict[str, object]]])
    _takers: dict[str, Callable[[Message], Awaitable[None]]] = field(
        default_factory=dict[str, Callable[[Message], Awaitable[None]]]
    )
    _inboxes: int = 0
    _replies: dict[str, str] = field(default_factory=dict[str, str])

    async def publish(self, subject: str, payload: bytes = b"", reply: str = "") -> None:
        precedence = subject.rsplit(".", 1)[1]
        self.asked.append((precedence, msgspec.json.decode(payload)))
        self._replies[precedence] = reply

    async def subscribe(self, subject: str, *, cb: Callable[[Message], Awaitable[None]]) -> object:
        self._takers[subject] = cb
        return None

    def new_inbox(self) -> str:
        self._inboxes += 1
        return f"_INBOX.{self._inboxes}"

    async def answer(self, precedence: Precedence, *answers: Handed) -> None:
        for one in answers:
            await self._takers[self._replies[precedence.name]](one)


async def _asking(server: StandIn) -> tuple[Intake, asyncio.Task[list[Message]]]:
    """A new line, and its first batch when that comes: every precedence has been asked."""
    intake = Intake(server, "KOR")
    await intake.open()
    batch = asyncio.create_task(intake.next_batch())
    await asyncio.sleep(0.01)
    return intake, batch


def test_a_flash_that_answers_last_on_a_new_line_is_taken_in_first() -> None:
    async def story() -> list[bytes]:
        server = StandIn()
        intake, batch = await _asking(server)
        await server.answer(Precedence.ROUTINE, Handed(b"day"))
        await server.answer(Precedence.PRIORITY, Handed(headers=NOTHING))
        await server.answer(Precedence.IMMEDIATE, Handed(b"soon"))
        await asyncio.sleep(0.3)
        assert not batch.done()
        await server.answer(Precedence.FLASH, Handed(b"now"))
        taken = [await batch, await intake.next_batch(), await intake.next_batch()]
        return [one.data for messages in taken for one in messages]

    assert asyncio.run(story()) == [b"now", b"soon", b"day"]


def test_where_nothing_urgent_waits_the_first_routine_is_taken_in_once_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[bytes]:
        server = StandIn()
        _, batch = await _asking(server)
        for precedence in Precedence:
            answer = Handed(b"day") if precedence is Precedence.ROUTINE else Handed(headers=NOTHING)
            await server.answer(precedence, answer)
        return [one.data for one in await batch]

    # However long it would wait for an answer: it waits for none.
    monkeypatch.setattr(intake_module, "ANSWERED_WITHIN_S", 1e9)
    assert asyncio.run(story()) == [b"day"]


def test_an_answer_that_never_comes_holds_the_others_for_a_while_only() -> None:
    async def story() -> list[bytes]:
        server = StandIn()
        _, batch = await _asking(server)
        await server.answer(Precedence.ROUTINE, Handed(b"day"))
        return [one.data for one in await asyncio.wait_for(batch, 3 * intake_module.ANSWERED_WITHIN_S)]

    assert asyncio.run(story()) == [b"day"]


def test_each_precedence_is_asked_first_for_what_is_there_and_then_for_what_will_come() -> None:
    async def story() -> list[tuple[str, bool]]:
        server = StandIn()
        _, batch = await _asking(server)
        for precedence in Precedence:
            await server.answer(precedence, Handed(headers=NOTHING))
        await asyncio.sleep(0.01)
        await server.answer(Precedence.FLASH, Handed(b"now"))
        await batch
        return [(precedence, "no_wait" in ask) for precedence, ask in server.asked]

    names = [precedence.name for precedence in sorted(Precedence, reverse=True)]
    assert asyncio.run(story()) == [(name, first) for first in (True, False) for name in names]
