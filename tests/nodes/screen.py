"""A screen: what a node's stream sends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import websockets
from tests.nodes.three import PATIENCE_S

from laurel.gateways.demo.door import Door


@asynccontextmanager
async def stream(door: Door, **headers: str) -> AsyncGenerator[websockets.ClientConnection]:
    url = f"ws{door.url.removeprefix('http')}/stream"
    connecting = websockets.connect(url, additional_headers=headers, max_size=None, proxy=None, open_timeout=PATIENCE_S)
    async with connecting as socket:
        yield socket


async def message(socket: websockets.ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this kind."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            told = json.loads(await socket.recv())
            if told["type"] == kind:
                return told
