"""What was to happen beside what happened, in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from laurel.instruments.consult.records import REQUESTED
from laurel.instruments.exercise.plan.msel import Plan
from laurel.instruments.exercise.records import CALLED, HALTED, INJECTED, NO_PLAY, InjectOutcome
from laurel.instruments.exercise.review.expected import JudgedAction
from laurel.instruments.exercise.review.log import Log
from laurel.instruments.exercise.review.spans import play, seconds
from laurel.instruments.exercise.review.standstill import ClockChange
from laurel.instruments.exercise.review.threats import Threat
from laurel.instruments.warning.records import PUBLIC_ALERT, PublicAlertState


class Side(StrEnum):
    """Whether it was to be, or was."""

    INJECT = "inject"
    EXPECTED = "expected"
    ACTUAL = "actual"
    CONTROL = "control"


class TimelineMoment(Struct, frozen=True):
    """One line: seconds of play, the member it is about (empty: all), and in words what was due, or came."""

    play_s: float
    side: Side
    member: str
    subject: str
    words: str
    record: str | None = None


def timeline(
    log: Log, actions: Sequence[JudgedAction], threats: Sequence[Threat], clock: Sequence[ClockChange]
) -> tuple[TimelineMoment, ...]:
    """Everything, the earliest first; what falls on one second stands in the order of the sides."""
    found = [
        *_injects(log),
        *_calls(log),
        *_expected(actions),
        *_threats(log, threats),
        *_said(log),
        *_clock(log, clock),
    ]
    order = {side: place for place, side in enumerate(Side)}
    return tuple(sorted(found, key=lambda one: (one.play_s, order[one.side], one.subject, one.member, one.words)))


def _injects(log: Log) -> Iterator[TimelineMoment]:
    titles = {} if log.plan is None else _planned(log.plan)
    for said, one in log.of(INJECTED):
        title, planned_s = titles.get(one.inject, (one.inject, None))
        went_s = log.play_s(said.at)
        if one.outcome is InjectOutcome.DONE:
            planned = "" if planned_s is None or abs(went_s - planned_s) < 0.5 else f", planned for {play(planned_s)}"
            words = f"{title}{planned}"
        else:
            words = f"{title}: {one.outcome.value}{f', {one.why}' if one.why else ''}"
        yield TimelineMoment(round(went_s, 3), Side.INJECT, said.by, one.inject, words, said.id)


def _calls(log: Log) -> Iterator[TimelineMoment]:
    for said, one in log.of(CALLED):
        words = f"control skips it: {one.why}" if one.skip else "control calls it now"
        yield _at(log, said.at, Side.CONTROL, said.by, one.inject, words, said.id)


def _planned(plan: Plan) -> dict[str, tuple[str, float | None]]:
    return {one.id: (one.title, one.at_s) for one in plan.moves(dry=True)}


def _expected(actions: Sequence[JudgedAction]) -> Iterator[TimelineMoment]:
    for one in actions:
        if one.asked_s is None or one.due_s is None:
            continue
        yield TimelineMoment(one.due_s, Side.EXPECTED, one.member, one.id, f"due: {one.criterion}")
        if one.took_s is not None:
            words = f"{one.verdict.value} after {seconds(one.took_s)} of {seconds(one.within_s)}: {one.kind}"
            yield TimelineMoment(round(one.asked_s + one.took_s, 3), Side.ACTUAL, one.member, one.id, words, one.record)


def _threats(log: Log, threats: Sequence[Threat]) -> Iterator[TimelineMoment]:
    """The beginning and the end of each, and each member's first alert of each reason."""
    for threat in threats:
        if threat.flight is not None:
            yield _at(log, threat.flight.launched_at, Side.CONTROL, "", threat.name, "launched")
            if threat.flight.fell is not None:
                yield _at(log, threat.flight.fell.at, Side.CONTROL, "", threat.name, "came down")
        told: set[tuple[str, str]] = set()
        for said, alert in threat.alerts:
            key = (said.by, alert.reason.value)
            if key not in told:
                told.add(key)
                words = f"{alert.reason.value} alert, {alert.state.value}: {alert.words}"
                yield _at(log, said.at, Side.ACTUAL, said.by, threat.name, words, said.id)


def _said(log: Log) -> Iterator[TimelineMoment]:
    for said, request in log.of(REQUESTED):
        yield _at(
            log, said.at, Side.ACTUAL, said.by, "consultation", f"requests to consult: {request.subject}", said.id
        )
    for said, public in log.of(PUBLIC_ALERT):
        verb = "tells the public to take cover" if public.state is PublicAlertState.ISSUED else "cancels that alert"
        yield _at(log, said.at, Side.ACTUAL, said.by, "public alert", verb, said.id)
    for said, area in log.of(NO_PLAY):
        words = f"no play in {area.name}: {area.why}"
        yield _at(log, said.at, Side.CONTROL, said.by, "no play", words, said.id)
    for said, halt in log.of(HALTED):
        yield _at(log, said.at, Side.CONTROL, said.by, "halt", f"all play is halted: {halt.reason}", said.id)


def _clock(log: Log, clock: Sequence[ClockChange]) -> Iterator[TimelineMoment]:
    for one in clock:
        words = "the clock is paused" if one.rate == 0.0 else f"the clock runs at {one.rate:g}"
        if one.slowed_from is not None:
            words += f" and no more at {one.slowed_from:g}: the node could not keep up"
        if one.steps > 1:
            words = f"the clock is stepped {one.steps} times"
        if abs(one.jump_s) >= 1.0:
            words += f", moved by {seconds(one.jump_s)}"
        if one.rate == 0.0 and one.lasted_real_s is not None:
            words += f", for {seconds(one.lasted_real_s)} of real time"
        yield _at(log, one.exercise_at, Side.CONTROL, one.by, "clock", words)


def _at(
    log: Log, at: datetime, side: Side, member: str, subject: str, words: str, record: str | None = None
) -> TimelineMoment:
    return TimelineMoment(round(log.play_s(at), 3), side, member, subject, words, record)
