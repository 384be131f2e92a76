"""A node as the terminal sees it: what is asked and looked up over HTTP, and the stream of what changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import websockets

from laurel.cli.verbs import NodeRefused, NodeUnreachable

Answer = TypeVar("Answer")

TIMEOUT_S = 20.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0


class Locked(NodeRefused):
    """The officer's session is locked: unlock it and ask again."""


@dataclass(frozen=True)
class Away:
    """The node does not answer, and why, in a line."""

    why: str


@dataclass(frozen=True)
class Here:
    """The node's stream is open again."""


@dataclass(frozen=True)
class Told:
    """What the node pushed: its type, and the whole message."""

    type: str
    message: Mapping[str, Any]


@dataclass
class Wire:
    """One world of one node, and who asks there: a program by its token, or an officer by a session.

    `headers` are what every ask carries.
    """

    url: str
    headers: dict[str, str]
    to: httpx.AsyncClient = field(repr=False)
    officer: str | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    async def sign_in(self, officer: str, password: str) -> None:
        """Open an officer's session, or unlock it. Raises NodeRefused, NodeUnreachable."""
        page = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Laurel-Console": "1"}
        page |= {"Cookie": self.headers["Cookie"]} if "Cookie" in self.headers else {}
        body = {"officer": officer, "password": password}
        answer = await self._send("POST", f"{self.origin}/sign-in/password", page, json=body)
        self.headers = {**page, "Cookie": answer.headers["set-cookie"].partition(";")[0]}
        self.officer = officer

    async def ask(self, command: str, ask: Mapping[str, Any], ask_id: str) -> list[str]:
        """The ids of what was said: once, however often it is asked. Raises NodeRefused, NodeUnreachable."""
        headers = {**self.headers, "Ask-Id": ask_id}
        return (await self._send("POST", f"{self.url}/{command}", headers, json=ask)).json()["records"]

    async def look(self, query: str, kind: type[Answer], **ask: Any) -> Answer:
        """The answer to a query. Raises NodeRefused, NodeUnreachable."""
        answer = await self._send("GET", f"{self.url}/{query}", self.headers, params=ask)
        return msgspec.json.decode(answer.content, type=kind)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], **more: Any) -> httpx.Response:
        try:
            answer = await self.to.request(method, url, headers=dict(headers), timeout=TIMEOUT_S, **more)
        except httpx.TransportError as error:
            raise NodeUnreachable(url=self.url, why=str(error) or type(error).__name__) from None
        finally:
            # A session is in our headers, and nowhere else.
            self.to.cookies.clear()
        if answer.is_error:
            mistake = _mistake(answer)
            raise (Locked if mistake.get("error") == "SessionLocked" else NodeRefused)(mistake)
        return answer

    async def watch(self) -> AsyncGenerator[Here | Away | Told]:
        """What the node pushes, for ever. When it is away, that is said once, and the stream is opened again."""
        url = f"ws{self.url.removeprefix('http')}/stream"
        wait_s = FIRST_WAIT_S
        away = ""
        while True:
            try:
                # The headers are read anew: a session that was unlocked has another cookie.
                connecting = websockets.connect(url, additional_headers=_plain(self.headers), max_size=None, proxy=None)
                async with connecting as socket:
                    away, wait_s = "", FIRST_WAIT_S
                    yield Here()
                    async for told in socket:
                        message = json.loads(told)
                        yield Told(message["type"], message)
                why = f"the node closed the stream ({socket.close_code} {socket.close_reason})".replace(" )", ")")
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                why = str(error) or type(error).__name__
            if why != away:
                away = why
                yield Away(why)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _mistake(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        return answer.json()
    except ValueError:
        return {"says": f"the node answered {answer.status_code}", "remedy": "see that the address is a world's"}


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """What a stream needs: who asks, and from which page."""
    return {name: value for name, value in headers.items() if name in {"Authorization", "Cookie", "Origin"}}
