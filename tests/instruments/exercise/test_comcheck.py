"""The comcheck: whether everybody whom a plan needs can be reached and can act, before anything is played."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.instruments.exercise.test_plan import FILE

from laurel.core.instrument import Role
from laurel.instruments.exercise.plan.check import Finding, Level
from laurel.instruments.exercise.plan.comcheck import Account, Answer, Comms, Road, comcheck
from laurel.instruments.exercise.plan.msel import parse

PLAN = parse(FILE)
STEERS = frozenset({Role.EXERCISE_CONTROL.value})
WATCHES = frozenset({Role.WATCH_OFFICER.value})
READY = Comms(
    member="JPN",
    roads=(Road("KOR", joined=True, answer=Answer.YES), Road("USA", joined=True, answer=Answer.YES)),
    accounts=(Account("Exercise control", STEERS, enters=True), Account("operations  Centre", WATCHES, enters=True)),
    now=PLAN.starts_at,
    clock_set=True,
    halted=False,
)


def found(known: Comms) -> dict[str, Finding]:
    return {one.about: one for one in comcheck(PLAN, known)}


def accounts(*those: Account) -> Comms:
    return replace(READY, accounts=those)


def test_when_everybody_answers_and_can_sign_in_all_is_passed() -> None:
    assert {about: one.level for about, one in found(READY).items()} == {
        "member USA": Level.PASS,
        "cell watch-jpn": Level.PASS,
        "cell control-jpn": Level.PASS,
        "clock": Level.PASS,
    }


@pytest.mark.parametrize("roads", [(), (Road("USA", joined=False, answer=Answer.YES),)])
def test_a_member_of_the_plan_whose_card_is_not_here_is_an_error(roads: tuple[Road, ...]) -> None:
    one = found(replace(READY, roads=roads))["member USA"]
    assert one.level is Level.ERROR
    assert "not joined" in one.words
    assert "join-here" in one.remedy


@pytest.mark.parametrize(("answer", "level"), [(Answer.NEVER, Level.ERROR), (Answer.NO_MORE, Level.WARNING)])
def test_a_world_that_does_not_answer_is_told(answer: Answer, level: Level) -> None:
    assert found(replace(READY, roads=(Road("USA", joined=True, answer=answer),)))["member USA"].level is level


def test_a_road_by_way_of_a_third_is_a_road_and_says_so() -> None:
    one = found(replace(READY, roads=(Road("USA", joined=True, answer=Answer.YES, via="KOR"),)))["member USA"]
    assert one.level is Level.PASS
    assert "by way of KOR" in one.words


def test_who_takes_no_part_in_the_plan_is_not_asked_for() -> None:
    assert "member KOR" not in found(replace(READY, roads=(READY.roads[1],)))


def test_a_node_without_a_cell_in_the_plan_is_told_so() -> None:
    assert found(replace(READY, member="KOR"))["member KOR"].level is Level.WARNING


def test_an_office_of_ours_that_nobody_has_is_a_warning_and_no_error_since_a_dry_run_needs_none() -> None:
    one = found(accounts(READY.accounts[0]))["cell watch-jpn"]
    assert one.level is Level.WARNING
    assert "Operations centre" in one.words


def test_an_officer_who_cannot_sign_in_holds_no_office() -> None:
    one = found(accounts(READY.accounts[0], replace(READY.accounts[1], enters=False)))["cell watch-jpn"]
    assert one.level is Level.WARNING
    assert "sign in" in one.words


def test_a_control_cell_in_which_nobody_may_steer_is_a_warning() -> None:
    one = found(accounts(replace(READY.accounts[0], roles=WATCHES), READY.accounts[1]))["cell control-jpn"]
    assert one.level is Level.WARNING
    assert "exercise-control" in one.remedy


def test_a_clock_that_nobody_set_or_that_stands_after_the_end_of_play_is_a_warning() -> None:
    assert found(replace(READY, clock_set=False))["clock"].level is Level.WARNING
    over = PLAN.starts_at + timedelta(seconds=PLAN.lasts_s)
    assert found(replace(READY, now=over))["clock"].level is Level.WARNING
    assert found(replace(READY, now=over - timedelta(seconds=1)))["clock"].level is Level.PASS


def test_what_was_halted_cannot_begin() -> None:
    assert found(replace(READY, halted=True))["clock"].level is Level.ERROR
