"""A third member carries for two whose path is cut: it opens nothing, and what it does to them is found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.worlds import EXERCISE, LIVE, MEMBERS, Worlds, audited, contents, deliver, log_of, note, texts

from laurel.border import relay as border
from laurel.border.heads import Heads
from laurel.border.parcel import MAX_PARCEL_BYTES, Outside, read_outside
from laurel.border.relay import MAX_AGE_S, seal_heads
from laurel.border.sealing import SUITE
from laurel.core.errors import BrokenSeal, Malformed, TooLarge, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import Precedence
from laurel.core.roster import Standing
from laurel.node.carry.road import Waiting
from laurel.node.keep import schema
from laurel.node.outbox import REOFFER_LIMIT, Outbox
from laurel.node.witness import Witness
from laurel.node.world import World

FLASH, ROUTINE = Precedence.FLASH, Precedence.ROUTINE
FOR_TWO = ("JPN", "KOR")


class Trio:
    """Japan and Korea with their path cut, and the United States between them."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.jpn, self.kor, self.usa = (worlds.open(me) for me in MEMBERS)
        self.outboxes = {me: Outbox(self.of(me)) for me in MEMBERS}
        self.witnesses = {me: Witness(self.of(me), self.outboxes[me]) for me in MEMBERS}

    def of(self, me: str) -> World:
        return {"JPN": self.jpn, "KOR": self.kor, "USA": self.usa}[me]

    def go_round(self) -> None:
        """Japan sends through the United States what Korea is not known to hold."""
        self.outboxes["JPN"].turn("KOR", "USA", "a test")
        self.offer_rest()

    def offer_rest(self) -> int:
        left, transactions = self.witnesses["JPN"].held("KOR"), 0
        while (after := self.outboxes["JPN"].offer_rest("KOR", left)) is not None:
            left, transactions = after, transactions + 1
        return transactions

    def waiting(self, me: str, hop: str) -> list[Waiting]:
        """What one server holds for the next, and no longer waits at the node."""
        waiting = self.outboxes[me].waiting(hop, 10_000)
        self.outboxes[me].carried(waiting)
        return waiting

    def step(self, me: str, hop: str) -> list[Waiting]:
        waiting = self.waiting(me, hop)
        self.of(hop).receive(me, [one.wrapped for one in waiting])
        return waiting

    def carry(self) -> None:
        """Everything that goes from Japan through the United States to Korea, there and then."""
        self.step("JPN", "USA")
        self.step("USA", "KOR")

    def hear_through(self, sender: str, to: str, signed: bytes | None = None) -> Heads | None:
        """One hears the other's heads through the United States."""
        heads = self.witnesses[to].open(sender, signed or self.witnesses[sender].sealed_heads(to), "USA")
        if heads is not None:
            self.witnesses[to].compare(sender, heads)
        return heads

    def hear_both_ways(self) -> None:
        """Each has heard the other lately, and shows it."""
        for sender, to in (("JPN", "KOR"), ("KOR", "JPN"), ("JPN", "KOR")):
            self.hear_through(sender, to)


@pytest.fixture
def trio(worlds: Worlds) -> Trio:
    return Trio(worlds)


def why(world: World, decision: str) -> list[str]:
    with world.store.reading() as from_:
        rows = from_.execute(sa.select(schema.audit).where(schema.audit.c.decision == decision)).all()
    return [row.why for row in rows]


# Carrying


def test_a_record_goes_round_once_and_is_admitted_as_its_origins(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say(note("for two", to=("KOR",), precedence=FLASH))
    trio.carry()
    trio.carry()
    assert texts(trio.kor) == ["for two"]
    assert log_of(trio.kor) == log_of(trio.jpn)
    assert ("admitted", "JPN", "rel-to") in audited(trio.kor)
    assert why(trio.kor, "admitted") == ["JPN through USA"]
    assert audited(trio.usa) == [("relayed", "JPN", "any-member-may-carry")]
    [line] = why(trio.usa, "relayed")
    assert line.startswith("FLASH for KOR, ")


def test_the_one_between_opens_logs_and_signs_nothing(trio: Trio) -> None:
    before = contents(trio.worlds.path("USA"))
    trio.go_round()
    trio.jpn.say_many([note("one", to=("KOR",)), note("two", to=("KOR",), precedence=FLASH)])
    trio.step("JPN", "USA")
    after = contents(trio.worlds.path("USA"))
    assert {name for name in after if after[name] != before[name]} == {"relay", "audit"}
    trio.waiting("USA", "KOR")
    assert contents(trio.worlds.path("USA"))["relay"] == []


def test_what_is_said_on_a_detour_goes_both_ways_in_the_same_moment_and_arrives_once(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say_many([note("one"), note("two", precedence=FLASH)])
    deliver(trio.jpn, trio.kor)
    trio.carry()
    assert texts(trio.kor) == ["two", "one"]
    # Its own copy and Korea's are told apart by whom they are for.
    assert texts(trio.usa) == ["two", "one"]
    assert why(trio.kor, "duplicate") == ["JPN through USA", "JPN through USA"]


def test_a_detour_begins_with_all_that_the_peer_is_not_known_to_hold(trio: Trio) -> None:
    trio.jpn.say_many([note(f"known {number}") for number in range(5)])
    deliver(trio.jpn, trio.kor)
    trio.hear_both_ways()
    trio.jpn.say_many([note("lost on the way"), note("urgent", precedence=FLASH), note("not for it", to=("USA",))])
    trio.waiting("JPN", "KOR")
    trio.go_round()
    through = [one for one in trio.waiting("JPN", "USA") if one.via]
    assert [(one.peer, len(one.positions)) for one in through] == [("KOR", 1), ("KOR", 1)]
    trio.usa.receive("JPN", [one.wrapped for one in through])
    trio.step("USA", "KOR")
    assert texts(trio.kor)[5:] == ["urgent", "lost on the way"]
    assert why(trio.jpn, "detour-begins") == ["through USA: a test"]


def test_a_days_backlog_is_offered_in_many_short_transactions_flash_first(trio: Trio) -> None:
    many = 2 * REOFFER_LIMIT + 10
    trio.jpn.say_many([note(f"{number}") for number in range(many)])
    trio.jpn.say_many([note("urgent", precedence=FLASH)])
    trio.outboxes["JPN"].turn("KOR", "USA", "a test")
    assert trio.offer_rest() == 4
    first = next(one for one in trio.outboxes["JPN"].waiting("USA", 64) if one.via)
    assert first.precedence is FLASH
    with trio.jpn.store.reading() as from_:
        count = sa.select(sa.func.count()).where(schema.outbox.c.via == "USA")
        assert from_.execute(count).scalar() == many + 1


def test_when_the_straight_path_is_back_nothing_waits_to_go_round(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say(note("one"))
    trio.outboxes["JPN"].turn("KOR", "", "it reaches us itself")
    assert [one.via for one in trio.waiting("JPN", "USA")] == [""]
    trio.jpn.say(note("two"))
    assert not any(one.via for one in trio.waiting("JPN", "USA"))
    deliver(trio.jpn, trio.kor)
    assert texts(trio.kor) == ["one", "two"]
    assert why(trio.jpn, "detour-ends") == ["through USA: it reaches us itself"]


def test_a_node_that_starts_again_has_forgotten_the_detour_and_loses_nothing(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say(note("one"))
    trio.jpn = trio.worlds.open("JPN")
    trio.outboxes["JPN"] = Outbox(trio.jpn)
    trio.witnesses["JPN"] = Witness(trio.jpn, trio.outboxes["JPN"])
    assert not any(one.via for one in trio.outboxes["JPN"].waiting("USA", 10))
    trio.go_round()
    trio.carry()
    assert texts(trio.kor) == ["one"]


def test_flash_is_handed_on_first(trio: Trio) -> None:
    trio.go_round()
    for text, precedence in (("a", ROUTINE), ("b", Precedence.PRIORITY), ("c", FLASH), ("d", ROUTINE)):
        trio.jpn.say(note(text, precedence=precedence, to=("KOR",)))
        trio.step("JPN", "USA")
    trio.step("USA", "KOR")
    assert texts(trio.kor) == ["c", "b", "a", "d"]


def test_what_nobody_fetched_within_the_hour_is_dropped(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say(note("old", to=("KOR",)))
    trio.step("JPN", "USA")
    with trio.usa.store.writing() as to:
        long_ago = datetime.now(UTC) - timedelta(seconds=MAX_AGE_S + 1)
        to.execute(sa.update(schema.relay).values(taken_at=long_ago.isoformat()))
    trio.jpn.say(note("new", to=("KOR",)))
    trio.step("JPN", "USA")
    assert len(contents(trio.worlds.path("USA"))["relay"]) == 1
    trio.step("USA", "KOR")
    assert texts(trio.kor) == []
    trio.hear_both_ways()
    trio.hear_through("KOR", "JPN")
    trio.carry()
    assert texts(trio.kor) == ["old", "new"]


# Who may, and how much


def an_outside(trio: Trio) -> Outside:
    """A parcel of Japan for Korea on its way through the United States, what stands outside of it first."""
    trio.go_round()
    trio.jpn.say(note("for two", to=("KOR",)))
    [one] = [one for one in trio.waiting("JPN", "USA") if one.via]
    return read_outside(one.wrapped)


def wrap(outside: Outside) -> bytes:
    return msgspec.msgpack.encode(outside)


def stuff(precedence: Precedence, sealed: bytes, sender: str = "JPN", recipient: str = "KOR") -> bytes:
    """What a relay cannot tell from a parcel."""
    return wrap(Outside(SUITE, LIVE.name, sender, recipient, precedence, "0-0", sealed))


def standing(world: World, **changed: Standing) -> None:
    world.roster = replace(world.roster, standings={**world.roster.standings, **changed})


REFUSED_BY_THE_RELAY: dict[str, tuple[str, Callable[[Outside], Outside], dict[str, Standing], type[Untrusted]]] = {
    "of another world": ("JPN", lambda one: msgspec.structs.replace(one, world=EXERCISE.name), {}, WrongWorld),
    "handed over by another": ("KOR", lambda one: one, {}, UnknownMember),
    "in another's name": ("JPN", lambda one: msgspec.structs.replace(one, sender="KOR"), {}, UnknownMember),
    "back to its sender": ("JPN", lambda one: msgspec.structs.replace(one, recipient="JPN"), {}, UnknownMember),
    "for a stranger": ("JPN", lambda one: msgspec.structs.replace(one, recipient="FRA"), {}, UnknownMember),
    "for one suspended": ("JPN", lambda one: one, {"KOR": Standing.SUSPENDED}, UnknownMember),
    "for one expelled": ("JPN", lambda one: one, {"KOR": Standing.EXPELLED}, UnknownMember),
    "from one suspended": ("JPN", lambda one: one, {"JPN": Standing.SUSPENDED}, UnknownMember),
    "while suspended itself": ("JPN", lambda one: one, {"USA": Standing.SUSPENDED}, UnknownMember),
    "as a reader": ("JPN", lambda one: one, {"USA": Standing.READER}, UnknownMember),
}


@pytest.mark.attack("relay")
@pytest.mark.parametrize("case", REFUSED_BY_THE_RELAY)
def test_a_member_carries_nothing(trio: Trio, case: str) -> None:
    peer, altered, standings, error = REFUSED_BY_THE_RELAY[case]
    outside = an_outside(trio)
    before = contents(trio.worlds.path("USA"), but=["audit"])
    standing(trio.usa, **standings)
    received = trio.usa.receive(peer, [wrap(altered(outside))])
    assert [type(one.error) for one in received.refused] == [error]
    assert contents(trio.worlds.path("USA"), but=["audit"]) == before
    assert [line[0] for line in audited(trio.usa)] == ["refused"]


REFUSED_FROM_A_RELAY: dict[str, tuple[str, Callable[[Outside], Outside], dict[str, Standing], type[Untrusted]]] = {
    "of another world": ("USA", lambda one: msgspec.structs.replace(one, world=EXERCISE.name), {}, WrongWorld),
    "as its own": ("USA", lambda one: msgspec.structs.replace(one, sender="USA"), {}, BrokenSeal),
    "as a stranger's": ("USA", lambda one: msgspec.structs.replace(one, sender="FRA"), {}, BrokenSeal),
    "as more urgent": ("USA", lambda one: msgspec.structs.replace(one, precedence=FLASH), {}, BrokenSeal),
    "while suspended": ("USA", lambda one: one, {"USA": Standing.SUSPENDED}, UnknownMember),
    "as a reader": ("USA", lambda one: one, {"USA": Standing.READER}, UnknownMember),
    "of one suspended": ("USA", lambda one: one, {"JPN": Standing.SUSPENDED}, UnknownMember),
    "for yet another": ("USA", lambda one: msgspec.structs.replace(one, recipient="USA"), {}, UnknownMember),
}


@pytest.mark.attack("relay")
@pytest.mark.parametrize("case", REFUSED_FROM_A_RELAY)
def test_nothing_is_taken_from_a_member_that_brings_what_it_may_not(trio: Trio, case: str) -> None:
    peer, altered, standings, error = REFUSED_FROM_A_RELAY[case]
    outside = an_outside(trio)
    before = contents(trio.worlds.path("KOR"), but=["audit"])
    standing(trio.kor, **standings)
    received = trio.kor.receive(peer, [wrap(altered(outside))])
    assert [type(one.error) for one in received.refused] == [error]
    assert contents(trio.worlds.path("KOR"), but=["audit"]) == before


@pytest.mark.attack("flood")
def test_a_pair_fills_no_more_of_a_third_ones_disk_than_its_share_and_flash_has_room_still(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(border, "MAX_PAIR_BYTES_BUT_FLASH", 2_000)
    monkeypatch.setattr(border, "MAX_PAIR_BYTES", 4_000)
    flood = [stuff(ROUTINE, bytes([one]) * 900) for one in range(10)]
    received = trio.usa.receive("JPN", flood)
    assert (received.relayed, len(received.refused)) == (2, 8)
    assert {one.policy for one in received.refused} == {"relay-room"}
    assert trio.usa.receive("JPN", [stuff(FLASH, b"f")]).relayed == 1
    assert trio.usa.receive("KOR", [stuff(ROUTINE, b"r", "KOR", "JPN")]).relayed == 1
    assert trio.usa.receive("JPN", [flood[0]]).relayed == 0


@pytest.mark.attack("flood")
def test_a_relayed_parcel_too_large_or_malformed_is_refused(trio: Trio) -> None:
    huge = stuff(ROUTINE, b"x" * MAX_PARCEL_BYTES)
    cut = stuff(ROUTINE, b"x" * 100)[:-1]
    received = trio.usa.receive("JPN", [huge, cut])
    assert [type(one.error) for one in received.refused] == [TooLarge, Malformed]
    assert contents(trio.worlds.path("USA"))["relay"] == []


# A hostile relay


@pytest.mark.attack("relay")
def test_a_relay_that_drops_the_tail_is_found_out_by_the_heads(trio: Trio) -> None:
    trio.go_round()
    trio.jpn.say_many([note(f"{number}", to=("KOR",)) for number in range(5)])
    trio.step("JPN", "USA")
    trio.waiting("USA", "KOR")
    assert texts(trio.kor) == []
    trio.hear_both_ways()
    trio.hear_through("KOR", "JPN")
    trio.carry()
    assert texts(trio.kor) == [f"{number}" for number in range(5)]


@pytest.mark.attack("alter")
def test_a_relay_that_alters_one_byte_anywhere_gets_nothing_altered_in(trio: Trio) -> None:
    outside = an_outside(trio)
    wrapped = wrap(outside)
    [true] = log_of(trio.jpn)
    for place in range(0, len(wrapped), 3):
        altered = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        trio.kor.receive("USA", [altered])
        assert [one.id for one in log_of(trio.kor)] in ([], [true.id])
    trio.kor.receive("USA", [wrapped])
    assert log_of(trio.kor) == [true]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["drop", "double", "last", "alter", "hold"]), st.integers(0, 10**6)), max_size=20
    )
)
@pytest.mark.attack("relay")
def test_whatever_a_relay_does_with_what_it_carries_the_peer_holds_the_truth_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, deeds: Sequence[tuple[str, int]]
) -> None:
    with Worlds(tmp_path_factory.mktemp("relay")) as worlds:
        trio = Trio(worlds)
        trio.go_round()
        for number in range(12):
            trio.jpn.say(note(f"{number}", to=("KOR",), precedence=Precedence(number % 4)))
            trio.step("JPN", "USA")
        parcels = [one.wrapped for one in trio.waiting("USA", "KOR")]
        for deed, dice in deeds:
            parcels = play(deed, dice, parcels)
        for parcel in parcels:
            trio.kor.receive("USA", [parcel])
        said = [one.id for one in log_of(trio.jpn)]
        assert {one.id for one in log_of(trio.kor)} <= set(said)
        trio.hear_both_ways()
        for _ in range(4):
            trio.hear_through("KOR", "JPN")
            trio.hear_through("JPN", "KOR")
            trio.carry()
        assert sorted(one.id for one in log_of(trio.kor)) == sorted(said)
        assert contents(worlds.path("KOR"))["fork"] == []
        assert trio.witnesses["KOR"].disagreements == trio.witnesses["JPN"].disagreements == ()


def play(deed: str, dice: int, parcels: list[bytes]) -> list[bytes]:
    """The parcels after one deed of a hostile relay."""
    if not parcels:
        return parcels
    at = dice % len(parcels)
    one, others = parcels[at], parcels[:at] + parcels[at + 1 :]
    byte = dice % len(one)
    return {
        "drop": others,
        "hold": [*others, one],
        "last": [one, *others],
        "double": [*parcels, one],
        "alter": [*others, one[:byte] + bytes([one[byte] ^ (1 << dice % 8)]) + one[byte + 1 :]],
    }[deed]


# Heads through a relay


def test_two_that_hear_each_other_through_a_third_believe_each_other_at_the_second_word(trio: Trio) -> None:
    assert trio.hear_through("JPN", "KOR") is None
    assert trio.hear_through("KOR", "JPN") is not None
    assert trio.hear_through("JPN", "KOR") is not None


def test_two_that_heard_each_other_before_the_cut_believe_at_once(trio: Trio) -> None:
    for sender, to in (("JPN", "KOR"), ("KOR", "JPN")):
        trio.witnesses[to].hear(sender, trio.witnesses[sender].heads(to))
    heads = trio.hear_through("KOR", "JPN")
    assert heads is not None
    assert not heads.reached


@pytest.mark.attack("replay")
def test_old_heads_that_a_relay_plays_again_are_not_believed(trio: Trio) -> None:
    trio.hear_both_ways()
    old = [trio.witnesses["KOR"].sealed_heads("JPN", reached=True) for _ in range(3)]
    assert trio.hear_through("KOR", "JPN", old[1]) is not None
    assert trio.hear_through("KOR", "JPN", old[1]) is None
    assert trio.hear_through("KOR", "JPN", old[0]) is None
    # Nor by a node that has started again since and remembers none of it.
    trio.witnesses["JPN"] = Witness(trio.jpn, trio.outboxes["JPN"])
    trio.witnesses["JPN"].heads("KOR")
    assert trio.hear_through("KOR", "JPN", old[2]) is None
    assert trio.witnesses["JPN"].held("KOR") == {}


@pytest.mark.attack("speak-for-another")
def test_a_relay_cannot_speak_for_another(trio: Trio) -> None:
    trio.hear_both_ways()
    us = trio.usa.roster
    forged = [
        # Its own heads, and Korea's for itself, sealed as if they were Korea's for Japan; bytes that are none.
        seal_heads(signed, LIVE.name, "KOR", "JPN", us.sealing_of("JPN"))
        for signed in (trio.witnesses["USA"].heads("JPN"), trio.witnesses["KOR"].heads("USA"), b"\x93\x01")
    ]
    true = trio.witnesses["KOR"].sealed_heads("JPN")
    altered = [true[:place] + bytes([true[place] ^ 1]) + true[place + 1 :] for place in range(0, len(true), 7)]
    for signed in (*forged, *altered, trio.witnesses["KOR"].heads("JPN")):
        with pytest.raises(Untrusted):
            trio.hear_through("KOR", "JPN", signed)
    assert trio.hear_through("KOR", "JPN", true) is not None
