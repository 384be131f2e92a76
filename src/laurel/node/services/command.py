"""A program of the member's own: what it needs on its standard input, its answer on its standard output."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from typing_extensions import override

from laurel.node.carry import tether
from laurel.node.services.failing import MAX_ANSWER_BYTES, ServiceFailed, too_late, too_long

ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All that the program gets of ours: what stands in the node's own environment is not its business."""
COMPLAINT_BYTES = 300
OUT, ERR = 1, 2


class _Talk(asyncio.SubprocessProtocol):
    """What a program says, until it has ended and said all."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.heard = {OUT: bytearray(), ERR: bytearray()}
        self.said_all: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()

    @override
    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.heard[fd] += data
        if len(self.heard[fd]) > MAX_ANSWER_BYTES and not self.said_all.done():
            self.said_all.set_exception(too_long())

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)
        if not self.said_all.done():
            self.said_all.set_result(None)


async def run_command(argv: Sequence[str], given: bytes, timeout_s: float) -> str:
    """What it wrote. Raises ServiceFailed: another end than 0, too long, too late.

    No shell sees a word of this. The program dies with the node; at its time limit so does what it started.
    """
    child, talk = await asyncio.get_running_loop().subprocess_exec(
        _Talk,
        *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *argv),
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            # A program need not read what it does not want.
            feed = child.get_pipe_transport(0)
            if isinstance(feed, asyncio.WriteTransport):
                feed.write(given)
                feed.close()
            await talk.said_all
    except TimeoutError:
        raise too_late(timeout_s) from None
    finally:
        if child.get_returncode() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.get_pid(), signal.SIGKILL)
        child.close()
        await talk.gone
    code = child.get_returncode()
    if code:
        said = talk.heard[ERR][-COMPLAINT_BYTES:].decode(errors="replace").strip()
        raise ServiceFailed(why=f"it ended with {code}: {said}" if said else f"it ended with {code}")
    return talk.heard[OUT].decode(errors="replace")
