"""A hotline message from `send` at one node until another node's screen holds it; and FLASH first after a day's cut.

Three nodes on this machine, each with its own NATS server. First one message after another is sent at JPN; counted is
from just before the POST to the first board on the WebSocket of USA that holds its words. On the way it is committed at
JPN, stored by JPN's NATS server and committed at USA, each with its own fsync. Then an office of USA acknowledges it.

Then the paths of KOR to both others are cut without a word. JPN and USA go on: messages and translations, ROUTINE, and
what each node says of having the other's; last of all JPN sends one FLASH. The paths are mended, and counted is until
KOR's screen holds the FLASH and until its log holds all, and how many of JPN's others came into that log before it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx
import msgspec
import websockets
from end_to_end import fsync_times_ms
from msgspec import Struct, structs

from laurel.core.instrument import Role
from laurel.core.label import Classification
from laurel.core.record import Precedence, World, decode
from laurel.core.roster import open_card, sign_card
from laurel.gateways.demo import COMPACT, beside, play
from laurel.gateways.demo.door import Door, until
from laurel.gateways.demo.nodes import DemoNode, make_nodes, ready, running
from laurel.instruments.hotline.conversation import SendAsk
from laurel.instruments.hotline.receipts import AcknowledgeAsk
from laurel.instruments.hotline.records import DELIVERED, MESSAGE, TRANSLATION
from laurel.instruments.hotline.translations import TranslateAsk
from laurel.node.clock import RealClock
from laurel.node.doorstep import people
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import read_settings
from laurel.node.keep.ledger import counts, export

LIVE = World(COMPACT)
SENDERS, CUT_OFF, SCREEN = ("JPN", "USA"), "KOR", "USA"
WARM, EVERY_S = 20, 0.2
LINES = 500
CUT_FOR_S = 10.0
"""By then every node has noticed: what is said after that is said to a member that cannot be reached."""
SETTLED_S = 2.0
PATIENCE_S = 120.0
LOOK_EVERY_S = 0.1
BUDGET_P50_MS, BUDGET_ALL_S = 15.0, 60.0


class Result(Struct, frozen=True):
    """Milliseconds of `messages` messages; seconds after the paths were mended. `fsync` is of 4 kB on their disk.

    Of the `queued` records that waited for KOR, so many of JPN, who says the FLASH last, came into its log before it.
    """

    messages: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    worst_ms: float
    send_p50_ms: float
    queued: int
    flash_s: float
    before_flash: int
    all_s: float
    fsync_p50_ms: float
    fsync_p99_ms: float
    load: float
    holds: bool


class _Said(Struct, frozen=True):
    records: tuple[str, ...] = ()


class _Link(Struct, frozen=True):
    member: str
    state: str


class _About(Struct, frozen=True):
    links: tuple[_Link, ...]


class Way:
    """How one node reaches another's server. Cut, it lets nothing pass, and tells nobody.

    What a sender gave up while it was cut never arrives: nobody is there to send it again.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self.open = asyncio.Event()
        self.open.set()
        self.port = 0

    @asynccontextmanager
    async def led(self) -> AsyncGenerator[None]:
        """Listening, at `port`."""
        async with await asyncio.start_server(self._accept, "127.0.0.1") as server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer), return_exceptions=True)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while received := await source.read(65_536):
                await self.open.wait()
                if given_up := source.exception():
                    raise given_up
                sink.write(received)
                await sink.drain()
        finally:
            sink.close()


@dataclass(frozen=True)
class Stage:
    """The nodes, a program of the watch at each, and the ways to and from the one that is cut off."""

    nodes: Mapping[str, DemoNode]
    doors: Mapping[str, Door]
    ways: Sequence[Way]
    to: httpx.AsyncClient

    async def send(self, member: str, ask_id: str, ask: SendAsk) -> str:
        """The id of a message."""
        door = self.doors[member]
        headers = {**door.headers, "Ask-Id": ask_id, "Content-Type": "application/json"}
        answer = await self.to.post(f"{door.url}/hotline/send", content=msgspec.json.encode(ask), headers=headers)
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=_Said).records[0]

    async def send_many(self, member: str, command: str, asks: Sequence[Struct]) -> list[str]:
        """The ids of what so many asks said."""
        door, said = self.doors[member], list[str]()
        for start in range(0, len(asks), LINES):
            lines = [
                msgspec.json.encode({"ask_id": f"benchmark:{command}:{number}", "ask": ask})
                for number, ask in enumerate(asks[start : start + LINES], start)
            ]
            answer = await self.to.post(f"{door.url}/{command}/many", content=b"\n".join(lines), headers=door.headers)
            answer.raise_for_status()
            said += [record for one in msgspec.json.decode(answer.content, type=list[_Said]) for record in one.records]
        return said

    async def reaches(self, member: str, other: str) -> bool:
        """Whether that member's line to the other is healthy, as its node says."""
        about = await self.doors[member].look(self.to, "about", _About)
        return any(one.member == other and one.state == "healthy" for one in about.links)


async def measure(folder: Path, messages: int, queued: int) -> Result:
    """Run three nodes, send so many messages, then cut one off and have at least so many records wait for it."""
    nodes = {node.member: node for node in make_nodes(folder, load_compact(COMPACT))}
    doors = {
        member: Door(node.live.url, people(node.layout).program("benchmark", (Role.WATCH_OFFICER,)))
        for member, node in nodes.items()
    }
    async with _ways(nodes) as ways, running(list(nodes.values())) as dying, play.asking() as to:
        stage = Stage(nodes, doors, ways, to)
        return await beside(asyncio.create_task(_measure(stage, folder, messages, queued)), dying)


@asynccontextmanager
async def _ways(nodes: Mapping[str, DemoNode]) -> AsyncGenerator[list[Way]]:
    """Lead every way to and from the node that will be cut off through one that can be cut."""
    async with AsyncExitStack() as stack:
        ways: list[Way] = []
        for finder, found in (pair for other in SENDERS for pair in ((other, CUT_OFF), (CUT_OFF, other))):
            way = Way(read_settings(nodes[found].layout).nats_port)
            await stack.enter_async_context(way.led())
            _find_at(nodes[finder], nodes[found], way.port)
            ways.append(way)
        yield ways


def _find_at(finder: DemoNode, found: DemoNode, port: int) -> None:
    """Admit a card of the other that names this port: the other signs it."""
    now = RealClock().now()
    card = open_card(keys.card(found.layout, LIVE, now))
    moved = structs.replace(card, address=f"127.0.0.1:{port}", made_at=now)
    keys.admit_card(finder.layout, LIVE, sign_card(moved, keys.signing_key(found.layout, LIVE)))


async def _measure(stage: Stage, folder: Path, messages: int, queued: int) -> Result:
    await ready(list(stage.nodes.values()), stage.to)
    await _joined(stage)
    sent, took_ms = await _one_by_one(stage, messages)
    centiles = quantiles(took_ms, n=100)
    waited = await _cut_off(stage, queued)
    fsync_ms = fsync_times_ms(folder)
    return Result(
        messages=len(took_ms),
        p50_ms=round(centiles[49], 1),
        p90_ms=round(centiles[89], 1),
        p99_ms=round(centiles[98], 1),
        worst_ms=round(max(took_ms), 1),
        send_p50_ms=round(quantiles(sent, n=2)[0], 1),
        queued=waited.queued,
        flash_s=round(waited.flash_s, 2),
        before_flash=waited.before_flash,
        all_s=round(waited.all_s, 1),
        fsync_p50_ms=round(quantiles(fsync_ms, n=100)[49], 2),
        fsync_p99_ms=round(quantiles(fsync_ms, n=100)[98], 2),
        load=round(os.getloadavg()[0], 1),
        holds=centiles[49] <= BUDGET_P50_MS
        and waited.before_flash < waited.queued / 10
        and waited.all_s <= BUDGET_ALL_S,
    )


async def _joined(stage: Stage) -> None:
    """Wait until every node reaches every other."""

    async def all_reached() -> bool:
        pairs = [(one, other) for one in stage.nodes for other in stage.nodes if one != other]
        return all([await stage.reaches(*pair) for pair in pairs])

    await until(all_reached, "every line healthy")


# One by one


async def _one_by_one(stage: Stage, messages: int) -> tuple[list[float], list[float]]:
    """How long each POST took, and each message from its POST to the other's screen."""
    sender = SENDERS[0]
    sent_ms: list[float] = []
    took_ms: list[float] = []
    async with _screen(stage, SCREEN) as boards:
        opening = _message("Message 0 of the benchmark", Precedence.FLASH, subject="Benchmark")
        conversation = await stage.send(sender, "benchmark:message:0", opening)
        for number in range(1, WARM + messages + 1):
            words = f"Message {number} of the benchmark"
            ask = _message(words, Precedence.FLASH, conversation=conversation)
            shown = asyncio.create_task(boards.first_with(f'{words}"'))
            # At no beat that anything else here keeps.
            await asyncio.sleep(EVERY_S * (1.0 + number % 7 / 7.0))
            began_s = time.perf_counter()
            message = await stage.send(sender, f"benchmark:message:{number}", ask)
            sent_s = time.perf_counter()
            came_s = await asyncio.wait_for(shown, PATIENCE_S)
            receipt = AcknowledgeAsk(message, "Benchmark of the watch")
            await stage.doors[SCREEN].ask(stage.to, "hotline/acknowledge", receipt, f"benchmark:heard:{number}")
            if number > WARM:
                sent_ms.append(1e3 * (sent_s - began_s))
                took_ms.append(1e3 * (came_s - began_s))
    return sent_ms, took_ms


def _message(
    words: str, precedence: Precedence, subject: str | None = None, conversation: str | None = None
) -> SendAsk:
    to = () if subject is None else (*SENDERS, CUT_OFF)
    return SendAsk(Classification.RESTRICTED, precedence, "en", words, to, subject=subject, conversation=conversation)


class Boards:
    """The boards that one screen is sent."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def first_with(self, words: str) -> float:
        """When the first board that holds these words came, in seconds."""
        while True:
            text = str(await self._socket.recv())
            came_s = time.perf_counter()
            if text.startswith('{"type":"board"') and words in text:
                return came_s


@asynccontextmanager
async def _screen(stage: Stage, member: str) -> AsyncGenerator[Boards]:
    door = stage.doors[member]
    url = f"ws{door.url.removeprefix('http')}/stream"
    async with websockets.connect(url, additional_headers=door.headers, max_size=None, proxy=None) as socket:
        yield Boards(socket)


# Cut off


class Waited(Struct, frozen=True):
    """What waited for the member that was cut off, and when it came, in seconds after the paths were mended."""

    queued: int
    flash_s: float
    before_flash: int
    all_s: float


async def _cut_off(stage: Stage, queued: int) -> Waited:
    async def even() -> bool:
        return len({_held(stage, member) for member in stage.nodes}) == 1

    await until(even, "that all hold what was said so far")
    before = _held(stage, CUT_OFF)
    for way in stage.ways:
        way.open.clear()
    await asyncio.sleep(CUT_FOR_S)
    # Of each message the other sender's node says that it has it, and every second one is translated: five for two.
    each = -(-queued // 5)
    await asyncio.gather(*(_go_on(stage, member, each) for member in SENDERS))
    wanted = before + 5 * each

    async def all_said() -> bool:
        return min(_held(stage, member) for member in SENDERS) >= wanted

    await until(all_said, "what the two say to each other", PATIENCE_S)
    words = "The last of all"
    async with _screen(stage, CUT_OFF) as boards:
        shown = asyncio.create_task(boards.first_with(words))
        flash = await stage.send(SENDERS[0], "benchmark:last", _message(words, Precedence.FLASH, subject="At once"))
        # It too is said while nobody can be reached, and waits at its sender's own server.
        await asyncio.sleep(SETTLED_S)
        for way in stage.ways:
            way.open.set()
        mended_s = time.perf_counter()
        flash_s = await asyncio.wait_for(shown, PATIENCE_S) - mended_s

        async def all_held() -> bool:
            return _held(stage, CUT_OFF) >= wanted

        await until(all_held, "all that waited", PATIENCE_S)
        all_s = time.perf_counter() - mended_s
    return Waited(5 * each, flash_s, _before(stage, flash, 5 * each // 2), all_s)


def _before(stage: Stage, flash: str, waited: int) -> int:
    """How many of the records of its sender that waited with it came into the log of KOR before this one."""
    exported = io.BytesIO()
    export(stage.nodes[CUT_OFF].layout, LIVE, exported)
    payloads = [base64.b64decode(json.loads(line)["payload"]) for line in exported.getvalue().splitlines()[1:]]
    ids = [hashlib.sha256(one).hexdigest() for one in payloads if decode(one).origin == SENDERS[0]]
    return ids.index(flash) - (len(ids) - 1 - waited)


async def _go_on(stage: Stage, member: str, messages: int) -> None:
    """So many ROUTINE messages, and a translation of every second one."""
    asks = [_message(f"Report {number} of {member}", Precedence.ROUTINE, subject="Day") for number in range(messages)]
    said = await stage.send_many(member, "hotline/send", asks)
    translations = [TranslateAsk(one, "ja", "報告", "Interpreter of the watch", engine=False) for one in said[::2]]
    await stage.send_many(member, "hotline/translate", translations)


def _held(stage: Stage, member: str) -> int:
    """How much of what the senders say of these kinds is in that member's log."""
    kinds = {MESSAGE.name, TRANSLATION.name, DELIVERED.name}
    found = counts(stage.nodes[member].layout, LIVE)
    return sum(one["records"] for one in found if one["kind"] in kinds and one["origin"] in SENDERS)


def show(result: Result) -> None:
    """Print it for people."""
    verdict = "within" if result.holds else "OVER"
    print(
        f"message sent at {SENDERS[0]} -> on a screen at {SCREEN}, {result.messages} messages:\n"
        f"  p50 {result.p50_ms} ms, p90 {result.p90_ms} ms, p99 {result.p99_ms} ms, worst {result.worst_ms} ms; "
        f"the POST alone {result.send_p50_ms} ms\n"
        f"{CUT_OFF} cut off, {result.queued} ROUTINE records and then one FLASH said to it; after the mending:\n"
        f"  FLASH on its screen after {result.flash_s} s, {result.before_flash} of JPN's others before it; "
        f"all after {result.all_s} s\n"
        f"  {verdict} the budget of p50 {BUDGET_P50_MS:g} ms, and all within {BUDGET_ALL_S:g} s\n"
        f"  fsync of this disk p50 {result.fsync_p50_ms} ms, p99 {result.fsync_p99_ms} ms; "
        f"load {result.load} on {os.cpu_count()} cores"
    )


def main() -> int:
    """0 when the budget holds."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=300, help="how many are sent one by one")
    arguments.add_argument("--queued", type=int, default=10_000, help="how many records wait for the one cut off")
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        result = asyncio.run(measure(Path(folder), given.messages, given.queued))
    if given.json:
        given.json.write_text(json.dumps(structs.asdict(result), indent=1))
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
