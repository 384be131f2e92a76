"""The course as a table: facts bring a consultation on, never back, and each thing is said in its stages alone."""

from __future__ import annotations

from itertools import combinations

import pytest

from laurel.instruments.consult import INSTRUMENT
from laurel.instruments.consult.course_types import Stage
from laurel.instruments.consult.stages import ALLOWED, COURSE, DONE, OPEN, Fact, WrongStage, check, judge

SUBSETS = [frozenset(some) for size in range(len(Fact) + 1) for some in combinations(Fact, size)]
ORDER = [stage for stage, _ in COURSE]


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        (set[Fact](), Stage.REQUESTED),
        ({Fact.MET}, Stage.CONVENED),
        ({Fact.ASSESSED}, Stage.ASSESSED),
        ({Fact.MET, Fact.OFFERED}, Stage.OPTIONS),
        ({Fact.PROPOSED}, Stage.TEXT),
        ({Fact.MET, Fact.ASSESSED, Fact.OFFERED, Fact.PROPOSED}, Stage.TEXT),
        ({Fact.ENDED}, Stage.CLOSED),
        ({Fact.OFFERED, Fact.ENDED}, Stage.CLOSED),
        ({Fact.PROPOSED, Fact.ENDED}, Stage.NOT_ADOPTED),
        ({Fact.PROPOSED, Fact.ADOPTED}, Stage.ADOPTED),
        ({Fact.PROPOSED, Fact.ADOPTED, Fact.ENDED}, Stage.ADOPTED),
        ({Fact.PROPOSED, Fact.ADOPTED, Fact.ACTED}, Stage.FOLLOWED_UP),
        # What follows from no adopted text follows from nothing.
        ({Fact.PROPOSED, Fact.ACTED}, Stage.TEXT),
    ],
)
def test_facts_say_how_far_it_has_come(facts: set[Fact], stage: Stage) -> None:
    assert judge(facts) is stage


def test_every_stage_is_reached_by_some_facts_and_once_in_the_table() -> None:
    assert sorted(ORDER) == sorted(Stage)
    assert {judge(facts) for facts in SUBSETS} == set(Stage)


def test_no_fact_brings_it_back() -> None:
    for facts in SUBSETS:
        for fact in Fact:
            assert ORDER.index(judge(facts | {fact})) >= ORDER.index(judge(facts))


@pytest.mark.parametrize("command", sorted(ALLOWED))
def test_each_thing_is_said_in_its_stages_alone_and_the_error_says_what_to_do(command: str) -> None:
    assert command in {one.name for one in INSTRUMENT.commands}
    for stage in Stage:
        if stage in ALLOWED[command]:
            check(stage, command)
        else:
            early = ALLOWED[command] == DONE and stage in OPEN
            with pytest.raises(WrongStage, match="wait until all have assented" if early else "request a new one"):
                check(stage, command)
