"""What was expected against what was done, by objective, and what the members said of it in the hot-wash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from laurel.instruments.exercise.plan.msel import Heard, Plan
from laurel.instruments.exercise.plan.run import Course, Judged, Verdict, judged
from laurel.instruments.exercise.records import INJECTED, OBSERVED, RATED, Finding, InjectOutcome, Rating
from laurel.instruments.exercise.review.log import Log


class JudgedAction(Struct, frozen=True):
    """One expected action: when it was asked and due (seconds of play), what came of it, by which record.

    `doubt`: it was not seen, but records that might be it are left out of this review.
    """

    id: str
    inject: str
    inject_title: str
    member: str
    kind: str
    objective: str
    criterion: str
    within_s: float
    verdict: Verdict
    asked_s: float | None
    due_s: float | None
    took_s: float | None
    record: str | None
    doubt: bool


class RatingGiven(Struct, frozen=True):
    """A member's last word on an objective."""

    member: str
    author: str
    at: datetime
    rating: Rating
    text: str
    language: str


class ObjectiveReview(Struct, frozen=True):
    """One objective: its expected actions by verdict, and its ratings by member."""

    id: str
    words: str
    capability: str
    actions: tuple[str, ...]
    verdicts: dict[str, int]
    ratings: tuple[RatingGiven, ...]
    unrated_by: tuple[str, ...]


class ObservationMade(Struct, frozen=True):
    """What somebody saw in play, in the words and the language it was written in."""

    at: datetime
    play_s: float
    member: str
    author: str
    finding: Finding
    text: str
    language: str
    objective: str | None


def fired(log: Log) -> dict[str, float]:
    """At which second of play each inject went. Of two words about one the first counts."""
    fates: dict[str, tuple[InjectOutcome, float]] = {}
    for said, one in log.of(INJECTED):
        fates.setdefault(one.inject, (one.outcome, log.play_s(said.at)))
    return {name: at_s for name, (outcome, at_s) in fates.items() if outcome is InjectOutcome.DONE}


def judge(log: Log) -> tuple[JudgedAction, ...]:
    """Every expected action of the plan, judged as of the end of play."""
    if log.plan is None:
        return ()
    gone = fired(log)
    played = [(log.play_s(one.at), one) for one in log.shown if one.at <= log.ends_at]
    heard = [Heard(one.record.kind, one.by, at_s, one.id) for at_s, one in played]
    said: defaultdict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for at_s, one in played:
        said[one.record.kind, one.by].append((at_s, one.id))
    found = judged(log.plan, Course(fired=gone, heard=heard), log.play_s(log.ends_at))
    titles = {inject.id: inject.title for inject in log.plan.injects}
    return tuple(_action(log, one, gone.get(one.inject), titles[one.inject], said) for one in found)


def _action(
    log: Log,
    one: Judged,
    asked_s: float | None,
    title: str,
    said: Mapping[tuple[str, str], Sequence[tuple[float, str]]],
) -> JudgedAction:
    expected = one.expected
    key = (expected.member, expected.kind)
    record = None
    if asked_s is not None and one.took_s is not None:
        came_s = asked_s + one.took_s
        record = min((abs(at_s - came_s), name) for at_s, name in said[expected.kind, expected.member])[1]
    return JudgedAction(
        id=expected.id,
        inject=one.inject,
        inject_title=title,
        member=expected.member,
        kind=expected.kind,
        objective=expected.objective,
        criterion=expected.criterion,
        within_s=expected.within_s,
        verdict=one.verdict,
        asked_s=None if asked_s is None else round(asked_s, 3),
        due_s=None if asked_s is None else round(asked_s + expected.within_s, 3),
        took_s=None if one.took_s is None else round(one.took_s, 3),
        record=record,
        doubt=one.verdict in {Verdict.MISSED, Verdict.AWAITED} and key in log.left_out,
    )


def objectives(log: Log, actions: tuple[JudgedAction, ...], members: tuple[str, ...]) -> tuple[ObjectiveReview, ...]:
    """In the order of the plan."""
    if log.plan is None:
        return ()
    ratings = _ratings(log)
    return tuple(_objective(log.plan, place, actions, ratings, members) for place in range(len(log.plan.objectives)))


def _objective(
    plan: Plan,
    place: int,
    actions: tuple[JudgedAction, ...],
    ratings: dict[tuple[str, str], RatingGiven],
    members: tuple[str, ...],
) -> ObjectiveReview:
    objective = plan.objectives[place]
    own = [one for one in actions if one.objective == objective.id]
    given = {member: ratings[objective.id, member] for member in members if (objective.id, member) in ratings}
    return ObjectiveReview(
        id=objective.id,
        words=objective.words,
        capability=objective.capability,
        actions=tuple(one.id for one in own),
        verdicts={verdict.value: sum(one.verdict is verdict for one in own) for verdict in Verdict},
        ratings=tuple(given.values()),
        unrated_by=tuple(member for member in members if member not in given),
    )


def _ratings(log: Log) -> dict[tuple[str, str], RatingGiven]:
    """The last that each member gave each objective."""
    return {
        (one.objective, said.by): RatingGiven(said.by, said.record.author, said.at, one.rating, one.text, one.language)
        for said, one in log.of(RATED)
    }


def observations(log: Log) -> tuple[ObservationMade, ...]:
    """Strengths first, then what is to be improved, each in order of time."""
    found = [
        ObservationMade(
            said.at,
            round(log.play_s(said.at), 3),
            said.by,
            said.record.author,
            one.finding,
            one.text,
            one.language,
            one.objective,
        )
        for said, one in log.of(OBSERVED)
    ]
    return tuple(sorted(found, key=lambda one: list(Finding).index(one.finding)))
