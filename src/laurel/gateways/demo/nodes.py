"""Three nodes on this machine: made, introduced to each other, started as processes, stopped."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import httpx
import msgspec

from laurel.core.errors import BadField, Broken
from laurel.core.instrument import Role
from laurel.core.record import World
from laurel.gateways.demo.door import Door, WaitedTooLong, until
from laurel.node.carry import tether
from laurel.node.carry.listening import PortInUse, listen
from laurel.node.clock import RealClock
from laurel.node.doorstep import link_url, people
from laurel.node.home import keys
from laurel.node.home.compact import Compact
from laurel.node.home.layout import Layout, Settings, read_settings
from laurel.node.keep.ledger import Verified

HOST = "127.0.0.1"
STOP_WITHIN_S = 10.0
GONE_WITHIN_S = 30.0
LAST_WORDS = 12

# Who plays: one program that runs the exercise, one officer who watches.
CONTROL = (Role.EXERCISE_CONTROL, Role.ADMINISTRATOR, Role.RELEASE_AUTHORITY)
WATCH = (Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.EXERCISE_CONTROL, Role.ANALYST)


class NodeDied(Broken):
    """One of the three ended by itself."""

    says = "a node of the demo ended"
    remedy = "its last words say why; laurel demo --folder DIR keeps all of its files"


class NodeSilent(Broken):
    """A process runs, but nothing answers."""

    says = "a node of the demo does not answer"
    remedy = "its last words say why; laurel demo --folder DIR keeps all of its files"


class LogUnread(Broken):
    """The terminal could not verify a log."""

    says = "a log of the demo could not be read"
    remedy = "what laurel log verify said stands in the facts"


@dataclass(frozen=True)
class DemoNode:
    """One of the nodes: its folder, its live world's door, its process."""

    member: str
    layout: Layout
    live: Door

    @property
    def log(self) -> Path:
        """What the process says."""
        return self.layout.folder / "node.log"

    @property
    def last_words(self) -> str:
        """The end of that, for an error."""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_WORDS:]
        return "\n  " + "\n  ".join(lines) + "\n"


@contextmanager
def demo_folder(folder: Path | None) -> Generator[Path]:
    """Where the nodes lie: a given folder is kept, one of our own is removed with what is left of dead runs.

    Raises BadField.
    """
    if folder is not None:
        if folder.exists() and any(folder.iterdir()):
            raise BadField(field="folder", value=folder, must_be="empty, or not there yet")
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    above = Path(".laurel-demo").resolve()
    above.mkdir(exist_ok=True)
    for old in above.iterdir():
        with (old / "running").open("a") as lock:
            if _locked(lock.fileno()):
                shutil.rmtree(old, ignore_errors=True)
    mine = Path(mkdtemp(dir=above))
    with (mine / "running").open("a") as lock:
        _locked(lock.fileno())
        try:
            yield mine
        finally:
            shutil.rmtree(mine, ignore_errors=True)
            with suppress(OSError):
                above.rmdir()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def make_nodes(folder: Path, compact: Compact) -> list[DemoNode]:
    """What `laurel init`, `laurel card`, `laurel admit` and `laurel officer token` do, for every member."""
    now = RealClock().now()
    ports = iter(_free_ports(2 * len(compact.members)))
    nodes: list[DemoNode] = []
    for member in compact.members:
        layout = Layout(folder / member.code)
        settings = Settings(member.code, member.name, compact.id, HOST, next(ports), next(ports))
        keys.init_node(layout, settings, now)
        nodes.append(_node(layout, settings))
    world = World(compact.id)
    cards = {node.member: keys.card(node.layout, world, now) for node in nodes}
    for node in nodes:
        for member, card in cards.items():
            if member != node.member:
                keys.admit_card(node.layout, world, card)
    return nodes


def found_nodes(folder: Path, compact: Compact) -> list[DemoNode]:
    """Those that lie there already. Raises NoNodeHere, BadNodeFile."""
    layouts = [Layout(folder / member.code) for member in compact.members]
    return [_node(layout, read_settings(layout)) for layout in layouts]


def _node(layout: Layout, settings: Settings) -> DemoNode:
    with closing(people(layout)) as register:
        token = register.program("demo", CONTROL)
    door = Door(f"http://{HOST}:{settings.http_port}/{World(settings.compact).name}", token)
    return DemoNode(settings.member, layout, door)


async def gone(folder: Path, compact: Compact) -> None:
    """Wait until no process holds a node there, nor a port of one. Raises WaitedTooLong."""
    await until(partial(_let_go, folder, compact), f"the end of all that runs in {folder}", GONE_WITHIN_S)


async def _let_go(folder: Path, compact: Compact) -> bool:
    for layout in (Layout(folder / member.code) for member in compact.members):
        for file in (layout.nats / "lock", *layout.worlds.glob("*/world.lock")):
            with suppress(FileNotFoundError), file.open("rb") as lock:
                if not _locked(lock.fileno()):
                    return False
        if layout.settings.exists():
            settings = read_settings(layout)
            try:
                for port in (settings.http_port, settings.nats_port):
                    listen(HOST, port).close()
            except PortInUse:
                return False
    return True


def sign_in_link(node: DemoNode, at: Door) -> str:
    """A link that signs an officer in once, at one world of the node."""
    token = people(node.layout).link("watch", WATCH, RealClock().now())
    return link_url(at.url, token)


async def verified(node: DemoNode, world: World) -> Verified:
    """What `laurel log verify` says of one world's log. Raises LogUnread."""
    verify = ("-m", "laurel.cli", "log", "verify", str(node.layout.folder), "--world", world.name, "--json")
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, *verify, stdout=pipe, stderr=pipe)
    said, trouble = await child.communicate()
    try:
        return msgspec.json.decode(said, type=Verified)
    except msgspec.MsgspecError:
        raise LogUnread(member=node.member, said=trouble.decode(errors="replace").strip()) from None


@asynccontextmanager
async def running(nodes: Sequence[DemoNode]) -> AsyncGenerator[asyncio.Task[None]]:
    """The nodes' processes, as `laurel node` runs them. The task ends, with NodeDied, when one of them does."""
    with ExitStack() as logs:
        children: dict[DemoNode, asyncio.subprocess.Process] = {}
        for node in nodes:
            log = logs.enter_context(node.log.open("ab"))
            children[node] = await asyncio.create_subprocess_exec(
                sys.executable,
                tether.__file__,
                str(os.getpid()),
                sys.executable,
                "-m",
                "laurel.cli",
                "node",
                str(node.layout.folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        watch = asyncio.create_task(_until_one_dies(children))
        try:
            yield watch
        finally:
            watch.cancel()
            await asyncio.gather(*(_stop(child) for child in children.values()))
            await asyncio.gather(watch, return_exceptions=True)


async def ready(nodes: Sequence[DemoNode], to: httpx.AsyncClient) -> None:
    """Wait until every live world answers. Raises NodeSilent."""

    async def one(node: DemoNode) -> None:
        try:
            await until(lambda: node.live.answers(to), "the live world")
        except WaitedTooLong:
            raise NodeSilent(member=node.member, url=node.live.url, last_words=node.last_words) from None

    await asyncio.gather(*(one(node) for node in nodes))


async def _until_one_dies(children: dict[DemoNode, asyncio.subprocess.Process]) -> None:
    waits = {asyncio.create_task(child.wait()): node for node, child in children.items()}
    try:
        ended, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    first = ended.pop()
    node = waits[first]
    raise NodeDied(member=node.member, code=first.result(), last_words=node.last_words)


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_WITHIN_S)
    except TimeoutError:
        child.kill()
        await child.wait()


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
