"""What a peer's server has for us, taken the highest precedence first.

One request for each precedence is always open there, so a parcel comes as soon as it is stored, and
a long row of ROUTINE never stands before a FLASH. On a new line the first answers come in any order: each
precedence is asked what it has now, and none is taken in before all above it have answered.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import msgspec

from laurel.core.record import Precedence
from laurel.node.carry.natsconf import next_message, pull_ask, pull_now_ask

PULL_PARCELS = 32
PULL_FOR_S = 2.0
PULL_AGAIN_S = 0.1
ANSWERED_WITHIN_S = 2.0
BATCH_PARCELS = 64
BATCH_BYTES = 64 * 1024


class Message(Protocol):
    """One message as a client hands it over."""

    subject: str
    data: bytes
    headers: dict[str, str] | None

    async def ack(self) -> None:
        """Settled: never again."""
        ...

    async def nak(self) -> None:
        """Not settled: hand it over again."""
        ...


class AtServer(Protocol):
    """The side of a NATS client that is used here."""

    async def publish(self, subject: str, payload: bytes = b"", reply: str = "") -> None:
        """Send a message."""
        ...

    async def subscribe(self, subject: str, *, cb: Callable[[Message], Awaitable[None]]) -> object:
        """Have what is sent there handed to the callback."""
        ...

    def new_inbox(self) -> str:
        """A subject of our own that nobody used before."""
        ...


class Intake:
    """One connection's pulls at a peer's server."""

    def __init__(self, client: AtServer, me: str) -> None:
        self._client = client
        self._me = me
        self._changed = asyncio.Event()
        self._answered_by_s = asyncio.get_running_loop().time() + ANSWERED_WITHIN_S
        order = sorted(Precedence, reverse=True)
        self._pulls = [_Pull(precedence, client.new_inbox()) for precedence in order]

    async def open(self) -> None:
        """Listen where the answers will come."""
        for pull in self._pulls:
            await self._client.subscribe(pull.reply, cb=partial(self._take, pull))

    async def next_batch(self) -> list[Message]:
        """Parcels of one precedence: at least one, few enough for one commit."""
        while True:
            await self._ask()
            patient = asyncio.get_running_loop().time() < self._answered_by_s
            first = next((pull for pull in self._pulls if pull.came or (patient and not pull.answered)), None)
            if first is not None and first.came:
                return _first_of(first.came)
            self._changed.clear()
            await set_within(self._changed, PULL_AGAIN_S)

    async def _ask(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for pull in self._pulls:
            if pull.came or now_s < pull.ask_at_s:
                continue
            # A request that the server lost is asked again when it would have ended.
            pull.left, pull.ask_at_s = PULL_PARCELS, now_s + PULL_FOR_S + PULL_AGAIN_S
            request = _STANDING if pull.answered else _FIRST
            await self._client.publish(next_message(self._me, pull.precedence), request, reply=pull.reply)

    async def _take(self, pull: _Pull, message: Message) -> None:
        pull.answered = True
        status = (message.headers or {}).get("Status")
        if status is None or message.data:
            pull.came.append(message)
            pull.left -= 1
            if pull.left == 0:
                pull.ask_at_s = 0.0
        elif status in _ENDED:
            pull.ask_at_s = 0.0
        else:
            # The stream is not made yet, say: asking at once would only be refused at once.
            pull.ask_at_s = asyncio.get_running_loop().time() + PULL_AGAIN_S
        self._changed.set()


class _Pull:
    """One precedence: what came of it, and when to ask for more."""

    def __init__(self, precedence: Precedence, reply: str) -> None:
        self.precedence = precedence
        self.reply = reply
        self.came: deque[Message] = deque()
        self.answered = False
        self.left = 0
        self.ask_at_s = 0.0


_FIRST = msgspec.json.encode(pull_now_ask(PULL_PARCELS))
_STANDING = msgspec.json.encode(pull_ask(PULL_PARCELS, PULL_FOR_S))
_ENDED = ("404", "408")
"""Nothing waits; nothing came in time."""


def _first_of(came: deque[Message]) -> list[Message]:
    batch = [came.popleft()]
    size = len(batch[0].data)
    while came and len(batch) < BATCH_PARCELS and size + len(came[0].data) <= BATCH_BYTES:
        batch.append(came.popleft())
        size += len(batch[-1].data)
    return batch


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set before that much time had passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
