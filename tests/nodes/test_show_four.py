"""Show 4: what Japan says to Korea goes through the United States, once, and leaves no word of it there.

Japan and Korea run in this process, the United States as it does in its own: `laurel node`, with its world and its
NATS server. What these three processes hold in memory, and everything on that node's disk, is searched for the words.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.node.worlds import LIVE, contents, log_of
from tests.nodes.paths import paths_between
from tests.nodes.stations import StationNode, holds, station_node
from tests.nodes.three import Node, client, make_three, run_nodes

from laurel.core.record import Precedence, decode
from laurel.node.carry.link import LinkState

FLASH = Precedence.FLASH
FOR_TWO = ("JPN", "KOR")
# nats-py lets a TLS connection whose peer is silent be closed by whoever collects the garbage.
pytestmark = pytest.mark.filterwarnings("ignore:.*StreamWriter.__del__:pytest.PytestUnraisableExceptionWarning")

SECRET = "mugunghwa-and-sakura-bloom-at-dawn-7312"
CONTROL = "this-is-released-to-all-three-4409"
# What stands outside of a sealed parcel of Japan for Korea.
OUTSIDE = b"\xaacamp-david\xa3JPN\xa3KOR"
# Three seconds until a cut is noticed, three until it counts; the rest is for a busy machine.
WITHIN_S = 15.0
ON_A_DETOUR_S = 3.0
CHUNK = 1 << 20
log = logging.getLogger(__name__)
# Pages that the kernel lends every process and lets nobody read through /proc.
KERNELS_OWN = {"[vvar]", "[vsyscall]", "[vvar_vclock]"}


def shapes(word: str) -> list[bytes]:
    """How a word may stand in memory or on a disk: plain, two or four bytes a letter, hexadecimal, base64."""
    plain = word.encode()
    turned = [base64.b64encode(b" " * turn + plain)[4 if turn else 0 :][:-4] for turn in range(3)]
    return [plain, word.encode("utf-16-le"), word.encode("utf-32-le"), plain.hex().encode(), *turned]


def holds_any(chunks: Iterable[bytes], words: list[bytes]) -> bool:
    """Whether one of the words stands anywhere, also across two chunks."""
    longest = max(map(len, words))
    before = b""
    for chunk in chunks:
        piece = before + chunk
        if any(word in piece for word in words):
            return True
        before = piece[-longest:]
    return False


def memory(pid: int) -> Generator[bytes]:
    """All that a process may read, region by region, while it stands still. Raises OSError where it cannot be read."""
    os.kill(pid, signal.SIGSTOP)
    try:
        # A signal is on its way for a moment, in which a process may still give up what it maps.
        while not stands_still(pid):
            time.sleep(0.001)
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as mem:
            for start, end in regions(pid):
                mem.seek(start)
                while (left := end - mem.tell()) > 0:
                    piece = mem.read(min(CHUNK, left))
                    assert piece, f"process {pid} cannot be read at {mem.tell():x}"
                    yield piece
    finally:
        os.kill(pid, signal.SIGCONT)


def stands_still(pid: int) -> bool:
    """Whether each thread of a process is stopped: the state stands behind the name, which may hold anything."""
    states = [stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


def regions(pid: int) -> list[tuple[int, int]]:
    """Where a process has memory, but for the kernel's own pages."""
    found: list[tuple[int, int]] = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, *rest = line.split(maxsplit=5)
        start, end = (int(one, 16) for one in span.split("-"))
        if rights.startswith("r") and rest[-1] not in KERNELS_OWN:
            found.append((start, end))
    return found


def disk(folder: Path) -> Generator[bytes]:
    """Every file under a folder, whole."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.read_bytes()


@dataclass
class Relay:
    """The United States' node, and where something said may be found there."""

    node: Node

    @property
    def places(self) -> dict[str, Callable[[], Generator[bytes]]]:
        assert self.node.child is not None
        pids = {"node": self.node.child.pid, "world": self.node.world_pid(LIVE), "server": self.node.nats_pid}
        searched: dict[str, Callable[[], Generator[bytes]]] = {
            f"memory of the {name}": partial(memory, pid) for name, pid in pids.items()
        }
        return searched | {"disk": partial(disk, self.node.made.layout.folder)}

    def where(self, *words: bytes) -> set[str]:
        """In which places one of these stands."""
        return {name for name, read in self.places.items() if holds_any(read(), list(words))}

    def relayed(self) -> int:
        lines = contents(self.node.made.layout.world(LIVE).database)["audit"]
        return sum("relayed" in line for line in lines)


def of_japan(node: StationNode) -> list[str]:
    """The ids of what Japan said to Korea, in the order of a log."""
    said = [(one.id, decode(one.payload)) for one in log_of(node.world)]
    return [name for name, one in said if one.origin == "JPN" and "KOR" in one.label.rel_to]


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.attack("hub")
async def test_a_flash_goes_through_the_united_states_once_and_leaves_no_word_there(tmp_path: Path) -> None:
    async with client() as to:
        made = make_three(tmp_path, to)
        layouts = {member: node.made.layout for member, node in made.items()}
        relay = Relay(made["USA"])
        async with paths_between(layouts["JPN"], layouts["KOR"]) as paths, run_nodes(relay.node):
            jpn, kor = station_node(layouts["JPN"]), station_node(layouts["KOR"])
            try:
                await asyncio.gather(jpn.start(), kor.start())
                for node, other in ((jpn, "KOR"), (kor, "JPN"), (jpn, "USA"), (kor, "USA")):
                    await node.shows(other, LinkState.HEALTHY, "")
                paths.cut()
                await jpn.say(SECRET, FOR_TWO, FLASH)
                took_s = await holds(lambda: SECRET in kor.texts(), "the FLASH at Korea", WITHIN_S)
                await jpn.shows("KOR", LinkState.RELAYED, "USA")
                began_s = asyncio.get_running_loop().time()
                await jpn.say(f"again {SECRET}", FOR_TWO, FLASH)
                await holds(lambda: f"again {SECRET}" in kor.texts(), "a FLASH on the detour", ON_A_DETOUR_S)
                then_s = asyncio.get_running_loop().time() - began_s
                log.info("through the United States %.1f s after the cut, then in %.3f s", took_s, then_s)
                await jpn.say(CONTROL)
                await holds(lambda: CONTROL in kor.texts(), "the control at Korea")
                # What is on its way lies in the relay's own stream while Korea fetches nothing.
                before = relay.relayed()
                await kor.halt()
                await jpn.say(f"once more {SECRET}", FOR_TWO, FLASH)
                await holds(lambda: relay.relayed() > before, "a parcel in the relay's hands")
                nowhere = relay.where(*shapes(SECRET))
                controlled = relay.where(CONTROL.encode())
                sealed = relay.where(OUTSIDE)
                await kor.resume()
                paths.mend()
                await holds(lambda: f"once more {SECRET}" in kor.texts(), "the last FLASH at Korea")
                for node, other in ((jpn, "KOR"), (kor, "JPN")):
                    await node.shows(other, LinkState.HEALTHY, "")
                await asyncio.sleep(1.0)
                assert nowhere == set()
                assert controlled >= {"memory of the world", "disk"}
                assert sealed >= {"memory of the world", "memory of the server", "disk"}
                assert relay.where(*shapes(SECRET)) == set()
                assert Counter(kor.texts()) == dict.fromkeys(
                    [SECRET, f"again {SECRET}", f"once more {SECRET}", CONTROL], 1
                )
                assert of_japan(kor) == of_japan(jpn)
            finally:
                await asyncio.gather(jpn.stop(), kor.stop())


def test_the_search_finds_a_word_in_every_shape_and_across_two_pieces() -> None:
    for shape in shapes("mugunghwa"):
        assert holds_any([b"x" * 10 + shape + b"y"], shapes("mugunghwa"))
    assert holds_any([b"xmugun", b"ghway"], shapes("mugunghwa"))
    for turn in range(3):
        assert holds_any([base64.b64encode(b"." * turn + b"the mugunghwa blooms")], shapes("mugunghwa"))
    assert not holds_any([b"mugungwha"], shapes("mugunghwa"))


def test_the_search_reads_the_memory_of_a_process() -> None:
    word = secrets.token_hex(12)
    told = f"w = '{word}'; print(); input()"
    child = subprocess.Popen([sys.executable, "-uc", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        # One that is still loading its libraries maps pages that have no file behind them yet.
        assert child.stdout is not None
        assert child.stdout.read(1) == b"\n"
        assert holds_any(memory(child.pid), shapes(word))
        assert not holds_any(memory(child.pid), shapes(secrets.token_hex(12)))
    finally:
        child.communicate(b"\n", timeout=20)
