"""A plan as people read it: when each inject goes, in the order of time."""

from __future__ import annotations

from msgspec import structs
from tests.instruments.exercise.test_plan import FILE

from laurel.instruments.exercise.plan.msel import Condition, Inject, parse
from laurel.instruments.exercise.plan.outline import Outline, outline

PLAN = parse(FILE)


def read(*injects: Inject) -> Outline:
    return outline(structs.replace(PLAN, injects=injects))


def goes(*injects: Inject) -> dict[str, float | None]:
    return {one.id: one.goes_s for one in read(*injects).injects}


def one(name: str, **how: object) -> Inject:
    return structs.replace(Inject(name, name, "control"), **how)


def test_injects_stand_in_the_order_in_which_time_brings_them() -> None:
    late, soon, then = one("late", at_s=90.0), one("soon", at_s=10.0, delay_s=5.0), one("then", after=("soon", "late"))
    assert goes(late, then, soon) == {"soon": 15.0, "late": 90.0, "then": 90.0}
    assert [row.id for row in read(late, then, soon).injects] == ["soon", "late", "then"]


def test_what_a_hand_or_a_condition_decides_has_no_time_and_neither_has_what_waits_for_it() -> None:
    hand = one("hand", by_hand=True)
    met = one("met", when=Condition("hotline.message.v1"), at_s=5.0)
    assert goes(hand, met, one("after", after=("hand",)), one("sure", at_s=7.0)) == {
        "sure": 7.0,
        "hand": None,
        "met": None,
        "after": None,
    }


def test_a_plan_with_faults_is_read_all_the_same() -> None:
    circle = (one("a", after=("b",)), one("b", after=("a",)), one("sure", at_s=1.0))
    assert goes(*circle) == {"sure": 1.0, "a": None, "b": None}
    assert goes(one("lost", after=("nobody",)), one("never")) == {"lost": None, "never": None}


def test_the_outline_holds_what_the_plan_holds() -> None:
    whole = outline(PLAN)
    assert whole.objectives == PLAN.objectives
    assert [cell.id for cell in whole.cells] == [cell.id for cell in PLAN.cells]
    assert {row.id for row in whole.injects} == {inject.id for inject in PLAN.injects}
