"""The duty list: who is called, when, how often, and what ends it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from tests.instruments.harness import MemoryView, Node, Nodes
from tests.instruments.hotline.calling import CALLING, MEMBERS, OfAsk, SayAsk
from tests.node.worlds import Worlds, deliver, exchange, log_of, parked

from laurel.core.errors import BadField
from laurel.core.instrument import NoAsk, Outcome, Role
from laurel.core.record import Precedence, decode
from laurel.instruments.hotline.board_types import DutyList
from laurel.instruments.hotline.climb import DEFAULT, Climb, climbs, judge
from laurel.instruments.hotline.duty import EscalateAsk, PutDutyListAsk, docket, due, errands
from laurel.instruments.hotline.records import (
    DutyListPut,
    ErrandOutcome,
    Escalated,
    Notified,
    Step,
    TranslationWanted,
)
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.reader import Reader
from laurel.node.world import World

START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
OFFICER = "officer:sato"
STEPS = (Step(60, "watch officer", ("pager",)), Step(300, "duty director", ("pager", "mail")), Step(900, "minister"))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Room:
    """Japan's and Korea's nodes; Korea has said something, and Japan's node took it in at START."""

    def __init__(self, precedence: Precedence = Precedence.FLASH) -> None:
        self.nodes = Nodes(CALLING, MEMBERS)
        self.jpn, self.kor = self.nodes.of["JPN"], self.nodes.of["KOR"]
        self.message = self.says("Something was launched.", precedence)

    def says(self, text: str, precedence: Precedence = Precedence.FLASH, at: datetime = START) -> str:
        [message] = self.nodes.ask("KOR", "say", SayAsk(text, precedence), "officer:kim", at)
        self.nodes.ask("JPN", "deliver", OfAsk(message), "node", at)
        return message

    def puts(self, *steps: Step, at: datetime = START, translate_into: tuple[str, ...] = ()) -> None:
        self.nodes.ask("JPN", "put-duty-list", PutDutyListAsk(steps, translate_into), OFFICER, at)

    def wakes(self, at: datetime, times: int = 5) -> list[str]:
        """Whom Japan has called by then."""
        for _ in range(times):
            self.nodes.wake(at)
        return [record.body.office for record in self.jpn.said(Escalated)]

    def climb(self) -> Climb:
        return climbs(self.jpn.view, [self.message])[self.message]


def test_an_unacknowledged_flash_climbs_the_list_step_by_step() -> None:
    room = Room()
    room.puts(*STEPS)
    assert room.wakes(after(59.9)) == []
    assert room.climb() == Climb((), "watch officer", after(60))
    assert room.wakes(after(60)) == ["watch officer"]
    assert room.wakes(after(299)) == ["watch officer"]
    assert room.climb() == Climb(("watch officer",), "duty director", after(300))
    assert room.wakes(after(300)) == ["watch officer", "duty director"]
    assert room.wakes(after(5_000)) == ["watch officer", "duty director", "minister"]
    assert room.climb() == Climb(("watch officer", "duty director", "minister"))
    assert list(due(room.jpn.view)) == []


def test_an_acknowledgement_of_ours_ends_the_climb_and_anothers_does_not() -> None:
    room = Room()
    room.puts(*STEPS)
    room.nodes.ask("USA", "acknowledge", OfAsk(room.message), "officer:smith", after(10))
    assert room.wakes(after(60)) == ["watch officer"]
    room.nodes.ask("JPN", "acknowledge", OfAsk(room.message), OFFICER, after(90))
    assert room.wakes(after(5_000)) == ["watch officer"]
    assert room.climb() == Climb(("watch officer",))
    assert list(errands(room.jpn.view)) == []


@pytest.mark.parametrize("precedence", list(Precedence))
def test_only_immediate_and_flash_climb(precedence: Precedence) -> None:
    room = Room(precedence)
    climbed = room.wakes(after(10_000))
    assert climbed == (["watch officer"] if precedence >= Precedence.IMMEDIATE else [])


def test_our_own_message_climbs_at_home_never() -> None:
    room = Room()
    assert list(due(room.kor.view)) == []


def test_without_a_list_the_screen_calls_the_watch_officer_after_a_minute_and_nobody_else() -> None:
    room = Room()
    assert room.jpn.query("duty", NoAsk(), START) == DutyList(DEFAULT, (), None, None)
    assert room.wakes(after(60)) == ["watch officer"]
    assert list(errands(room.jpn.view)) == []


def test_the_climb_stays_at_home() -> None:
    room = Room()
    room.puts(*STEPS)
    room.wakes(after(1_000))
    for record in (*room.jpn.said(Escalated), *room.jpn.said(DutyListPut)):
        assert record.label.rel_to == ("JPN",)
    assert Counter(record.precedence for record in room.jpn.said(Escalated)) == {Precedence.FLASH: 3}


def test_a_changed_list_applies_to_what_is_open_and_calls_nobody_twice() -> None:
    room = Room()
    room.puts(*STEPS)
    assert room.wakes(after(60)) == ["watch officer"]
    room.puts(Step(30, "night officer"), *STEPS, at=after(100))
    assert room.wakes(after(100)) == ["watch officer", "night officer"]
    assert room.wakes(after(10_000)) == ["watch officer", "night officer", "duty director", "minister"]
    assert room.jpn.query("duty", NoAsk(), START).put_by == OFFICER


def test_who_stands_twice_in_the_list_is_called_twice() -> None:
    room = Room()
    room.puts(Step(60, "watch officer"), Step(120, "watch officer"))
    assert room.wakes(after(60)) == ["watch officer"]
    assert room.wakes(after(10_000)) == ["watch officer", "watch officer"]


def test_what_came_a_week_before_the_last_urgent_message_climbs_no_more() -> None:
    room = Room()
    last = room.says("Another.", at=after(8 * 86_400))
    assert [one.ask.message for one in due(room.jpn.view) if isinstance(one.ask, EscalateAsk)] == [last]
    assert room.climb() == Climb()


def test_a_list_that_does_not_ascend_is_refused() -> None:
    room = Room()
    with pytest.raises(BadField, match="must_be=>= 60"):
        room.puts(Step(60, "watch officer"), Step(30, "duty director"))


def test_what_is_called_late_after_downtime_says_so() -> None:
    room = Room()
    room.puts(*STEPS)
    assert len(room.wakes(after(3_600))) == 3
    assert [record.body.late_s for record in room.jpn.said(Escalated)] == [3_540, 3_300, 2_700]
    notice = next(one.facts["notice"] for one in errands(room.jpn.view))
    assert notice == "Something on the hotline waits for the watch officer, 3540 s later than the duty list asks."


def test_every_notifier_of_a_call_is_an_errand_until_its_outcome_is_said() -> None:
    room = Room()
    room.puts(*STEPS)
    room.wakes(after(300))
    wanted = errands(room.jpn.view)
    assert [(one.to, one.facts["office"]) for one in wanted] == [
        ("notify:pager", "watch officer"),
        ("notify:pager", "duty director"),
        ("notify:mail", "duty director"),
    ]
    assert len({one.key for one in wanted}) == 3
    outcomes = (Outcome(done=True), Outcome(done=False, why="no route"), Outcome(done=True))
    for one, outcome in zip(wanted, outcomes, strict=True):
        room.nodes.ask("JPN", one.command, one.then(outcome), "node", after(301))
    assert list(errands(room.jpn.view)) == []
    said = [(record.body.by, record.body.outcome, record.body.why) for record in room.jpn.said(Notified)]
    done, failed = ErrandOutcome.DONE, ErrandOutcome.FAILED
    assert said == [("pager", done, ""), ("pager", failed, "no route"), ("mail", done, "")]
    assert room.climb().failed == ("pager: no route",)
    [item] = docket(room.jpn.view, after(302))
    assert (item.title, item.label.rel_to) == ("Could not call the duty director by pager", ("JPN",))


def test_an_errand_carries_what_there_is_to_tell() -> None:
    room = Room()
    room.puts(*STEPS)
    [second] = room.nodes.ask(
        "KOR", "say", SayAsk("It fell into the sea.", subject=None, conversation=room.message), "officer:kim", START
    )
    room.nodes.ask("JPN", "deliver", OfAsk(second), "node", START)
    room.wakes(after(60))
    facts = {one.facts["message"]: one.facts for one in errands(room.jpn.view)}
    assert facts[second]["subject"] == facts[room.message]["subject"] == "Launch"
    told = facts[second]
    assert (told["member"], told["precedence"], told["language"]) == ("KOR", "FLASH", "ko")
    assert (told["text"], told["label"]) == ("It fell into the sea.", "SECRET//REL TO USA, JPN, KOR")
    assert "sea" not in told["notice"] + told["office"] + told["id"]


def test_what_the_list_names_is_handed_to_our_own_engine_by_itself() -> None:
    room = Room()
    room.puts(*STEPS, translate_into=("en", "ko", "ja"))
    message = room.says("무엇인가 발사되었습니다.", at=after(1))
    room.nodes.settle(after(1))
    wanted = room.jpn.said(TranslationWanted)
    assert [(one.body.message, one.body.language) for one in wanted] == [(message, "en"), (message, "ja")]
    assert {one.label.rel_to for one in wanted} == {("JPN",)}
    assert room.kor.said(TranslationWanted) == []


def test_a_peer_that_labels_its_own_calls_to_us_changes_nothing_here() -> None:
    room = Room()
    node = room.nodes.of["KOR"]
    room.nodes.ask("KOR", "put-duty-list", PutDutyListAsk((Step(1, "nobody"),)), "officer:kim", START)
    record_id, record = node.log[-1]
    room.jpn.view.fold(record_id, record)
    assert room.jpn.query("duty", NoAsk(), START).put_by is None


# Any course of things

moments = st.integers(0, 2_000)
lists = st.lists(
    st.builds(Step, st.integers(0, 1_500), st.sampled_from(["watch", "director", "minister"]), st.just(())),
    min_size=1,
    max_size=5,
).map(lambda steps: tuple(sorted(steps, key=lambda one: one.after_s)))
Course = list[tuple[int, tuple[Step, ...] | str | None]]
courses: st.SearchStrategy[Course] = st.lists(
    st.tuples(moments, st.one_of(st.none(), lists, st.just("acknowledge"))), max_size=12
)


@given(lists)
def test_the_list_is_called_in_its_order_each_step_once(steps: tuple[Step, ...]) -> None:
    called: list[tuple[str, tuple[str, ...]]] = []
    order: list[int] = []
    while (coming := judge(steps, START, called)) is not None:
        assert coming.at == START + timedelta(seconds=steps[coming.step].after_s)
        order.append(coming.step)
        called.append((coming.office, coming.by))
    assert order == list(range(len(steps)))


def holds_through(course: Course, dice: random.Random) -> None:
    room = Room()
    force: tuple[Step, ...] = DEFAULT
    acknowledged_at: int | None = None
    for at_s, event in sorted(course, key=lambda one: one[0]):
        before = len(room.jpn.said(Escalated))
        room.wakes(after(at_s))
        made: list[Escalated] = [record.body for record in room.jpn.said(Escalated)]
        for body in made[before:]:
            # Nobody before his time, nobody once it is acknowledged, and as the list in force says.
            assert force[body.step].after_s <= at_s
            assert force[body.step].office == body.office
            assert acknowledged_at is None
        calls = Counter(body.office for body in made)
        if acknowledged_at is None:
            wanted = Counter(one.office for one in force if one.after_s <= at_s)
            assert all(calls[office] >= count for office, count in wanted.items())
        if isinstance(event, tuple):
            room.puts(*event, at=after(at_s))
            force = event
        elif event == "acknowledge" and acknowledged_at is None:
            room.nodes.ask("JPN", "acknowledge", OfAsk(room.message), OFFICER, after(at_s))
            acknowledged_at = at_s
    check_any_order(room.jpn, room.message, dice)
    for node in room.nodes.of.values():
        node.view.close()


def check_any_order(node: Node, message: str, dice: random.Random) -> None:
    """Whatever the order in which records come, what follows from them is the same."""
    view = MemoryView(CALLING, node.member)
    for record_id, record in dice.sample(node.log, len(node.log)):
        view.fold(record_id, record)
    assert climbs(view, [message]) == climbs(node.view, [message])
    assert {one.key for one in due(view)} == {one.key for one in due(node.view)}
    view.close()


@settings(max_examples=12, deadline=None)
@given(courses, st.randoms(use_true_random=False))
def test_any_course_of_lists_alarms_and_words_keeps_the_rules(course: Course, dice: random.Random) -> None:
    holds_through(course, dice)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=300, deadline=None)
@given(courses, st.randoms(use_true_random=False))
def test_any_course_keeps_the_rules_many_times(course: Course, dice: random.Random) -> None:
    holds_through(course, dice)


# On the disk

PERSON = Author(OFFICER, frozenset({Role.WATCH_OFFICER}))
KIM = Author("officer:kim", frozenset({Role.WATCH_OFFICER}))


def ask(world: World, who: Author, command: str, body: Struct, ask_id: str) -> str:
    return world.say(Asked(who, command, body, ask_id)).records[0]


def called(world: World) -> list[str]:
    with world.store.reading() as from_:
        reader = Reader(from_)
        return [one.facts["office"] for one in errands(reader)]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Worlds, World, str]]:
    """Japan's world on the disk, with a list in force, and what Korea said, which is here."""
    with Worlds(tmp_path) as worlds:
        ours, theirs = worlds.open("JPN", CALLING), worlds.open("KOR", CALLING)
        ask(ours, PERSON, "hotline/put-duty-list", PutDutyListAsk(STEPS), "list")
        message = ask(theirs, KIM, "hotline/say", SayAsk("A launch."), "say")
        deliver(theirs, ours)
        ask(ours, PERSON, "hotline/deliver", OfAsk(message), "here")
        yield worlds, theirs, message


def test_a_retracted_message_ends_the_climb_and_its_errands(two: tuple[Worlds, World, str]) -> None:
    worlds, theirs, message = two
    ours = worlds.open("JPN", CALLING)
    worlds.clock.at += timedelta(seconds=60)
    assert (ours.wake().said, ours.wake().said) == (1, 0)
    assert called(ours) == ["watch officer"]
    ask(theirs, KIM, "line/retract", RetractAsk(message, "It was a test."), "back")
    exchange(theirs, ours)
    assert called(ours) == []
    worlds.clock.at += timedelta(hours=1)
    assert ours.wake().said == 0


def test_a_node_that_was_down_calls_at_once_when_it_is_up_and_says_how_late(two: tuple[Worlds, World, str]) -> None:
    worlds, _, _ = two
    worlds.close("JPN")
    worlds.clock.at += timedelta(seconds=400)
    ours = worlds.open("JPN", CALLING)
    assert [ours.wake().said, ours.wake().said, ours.wake().said] == [1, 1, 0]
    bodies = [ours.catalogue.read(decode(one.payload))[0].body for one in log_of(ours)]
    late = [(one.office, one.late_s) for one in bodies if isinstance(one, Escalated)]
    assert late == [("watch officer", 340), ("duty director", 100)]


def test_an_alarm_that_rings_when_it_was_just_acknowledged_calls_nobody(two: tuple[Worlds, World, str]) -> None:
    worlds, _, message = two
    ours = worlds.open("JPN", CALLING)
    with ours.store.reading() as from_:
        [late] = due(Reader(from_))
    ask(ours, PERSON, "hotline/acknowledge", OfAsk(message), "understood")
    said = ours.say(Asked(ours.author, f"hotline/{late.command}", late.ask, late.key))
    assert (said.records, parked(ours)) == ((), [])
