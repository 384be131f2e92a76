"""Where an exercise stands against its plan: which injects are due, and what became of each expected action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from laurel.instruments.exercise.plan.msel import Condition, Expected, Heard, Inject, Plan


def due(plan: Plan, fired: Mapping[str, float], heard: Sequence[Heard], now_s: float) -> tuple[Inject, ...]:
    """Injects that should go now, in file order. `fired` says at which second of play each went that has gone."""
    return tuple(inject for inject in plan.injects if inject.id not in fired and _is_due(inject, fired, heard, now_s))


def next_s(plan: Plan, fired: Mapping[str, float], heard: Sequence[Heard]) -> float | None:
    """The next second of play at which an inject is due for all that is known now; None when nothing waits for time."""
    moments = (_ready_s(inject, fired, heard) for inject in plan.injects if inject.id not in fired)
    return min((moment for moment in moments if moment is not None), default=None)


def _is_due(inject: Inject, fired: Mapping[str, float], heard: Sequence[Heard], now_s: float) -> bool:
    ready_s = _ready_s(inject, fired, heard)
    return ready_s is not None and ready_s <= now_s


def _ready_s(inject: Inject, fired: Mapping[str, float], heard: Sequence[Heard]) -> float | None:
    """From when all that it waits for has happened; None while something has not, or a hand must do it."""
    if inject.by_hand or any(one not in fired for one in inject.after):
        return None
    moments = [fired[one] for one in inject.after]
    if inject.at_s is not None:
        moments.append(inject.at_s)
    if inject.when is not None:
        met_s = met(inject.when, heard)
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


def judged(plan: Plan, fired: Mapping[str, float], heard: Sequence[Heard], now_s: float) -> tuple[Judged, ...]:
    """Every expected action of the plan, each judged. A record answers one expected action: the first that asked."""
    left = sorted(heard, key=lambda one: one.at_s)
    found: dict[str, Judged] = {}
    asked = sorted(plan.expected, key=lambda pair: fired.get(pair[0].id, float("inf")))
    for inject, expected in asked:
        from_s = fired.get(inject.id)
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
