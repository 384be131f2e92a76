"""The after-action review: what an exercise's signed logs tell of it, as one value that is written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from laurel.core.fields import Sha256
from laurel.core.label import Label
from laurel.instruments.exercise.defence import Defence
from laurel.instruments.exercise.records import ACTION_PROPOSED, CLOCK_SET, STARTED
from laurel.instruments.exercise.review.accuracy import Accuracy, accuracy
from laurel.instruments.exercise.review.chain import Chain, Measure, chains, measures
from laurel.instruments.exercise.review.coverage import Coverage, Unseen, coverage, unseen
from laurel.instruments.exercise.review.engagement import Engagement, Passed, engagement
from laurel.instruments.exercise.review.expected import (
    JudgedAction,
    ObjectiveReview,
    ObservationMade,
    judge,
    objectives,
    observations,
)
from laurel.instruments.exercise.review.log import Log, Numbered, read
from laurel.instruments.exercise.review.standstill import (
    ClockChange,
    Halt,
    NoPlayArea,
    clock_changes,
    halts,
    no_play_areas,
)
from laurel.instruments.exercise.review.threats import Fell, Threat, Threats, TrueFlight, find_threats
from laurel.instruments.exercise.review.timeline import TimelineMoment, timeline
from laurel.instruments.exercise.review.tracks import UNTOLD, Taken


class ArchiveRead(Struct, frozen=True):
    """One log this review is made of, and how it was checked, in words."""

    file: str
    sha256: Sha256
    node: str
    records: int
    checked: str
    vouched: bool


class ThreatReview(Struct, frozen=True):
    """What flew, or what the members took for something that did."""

    name: str
    begins_at: datetime | None
    fell: Fell | None
    known: bool
    tracks: tuple[str, ...]
    alerts: int


class ImprovementAction(Struct, frozen=True):
    """Something to be done after the exercise, as it was proposed."""

    action: str
    member: str
    office: str
    due: datetime
    objective: str | None
    proposed_by: str
    record: str


class AfterActionReview(Struct, frozen=True, kw_only=True):
    """All of it. Seconds are seconds of play, in the exercise's own time, unless they are called real.

    `changed` says in what play was other than planned.
    """

    exercise: str
    compact: str
    title: str
    changed: tuple[str, ...]
    summary: str
    label: Label
    readers: tuple[str, ...]
    members: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    played_s: float
    archives: tuple[ArchiveRead, ...]
    records: int
    notes: tuple[str, ...]
    objectives: tuple[ObjectiveReview, ...]
    actions: tuple[JudgedAction, ...]
    timeline: tuple[TimelineMoment, ...]
    threats: tuple[ThreatReview, ...]
    chains: tuple[Chain, ...]
    measures: tuple[Measure, ...]
    coverage: tuple[Coverage, ...]
    unseen: tuple[Unseen, ...]
    truth_known: bool
    accuracy: tuple[Accuracy, ...]
    false_alerts: tuple[str, ...]
    stray_tracks: int
    clock: tuple[ClockChange, ...]
    halts: tuple[Halt, ...]
    no_play: tuple[NoPlayArea, ...]
    observations: tuple[ObservationMade, ...]
    improvements: tuple[ImprovementAction, ...]
    engagement: Engagement | None = None


def review(
    records: Sequence[Numbered],
    archives: Sequence[ArchiveRead],
    flights: Sequence[TrueFlight] | None = None,
    readers: Sequence[str] = (),
    notes: Sequence[str] = (),
    *,
    taken: Taken = UNTOLD,
    defence: Defence | None = None,
    passed: Passed | None = None,
) -> AfterActionReview:
    """The review of records of one or several members' logs, in any order, each as often as it stands there.

    `flights` is the truth, None where nobody knows it. Without `readers` it is for all who took part. `notes` are what
    whoever read the logs has to say of them, `taken` when each member had what others said. `defence` stands in the
    place of the plan's; `passed` is called each time that it was played. Raises WrongWorld for records of several
    worlds, Nothing without any.
    """
    log = read(records, frozenset(one.node for one in archives), readers, taken)
    members = log.plan.members if log.plan else tuple(sorted({one.by for one in log.shown} | log.given_by))
    flown = None if flights is None else [one for one in flights if one.launched_at <= log.ends_at]
    found = find_threats(log, flown)
    actions = judge(log)
    clock = clock_changes(log)
    steps = chains(log, found.threats, members)
    near = accuracy(found.threats, members)
    against = defence or (log.plan.defence if log.plan else None)
    return AfterActionReview(
        exercise=log.world.exercise or "",
        compact=log.world.compact,
        title=log.plan.title if log.plan else f"Exercise {log.world.exercise}",
        changed=tuple(one for _, started in log.of(STARTED)[-1:] for one in started.changed),
        summary=log.plan.summary if log.plan else "",
        label=log.label,
        readers=log.readers,
        members=members,
        begins_at=log.begins_at,
        ends_at=log.ends_at,
        played_s=round(log.play_s(log.ends_at), 3),
        archives=tuple(sorted(archives, key=lambda one: (one.node, one.sha256))),
        records=log.records,
        notes=(*notes, *_notes(log, found, flights, members)),
        objectives=objectives(log, actions, members),
        actions=actions,
        timeline=timeline(log, actions, found.threats, clock),
        threats=tuple(_threat(one) for one in found.threats),
        chains=steps,
        measures=measures(steps, members),
        coverage=coverage(found.threats),
        unseen=unseen(found.threats, members),
        truth_known=flights is not None,
        accuracy=near,
        false_alerts=tuple(one.id for one in found.false_alerts),
        stray_tracks=found.stray_tracks,
        clock=clock,
        halts=halts(log),
        no_play=no_play_areas(log),
        observations=observations(log),
        improvements=_improvements(log),
        engagement=None if against is None else engagement(log, found.threats, against, near, passed),
    )


def _threat(one: Threat) -> ThreatReview:
    return ThreatReview(
        name=one.name,
        begins_at=one.begins_at,
        fell=None if one.flight is None else one.flight.fell,
        known=one.flight is not None,
        tracks=tuple(line.name for line in one.tracks),
        alerts=len(one.alerts),
    )


def _improvements(log: Log) -> tuple[ImprovementAction, ...]:
    """The soonest due first."""
    found = [
        ImprovementAction(one.action, one.member, one.office, one.due, one.objective, said.by, said.id)
        for said, one in log.of(ACTION_PROPOSED)
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.member, one.office, one.record)))


def _notes(log: Log, found: Threats, flights: Sequence[TrueFlight] | None, members: Sequence[str]) -> tuple[str, ...]:
    """What this review cannot say, and why."""
    notes = [log.plan_trouble] if log.plan_trouble else []
    plans = {started.plan for _, started in log.of(STARTED)}
    if len(plans) > 1:
        notes.append(f"{len(plans)} different plans were started; what is judged is the last")
    if any(started.dry for _, started in log.of(STARTED)[-1:]):
        notes.append("a dry run: nodes answered as the plan says, nobody was trained")
    missing = [member for member in members if member not in log.given_by]
    if missing:
        notes.append(f"no log of {', '.join(missing)} was given: what they kept at home is not seen")
    if log.left_out:
        many = sum(log.left_out.values())
        kinds = ", ".join(sorted({kind for _, kind in log.left_out}))
        verb = "is" if many == 1 else "are"
        notes.append(
            f"{_many(many, 'record')} {verb} left out, since not all readers of this review may have them: {kinds}"
        )
    if log.at_home:
        notes.append(f"of {_many(log.at_home, 'track report')} that stayed at home, times and places alone are used")
    notes += [f"{_many(many, 'record')} of {kind} could not be read" for kind, many in log.unread.items()]
    fastest = max((setting.rate for _, setting in log.of(CLOCK_SET)), default=1.0)
    if fastest > 1.0:
        notes.append(f"the clock ran at up to {fastest:g} times real time: what nodes took is so much longer in play")
    if flights is None:
        notes.append("the truth was not given: accuracy is not judged, and threats are what alerts name")
    late = 0 if flights is None else len(flights) - len(found.threats)
    if late:
        notes.append(f"of the scenario, {_many(late, 'flight')} had not begun when play ended")
    if found.stray_tracks:
        notes.append(f"of no threat: {_many(found.stray_tracks, 'track')}")
    return tuple(notes)


def _many(count: int, of: str) -> str:
    return f"{count} {of}{'' if count == 1 else 's'}"
