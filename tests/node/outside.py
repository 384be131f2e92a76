"""The world outside, for tests: programs, a web server and a mail server that are real, and a world that calls them."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import Struct
from sqlalchemy import select
from tests.node.notebook import Note, notebook, written

from laurel.core.instrument import Command, Desk, Errand, Instrument, Outcome, Role, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft
from laurel.node.errands import Running
from laurel.node.home.layout import Layout
from laurel.node.station import Station

FACTS = {
    "id": "e" * 64,
    "office": "duty director",
    "notice": "Something on the hotline waits for the duty director.",
    "member": "KOR",
    "precedence": "FLASH",
    "label": "SECRET//REL TO JPN, KOR",
    "subject": "Launch",
    "text": "무엇인가 발사되었습니다.",
}


class Answered(Struct, frozen=True):
    """What came of an errand, as the notebook notes it."""

    text: str


def errand_of(note_id: str, text: str) -> Errand:
    """A note `call pager` is an errand to that notifier, one `translate <text>` to the engine."""
    what, _, rest = text.partition(" ")

    def then(outcome: Outcome) -> Answered:
        if outcome.answer == "refuse this":
            raise ValueError(outcome.answer)
        return Answered(f"{text}: {'done' if outcome.done else 'failed'} {outcome.answer or outcome.why}".strip())

    to = f"notify:{rest.split()[0]}" if what == "call" else "translate"
    facts = FACTS if what == "call" else {"text": rest, "source": "ko", "target": "ja"}
    return Errand(f"errand:{note_id}", to, facts, "answered", then)


def wanted(view: View) -> Sequence[Errand]:
    """What notes want; nothing once one says `never mind`."""
    notes = [row for row in view.rows(select(written.table)) if ": " not in row.text]
    if any(row.text == "never mind" for row in notes):
        return []
    return [errand_of(row.id, row.text) for row in notes if row.text.startswith(("call ", "translate "))]


def answered(ask: Answered, view: View, desk: Desk) -> Sequence[Draft]:
    del view
    return [Draft(Note("answered", ask.text), label(Classification.RESTRICTED, {desk.member}))]


def calling() -> Instrument:
    """The notebook, some of whose notes want something of the world outside."""
    command = Command("answered", Answered, answered, frozenset({Role.NODE}))
    return replace(notebook(), commands=(*notebook().commands, command), errands=wanted)


def program(path: Path, script: str) -> str:
    """A program of that member, in the shell's own words; its whole path."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def secret(path: Path, words: str) -> Path:
    """A file that nobody else may read."""
    path.write_text(words)
    path.chmod(0o600)
    return path


def runs(pid: str) -> bool:
    """Whether there is such a process that is not dead and waiting to be buried."""
    try:
        return ") Z " not in Path(f"/proc/{pid.strip()}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@asynccontextmanager
async def running(station: Station, folder: Path | None, tries_after_s: Sequence[float]) -> AsyncGenerator[None]:
    """The station at work, its errands run by what services.toml of that folder says."""
    out = Running(station, folder and Layout(folder), tries_after_s)
    tasks = [asyncio.create_task(station.run()), asyncio.create_task(out.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> float:
    """Wait until it holds; the seconds that took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while not holds():
        assert loop.time() - began_s < within_s, "it never came"
        await asyncio.sleep(0.01)
    return loop.time() - began_s


@dataclass
class Post:
    """What was posted: the headers in small letters, the body."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A web server that keeps what is posted to it and answers what it is told, in turn; the last for ever."""

    answers: list[tuple[int, bytes]]
    wait_s: float = 0.0
    posts: list[Post] = field(default_factory=list[Post])
    at_work: list[asyncio.Task[None] | None] = field(default_factory=list[asyncio.Task[None] | None])
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_work.append(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            asked = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in asked[1:] if line)}
            self.posts.append(Post(headers, await reader.readexactly(int(headers["content-length"]))))
            if self.wait_s:
                await asyncio.wait_for(self.closing.wait(), self.wait_s)
            status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def web(*answers: tuple[int, bytes], wait_s: float = 0.0) -> AsyncGenerator[Web]:
    """A web server on this machine."""
    one = Web(list(answers) or [(200, b"")], wait_s)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        one.closing.set()
        await asyncio.gather(*(task for task in one.at_work if task is not None))
