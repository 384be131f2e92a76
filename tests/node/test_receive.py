"""Receiving: what comes from a peer goes in whole and in order, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed, sign
from tests.node.notebook import Echo, Note, notebook
from tests.node.worlds import (
    EXERCISE,
    LIVE,
    MEMBERS,
    OFFICER,
    SEALING,
    Members,
    Worlds,
    audited,
    check_log,
    contents,
    deliver,
    digests,
    log_of,
    members,
    note,
    parked,
    texts,
    wrapped,
)

from laurel.core.errors import BadField, Malformed, WrongWorld
from laurel.core.instrument import Command, Desk, NoAsk, Role, View
from laurel.core.record import MAX_RECORD_BYTES, Draft, Lane, Precedence, Sealed, decode
from laurel.core.roster import sealing_key
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.line.trouble import ReportFork, Trouble
from laurel.node import reception
from laurel.node.keep import schema
from laurel.node.keep.views import rebuild
from laurel.node.world import World

STRANGERS = members()


def trouble(world: World) -> Trouble:
    return world.judge("line/trouble", NoAsk())


# Refused


def altered(who: Members) -> bytes:
    one = sealed(who, "hello")
    return wrapped(Sealed(one.payload.replace(b"hello", b"jello"), one.signature, one.key_id))


def plain(one: Sealed) -> bytes:
    """A parcel as the suite `plain` was, before there was a seal."""
    return msgspec.msgpack.encode((LIVE.name, "JPN", MEMBERS, Precedence.ROUTINE, "plain", (one,)))


ALLIES = Lane(LIVE, "JPN", ("JPN", "KOR"), Precedence.ROUTINE)
URGENT = Lane(LIVE, "JPN", MEMBERS, Precedence.FLASH)
GONE = sealing_key(7, SEALING["KOR"].public)
FALSE = replace(SEALING["KOR"], public=SEALING["USA"].public)
REFUSED: Mapping[str, tuple[Callable[[Members], bytes], str, str]] = {
    "no parcel": (lambda _: b"noise", "well-formed", "Malformed"),
    "bad utf-8": (lambda who: wrapped(sealed(who)).replace(b"camp", b"c\xffmp", 1), "well-formed", "Malformed"),
    "nested without end": (lambda who: wrapped(sealed(who))[:-2_000] + b"\x91" * 99_999, "well-formed", "Malformed"),
    "in the clear": (lambda who: plain(sealed(who)), "well-formed", "Malformed"),
    "no record": (lambda who: wrapped(sign(who, b"{}")), "well-formed", "Malformed"),
    "too large": (lambda who: wrapped(sealed(who, "x" * MAX_RECORD_BYTES)), "well-formed", "TooLarge"),
    "altered": (altered, "signature", "BadSignature"),
    "an exercise": (lambda who: wrapped(sealed(who, world=EXERCISE)), "exercise-wall", "WrongWorld"),
    "a stranger": (lambda _: wrapped(sealed(STRANGERS)), "members-only", "KeyUnknown"),
    "our own name": (lambda who: wrapped(sealed(who, origin="KOR"), sender="JPN"), "own-records-back", "OurOwn"),
    "a parcel in our own name": (lambda who: wrapped(sealed(who), origin="KOR"), "members-only", "UnknownMember"),
    "of another lane": (lambda who: wrapped(sealed(who), lane=ALLIES), "well-formed", "Malformed"),
    "of another precedence": (lambda who: wrapped(sealed(who), lane=URGENT), "well-formed", "Malformed"),
    "in another's parcel": (lambda who: wrapped(sealed(who), origin="USA"), "well-formed", "Malformed"),
    "for a stranger": (lambda who: wrapped(sealed(who), to="FRA", key=FALSE), "any-member-may-carry", "UnknownMember"),
    "of the past": (lambda who: wrapped(sealed(who), key=GONE), "seal", "KeyGone"),
    "under another seal": (lambda who: wrapped(sealed(who), key=FALSE), "seal", "BrokenSeal"),
    "a parcel of an exercise": (lambda who: wrapped(sealed(who), world=EXERCISE), "exercise-wall", "WrongWorld"),
    "not for us": (lambda who: wrapped(sealed(who, rel_to=("JPN", "USA"))), "rel-to", "NotForUs"),
    "not for its origin": (lambda who: wrapped(sealed(who, rel_to=("KOR", "USA"))), "rel-to", "BadLabel"),
}


@pytest.mark.parametrize(("parcel", "policy", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_changes_nothing_and_leaves_one_line_in_the_audit(
    parcel: Callable[[Members], bytes], policy: str, error: str, worlds: Worlds
) -> None:
    world = worlds.open("KOR")
    world.say(note("ours"))
    world.receive("JPN", [wrapped(*lane(worlds.who, "one", "two"))])
    before, lines = contents(worlds.path("KOR"), but=["audit"]), audited(world)
    received = world.receive("JPN", [parcel(worlds.who)])
    assert received.places == {"refused": 1}
    assert [type(one.error).__name__ for one in received.refused] == [error]
    assert contents(worlds.path("KOR"), but=["audit"]) == before
    assert audited(world) == [*lines, ("refused", "JPN", policy)]


def test_a_live_record_never_enters_an_exercise(worlds: Worlds) -> None:
    play = Worlds(worlds.folder, EXERCISE)
    play.who = worlds.who
    with play:
        world = play.open("KOR")
        before = contents(play.path("KOR"), but=["audit"])
        received = world.receive("JPN", [wrapped(sealed(worlds.who, world=LIVE))])
        assert [type(one.error) for one in received.refused] == [WrongWorld]
        assert "said_in=camp-david, offered_to=camp-david.freedom-27" in str(received.refused[0].error)
        assert contents(play.path("KOR"), but=["audit"]) == before
        assert audited(world) == [("refused", "JPN", "exercise-wall")]


def test_one_bad_record_does_not_spoil_the_parcel(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    one, two, three = lane(worlds.who, "one", "two", "three")
    bad = msgspec.structs.replace(two, signature=bytes(64))
    assert world.receive("JPN", [b"noise", wrapped(one, bad, two), wrapped(three)]).places == {"refused": 2, "next": 3}
    assert texts(world) == ["one", "two", "three"]


# The lane


def test_what_a_peer_says_is_held_here_in_its_order(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    ours.say_many([note(text) for text in ("one", "two", "three")])
    deliver(ours, theirs)
    assert log_of(theirs) == log_of(ours)
    assert digests(theirs) == digests(ours)
    assert audited(theirs) == [("admitted", "JPN", "rel-to")] * 3


def test_what_comes_early_waits_and_is_taken_once_the_gap_closes(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    one, two, three, four = lane(worlds.who, "one", "two", "three", "four")
    received = world.receive("JPN", [wrapped(four, two, four)])
    assert (received.places, received.gaps) == ({"later": 3}, {"JPN"})
    assert texts(world) == []
    assert world.receive("JPN", [wrapped(one)]).places == {"next": 1}
    assert texts(world) == ["one", "two"]
    world = worlds.open("KOR")
    assert world.receive("JPN", [wrapped(three)]).places == {"next": 1}
    assert texts(world) == ["one", "two", "three", "four"]
    assert contents(worlds.path("KOR"))["held"] == []
    assert check_log(world) == 4
    assert [decision for decision, _, _ in audited(world)] == ["held"] * 2 + ["admitted"] * 4


def test_only_so_many_wait_behind_a_gap(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "MAX_HELD_PER_LANE", 2)
    world = worlds.open("KOR")
    one, *later = lane(worlds.who, *"abcde")
    world.receive("JPN", [wrapped(*later)])
    assert [line[0] for line in audited(world)] == ["held", "held", "dropped", "dropped"]
    world.receive("JPN", [wrapped(one)])
    assert texts(world) == ["a", "b", "c"]
    world.receive("JPN", [wrapped(*later)])
    assert texts(world) == ["a", "b", "c", "d", "e"]


def test_what_comes_again_changes_nothing(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    parcel = wrapped(*lane(worlds.who, "one", "two", "three"))
    world.receive("JPN", [parcel])
    before = contents(worlds.path("KOR"), but=["audit"])
    assert world.receive("JPN", [parcel, parcel]).places == {"duplicate": 6}
    assert contents(worlds.path("KOR"), but=["audit"]) == before
    assert audited(world)[-1] == ("duplicate", "JPN", "one-number-one-record")


def test_flash_overtakes_routine_without_leaving_a_gap(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    routine = lane(worlds.who, "r1", "r2")
    flash = lane(worlds.who, "f1", "f2", precedence=Precedence.FLASH)
    received = world.receive("JPN", [wrapped(*flash), wrapped(*routine)])
    assert (received.places, received.gaps) == ({"next": 4}, set())
    assert texts(world) == ["f1", "f2", "r1", "r2"]


# Forks

FORKS: Mapping[str, Callable[[Members], tuple[Sequence[Sealed], Sealed]]] = {
    "an old number": lambda who: (lane(who, "one", "two", "three"), lane(who, "one", "other")[1]),
    "the last number": lambda who: (lane(who, "one", "two"), lane(who, "one", "other")[1]),
    "a next one that follows another": lambda who: (lane(who, "one", "two"), lane(who, "one", "other", "three")[2]),
}


@pytest.mark.parametrize("fork", FORKS.values(), ids=FORKS.keys())
def test_a_fork_is_kept_as_evidence_named_to_all_and_does_not_stop_the_lane(
    fork: Callable[[Members], tuple[Sequence[Sealed], Sealed]], worlds: Worlds
) -> None:
    world, ally = worlds.open("KOR"), worlds.open("USA")
    kept, other = fork(worlds.who)
    number = decode(other.payload).number
    same = {one.id for one in kept if decode(one.payload).number == number}
    world.receive("JPN", [wrapped(*kept)])
    assert world.receive("JPN", [wrapped(other)]).places == {"fork": 1}
    assert world.receive("JPN", [wrapped(other)]).places == {"fork": 1}
    [evidence] = contents(worlds.path("KOR"))["fork"]
    assert other.payload in evidence
    assert other.signature in evidence
    for node in (world, ally):
        deliver(world, ally)
        [seen] = trouble(node).forks
        assert (seen.seen_by, seen.origin, seen.number) == (("KOR",), "JPN", number)
        assert set(seen.versions) == {*same, other.id}
    assert trouble(ally).forks[0].proven
    follower = sealed(worlds.who, "next", number=len(kept) + 1, prev=kept[-1].id)
    assert world.receive("JPN", [wrapped(follower)]).places == {"next": 1}
    assert check_log(world) == len(kept) + 2


def test_of_two_that_wait_under_one_number_the_one_that_follows_is_taken_and_the_other_kept(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    one, two = lane(worlds.who, "one", "two")
    other = sealed(worlds.who, "other", number=2, prev="b" * 64)
    world.receive("JPN", [wrapped(two, other)])
    world.receive("JPN", [wrapped(one)])
    assert texts(world) == ["one", "two"]
    assert [seen.versions for seen in trouble(world).forks] == [tuple(sorted((two.id, other.id)))]
    assert contents(worlds.path("KOR"))["held"] == []


def test_what_waits_under_a_key_that_was_given_up_meanwhile_is_refused_in_the_end(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    renewed = members()
    one = sealed(renewed, "one")
    world.receive("JPN", [wrapped(sealed(worlds.who, "two", number=2, prev=one.id))])
    world.take_cards(replace(world.roster, cards={**worlds.who.cards, "JPN": renewed.cards["JPN"]}, spans={}))
    received = world.receive("JPN", [wrapped(one)])
    assert received.places == {"next": 1, "refused": 1}
    assert texts(world) == ["one"]
    assert contents(worlds.path("KOR"))["held"] == []
    assert world.receive("JPN", [wrapped(sealed(renewed, "two", number=2, prev=one.id))]).places == {"next": 1}


# Not understood


UNREAD: Mapping[str, Callable[[Members], Sealed]] = {
    "a newer kind": lambda who: sealed(who, kind="hotline.message.v9"),
    "a body that does not fit": lambda who: sealed(who, body=Echo("no topic")),
    "a body in bad utf-8": lambda who: sign(who, sealed(who, "hello").payload.replace(b"hello", b"h\xffllo")),
}


@pytest.mark.parametrize("unread", UNREAD.values(), ids=UNREAD.keys())
def test_what_is_not_understood_is_kept_its_sender_told_and_the_lane_goes_on(
    unread: Callable[[Members], Sealed], worlds: Worlds
) -> None:
    world, sender = worlds.open("KOR"), worlds.open("JPN")
    odd = unread(worlds.who)
    received = world.receive("JPN", [wrapped(odd, sealed(worlds.who, "next", number=2, prev=odd.id))])
    assert received.places == {"next": 2, "quarantined": 1}
    assert texts(world) == ["next"]
    assert odd in log_of(world)
    deliver(world, sender)
    for node in (world, sender):
        [told] = trouble(node).quarantined
        assert (told.said_by, told.record, told.kind) == ("KOR", odd.id, decode(odd.payload).kind)
    assert audited(world)[0] == ("admitted", "JPN", "rel-to")
    assert check_log(world) == 3


def test_a_fork_and_its_report_are_kept_in_one_transaction(worlds: Worlds) -> None:
    """A crash cannot come between them: a fork that is offered again would not be told again."""
    world = worlds.open("KOR")
    world.receive("JPN", [wrapped(*lane(worlds.who, "one"))])
    world.receive("JPN", [wrapped(sealed(worlds.who, "other"))])
    with world.store.reading() as from_:
        kept_at = from_.execute(sa.select(schema.fork.c.taken_at)).scalar()
        told_at = from_.execute(sa.select(schema.log.c.taken_at).where(schema.log.c.position == 2)).scalar()
    assert kept_at == told_at


def test_a_fork_in_a_lane_that_names_a_stranger_is_told_to_the_members_in_it(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    audience = ("AUS", "JPN", "KOR")
    world.receive("JPN", [wrapped(sealed(worlds.who, "one", rel_to=audience))])
    assert world.receive("JPN", [wrapped(sealed(worlds.who, "other", rel_to=audience))]).places == {"fork": 1}
    [fork] = trouble(world).forks
    assert fork.audience == audience
    with world.store.reading() as from_:
        told = decode(world.store.after(from_, 1, 1)[0].sealed.payload)
    assert told.label.rel_to == ("JPN", "KOR")


def test_a_report_that_cannot_be_said_is_parked(worlds: Worlds) -> None:
    def stumble(ask: ReportFork, view: View, desk: Desk) -> Sequence[Draft]:
        raise BadField(ask=ask, view=view, desk=desk)

    mute = replace(LINE, commands=(Command("report-fork", ReportFork, stumble, frozenset({Role.NODE})),))
    world = worlds.open("KOR", mute, notebook())
    world.receive("JPN", [wrapped(sealed(worlds.who, "one"))])
    assert world.receive("JPN", [wrapped(sealed(worlds.who, "other"))]).places == {"fork": 1}
    assert len(contents(worlds.path("KOR"))["fork"]) == 1
    [(what, _, error)] = parked(world)
    assert what == "node.line/report-fork"
    assert error.startswith("BadField: ")


# A fold that breaks


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": "tear the page"}, "OSError: the page tore"),
        ({"body": Note("topic", "too heavy", 2**63)}, "BadRow: a fold made a row that its table cannot hold"),
    ],
    ids=["the fold raises", "no table holds its row"],
)
def test_a_fold_that_breaks_on_a_record_never_blocks_the_lane(
    fields: dict[str, Any], error: str, worlds: Worlds
) -> None:
    world = worlds.open("KOR")
    bad = sealed(worlds.who, **fields)
    received = world.receive("JPN", [wrapped(bad, sealed(worlds.who, "next", number=2, prev=bad.id))])
    assert received.places == {"next": 2}
    assert "next" in texts(world)
    assert check_log(world) == 2
    [(what, subject, why)] = parked(world)
    assert (what, subject) == ("notebook.fold.notebook.note.v1", bad.id)
    assert why.startswith(error)
    before, after, folded = rebuild(world.store, world.catalogue)
    assert (before, folded) == (after, 2)
    assert [subject for _, subject, _ in parked(world)] == [bad.id]


# Any order


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_whatever_order_and_however_often_records_come_the_log_is_whole_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("receive")) as worlds:
        world = worlds.open("KOR")
        every = [
            *lane(worlds.who, *"abcde"),
            *lane(worlds.who, *"fghi", precedence=Precedence.FLASH),
            *lane(worlds.who, *"jk", origin="USA"),
        ]
        for one in data.draw(st.lists(st.sampled_from(every), max_size=20)):
            world.receive("JPN", [wrapped(one)])
            if data.draw(st.integers(0, 9)) == 0:
                world = worlds.open("KOR")
        for one in data.draw(st.permutations(every)):
            world.receive("JPN", [wrapped(one)])
        assert {one.id for one in log_of(world)} == {one.id for one in every}
        assert sorted(texts(world)) == list("abcdefghijk")
        assert check_log(world) == 11
        assert contents(worlds.path("KOR"))["held"] == []


def test_malformed_parcels_are_named_by_their_bytes(worlds: Worlds) -> None:
    received = worlds.open("KOR").receive("JPN", [b"noise"])
    [refused] = received.refused
    assert isinstance(refused.error, Malformed)
    assert len(refused.record_id) == 64
    assert OFFICER.name not in str(refused.error)
