"""A database that version 1 wrote becomes one of version 2, or stays as it was."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from tests.node.worlds import LIVE, MEMBERS, Worlds, check_log, digests, exchange, note, texts

from laurel.node.keep import store as store_module
from laurel.node.keep.audit import encoded, line_of, link
from laurel.node.keep.inquiry import Wanted, lines
from laurel.node.keep.schema import SCHEMA_VERSION
from laurel.node.keep.store import Store
from laurel.node.keep.upgrade import upgrade

VERSION_1 = """
CREATE TABLE meta (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TABLE lane (lane INTEGER NOT NULL, origin TEXT NOT NULL, audience TEXT NOT NULL, precedence INTEGER NOT NULL,
    number INTEGER NOT NULL, head TEXT, PRIMARY KEY (lane), UNIQUE (origin, audience, precedence));
CREATE TABLE log (position INTEGER NOT NULL, id TEXT NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL,
    kind TEXT NOT NULL, misread TEXT, taken_at TEXT NOT NULL, payload BLOB NOT NULL, signature BLOB NOT NULL,
    key_id TEXT NOT NULL, PRIMARY KEY (position), UNIQUE (id), UNIQUE (lane, number));
CREATE INDEX log_kind ON log (kind, position);
CREATE TABLE held (lane INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, payload BLOB NOT NULL,
    signature BLOB NOT NULL, key_id TEXT NOT NULL, PRIMARY KEY (lane, number, id));
CREATE TABLE fork (id TEXT NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL, taken_at TEXT NOT NULL,
    payload BLOB NOT NULL, signature BLOB NOT NULL, key_id TEXT NOT NULL, PRIMARY KEY (id));
CREATE TABLE ask (author TEXT NOT NULL, ask_id TEXT NOT NULL, digest TEXT NOT NULL, records TEXT NOT NULL,
    PRIMARY KEY (author, ask_id)) WITHOUT ROWID;
CREATE TABLE cursor (name TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (name));
CREATE TABLE parked (reaction TEXT NOT NULL, subject TEXT NOT NULL, parked_at TEXT NOT NULL, error TEXT NOT NULL,
    PRIMARY KEY (reaction, subject));
CREATE TABLE memory (name TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (name));
CREATE TABLE outbox (peer TEXT NOT NULL, precedence INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (peer, precedence, position)) WITHOUT ROWID;
CREATE TABLE audit (line INTEGER NOT NULL, at TEXT NOT NULL, decision TEXT NOT NULL, member TEXT NOT NULL,
    record TEXT NOT NULL, policy TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (line));
CREATE TABLE notebook_written (id TEXT NOT NULL, origin TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id));
CREATE TABLE notebook_latest (topic TEXT NOT NULL, weight INTEGER NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (topic));
"""
DIED = 9
SHARED = ("lane", "log", "held", "fork", "ask", "cursor", "parked", "memory")


def as_version_1(path: Path) -> None:
    """Write what this database holds as version 1 would have written it."""
    newer = path.with_suffix(".newer")
    path.replace(newer)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(f"PRAGMA journal_mode=WAL;{VERSION_1}")
        old.execute("ATTACH ? AS newer", (str(newer),))
        for name in SHARED:
            old.execute(f"INSERT INTO {name} SELECT * FROM newer.{name}")
        old.execute("INSERT INTO outbox SELECT peer, precedence, position FROM newer.outbox")
        old.execute("INSERT INTO audit SELECT line, at, decision, member, record, policy, why FROM newer.audit")
        old.execute("INSERT INTO meta VALUES ('schema', '1'), ('view:notebook', 'what version 1 had')")
        old.execute("INSERT INTO notebook_written SELECT * FROM newer.notebook_written")


@pytest.fixture
def old(worlds: Worlds) -> Path:
    """Japan's database as version 1 left it: notes said and heard, some not yet carried, an audit of all that."""
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    ours.say_many([note(f"{number}", weight=number) for number in range(5)])
    theirs.say(note("theirs"))
    exchange(ours, theirs)
    ours.say_many([note(f"waits {number}", to=("JPN", "USA")) for number in range(3)])
    for me in MEMBERS:
        worlds.close(me)
    as_version_1(worlds.path("JPN"))
    return worlds.path("JPN")


def all_rows(path: Path, *names: str) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as from_:
        return {name: from_.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}


def version_of(path: Path) -> str:
    return dict(all_rows(path, "meta")["meta"])["schema"]


def test_a_database_of_version_1_is_opened_as_version_2_with_all_it_held(old: Path, worlds: Worlds) -> None:
    before = all_rows(old, *SHARED, "outbox", "audit")
    world = worlds.open("JPN")
    after = all_rows(old, *SHARED, "outbox", "audit")
    assert version_of(old) == str(SCHEMA_VERSION) == "2"
    assert {name: after[name] for name in SHARED} == {name: before[name] for name in SHARED}
    assert after["outbox"] == sorted((peer, "", *rest) for peer, *rest in before["outbox"])
    assert [row[:7] for row in after["audit"]] == before["audit"]
    assert texts(world, "JPN") == [*(f"{number}" for number in range(5)), *(f"waits {number}" for number in range(3))]
    assert check_log(world) == 9


@pytest.mark.usefixtures("old")
def test_an_upgraded_audit_is_chained_from_its_first_line_and_goes_on(worlds: Worlds) -> None:
    world = worlds.open("JPN")
    world.say(note("after"))
    with world.store.reading() as from_:
        found = lines(from_, Wanted(limit=1_000))
        written_chain = from_.exec_driver_sql("SELECT chain FROM audit ORDER BY line").scalars().all()
    chain, chains = "", list[str]()
    for line in found:
        chain = link(chain, encoded(line))
        chains.append(chain)
    assert chains == written_chain
    assert len(chains) > 15


@pytest.mark.usefixtures("old")
def test_an_upgraded_world_goes_on_as_if_nothing_had_been(worlds: Worlds) -> None:
    japan, usa, korea = worlds.open("JPN"), worlds.open("USA"), worlds.open("KOR")
    japan.say(note("after"))
    exchange(japan, usa, korea)
    assert sorted(texts(usa, "JPN")) == sorted([*map(str, range(5)), "after", *(f"waits {one}" for one in range(3))])
    before = digests(japan)
    assert digests(worlds.open("JPN")) == before


def test_an_upgrade_that_fails_leaves_the_old_database(
    old: Path, worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = all_rows(old, *SHARED, "outbox", "audit", "meta")

    def half(to: Connection, found: int) -> None:
        upgrade(to, found)
        raise OSError("the disk came off")

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "upgrade", half)
        with pytest.raises(OSError, match="came off"):
            worlds.open("JPN")
    assert all_rows(old, *SHARED, "outbox", "audit", "meta") == before
    assert len(texts(worlds.open("JPN"))) == 9


@pytest.mark.parametrize("after", [2, 5, 9])
def test_an_upgrade_that_is_killed_half_way_leaves_the_old_database(after: int, old: Path) -> None:
    before = all_rows(old, *SHARED, "outbox", "audit", "meta")
    child = get_context("spawn").Process(target=upgrade_and_die, args=(old, after))
    child.start()
    child.join()
    assert child.exitcode == DIED
    assert all_rows(old, *SHARED, "outbox", "audit", "meta") == before
    with closing(Store(old, LIVE, ())) as store, store.reading() as from_:
        assert len(lines(from_, Wanted(limit=1_000))) == len(before["audit"])
    assert version_of(old) == "2"


def upgrade_and_die(path: Path, after: int) -> None:
    """In a process of its own: die without a word after so many statements of the upgrade."""
    left = after

    def die(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(DIED)

    def mortal(to: Connection, found: int) -> None:
        event.listen(to, "after_cursor_execute", die)
        upgrade(to, found)

    store_module.__dict__["upgrade"] = mortal
    Store(path, LIVE, ())


def test_a_line_of_the_database_is_the_line_that_was_written(old: Path) -> None:
    with closing(Store(old, LIVE, ())) as store, store.reading() as from_:
        row = from_.exec_driver_sql("SELECT * FROM audit WHERE line = 1").one()
    assert line_of(row).line == 1
    assert (line_of(row).author, line_of(row).digest) == ("", "")
