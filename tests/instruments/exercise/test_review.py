"""What a review makes of an exercise that was played by hand: every figure here is worked out on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.exercise.played import (
    BEGINS,
    HOSTILE,
    JAPANESE,
    KOREAN,
    MEMBERS,
    PLAN,
    REAL,
    Arc,
    Play,
    alert,
    archives,
    home,
    made,
    report,
    said_by_hand,
)

from laurel.core.errors import Nothing, WrongWorld
from laurel.core.instrument import Kind
from laurel.core.label import Classification, label
from laurel.instruments.exercise import records as exercise
from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.review.chain import Came, Chain, Step
from laurel.instruments.exercise.review.compare import compare
from laurel.instruments.exercise.review.expected import JudgedAction
from laurel.instruments.exercise.review.log import Numbered
from laurel.instruments.exercise.review.review import AfterActionReview, review
from laurel.instruments.exercise.review.timeline import Side
from laurel.instruments.line.records import RETRACTED, Retracted
from laurel.instruments.warning.records import ALERT, TRACK_REPORT

PLAYED = said_by_hand()
IN_ORDER = review(PLAYED.records(), archives(*MEMBERS), [Arc()])


@pytest.fixture(scope="module")
def whole() -> AfterActionReview:
    """The review of all three logs, and of the truth."""
    return made(PLAYED, *MEMBERS)


def chain_of(found: AfterActionReview, member: str, threat: str = "T1") -> Chain:
    return next(one for one in found.chains if (one.member, one.threat) == (member, threat))


def since(chain: Chain) -> dict[Step, float]:
    return {one.step: one.since_s for one in chain.steps if one.since_s is not None}


def took(chain: Chain) -> dict[Step, float]:
    return {one.step: one.took_s for one in chain.steps if one.took_s is not None}


def actions(found: AfterActionReview) -> dict[str, JudgedAction]:
    return {one.id: one for one in found.actions}


# Expected against done


def test_every_expected_action_is_judged(whole: AfterActionReview) -> None:
    verdicts = {one.id: (one.verdict, one.took_s) for one in whole.actions}
    assert verdicts == {
        "alert-jpn": (Verdict.DONE, 50.0),
        "alert-kor": (Verdict.LATE, 100.0),
        "request": (Verdict.DONE, 299.5),
        "answer-usa": (Verdict.LATE, 699.5),
        "report": (Verdict.NOT_ASKED, None),
    }
    assert {one.id: one.verdicts["late"] for one in whole.objectives} == {"warn": 1, "consult": 1}


def test_an_action_names_the_record_that_was_its_answer(whole: AfterActionReview) -> None:
    said = dict(PLAYED.records())
    answer = said[actions(whole)["alert-kor"].record or ""]
    assert (answer.kind, answer.origin, answer.at) == (ALERT.name, "KOR", BEGINS + timedelta(seconds=160.0))


def test_what_nobody_did_is_missed_when_its_time_was_over_and_awaited_while_it_was_not() -> None:
    play = Play()
    play.say("USA", 0.0, exercise.STARTED, exercise.Started(PLAN_OF_ONE))
    play.say("USA", 60.0, exercise.INJECTED, exercise.Injected("launch", exercise.InjectOutcome.DONE))
    assert actions(made(play, *MEMBERS))["alert-jpn"].verdict is Verdict.AWAITED
    play.say("KOR", 300.0, exercise.HALTED, exercise.Halted("freedom-27", "Over."))
    assert actions(made(play, *MEMBERS))["alert-jpn"].verdict is Verdict.MISSED


def test_what_came_after_the_halt_is_no_answer() -> None:
    play = Play()
    play.say("USA", 0.0, exercise.STARTED, exercise.Started(PLAN_OF_ONE))
    play.say("USA", 60.0, exercise.INJECTED, exercise.Injected("launch", exercise.InjectOutcome.DONE))
    play.say("KOR", 100.0, exercise.HALTED, exercise.Halted("freedom-27", "Over."))
    play.say("JPN", 110.0, ALERT, alert("JPN-7", lon_deg=40.0))
    found = made(play, *MEMBERS)
    assert (found.played_s, actions(found)["alert-jpn"].verdict) == (100.0, Verdict.AWAITED)


@pytest.mark.parametrize("outcome", [exercise.InjectOutcome.SKIPPED, exercise.InjectOutcome.REFUSED])
def test_an_inject_that_never_went_asked_nothing(outcome: exercise.InjectOutcome) -> None:
    play = Play()
    play.say("USA", 0.0, exercise.STARTED, exercise.Started(PLAN_OF_ONE))
    play.say("USA", 60.0, exercise.INJECTED, exercise.Injected("launch", outcome, why="no such sensor"))
    found = made(play, *MEMBERS)
    assert actions(found)["alert-jpn"].verdict is Verdict.NOT_ASKED
    assert any(outcome.value in one.words and "no such sensor" in one.words for one in found.timeline)


def test_a_members_last_rating_counts_and_who_gave_none_is_named(whole: AfterActionReview) -> None:
    [warn, consulted] = whole.objectives
    assert [(one.member, one.rating.value, one.language) for one in warn.ratings] == [
        ("JPN", "P", "ja"),
        ("KOR", "M", "ko"),
    ]
    assert (warn.unrated_by, consulted.unrated_by) == (("USA",), MEMBERS)


def test_the_timeline_sets_what_was_due_beside_what_came(whole: AfterActionReview) -> None:
    of_korea = [(one.play_s, one.side) for one in whole.timeline if one.subject == "alert-kor"]
    assert of_korea == [(120.0, Side.EXPECTED), (160.0, Side.ACTUAL)]
    assert [one.play_s for one in whole.timeline] == sorted(one.play_s for one in whole.timeline)


# From detection to decision


def test_the_chain_is_that_which_was_worked_out_by_hand(whole: AfterActionReview) -> None:
    assert since(chain_of(whole, "JPN")) == {
        Step.DETECT: 20.0,
        Step.TRACK: 30.0,
        Step.SHARE: 42.0,
        Step.ALERT: 50.0,
        Step.ACKNOWLEDGE: 90.0,
        Step.CONSULT: 300.0,
        Step.DECIDE: 900.0,
    }
    assert list(took(chain_of(whole, "JPN")).values()) == [20.0, 10.0, 12.0, 8.0, 40.0, 210.0, 600.0]
    assert since(chain_of(whole, "KOR")) == {
        Step.DETECT: 10.0,
        Step.TRACK: 25.0,
        Step.SHARE: 25.0,
        Step.ALERT: 100.0,
        Step.CONSULT: 400.0,
    }
    assert list(took(chain_of(whole, "KOR")).values()) == [10.0, 15.0, 0.0, 75.0, 300.0]


def test_the_slowest_step_of_each_member_is_named(whole: AfterActionReview) -> None:
    assert {one.member: one.slowest for one in whole.measures} == {
        "JPN": Step.DECIDE,
        "KOR": Step.CONSULT,
        "USA": Step.CONSULT,
    }


def test_a_step_that_never_came_is_said_as_such_and_never_as_nothing(whole: AfterActionReview) -> None:
    never = [one for one in chain_of(whole, "KOR").steps if one.came is Came.NEVER]
    assert [one.step for one in never] == [Step.ACKNOWLEDGE, Step.DECIDE]
    assert [(one.at, one.since_s, one.took_s) for one in never] == [(None, None, None)] * 2


def test_a_step_ahead_of_its_turn_took_less_than_no_time(whole: AfterActionReview) -> None:
    assert took(chain_of(whole, "USA")) == {Step.ACKNOWLEDGE: 80.0, Step.CONSULT: 620.0, Step.DECIDE: -50.0}


def test_without_a_members_own_log_nothing_of_it_is_called_never() -> None:
    found = made(PLAYED, "JPN")
    assert {one.came for one in chain_of(found, "KOR").steps} == {Came.YES, Came.NOT_SEEN}
    assert any("no log of KOR, USA was given" in note for note in found.notes)


def test_what_stayed_at_home_is_timed_where_its_member_gave_its_log(whole: AfterActionReview) -> None:
    assert since(chain_of(whole, "JPN"))[Step.TRACK] == 30.0
    of_others = made(PLAYED, "KOR", "USA")
    assert since(chain_of(of_others, "JPN"))[Step.TRACK] == 42.0


def test_of_several_threats_the_median_and_the_longest_are_told() -> None:
    play, flights = Play(), [Arc("A"), replace(Arc("B"), launched_at=BEGINS + timedelta(seconds=3_660.0))]
    for hour, said_s in ((0, 30.0), (1, 90.0)):
        moved = timedelta(hours=hour)
        one = report("JPN", 20.0, first_s=10.0, off_m=0.0, plots=3)
        [track] = one.tracks
        track = structs.replace(
            track,
            number=hour + 1,
            at=track.at + moved,
            first_at=track.first_at + moved,
            pedigree=tuple(
                structs.replace(source, first_at=source.first_at + moved, last_at=source.last_at + moved)
                for source in track.pedigree
            ),
        )
        play.say("JPN", 60.0 + 3_600.0 * hour + said_s, TRACK_REPORT, structs.replace(one, tracks=(track,)))
    found = made(play, "JPN", flights=flights)
    tracked = next(step for step in found.measures[0].steps if step.step is Step.TRACK)
    assert (tracked.came, tracked.median_s, tracked.longest_s, tracked.longest_at) == (2, 50.0, 80.0, "B")


# What flew


def test_without_the_truth_threats_are_what_alerts_name() -> None:
    found = made(PLAYED, *MEMBERS, flights=None)
    assert [(one.name, one.tracks) for one in found.threats] == [("JPN-7", ("JPN-7", "KOR-7"))]
    assert since(chain_of(found, "JPN", "JPN-7"))[Step.DETECT] == 10.0
    assert took(chain_of(found, "KOR", "JPN-7"))[Step.TRACK] == 15.0
    assert found.accuracy == ()
    assert not found.truth_known


def test_errors_are_those_against_the_truth(whole: AfterActionReview) -> None:
    japan = next(one for one in whole.accuracy if one.member == "JPN")
    assert [round(one.error_m) for one in japan.samples] == [900, 700, 100]
    assert japan.median_m == 700.0
    assert japan.last is not None
    # One degree along the equator.
    assert japan.last.error_m == pytest.approx(111_319.5, abs=1.0)
    assert (japan.last.lead_s, japan.last.late_s) == (550.0, 0.0)


def test_a_flight_that_had_not_begun_when_play_ended_was_met_by_nobody_and_is_no_threat() -> None:
    later = replace(Arc("T2"), launched_at=BEGINS + timedelta(hours=2))
    found = made(PLAYED, *MEMBERS, flights=[Arc(), later])
    assert [one.name for one in found.threats] == ["T1"]
    assert "of the scenario, 1 flight had not begun when play ended" in found.notes


def test_an_alert_of_nothing_that_flew_is_counted_as_such() -> None:
    play = said_by_hand()
    ghost = report("KOR", 24.0, first_s=10.0, off_m=900_000.0, plots=5)
    play.say("KOR", 120.0, TRACK_REPORT, structs.replace(ghost, tracks=(structs.replace(ghost.tracks[0], number=9),)))
    false = play.say("KOR", 130.0, ALERT, alert("KOR-9", lon_deg=10.0))
    found = made(play, *MEMBERS)
    assert (found.false_alerts, found.stray_tracks) == ((false,), 1)
    assert [one.alerts for one in found.threats] == [2]


def test_coverage_tells_which_sensor_saw_what_and_who_saw_nothing(whole: AfterActionReview) -> None:
    seen = [(one.sensor, one.begins_s, one.ends_s, one.plots, one.share) for one in whole.coverage]
    assert seen == [("JPN/NORTH", 20.0, 200.0, 160, 0.3), ("KOR/NORTH", 10.0, 24.0, 5, 0.023)]
    assert [(one.threat, one.member) for one in whole.unseen] == [("T1", "USA")]


# Halts, observations, actions


def test_pauses_jumps_and_the_halt_are_told(whole: AfterActionReview) -> None:
    assert [(one.rate, one.lasted_real_s, one.jump_s) for one in whole.clock] == [
        (1.0, 1_000.0, 0.0),
        (0.0, 300.0, 0.0),
        (2.0, None, 600.0),
    ]
    assert [(one.play_s, one.by, one.reason) for one in whole.halts] == [(2_000.0, "KOR", "Enough was learnt.")]
    assert whole.played_s == 2_000.0


def test_observations_keep_their_words_and_language_strengths_first(whole: AfterActionReview) -> None:
    assert [(one.text, one.language) for one in whole.observations] == [
        (JAPANESE, "ja"),
        (KOREAN, "ko"),
        (HOSTILE, "en"),
    ]
    [action] = whole.improvements
    assert (action.member, action.office, action.proposed_by) == ("KOR", "Joint Staff", "KOR")


def test_what_its_author_took_back_is_not_in_the_review_and_nobody_else_can_take_it_back() -> None:
    play = said_by_hand()
    mine = play.say(
        "JPN", 1_750.0, exercise.OBSERVED, exercise.Observed(exercise.Finding.STRENGTH, "Written by mistake.", "en")
    )
    before = len(made(play, *MEMBERS).observations)
    play.say("KOR", 1_760.0, RETRACTED, Retracted(mine, "I do not like it."))
    assert len(made(play, *MEMBERS).observations) == before
    play.say("JPN", 1_770.0, RETRACTED, Retracted(mine, "A mistake."))
    assert len(made(play, *MEMBERS).observations) == before - 1


# Readers


def test_what_a_reader_may_not_have_is_left_out_and_counted() -> None:
    play = said_by_hand()
    two = label(Classification.SECRET, {"JPN", "USA"})
    secret = exercise.Observed(exercise.Finding.TO_IMPROVE, "Between us two.", "en")
    play.say("JPN", 1_700.0, exercise.OBSERVED, secret, two)
    for_all = made(play, *MEMBERS)
    assert "Between us two." not in str(msgspec.json.encode(for_all))
    assert any("1 record is left out" in note and "exercise.observed.v1" in note for note in for_all.notes)
    assert for_all.label.banner == "RESTRICTED//REL TO USA, JPN, KOR"
    for_two = review(play.records(), archives(*MEMBERS), [Arc()], ("JPN", "USA"))
    assert "Between us two." in str(msgspec.json.encode(for_two))
    assert for_two.label.banner == "SECRET//REL TO USA, JPN"


def test_an_action_that_may_be_left_out_is_not_called_missed_without_saying_so() -> None:
    play = Play()
    play.say("USA", 0.0, exercise.STARTED, exercise.Started(PLAN_OF_ONE))
    play.say("USA", 60.0, exercise.INJECTED, exercise.Injected("launch", exercise.InjectOutcome.DONE))
    play.say("JPN", 90.0, ALERT, alert("JPN-7", lon_deg=40.0), label(Classification.RESTRICTED, {"JPN", "USA"}))
    play.say("KOR", 300.0, exercise.HALTED, exercise.Halted("freedom-27", "Over."))
    found = actions(made(play, *MEMBERS))["alert-jpn"]
    assert (found.verdict, found.doubt) == (Verdict.MISSED, True)


def test_words_said_at_home_never_enter_a_review_for_others() -> None:
    play = said_by_hand()
    note = exercise.Observed(exercise.Finding.STRENGTH, "For our own eyes.", "en")
    play.say("JPN", 1_700.0, exercise.OBSERVED, note, home("JPN"))
    assert "For our own eyes." not in str(msgspec.json.encode(made(play, *MEMBERS)))
    own = review(play.records("JPN"), archives("JPN"), [Arc()], ("JPN",))
    assert "For our own eyes." in str(msgspec.json.encode(own))


# Whatever the order


@given(st.permutations(PLAYED.records()), st.lists(st.sampled_from(PLAYED.records()), max_size=20))
def test_the_order_of_records_and_repeated_logs_change_nothing(
    ordered: Sequence[Numbered], again: Sequence[Numbered]
) -> None:
    assert review([*again, *ordered], archives(*MEMBERS), [Arc()]) == IN_ORDER


def test_the_review_is_the_same_after_it_was_written_and_read(whole: AfterActionReview) -> None:
    assert msgspec.json.decode(msgspec.json.encode(whole), type=AfterActionReview) == whole


def test_a_body_that_cannot_be_read_is_told_and_stops_nothing() -> None:
    play = said_by_hand()
    odd = _Odd(finding="neither")
    play.say("KOR", 1_700.0, _kind(exercise.OBSERVED.name, odd), odd)
    found = made(play, *MEMBERS)
    assert "1 record of exercise.observed.v1 could not be read" in found.notes
    assert len(found.observations) == 3


def test_without_a_plan_nothing_is_judged_and_it_is_said() -> None:
    play = Play()
    play.say("JPN", 0.0, ALERT, alert("JPN-7", lon_deg=40.0))
    found = made(play, "JPN", flights=None)
    assert (found.actions, found.objectives) == ((), ())
    assert any("no plan was started" in note for note in found.notes)


def test_two_worlds_make_no_review() -> None:
    one, two = PLAYED.records()[:2]
    other = (two[0], structs.replace(two[1], exercise="another"))
    with pytest.raises(WrongWorld):
        review([one, other], archives("JPN"))
    with pytest.raises(Nothing):
        review([], archives("JPN"))


# Two reviews


def test_two_equal_reviews_differ_in_nothing(whole: AfterActionReview) -> None:
    made_of = compare(whole, whole)
    assert made_of.doubts == ()
    assert not any(one.changed for one in made_of.actions)
    assert {one.more_s for one in made_of.steps} <= {0.0, None}


def test_a_sensor_that_sees_earlier_shows_in_the_comparison(whole: AfterActionReview) -> None:
    faster = Play()
    moved: Mapping[str, float] = {ALERT.name: -40.0}
    for _, record in PLAYED.sealed:
        at_s = (record.at - BEGINS).total_seconds()
        if record.origin == "KOR":
            at_s += moved.get(record.kind, 0.0)
        faster.say(record.origin, at_s, _kind(record.kind, record.body), record.body, record.label)
    found = compare(whole, made(faster, *MEMBERS))
    korea = next(one for one in found.actions if one.id == "alert-kor")
    assert (korea.first, korea.second, korea.changed) == (Verdict.LATE, Verdict.DONE, True)
    [alerted] = [one for one in found.steps if (one.member, one.step) == ("KOR", Step.ALERT)]
    assert (alerted.first_s, alerted.second_s, alerted.more_s) == (75.0, 35.0, -40.0)


def test_reviews_of_unlike_exercises_are_doubted(whole: AfterActionReview) -> None:
    other = structs.replace(whole, title="Another", members=("JPN",), truth_known=False)
    assert len(compare(whole, other).doubts) == 3


class _Odd(msgspec.Struct, frozen=True):
    finding: str


def _kind(name: str, body: msgspec.Struct) -> Any:
    return Kind(name, type(body), None)


PLAN_OF_ONE = """
title = "One"
summary = "One action."
starts_at = 2027-03-01T00:00:00Z
lasts_s = 3600.0
objectives = [{ id = "warn", words = "Warn", capability = "Warning" }]
cells = [
  { id = "control", member = "USA", role = "control", office = "Control" },
  { id = "watch", member = "JPN", role = "training", office = "Watch" },
  { id = "other", member = "KOR", role = "training", office = "Watch" },
]

[[injects]]
id = "launch"
title = "A launch"
cell = "control"
words = "Start the feed."
at_s = 60.0

[[injects.expects]]
id = "alert-jpn"
member = "JPN"
kind = "warning.alert.v1"
within_s = 120.0
objective = "warn"
criterion = "An alert"
"""


def test_a_clock_that_is_stepped_is_one_change_and_play_ends_where_it_was_left_standing() -> None:
    stepped = Play()
    for number, at_s in enumerate((0.0, 60.0, 90.0, 4_000.0)):
        real = REAL + timedelta(seconds=number)
        setting = exercise.ClockSet(real, BEGINS + timedelta(seconds=at_s), 0.0)
        stepped.say("USA", at_s, exercise.CLOCK_SET, setting)
        if not at_s:
            stepped.say("USA", 0.0, exercise.STARTED, exercise.Started(PLAN, dry=True))
    whole = made(stepped, *MEMBERS, flights=None)
    [change] = whole.clock
    assert (change.exercise_at, change.rate, change.steps, change.jump_s, change.lasted_real_s) == (
        *(BEGINS, 0.0, 4),
        *(4_000.0, None),
    )
    assert whole.played_s == 4_000.0
    assert [one.words for one in whole.timeline if one.subject == "clock"] == [
        "the clock is stepped 4 times, moved by 1 h 06 min"
    ]
