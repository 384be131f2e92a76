"""The outgoing side: what waits, in which parcels; and heads, which show what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed
from tests.node.worlds import (
    EXERCISE,
    LIVE,
    MEMBERS,
    START,
    Worlds,
    check_log,
    contents,
    deliver,
    exchange,
    log_of,
    members,
    note,
    opened,
    texts,
    wrapped,
)

from laurel.border.heads import HEADS_TYPE, Heads, LaneHead, SignedHeads
from laurel.core.errors import BadSignature, Malformed, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import Precedence, decode, key_id, pre_authentication_encoding
from laurel.node.carry.road import Waiting
from laurel.node.outbox import REOFFER_LIMIT, Outbox
from laurel.node.witness import Witness
from laurel.node.world import World

FLASH, ROUTINE = Precedence.FLASH, Precedence.ROUTINE


def words(parcel: Waiting) -> list[str]:
    return [
        msgspec.json.decode(decode(one.payload).body)["text"] for one in opened(parcel.wrapped, parcel.peer).records
    ]


def waits(world: World, peer: str) -> list[list[str]]:
    return [words(parcel) for parcel in Outbox(world).waiting(peer, 10_000)]


class Pair:
    """Two worlds and the outboxes that speak for them."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.ours, self.theirs = worlds.open("JPN"), worlds.open("KOR")
        self.outbox = Outbox(self.ours)
        self.out, self.back = Witness(self.ours, self.outbox), Witness(self.theirs, Outbox(self.theirs))

    def lose(self) -> None:
        """What waits is carried, and lost on the way."""
        for parcel in self.outbox.waiting("KOR", 10_000):
            self.outbox.carried([parcel])

    def hear(self) -> bool:
        """Japan hears how far Korea holds its lanes."""
        return self.out.hear("KOR", self.back.heads("JPN"))


@pytest.fixture
def pair(worlds: Worlds) -> Pair:
    return Pair(worlds)


def test_nodes_that_hold_the_same_agree(pair: Pair) -> None:
    pair.ours.say_many([note("one"), note("two", precedence=FLASH), note("secret", to=("USA",))])
    pair.theirs.say(note("back"))
    exchange(pair.ours, pair.theirs)
    for _ in range(5):
        assert pair.hear() is False
        assert pair.back.hear("JPN", pair.out.heads("KOR")) is False
    assert pair.out.disagreements == pair.back.disagreements == ()
    assert waits(pair.ours, "KOR") == []


def test_a_gap_is_offered_again_at_once(pair: Pair) -> None:
    pair.ours.say_many([note("one"), note("two")])
    pair.lose()
    pair.ours.say(note("three"))
    deliver(pair.ours, pair.theirs)
    assert texts(pair.theirs) == []
    assert pair.hear() is True
    assert waits(pair.ours, "KOR") == [["one", "two", "three"]]
    deliver(pair.ours, pair.theirs)
    assert texts(pair.theirs) == ["one", "two", "three"]
    assert pair.hear() is False


def test_a_gap_in_the_middle_is_offered_from_where_it_begins(pair: Pair) -> None:
    pair.ours.say(note("one"))
    deliver(pair.ours, pair.theirs)
    pair.ours.say(note("two"))
    pair.lose()
    pair.ours.say(note("three"))
    deliver(pair.ours, pair.theirs)
    assert pair.hear() is True
    assert waits(pair.ours, "KOR") == [["two", "three"]]


def test_a_dropped_tail_is_offered_again_when_the_peer_stands_still(pair: Pair) -> None:
    pair.ours.say_many([note("one"), note("two")])
    deliver(pair.ours, pair.theirs)
    for _ in range(20):
        assert pair.hear() is False
    pair.ours.say(note("three"))
    pair.lose()
    assert [pair.hear() for _ in range(2)] == [False, True]
    assert waits(pair.ours, "KOR") == [["three"]]


def test_a_lane_of_which_nothing_came_is_offered_again_from_its_beginning(pair: Pair) -> None:
    pair.ours.say(note("one"))
    pair.lose()
    assert [pair.hear() for _ in range(2)] == [False, True]
    deliver(pair.ours, pair.theirs)
    assert texts(pair.theirs) == ["one"]


def test_what_a_peer_will_not_take_is_pressed_on_it_ever_less_often(pair: Pair) -> None:
    pair.ours.say(note("one"))
    offered: list[int] = []
    for turn in range(40):
        pair.lose()
        if pair.hear():
            offered.append(turn)
    assert offered == [1, 2, 4, 8, 16, 32]


def test_a_peer_that_moves_on_is_not_offered_what_is_on_its_way(pair: Pair) -> None:
    pair.ours.say_many([note(f"{number}") for number in range(200)])
    for parcel in pair.outbox.waiting("KOR", 1_000):
        assert pair.hear() is False
        pair.theirs.receive("JPN", [parcel.wrapped])
        pair.outbox.carried([parcel])
    assert pair.hear() is False


def test_no_more_is_offered_at_once_than_the_limit(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.node.outbox.REOFFER_LIMIT", 3)
    assert REOFFER_LIMIT > 3
    pair.ours.say_many([note(f"{number}") for number in range(10)])
    pair.lose()
    assert [pair.hear() for _ in range(2)] == [False, True]
    assert waits(pair.ours, "KOR") == [["0", "1", "2"]]


# Disagreements


def says(witness: Witness) -> list[str]:
    return [one.says for one in witness.disagreements]


def test_a_peer_that_holds_more_of_our_lane_than_we_do_shows_that_we_lost_some(worlds: Worlds) -> None:
    pair = Pair(worlds)
    pair.ours.say(note("one"))
    worlds.close("JPN")
    backup = {path: path.read_bytes() for path in worlds.folder.glob("JPN.db*")}
    pair = Pair(worlds)
    pair.ours.say(note("two"))
    deliver(pair.ours, pair.theirs)
    worlds.close("JPN")
    for path in worlds.folder.glob("JPN.db*"):
        path.unlink()
    for path, content in backup.items():
        path.write_bytes(content)
    pair = Pair(worlds)
    assert pair.hear() is False
    assert says(pair.out) == ["holds number 2 of our lane, which ends at 1 here"]
    # And Korea sees a lane that has become shorter, once two heads have said so.
    pair.back.hear("JPN", pair.out.heads("KOR"))
    assert says(pair.back) == []
    pair.back.hear("JPN", pair.out.heads("KOR"))
    assert says(pair.back) == ["says its lane ends at 1; we hold 2"]
    # Whoever goes on from there speaks with two tongues.
    pair.ours.say(note("another two"))
    pair.hear()
    assert says(pair.out) == ["holds another record than ours under number 2"]
    pair.back.hear("JPN", pair.out.heads("KOR"))
    assert says(pair.back) == ["says another record than the one we hold under number 2"]
    [one] = pair.back.disagreements
    assert (one.peer, one.origin, one.audience, one.precedence, one.number) == ("JPN", "JPN", MEMBERS, 0, 2)


def test_heads_that_a_record_has_overtaken_are_no_disagreement(pair: Pair) -> None:
    pair.ours.say(note("one"))
    old = pair.out.heads("KOR")
    pair.ours.say(note("two"))
    deliver(pair.ours, pair.theirs)
    pair.back.hear("JPN", old)
    assert says(pair.back) == []
    pair.back.hear("JPN", pair.out.heads("KOR"))
    pair.back.hear("JPN", old)
    assert says(pair.back) == []


def test_a_lane_that_was_never_said_to_a_peer_is_none_that_it_may_hold(pair: Pair) -> None:
    pair.ours.say(note("secret", to=("USA",)))
    [leaked] = log_of(pair.ours)
    lanes = [LaneHead("JPN", ("JPN", "USA"), ROUTINE, 1, leaked.id), LaneHead("JPN", MEMBERS, FLASH, 7, "a" * 64)]
    pair.out.hear("KOR", signed_heads(pair.worlds, holds=tuple(lanes)))
    assert says(pair.out) == ["holds a lane of ours that we did not say to it"] * 2


def test_a_disagreement_that_is_settled_is_shown_no_longer(pair: Pair) -> None:
    pair.out.hear("KOR", signed_heads(pair.worlds, holds=(LaneHead("JPN", MEMBERS, FLASH, 7, "a" * 64),)))
    assert len(pair.out.disagreements) == 1
    pair.hear()
    assert pair.out.disagreements == ()


def test_what_a_peer_says_of_others_lanes_does_not_count(pair: Pair) -> None:
    pair.ours.receive("USA", [wrapped(*lane(pair.worlds.who, "one", "two", origin="USA"), to="JPN")])
    pair.out.hear("KOR", signed_heads(pair.worlds, said=(LaneHead("USA", MEMBERS, ROUTINE, 2, "a" * 64),)))
    assert pair.out.disagreements == ()


# Heads that are not believed


def signed_heads(worlds: Worlds, signed_by: str = "KOR", type_: str = HEADS_TYPE, **changes: Any) -> bytes:
    """Heads from Korea to Japan, with changes."""
    heads = Heads(LIVE.name, "KOR", "JPN", START, (), (), ())
    payload = msgspec.msgpack.encode(msgspec.structs.replace(heads, **changes))
    key = worlds.who.keys[signed_by]
    signature = key.sign(pre_authentication_encoding(payload, type_))
    return msgspec.msgpack.encode(SignedHeads(payload, signature, key_id(key.public_key())))


def altered_heads(worlds: Worlds) -> bytes:
    outer = msgspec.msgpack.decode(signed_heads(worlds), type=SignedHeads)
    return msgspec.msgpack.encode(
        msgspec.structs.replace(outer, payload=outer.payload.replace(b"camp-david", b"camp-davis"))
    )


NOT_HEADS: dict[str, tuple[Callable[[Worlds], bytes], type[Untrusted]]] = {
    "noise": (lambda _: b"noise", Malformed),
    "bad utf-8": (lambda _: msgspec.msgpack.encode([b"", b"", ""])[:-1] + b"\xa1\xff", Malformed),
    "nested without end": (lambda _: b"\x94\xc4\x00\xc4\x00\xa0" + b"\x91" * 100_000 + b"\xc0", Malformed),
    "a number below zero": (
        lambda worlds: signed_heads(worlds, holds=(LaneHead("JPN", MEMBERS, FLASH, -1, ""),)),
        Malformed,
    ),
    "a number beyond every database": (
        lambda worlds: signed_heads(worlds, said=(LaneHead("KOR", MEMBERS, FLASH, 2**63, ""),)),
        Malformed,
    ),
    "signed by another": (lambda worlds: signed_heads(worlds, signed_by="USA"), UnknownMember),
    "signed by a stranger": (lambda worlds: signed_heads(with_other_keys(worlds)), UnknownMember),
    "altered": (altered_heads, BadSignature),
    "signed as something else": (lambda worlds: signed_heads(worlds, type_="application/json"), BadSignature),
    "in the name of another": (lambda worlds: signed_heads(worlds, sender="USA"), WrongWorld),
    "for another": (lambda worlds: signed_heads(worlds, to="USA"), WrongWorld),
    "of an exercise": (lambda worlds: signed_heads(worlds, world=EXERCISE.name), WrongWorld),
}


def with_other_keys(worlds: Worlds) -> Worlds:
    other = Worlds(worlds.folder)
    other.who = members()
    return other


@pytest.mark.parametrize(("heads", "error"), NOT_HEADS.values(), ids=NOT_HEADS.keys())
def test_heads_that_are_not_that_peers_for_us_in_this_world_change_nothing(
    heads: Callable[[Worlds], bytes], error: type[Untrusted], pair: Pair
) -> None:
    pair.ours.say(note("one"))
    pair.lose()
    before = contents(pair.worlds.path())
    for _ in range(3):
        with pytest.raises(error):
            pair.out.hear("KOR", heads(pair.worlds))
    assert contents(pair.worlds.path()) == before
    assert pair.out.disagreements == ()


def test_heads_for_another_member_are_not_taken_for_ours(pair: Pair) -> None:
    ally = pair.worlds.open("USA")
    with pytest.raises(WrongWorld):
        Witness(ally, Outbox(ally)).hear("KOR", pair.back.heads("JPN"))
    with pytest.raises(UnknownMember):
        Witness(ally, Outbox(ally)).hear("JPN", pair.back.heads("USA"))


numbers = st.one_of(st.integers(0, 4), st.sampled_from([2**31, 2**63 - 1]))


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_no_heads_whatever_from_a_true_peer_make_hearing_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("heads")) as worlds:
        world = worlds.open()
        world.say_many([note("one"), note("two"), note("flash", precedence=FLASH)])
        world.receive("KOR", [wrapped(*lane(worlds.who, "a", "b", origin="KOR"), to="JPN")])
        ids = st.sampled_from(["", "a" * 64, *(one.id for one in log_of(world))])
        audiences = st.sampled_from([MEMBERS, ("JPN", "KOR"), ("KOR", "JPN"), ()])
        heads = st.builds(
            LaneHead, st.sampled_from([*MEMBERS, "?"]), audiences, st.sampled_from(Precedence), numbers, ids
        )
        lanes = st.lists(heads, max_size=4).map(tuple)
        witness = Witness(world, Outbox(world))
        for _ in range(3):
            witness.hear(
                "KOR", signed_heads(worlds, said=data.draw(lanes), holds=data.draw(lanes), gaps=data.draw(lanes))
            )
        assert check_log(world) == 5


def test_a_record_under_another_label_than_its_parcel_is_admitted_for_itself(pair: Pair) -> None:
    """What the wrapping claims is for the road alone."""
    alone = sealed(pair.worlds.who, "one", rel_to=("JPN", "KOR"), precedence=FLASH)
    assert pair.theirs.receive("JPN", [wrapped(alone)]).places == {"next": 1}
    stray = sealed(pair.worlds.who, "two", rel_to=("JPN", "USA"))
    assert pair.theirs.receive("JPN", [wrapped(stray)]).places == {"refused": 1}
    assert replace(pair.theirs.roster, me="USA").peers == ("JPN", "KOR")
