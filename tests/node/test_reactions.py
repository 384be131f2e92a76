"""Reactions: once for each record, undone whole when they fail, set aside when they fail three times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed
from tests.node.notebook import ECHO, TALLY, Echo, Note, Tally, notebook, tally, written
from tests.node.worlds import (
    MEMBERS,
    Worlds,
    check_log,
    contents,
    deliver,
    log_of,
    note,
    pages,
    parked,
    set_pages,
    texts,
    wrapped,
)

from laurel.core.errors import DiskFull
from laurel.core.instrument import Desk, Instrument, View
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record, decode
from laurel.node.outbox import Outbox
from laurel.node.reactor import CHECKPOINT_EVERY, RUN_LIMIT
from laurel.node.world import World

TO_ALL = Label(Classification.RESTRICTED, MEMBERS)
TO_US = label(Classification.RESTRICTED, {"JPN"})


def echoes(world: World) -> list[str]:
    """What reactions said, in order."""
    records = [decode(one.payload) for one in log_of(world)]
    return [msgspec.json.decode(one.body, type=Echo).text for one in records if one.kind == ECHO.name]


def echo(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
    del record_id, view
    return [Draft(Echo(f"{desk.member} heard {record.body.text}"), TO_ALL)]


# Once


def test_a_reaction_follows_an_ask_in_the_same_transaction(worlds: Worlds) -> None:
    world = worlds.open("JPN", notebook(echo))
    world.say_many([note("one"), note("two")])
    assert echoes(world) == ["JPN heard one", "JPN heard two"]


def test_a_reaction_follows_what_was_received_once_whatever_is_restarted(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR", notebook(echo))
    ours.say(note("one"))
    deliver(ours, theirs)
    assert echoes(theirs) == []
    theirs = worlds.open("KOR", notebook(echo))
    assert theirs.react() is False
    theirs = worlds.open("KOR", notebook(echo))
    theirs.react()
    ours.say(note("two"))
    deliver(ours, theirs)
    theirs.react()
    assert echoes(theirs) == ["KOR heard one", "KOR heard two"]


def test_a_reaction_sees_the_view_with_its_record_and_all_before_it(worlds: Worlds) -> None:
    def count(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        del desk
        ids = {row.id for row in view.rows(sa.select(written.table.c.id))}
        assert record_id in ids
        return [Draft(Echo(f"{record.body.text} of {len(ids)}"), TO_ALL)]

    world = worlds.open("JPN", notebook(count))
    world.say(note("one"))
    world.say_many([note("two"), note("three")])
    assert echoes(world) == ["one of 1", "two of 3", "three of 3"]


def test_a_reaction_may_answer_a_reaction(worlds: Worlds) -> None:
    def count_down(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        del record_id, view, desk
        left = int(record.body.text)
        return [Draft(Note("topic", str(left - 1)), TO_ALL)] if left else []

    world = worlds.open("JPN", notebook(count_down))
    world.say(note("5"))
    assert texts(world) == ["5", "4", "3", "2", "1", "0"]
    assert check_log(world) == 6


def test_reactions_take_a_long_log_in_parts(worlds: Worlds) -> None:
    world = worlds.open("KOR", notebook(echo))
    records = lane(worlds.who, *(f"{number}" for number in range(RUN_LIMIT + 10)))
    for start in range(0, len(records), 60):
        world.receive("JPN", [wrapped(*records[start : start + 60])])
    assert world.react() is True
    assert len(echoes(world)) == RUN_LIMIT
    assert world.react() is True
    assert world.react() is False
    assert echoes(world) == [f"KOR heard {number}" for number in range(RUN_LIMIT + 10)]


@pytest.mark.parametrize("backwards", [False, True])
def test_when_all_has_come_reactions_follow_the_order_of_saying_whatever_came_first(
    worlds: Worlds, *, backwards: bool
) -> None:
    theirs = worlds.open("KOR", notebook(echo))
    came: list[tuple[str, bytes]] = []
    for member in ("JPN", "USA"):
        world = worlds.open(member)
        world.say_many([note("one"), note("two"), note("urgent", precedence=Precedence.FLASH)])
        came += [(member, parcel.wrapped) for parcel in Outbox(world).waiting("KOR", 100)]
    for member, parcel in reversed(came) if backwards else came:
        theirs.receive(member, [parcel])
    theirs.settle()
    assert echoes(theirs) == [f"KOR heard {text}" for text in ("urgent", "one", "two") * 2]
    assert theirs.react() is False


def test_reactions_to_all_that_has_come_are_followed_to_their_end_and_repeated_by_nobody(worlds: Worlds) -> None:
    world = worlds.open("KOR", notebook(echo))
    records = lane(worlds.who, *(f"{number}" for number in range(RUN_LIMIT + 10)))
    for start in range(0, len(records), 60):
        world.receive("JPN", [wrapped(*records[start : start + 60])])
    world.settle()
    world = worlds.open("KOR", notebook(echo))
    assert world.react() is False
    assert echoes(world) == [f"KOR heard {number}" for number in range(RUN_LIMIT + 10)]


def test_what_is_not_understood_is_not_reacted_to(worlds: Worlds) -> None:
    world = worlds.open("KOR", notebook(echo))
    world.receive("JPN", [wrapped(sealed(worlds.who, body=Echo("no topic")))])
    world.react()
    assert echoes(world) == []


# Failing


def test_a_reaction_that_fails_three_times_is_parked_undone_and_shown_and_the_log_goes_on(worlds: Worlds) -> None:
    tries: list[str] = []

    def poisoned(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        tries.append(record.body.text)
        drafts = echo(record_id, record, view, desk)
        # The first draft is good and in a lane of its own; the second cannot be said.
        bad = Draft(Echo("for a stranger"), label(Classification.SECRET, {"AUS", "JPN"}))
        return [Draft(Echo("half"), TO_US), bad] if "poison" in record.body.text else drafts

    world = worlds.open("JPN", notebook(poisoned))
    [said] = world.say(note("poison")).records
    world.say(note("after"))
    assert tries == ["poison"] * 3 + ["after"]
    assert echoes(world) == ["JPN heard after"]
    [(what, subject, error)] = parked(world)
    assert (what, subject) == ("notebook.on.notebook.note.v1", said)
    assert error.startswith("BadLabel: the label is not well formed")
    assert check_log(world) == 3
    world = worlds.open("JPN", notebook(poisoned))
    world.react()
    assert len(tries) == 4


def test_a_reaction_that_fails_twice_and_then_works_is_not_parked(worlds: Worlds) -> None:
    tries: list[int] = []

    def shaky(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        tries.append(1)
        if len(tries) < 3:
            raise TimeoutError
        return echo(record_id, record, view, desk)

    world = worlds.open("JPN", notebook(shaky))
    world.say(note("one"))
    assert echoes(world) == ["JPN heard one"]
    assert parked(world) == []


def test_a_reaction_whose_words_break_a_fold_is_parked_as_well(worlds: Worlds) -> None:
    def tear(record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        del record_id, view, desk
        return [Draft(Note("topic", "tear the page"), TO_ALL)] if record.body.text == "one" else []

    world = worlds.open("JPN", notebook(tear))
    world.say_many([note("one"), note("two")])
    assert texts(world) == ["one", "two"]
    assert [error for _, _, error in parked(world)] == ["OSError: the page tore"]


# Memory


def remembering(**changes: Any) -> Instrument:
    """A notebook whose memory is a changed tally."""
    return replace(notebook(), memories=(replace(TALLY, **changes),))


def damaged(dumped: bytes) -> Tally:
    raise ValueError(dumped)


def checkpoint(worlds: Worlds) -> list[tuple[Any, ...]]:
    return contents(worlds.path())["memory"]


def test_a_memory_goes_on_where_it_was_after_a_restart(worlds: Worlds) -> None:
    worlds.open().say_many([note("one"), note("two"), note("tally one")])
    worlds.open().say(note("tally two"))
    assert echoes(worlds.open()) == ["3:one,two,tally one", "4:one,two,tally one,tally two"]


def test_a_memory_is_checkpointed_every_ten_seconds_of_our_own_clock(worlds: Worlds) -> None:
    world = worlds.open()
    positions: list[int] = []
    for second in range(25):
        world.say(note(f"{second}"))
        positions.append(checkpoint(worlds)[0][2])
        worlds.clock.at += timedelta(seconds=1)
    assert sorted(set(positions)) == [1, 11, 21]
    assert timedelta(seconds=10) == CHECKPOINT_EVERY


def test_what_a_record_claims_about_its_time_does_not_hold_checkpoints_up(worlds: Worlds) -> None:
    world = worlds.open()
    early = datetime(9999, 12, 31, tzinfo=UTC)
    world.receive("USA", [wrapped(*lane(worlds.who, "one", "two", origin="USA", at=early), to="JPN")])
    world.react()
    worlds.clock.at += CHECKPOINT_EVERY
    world.say(note("three"))
    assert checkpoint(worlds)[0][2] == 3


@pytest.mark.parametrize(
    "changes",
    [{"version": 2}, {"load": damaged}],
    ids=["of another version", "that cannot be loaded"],
)
def test_a_checkpoint_is_not_used_and_the_log_is_repeated(changes: dict[str, Any], worlds: Worlds) -> None:
    worlds.open().say_many([note("one"), note("two")])
    assert checkpoint(worlds)
    world = worlds.open("JPN", remembering(**changes))
    world.say(note("tally"))
    assert echoes(world) == ["3:one,two,tally"]


def test_a_memory_is_dropped_with_the_transaction_that_failed(worlds: Worlds) -> None:
    world = worlds.open()
    world.say(note("zero"))
    long = "x" * 60_000
    before = pages(world)
    world.say(note(long, topic="one"))
    # There is room for another such note, but not for what the memory says to it.
    set_pages(world, more=pages(world) - before + 8)
    with pytest.raises(DiskFull):
        world.say(note("tally " + long, "two", topic="two"))
    set_pages(world, more=None)
    world.say(note("tally two", "two", topic="two"))
    assert echoes(world) == [f"3:zero,{long},tally two"]
    assert parked(world) == []


def test_a_memory_that_stumbles_halfway_through_a_record_has_not_taken_it_twice(worlds: Worlds) -> None:
    tries: list[str] = []

    def stumbling(state: Tally, record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        drafts = tally(state, record_id, record, view, desk)
        tries.append(record.body.text)
        if tries.count("tally") in {1, 2}:
            raise TimeoutError
        return drafts

    world = worlds.open("JPN", remembering(step=stumbling))
    world.say_many([note("one"), note("tally")])
    assert echoes(world) == ["2:one,tally"]
    assert parked(world) == []


def test_a_record_that_a_memory_cannot_take_is_parked_and_left_out_ever_after(worlds: Worlds) -> None:
    def choking(state: Tally, record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        drafts = tally(state, record_id, record, view, desk)
        if "poison" in record.body.text:
            raise ValueError(record.body.text)
        return drafts

    instrument = remembering(step=choking)
    world = worlds.open("JPN", instrument)
    world.say_many([note("one"), note("poison"), note("tally one")])
    world = worlds.open("JPN", instrument)
    world.say(note("tally two"))
    assert echoes(world) == ["2:one,tally one", "3:one,tally one,tally two"]
    assert [(what, error) for what, _, error in parked(world)] == [("notebook.tally", "ValueError: poison")]


events = st.one_of(
    st.just("kill"),
    st.integers(1, 12),
    st.lists(st.sampled_from(["note", "tally", "poison"]), min_size=1, max_size=4),
    st.just("hear"),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(events, max_size=25))
def test_a_memory_killed_at_any_point_is_as_one_that_never_stopped(
    tmp_path_factory: pytest.TempPathFactory, happening: list[str | int | list[str]]
) -> None:
    def picky(state: Tally, record_id: str, record: Record[Note], view: View, desk: Desk) -> Sequence[Draft]:
        if "poison" in record.body.text:
            state.texts.append("half taken")
            raise ValueError
        return tally(state, record_id, record, view, desk)

    with Worlds(tmp_path_factory.mktemp("memory")) as worlds:
        instrument = remembering(step=picky)
        world = worlds.open("JPN", instrument)
        from_peer = iter(lane(worlds.who, *(f"heard{number}" for number in range(30)), origin="USA"))
        taken: list[str] = []
        expected: list[str] = []
        for number, event in enumerate(happening):
            if event == "kill":
                world = worlds.open("JPN", instrument)
            elif event == "hear":
                one = next(from_peer)
                world.receive("USA", [wrapped(one, to="JPN")])
                taken.append(msgspec.json.decode(decode(one.payload).body, type=Note).text)
            elif isinstance(event, int):
                worlds.clock.at += timedelta(seconds=event)
            else:
                asks = [note(f"{text}{number}.{place}") for place, text in enumerate(event)]
                world.say_many(asks)
                for place, text in enumerate(event):
                    if text != "poison":
                        taken.append(f"{text}{number}.{place}")
                    if text == "tally":
                        expected.append(f"{len(taken)}:{','.join(taken)}")
        world.react()
        assert echoes(world) == expected
        assert len(parked(world)) == sum(event.count("poison") for event in happening if isinstance(event, list))
