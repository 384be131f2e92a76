"""A plan said live in versions, play as control steers it, what people learn of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from tests.instruments.exercise.test_plan import FILE
from tests.instruments.harness import MemoryView, record_of

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import Desk, NoAsk, Role
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record, World
from laurel.instruments import INSTRUMENTS
from laurel.instruments.exercise import INSTRUMENT
from laurel.instruments.exercise.commands import AnnounceAsk, ExerciseOnly, LiveOnly
from laurel.instruments.exercise.learnt import ObserveAsk, ProposeActionAsk, RateAsk, answer_hot_wash
from laurel.instruments.exercise.plan.check import CannotBegin
from laurel.instruments.exercise.plan.msel import BadPlan
from laurel.instruments.exercise.planned import READ_BY, OneExercise, PlanAsk, answer_plan
from laurel.instruments.exercise.played import (
    CallAsk,
    GoesOnce,
    InjectedAsk,
    NoPlayAsk,
    SkipAsk,
    StartAsk,
    answer_areas,
    play,
)
from laurel.instruments.exercise.records import Finding, InjectOutcome, Planned, Rating

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
LIVE, EXERCISE = World("camp-david"), World("camp-david", "freedom-27")
EVERYONE = Label(Classification.UNCLASSIFIED, ("JPN", "KOR", "USA"))
WITHOUT_KOREA = Label(Classification.UNCLASSIFIED, ("JPN", "USA"))
KINDS = {kind.name: kind for one in INSTRUMENTS for kind in one.kinds}
ASKS = {f"{one.name}/{command.name}": command.ask for one in INSTRUMENTS for command in one.commands}
PLAN = FILE.decode()


class Node:
    """The instrument's views alone, in memory; what is asked is heard at once."""

    def __init__(self) -> None:
        self.view = MemoryView(INSTRUMENT)
        self.log: list[tuple[str, Record[Any]]] = []

    def ask(self, ask: Struct, member: str = "USA", world: World = EXERCISE, minutes: float = 0.0) -> Sequence[Draft]:
        now = NOW + timedelta(minutes=minutes)
        desk = Desk(world, member, "officer:tanaka", now, EVERYONE.rel_to, kinds=KINDS, asks=ASKS)
        decide = next(one.decide for one in INSTRUMENT.commands if one.ask is type(ask))
        drafts = decide(ask, self.view, desk)
        for draft in drafts:
            self.log.append(record_of(INSTRUMENT, draft, desk, len(self.log) + 1))
            self.view.fold(*self.log[-1])
        return drafts


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    made.ask(AnnounceAsk("freedom-27", "Freedom 27", NOW, "0" * 64, EVERYONE), world=LIVE)
    yield made
    made.view.close()


@pytest.fixture
def playing(node: Node) -> Node:
    node.ask(StartAsk(PLAN, EVERYONE))
    return node


def test_a_plan_grows_in_versions_and_the_last_one_counts_whatever_its_order_of_arrival(node: Node) -> None:
    for title, member in (("first", "USA"), ("second", "KOR"), ("third", "JPN")):
        text = PLAN.replace("Freedom 27, first day", title)
        node.ask(PlanAsk("freedom-27", text, EVERYONE), member, LIVE)
    said = answer_plan(OneExercise("freedom-27"), node.view, NOW)
    assert (said.version, said.member) == (3, "JPN")
    assert 'title = "third"' in said.plan
    backwards = MemoryView(INSTRUMENT)
    for name, record in reversed(node.log):
        backwards.fold(name, record)
    assert answer_plan(OneExercise("freedom-27"), backwards, NOW) == said
    backwards.close()


def test_a_plan_is_said_live_of_an_exercise_that_was_announced_and_to_everybody(node: Node) -> None:
    with pytest.raises(LiveOnly):
        node.ask(PlanAsk("freedom-27", PLAN, EVERYONE))
    with pytest.raises(Nothing, match="freedom-99"):
        node.ask(PlanAsk("freedom-99", PLAN, EVERYONE), world=LIVE)
    with pytest.raises(BadField, match="KOR"):
        node.ask(PlanAsk("freedom-27", PLAN, WITHOUT_KOREA), world=LIVE)
    with pytest.raises(BadPlan, match="lasts_s"):
        node.ask(PlanAsk("freedom-27", PLAN.replace("lasts_s = 3600.0", "lasts_s = -1.0"), EVERYONE), world=LIVE)
    with pytest.raises(Nothing, match="none was said"):
        answer_plan(OneExercise("freedom-27"), node.view, NOW)


def test_who_is_trained_reads_no_plan() -> None:
    planned = next(query for query in INSTRUMENT.queries if query.name == "planned")
    assert planned.roles == READ_BY == frozenset({Role.EXERCISE_CONTROL, Role.AUDITOR})
    assert not planned.live


def test_a_plan_said_in_an_exercise_counts_for_nothing_live(node: Node) -> None:
    desk = Desk(EXERCISE, "USA", "officer:tanaka", NOW, EVERYONE.rel_to)
    node.view.fold(*record_of(INSTRUMENT, Draft(Planned("freedom-27", 9, PLAN), EVERYONE), desk, 99))
    with pytest.raises(Nothing):
        answer_plan(OneExercise("freedom-27"), node.view, NOW)


def test_play_starts_in_the_exercise_alone_and_with_a_plan_that_can_be_played(node: Node) -> None:
    with pytest.raises(ExerciseOnly):
        node.ask(StartAsk(PLAN, EVERYONE), world=LIVE)
    unmet = PLAN.replace('id = "consult"\nwords', 'id = "nobody"\nwords')
    with pytest.raises(CannotBegin, match="errors="):
        node.ask(StartAsk(unmet, EVERYONE))
    assert play(node.view) is None
    node.ask(StartAsk(PLAN, EVERYONE, dry=True))
    playing = play(node.view)
    assert playing is not None
    assert (playing.plan.title, playing.dry, playing.fates) == ("Freedom 27, first day", True, {})


def test_a_later_start_plays_another_plan_and_what_has_gone_stays_gone(playing: Node) -> None:
    playing.ask(InjectedAsk("launch", InjectOutcome.DONE, ("ab" * 32,), "", EVERYONE))
    playing.ask(StartAsk(PLAN.replace("Freedom 27, first day", "amended"), EVERYONE), "KOR", minutes=5)
    now = play(playing.view)
    assert now is not None
    assert now.plan.title == "amended"
    assert now.fates["launch"].records == ("ab" * 32,)


def test_control_calls_and_skips_an_inject_once(playing: Node) -> None:
    with pytest.raises(Nothing, match="inject=nothing"):
        playing.ask(CallAsk("nothing", EVERYONE))
    playing.ask(CallAsk("question", EVERYONE), "KOR")
    with pytest.raises(GoesOnce, match="question"):
        playing.ask(SkipAsk("question", "no time", EVERYONE))
    playing.ask(InjectedAsk("launch", InjectOutcome.DONE, (), "", EVERYONE))
    with pytest.raises(GoesOnce, match="launch"):
        playing.ask(CallAsk("launch", EVERYONE))
    now = play(playing.view)
    assert now is not None
    assert {name: one.skip for name, one in now.called.items()} == {"question": False}


def test_before_a_start_there_is_nothing_to_call(node: Node) -> None:
    with pytest.raises(Nothing, match="none is played"):
        node.ask(CallAsk("launch", EVERYONE))


def test_where_nothing_is_played_stands_with_its_times(playing: Node) -> None:
    corners = ((34.0, 130.0), (35.0, 130.0), (35.0, 131.0))
    hour = timedelta(hours=1)
    playing.ask(NoPlayAsk("a strait", corners, NOW, NOW + hour, "a rescue", EVERYONE), "JPN")
    [area] = answer_areas(NoAsk(), playing.view, NOW).areas
    assert (area.name, area.corners_deg, area.member, area.why, area.now) == (
        *("a strait", corners, "JPN", "a rescue"),
        True,
    )
    assert not answer_areas(NoAsk(), playing.view, NOW + hour).areas[0].now
    with pytest.raises(BadField, match="ends_at"):
        playing.ask(NoPlayAsk("never", corners, NOW, NOW, "no time", EVERYONE))
    with pytest.raises(ExerciseOnly):
        playing.ask(NoPlayAsk("live", corners, NOW, NOW + hour, "no", EVERYONE), world=LIVE)


def test_everybody_observes_and_each_member_rates_for_itself(playing: Node) -> None:
    playing.ask(ObserveAsk(Finding.STRENGTH, "속보가 빨랐다.", "ko", EVERYONE, "warn"), "KOR")
    playing.ask(RateAsk("warn", Rating.SOME_CHALLENGES, "遅れた。", "ja", EVERYONE), "JPN")
    playing.ask(RateAsk("warn", Rating.PERFORMED, "訂正する。", "ja", EVERYONE), "JPN", minutes=1)
    playing.ask(RateAsk("warn", Rating.UNABLE, "We saw nothing.", "en", EVERYONE), "USA")
    due = NOW + timedelta(days=30)
    playing.ask(ProposeActionAsk("Name an office", "KOR", "Watch", due, EVERYONE, "warn"), "USA")
    seen = answer_hot_wash(NoAsk(), playing.view, NOW)
    assert [one.id for one in seen.objectives] == ["warn", "consult"]
    assert [(one.member, one.text, one.finding) for one in seen.observations] == [
        ("KOR", "속보가 빨랐다.", Finding.STRENGTH)
    ]
    assert [(one.member, one.rating, one.text) for one in seen.ratings] == [
        ("JPN", Rating.PERFORMED, "訂正する。"),
        ("USA", Rating.UNABLE, "We saw nothing."),
    ]
    assert [(one.proposed_by, one.member, one.office, one.due) for one in seen.actions] == [
        ("USA", "KOR", "Watch", due)
    ]


def test_an_objective_that_is_not_the_plans_and_a_member_that_is_none_are_named(playing: Node) -> None:
    with pytest.raises(BadField, match="must_be=warn, consult"):
        playing.ask(ObserveAsk(Finding.TO_IMPROVE, "x", "en", EVERYONE, "other"))
    with pytest.raises(BadField, match="must_be=JPN, KOR, USA"):
        playing.ask(ProposeActionAsk("x", "PRK", "y", NOW, EVERYONE))
    with pytest.raises(ExerciseOnly):
        playing.ask(RateAsk("warn", Rating.PERFORMED, "x", "en", EVERYONE), world=LIVE)


def test_an_observation_cites_what_was_said_here_and_nothing_else(playing: Node) -> None:
    playing.ask(ObserveAsk(Finding.STRENGTH, "x", "en", EVERYONE), "KOR")
    said, _ = playing.log[-1]
    playing.ask(ObserveAsk(Finding.TO_IMPROVE, "y", "en", EVERYONE, about=(said,)), "JPN", minutes=1)
    assert answer_hot_wash(NoAsk(), playing.view, NOW).observations[-1].about == (said,)
    with pytest.raises(Nothing, match="d4" * 32):
        playing.ask(ObserveAsk(Finding.STRENGTH, "z", "en", EVERYONE, about=(said, "d4" * 32)))


@given(st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_tables(dice: Any) -> None:
    node = Node()
    node.ask(AnnounceAsk("freedom-27", "Freedom 27", NOW, "0" * 64, EVERYONE), world=LIVE)
    node.ask(PlanAsk("freedom-27", PLAN, EVERYONE), "JPN", LIVE)
    node.ask(PlanAsk("freedom-27", PLAN + "\n", EVERYONE), "KOR", LIVE)
    node.ask(StartAsk(PLAN, EVERYONE))
    node.ask(StartAsk(PLAN + "\n", EVERYONE), "JPN", minutes=1)
    node.ask(CallAsk("question", EVERYONE), "KOR", minutes=2)
    node.ask(InjectedAsk("launch", InjectOutcome.DONE, (), "", EVERYONE), "JPN")
    node.ask(RateAsk("warn", Rating.PERFORMED, "x", "en", EVERYONE), "JPN")
    node.ask(RateAsk("warn", Rating.UNABLE, "y", "en", EVERYONE), "JPN")
    shuffled = list(node.log)
    dice.shuffle(shuffled)
    other = MemoryView(INSTRUMENT)
    for name, record in (*shuffled, *shuffled[:3]):
        other.fold(name, record)
    assert other.contents() == node.view.contents()
    other.close()
    node.view.close()
