"""The audit for a screen: pages by number and time, the chain a stretch at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection
from tests.node.nodes import make_nodes, report, running
from tests.node.test_audit import tamper
from tests.node.worlds import LIVE, SetClock, Worlds, note

from laurel.node.keep import audit_pages
from laurel.node.keep.audit import audit
from laurel.node.keep.audit_pages import AuditPage, ChainChecked, check, hours, line_at, page, stand
from laurel.node.keep.inquiry import Wanted, reading
from laurel.node.world import World

Answer = TypeVar("Answer")
BEGAN = datetime(2026, 8, 18, 3, tzinfo=UTC)


def ask(world: World, look: Callable[[Connection], Answer]) -> Answer:
    with world.store.reading() as from_:
        return look(from_)


@pytest.fixture
def world(worlds: Worlds) -> World:
    """An audit of a hundred lines, one a minute: looks of two officers, and one refusal among them."""
    world = worlds.open()
    clock = SetClock(BEGAN)
    world.store.real = clock
    for number in range(100):
        clock.at = BEGAN + timedelta(minutes=number)
        with world.store.writing() as to:
            decision, member = ("refused", "KOR") if number == 11 else ("saw", "")
            audit(to, decision, member, "", "docket", "", author="officer:abe" if number % 2 else "officer:kim")
    return world


def numbers(found: AuditPage) -> list[int]:
    return [one.line for one in found.lines]


def pages(world: World, wanted: Wanted, until: datetime | None = None) -> list[int]:
    """All that match, asked for page by page, the last first."""
    found: list[int] = []
    before = wanted.before
    while True:
        asked = Wanted(wanted.record, wanted.author, wanted.member, wanted.decision, wanted.since, before, wanted.limit)
        one = ask(world, lambda from_, asked=asked: page(from_, asked, None, until))
        found += reversed(numbers(one))
        if one.before is None:
            return found
        before = one.before


def test_pages_hold_every_line_once_the_last_first(world: World) -> None:
    assert pages(world, Wanted(limit=7)) == list(range(100, 0, -1))
    assert pages(world, Wanted(limit=7, before=51)) == list(range(50, 0, -1))


def test_what_is_rare_is_found_although_a_page_looks_through_a_few_lines_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "LOOKED_THROUGH", 20)
    first = ask(world, lambda from_: page(from_, Wanted(decision="refused"), None, None))
    assert (numbers(first), first.before) == ([], 81)
    assert first.looked_to == (BEGAN + timedelta(minutes=80)).isoformat()
    assert pages(world, Wanted(decision="refused")) == [12]
    assert pages(world, Wanted(author="officer:abe", limit=3)) == list(range(100, 0, -2))


def test_a_time_is_found_by_halving_and_bounds_the_page(world: World) -> None:
    at = BEGAN + timedelta(minutes=40)
    assert ask(world, lambda from_: line_at(from_, at)) == 41
    assert ask(world, lambda from_: line_at(from_, at - timedelta(days=1))) == 1
    assert ask(world, lambda from_: line_at(from_, at + timedelta(days=1))) == 101
    assert pages(world, Wanted(since=at, limit=9), until=at + timedelta(minutes=20)) == list(range(60, 40, -1))


def test_lines_are_found_by_the_kind_of_their_record(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note("one")])
    found = ask(world, lambda from_: page(from_, Wanted(), "notebook.note.v1", None))
    assert {one.decision for one in found.lines} == {"release"}
    assert set(found.kinds.values()) == {"notebook.note.v1"}
    assert ask(world, lambda from_: page(from_, Wanted(), "hotline.message.v1", None)).lines == ()


def test_an_empty_audit_has_a_page_a_stand_and_a_chain_that_holds(worlds: Worlds) -> None:
    world = worlds.open()
    assert ask(world, lambda from_: page(from_, Wanted(), None, None)) == AuditPage((), None, None, {})
    assert ask(world, stand).lines == 0
    assert ask(world, lambda from_: check(from_, 0, "")) == ChainChecked(0, "", 0, done=True, fault=None)


def checked(world: World) -> list[ChainChecked]:
    """Stretch by stretch, each from where the one before stood."""
    found = [ask(world, lambda from_: check(from_, 0, ""))]
    while not (last := found[-1]).done:
        found.append(ask(world, lambda from_, last=last: check(from_, last.line, last.chain)))
    return found


def test_the_chain_is_made_again_a_stretch_at_a_time_and_stops_at_the_first_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "CHECKED_AT_ONCE", 30)
    assert [(one.line, one.done, one.fault) for one in checked(world)] == [
        (30, False, None),
        (60, False, None),
        (90, False, None),
        (100, True, None),
    ]
    assert checked(world)[-1].chain == ask(world, stand).chain
    with closing(sqlite3.connect(world.store.path, isolation_level=None)) as database:
        database.execute("UPDATE audit SET member = 'QQQ' WHERE line = 72")
    assert [(one.line, one.done) for one in checked(world)] == [(30, False), (60, False), (72, True)]
    assert "line 72, of" in str(checked(world)[-1].fault)


def test_a_chain_whose_end_was_cut_contradicts_the_log(tmp_path_factory: pytest.TempPathFactory) -> None:
    japan = make_nodes(tmp_path_factory.mktemp("nodes"))["JPN"]
    with running(japan) as ours:
        report(ours, "one", "two", to="KOR")
        ours.store.real = SetClock(datetime.now(UTC) + timedelta(hours=2))
        ours.wake()
    with reading(japan, LIVE) as from_:
        whole, end = check(from_, 0, ""), stand(from_)
    assert (whole.done, whole.fault) == (True, None)
    assert end.anchored_line is not None
    tamper(japan, f"DELETE FROM audit WHERE line >= {end.anchored_line}")
    with reading(japan, LIVE) as from_:
        assert "says that there was a line" in str(check(from_, 0, "").fault)


def test_the_last_day_is_counted_by_hour_and_member(world: World) -> None:
    found = ask(world, lambda from_: hours(from_, BEGAN + timedelta(hours=3)))
    assert found.since == BEGAN.isoformat()
    assert [(one.hour, one.member, one.decision, one.count) for one in found.tallies] == [
        ("2026-08-18T03", "KOR", "refused", 1)
    ]
    assert ask(world, lambda from_: hours(from_, BEGAN + timedelta(days=2))).tallies == ()
