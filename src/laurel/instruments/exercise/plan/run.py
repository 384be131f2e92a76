"""Where an exercise stands against its plan: which injects are due, and what became of each expected action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from laurel.instruments.exercise.plan.msel import Condition, Expected, Heard, Inject, Plan


@dataclass(frozen=True)
class Course:
    """How far play has come, in seconds of play.

    `fired` is when each inject went that has gone, `over` are those that will not: skipped, or refused. `called` is
    when control wanted one at once. `heard` is what was said of the kinds that the plan names.
    """

    fired: Mapping[str, float] = field(default_factory=dict[str, float])
    over: Mapping[str, float] = field(default_factory=dict[str, float])
    called: Mapping[str, float] = field(default_factory=dict[str, float])
    heard: Sequence[Heard] = ()

    @property
    def settled(self) -> Mapping[str, float]:
        """When each was settled that goes no more, whatever became of it."""
        return {**self.over, **self.fired}


def due(moves: Sequence[Inject], course: Course, now_s: float) -> tuple[Inject, ...]:
    """Those that should go now, in the order in which they became ready: a jump of the clock leaves none out."""
    ready = ((inject, ready_s(inject, course)) for inject in moves if inject.id not in course.settled)
    now = [(at_s, inject) for inject, at_s in ready if at_s is not None and at_s <= now_s]
    return tuple(inject for _, inject in sorted(now, key=lambda one: one[0]))


def next_s(moves: Sequence[Inject], course: Course) -> float | None:
    """The next second of play at which one is due for all that is known now; None when nothing waits for time."""
    moments = (ready_s(inject, course) for inject in moves if inject.id not in course.settled)
    return min((moment for moment in moments if moment is not None), default=None)


def ready_s(inject: Inject, course: Course) -> float | None:
    """From when all that it waits for has happened; None while something has not, or a hand must do it."""
    if inject.id in course.called:
        return course.called[inject.id]
    settled = course.settled
    if inject.by_hand or any(one not in settled for one in inject.after):
        return None
    moments = [settled[one] for one in inject.after]
    if inject.at_s is not None:
        moments.append(inject.at_s)
    if inject.when is not None:
        met_s = met(inject.when, course.heard)
        if met_s is None:
            return None
        moments.append(met_s)
    return max(moments, default=0.0) + inject.delay_s


def met(condition: Condition, heard: Sequence[Heard]) -> float | None:
    """When it was met; None while it is not."""
    times = sorted(one.at_s for one in heard if one.kind == condition.kind and condition.by in {None, one.member})
    return times[condition.times - 1] if len(times) >= condition.times else None


class Verdict(StrEnum):
    """What became of an expected action."""

    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    AWAITED = "awaited"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Judged:
    """One expected action: what came of it and, when it was done, how many seconds after its inject."""

    inject: str
    expected: Expected
    verdict: Verdict
    took_s: float | None


def judged(plan: Plan, course: Course, now_s: float) -> tuple[Judged, ...]:
    """Every expected action of the plan, each judged. A record answers one expected action: the first that asked."""
    left = sorted(course.heard, key=lambda one: one.at_s)
    found: dict[str, Judged] = {}
    asked = sorted(plan.expected, key=lambda pair: course.fired.get(pair[0].id, float("inf")))
    for inject, expected in asked:
        from_s = course.fired.get(inject.id)
        if from_s is None:
            found[expected.id] = Judged(inject.id, expected, Verdict.NOT_ASKED, None)
            continue
        answer = next((one for one in left if _answers(one, expected, from_s)), None)
        if answer is None:
            overdue = now_s > from_s + expected.within_s
            verdict = Verdict.MISSED if overdue else Verdict.AWAITED
            found[expected.id] = Judged(inject.id, expected, verdict, None)
            continue
        left.remove(answer)
        took_s = answer.at_s - from_s
        verdict = Verdict.DONE if took_s <= expected.within_s else Verdict.LATE
        found[expected.id] = Judged(inject.id, expected, verdict, took_s)
    return tuple(found[expected.id] for _, expected in plan.expected)


def _answers(one: Heard, expected: Expected, from_s: float) -> bool:
    return one.kind == expected.kind and one.member == expected.member and one.at_s >= from_s
