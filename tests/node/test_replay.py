"""A replay shows what a node held at each moment, and touches nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.notebook import notebook
from tests.node.worlds import LIVE, Worlds, digests, exchange, log_of, note

from laurel.core.errors import LaurelError
from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.core.record import Precedence
from laurel.instruments import INSTRUMENTS
from laurel.instruments.exercise.commands import AnnounceAsk
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.doorstep import people
from laurel.node.home.keys import init_node
from laurel.node.home.layout import Layout, Settings
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.ledger import export
from laurel.node.keep.store import Store
from laurel.node.replay import telling as telling_
from laurel.node.replay.opened import BadArchive, Source, Taken, of_file, of_world, told_at
from laurel.node.replay.player import ReplayClock
from laurel.node.replay.shelf import asked_for, shelf
from laurel.node.replay.shown import OpeningStage, ShelfKind
from laurel.node.replay.telling import Telling
from laurel.node.serve import open_world

CONTROL = Author("officer:abe", frozenset({Role.EXERCISE_CONTROL}))
CATALOGUE = Catalogue((LINE, notebook()))
START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)


def quietly(_: OpeningStage, __: int) -> None:
    """Nobody waits."""


def shown(telling: Telling) -> dict[str, str]:
    with telling.store.reading() as from_:
        return telling.store.view_digest(from_)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, list[dict[str, str]]]:
    """What Japan took, from itself and from Korea, one taken back; and its own views behind each record."""
    with Worlds(tmp_path_factory.mktemp("worlds")) as worlds:
        japan, korea = worlds.open("JPN", LINE, notebook()), worlds.open("KOR", LINE, notebook())
        views: list[dict[str, str]] = [digests(japan)]

        def look() -> None:
            views.extend(dict[str, str]() for _ in range(japan.store.position - len(views)))
            views.append(digests(japan))

        first = japan.say(note("first", weight=3)).records[0]
        look()
        for number in range(12):
            who = korea if number % 3 == 0 else japan
            precedence = Precedence.FLASH if number % 4 == 0 else Precedence.ROUTINE
            who.say(note(f"note {number}", topic=f"topic {number % 2}", weight=number % 5, precedence=precedence))
            exchange(korea, japan)
            if japan.store.position >= len(views):
                look()
        japan.say(Asked(note("").author, "line/retract", RetractAsk(first, "wrong"), "ask:retract"))
        look()
        sealed = log_of(japan)
        cards = worlds.who.roster("JPN")
    return Source(LIVE, cards, vouched=True, records=len(sealed), read=lambda: map(Taken, sealed)), views


@pytest.fixture(scope="module")
def telling(
    history: tuple[Source, list[dict[str, str]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Telling]:
    path = tmp_path_factory.mktemp("replay") / "replay.db"
    with pytest.MonkeyPatch.context() as patched, closing(Store(path, LIVE, CATALOGUE.tables)) as store:
        # Small enough that a short log is kept at several places.
        patched.setattr(telling_, "LEAST_BETWEEN", 3)
        told = Telling(history[0], store, CATALOGUE)
        told.open(quietly)
        yield told


@given(to=st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_a_replay_shows_what_the_node_held_behind_each_record(
    history: tuple[Source, list[dict[str, str]]], telling: Telling, to: list[int]
) -> None:
    views = history[1]
    for place in to:
        position = min(place, len(telling.times))
        telling.tell(position)
        assert telling.position == position
        if views[position]:
            assert shown(telling) == views[position]


def test_telling_on_shows_the_same_as_going_there(
    history: tuple[Source, list[dict[str, str]]], telling: Telling
) -> None:
    telling.tell(0)
    for position, views in enumerate(history[1]):
        telling.tell_on(position)
        if views:
            assert shown(telling) == views


def test_before_its_first_record_a_replay_shows_nothing(
    history: tuple[Source, list[dict[str, str]]], telling: Telling
) -> None:
    telling.tell(len(telling.times))
    telling.tell(0)
    assert shown(telling) == history[1][0]
    with telling.store.reading() as from_:
        assert telling.store.after(from_, 0, 10) == []


# Times

moments = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.lists(st.tuples(st.booleans(), moments), max_size=30))
def test_the_time_of_a_log_never_goes_back(said: Sequence[tuple[bool, datetime]]) -> None:
    times = told_at([own for own, _ in said], [at for _, at in said])
    assert times == sorted(times)


def test_a_peer_whose_clock_is_wrong_moves_nothing() -> None:
    minute = timedelta(minutes=1)
    own = [True, False, False, True]
    at = [START, START + 500_000 * minute, START - 500_000 * minute, START + 2 * minute]
    assert told_at(own, at) == [START, START + 2 * minute, START + 2 * minute, START + 2 * minute]


def test_the_clock_never_passes_a_record_that_was_not_told() -> None:
    seconds = 0.0
    clock = ReplayClock(START, lambda: seconds)
    clock.until(START + timedelta(seconds=30))
    clock.set(START, 60.0)
    seconds = 0.25
    assert clock.now() == START + timedelta(seconds=15)
    seconds = 5.0
    assert clock.now() == START + timedelta(seconds=30)
    assert clock.wanted() == START + timedelta(seconds=300)


# Where a log lies


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A real node of Japan that announced some exercises, and stopped."""
    layout = Layout(tmp_path / "node")
    init_node(layout, Settings("JPN", "Japan", "camp-david", "127.0.0.1", 1, 1), START, newcomer=False)
    world = open_world(layout, LIVE)
    told = label(Classification.UNCLASSIFIED, {"JPN", "KOR", "USA"})
    for number in range(5):
        ask = AnnounceAsk(f"freedom-{number}", "Freedom", START, "0" * 64, told)
        world.say(Asked(CONTROL, "exercise/announce", ask, f"announce:{number}"))
    world.store.close()
    return layout


Opens = Callable[[Source], Telling]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opens]:
    """Opens logs with all that a node understands."""
    catalogue = Catalogue(INSTRUMENTS)
    with ExitStack() as stack:

        def open_(source: Source) -> Telling:
            folder = Path(mkdtemp(dir=tmp_path))
            store = stack.enter_context(closing(Store(folder / "replay.db", source.world, catalogue.tables)))
            telling = Telling(source, store, catalogue)
            telling.open(quietly)
            return telling

        yield open_


def lying(layout: Layout) -> dict[str, tuple[int, bytes]]:
    """Every file of the node, when it was last written, and its bytes."""
    files = (file for file in layout.folder.rglob("*") if file.is_file())
    return {str(file): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def export_of(layout: Layout) -> Path:
    file = layout.folder.parent / "japan.jsonl"
    with file.open("wb") as to:
        export(layout, LIVE, to)
    return file


def test_a_replay_leaves_the_log_as_it_lies(layout: Layout, opened: Opens) -> None:
    before = lying(layout)
    telling = opened(of_world(layout, LIVE))
    telling.tell(3)
    assert [mark.origin for mark in telling.marks] == []
    assert len(telling.times) == 5
    assert lying(layout) == before


def test_a_world_that_runs_is_replayed_up_to_where_it_was(layout: Layout, opened: Opens) -> None:
    world = open_world(layout, LIVE)
    source = of_world(layout, LIVE)
    ask = AnnounceAsk("later", "Later", START, "0" * 64, label(Classification.UNCLASSIFIED, {"JPN", "KOR", "USA"}))
    world.say(Asked(CONTROL, "exercise/announce", ask, "announce:later"))
    telling = opened(source)
    telling.tell(len(telling.times))
    assert (telling.position, world.store.position) == (5, 6)
    world.store.close()


def test_an_export_is_replayed_as_its_world_is(layout: Layout, opened: Opens) -> None:
    file = export_of(layout)
    ours, theirs = of_file(file, layout), of_file(file)
    assert (ours.vouched, theirs.vouched, theirs.records) == (True, False, 5)
    from_world, from_file = opened(of_world(layout, LIVE)), opened(theirs)
    for position in (5, 2):
        from_world.tell(position)
        from_file.tell(position)
        assert shown(from_world) == shown(from_file)
    assert list(from_file.times) == sorted(from_file.times)


def lines_of(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True)


SPOILED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "nothing in it": lambda _: [],
    "no head": lambda lines: lines[1:],
    "no record": lambda lines: lines[:1],
    "no json": lambda lines: [lines[0], b"\xff\xfe{}\n"],
    "no envelope": lambda lines: [lines[0], b'{"payload": 3}\n'],
    "nested without end": lambda lines: [lines[0], b"[" * 100_000 + b"\n"],
    "a record twice": lambda lines: [*lines, lines[-1]],
    "one left out": lambda lines: [*lines[:2], *lines[3:]],
    "one cut short": lambda lines: [*lines[:-1], lines[-1][: len(lines[-1]) // 2]],
    "another's signature": lambda lines: [*lines[:-1], swapped(lines[-1], lines[-2])],
    "a key that is another": lambda lines: [lines[0].replace(b'":"', b'":"00'), *lines[1:]],
    "a key too short": lambda lines: [lines[0].replace(b'"}', b'00"}'), *lines[1:]],
    "another world": lambda lines: [lines[0].replace(b'"camp-david"', b'"camp-david.freedom"'), *lines[1:]],
    "no such compact": lambda lines: [lines[0].replace(b'"camp-david"', b'"../../etc"'), *lines[1:]],
}


def swapped(line: bytes, other: bytes) -> bytes:
    """The envelope with another's signature."""
    one, two = msgspec.json.decode(line), msgspec.json.decode(other)
    return msgspec.json.encode({**one, "signatures": two["signatures"]}) + b"\n"


@pytest.mark.parametrize("how", SPOILED)
def test_a_file_that_is_not_as_it_was_written_is_refused_in_words(layout: Layout, opened: Opens, how: str) -> None:
    file = export_of(layout)
    file.write_bytes(b"".join(SPOILED[how](lines_of(file))))
    with pytest.raises(LaurelError) as refused:
        opened(of_file(file, layout))
    assert refused.value.remedy


def test_a_database_that_is_none_is_refused_in_words(layout: Layout) -> None:
    layout.world(LIVE).database.write_bytes(b"SQLite format 3\0" + b"?" * 4_000)
    with pytest.raises(BadArchive, match="laurel log export"):
        of_world(layout, LIVE)


@pytest.mark.parametrize("how", ["replace(payload, 'Freedom', 'Fr33dom')", "CAST(replace(payload, '1', '2') AS BLOB)"])
def test_a_log_that_was_altered_is_not_replayed(layout: Layout, opened: Opens, how: str) -> None:
    with closing(sqlite3.connect(layout.world(LIVE).database)) as to, to:
        to.execute(f"UPDATE log SET payload = {how} WHERE position = 2")
    with pytest.raises(LaurelError):
        opened(of_world(layout, LIVE))


# The shelf


def test_the_shelf_names_what_can_be_replayed_and_why_the_rest_cannot(layout: Layout) -> None:
    layout.archives.mkdir()
    export_of(layout).rename(layout.archives / "korea.jsonl")
    (layout.archives / "spoiled.jsonl").write_bytes(b"nothing\n")
    (layout.archives / "readme.txt").write_bytes(b"nothing\n")
    logs = {one.name: one for one in shelf(layout).logs}
    assert set(logs) == {"camp-david", "korea.jsonl", "spoiled.jsonl"}
    assert (logs["camp-david"].kind, logs["camp-david"].records) == (ShelfKind.LIVE, 5)
    assert (logs["korea.jsonl"].world, logs["korea.jsonl"].node) == ("camp-david", "JPN")
    assert "laurel log export" in (logs["spoiled.jsonl"].trouble or "")


@pytest.mark.parametrize("name", ["../node.toml", "/etc/passwd", "node.toml", "", "camp-david.nothing"])
def test_nothing_beside_the_shelf_is_opened(layout: Layout, name: str) -> None:
    with pytest.raises(LaurelError):
        asked_for(layout, name)


# Its door


@pytest.fixture
def door(layout: Layout) -> Iterator[httpx.Client]:
    """A replay that `laurel replay` shows, asked by a program that may look."""
    register = people(layout)
    token = register.program("reader", [Role.ANALYST])
    register.close()
    command = [sys.executable, "-m", "laurel.cli", "replay", str(layout.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as shown_:
        try:
            assert shown_.stdout is not None
            url = shown_.stdout.readline().strip()
            with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60.0) as to:
                while to.get("about").json()["replay"]["opening"] is not None:
                    time.sleep(0.1)
                yield to
        finally:
            shown_.terminate()


def test_a_replay_is_moved_and_says_nothing(door: httpx.Client, layout: Layout) -> None:
    replay = door.get("about").json()["replay"]
    assert (replay["world"], replay["records"], replay["playing"]) == ("camp-david", 5, False)

    def exercises() -> list[str]:
        return [one["exercise"] for one in door.get("exercise/exercises").json()["exercises"]]

    assert door.post("replay/go", json={"position": 2}).json()["position"] == 2
    assert exercises() == ["freedom-0", "freedom-1"]
    assert door.post("replay/step", json={"by": -1}).json()["position"] == 1
    assert exercises() == ["freedom-0"]
    assert door.post("replay/step", json={"by": 1, "marked": True}).json()["position"] == 5
    assert door.post("replay/go", json={"at": "1970-01-01T00:00:00Z"}).json()["at"] == replay["from_at"]
    assert door.post("replay/go", json={"at": "2999-01-01T00:00:00Z"}).json()["position"] == 5

    before = lying(layout)
    instruments = Catalogue(INSTRUMENTS).instruments
    asked = [f"{one.name}/{made.name}" for one in instruments for made in one.commands if made.for_people]
    for path in (*asked, "exercise/join-here/freedom-0", "exercise/end-here/freedom-0"):
        refused = door.post(path, json={}, headers={"Ask-Id": "ask:from-a-replay"})
        assert (refused.status_code, refused.json()["error"]) == (403, "ReplaySaysNothing"), path
    after = lying(layout)
    unchanged = {file for file in before if "people.db" not in file and "/replays/" not in file}
    assert {file: after[file] for file in unchanged} == {file: before[file] for file in unchanged}


def test_who_may_not_look_at_the_past_is_turned_away(door: httpx.Client, layout: Layout) -> None:
    register = people(layout)
    others = {
        "nobody": "no-such-token",
        "sensor": register.credential("NORTH"),
        "administrator": register.program("admin", [Role.ADMINISTRATOR]),
    }
    register.close()
    for name, token in others.items():
        headers = {"Authorization": f"Bearer {token}"}
        for ask in ("about", "warning/picture", "replay/marks"):
            assert door.get(ask, headers=headers).status_code in {401, 403}, (name, ask)
        assert door.post("replay/play", json={"playing": True}, headers=headers).status_code in {401, 403}, name
    for body in (
        '{"playing": true, "speed": 61}',
        '{"playing": 1}',
        '{"speed": 1}',
        "[]",
        '{"playing": true, "to": 1}',
    ):
        assert door.post("replay/play", content=body).status_code == 400, body
