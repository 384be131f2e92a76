"""The end of one exercise world in its folder: archived first, destroyed after, whatever happens between."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from tests.node.test_server import running
from tests.nodes.roads import LIVE, MEMBERS, Node, end, introduce, make_node, now

from laurel.core.errors import WrongWorld
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification, label
from laurel.core.record import Precedence, World
from laurel.instruments.exercise.commands import AnnounceAsk, EndedAsk, ExerciseEnded
from laurel.instruments.exercise.view import Exercise, Exercises
from laurel.instruments.hotline.conversation import SendAsk
from laurel.node import exercises
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.carry.client import connected, make_stream
from laurel.node.carry.natsconf import account_names, inbox
from laurel.node.ending import end_world
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.ending import Archive, Ending, archive_of, endings, read_ending, remove_world, write_ending
from laurel.node.home.layout import Layout, join_address, read_settings
from laurel.node.home.terms import Terms, write_terms
from laurel.node.keep.ledger import verify
from laurel.node.people import People
from laurel.node.people.credentials import Narrow
from laurel.node.replay.opened import of_file
from laurel.node.serve import open_world
from laurel.node.site import Site
from laurel.node.station import Station

PLAY = World("camp-david", "freedom-27")
TEXT = "The notional buoy is adrift."
RECORDS = 5
ASKED = Ending("officer:kim", "end-here/ask:0001")
EVERYONE = label(Classification.UNCLASSIFIED, set(MEMBERS))
CONTROL = Author("program:white-cell", frozenset({Role.EXERCISE_CONTROL}))
OFFICER = Author("officer:kim", frozenset({Role.WATCH_OFFICER}))


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


def played(folder: Path, records: int = RECORDS) -> Node:
    """A node with an exercise world in which something was said."""
    node = make_node(folder, "USA")
    peer = make_node(folder, "JPN")
    introduce(node, peer)
    for one in (node, peer):
        keys.make_world(one.layout, PLAY, now())
    keys.admit_card(node.layout, PLAY, keys.card(peer.layout, PLAY, now()))
    place = node.layout.world(PLAY)
    write_terms(place, Terms("Freedom", datetime(2027, 1, 1, tzinfo=UTC), 1))
    world = open_world(node.layout, PLAY)
    for number in range(records):
        ask = SendAsk(
            *(Classification.UNCLASSIFIED, Precedence.ROUTINE, "en", f"{TEXT} {number}"), to=("JPN",), subject="Buoys"
        )
        world.say(Asked(OFFICER, "hotline/send", ask, f"ask:send:{number}"))
    world.store.close()
    return node


def secrets_of(layout: Layout) -> list[bytes]:
    """Every secret of the exercise world, as its file has it."""
    return [file.read_bytes() for file in layout.world(PLAY).keys.iterdir()]


def holding(layout: Layout, *wanted: bytes) -> list[Path]:
    """The files of the node, but for its archives, in which one of these stands."""
    files = (one for one in layout.folder.rglob("*") if one.is_file() and layout.archives not in one.parents)
    return [one for one in files if any(each in one.read_bytes() for each in wanted)]


@asynccontextmanager
async def served(node: Node) -> AsyncGenerator[None]:
    """Its server runs, and a stream of the exercise holds something, unless the exercise has left it."""
    async with running(node):
        if node.layout.world(PLAY).local_seed.exists() and PLAY in keys.worlds(node.layout):
            ours = keys.credentials(node.layout, PLAY)
            address = join_address(ours.own_host, ours.own_port)
            async with connected(address, ours.own_authority, ours, ours.local_seed, inbox("USA")) as client:
                await make_stream(client, "JPN")
                await client.request("out.JPN.ROUTINE", TEXT.encode())
        yield


def is_gone(node: Node) -> None:
    """What must hold of every exercise that ended."""
    layout = node.layout
    place = layout.world(PLAY)
    ending = read_ending(place)
    assert ending is not None
    assert ending.gone
    assert [one.name for one in place.folder.iterdir()] == ["ending.json"]
    assert ending.archive == archived(layout)
    assert PLAY not in keys.worlds(layout)
    assert account_names(layout.nats_configuration.read_text()) & {PLAY.name, f"{PLAY.name}/JPN"} == set()
    assert not list(layout.nats_store.rglob(f"{PLAY.name}*"))
    assert holding(layout, TEXT.encode()) == []


def archived(layout: Layout) -> Archive:
    file = archive_of(layout, PLAY)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in layout.archives.iterdir()] == [file.name]
    source = of_file(file)
    assert len(list(source.read())) == source.records
    return Archive(hashlib.sha256(file.read_bytes()).hexdigest(), source.records)


async def test_what_was_played_is_kept_in_an_archive_and_nowhere_else(tmp_path: Path) -> None:
    node = played(tmp_path)
    held = secrets_of(node.layout)
    assert len(held) == 4
    with closing(People(node.layout.people)) as people:
        people.program("white-cell", {Role.EXERCISE_CONTROL}, Narrow(worlds=frozenset({PLAY.name})))
        people.program("everywhere", {Role.EXERCISE_CONTROL})
    async with served(node):
        assert holding(node.layout, TEXT.encode())
        write_ending(node.layout.world(PLAY), ASKED)
        await end_world(node.layout, PLAY)
        is_gone(node)
        assert archived(node.layout).records >= RECORDS
        assert holding(node.layout, *held) == []
        assert account_names(node.layout.nats_configuration.read_text()) >= {LIVE.name}
    with closing(People(node.layout.people)) as people:
        assert [one.name for one in people.credentials.rows("program")] == ["everywhere"]
    # Again, it finds all done.
    await end_world(node.layout, PLAY)
    is_gone(node)


async def test_a_power_cut_at_any_moment_loses_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is to last is written through to the disk: it ends at each of these moments in turn."""
    written = os.fsync

    def fails_at(moment: int) -> Callable[[int], None]:
        left = count(moment, -1)

        def fsync(file: int) -> None:
            # The server's own configuration is written beside, by another process of a real node.
            if "/nats" not in str(Path(f"/proc/self/fd/{file}").readlink()) and next(left) == 0:
                raise PowerCut
            written(file)

        return fsync

    for moment in count():
        node = played(tmp_path / str(moment), records=2)
        place = node.layout.world(PLAY)
        write_ending(place, ASKED)
        before = verify(node.layout, PLAY)["records"]
        async with served(node):
            with monkeypatch.context() as patched:
                patched.setattr(os, "fsync", fails_at(moment))
                try:
                    await end_world(node.layout, PLAY)
                except PowerCut:
                    cut = True
                else:
                    cut = False
            ending = read_ending(place)
            assert ending is not None
            if ending.archive is None:
                assert len(secrets_of(node.layout)) == 4
                assert verify(node.layout, PLAY)["faults"] == []
            else:
                assert ending.archive == archived(node.layout)
            await end_world(node.layout, PLAY)
            is_gone(node)
        assert archived(node.layout).records == before
        if not cut:
            assert moment > 8
            return


async def test_a_log_that_does_not_hold_is_kept_as_it_is(tmp_path: Path) -> None:
    node = played(tmp_path)
    place = node.layout.world(PLAY)
    content = place.database.read_bytes()
    assert content.count(f"{TEXT} 1".encode()) >= 1
    place.database.write_bytes(content.replace(f"{TEXT} 1".encode(), f"{TEXT} 7".encode()))
    write_ending(place, ASKED)
    await end_world(node.layout, PLAY)
    ending = read_ending(place)
    assert ending is not None
    assert "the log does not hold" in (ending.trouble or "")
    assert not ending.goes_on
    assert len(secrets_of(node.layout)) == 4
    assert PLAY in keys.worlds(node.layout)
    assert list(node.layout.archives.iterdir()) == []


async def test_another_file_of_the_archives_name_is_never_written_over(tmp_path: Path) -> None:
    node = played(tmp_path)
    place, file = node.layout.world(PLAY), archive_of(node.layout, PLAY)
    file.parent.mkdir()
    file.write_bytes(b"another's\n")
    write_ending(place, ASKED)
    await end_world(node.layout, PLAY)
    ending = read_ending(place)
    assert ending is not None
    assert "another file stands" in (ending.trouble or "")
    assert file.read_bytes() == b"another's\n"
    assert len(secrets_of(node.layout)) == 4
    # Moved away, and asked for again.
    file.rename(tmp_path / "elsewhere.jsonl")
    write_ending(place, ASKED)
    async with served(node):
        await end_world(node.layout, PLAY)
        is_gone(node)


async def test_an_exercise_in_which_nothing_was_said_ends_too(tmp_path: Path) -> None:
    node = played(tmp_path, records=0)
    write_ending(node.layout.world(PLAY), ASKED)
    async with served(node):
        await end_world(node.layout, PLAY)
        is_gone(node)
    assert archived(node.layout).records == 0


async def test_a_live_world_never_ends(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    place = node.layout.world(LIVE)
    write_ending(place, ASKED)
    assert endings(node.layout) == {}
    with pytest.raises(WrongWorld):
        await end_world(node.layout, LIVE)
    assert keys.worlds(node.layout) == (LIVE,)


@asynccontextmanager
async def joined_live(layout: Layout) -> AsyncGenerator[Site]:
    """A live world in which the exercise was announced and joined."""
    compact = load_compact(LIVE.compact)
    station = Station(open_world(layout, LIVE))
    site = Site(station, layout, read_settings(layout), compact, compact.title, dict, None)
    running = asyncio.create_task(station.run())
    try:
        asked = AnnounceAsk("freedom-27", "Freedom", datetime(2027, 1, 1, tzinfo=UTC), "0" * 64, EVERYONE)
        await station.say(Asked(CONTROL, "exercise/announce", asked, "ask:announce"))
        await exercises.join_exercise(site, CONTROL, "freedom-27", "ask:join:1")
        yield site
    finally:
        await end(running)
        station.close()


async def said_and_read_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is said, and its folder is gone, while another ask has already read that it goes on."""
    station = site.station
    before: Exercises = await station.judge("exercise/exercises", NoAsk())
    remove_world(site.layout.world(PLAY))
    ended = EndedAsk("freedom-27", "0" * 64, 0, EVERYONE)
    await station.say(Asked(Author("officer:kim", frozenset({Role.NODE})), "exercise/ended", ended, "end-here/ask:1"))
    older = [before.exercises[0]]

    async def as_read(_site: Site, _name: str) -> Exercise:
        answer: Exercises = await station.judge("exercise/exercises", NoAsk())
        return older.pop() if older else answer.exercises[0]

    monkeypatch.setattr(exercises, "_announced", as_read)


async def test_a_join_that_crosses_the_end_makes_no_world_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with joined_live(make_node(tmp_path, "USA").layout) as site:
        await said_and_read_before(site, monkeypatch)
        with pytest.raises(ExerciseEnded):
            await exercises.join_exercise(site, CONTROL, "freedom-27", "ask:join:2")
        assert keys.worlds(site.layout) == (LIVE,)
        assert not site.layout.world(PLAY).folder.exists()


async def test_an_ask_that_crosses_the_end_is_answered_as_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with joined_live(make_node(tmp_path, "USA").layout) as site:
        await said_and_read_before(site, monkeypatch)
        come = await exercises.end_exercise(site, OFFICER, "freedom-27", "ask:1")
        assert (come.ended, come.archive_sha256) == (True, "0" * 64)
        with pytest.raises(ExerciseEnded):
            await exercises.end_exercise(site, OFFICER, "freedom-27", "ask:2")
