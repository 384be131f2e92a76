"""An exercise ends at three real nodes: an archive is kept at each, and of play nothing else, whatever happens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.nodes.flying import Flying, hold, records
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, PATIENCE_S, Node, answers, laurel, refusal, seen, three_nodes

from laurel.core.instrument import PEOPLE, Role
from laurel.core.label import Classification
from laurel.core.record import Precedence, World
from laurel.gateways.demo.door import About, AskRefused, Door
from laurel.instruments.exercise.commands import AnnounceAsk, HaltAsk
from laurel.instruments.exercise.view import Exercise, Exercises
from laurel.instruments.hotline.conversation import SendAsk
from laurel.node.carry.link import LinkState
from laurel.node.carry.natsconf import account_names
from laurel.node.exercises import ArchiveRow, EndedHere
from laurel.node.home import keys
from laurel.node.home.ending import archive_of, read_ending
from laurel.node.home.terms import read_terms
from laurel.node.keep.ledger import verify
from laurel.node.replay.opened import of_file

NAME = "freedom-27"
STARTS = datetime(2027, 1, 1, tzinfo=UTC)
PLAY = World(LIVE.compact, NAME)
WORDS = "The heron stands on the notional buoy"


@dataclass(frozen=True)
class Traces:
    """What would betray play in a file: its words, the ids of its records, its secrets."""

    words: tuple[bytes, ...]
    ids: tuple[bytes, ...]
    secrets: tuple[bytes, ...]

    @classmethod
    def of(cls, node: Node, world: World = PLAY, words: str = WORDS) -> Traces:
        names = [record_id for record_id, _ in records(node, world)]
        ids = [form for name in names for form in (name.encode(), bytes.fromhex(name))]
        return cls((words.encode(),), tuple(ids), tuple(secrets_of(node, world)))

    def found_in(self, folder: Path, *, but: Path) -> dict[str, int]:
        """How many of them stand in each file of a folder, but for those of one folder in it."""
        every = (*self.words, *self.ids, *self.secrets)
        found: dict[str, int] = {}
        for file in folder.rglob("*"):
            if file.is_file() and but not in file.parents:
                content = file.read_bytes()
                if hits := sum(one in content for one in every):
                    found[str(file.relative_to(folder))] = hits
        return found


def secrets_of(node: Node, world: World) -> list[bytes]:
    """The secrets of a world, as files have them and as they are."""
    found: list[bytes] = []
    for file in node.made.layout.world(world).keys.iterdir():
        content = file.read_bytes()
        found.append(content.strip())
        if file.name.startswith("signing"):
            key = load_pem_private_key(content, None)
            assert isinstance(key, Ed25519PrivateKey)
            found.append(key.private_bytes_raw())
        if file.name.startswith("sealing"):
            found.append(base64.b64decode(content))
    return found


@pytest_asyncio.fixture
async def flying(tmp_path: Path) -> AsyncGenerator[Flying]:
    async with three_nodes(tmp_path) as nodes:
        yield await hold(nodes, nodes["USA"].to, NAME, 100.0, 120.0)


async def play(flying: Flying) -> None:
    """Some seconds of flight, and a message of each member that all hear."""
    for member, door in flying.stage.doors.items():
        others = tuple(sorted(set(MEMBERS) - {member}))
        said = SendAsk(
            *(Classification.UNCLASSIFIED, Precedence.PRIORITY, "en", f"{WORDS}, says {member}."),
            to=others,
            subject="Herons",
        )
        await door.ask(flying.stage.to, "hotline/send", said, f"test:heron:{member}")
    await flying.begin(20.0)
    await flying.end()
    await flying.settled()

    async def heard() -> bool:
        counts = [node.counts(flying.world) for node in flying.nodes.values()]
        return all(one[member, "hotline.message.v1"] == 1 for one in counts for member in MEMBERS)

    await seen(heard, "every message at every member")


async def begun(nodes: dict[str, Node], name: str) -> dict[str, Door]:
    """An exercise announced and joined by all: its own door at every node, once each knows the others."""
    to = nodes["USA"].to
    announced = AnnounceAsk(name, f"Exercise {name}", STARTS, "0" * 64, EVERYONE)
    await nodes["USA"].live.ask(to, "exercise/announce", announced, f"test:announce:{name}")

    async def heard(members: int) -> bool:
        lists = [(await node.live.look(to, "exercise/exercises", Exercises)).exercises for node in nodes.values()]
        rows = [next((one for one in each if one.exercise == name), None) for each in lists]
        return all(one is not None and len(one.members) >= members for one in rows)

    await seen(lambda: heard(0), f"the announcement of {name}")
    join = f"exercise/join-here/{name}"
    await asyncio.gather(*(node.live.ask(to, join, {}, f"test:join:{name}") for node in nodes.values()))
    await seen(lambda: heard(len(nodes)), f"every card for {name}")
    doors: dict[str, Door] = {}
    for member, node in nodes.items():
        worlds = (await node.live.look(to, "about", About)).worlds
        doors[member] = Door(next(one.url for one in worlds if one.exercise == name).rstrip("/"), node.live.token)

    async def complete() -> bool:
        about = [await door.look(to, "about", About) for door in doors.values()]
        return all(one.admitted for each in about for one in each.members)

    await seen(complete, f"the worlds of {name}")
    return doors


async def end_here(node: Node, name: str = NAME, ask_id: str = "test:end:0001") -> EndedHere:
    """What `laurel exercise end-here` does: ask until it has ended."""
    headers = {**node.live.headers, "Ask-Id": ask_id}
    while True:
        answer = await node.to.post(f"{node.live.url}/exercise/end-here/{name}", headers=headers)
        if answer.is_error:
            raise AskRefused(answer=answer.text)
        come = msgspec.json.decode(answer.content, type=EndedHere)
        if come.ended:
            return come


async def exercise_at(node: Node, name: str = NAME) -> Exercise:
    found = (await node.live.look(node.to, "exercise/exercises", Exercises)).exercises
    return next(one for one in found if one.exercise == name)


def can_be_bound(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def processes_of(node: Node, world: World) -> list[str]:
    """The processes that serve or end that world."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes().decode(errors="replace").split("\0")
            if str(node.made.layout.folder) in words and world.name in words:
                found.append(" ".join(words))
    return found


def is_gone(node: Node, world: World, port: int, traces: Traces) -> None:
    """What holds at a node of an exercise that ended."""
    layout = node.made.layout
    assert not layout.world(world).folder.exists()
    assert keys.worlds(layout) == (LIVE,)
    assert processes_of(node, world) == []
    assert can_be_bound(port)
    accounts = account_names(layout.nats_configuration.read_text())
    assert {one for one in accounts if one.startswith(world.name)} == set()
    assert [str(one) for one in layout.nats.rglob("*") if world.name in one.name] == []
    opened = [str(one.readlink()) for one in Path(f"/proc/{node.nats_pid}/fd").iterdir()]
    assert [one for one in opened if world.name in one] == []
    assert traces.found_in(layout.folder, but=layout.archives) == {}


def archived(node: Node, come: EndedHere, before: int) -> None:
    """The archive is what was said of it, and it holds all that the log held."""
    file = archive_of(node.made.layout, World(LIVE.compact, come.exercise))
    assert file.name == come.archive
    assert hashlib.sha256(file.read_bytes()).hexdigest() == come.archive_sha256
    assert file.stat().st_mode & 0o777 == 0o600
    source = of_file(file, node.made.layout)
    assert source.records == come.records == before
    assert source.vouched


async def replayed(node: Node, file: str) -> dict[str, Any]:
    """What the replay of an archive says of itself once it is open."""
    headers = node.live.headers
    opened = await node.to.post(f"{node.live.url}/replays/open", json={"name": file}, headers=headers)
    assert opened.is_success, opened.text
    url = httpx.URL(opened.json()["url"])
    told: dict[str, Any] = {}

    async def open_() -> bool:
        about = (await node.to.get(f"{str(url).rstrip('/')}/about", headers=headers)).json()
        told.update(about["replay"])
        return about["replay"]["opening"] is None

    await seen(open_, f"the replay of {file}")
    closed = await node.to.post(f"{node.live.url}/replays/close", json={"name": file}, headers=headers)
    assert closed.is_success
    return told


async def test_of_an_exercise_that_ended_an_archive_is_kept_and_nothing_else(flying: Flying) -> None:
    nodes, to = flying.nodes, flying.stage.to
    await play(flying)
    traces = {member: Traces.of(node) for member, node in nodes.items()}
    before: dict[str, int] = {}
    ports: dict[str, int] = {}
    for member, node in nodes.items():
        layout = node.made.layout
        terms = read_terms(layout.world(PLAY))
        assert terms is not None
        ports[member] = terms.http_port
        # Before the end play is found in its own world's folder, and nowhere else: in no live database, for one.
        found = traces[member].found_in(layout.folder, but=layout.archives)
        assert any(one.startswith(f"worlds/{PLAY.name}/world.db") for one in found)
        assert [one for one in found if not one.startswith(f"worlds/{PLAY.name}/")] == []

    # One member ends it while the others play: it is warned of them, and they of it.
    warned = (await end_here(nodes["KOR"])).playing
    assert warned == ("JPN", "USA")

    async def heard() -> bool:
        return all([(await exercise_at(nodes[one])).ended_at == ("KOR",) for one in ("JPN", "USA")])

    await seen(heard, "the end at KOR")
    assert await flying.stage.doors["JPN"].answers(to)
    await nodes["USA"].live.ask(to, "exercise/halt", HaltAsk(NAME, "return to duty", EVERYONE), "test:halt:0001")
    for member in ("JPN", "USA"):
        before[member] = verify(nodes[member].made.layout, PLAY)["records"]
        come = await end_here(nodes[member])
        assert come.playing == ()
        assert come.records is not None
        assert come.records >= before[member]

    for member, node in nodes.items():

        async def told(node: Node = node) -> bool:
            return (await exercise_at(node)).ended_at == MEMBERS

        await seen(told, f"every end at {member}")
        is_gone(node, PLAY, ports[member], traces[member])
        # The same ask is answered as before.
        come = await end_here(node)
        assert come.records is not None
        archived(node, come, come.records)
        [row] = await node.live.look(to, "exercise/archives", list[ArchiveRow])
        assert (row.file, row.sha256, row.records) == (come.archive, come.archive_sha256, come.records)
        assert row.bytes == archive_of(node.made.layout, PLAY).stat().st_size
        shown = await replayed(node, row.file)
        assert (shown["records"], shown["exercise"], shown["vouched"]) == (come.records, NAME, True)
        own = [record_id for record_id, one in records(node, LIVE) if one.kind == "exercise.ended.v1"]
        assert come.record in own
        assert len(own) == 3

        # Nothing of it comes back, and each who tries is told why.
        with pytest.raises(AskRefused, match="ExerciseEnded"):
            await end_here(node, ask_id="test:end:0002")
        assert "ExerciseEnded" in await refusal(node.live, to, f"exercise/join-here/{NAME}", {})
        assert not node.made.layout.world(PLAY).folder.exists()
        with pytest.raises(AskRefused, match="Nothing"):
            await end_here(node, "freedom-99")

    # An exercise that nobody here joined has no end here; live goes on.
    asked = AnnounceAsk("freedom-28", "The next one", flying.scenario.starts_at, "0" * 64, EVERYONE)
    await nodes["JPN"].live.ask(to, "exercise/announce", asked, "test:announce:freedom-28")
    with pytest.raises(AskRefused, match="NotJoined"):
        await end_here(nodes["JPN"], "freedom-28")
    for member in MEMBERS:
        assert verify(nodes[member].made.layout, LIVE)["faults"] == []
        for peer in set(MEMBERS) - {member}:

            async def healthy(node: Node = nodes[member], peer: str = peer) -> bool:
                return await node.link(node.live, peer) is LinkState.HEALTHY

            await seen(healthy, f"the line of {member} to {peer}")


async def test_only_exercise_control_ends_an_exercise_and_the_terminal_asks_first(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        await begun(nodes, NAME)
        await ended_in_a_terminal(nodes["USA"])


async def ended_in_a_terminal(node: Node) -> None:
    token = node.made.layout.folder.parent / "usa.token"
    token.write_text(node.token(*(PEOPLE - {Role.EXERCISE_CONTROL})))
    door = Door(node.live.url, token.read_text())
    assert "NotPermitted" in await refusal(door, node.to, f"exercise/end-here/{NAME}", {})
    token.write_text(node.live.token)
    ask = ("exercise", "end-here", NAME, "--url", node.live.url, "--token", token)
    assert "Aborted" in await laurel(*ask, fails=True)
    come = await laurel(*ask, "--yes", "--json")
    assert come["ended"] is True
    [kept] = await laurel("exercise", "archives", "--url", node.live.url, "--token", token, "--json")
    assert kept["sha256"] == come["archive_sha256"]
    assert kept["ended_by"] == "program:demo"


Moment = Callable[[Node], bool]


def asked_for(node: Node) -> bool:
    return read_ending(node.made.layout.world(PLAY)) is not None


def is_archived(node: Node) -> bool:
    return archive_of(node.made.layout, PLAY).exists()


def has_no_card(node: Node) -> bool:
    return not node.made.layout.world(PLAY).card(node.member).exists()


def has_left(node: Node) -> bool:
    ending = read_ending(node.made.layout.world(PLAY))
    return ending is None or ending.left


def has_no_database(node: Node) -> bool:
    return not node.made.layout.world(PLAY).database.exists()


async def reached(node: Node, moment: Moment) -> None:
    """Wait until that moment, as closely as it goes."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if moment(node):
                return
            await asyncio.sleep(0.001)


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_a_node_killed_at_any_moment_of_the_end_comes_to_it_all_the_same(flying: Flying) -> None:
    await play(flying)
    node, layout = flying.nodes["JPN"], flying.nodes["JPN"].made.layout
    traces, terms = Traces.of(node), read_terms(layout.world(PLAY))
    assert terms is not None
    before = verify(layout, PLAY)["records"]
    asking = asyncio.create_task(end_here(node))
    for moment in (asked_for, is_archived, has_no_card, has_left, has_no_database):
        await reached(node, moment)
        await node.cut_power()
        await asyncio.gather(asking, return_exceptions=True)
        # Until the archive is on the disk nothing is destroyed.
        if not is_archived(node):
            assert verify(layout, PLAY)["faults"] == []
            assert keys.signing_key(layout, PLAY)
        await node.start()
    await answers(node)
    come = await end_here(node)
    assert come.records is not None
    assert come.records >= before
    archived(node, come, come.records)
    is_gone(node, PLAY, terms.http_port, traces)
    for one in flying.nodes.values():

        async def told(one: Node = one) -> bool:
            return (await exercise_at(one)).ended_at == ("JPN",)

        await seen(told, f"the end at JPN, at {one.member}")
        assert one.counts()["JPN", "exercise.ended.v1"] == 1
        assert verify(one.made.layout, LIVE)["faults"] == []
