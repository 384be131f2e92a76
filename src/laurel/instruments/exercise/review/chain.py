"""How fast each member went, threat by threat: detect, track, share, alert, acknowledge, consult, decide.

| step | when it came |
|---|---|
| detect | the first plot that a track of the member rests on (`warning.track-report`: its pedigree) |
| track | its first report of that track |
| share | the first report of that track, whole or coarse, that its label releases to another member |
| alert | its first alert of that threat |
| acknowledge | an office of it first acknowledged an alert of that threat, of whichever member |
| consult | it first requested a consultation that rests on that threat, or responded to one |
| decide | in such a consultation it first took a stance, proposed a text, assented, objected or asked to amend |

A step that never came is None and said so, never 0. What a step took counts from the last that came before it in this
order, so it is negative where a member was ahead of its own order (a request before its own alert, say).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from statistics import median

from msgspec import Struct

from laurel.instruments.consult.records import AMENDED, ASSENTED, JOINT_TEXT, OBJECTED, REQUESTED, RESPONDED, STANCE
from laurel.instruments.exercise.review.log import Log
from laurel.instruments.exercise.review.threats import Threat
from laurel.instruments.exercise.review.tracks import Moment
from laurel.instruments.warning.records import ACKNOWLEDGED, ALERT, COARSE_TRACKS, TRACK_REPORT


class Step(StrEnum):
    """One of seven, in this order."""

    DETECT = "detect"
    TRACK = "track"
    SHARE = "share"
    ALERT = "alert"
    ACKNOWLEDGE = "acknowledge"
    CONSULT = "consult"
    DECIDE = "decide"


class Came(StrEnum):
    """Whether it did, as far as these logs can tell."""

    YES = "came"
    NEVER = "never"
    NOT_SEEN = "not seen in these logs"
    """The member's own log is not among them, or what would show it is left out of this review."""


KINDS: Mapping[Step, frozenset[str]] = {
    Step.DETECT: frozenset({TRACK_REPORT.name}),
    Step.TRACK: frozenset({TRACK_REPORT.name}),
    Step.SHARE: frozenset({TRACK_REPORT.name, COARSE_TRACKS.name}),
    Step.ALERT: frozenset({ALERT.name}),
    Step.ACKNOWLEDGE: frozenset({ACKNOWLEDGED.name}),
    Step.CONSULT: frozenset({REQUESTED.name, RESPONDED.name}),
    Step.DECIDE: frozenset({STANCE.name, JOINT_TEXT.name, ASSENTED.name, OBJECTED.name, AMENDED.name}),
}
"""What a member says when it takes that step."""


class Reached(Struct, frozen=True):
    """One step of one member: seconds since the threat began, and since the last step that came; the record."""

    step: Step
    came: Came
    at: datetime | None = None
    since_s: float | None = None
    took_s: float | None = None
    record: str | None = None


class Chain(Struct, frozen=True):
    """All steps of one member for one threat. `slowest` is None where no two came."""

    threat: str
    member: str
    steps: tuple[Reached, ...]
    slowest: Step | None


class StepMeasure(Struct, frozen=True):
    """One step of one member over all threats: at how many it came, and what it took (s)."""

    step: Step
    came: int
    never: int
    not_seen: int
    median_s: float | None
    longest_s: float | None
    longest_at: str | None


class Measure(Struct, frozen=True):
    """All steps of one member. `slowest` has the greatest median."""

    member: str
    steps: tuple[StepMeasure, ...]
    slowest: Step | None


def chains(log: Log, threats: Sequence[Threat], members: Sequence[str]) -> tuple[Chain, ...]:
    """For each threat, in its order, and each member."""
    return tuple(_chain(log, threat, member) for threat in threats for member in members)


def measures(found: Sequence[Chain], members: Sequence[str]) -> tuple[Measure, ...]:
    """Over all threats, for each member."""
    return tuple(_measure(member, [one for one in found if one.member == member]) for member in members)


def _chain(log: Log, threat: Threat, member: str) -> Chain:
    began = threat.begins_at
    moments = _moments(threat, member)
    steps: list[Reached] = []
    last = None if threat.flight is None else began
    for step in Step:
        moment = moments.get(step)
        if moment is None:
            steps.append(Reached(step, _absent(log, member, step)))
            continue
        at, record = moment
        steps.append(Reached(step, Came.YES, at, _seconds(began, at), _seconds(last, at), record or None))
        last = at if last is None else max(last, at)
    took = {one.step: one.took_s for one in steps if one.took_s is not None}
    return Chain(threat.name, member, tuple(steps), _slowest(took))


def _moments(threat: Threat, member: str) -> dict[Step, Moment]:
    own = [line for line in threat.tracks if line.member == member]
    found: dict[Step, list[Moment]] = {step: [] for step in Step}
    found[Step.DETECT] = [(line.first_plot_at, "") for line in own if line.first_plot_at is not None]
    found[Step.TRACK] = [line.said for line in own if line.said is not None]
    found[Step.SHARE] = [line.shared for line in own if line.shared is not None]
    found[Step.ALERT] = [(said.at, said.id) for said, _ in threat.alerts if said.by == member]
    for step in (Step.ACKNOWLEDGE, Step.CONSULT, Step.DECIDE):
        of_step = (one for one in threat.told if one.by == member and one.record.kind in KINDS[step])
        found[step] = [(one.at, one.id) for one in of_step]
    return {step: min(moments) for step, moments in found.items() if moments}


def _absent(log: Log, member: str, step: Step) -> Came:
    """A member's own log holds all it said: what is not there it did not say, unless it was left out."""
    left_out = any((member, kind) in log.left_out for kind in KINDS[step])
    return Came.NEVER if member in log.given_by and not left_out else Came.NOT_SEEN


def _seconds(since: datetime | None, at: datetime) -> float | None:
    return None if since is None else round((at - since).total_seconds(), 3)


def _slowest(took: Mapping[Step, float]) -> Step | None:
    """The earlier of equals."""
    return max(took, key=lambda step: took[step], default=None)


def _measure(member: str, found: Sequence[Chain]) -> Measure:
    steps = tuple(_step_measure(step, found) for step in Step)
    return Measure(member, steps, _slowest({one.step: one.median_s for one in steps if one.median_s is not None}))


def _step_measure(step: Step, found: Sequence[Chain]) -> StepMeasure:
    of_step = [(chain.threat, one) for chain in found for one in chain.steps if one.step is step]
    took = [(one.took_s, threat) for threat, one in of_step if one.took_s is not None]
    longest = max(took, key=lambda one: one[0], default=None)
    count = {came: sum(one.came is came for _, one in of_step) for came in Came}
    return StepMeasure(
        step=step,
        came=count[Came.YES],
        never=count[Came.NEVER],
        not_seen=count[Came.NOT_SEEN],
        median_s=round(median(one for one, _ in took), 3) if took else None,
        longest_s=None if longest is None else longest[0],
        longest_at=None if longest is None else longest[1],
    )
