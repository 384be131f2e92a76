"""A program of the member's own: what it needs on its standard input, its answer on its standard output."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from laurel.node.carry import tether
from laurel.node.services.failing import MAX_ANSWER_BYTES, ServiceFailed, too_late, too_long

ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All that the program gets of ours: what stands in the node's own environment is not its business."""
COMPLAINT_BYTES = 300
CHUNK_BYTES = 16_384


async def run_command(argv: Sequence[str], given: bytes, timeout_s: float) -> str:
    """What it wrote. Raises ServiceFailed: another end than 0, too long, too late.

    No shell sees a word of this. The program dies with the node; at its time limit so does what it started.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *argv),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            answer, complaint, _ = await asyncio.gather(_read(child.stdout), _read(child.stderr), _feed(child, given))
            code = await child.wait()
    except TimeoutError:
        raise too_late(timeout_s) from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if code:
        said = complaint[-COMPLAINT_BYTES:].decode(errors="replace").strip()
        raise ServiceFailed(why=f"it ended with {code}: {said}" if said else f"it ended with {code}")
    return answer.decode(errors="replace")


async def _read(pipe: asyncio.StreamReader | None) -> bytes:
    parts: list[bytes] = []
    length = 0
    while pipe is not None and (part := await pipe.read(CHUNK_BYTES)):
        parts.append(part)
        length += len(part)
        if length > MAX_ANSWER_BYTES:
            raise too_long()
    return b"".join(parts)


async def _feed(child: asyncio.subprocess.Process, given: bytes) -> None:
    if child.stdin is None:
        return
    # A program need not read what it does not want.
    with suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(given)
        await child.stdin.drain()
    child.stdin.close()
