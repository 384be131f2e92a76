"""Saying: one ask, one transaction, said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from tests.node.notebook import ECHO, NOTE, Echo, Note, notebook
from tests.node.worlds import (
    MEMBERS,
    OFFICER,
    START,
    Worlds,
    audited,
    check_log,
    contents,
    digests,
    log_of,
    note,
    texts,
)

from laurel.core.errors import AskReused, BadField, BadLabel, LaurelError, NotPermitted, TooLarge, UnknownAsk
from laurel.core.instrument import Command, Desk, Instrument, Kind, NoAsk, Role, Rows, View
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record, decode
from laurel.node.asked import Asked, Said
from laurel.node.author import Author
from laurel.node.keep.views import BadRow, rebuild

# Once


def test_a_repeated_ask_returns_the_first_result_and_says_nothing_twice(worlds: Worlds) -> None:
    world = worlds.open()
    first = world.say(note("hello"))
    assert world.say(note("hello")) == Said(first.records, again=True)
    again = worlds.open()
    assert again.say(note("hello")) == Said(first.records, again=True)
    assert texts(again) == ["hello"]
    assert check_log(again) == 1


def test_a_repeated_ask_that_said_nothing_is_known_as_well(worlds: Worlds) -> None:
    silent = with_commands(Command("listen", NoAsk, always(), frozenset({Role.WATCH_OFFICER})))
    world = worlds.open("JPN", silent)
    listen = Asked(OFFICER, "notebook/listen", NoAsk(), "one")
    assert [world.say(listen), world.say(listen)] == [Said(()), Said((), again=True)]


def test_the_same_ask_twice_in_one_batch_is_said_once(worlds: Worlds) -> None:
    world = worlds.open()
    first, second = world.say_many([note("hello"), note("hello")])
    assert isinstance(first, Said)
    assert second == Said(first.records, again=True)
    assert check_log(world) == 1


def test_an_ask_id_used_for_another_ask_is_refused(worlds: Worlds) -> None:
    world = worlds.open()
    world.say(note("hello", "one"))
    with pytest.raises(AskReused, match="ask_id=one"):
        world.say(note("goodbye", "one"))
    _, reused = world.say_many([note("tea", "two"), note("coffee", "two")])
    assert isinstance(reused, AskReused)
    assert texts(world) == ["hello", "tea"]


def test_two_authors_may_use_the_same_ask_id(worlds: Worlds) -> None:
    world = worlds.open()
    other = Author("officer:kim", OFFICER.roles)
    asks = [note("hello", "one"), replace(note("goodbye", "one"), author=other)]
    assert [type(one) for one in world.say_many(asks)] == [Said, Said]
    assert [decode(one.payload).author for one in log_of(world)] == ["officer:sato", "officer:kim"]


# Refused


def test_an_author_without_the_role_is_refused(worlds: Worlds) -> None:
    world = worlds.open()
    auditor = Author("officer:mori", frozenset({Role.AUDITOR}))
    with pytest.raises(NotPermitted, match="needs=node, watch-officer"):
        world.say(replace(note("hello"), author=auditor))
    assert log_of(world) == []


def test_an_unknown_command_is_refused(worlds: Worlds) -> None:
    with pytest.raises(UnknownAsk, match="command=notebook/burn"):
        worlds.open().say(replace(note("hello"), command="notebook/burn"))


def always(*drafts: Draft) -> Callable[..., Sequence[Draft]]:
    """A decision that does not look."""

    def decide(*_: object) -> Sequence[Draft]:
        return drafts

    return decide


def drafting(*drafts: Draft) -> Instrument:
    """A notebook with a command that says just these."""
    return with_commands(Command("draft", NoAsk, always(*drafts), frozenset({Role.WATCH_OFFICER})))


def with_commands(*commands: Command[NoAsk]) -> Instrument:
    return replace(notebook(), commands=(*notebook().commands, *commands))


DRAFT = Asked(OFFICER, "notebook/draft", NoAsk(), "draft")
UNREADABLE: Any = 5
TO_ALL = Label(Classification.RESTRICTED, MEMBERS)
BAD_DRAFTS: dict[str, tuple[Draft, type[Exception], str]] = {
    "for a stranger": (Draft(Note("t", "x"), label(Classification.SECRET, {"AUS", "JPN"})), BadLabel, "rel_to"),
    "not for ourselves": (Draft(Note("t", "x"), label(Classification.SECRET, {"KOR"})), BadLabel, "rel_to"),
    "too large": (Draft(Note("t", "x" * 300_000), TO_ALL), TooLarge, "kind=notebook.note.v1"),
    "what nobody could read": (Draft(Note("t", UNREADABLE), TO_ALL), BadField, "Expected `str`, got `int`"),
    "what no table could hold": (Draft(Note("t", "x", 2**63), TO_ALL), BadRow, "column=weight"),
    "what a fold breaks on": (Draft(Note("t", "tear the page"), TO_ALL), OSError, "the page tore"),
}


@pytest.mark.parametrize(("bad", "error", "match"), BAD_DRAFTS.values(), ids=BAD_DRAFTS.keys())
def test_an_ask_one_of_whose_drafts_cannot_be_said_says_none_of_them(
    bad: Draft, error: type[Exception], match: str, worlds: Worlds
) -> None:
    first = Draft(Echo("first"), label(Classification.SECRET, {"JPN", "KOR"}), Precedence.FLASH)
    world = worlds.open("JPN", drafting(first, bad))
    before = contents(worlds.path(), but=["audit"])
    with pytest.raises(error, match=match):
        world.say(DRAFT)
    assert contents(worlds.path(), but=["audit"]) == before
    # The lane that the first draft would have opened is as good as new.
    outcomes = world.say_many(
        [note("one"), DRAFT, note("two"), note("three", to=("KOR",), precedence=Precedence.FLASH)]
    )
    assert [type(one) for one in outcomes] == [Said, error, Said, Said]
    assert texts(world) == ["one", "two", "three"]
    assert check_log(world) == 3
    assert check_log(worlds.open()) == 3


def test_a_decision_that_breaks_fails_alone(worlds: Worlds) -> None:
    def stumble(*_: object) -> Sequence[Draft]:
        raise ZeroDivisionError

    clumsy = with_commands(Command("draft", NoAsk, stumble, frozenset({Role.WATCH_OFFICER})))
    world = worlds.open("JPN", clumsy)
    one, broken, two = world.say_many([note("one"), DRAFT, note("two")])
    assert isinstance(broken, ZeroDivisionError)
    assert isinstance(one, Said)
    assert isinstance(two, Said)
    assert texts(world) == ["one", "two"]


def test_an_ask_that_failed_may_be_asked_again(worlds: Worlds) -> None:
    world = worlds.open()
    with pytest.raises(BadLabel):
        world.say(note("hello", to=("AUS",)))
    assert world.say(note("hello")).again is False


def test_a_decision_sees_what_the_asks_before_it_in_the_batch_said(worlds: Worlds) -> None:
    def tell_count(_: NoAsk, view: View, __: Desk) -> Sequence[Draft]:
        seen = view.rows(sa.select(notebook().tables[0].table))
        return [Draft(Echo(f"{len(seen)}"), TO_ALL)]

    counting = with_commands(Command("draft", NoAsk, tell_count, frozenset({Role.WATCH_OFFICER})))
    world = worlds.open("JPN", counting)
    world.say_many([note("one"), note("two"), DRAFT, note("three")])
    [echo] = [one for one in map(decode, (one.payload for one in log_of(world))) if one.kind == ECHO.name]
    assert msgspec.json.decode(echo.body) == {"text": "2"}


# The record


def test_a_record_says_who_said_it_when_and_where(worlds: Worlds) -> None:
    world = worlds.open()
    said = world.say(note("hello", precedence=Precedence.FLASH))
    [sealed] = log_of(world)
    record = decode(sealed.payload)
    assert said.records == (sealed.id,)
    assert (record.kind, record.world, record.origin, record.author) == (
        NOTE.name,
        world.store.world,
        "JPN",
        OFFICER.name,
    )
    assert (record.at, record.precedence, record.number, record.prev) == (START, Precedence.FLASH, 1, None)
    assert record.label == TO_ALL
    assert len(record.salt) == 16


def test_what_is_released_waits_for_each_member_and_what_is_not_is_accounted_for(worlds: Worlds) -> None:
    world = worlds.open()
    world.say(note("for all"))
    world.say(note("for Korea", to=("KOR",), precedence=Precedence.FLASH))
    assert contents(worlds.path())["outbox"] == [("KOR", "", 0, 1), ("KOR", "", 3, 2), ("USA", "", 0, 1)]
    assert audited(world) == [
        ("release", "KOR", "rel-to"),
        ("release", "USA", "rel-to"),
        ("release", "KOR", "rel-to"),
        ("withheld", "USA", "rel-to"),
    ]


def test_what_is_folded_here_is_what_others_will_read(worlds: Worlds) -> None:
    """A draft may hold what only comes back in another shape: the view shows what comes back."""

    class Weighed(Struct, frozen=True):
        grams: float

    kind = Kind("notebook.weighed.v1", Weighed, None)
    seen: list[object] = []

    def fold(_: str, record: Record[Weighed]) -> Rows:
        seen.append(record.body.grams)
        return ()

    base = drafting(Draft(Weighed(3), TO_ALL))
    scales = replace(base, kinds=(*base.kinds, kind), folds={**base.folds, kind.name: fold})
    world = worlds.open("JPN", scales)
    world.say(DRAFT)
    rebuild(world.store, world.catalogue)
    assert [type(one) for one in seen] == [float, float]


asks = st.builds(
    note,
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.integers(0, 40).map(str),
    to=st.sets(st.sampled_from((*MEMBERS, "AUS"))).map(lambda to: tuple(sorted(to))),
    precedence=st.sampled_from(Precedence),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(asks, max_size=6), max_size=8))
def test_lanes_are_numbered_without_a_gap_however_asks_come_fail_and_repeat(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Asked]]
) -> None:
    with Worlds(tmp_path_factory.mktemp("say")) as worlds:
        world = worlds.open()
        first: dict[str, Said] = {}
        for batch in batches:
            for asked, outcome in zip(batch, world.say_many(batch), strict=True):
                if isinstance(outcome, Said):
                    assert first.setdefault(asked.ask_id, outcome).records == outcome.records
                    assert outcome.again == (first[asked.ask_id] is not outcome)
                else:
                    assert isinstance(outcome, LaurelError)
        assert check_log(world) == len(first)
        before = digests(world)
        assert rebuild(world.store, world.catalogue)[:2] == (before, before)
        assert check_log(worlds.open()) == len(first)
