"""The audit: what went to whom, who looked, who was refused; chained, anchored in the log, checked by strangers."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.border.sealing import sealed
from tests.node.nodes import make_nodes, report, running
from tests.node.notebook import notebook
from tests.node.test_retraction import retract, say
from tests.node.worlds import LIVE, START, SetClock, Worlds, deliver, exchange, log_of, members, note, wrapped

from laurel.core.errors import BadField, LaurelError, NotPermitted
from laurel.core.instrument import Role
from laurel.core.record import decode
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.office.anchors import AnchorAsk, LatestAnchors
from laurel.instruments.office.records import AUDIT_ANCHORED
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.home.layout import Layout
from laurel.node.keep.audit import Line, Seldom, audit, encoded, link
from laurel.node.keep.inquiry import Wanted, export, full_id, lines, verify
from laurel.node.keep.story import story
from laurel.node.station import Station
from laurel.node.world import World

VERIFY_AUDIT = Path(__file__).parents[1] / "vectors" / "verify_audit.py"


ALL = Wanted(limit=10_000)


def audited(world: World, wanted: Wanted = ALL) -> list[Line]:
    with world.store.reading() as from_:
        return lines(from_, wanted)


def told(world: World, record: str) -> list[tuple[str, str]]:
    """What happened to a record, and who did it or to whom."""
    with world.store.reading() as from_:
        return [(event["what"], event["who"]) for event in story(from_, record)]


# Asked


def test_it_tells_what_went_to_whom_and_what_was_kept_from_whom(worlds: Worlds) -> None:
    world = worlds.open()
    record = say(world, "for Korea", to=("JPN", "KOR"))
    assert [(one.decision, one.member, one.policy) for one in audited(world, Wanted(record=record))] == [
        ("release", "KOR", "rel-to"),
        ("withheld", "USA", "rel-to"),
    ]
    assert [one.record for one in audited(world, Wanted(member="USA", decision="withheld"))] == [record]


def test_lines_come_a_page_at_a_time_and_from_a_time_on(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note(f"{number}") for number in range(5)])
    last = audited(world, Wanted(limit=4))
    assert [one.line for one in last] == [7, 8, 9, 10]
    assert [one.line for one in audited(world, Wanted(limit=4, before=last[0].line))] == [3, 4, 5, 6]
    assert audited(world, Wanted(since=datetime.now(UTC) + timedelta(minutes=1))) == []
    assert len(audited(world, Wanted(since=datetime.now(UTC) - timedelta(minutes=5)))) == 10


@pytest.mark.attack("roles")
def test_who_asks_what_it_may_not_is_written_down_once_a_minute(worlds: Worlds) -> None:
    world = worlds.open()
    clock = SetClock()
    world.store.real = clock
    analyst = Author("officer:kim", frozenset({Role.ANALYST}))
    for number in range(20):
        with pytest.raises(NotPermitted):
            world.say(Asked(analyst, "notebook/write", note("x").ask, f"try:{number}"))
    [line] = audited(world)
    assert (line.decision, line.author, line.policy) == ("asked-refused", "officer:kim", "notebook/write")
    assert "needs=" in line.why
    clock.at += timedelta(minutes=1)
    with pytest.raises(NotPermitted):
        world.say(Asked(analyst, "notebook/write", note("x").ask, "try:again"))
    assert len(audited(world)) == 2


def test_what_comes_often_is_written_once_a_minute() -> None:
    seldom = Seldom()
    assert [seldom.first("2026-08-18T03:00:01", "kim", "picture") for _ in range(3)] == [True, False, False]
    assert seldom.first("2026-08-18T03:00:59", "kim", "docket")
    assert seldom.first("2026-08-18T03:01:00", "kim", "picture")


async def notice(world: World, count: int, meanwhile: Callable[[Station], None]) -> None:
    """Let a station run while somebody is at its doors, until so many lines more are written."""
    station, before = Station(world), len(audited(world))
    running_ = asyncio.create_task(station.run())
    meanwhile(station)
    for _ in range(100):
        await asyncio.sleep(0.02)
        if len(audited(world)) == before + count:
            break
    running_.cancel()
    with suppress(asyncio.CancelledError):
        await running_


async def test_who_looks_and_who_comes_and_goes_is_written_down(worlds: Worlds) -> None:
    world = worlds.open()

    def at_the_doors(station: Station) -> None:
        station.audit_door("signed-in", "officer:kim", "by passkey")
        for _ in range(50):
            station.audit_look("officer:kim", "warning/picture")
        station.audit_door("sign-in-refused", "officer:park", "wrong password")

    await notice(world, 3, at_the_doors)
    assert [(one.decision, one.author, one.policy, one.why) for one in audited(world)] == [
        ("signed-in", "officer:kim", "door", "by passkey"),
        ("saw", "officer:kim", "warning/picture", "as of position 0"),
        ("sign-in-refused", "officer:park", "door", "wrong password"),
    ]


# One record's story


def test_the_story_of_a_record_goes_from_its_saying_to_its_taking_back(worlds: Worlds) -> None:
    japan, korea, usa = (worlds.open(me) for me in ("JPN", "KOR", "USA"))
    record = say(japan, "wrong")
    exchange(japan, korea)
    retraction = retract(japan, record, "misread")
    exchange(japan, korea)
    assert told(japan, record) == [
        ("in the log", "JPN officer:sato"),
        ("let go to", "KOR"),
        ("let go to", "USA"),
        ("carried: on the road's disk, to", "KOR"),
        ("still waits to be carried to", "USA"),
        ("taken back by", "JPN officer:sato"),
        ("honoured by", "KOR"),
        ("not honoured by", "USA"),
    ]
    exchange(japan, usa)
    assert ("honoured by", "USA") in told(japan, record)
    # The retraction is the more urgent: it came first.
    overtook, *rest = told(usa, record)
    assert overtook == ("taken back by", "JPN officer:sato")
    assert {("in the log", "JPN officer:sato"), ("taken in from", "JPN")} <= set(rest)
    with japan.store.reading() as from_:
        assert any(retraction in event["more"] for event in story(from_, record))


async def test_the_story_tells_who_could_see_a_record(worlds: Worlds) -> None:
    world = worlds.open()

    def before(station: Station) -> None:
        station.audit_door("stream-opened", "officer:early")
        station.audit_door("stream-opened", "officer:gone")
        station.audit_door("stream-closed", "officer:gone")
        station.audit_look("officer:blind", "notebook/count")

    def after(station: Station) -> None:
        station.audit_look("officer:late", "notebook/count")
        station.audit_look("officer:elsewhere", "warning/picture")

    await notice(world, 4, before)
    record = say(world, "seen by some")
    await notice(world, 2, after)
    assert {who for what, who in told(world, record) if what == "could be seen by"} == {"officer:early", "officer:late"}


def test_a_refused_record_has_a_story_too(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    forged = sealed(worlds.who, signed_by="USA")
    world.receive("JPN", [wrapped(forged)])
    assert told(world, forged.id) == [("refused from", "JPN")]
    with world.store.reading() as from_:
        assert full_id(from_, forged.id[:12]) == forged.id
        with pytest.raises(BadField, match="first 8 digits"):
            full_id(from_, forged.id[:4])
        with pytest.raises(BadField, match="found=0"):
            full_id(from_, "0" * 12)


# Chained and anchored


@pytest.fixture
def japan(tmp_path: Path) -> Layout:
    """A node that has said and heard this and that, and whose audit was anchored on the way."""
    nodes = make_nodes(tmp_path)
    with running(nodes["JPN"]) as ours, running(nodes["KOR"]) as theirs:
        report(ours, "one", "two", to="KOR")
        ours.store.real = SetClock(datetime.now(UTC) + timedelta(hours=2))
        ours.wake()
        report(theirs, "three", to="JPN")
        deliver(theirs, ours)
    return nodes["JPN"]


def tamper(layout: Layout, *statements: str) -> None:
    with closing(sqlite3.connect(layout.world(LIVE).database, isolation_level=None)) as database:
        for one in statements:
            database.execute(one)


def test_an_audit_that_nobody_touched_holds(japan: Layout) -> None:
    found = verify(japan, LIVE)
    assert (found["fault"], found["anchors"]) == (None, 1)
    assert found["lines"] > 5
    assert len(found["chain"]) == 64


TAMPERED = {
    "a decision altered": ("UPDATE audit SET decision = 'admitted' WHERE line = 2", "line 2, of"),
    "a member altered": ("UPDATE audit SET member = 'QQQ' WHERE line = 1", "line 1, of"),
    "a time altered": ("UPDATE audit SET at = '2020' WHERE line = 3", "line 3, of"),
    "a reason altered": ("UPDATE audit SET why = 'because' WHERE line = 4", "line 4, of"),
    "a chain altered": ("UPDATE audit SET chain = 'ff' WHERE line = 2", "line 2, of"),
    "a line left out": ("DELETE FROM audit WHERE line = 2", "line 2 is missing"),
    "the first line left out": ("DELETE FROM audit WHERE line = 1", "line 1 is missing"),
    "a line moved": ("UPDATE audit SET line = 100 WHERE line = 1", "line 1 is missing"),
    "its end cut off": ("DELETE FROM audit WHERE line >= 3", "says that there was a line 4"),
    "all of it removed": ("DELETE FROM audit", "says that there was a line 4"),
}


@pytest.mark.attack("alter")
@pytest.mark.parametrize(("statement", "says"), TAMPERED.values(), ids=TAMPERED.keys())
def test_whoever_writes_in_the_audit_is_found_at_the_first_line(statement: str, says: str, japan: Layout) -> None:
    tamper(japan, statement)
    assert says in str(verify(japan, LIVE)["fault"])


@pytest.mark.attack("rollback")
def test_whoever_writes_the_whole_audit_anew_contradicts_the_log(japan: Layout) -> None:
    tamper(japan, "UPDATE audit SET member = 'QQQ' WHERE line = 1")
    rechain(japan)
    assert "were written anew" in str(verify(japan, LIVE)["fault"])


def rechain(layout: Layout) -> None:
    """What somebody with the database, but without the signing key, can do."""
    with closing(sqlite3.connect(layout.world(LIVE).database, isolation_level=None)) as database:
        chain = ""
        names = Line.__struct_fields__
        for row in database.execute(f"SELECT {', '.join(names)} FROM audit ORDER BY line").fetchall():
            chain = link(chain, encoded(Line(*row)))
            database.execute("UPDATE audit SET chain = ? WHERE line = ?", (chain, row[0]))


def test_the_chain_goes_on_where_a_transaction_or_an_ask_failed(japan: Layout) -> None:
    with running(japan) as world:
        analyst = Author("officer:kim", frozenset({Role.ANALYST}))
        asks = [
            Asked(world.author, "office/anchor-audit", AnchorAsk(1, "0" * 64), "an anchor:1"),
            Asked(analyst, "office/anchor-audit", AnchorAsk(1, "0" * 64), "not permitted"),
            Asked(world.author, "no/such", AnchorAsk(1, "0" * 64), "unknown:1"),
        ]
        outcomes = world.say_many(asks)
        assert [isinstance(one, LaurelError) for one in outcomes] == [False, True, True]
        with suppress(OSError), world.store.writing() as to:
            audit(to, "release", "KOR", "0" * 64, "rel-to", "never")
            raise OSError("the power went")
        report(world, "after", to="KOR")
    tamper(japan, "DELETE FROM log WHERE kind = 'office.audit-anchored.v1'")
    assert verify(japan, LIVE)["fault"] is None


# Anchors


@pytest.fixture
def real() -> SetClock:
    """The real time, as the test sets it."""
    return SetClock()


@pytest.fixture
def office(worlds: Worlds, real: SetClock) -> World:
    world = worlds.open("JPN", notebook(), OFFICE)
    world.store.real = real
    return world


def anchors(world: World) -> list[int]:
    return [one.line for one in world.judge("office/anchors", LatestAnchors()).anchors]


def test_the_audit_is_anchored_an_hour_after_it_began_and_then_hourly_when_there_is_news(
    office: World, real: SetClock
) -> None:
    assert office.wake().said == 0
    office.say(note("one"))
    real.at += timedelta(minutes=59)
    assert office.wake().said == 0
    real.at += timedelta(minutes=1)
    assert office.wake().said == 1
    assert anchors(office) == [2]
    real.at += timedelta(hours=3)
    assert office.wake().said == 0
    office.say(note("two"))
    assert office.wake().said == 1
    assert anchors(office) == [6, 2]


def test_a_world_that_is_stepped_is_never_anchored_since_real_time_means_nothing_in_it(
    office: World, real: SetClock
) -> None:
    office.say(note("one"))
    real.at += timedelta(hours=1)
    assert office.settle().said == 0
    assert anchors(office) == []


def test_an_anchor_stays_at_home(office: World, real: SetClock) -> None:
    office.say(note("one"))
    real.at += timedelta(hours=1)
    office.wake()
    record = decode(log_of(office)[-1].payload)
    assert (record.kind, record.label.rel_to) == (AUDIT_ANCHORED.name, ("JPN",))


# Exported


def exported(layout: Layout) -> bytes:
    to = io.BytesIO()
    export(layout, LIVE, to, START)
    return to.getvalue()


def holds(text: bytes) -> bool:
    """What the script finds, with neither our code nor our settings in its reach."""
    ran = subprocess.run([sys.executable, "-I", str(VERIFY_AUDIT)], input=text, capture_output=True, check=False)
    return ran.returncode == 0


def test_an_export_is_checked_without_our_code(japan: Layout) -> None:
    text = exported(japan)
    head, first, *rest = text.splitlines(keepends=True)
    assert json.loads(head)["node"] == "JPN"
    assert list(json.loads(first)) == list(Line.__struct_fields__)
    assert holds(text)
    assert not holds(b"".join([head, first.replace(b'"JPN"', b'"KOR"').replace(b'"KOR"', b'"QQQ"'), *rest]))
    assert not holds(b"".join([head, *rest]))
    assert not holds(b"".join([head, rest[0], first, *rest[1:]]))
    assert not holds(b"".join([head, first, *rest[:-2], rest[-1]]))


@pytest.mark.attack("forge")
def test_an_export_that_another_key_signed_is_not_ours(japan: Layout) -> None:
    who = members()
    text = exported(japan)
    head, *rest = text.splitlines(keepends=True)
    other = json.loads(head) | {"key": who.keys["JPN"].public_key().public_bytes_raw().hex()}
    assert not holds(b"".join([json.dumps(other).encode() + b"\n", *rest]))
