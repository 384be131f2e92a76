"""The same exercise with something changed: a sensor silent, a link cut, tracks released to fewer.

The plan and the scenario stay as they are. Times are seconds of play; a change without times lasts as long as play.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import Struct

from laurel.core.errors import BadField, Nothing
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.stations import AS_REGISTERED, Truly
from laurel.instruments.exercise.written import Span

Pair = tuple[str, str]
"""Two members, in the order of their codes."""

SENSOR_FORM = "a sensor and, if it is not silent all the time, from and to which second of play: NAME or NAME@600-1200"
CUT_FORM = "two members and, if not for all of play, from and to which second of it: JPN-KOR or JPN-KOR@600-1200"
RELEASE_FORM = "a member, and to whom it releases its tracks: JPN=USA; JPN=JPN for nobody else"


class Silence(Struct, frozen=True):
    """A sensor that reports nothing: in that time, or, without one, as if it were not there at all."""

    sensor: str
    span: Span | None = None


class Cut(Struct, frozen=True):
    """A link between two members that is cut."""

    pair: Pair
    span: Span | None = None


class Released(Struct, frozen=True):
    """To whom else a member releases its tracks and alerts."""

    member: str
    to: tuple[str, ...]


class Changes(Struct, frozen=True):
    """All that is otherwise."""

    silences: tuple[Silence, ...] = ()
    cuts: tuple[Cut, ...] = ()
    releases: tuple[Released, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.silences or self.cuts or self.releases)

    def cut_at(self, play_s: float) -> frozenset[Pair]:
        """The links that are cut in that second of play."""
        return frozenset(one.pair for one in self.cuts if one.span is None or one.span.holds(play_s))

    def released_to(self, member: str, everyone: Collection[str]) -> frozenset[str]:
        """Who may have that member's tracks: all, unless it is changed."""
        of_member = next((one for one in self.releases if one.member == member), None)
        return frozenset(everyone) if of_member is None else frozenset({member, *of_member.to})


def changes(without: Iterable[str], cuts: Iterable[str], releases: Iterable[str]) -> Changes:
    """What people write: `NAME@600-1200`, `JPN-KOR`, `JPN=USA`. Raises BadField."""
    return Changes(
        tuple(Silence(*_timed(one, "without", SENSOR_FORM)) for one in without),
        tuple(_cut(one) for one in cuts),
        tuple(_released(one) for one in releases),
    )


def check(wanted: Changes, scenario: Scenario | None, members: Sequence[str]) -> None:
    """Raises Nothing for a sensor or a member that is not there; the error names those that are."""
    sensors = _sensors(scenario)
    for silence in wanted.silences:
        if silence.sensor not in sensors:
            raise Nothing(sensor=silence.sensor, there_are=", ".join(sorted(sensors)) or "none")
    named = [*(one for cut in wanted.cuts for one in cut.pair)]
    named += [one for released in wanted.releases for one in (released.member, *released.to)]
    for member in named:
        if member not in members:
            raise Nothing(member=member, there_are=", ".join(sorted(members)))


def changed(scenario: Scenario, wanted: Changes, begins_at: datetime) -> Scenario:
    """The scenario without what is silent. The plots of all other sensors stay as they are.

    `begins_at` is when play begins, from which seconds of play count.
    """
    gone = {one.sensor for one in wanted.silences if one.span is None}
    sensors = {
        member: tuple(sensor for sensor in own if sensor.name not in gone) for member, own in scenario.sensors.items()
    }
    ahead_s = (begins_at - scenario.starts_at).total_seconds()
    truly = dict(scenario.truly)
    for one in wanted.silences:
        if one.span is not None:
            truly[one.sensor] = _silent(truly.get(one.sensor, AS_REGISTERED), one.span, ahead_s)
    return replace(scenario, sensors=sensors, truly=truly)


def islands(members: Iterable[str], cut: Collection[Pair]) -> tuple[tuple[str, ...], ...]:
    """The members in groups within which word comes through, if need be by a third; in the order of their codes."""
    found: list[set[str]] = []
    for member in sorted(members):
        near = [group for group in found if any((other, member) not in cut for other in group)]
        found = [group for group in found if group not in near]
        found.append({member}.union(*near))
    return tuple(sorted(tuple(sorted(group)) for group in found))


def told(wanted: Changes, scenario: Scenario | None) -> tuple[str, ...]:
    """What is changed, in words, one for each."""
    of_member = _sensors(scenario)
    return (
        *(
            f"sensor {one.sensor} of {of_member.get(one.sensor, 'nobody')} "
            + ("is not there" if one.span is None else f"is silent {_when(one.span)}")
            for one in wanted.silences
        ),
        *(f"the link between {one.pair[0]} and {one.pair[1]} is cut {_when(one.span)}" for one in wanted.cuts),
        *(f"{one.member} releases its tracks and alerts to {_whom(one)}" for one in wanted.releases),
    )


def _when(span: Span | None) -> str:
    return "for all of play" if span is None else f"from second {span.from_s:g} to {span.to_s:g} of play"


def _whom(one: Released) -> str:
    others = [member for member in one.to if member != one.member]
    return f"{' and '.join(others)} alone" if others else "nobody else"


def _sensors(scenario: Scenario | None) -> Mapping[str, str]:
    """Every sensor, and whose it is."""
    found = {} if scenario is None else scenario.sensors
    return {sensor.name: member for member, own in found.items() for sensor in own}


def _silent(truly: Truly, span: Span, ahead_s: float) -> Truly:
    in_its_own = Span(max(0.0, span.from_s + ahead_s), max(0.0, span.to_s + ahead_s))
    return Truly(truly.bias, (*truly.outages, in_its_own), truly.way)


def _cut(text: str) -> Cut:
    name, span = _timed(text, "cut", CUT_FORM)
    one, dash, other = name.partition("-")
    if not dash or one == other or not all(re.fullmatch("[A-Z]{3}", code) for code in (one, other)):
        raise BadField(field="cut", value=text, must_be=CUT_FORM)
    return Cut((min(one, other), max(one, other)), span)


def _released(text: str) -> Released:
    member, equals, to = text.partition("=")
    codes = tuple(code.strip() for code in to.split(","))
    if not equals or not all(re.fullmatch("[A-Z]{3}", code) for code in (member, *codes)):
        raise BadField(field="release", value=text, must_be=RELEASE_FORM)
    return Released(member, codes)


def _timed(text: str, field: str, form: str) -> tuple[str, Span | None]:
    name, at, span = text.partition("@")
    if not at:
        return name, None
    found = re.fullmatch(r"(\d{1,7}(?:\.\d+)?)-(\d{1,7}(?:\.\d+)?)", span)
    if not name or found is None or not float(found[1]) < float(found[2]):
        raise BadField(field=field, value=text, must_be=form)
    return name, Span(float(found[1]), float(found[2]))
