"""What its origin took back: no view shows it, on any node, in any order; the log keeps it, and everybody says so."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from tests.border.sealing import sealed
from tests.node.notebook import Count, latest, written
from tests.node.test_views import notes
from tests.node.worlds import (
    MEMBERS,
    OFFICER,
    Worlds,
    check_log,
    contents,
    deliver,
    digests,
    exchange,
    log_of,
    note,
    texts,
    wrapped,
)

from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.core.record import Precedence, decode
from laurel.core.roster import Standing
from laurel.instruments.line.records import HONOURED, RETRACTED, Honoured, Retracted
from laurel.instruments.line.retraction import (
    AlreadyRetracted,
    Latest,
    NotOurs,
    NotRetractable,
    RetractAsk,
    Retraction,
)
from laurel.instruments.line.trouble import ReportQuarantine
from laurel.node.asked import Asked
from laurel.node.keep import schema
from laurel.node.keep.docket import docket
from laurel.node.keep.reader import Reader
from laurel.node.keep.standing import whole
from laurel.node.keep.views import rebuild
from laurel.node.world import World


def retract(world: World, record: str, reason: str = "a mistake", instead: str | None = None) -> str:
    """Take it back, and give the id of the retraction."""
    ask = RetractAsk(record, reason, instead)
    return world.say(Asked(OFFICER, "line/retract", ask, f"retract:{record}:{secrets.token_hex(4)}")).records[0]


def say(world: World, text: str, **fields: Any) -> str:
    """Write a note, and give its id."""
    return world.say(note(text, f"ask:{secrets.token_hex(8)}", **fields)).records[0]


def retractions(world: World) -> tuple[Retraction, ...]:
    return world.judge("line/retractions", Latest()).retractions


def items(world: World) -> list[str]:
    """What is open on the docket, by state."""
    with world.store.reading() as from_:
        return [one.state for one in docket(world.catalogue.instruments, Reader(from_), world.clock.now())]


def rows(world: World, of: Any) -> list[tuple[Any, ...]]:
    with world.store.reading() as from_:
        return [tuple(row) for row in from_.execute(sa.select(of))]


# Honoured by the views


def test_a_record_that_was_taken_back_leaves_every_view_and_stays_in_the_log(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    wrong, right = say(ours, "wrong", topic="sea", weight=5), say(ours, "right", topic="air")
    exchange(ours, theirs)
    retract(ours, wrong)
    exchange(ours, theirs)
    for world in (ours, theirs):
        assert texts(world) == ["right"]
        assert rows(world, latest.table) == [("air", 0, right, "right")]
        assert world.judge("notebook/count", NoAsk()) == Count(1)
        assert wrong in {one.id for one in log_of(world)}
        assert check_log(world) == 4


@pytest.mark.parametrize("first", ["the record", "the retraction"])
def test_a_retraction_that_overtakes_its_record_is_honoured_when_the_record_comes(first: str, worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    wrong = say(ours, "wrong")
    retract(ours, wrong)
    said = {decode(one.payload).kind == RETRACTED.name: one for one in log_of(ours)}
    order = [said[False], said[True]] if first == "the record" else [said[True], said[False]]
    for one in order:
        theirs.receive("JPN", [wrapped(one)])
    assert texts(theirs) == []
    assert digests(theirs) == digests(ours)


def test_where_the_greatest_was_taken_back_nothing_stands_until_a_greater_is_said(worlds: Worlds) -> None:
    world = worlds.open()
    say(world, "old", topic="sea", weight=1)
    wrong = say(world, "wrong", topic="sea", weight=3)
    retract(world, wrong)
    assert rows(world, latest.table) == []
    say(world, "lesser", topic="sea", weight=2)
    assert rows(world, latest.table) == []
    greater = say(world, "greater", topic="sea", weight=4)
    assert rows(world, latest.table) == [("sea", 4, greater, "greater")]
    assert rebuild(world.store, world.catalogue)[:2] == (digests(world), digests(world))


def test_no_join_and_no_subquery_brings_back_what_was_taken_back(worlds: Worlds) -> None:
    world = worlds.open()
    wrong = say(world, "wrong", topic="sea")
    retract(world, wrong)
    one, other = written.table.c, latest.table.c
    joined = sa.select(one.text, other.text).join_from(written.table, latest.table, one.id == other.id, full=True)
    left = sa.select(schema.log.c.id, one.text).join(written.table, one.id == schema.log.c.id, isouter=True)
    within = sa.select(schema.log.c.id).where(schema.log.c.id.in_(sa.select(one.id)))
    with world.store.reading() as from_:
        view = Reader(from_)
        assert view.rows(joined) == []
        assert {row.text for row in view.rows(left)} == {None}
        assert view.rows(within) == []
        found = view.record(wrong)
        assert (found and found.kind, view.stands(wrong)) == ("notebook.note.v1", False)


def test_nobody_writes_into_a_view_past_the_store(worlds: Worlds) -> None:
    world = worlds.open()
    with pytest.raises(OperationalError, match="it is a view"), world.store.writing() as to:
        to.execute(sa.delete(written.table))


@settings(max_examples=8, deadline=None)
@given(
    st.fixed_dictionaries({me: st.lists(notes, max_size=5, unique_by=lambda one: one.ask_id) for me in MEMBERS}),
    st.data(),
)
def test_views_are_equal_in_any_order_of_records_and_retractions(
    tmp_path_factory: pytest.TempPathFactory, asks: dict[str, list[Any]], data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("retractions")) as worlds:
        check_any_order(worlds, asks, data)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries({me: st.lists(notes, max_size=9, unique_by=lambda one: one.ask_id) for me in MEMBERS}),
    st.data(),
)
def test_views_are_equal_in_any_order_of_many_records_and_retractions(
    tmp_path_factory: pytest.TempPathFactory, asks: dict[str, list[Any]], data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("retractions")) as worlds:
        check_any_order(worlds, asks, data)


def check_any_order(worlds: Worlds, asks: dict[str, list[Any]], data: st.DataObject) -> None:
    """Everybody says notes and takes some back; all is handed over in any order; all see what the rule says."""
    everyone = {me: worlds.open(me) for me in MEMBERS}
    standing: set[str] = set()
    for me, world in everyone.items():
        said_here = [one.records[0] for one in world.say_many(asks[me]) if not isinstance(one, Exception)]
        gone = data.draw(st.lists(st.sampled_from(said_here), unique=True)) if said_here else []
        standing |= set(said_here) - set(gone)
        for record in gone:
            retract(world, record)
    said = {me: log_of(world) for me, world in everyone.items()}
    for me, world in everyone.items():
        others = [(origin, one) for origin in MEMBERS if origin != me for one in said[origin]]
        for origin, one in data.draw(st.permutations(others)):
            world.receive(origin, [wrapped(one, origin=origin, to=me)])
    first, *rest = (digests(world) for world in everyone.values())
    assert rest == [first, first]
    greatest = {row[0]: row[2] for row in rows(everyone["JPN"], whole(latest))}
    for world in everyone.values():
        assert {row[0] for row in rows(world, written.table)} == standing
        assert {row[0] for row in rows(world, latest.table)} == {
            topic for topic, record in greatest.items() if record in standing
        }
        assert rebuild(world.store, world.catalogue)[:2] == (first, first)
        assert check_log(world) == sum(map(len, said.values()))


# What may be taken back, and by whom


def test_only_its_origin_takes_a_record_back(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    record = say(ours, "ours")
    exchange(ours, theirs)
    with pytest.raises(NotOurs, match="origin=JPN"):
        retract(theirs, record)
    with pytest.raises(Nothing):
        retract(theirs, "0" * 64)
    with pytest.raises(NotOurs):
        retract(theirs, say(theirs, "theirs"), instead=record)


def test_a_record_is_taken_back_once(worlds: Worlds) -> None:
    world = worlds.open()
    record = say(world, "wrong")
    retraction = retract(world, record)
    with pytest.raises(AlreadyRetracted, match=retraction):
        retract(world, record)


def test_what_a_procedure_counts_is_not_taken_back_and_the_error_says_what_to_do_instead(worlds: Worlds) -> None:
    world = worlds.open()
    ask = ReportQuarantine("0" * 64, "KOR", "hotline.message.v9", "unknown")
    [report] = world.say(Asked(world.author, "line/report-quarantine", ask, "report:1")).records
    with pytest.raises(NotRetractable, match=r"kind=line.quarantined.v1, instead=say another record"):
        retract(world, report)
    retraction = retract(world, say(world, "wrong"))
    with pytest.raises(NotRetractable, match=r"line.retracted.v1"):
        retract(world, retraction)


def test_a_retraction_goes_to_all_who_have_the_record_as_urgently_and_no_less_than_priority(worlds: Worlds) -> None:
    world = worlds.open()
    for given_, wanted in ((Precedence.ROUTINE, Precedence.PRIORITY), (Precedence.FLASH, Precedence.FLASH)):
        record = say(world, "wrong", to=("JPN", "KOR"), precedence=given_)
        retract(world, record)
        original, said = (decode(one.payload) for one in log_of(world)[-2:])
        assert (said.label, said.precedence, said.about) == (original.label, wanted, (record,))


@pytest.mark.attack("speak-for-another")
def test_a_peer_that_takes_back_what_another_said_is_not_heard_and_seen_to_have_tried(worlds: Worlds) -> None:
    ours, korea = worlds.open("JPN"), worlds.open("KOR")
    record = say(ours, "ours")
    deliver(ours, korea)
    forged = sealed(worlds.who, origin="USA", kind=RETRACTED.name, body=Retracted(record, "because I say so"))
    for world in (ours, korea):
        world.receive("USA", [wrapped(forged, origin="USA", to=world.roster.me)])
        world.react()
        assert texts(world) == ["ours"]
        [seen] = retractions(world)
        assert (seen.member, seen.void) == ("USA", True)
        assert items(world) == []
        assert HONOURED.name not in {decode(one.payload).kind for one in log_of(world)}


@pytest.mark.attack("speak-for-another")
def test_a_peer_that_takes_back_a_record_not_yet_heard_hides_nothing_of_another(worlds: Worlds) -> None:
    ours, korea = worlds.open("JPN"), worlds.open("KOR")
    record = say(ours, "ours")
    forged = sealed(worlds.who, origin="USA", kind=RETRACTED.name, body=Retracted(record, "before it came"))
    korea.receive("USA", [wrapped(forged, origin="USA")])
    deliver(ours, korea)
    assert texts(korea) == ["ours"]


@pytest.mark.attack("speak-for-another")
def test_a_peer_that_takes_back_its_own_part_in_a_procedure_is_not_heard(worlds: Worlds) -> None:
    ours = worlds.open("JPN")
    honour = sealed(worlds.who, origin="KOR", kind=HONOURED.name, body=Honoured("1" * 64))
    undo = sealed(
        worlds.who, origin="KOR", kind=RETRACTED.name, body=Retracted(honour.id, "no"), number=2, prev=honour.id
    )
    ours.receive("KOR", [wrapped(honour, undo, origin="KOR", to="JPN")])
    assert [row[2] for row in rows(ours, whole_of(ours, "line_honoured"))] == ["KOR"]
    assert contents(worlds.path("JPN"))["line_honoured"] == contents(worlds.path("JPN"))["line_honoured_all"]
    assert retractions(ours)[0].void


def whole_of(world: World, name: str) -> Any:
    return next(kept.table for kept in world.store.tables if kept.table.name == name)


# Acknowledged


def test_each_node_says_that_it_has_honoured_and_who_has_not_is_listed(worlds: Worlds) -> None:
    japan, korea, usa = (worlds.open(me) for me in MEMBERS)
    record = say(japan, "wrong words")
    exchange(japan, korea, usa)
    retraction = retract(japan, record, "the radar was being tested")
    assert items(japan) == ["waiting for KOR, USA"]
    exchange(japan, usa)
    [seen] = retractions(japan)
    assert (seen.retraction, seen.record, seen.member, seen.author) == (retraction, record, "JPN", OFFICER.name)
    assert (seen.kind, seen.title, seen.reason) == (
        "notebook.note.v1",
        "note: wrong words",
        "the radar was being tested",
    )
    assert ([one.member for one in seen.honoured], seen.waiting, seen.void) == (["USA"], ("KOR",), False)
    assert items(japan) == ["waiting for KOR"]
    exchange(japan, korea, usa)
    for world in (japan, korea, usa):
        [seen] = retractions(world)
        assert ({one.member for one in seen.honoured}, seen.waiting) == ({"KOR", "USA"}, ())
        assert items(world) == []


def test_a_retraction_says_what_was_said_instead(worlds: Worlds) -> None:
    world = worlds.open()
    wrong, right = say(world, "wrong"), say(world, "right")
    retract(world, wrong, instead=right)
    assert retractions(world)[0].instead == right


def test_who_is_gone_cannot_be_told_and_stays_listed(worlds: Worlds) -> None:
    japan = worlds.open("JPN")
    record = say(japan, "wrong")
    japan.roster = replace(japan.roster, standings={**japan.roster.standings, "KOR": Standing.EXPELLED})
    retract(japan, record)
    assert decode(log_of(japan)[-1].payload).label.rel_to == ("JPN", "USA")
    assert retractions(japan)[0].waiting == ("KOR", "USA")
    assert items(japan) == ["waiting for KOR, USA"]


# What was made from it


def test_what_was_derived_from_a_record_is_taken_back_with_it_and_its_readers_learn_no_reason(worlds: Worlds) -> None:
    world = worlds.open()
    original = say(world, "by the radar NORTH", to=("JPN", "USA"))
    coarse = say(world, "somewhere", to=("JPN", "KOR"))
    with world.store.writing() as to:
        to.execute(sa.insert(schema.derived), {"position": to.position, "record": coarse, "original": original})
    retract(world, original, "NORTH was misaligned")
    assert texts(world) == []
    said = [decode(one.payload) for one in log_of(world)[-2:]]
    assert [one.label.rel_to for one in said] == [("JPN", "USA"), ("JPN", "KOR")]
    assert b"NORTH" not in bytes(said[1].body)


def test_what_was_derived_may_have_been_taken_back_before(worlds: Worlds) -> None:
    world = worlds.open()
    original, coarse = say(world, "fine", to=("JPN", "USA")), say(world, "coarse", to=("JPN", "KOR"))
    with world.store.writing() as to:
        to.execute(sa.insert(schema.derived), {"position": to.position, "record": coarse, "original": original})
    retract(world, coarse)
    retract(world, original)
    assert {one.record for one in retractions(world)} == {original, coarse}
    assert check_log(world) == 4
