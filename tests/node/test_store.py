"""The database: one writer, all or nothing, and a clear word when the machine fails."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from tests.border.sealing import lane
from tests.node.notebook import ALARM_AT, Echo, Note, Write, due, latest, notebook, written
from tests.node.test_reactions import echo, echoes
from tests.node.worlds import LIVE, Worlds, check_log, contents, deliver, note, parked, set_pages, texts, wrapped

from laurel.core.errors import DatabaseFailed, DiskFull, NewerDatabase, Nothing, WorldInUse
from laurel.core.instrument import Desk, Due, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Lane, Precedence, Record
from laurel.node.keep import schema
from laurel.node.keep.parked import park, parked_rows
from laurel.node.keep.reader import Reader
from laurel.node.keep.schema import SCHEMA_VERSION
from laurel.node.keep.store import Store, is_machine_fault, last_of
from laurel.node.outbox import Outbox
from laurel.node.world import World

# Opening


def test_a_database_of_a_newer_version_is_refused_untouched(worlds: Worlds) -> None:
    worlds.open().say(note("hello"))
    worlds.close("JPN")
    path = worlds.path()
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (str(SCHEMA_VERSION + 1),))
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(NewerDatabase, match=f"found={SCHEMA_VERSION + 1}, supported={SCHEMA_VERSION}") as refused:
            worlds.open()
        assert "upgrade Laurel" in str(refused.value)
        with pytest.raises(NewerDatabase):
            Store(path, LIVE, (), writes=False)
    assert path.read_bytes() == before


def test_a_second_writer_is_refused_until_the_first_is_gone(worlds: Worlds) -> None:
    world = worlds.open()
    with pytest.raises(WorldInUse, match="world=camp-david"):
        Store(worlds.path(), LIVE, ())
    world.say(note("one"))
    reader = Store(worlds.path(), LIVE, (), writes=False)
    with reader.reading() as from_:
        assert [number for _, number, _ in reader.heads(from_)] == [1]
    reader.close()
    assert texts(worlds.open()) == ["one"]


def test_reading_a_log_that_is_not_there_says_so_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Nothing, match="log_of=camp-david"):
        Store(tmp_path / "none.db", LIVE, (), writes=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    path.write_bytes(b"not a database at all" * 100)
    for writes in (True, False):
        with pytest.raises(DatabaseFailed, match="fault=SQLITE_NOTADB"):
            Store(path, LIVE, (), writes=writes)
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_damaged_database_is_named_when_it_is_read(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note("x" * 5_000, f"{number}") for number in range(40)])
    worlds.close("JPN")
    whole = worlds.path().read_bytes()
    worlds.path().write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    with pytest.raises(DatabaseFailed, match=r"fault=SQLITE_CORRUPT.*restore a backup"):
        worlds.open()


def test_every_commit_is_flushed_to_the_disk(worlds: Worlds) -> None:
    with worlds.open().store.writing() as to:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):
            assert to.connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


# A full disk


LONG = "x" * 60_000


def long_echo(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
    del record_id
    # Reading writes out what waits: here the disk is full in the midst of a reaction.
    assert view.rows(sa.select(written.table.c.id))
    told = label(Classification.RESTRICTED, {desk.member})
    return [Draft(Echo(LONG), told)] if record.body.text == "echo" else []


def long_due(view: View) -> Sequence[Due]:
    return [Due(one.at, one.key, "write", Write("topic", LONG, to=())) for one in due(view)]


DISK_USERS: dict[str, Callable[[World, Worlds], object]] = {
    "say": lambda world, _: world.say_many([note("small"), note(LONG), note("after")]),
    "receive": lambda world, worlds: world.receive(
        "USA", [wrapped(*lane(worlds.who, "small", LONG, "after", origin="USA"), to="JPN")]
    ),
    "react": lambda world, _: world.react(),
    "wake": lambda world, _: world.wake(),
}


@pytest.mark.parametrize("do", DISK_USERS.values(), ids=DISK_USERS.keys())
def test_on_a_full_disk_nothing_is_half_applied_and_all_goes_on_once_there_is_room(
    do: Callable[[World, Worlds], object], worlds: Worlds
) -> None:
    instrument = replace(notebook(long_echo), due=long_due)
    world = worlds.open("JPN", instrument)
    world.say(note("wake me"))
    world.receive("KOR", [wrapped(*lane(worlds.who, "echo", "echo", origin="KOR"), to="JPN")])
    if do is DISK_USERS["wake"]:
        world.react()
        worlds.clock.at = ALARM_AT
    set_pages(world, more=2)
    before = contents(worlds.path())
    for _ in range(4):
        with pytest.raises(DiskFull, match="free space, then ask again"):
            do(world, worlds)
        assert contents(worlds.path()) == before
        assert check_log(world) == len(before["log"])
    set_pages(world, more=None)
    do(world, worlds)
    said = check_log(world)
    assert [one for one in (*texts(world), *echoes(world)) if one == LONG]
    assert parked(world) == []
    assert check_log(worlds.open("JPN", instrument)) == said


def test_an_ask_that_met_a_full_disk_is_said_when_it_is_asked_again(worlds: Worlds) -> None:
    world = worlds.open()
    set_pages(world, more=0)
    with pytest.raises(DiskFull):
        world.say(note(LONG * 3, "one"))
    set_pages(world, more=None)
    assert world.say(note(LONG * 3, "one")).again is False
    assert world.say(note(LONG * 3, "one")).again is True
    assert check_log(world) == 1


@contextmanager
def files_up_to(size: int) -> Generator[None]:
    """The system writes no file beyond this size: the disk refuses without being full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_refuses_to_write_is_named_and_nothing_is_said(worlds: Worlds) -> None:
    world = worlds.open("JPN", notebook(echo))
    world.say(note("one"))
    before = contents(worlds.path())
    wal = Path(f"{worlds.path()}-wal").stat().st_size
    with files_up_to(wal + 4096), pytest.raises(DatabaseFailed, match="fault=SQLITE_IOERR_WRITE"):
        world.say(note(LONG, "two"))
    assert contents(worlds.path()) == before
    world.say(note(LONG, "two"))
    assert check_log(world) == 4
    assert parked(world) == []


def test_only_the_machine_is_blamed_for_what_the_machine_did(worlds: Worlds) -> None:
    assert is_machine_fault(DiskFull())
    assert is_machine_fault(DatabaseFailed())
    assert not is_machine_fault(ValueError())
    assert not is_machine_fault(NewerDatabase())
    with pytest.raises(OperationalError) as error, worlds.open().store.writing() as to:
        to.execute(sa.text("SELECT * FROM nowhere"))
    assert not is_machine_fault(error.value)


# Transactions


def break_off(world: World) -> None:
    with world.store.writing() as to:
        park(to, "what", "subject", ValueError())
        world.store.stand(to, Lane(LIVE, "JPN", ("JPN",), Precedence.FLASH))
        to.flush()
        raise KeyError


def test_a_transaction_that_fails_leaves_nothing(worlds: Worlds) -> None:
    world = worlds.open()
    world.say(note("one"))
    before = contents(worlds.path())
    with pytest.raises(KeyError):
        break_off(world)
    assert contents(worlds.path()) == before
    world.say(note("two", to=(), precedence=Precedence.FLASH))
    assert check_log(world) == 2


steps = st.lists(st.tuples(st.booleans(), st.booleans(), st.lists(st.integers(0, 5), max_size=3)), max_size=8)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_what_is_read_is_what_was_put_but_for_steps_that_failed(
    tmp_path_factory: pytest.TempPathFactory, happening: list[tuple[bool, bool, list[int]]]
) -> None:
    with opened(tmp_path_factory.mktemp("store") / "w.db") as store, store.writing() as to:
        expected: dict[str, str] = {}
        for turn, (fails, reads, subjects) in enumerate(happening):
            with suppress(KeyError), to.step():
                for subject in subjects:
                    park(to, "what", f"{subject}", ValueError(turn))
                    if reads:
                        assert {row["subject"]: row["error"] for row in parked_rows(to.connection)} == expected
                if fails:
                    raise KeyError
            if not fails:
                expected |= {f"{subject}": f"ValueError: {turn}" for subject in subjects}
        assert {row["subject"]: row["error"] for row in parked_rows(to)} == expected


@contextmanager
def opened(path: Path) -> Generator[Store]:
    with closing(Store(path, LIVE, ())) as store:
        yield store


def test_readers_go_on_beside_the_writer(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    ours.say(note("one"))
    with ours.store.reading() as from_:
        first = len(from_.execute(sa.select(schema.log)).all())
        ours.say(note("two"))
        assert len(from_.execute(sa.select(schema.log)).all()) == first == 1
    with ours.store.writing() as to:
        to.put(insert(schema.cursor), {"name": "other", "position": 1})
        to.flush()
        assert [one.positions for one in Outbox(ours).waiting("KOR", 10)] == [(1, 2)]
    deliver(ours, theirs)
    assert texts(theirs) == ["one", "two"]


# What an answer follows from


def test_a_view_knows_which_tables_were_read_wherever_a_statement_names_them(worlds: Worlds) -> None:
    world = worlds.open()
    one, other = written.table, latest.table
    alias, common = one.alias(), sa.select(other.c.topic).cte()
    read = {
        "alone": (sa.select(one), {one.name}),
        "by another name": (sa.select(alias.c.id), {one.name}),
        "in a condition": (sa.select(sa.literal(1)).where(sa.exists().where(one.c.id == "x")), {one.name}),
        "beforehand": (sa.select(common), {other.name}),
        "joined": (sa.select(one.c.id).join(other, one.c.id == other.c.topic), {one.name, other.name}),
        "together": (
            sa.union_all(sa.select(one.c.id), sa.select(other.c.topic)).subquery().select(),
            {one.name, other.name},
        ),
    }
    with world.store.reading() as from_:
        for statement, names in read.values():
            view = Reader(from_)
            view.rows(statement)
            assert view.tables == names
        view = Reader(from_)
        view.record("0" * 64)
        assert view.tables is None


def test_the_store_tells_when_each_table_was_written_last(worlds: Worlds) -> None:
    world = worlds.open()
    before = world.store.taken
    world.say(note("hello"))
    assert last_of(before, {written.table.name}) == 0
    assert last_of(world.store.taken, {written.table.name}) == last_of(world.store.taken, {"notebook.note.v1"}) > 0
    assert last_of(world.store.taken, {"line_nothing"}) == 0
