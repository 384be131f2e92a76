"""One world of one node, asked over HTTP as anyone would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec
from msgspec import Struct

from laurel.core.errors import BadAsk, Broken

Answer = TypeVar("Answer")

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.1
TIMEOUT_S = 30.0


class AskRefused(BadAsk):
    """A node said no to what the demo asked."""

    says = "a node of the demo refused what it was asked"
    remedy = "the facts hold what the node itself said"


class WaitedTooLong(Broken):
    """What should have happened did not."""

    says = "the demo waited in vain"
    remedy = "this machine may be too busy: try again, or keep the logs with laurel demo --folder DIR"


class WorldRow(Struct, frozen=True):
    """One world of a node, and where its page is."""

    world: str
    exercise: str | None
    url: str


class MemberRow(Struct, frozen=True):
    """A member, and whether its card was admitted."""

    code: str
    admitted: bool


class About(Struct, frozen=True):
    """What the demo reads of a world's `about`."""

    world: str
    members: tuple[MemberRow, ...]
    worlds: tuple[WorldRow, ...]


@dataclass(frozen=True)
class Door:
    """The address of a world, and the token to ask with."""

    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Who asks."""
        return {"Authorization": f"Bearer {self.token}"}

    async def answers(self, to: httpx.AsyncClient) -> bool:
        """Whether the world's process is up. Raises httpx.TransportError while it is not."""
        return (await to.get(httpx.URL(self.url).join("/healthz"))).is_success

    async def ask(self, to: httpx.AsyncClient, command: str, ask: Mapping[str, Any] | Struct, ask_id: str) -> None:
        """Ask a command, again until it is answered. Raises AskRefused, WaitedTooLong."""
        content = msgspec.json.encode(ask)
        headers = {**self.headers, "Ask-Id": ask_id, "Content-Type": "application/json"}

        async def heard() -> bool:
            answer = await to.post(f"{self.url}/{command}", content=content, headers=headers)
            if answer.is_server_error:
                return False
            if answer.is_error:
                raise AskRefused(command=command, at=self.url, answer=answer.text)
            return True

        await until(heard, f"{command} at {self.url}")

    async def look(self, to: httpx.AsyncClient, query: str, kind: type[Answer]) -> Answer:
        """The answer to a query. Raises AskRefused, httpx.TransportError."""
        answer = await to.get(f"{self.url}/{query}", headers=self.headers)
        if answer.is_error:
            raise AskRefused(query=query, at=self.url, answer=answer.text)
        return msgspec.json.decode(answer.content, type=kind)


async def until(
    holds: Callable[[], Awaitable[bool]],
    what: str,
    patience_s: float = PATIENCE_S,
    look_every_s: float = LOOK_EVERY_S,
) -> None:
    """Look until it holds. Raises WaitedTooLong."""
    seconds = asyncio.get_running_loop().time
    last_s = seconds() + patience_s
    while True:
        with suppress(httpx.TransportError):
            if await holds():
                return
        if seconds() > last_s:
            raise WaitedTooLong(what=what, for_s=patience_s)
        await asyncio.sleep(look_every_s)
