from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.instruments.harness import MemoryView, record_of

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import Desk, NoAsk, Role
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record, World
from laurel.core.roster import Card, fingerprint, open_card, sign_card
from laurel.instruments.exercise import INSTRUMENT
from laurel.instruments.exercise.clock import exercise_now, jump
from laurel.instruments.exercise.commands import (
    AlreadyAnnounced,
    AnnounceAsk,
    BadJump,
    ExerciseOnly,
    HaltAsk,
    JoinAsk,
    LiveOnly,
    SetClockAsk,
    announce,
    halt,
    join,
    set_clock,
)
from laurel.instruments.exercise.records import Announced, ClockSet, Halted, Joined
from laurel.instruments.exercise.view import answer_clock, answer_exercises, clock_set, docket, exercise_cards

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAY = datetime(2022, 10, 3, 22, 22, tzinfo=UTC)
LIVE = World("camp-david")
EXERCISE = World("camp-david", "overflight-26")
EVERYONE = Label(Classification.UNCLASSIFIED, ("JPN", "KOR", "USA"))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def after_s(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Node:
    """The instrument's views alone, in memory."""

    def __init__(self) -> None:
        self.view = MemoryView(INSTRUMENT)
        self.said = 0

    def hear(self, desk: Desk, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            self.said += 1
            self.view.fold(*record_of(INSTRUMENT, draft, desk, self.said))


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    yield made
    made.view.close()


def desk(member: str = "USA", world: World = LIVE, minutes: float = 0.0) -> Desk:
    return Desk(world, member, "tanaka", NOW + timedelta(minutes=minutes), ("JPN", "KOR", "USA"))


def announcement(name: str = "overflight-26", title: str = "Overflight") -> AnnounceAsk:
    return AnnounceAsk(name, title, PLAY, "ab" * 32, EVERYONE)


def card(member: str, world: World = EXERCISE, key: Ed25519PrivateKey = KEY, address: str = "tls://[::1]:4222") -> str:
    made = Card(
        member, member, world, key.public_key().public_bytes_raw(), "nkey", "pem", address, NOW, "0-" + "a" * 16, b""
    )
    return sign_card(made, key).decode()


def test_an_announcement_reaches_the_whole_compact_and_stands_on_the_docket(node: Node) -> None:
    drafts = announce(announcement(), node.view, desk())
    assert drafts[0].body == Announced("overflight-26", "Overflight", PLAY, "ab" * 32)
    assert drafts[0].label == EVERYONE
    node.hear(desk(), drafts)
    [seen] = answer_exercises(NoAsk(), node.view, NOW).exercises
    assert (seen.exercise, seen.starts_at, seen.announced_by) == ("overflight-26", PLAY, "USA")
    [item] = docket(node.view, NOW)
    assert (item.state, item.due, item.label) == ("announced", None, EVERYONE)


def test_a_name_is_announced_once(node: Node) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    with pytest.raises(AlreadyAnnounced, match=r"by=USA.*choose another name"):
        announce(announcement(), node.view, desk("KOR"))


def test_of_two_members_who_announce_one_name_at_once_the_earlier_counts_everywhere(node: Node) -> None:
    early, late = desk("KOR"), desk("USA", minutes=1)
    drafts = announce(announcement(title="Korean"), node.view, early)
    node.hear(late, announce(announcement(title="American"), node.view, late))
    node.hear(early, drafts)
    [seen] = answer_exercises(NoAsk(), node.view, NOW).exercises
    assert seen.title == "Korean"


@pytest.mark.parametrize(
    ("before", "after", "now_s", "ahead_s"),
    [
        # It stands, is let go, is let go faster, is paused: nothing jumps.
        (ClockSet(NOW, PLAY, 0.0), ClockSet(after_s(60), PLAY, 1.0), 0, 0),
        (ClockSet(NOW, PLAY, 1.0), ClockSet(after_s(10), PLAY + timedelta(seconds=10), 20.0), 9, 0),
        (ClockSet(NOW, PLAY, 20.0), ClockSet(after_s(10), PLAY + timedelta(seconds=200), 0.0), 190, 0),
        # A jump ahead, and one back.
        (ClockSet(NOW, PLAY, 0.0), ClockSet(NOW, PLAY + timedelta(hours=1), 0.0), 0, 3_600),
        (ClockSet(NOW, PLAY, 1.0), ClockSet(after_s(10), PLAY, 1.0), 10, -10),
        # A pause whose own moment lies an hour behind takes back the hour.
        (ClockSet(NOW, PLAY, 1.0), ClockSet(NOW, PLAY, 0.0), 3_600, -3_600),
        # A pace whose own moment lies ten seconds behind runs ahead.
        (ClockSet(NOW, PLAY, 1.0), ClockSet(NOW, PLAY, 60.0), 10, 590),
    ],
)
def test_how_far_a_setting_of_the_clock_jumps(before: ClockSet, after: ClockSet, now_s: float, ahead_s: float) -> None:
    assert jump(before, after, PLAY + timedelta(seconds=now_s)).total_seconds() == pytest.approx(ahead_s)


def test_the_clock_of_an_exercise_never_goes_back_and_no_further_ahead_than_a_month(node: Node) -> None:
    inside = replace(desk(world=EXERCISE), now=PLAY)
    first = SetClockAsk(NOW, PLAY, 0.0, EVERYONE)
    node.hear(inside, set_clock(first, node.view, inside))
    for days, hours in ((0, -1), (32, 0), (365_000, 0)):
        ask = SetClockAsk(after_s(1), PLAY + timedelta(days=days, hours=hours), 1.0, EVERYONE)
        with pytest.raises(BadJump, match="set a later time, within a month"):
            set_clock(ask, node.view, inside)
    # A setting that another one has overtaken would never count.
    with pytest.raises(BadField, match="real_at"):
        set_clock(SetClockAsk(NOW, PLAY, 1.0, EVERYONE), node.view, inside)
    # Who reads the clock and sets it a moment later is not refused for that moment.
    for ahead in (timedelta(seconds=-1), timedelta(days=3), timedelta(days=31)):
        assert set_clock(SetClockAsk(after_s(1), PLAY + ahead, 1.0, EVERYONE), node.view, inside)


def test_an_exercise_hidden_from_one_member_is_refused(node: Node) -> None:
    without_korea = Label(Classification.UNCLASSIFIED, ("JPN", "USA"))
    ask = AnnounceAsk("quiet", "Quiet", PLAY, "ab" * 32, without_korea)
    with pytest.raises(BadField, match=r"label\.rel_to.*KOR"):
        announce(ask, node.view, desk())


def test_nothing_is_announced_or_joined_from_inside_an_exercise(node: Node) -> None:
    inside = desk(world=EXERCISE)
    with pytest.raises(LiveOnly, match="live=camp-david"):
        announce(announcement(), node.view, inside)
    with pytest.raises(LiveOnly):
        join(JoinAsk("overflight-26", card("USA"), EVERYONE), node.view, inside)


def test_an_announcement_said_in_an_exercise_is_not_believed(node: Node) -> None:
    body = Announced("fake", "Fake", PLAY, "ab" * 32)
    node.hear(desk(world=EXERCISE), [Draft(body, EVERYONE), Draft(Joined("fake", card("USA")), EVERYONE)])
    assert answer_exercises(NoAsk(), node.view, NOW).exercises == ()


def test_a_member_joins_with_its_card_and_the_others_can_compare_fingerprints(node: Node) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    for member in ("JPN", "KOR", "USA"):
        ask = JoinAsk("overflight-26", card(member), EVERYONE)
        node.hear(desk(member), join(ask, node.view, desk(member)))
    [seen] = answer_exercises(NoAsk(), node.view, NOW).exercises
    assert [one.member for one in seen.members] == ["JPN", "KOR", "USA"]
    assert seen.members[0].fingerprint == fingerprint(open_card(card("JPN").encode()))
    assert set(exercise_cards(node.view, "overflight-26")) == {"JPN", "KOR", "USA"}
    assert docket(node.view, NOW)[0].state == "joined by JPN, KOR, USA"


def test_joining_what_nobody_announced_is_refused(node: Node) -> None:
    with pytest.raises(Nothing, match="exercise=overflight-26"):
        join(JoinAsk("overflight-26", card("USA"), EVERYONE), node.view, desk())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (card("JPN"), "the card is of JPN"),
        (card("USA", LIVE), "the card is for camp-david"),
        (card("USA").replace('"sig": "', '"sig": "AAAA'), "signature"),
        ("not a card", "not a record"),
    ],
)
def test_a_card_that_is_not_this_members_for_this_exercise_is_refused(node: Node, file: str, why: str) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    with pytest.raises(BadField, match=why):
        join(JoinAsk("overflight-26", file, EVERYONE), node.view, desk())


def test_a_card_of_a_peer_that_cannot_be_opened_is_shown_and_not_used(node: Node) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    node.hear(desk("KOR"), [Draft(Joined("overflight-26", card("JPN")), EVERYONE)])
    [seen] = answer_exercises(NoAsk(), node.view, NOW).exercises
    assert seen.members[0].fingerprint is None
    assert seen.members[0].trouble == "the card is of JPN"
    assert exercise_cards(node.view, "overflight-26") == {}


def test_a_member_may_join_again_with_a_new_address_but_never_with_a_new_key(node: Node) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    node.hear(desk(), join(JoinAsk("overflight-26", card("USA"), EVERYONE), node.view, desk()))
    later = desk(minutes=5)
    moved = JoinAsk("overflight-26", card("USA", address="tls://[::1]:4333"), EVERYONE)
    node.hear(later, join(moved, node.view, later))
    assert exercise_cards(node.view, "overflight-26")["USA"].address == "tls://[::1]:4333"
    with pytest.raises(BadField, match="another signing key"):
        join(JoinAsk("overflight-26", card("USA", key=OTHER_KEY), EVERYONE), node.view, later)


def test_any_officer_may_halt_and_no_sensor_or_node_may() -> None:
    [command] = [one for one in INSTRUMENT.commands if one.name == "halt"]
    assert command.roles == frozenset(Role) - {Role.SENSOR, Role.NODE}
    assert command.confirm is not None


def test_a_halt_is_flash_and_is_heard_live_and_in_the_exercise_alike(node: Node) -> None:
    node.hear(desk(), announce(announcement(), node.view, desk()))
    ask = HaltAsk("overflight-26", "real launch", EVERYONE)
    [draft] = halt(ask, node.view, desk("JPN"))
    assert draft.precedence is Precedence.FLASH
    assert draft.body == Halted("overflight-26", "real launch")
    node.hear(desk("JPN"), [draft])
    [seen] = answer_exercises(NoAsk(), node.view, NOW).exercises
    assert seen.halted is not None
    assert (seen.halted.member, seen.halted.reason) == ("JPN", "real launch")
    assert docket(node.view, NOW)[0].state == "halted by JPN: real launch"


def test_inside_an_exercise_only_that_exercise_can_be_halted(node: Node) -> None:
    inside = desk("KOR", EXERCISE)
    setting = SetClockAsk(NOW, PLAY, 5.0, EVERYONE)
    node.hear(inside, set_clock(setting, node.view, inside))
    node.hear(inside, halt(HaltAsk("overflight-26", "over", EVERYONE), node.view, inside))
    stopped = answer_clock(NoAsk(), node.view, PLAY).halted
    assert stopped is not None
    assert stopped.reason == "over"
    with pytest.raises(BadField, match="here=overflight-26"):
        halt(HaltAsk("another", "over", EVERYONE), node.view, inside)


def test_the_live_clock_is_not_set_by_anyone(node: Node) -> None:
    ask = SetClockAsk(NOW, PLAY, 1.0, EVERYONE)
    with pytest.raises(ExerciseOnly, match="live clock"):
        set_clock(ask, node.view, desk())
    node.hear(desk(), [Draft(ClockSet(NOW, PLAY, 1.0), EVERYONE)])
    assert clock_set(node.view) is None


def test_the_clock_follows_its_last_setting(node: Node) -> None:
    inside = desk(world=EXERCISE)
    for minutes, rate in ((0, 1.0), (2, 0.0), (1, 60.0)):
        node.hear(inside, [Draft(ClockSet(NOW + timedelta(minutes=minutes), PLAY, rate), EVERYONE)])
    assert clock_set(node.view) == ClockSet(NOW + timedelta(minutes=2), PLAY, 0.0)


def test_exercise_time_waits_for_its_start_then_runs_at_its_rate() -> None:
    clock = ClockSet(NOW, PLAY, 20.0)
    assert exercise_now(None, NOW) == NOW
    assert exercise_now(clock, NOW - timedelta(hours=1)) == PLAY
    assert exercise_now(clock, NOW + timedelta(seconds=3)) == PLAY + timedelta(seconds=60)
    assert exercise_now(ClockSet(NOW, PLAY, 0.0), NOW + timedelta(days=9)) == PLAY


def test_a_clock_that_would_leave_the_calendar_stands_still() -> None:
    end = datetime(9999, 12, 31, tzinfo=UTC)
    assert exercise_now(ClockSet(NOW, end, 1_000.0), NOW + timedelta(days=400)) == end


def _heard() -> list[tuple[str, Record[Any]]]:
    """Everything three members could say of one exercise, both well and badly."""
    said: list[tuple[Desk, Draft]] = []
    for minutes, member in enumerate(("USA", "JPN", "KOR")):
        at = desk(member, minutes=minutes)
        inside = desk(member, EXERCISE, minutes)
        said += [
            (at, Draft(Announced("overflight-26", f"by {member}", PLAY, "ab" * 32), EVERYONE)),
            (at, Draft(Joined("overflight-26", card(member)), EVERYONE)),
            (desk(member, minutes=9), Draft(Joined("overflight-26", card(member, address="tls://b:1")), EVERYONE)),
            (at, Draft(Halted("overflight-26", "stop"), EVERYONE)),
            (inside, Draft(Halted("overflight-26", "stop"), EVERYONE)),
            (inside, Draft(ClockSet(NOW + timedelta(seconds=minutes % 2), PLAY, minutes), EVERYONE)),
        ]
    return [record_of(INSTRUMENT, draft, at, n) for n, (at, draft) in enumerate(said, 1)]


HEARD = _heard()


@given(st.permutations(range(len(HEARD))))
def test_the_views_do_not_depend_on_the_order_in_which_members_are_heard(order: list[int]) -> None:
    straight, mixed = MemoryView(INSTRUMENT), MemoryView(INSTRUMENT)
    try:
        for one in HEARD:
            straight.fold(*one)
        for place in [*order, *order[:5]]:
            mixed.fold(*HEARD[place])
        assert mixed.contents() == straight.contents()
    finally:
        straight.close()
        mixed.close()
