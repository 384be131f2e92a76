"""Line checks: who checks when, what a line is called on both sides, and what an officer must have read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.hotline.pair import INSTRUMENT, JPN, KOR, START, Pair, word_in

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import Desk, NoAsk
from laurel.core.record import World
from laurel.instruments.hotline.board_types import Lines, LineSpan, LineState
from laurel.instruments.hotline.check_texts import TEXTS, is_counterword
from laurel.instruments.hotline.checks import (
    AnswerCheck,
    AnsweredBefore,
    LaterPlan,
    NotInAnExercise,
    Plan,
    PlanChecks,
    WrongCounterword,
    mark_slots,
    plan_checks,
    usual_plan,
)
from laurel.instruments.hotline.line_judge import ALLOWANCE
from laurel.instruments.hotline.records import CheckMeasured, CheckRound, LineCheck
from laurel.node.rehearsal import MemoryView

HEALTHY, UNHEARD, UNANSWERED = LineState.HEALTHY, LineState.UNHEARD, LineState.UNANSWERED
PATH_DOWN, NODE_DOWN, UNCHECKED = LineState.PATH_DOWN, LineState.NODE_DOWN, LineState.UNCHECKED
HOUR = 3_600.0
ENGLISH_WARNINGS = {
    *("missile", "launch", "alert", "warning", "attack", "impact", "fire", "shelter", "evacuate", "danger"),
    *("emergency", "test", "exercise", "threat", "war"),
}
OTHER_WARNINGS = (
    *("ミサイル", "発射", "警報", "避難", "緊急", "攻撃", "危険", "落下", "着弾", "訓練", "戦", "火"),
    *("미사일", "발사", "경보", "대피", "긴급", "공격", "위험", "낙하", "훈련", "전쟁"),
)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def slots(pair: Pair, member: str) -> list[int]:
    return [one.body.slot for one in pair.of[member].said(LineCheck)]


# The texts


def test_a_check_is_shaped_unlike_any_warning() -> None:
    for text in TEXTS:
        for said in text.says.values():
            assert not re.search(r"\d", said)
            assert ENGLISH_WARNINGS.isdisjoint(re.findall("[a-z]+", said.casefold()))
            assert not [word for word in OTHER_WARNINGS if word in said]
        # No name of a place, or of anything: what is written large begins a sentence.
        assert re.findall(r"(?<!^)(?<!\. )\b[A-Z]", text.says["en"]) == []
        assert len(text.says["en"]) < 120


def test_a_text_names_its_counterword_in_each_language_and_each_will_do() -> None:
    for number, text in enumerate(TEXTS):
        assert set(text.says) == set(text.counterwords) == {"en", "ja", "ko"}
        for language, word in text.counterwords.items():
            assert re.search(f"(: |「|'){word}(\\.|」|')", text.says[language])
            assert is_counterword(number, f" “{word.upper()}”. ")
        assert not any(is_counterword((number + 1) % len(TEXTS), word) for word in text.counterwords.values())
    assert not is_counterword(len(TEXTS), "laurel")
    # In turns each side comes to every text.
    assert len(TEXTS) % 2 == 1


# Who checks when


def test_the_two_take_turns_every_hour_and_each_check_is_heard_and_answered(pair: Pair) -> None:
    pair.meet()
    pair.run(5 * HOUR, 60.0)
    assert pair.states() == (HEALTHY, HEALTHY)
    first = slots(pair, KOR)[0]
    assert (slots(pair, KOR), slots(pair, JPN)) == ([first, first + 2, first + 4], [first + 1, first + 3, first + 5])
    assert first % 2 == 1
    shown = pair.line(JPN)
    assert (shown.alarm, shown.every_s, shown.since) == (False, 3_600, START)
    assert shown.next_at == START + timedelta(hours=6)
    assert [one.by for one in shown.checks] == [JPN, KOR, JPN, KOR, JPN, KOR]
    assert all(one.answered_after_s is not None and one.office == "watch" for one in shown.checks)
    assert len(shown.history) == 1


def test_a_line_nobody_has_marked_is_unchecked(pair: Pair) -> None:
    pair.cut |= {JPN, KOR}
    pair.sees(JPN, "healthy")
    pair.wake()
    assert (pair.line(JPN).state, pair.line(JPN).alarm) == (UNCHECKED, False)


def test_another_plan_holds_for_both_at_once_and_the_last_one_counts(pair: Pair) -> None:
    pair.meet()
    pair.plan(60, 5, 20)
    assert {pair.line(one).every_s for one in (JPN, KOR)} == {60}
    pair.run(240.0)
    assert len(slots(pair, JPN)) + len(slots(pair, KOR)) == 6
    pair.now += timedelta(seconds=1)
    pair.ask(KOR, "plan-checks", PlanChecks(JPN, 3_600, 60, 600))
    pair.run(2 * HOUR, 60.0)
    assert {pair.line(one).every_s for one in (JPN, KOR)} == {3_600}
    assert pair.states() == (HEALTHY, HEALTHY)


def test_a_plan_is_refused_where_it_could_not_hold(pair: Pair) -> None:
    for ask in (PlanChecks(JPN, 60), PlanChecks("USA", 60), PlanChecks(KOR, 60, 30, 20)):
        with pytest.raises(BadField):
            pair.ask(JPN, "plan-checks", ask)
    pair.ahead[KOR] = timedelta(minutes=4)
    pair.ask(KOR, "plan-checks", PlanChecks(JPN, 60))
    with pytest.raises(LaterPlan):
        pair.plan(120, 5, 20)


def test_the_compact_says_how_often_where_no_plan_does() -> None:
    said = {"hotline": {"check_every_s": 1_800, "deliver_within_s": 30}}
    assert usual_plan(Desk(World("a"), JPN, "node", START, (JPN, KOR), charter=said)) == Plan(1_800, 30, 600)
    assert usual_plan(Desk(World("a"), JPN, "node", START, (JPN, KOR))) == Plan(3_600, 60, 600)


def test_nothing_is_checked_in_an_exercise(pair: Pair) -> None:
    pair.meet()
    desk = Desk(World("camp-david", "freedom-27"), JPN, "node", START + timedelta(hours=1), (JPN, KOR))
    view = pair.of[JPN].view
    assert mark_slots(NoAsk(), view, desk) == ()
    for record_id, record in pair.of[JPN].log:
        react = INSTRUMENT.reactions.get(record.kind)
        if record.kind == "hotline.line-check.v1" and react is not None:
            assert react(record_id, record, view, desk) == ()
    with pytest.raises(NotInAnExercise):
        plan_checks(PlanChecks(KOR, 60), view, desk)


def test_after_downtime_only_the_latest_slot_is_checked(pair: Pair) -> None:
    pair.meet()
    pair.asleep = {JPN, KOR}
    pair.run(30 * HOUR, HOUR)
    pair.asleep = set()
    before = len(slots(pair, JPN)) + len(slots(pair, KOR))
    pair.run(60.0)
    assert len(slots(pair, JPN)) + len(slots(pair, KOR)) == before + 1


# What an officer must have read


def test_a_check_is_answered_with_the_counterword_of_its_text_alone(pair: Pair) -> None:
    pair.absent = {JPN, KOR}
    pair.meet()
    checker, checked = (JPN, KOR) if slots(pair, JPN) else (KOR, JPN)
    [waits] = [one for one in pair.line(checked).checks if one.waits_for_us]
    assert waits.id is not None
    assert waits.text is not None
    right = word_in(waits.text)
    with pytest.raises(WrongCounterword) as refused:
        pair.ask(checked, "answer-check", AnswerCheck(waits.id, "watch", "sunflower"))
    text = next(one for one in TEXTS if one.shown == waits.text)
    assert not [word for word in text.counterwords.values() if word in str(refused.value)]
    with pytest.raises(Nothing):
        pair.ask(checker, "answer-check", AnswerCheck(waits.id, "watch", right))
    pair.now += timedelta(seconds=9)
    pair.ask(checked, "answer-check", AnswerCheck(waits.id, "watch", right))
    with pytest.raises(AnsweredBefore):
        pair.ask(checked, "answer-check", AnswerCheck(waits.id, "watch", right))
    assert (pair.line(checker).checks[0].answered_after_s, pair.line(checker).checks[0].office) == (9.0, "watch")
    assert not pair.line(checked).checks[0].waits_for_us


def test_the_docket_holds_the_check_that_waits_and_the_line_that_alarms(pair: Pair) -> None:
    pair.absent = {JPN, KOR}
    pair.meet()
    checked = KOR if slots(pair, JPN) else JPN
    [item] = INSTRUMENT.docket(pair.of[checked].view, pair.now)
    assert (item.state, item.due) == ("waiting for us", START + timedelta(seconds=600))
    pair.run(700.0)
    items = INSTRUMENT.docket(pair.of[checked].view, pair.now)
    assert {one.title.split(": ")[-1] for one in items} >= {"unanswered"}
    pair.absent = set()
    pair.answer()
    assert not INSTRUMENT.docket(pair.of[checked].view, pair.now)


# What the line is called, on both sides


def test_an_officer_who_is_not_there_is_named_on_both_sides_and_clears_by_answering(pair: Pair) -> None:
    pair.meet()
    pair.plan(60, 5, 20)
    pair.run(120.0, 1.0)
    pair.absent = {KOR}
    pair.run(2 * 60 + 20.0 + 1.0, 1.0)
    assert pair.states() == (UNANSWERED, UNANSWERED)
    assert pair.line(JPN).alarm
    assert pair.line(KOR).alarm
    pair.run(300.0, 1.0)
    assert pair.states() == (UNANSWERED, UNANSWERED)
    pair.absent = set()
    pair.run(1.0)
    assert pair.states() == (HEALTHY, HEALTHY)
    assert [one.state for one in pair.line(JPN).history] == [HEALTHY, UNANSWERED, HEALTHY]


def test_a_check_that_does_not_arrive_alarms_both_sides_and_clears_when_it_comes(pair: Pair) -> None:
    """The road carries nothing, though both couriers think it is well."""
    pair.meet()
    pair.plan(60, 5, 20)
    pair.run(120.0, 1.0)
    pair.cut = {JPN, KOR}
    pair.run(2 * 60 + 5.0 + ALLOWANCE.total_seconds() + 1.0, 1.0)
    assert pair.states() == (UNHEARD, UNHEARD)
    missing = [one for one in pair.line(JPN).checks if one.id is None]
    assert {one.by for one in missing} == {KOR}
    pair.cut = set()
    pair.run(1.0)
    assert pair.states() == (HEALTHY, HEALTHY)
    for member in (JPN, KOR):
        measured_s = [one.body.heard_after_s or 0.0 for one in pair.of[member].said(CheckMeasured)]
        assert pair.line(member).worst_delay_s == max(measured_s) > 10.0
    pair.run(25 * HOUR, 600.0)
    assert pair.line(JPN).worst_delay_s == 0.0


def test_what_the_courier_sees_names_the_line_first(pair: Pair) -> None:
    pair.meet()
    pair.run(60.0)
    pair.sees(JPN, "path-down")
    pair.sees(KOR, "node-down")
    assert pair.states() == (PATH_DOWN, NODE_DOWN)
    assert pair.line(JPN).since == pair.now
    pair.now += timedelta(seconds=30)
    pair.sees(JPN, "relayed")
    pair.sees(KOR, "healthy")
    assert pair.states() == (HEALTHY, HEALTHY)
    past = pair.line(JPN).history[1]
    assert (past.state, past.since, past.until) == (PATH_DOWN, pair.now - timedelta(seconds=30), pair.now)


def test_a_node_that_comes_back_names_its_own_outage_and_the_line_is_healthy_at_once(pair: Pair) -> None:
    pair.meet()
    pair.plan(60, 5, 20)
    pair.run(120.0, 1.0)
    died = pair.now
    pair.asleep = {KOR}
    pair.sees(JPN, "node-down")
    pair.run(400.0, 1.0)
    assert pair.line(JPN).state is NODE_DOWN
    pair.asleep = set()
    pair.sees(JPN, "healthy")
    pair.sees(KOR, "healthy", alive_before=died)
    pair.run(2.0, 1.0)
    assert pair.states() == (HEALTHY, HEALTHY)
    down = next(one for one in pair.line(KOR).history if one.state is NODE_DOWN)
    assert down.since <= died + timedelta(seconds=1)
    assert down.until is not None
    assert abs(down.until - pair.now) <= timedelta(seconds=3)


def test_a_node_that_slept_without_dying_names_the_slots_it_did_not_mark(pair: Pair) -> None:
    pair.meet()
    pair.plan(60, 5, 20)
    pair.run(120.0, 1.0)
    slept = pair.now
    pair.asleep = {KOR}
    pair.run(300.0, 1.0)
    pair.asleep = set()
    pair.run(1.0, 1.0)
    down = next(one for one in pair.line(KOR).history if one.state is NODE_DOWN)
    assert slept - timedelta(seconds=61) <= down.since <= slept
    assert pair.line(KOR).state is HEALTHY


@pytest.mark.parametrize("ahead_s", [-290, 290])
def test_clocks_minutes_apart_make_no_verdict_that_does_not_clear(pair: Pair, ahead_s: int) -> None:
    """The first check may be missed; how late the others come as a rule is learned from it."""
    pair.ahead[KOR] = timedelta(seconds=ahead_s)
    pair.meet()
    pair.run(2 * HOUR, 60.0)
    assert pair.states() == (HEALTHY, HEALTHY)
    for _ in range(36):
        pair.run(300.0, 60.0)
        assert pair.states() == (HEALTHY, HEALTHY)


def test_a_slot_that_the_slower_clock_never_reached_is_settled_once_another_plan_is_kept(pair: Pair) -> None:
    """Korea's clock is two minutes behind: the plan changes back before it comes to slots Japan has marked."""
    pair.ahead[KOR] = timedelta(seconds=-120)
    pair.meet()
    pair.plan(60, 5, 20)
    pair.run(40.0, 5.0)
    pair.plan(30, 5, 20)
    pair.run(130.0, 5.0)
    pair.now += timedelta(seconds=1)
    pair.plan(60, 5, 20)
    pair.run(300.0, 5.0)
    assert pair.states() == (HEALTHY, HEALTHY)


# Histories


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, str, float]]:
    """What happens to whom, and how many seconds pass then."""
    what = st.sampled_from(("cut", "mend", "sleep", "wake", "leave", "return", "path-down", "healthy", "plan"))
    steps = st.tuples(what, st.sampled_from((JPN, KOR)), st.sampled_from((1.0, 7.0, 40.0, 130.0, 600.0)))
    return draw(st.lists(steps, min_size=1, max_size=12))


def play(pair: Pair, history: list[tuple[str, str, float]]) -> None:
    pair.meet()
    pair.plan(60, 5, 20)
    for what, member, for_s in history:
        match what:
            case "cut":
                pair.cut.add(member)
            case "mend":
                pair.cut.discard(member)
            case "sleep":
                pair.asleep.add(member)
            case "wake":
                pair.asleep.discard(member)
            case "leave":
                pair.absent.add(member)
            case "return":
                pair.absent.discard(member)
            case "plan":
                pair.now += timedelta(seconds=1)
                if member not in pair.asleep and pair.clock(member) >= max(pair.clock(one) for one in pair.of):
                    other = KOR if member == JPN else JPN
                    pair.ask(member, "plan-checks", PlanChecks(other, 60 if for_s < 100.0 else 30, 5, 20))
            case seen:
                if member not in pair.asleep:
                    pair.sees(member, seen)
        pair.run(for_s, max(for_s / 20, 5.0))


def check_history(history: list[tuple[str, str, float]], ahead_s: int, shuffle: st.DataObject) -> None:
    pair = Pair()
    try:
        pair.ahead[KOR] = timedelta(seconds=ahead_s)
        play(pair, history)
        assert len(pair.fired) == len(set(pair.fired))
        for member, node in pair.of.items():
            rounds = [(one.body.every_s, one.body.slot) for one in node.said(CheckRound) if one.body.peers]
            assert len(rounds) == len(set(rounds))
            mine = [one.body.slot for one in node.said(LineCheck)]
            assert len(mine) == len(set(mine))
            # The same records in any order are the same lines, at any time.
            view = MemoryView(INSTRUMENT, member)
            for record_id, record in shuffle.draw(st.permutations(node.log)):
                view.fold(record_id, record)
            for later_s in (0.0, 30.0, 3_000.0):
                at = pair.clock(member) + timedelta(seconds=later_s)
                query = next(one for one in INSTRUMENT.queries if one.name == "lines")
                shown: Lines = query.answer(NoAsk(), view, at)
                assert shown == node.query("lines", NoAsk(), at)
                for line in shown.lines:
                    check_spans(line.history)
            view.close()
        # Once all is well again, every line is, on both sides.
        pair.cut, pair.asleep, pair.absent = set(), set(), set()
        for member in (JPN, KOR):
            pair.sees(member, "healthy")
        pair.run(300.0, 5.0)
        assert pair.states() == (HEALTHY, HEALTHY)
    finally:
        pair.close()


def check_spans(newest_first: tuple[LineSpan, ...]) -> None:
    """Without a gap, the first alone without an end, no two neighbours alike."""
    assert [one.until for one in newest_first] == [None, *(one.since for one in newest_first[:-1])]
    assert all(one.state is not other.state for one, other in pairwise(newest_first))


@settings(max_examples=5, deadline=None)
@given(histories(), st.sampled_from((-120, 0, 45)), st.data())
def test_any_history_in_any_order_gives_the_same_lines_and_heals(
    history: list[tuple[str, str, float]], ahead_s: int, shuffle: st.DataObject
) -> None:
    check_history(history, ahead_s, shuffle)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=200, deadline=None)
@given(histories(), st.sampled_from((-120, 0, 45)), st.data())
def test_many_histories_in_any_order_give_the_same_lines_and_heal(
    history: list[tuple[str, str, float]], ahead_s: int, shuffle: st.DataObject
) -> None:
    check_history(history, ahead_s, shuffle)
