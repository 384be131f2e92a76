"""Declared gaps: a lane comes out the same in whatever order its records, its gaps and the records after them come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import permutations

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed
from tests.node.worlds import Members, Worlds, check_log, contents, log_of, texts, wrapped

from laurel.core.instrument import NoAsk
from laurel.core.record import Sealed
from laurel.instruments.line.records import GAP_DECLARED, GapDeclared
from laurel.node.keep import schema
from laurel.node.keep.ledger import faults
from laurel.node.world import World


def gap(who: Members, first: int, last: int, prev: str | None, *, number: int | None = None) -> Sealed:
    body = GapDeclared(first, last, "restored Monday's backup")
    return sealed(who, kind=GAP_DECLARED.name, body=body, number=number or last + 1, prev=prev)


def a_lane_with_a_gap(who: Members) -> list[Sealed]:
    """One and two; three and four, which were lost and may turn up; five lost for ever; the gap; what came after."""
    one, two, three, four = lane(who, "one", "two", "three", "four")
    lost = gap(who, 3, 5, two.id)
    after = sealed(who, "after", number=7, prev=lost.id)
    return [one, two, three, four, lost, after]


def held(world: World) -> list[object]:
    return [sorted(one.id for one in log_of(world)), contents(world.store.path)["held"], check_log(world)]


@pytest.mark.attack("reorder")
def test_every_order_of_record_gap_and_later_record_ends_in_the_same_lane(worlds: Worlds) -> None:
    everything = a_lane_with_a_gap(worlds.who)
    one, rest = everything[0], everything[1:]
    for many, order in enumerate(permutations(rest)):
        if many % 5:  # a fifth of them here, all in the long suite
            continue
        with Worlds(worlds.folder / f"{many}") as fresh:
            fresh.folder.mkdir()
            fresh.who = worlds.who
            arrive(fresh.open("KOR"), (one, *order), everything)


@pytest.mark.long
def test_all_720_orders_end_in_the_same_lane(worlds: Worlds) -> None:
    everything = a_lane_with_a_gap(worlds.who)
    for many, order in enumerate(permutations(everything)):
        with Worlds(worlds.folder / f"{many}") as fresh:
            fresh.folder.mkdir()
            fresh.who = worlds.who
            arrive(fresh.open("KOR"), order, everything)


def arrive(world: World, order: Sequence[Sealed], everything: Sequence[Sealed]) -> None:
    for one in order:
        assert "fork" not in world.receive("JPN", [wrapped(one)]).places
    assert held(world) == [sorted(one.id for one in everything), [], 6]
    assert sorted(texts(world)) == ["after", "four", "one", "three", "two"]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whatever_part_of_a_gap_turns_up_the_lane_goes_on_and_holds(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("gap")) as worlds:
        world = worlds.open("KOR")
        one, two, three, four, lost, after = a_lane_with_a_gap(worlds.who)
        some = data.draw(st.lists(st.sampled_from([three, four]), unique_by=lambda sealed: sealed.id))
        for sent in data.draw(st.permutations([one, two, lost, after, *some, *some])):
            assert "fork" not in world.receive("JPN", [wrapped(sent)]).places
        assert {sealed.id for sealed in log_of(world)} == {one.id, two.id, lost.id, after.id, *(one.id for one in some)}
        check_log(world)


NO_GAPS: dict[str, Callable[[Members, Sequence[Sealed]], Sealed]] = {
    "that follows another record": lambda who, _: gap(who, 3, 5, "a" * 64),
    "from the beginning, of a lane that has one": lambda who, records: gap(who, 1, 5, records[0].id),
    "that ends on a number that is held": lambda who, records: gap(who, 2, 1, records[0].id, number=2),
    "that hides the record that stands there": lambda who, _: gap(who, 1, 1, None, number=2),
}


@pytest.mark.attack("fork")
@pytest.mark.parametrize("made", NO_GAPS.values(), ids=NO_GAPS.keys())
def test_a_gap_that_denies_what_was_said_is_a_fork(
    made: Callable[[Members, Sequence[Sealed]], Sealed], worlds: Worlds
) -> None:
    world = worlds.open("KOR")
    records = lane(worlds.who, "one", "two")
    world.receive("JPN", [wrapped(*records)])
    assert world.receive("JPN", [wrapped(made(worlds.who, records))]).places == {"fork": 1}
    assert texts(world) == ["one", "two"]
    check_log(world)


@pytest.mark.attack("truncate")
def test_a_gap_takes_nothing_away_from_those_who_hold_what_it_names(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    records = lane(worlds.who, "one", "two", "three")
    world.receive("JPN", [wrapped(*records)])
    assert world.receive("JPN", [wrapped(gap(worlds.who, 2, 9, records[0].id))]).places == {"next": 1}
    assert texts(world) == ["one", "two", "three"]
    [declared] = world.judge("line/gaps", NoAsk()).gaps
    assert (declared.origin, declared.first, declared.last) == ("JPN", 2, 9)


@pytest.mark.attack("fork")
def test_within_a_gap_too_one_number_has_one_record(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    one, two, three, _, lost, after = a_lane_with_a_gap(worlds.who)
    world.receive("JPN", [wrapped(one, two, lost, after)])
    other = sealed(worlds.who, "other", number=3, prev=two.id)
    stray = sealed(worlds.who, "stray", number=4, prev=other.id)
    assert world.receive("JPN", [wrapped(three)]).places == {"found": 1}
    assert world.receive("JPN", [wrapped(other, stray)]).places == {"fork": 2}
    assert sorted(texts(world)) == ["after", "one", "three", "two"]
    check_log(world)


def test_a_gap_that_does_not_stand_right_behind_what_it_names_is_none(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    [one] = lane(worlds.who, "one")
    world.receive("JPN", [wrapped(one)])
    stray = gap(worlds.who, 2, 5, one.id, number=9)
    assert world.receive("JPN", [wrapped(stray)]).places == {"later": 1}


@pytest.mark.attack("clock")
def test_a_gap_counts_by_its_numbers_whatever_time_it_claims(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    one, two, _, _, lost, _ = a_lane_with_a_gap(worlds.who)
    early = sealed(
        worlds.who,
        kind=GAP_DECLARED.name,
        body=GapDeclared(3, 5, "x"),
        number=6,
        prev=two.id,
        at=datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert world.receive("JPN", [wrapped(one, two, early)]).places == {"next": 3}
    assert world.receive("JPN", [wrapped(lost)]).places == {"fork": 1}


def faults_of(world: World) -> list[str]:
    with world.store.reading() as from_:
        return list(faults(from_, world.roster, world.catalogue.understood))


@pytest.mark.attack("truncate")
def test_a_lane_whose_gap_was_cut_out_is_missed_and_what_a_gap_hid_cannot_be(worlds: Worlds) -> None:
    """Within a declared gap nothing that is gone can be missed: its origin itself said that it is lost."""
    world = worlds.open("KOR")
    one, two, three, four, lost, after = a_lane_with_a_gap(worlds.who)
    world.receive("JPN", [wrapped(one, two, three, four, lost, after)])
    assert faults_of(world) == []
    cut(world, three)
    assert faults_of(world) == []
    cut(world, lost)
    assert ["comes_after" in fault for fault in faults_of(world)] == [True, True]


def cut(world: World, record: Sealed) -> None:
    with world.store.writing() as to:
        to.execute(sa.delete(schema.log).where(schema.log.c.id == record.id))
