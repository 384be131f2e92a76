"""Two reviews side by side: what changed when one sensor, link or caveat was another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.review.chain import Step
from laurel.instruments.exercise.review.engagement import Leakers
from laurel.instruments.exercise.review.review import AfterActionReview


class ActionChange(Struct, frozen=True):
    """One expected action in both. A verdict is None where that plan does not expect it."""

    id: str
    member: str
    criterion: str
    first: Verdict | None
    second: Verdict | None
    first_took_s: float | None
    second_took_s: float | None
    changed: bool


class StepChange(Struct, frozen=True):
    """One step of one member: its median in both, what the second adds to it, and at how many threats it came."""

    member: str
    step: Step
    first_s: float | None
    second_s: float | None
    more_s: float | None
    first_came: int
    second_came: int


class SlowestChange(Struct, frozen=True):
    """The slowest step of one member in both."""

    member: str
    first: Step | None
    second: Step | None


class CoverageChange(Struct, frozen=True):
    """One sensor of one member: how many threats it saw, and with how many plots, in both."""

    member: str
    sensor: str
    first_threats: int
    second_threats: int
    first_plots: int
    second_plots: int


class AccuracyChange(Struct, frozen=True):
    """One member: the middle of its medians of position error, and of the errors of its last predicted impacts (m)."""

    member: str
    first_position_m: float | None
    second_position_m: float | None
    first_impact_m: float | None
    second_impact_m: float | None


class EngagementChange(Struct, frozen=True):
    """What came through as it was played, into one member's areas or (None) into all: the mean of many runs, in both.

    A figure is None where that exercise had no defence, or nothing came down there.
    """

    area: str | None
    first_mean: float | None
    second_mean: float | None
    first_none: float | None
    second_none: float | None


class Comparison(Struct, frozen=True, kw_only=True):
    """Both reviews. `doubts` are reasons why they may not be alike enough to be compared."""

    first: AfterActionReview
    second: AfterActionReview
    doubts: tuple[str, ...]
    actions: tuple[ActionChange, ...]
    steps: tuple[StepChange, ...]
    slowest: tuple[SlowestChange, ...]
    coverage: tuple[CoverageChange, ...]
    accuracy: tuple[AccuracyChange, ...]
    engagement: tuple[EngagementChange, ...]


def compare(first: AfterActionReview, second: AfterActionReview) -> Comparison:
    """What differs. Nothing here says why: that is what was changed between the two."""
    members = tuple(sorted({*first.members, *second.members}))
    return Comparison(
        first=first,
        second=second,
        doubts=_doubts(first, second),
        actions=_actions(first, second),
        steps=_steps(first, second, members),
        slowest=tuple(SlowestChange(one, _slowest(first, one), _slowest(second, one)) for one in members),
        coverage=_coverage(first, second),
        accuracy=tuple(
            AccuracyChange(
                one,
                *(_position_m(review, one) for review in (first, second)),
                *(_impact_m(review, one) for review in (first, second)),
            )
            for one in members
        ),
        engagement=_engagement(first, second),
    )


def _doubts(first: AfterActionReview, second: AfterActionReview) -> tuple[str, ...]:
    doubts: list[str] = []
    if first.title != second.title:
        doubts.append("they are of plans with different titles")
    if first.members != second.members:
        doubts.append("not the same members took part")
    if first.truth_known != second.truth_known:
        doubts.append("the truth is known of one of them alone: their threats are not the same")
    elif [one.name for one in first.threats] != [one.name for one in second.threats]:
        doubts.append("not the same threats flew, or they are called otherwise")
    return tuple(doubts)


def _actions(first: AfterActionReview, second: AfterActionReview) -> tuple[ActionChange, ...]:
    """In the order of the first plan, then what the second expects beyond."""
    before = {one.id: one for one in first.actions}
    after = {one.id: one for one in second.actions}
    found: list[ActionChange] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        one = old or new
        if one is None:
            continue
        verdicts = (None if old is None else old.verdict, None if new is None else new.verdict)
        found.append(
            ActionChange(
                id=name,
                member=one.member,
                criterion=one.criterion,
                first=verdicts[0],
                second=verdicts[1],
                first_took_s=None if old is None else old.took_s,
                second_took_s=None if new is None else new.took_s,
                changed=verdicts[0] != verdicts[1],
            )
        )
    return tuple(found)


def _steps(first: AfterActionReview, second: AfterActionReview, members: Sequence[str]) -> tuple[StepChange, ...]:
    before, after = _medians(first), _medians(second)
    found: list[StepChange] = []
    for member in members:
        for step in Step:
            (old_s, old_came), (new_s, new_came) = (one.get((member, step), (None, 0)) for one in (before, after))
            more_s = None if old_s is None or new_s is None else round(new_s - old_s, 3)
            found.append(StepChange(member, step, old_s, new_s, more_s, old_came, new_came))
    return tuple(found)


def _medians(review: AfterActionReview) -> Mapping[tuple[str, Step], tuple[float | None, int]]:
    return {(one.member, step.step): (step.median_s, step.came) for one in review.measures for step in one.steps}


def _slowest(review: AfterActionReview, member: str) -> Step | None:
    return next((one.slowest for one in review.measures if one.member == member), None)


def _coverage(first: AfterActionReview, second: AfterActionReview) -> tuple[CoverageChange, ...]:
    before, after = _seen(first), _seen(second)
    return tuple(
        CoverageChange(
            *key,
            *(one.get(key, (0, 0))[0] for one in (before, after)),
            *(one.get(key, (0, 0))[1] for one in (before, after)),
        )
        for key in sorted({*before, *after})
    )


def _seen(review: AfterActionReview) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for one in review.coverage:
        threats, plots = found.get((one.member, one.sensor), (0, 0))
        found[one.member, one.sensor] = (threats + 1, plots + one.plots)
    return found


def _position_m(review: AfterActionReview, member: str) -> float | None:
    return _middle([one.median_m for one in review.accuracy if one.member == member and one.median_m is not None])


def _impact_m(review: AfterActionReview, member: str) -> float | None:
    return _middle([one.last.error_m for one in review.accuracy if one.member == member and one.last is not None])


def _middle(found: Sequence[float]) -> float | None:
    return sorted(found)[len(found) // 2] if found else None


def _engagement(first: AfterActionReview, second: AfterActionReview) -> tuple[EngagementChange, ...]:
    """All areas together first."""
    before, after = _leakers(first), _leakers(second)
    return tuple(
        EngagementChange(
            area,
            *(None if one is None else one.mean for one in (before.get(area), after.get(area))),
            *(None if one is None else one.none for one in (before.get(area), after.get(area))),
        )
        for area in sorted({*before, *after}, key=lambda area: area or "")
    )


def _leakers(review: AfterActionReview) -> dict[str | None, Leakers]:
    return {one.area: one for one in review.engagement.cases[0].leakers} if review.engagement else {}
