"""The plan of an exercise, its hot-wash and its archives, as the feed tells them: what is found of a plan is real."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.instruments.exercise.test_plan import FILE, HOUSE

from laurel.api.exercises import Checked, FindingRow
from laurel.core.errors import Nothing
from laurel.instruments.exercise.learnt import Action, HotWash, Observation, Word
from laurel.instruments.exercise.plan.check import check
from laurel.instruments.exercise.plan.msel import parse
from laurel.instruments.exercise.plan.outline import outline
from laurel.instruments.exercise.planned import PlanSaid
from laurel.instruments.exercise.records import Finding, Rating
from laurel.node.exercises import ArchiveRow

PLAN = FILE.decode()
SEEN = "The alert was on the screen 38 s after the launch, & everybody <b>heard</b> it."


def planned(exercise: str, at: datetime) -> PlanSaid:
    """Freedom 27 has a plan, in its third version. Raises Nothing of any other."""
    if exercise != "freedom-27":
        raise Nothing(exercise=exercise, plan="none was said")
    return PlanSaid(exercise, 3, "USA", "officer:lee", at, PLAN)


def checked(plan: str) -> Checked:
    """As a node of the three finds it. Raises BadPlan."""
    parsed = parse(plan.encode())
    found = check(parsed, HOUSE)
    return Checked(tuple(FindingRow(one.level, one.about, one.words, one.remedy) for one in found), outline(parsed))


def hot_wash(at: datetime) -> HotWash:
    """Two observed, two rated, one proposed."""
    korean = "회의 요청이 늦게 전달되었다. 담당 부서가 명확하지 않았다."
    return HotWash(
        parse(FILE).objectives,
        (
            Observation("a1" * 32, "JPN", "officer:abe", at, Finding.STRENGTH, SEEN, "en", "warn", ("c3" * 32,)),
            Observation("a2" * 32, "KOR", "officer:kim", at, Finding.TO_IMPROVE, korean, "ko", "consult", ()),
        ),
        (
            Word("warn", "JPN", Rating.PERFORMED, "発射から一分以内に警報を発した。", "ja", at),
            Word("warn", "USA", Rating.SOME_CHALLENGES, "One of two screens was locked.", "en", at),
            Word("consult", "KOR", Rating.UNABLE, korean, "ko", at),
        ),
        (
            Action(
                *("b1" * 32, "KOR", "Name the office that asks for a consultation at night", "JPN"),
                *("Operations centre", at + timedelta(days=60), "consult"),
            ),
        ),
    )


def archives(at: datetime) -> list[ArchiveRow]:
    return [
        ArchiveRow(
            *("freedom-25", "Freedom 25", at, "officer:abe", "camp-david.freedom-25.jsonl"),
            *(4_200_000, 4_153, "9f" * 32),
        )
    ]
