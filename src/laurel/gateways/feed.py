"""The sensor feed: scans from a file or a stream, one JSON object a line, to the door of a node.

A feed keeps the order of its lines, holds few of them at once, and may be stopped and started at any
moment: the name of each ask is made from the scan itself, so what the node had already heard it is not
told twice. A line that is refused is named and the feed goes on. A node that cannot be reached is asked
again until it can.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError as Cancelled
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from math import inf
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec
from msgspec import Raw, Struct

from laurel.core.errors import BadAsk, BadField, Broken, DiskFull, Nothing
from laurel.core.record import MAX_RECORD_BYTES
from laurel.instruments.warning.records import Scan

TOGETHER = 64
TOGETHER_BYTES = 1_000_000
BUFFERED = 1_024
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0
TIMEOUT_S = 30.0
# A pace may change while a scan waits: an exercise is paused, or goes on.
LONGEST_NAP_S = 0.2
TOO_MANY = 429
SERVER_ERROR = 500

# What the node says of a line when the fault is its own and passes.
PASSING = frozenset({DiskFull.__name__})


class FeedRefused(BadAsk):
    """The node refuses the feed as a whole, so going on would lose every scan."""

    says = "the node refuses this feed"
    remedy = "check the address, the world and the credential (laurel sensor), then run it again from the start"


class FeedUnheard(Broken):
    """The node was not reached for as long as was allowed."""

    says = "the node was not reached"
    remedy = "start the node, then run the feed again from the start: nothing is said twice"


class Unreadable(Broken):
    """The file or stream broke off."""

    says = "the scans could not be read"
    remedy = "mend the file or the stream, then run the feed again from the start: nothing is said twice"


class BadLine(BadAsk):
    """A line that is not a scan."""

    says = "this line is not a scan"
    remedy = "give one JSON object a line: sensor, at (with its zone), plots"


@dataclass(frozen=True)
class Door:
    """Where the scans go: a node, a world of it, and the sensor's credential."""

    node_url: str
    world: str
    credential: str

    @property
    def address(self) -> str:
        """Where scans are posted, many at once."""
        return f"{self.node_url.rstrip('/')}/{self.world}/warning/report-scan/many"


@dataclass(frozen=True)
class Refusal:
    """What was not taken: the line's number in the file, and the error as the node told it."""

    line: int
    error: str
    says: str
    facts: dict[str, str]
    remedy: str

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"line {self.line}: {self.says} ({facts}). {self.remedy}"


@dataclass
class Fed:
    """What became of a feed. `again` counts scans that the node had already heard."""

    said: int = 0
    again: int = 0
    refused: list[Refusal] = field(default_factory=list[Refusal])
    retries: int = 0

    @property
    def taken(self) -> int:
        """Scans that the node holds now."""
        return self.said + self.again


Pace = Callable[[datetime], float]
"""Real seconds until a scan of that time may be posted, as things stand; at most 0 means now."""


def at_once(at: datetime) -> float:
    """No pacing."""
    del at
    return 0.0


def paced(speed: float, seconds: Callable[[], float]) -> Pace:
    """The first scan at once, the others as far behind it as their times say, `speed` times faster.

    `seconds` is a steady clock.
    """
    began: list[tuple[datetime, float]] = []

    def wait_s(at: datetime) -> float:
        if not began:
            began.append((at, seconds()))
        first_at, first_s = began[0]
        return first_s + (at - first_at).total_seconds() / speed - seconds()

    return wait_s


class _Mistake(Struct, frozen=True):
    error: str
    says: str
    facts: dict[str, str]
    remedy: str


class _Outcome(Struct, frozen=True):
    line: int
    records: tuple[str, ...] = ()
    again: bool = False
    mistake: _Mistake | None = None


class _Line(Struct, frozen=True):
    ask_id: str
    ask: Raw


@dataclass(frozen=True)
class _Item:
    """A line ready to be posted, or the refusal that it became on the way."""

    number: int
    at: datetime | None
    wire: bytes
    refusal: Refusal | None = None


def ask_id(scan: Scan) -> str:
    """The name of the ask: the same for the same sensor, time and plots, whenever and wherever it is made."""
    return f"scan:{hashlib.sha256(msgspec.json.encode(scan)).hexdigest()}"


async def feed(
    source: BinaryIO,
    door: Door,
    *,
    pace: Pace = at_once,
    patience_s: float | None = None,
    refused: Callable[[Refusal], None] = lambda _: None,
    posting: Callable[[datetime | None], None] = lambda _: None,
) -> Fed:
    """Post every scan of the source in order, and say what became of them.

    `patience_s` bounds how long an unreachable node is asked; None is for ever. `posting` hears the time of the first
    scan of each batch that is on its way, and None once the node has answered. Raises FeedRefused, FeedUnheard,
    Unreadable.
    """
    done = Fed()
    client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
    async with client as to, aclosing(_batches(_items(source), pace)) as batches:
        async for batch in batches:
            unread = [item.refusal for item in batch if item.refusal is not None]
            ready = [item for item in batch if item.refusal is None]
            if ready:
                posting(ready[0].at)
            outcomes = await _post(to, door, ready, done, patience_s) if ready else ()
            posting(None)
            untaken = _take(ready, outcomes, done)
            done.refused.extend(unread)
            for refusal in sorted([*unread, *untaken], key=lambda one: one.line):
                refused(refusal)
    done.refused.sort(key=lambda one: one.line)
    return done


async def report(to: httpx.AsyncClient, door: Door, scans: Sequence[Scan]) -> Fed:
    """The same for a few scans at hand, at once; what became of them. Raises FeedRefused, FeedUnheard."""
    done = Fed()
    items = [_item(number, scan) for number, scan in enumerate(scans, 1)]
    _take(items, await _post(to, door, items, done, TIMEOUT_S), done)
    return done


def _take(ready: Sequence[_Item], outcomes: Sequence[_Outcome], done: Fed) -> list[Refusal]:
    """Count what became of these; the refusals among them."""
    untaken = [
        Refusal(item.number, *msgspec.structs.astuple(outcome.mistake))
        for item, outcome in zip(ready, outcomes, strict=True)
        if outcome.mistake is not None
    ]
    again = sum(outcome.again for outcome in outcomes)
    done.again += again
    done.said += len(ready) - len(untaken) - again
    done.refused.extend(untaken)
    return untaken


def feed_file(source: str, url: str, world: str, credential: Path, rate: float | None) -> dict[str, int]:
    """The feed as the terminal runs it: `-` is standard input, what is refused goes to standard error.

    Raises Nothing, BadField, FeedRefused, Unreadable.
    """
    if rate is not None and not 0.0 < rate < inf:
        raise BadField(field="rate", value=rate, must_be="a number above 0")
    door = Door(url, world, _text_of(credential).strip())
    with _opened(source) as scans:
        pace = at_once if rate is None else paced(rate, time.monotonic)
        done = asyncio.run(feed(scans, door, pace=pace, refused=_tell))
    return {"said": done.said, "again": done.again, "refused": len(done.refused), "retries": done.retries}


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Nothing(file=file, why=error) from None


def _opened(source: str) -> AbstractContextManager[BinaryIO]:
    if source == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise Nothing(file=source, why=error.strerror) from None


def _tell(refusal: Refusal) -> None:
    sys.stderr.write(f"{refusal}\n")


# Reading


def _items(source: BinaryIO) -> Iterator[_Item]:
    for number in count(1):
        line = source.readline(MAX_RECORD_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_RECORD_BYTES:
            while line and not line.endswith(b"\n"):
                line = source.readline(MAX_RECORD_BYTES)
            yield _not_a_scan(number, f"longer than {MAX_RECORD_BYTES} bytes")
        elif line.strip():
            yield _read(number, line)


def _read(number: int, line: bytes) -> _Item:
    try:
        scan = msgspec.json.decode(line, type=Scan)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _not_a_scan(number, str(error))
    return _item(number, scan)


def _item(number: int, scan: Scan) -> _Item:
    wire = msgspec.json.encode(_Line(ask_id(scan), Raw(msgspec.json.encode(scan))))
    return _Item(number, scan.at, wire)


def _not_a_scan(number: int, why: str) -> _Item:
    bad = BadLine(why=why)
    return _Item(number, None, b"", Refusal(number, bad.code, bad.says, {"why": why}, bad.remedy))


async def _batches(items: Iterator[_Item], pace: Pace) -> AsyncGenerator[list[_Item]]:
    """Lines that are due, together while they are few, in order. Raises Unreadable."""
    with _reading_ahead(items) as lines:
        held = await lines.get()
        while isinstance(held, _Item):
            wait_s = _wait_s(held, pace)
            while wait_s > 0.0:
                await asyncio.sleep(min(wait_s, LONGEST_NAP_S))
                wait_s = _wait_s(held, pace)
            batch, size = [held], len(held.wire)
            while True:
                if len(batch) == TOGETHER or size >= TOGETHER_BYTES or lines.empty():
                    yield batch
                    held = await lines.get()
                    break
                held = lines.get_nowait()
                if not isinstance(held, _Item) or _wait_s(held, pace) > 0.0:
                    yield batch
                    break
                batch.append(held)
                size += len(held.wire)
    if held is not None:
        raise Unreadable(why=str(held)) from held


def _wait_s(item: _Item, pace: Pace) -> float:
    return 0.0 if item.at is None else pace(item.at)


@contextmanager
def _reading_ahead(items: Iterator[_Item]) -> Generator[asyncio.Queue[_Item | OSError | None]]:
    """The next lines, and at their end None or what went wrong."""
    lines: asyncio.Queue[_Item | OSError | None] = asyncio.Queue(BUFFERED)
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def put(item: _Item | OSError | None) -> None:
        if not stopped.is_set():
            asyncio.run_coroutine_threadsafe(lines.put(item), loop).result()

    def read() -> None:
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    return
            put(None)
        except OSError as error:
            put(error)
        except (RuntimeError, Cancelled):
            # The loop has gone, and with it the one for whom this was read.
            return

    # A thread of its own, which nobody waits for: reading a pipe or a terminal cannot be interrupted.
    threading.Thread(target=read, name="feed", daemon=True).start()
    try:
        yield lines
    finally:
        stopped.set()
        while not lines.empty():
            lines.get_nowait()


# Posting


async def _post(
    to: httpx.AsyncClient, door: Door, batch: Sequence[_Item], done: Fed, patience_s: float | None
) -> Sequence[_Outcome]:
    """What the node says of each line, asked until it says it: a repeat is harmless."""
    content = b"\n".join(item.wire for item in batch)
    seconds = asyncio.get_running_loop().time
    since_s, wait_s = seconds(), FIRST_WAIT_S
    while True:
        outcomes, why = await _offer(to, door, content, len(batch))
        if outcomes is not None:
            return outcomes
        if patience_s is not None and seconds() - since_s + wait_s > patience_s:
            raise FeedUnheard(to=door.address, from_line=batch[0].number, for_s=patience_s, why=why)
        done.retries += 1
        await asyncio.sleep(wait_s)
        wait_s = min(2.0 * wait_s, LONGEST_WAIT_S)


async def _offer(
    to: httpx.AsyncClient, door: Door, content: bytes, lines: int
) -> tuple[Sequence[_Outcome] | None, str]:
    """The outcomes; or None when asking again may help, and why. Raises FeedRefused."""
    headers = {"Authorization": f"Bearer {door.credential}", "Content-Type": "application/x-ndjson"}
    try:
        answer = await to.post(door.address, content=content, headers=headers)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise FeedRefused(to=door.address, why=str(error)) from None
    except httpx.TransportError as error:
        return None, str(error) or type(error).__name__
    if answer.status_code >= SERVER_ERROR or answer.status_code == TOO_MANY:
        return None, f"HTTP {answer.status_code}"
    try:
        if not answer.is_success:
            told = msgspec.json.decode(answer.content, type=_Mistake)
            raise FeedRefused(to=door.address, error=told.error, why=told.says, facts=told.facts)
        outcomes = msgspec.json.decode(answer.content, type=tuple[_Outcome, ...])
    except msgspec.MsgspecError:
        outcomes = ()
    if len(outcomes) != lines:
        raise FeedRefused(to=door.address, status=answer.status_code, why="this does not answer as a node does")
    passing = [one.mistake.says for one in outcomes if one.mistake is not None and one.mistake.error in PASSING]
    return (None, passing[0]) if passing else (outcomes, "")
