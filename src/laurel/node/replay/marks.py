"""The moments of a log that one looks for: launches, alerts, messages, consultations, cut lines, impacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from laurel.core.record import Precedence, Record
from laurel.core.words import excerpt
from laurel.instruments.consult import records as consult
from laurel.instruments.exercise import records as exercise
from laurel.instruments.hotline import records as hotline
from laurel.instruments.line import records as line
from laurel.instruments.office import records as office
from laurel.instruments.warning import records as warning


class MarkKind(StrEnum):
    """What happened."""

    LAUNCH = "launch"
    ALERT = "alert"
    IMPACT = "impact"
    PUBLIC_ALERT = "public-alert"
    PUBLIC_CANCEL = "public-cancel"
    MESSAGE = "message"
    ACKNOWLEDGED = "acknowledged"
    CONSULTATION = "consultation"
    RESPONDED = "responded"
    OPTION = "option"
    STANCE = "stance"
    TEXT = "text"
    OBJECTED = "objected"
    CLOSED = "closed"
    PROPOSED = "proposed"
    APPROVED = "approved"
    WATCH = "watch"
    LINE_CUT = "line-cut"
    LINE_BACK = "line-back"
    RETRACTED = "retracted"
    CLOCK = "clock"
    HALTED = "halted"


class Mark(Struct, frozen=True):
    """One such moment: when this node took the record, which one, and what was said in the words of its author."""

    position: int
    at: datetime
    kind: MarkKind
    origin: str
    author: str
    precedence: Precedence
    record: str
    words: str


Found = tuple[MarkKind, str]


class Marking:
    """Goes through a log once, in order. It remembers what it has marked: a track and an alert are said many times."""

    def __init__(self) -> None:
        self._alerted: set[tuple[str, str, str, str]] = set()
        self._fallen: set[tuple[str, int]] = set()
        self._cut: dict[str, bool] = {}

    def of(self, position: int, at: datetime, record_id: str, record: Record[Any]) -> Mark | None:
        """The moment that this record marks, if it does."""
        found = self._fall(record) if record.kind == warning.TRACK_REPORT.name else self._other(record)
        if found is None:
            return None
        kind, words = found
        return Mark(position, at, kind, record.origin, record.author, record.precedence, record_id, excerpt(words, ()))

    def _other(self, record: Record[Any]) -> Found | None:
        if record.kind == line.LINK_CHANGED.name:
            return self._line(record.body)
        if record.kind == warning.ALERT.name:
            return self._alert(record.origin, record.body)
        words = WORDS.get(record.kind)
        return None if words is None else words(record.body)

    def _alert(self, origin: str, said: warning.Alert) -> Found | None:
        one = (origin, said.reason, said.state, min(said.tracks, default=""))
        if one in self._alerted:
            return None
        self._alerted.add(one)
        launch = said.reason is warning.AlertReason.LAUNCH and said.state is warning.AlertState.PREDICTED
        return MarkKind.LAUNCH if launch else MarkKind.ALERT, said.words

    def _fall(self, record: Record[warning.TrackReport]) -> Found | None:
        fallen = {
            (record.origin, track.number)
            for track in record.body.tracks
            if track.state is warning.TrackState.FALLEN and track.observed is not None
        }
        new = sorted(fallen - self._fallen)
        self._fallen |= fallen
        return (MarkKind.IMPACT, ", ".join(f"{origin}-{number}" for origin, number in new)) if new else None

    def _line(self, said: line.LinkChanged) -> Found | None:
        cut = said.state in {"path-down", "node-down"}
        if self._cut.get(said.peer, False) == cut:
            return None
        self._cut[said.peer] = cut
        return MarkKind.LINE_CUT if cut else MarkKind.LINE_BACK, said.peer


def _public(said: warning.PublicAlert) -> Found:
    cancelled = said.state is warning.PublicAlertState.CANCELLED
    return MarkKind.PUBLIC_CANCEL if cancelled else MarkKind.PUBLIC_ALERT, ""


def _clock(said: exercise.ClockSet) -> Found:
    return MarkKind.CLOCK, f"{said.rate:g}"


def _text(kind: MarkKind, field: str = "") -> Callable[[Any], Found]:
    return lambda said: (kind, str(getattr(said, field) or "") if field else "")


WORDS: Mapping[str, Callable[[Any], Found]] = {
    warning.PUBLIC_ALERT.name: _public,
    hotline.MESSAGE.name: lambda said: (MarkKind.MESSAGE, said.subject or said.text),
    hotline.ACKNOWLEDGED.name: _text(MarkKind.ACKNOWLEDGED),
    consult.REQUESTED.name: _text(MarkKind.CONSULTATION, "subject"),
    consult.RESPONDED.name: _text(MarkKind.RESPONDED, "text"),
    consult.OPTION.name: _text(MarkKind.OPTION, "title"),
    consult.STANCE.name: _text(MarkKind.STANCE, "position"),
    consult.JOINT_TEXT.name: _text(MarkKind.TEXT),
    consult.OBJECTED.name: _text(MarkKind.OBJECTED),
    consult.CLOSED.name: _text(MarkKind.CLOSED),
    office.PROPOSED.name: _text(MarkKind.PROPOSED, "command"),
    office.APPROVED.name: _text(MarkKind.APPROVED),
    office.WATCH_TAKEN.name: _text(MarkKind.WATCH),
    line.RETRACTED.name: _text(MarkKind.RETRACTED),
    exercise.CLOCK_SET.name: _clock,
    exercise.HALTED.name: _text(MarkKind.HALTED, "reason"),
}
