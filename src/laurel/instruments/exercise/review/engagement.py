"""How a defence would have ended what flew, had it shot on what was seen and shared in play: notional, and many times.

What flew is the truth. When a member could shoot follows from the logs: its own tracks from their first report, a
partner's from when that report came to it. How well, from how far those tracks were from the truth. So a sensor that
failed, a line that was cut, a release that came late and a caveat all cost what they cost.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from laurel.instruments.exercise.defeat.engage import Distribution, distribution, nine_in_ten
from laurel.instruments.exercise.defeat.play import Play
from laurel.instruments.exercise.defeat.raid import Raid, Sight
from laurel.instruments.exercise.defeat.window import STEP_S, along
from laurel.instruments.exercise.defeat.window import Threat as Coming
from laurel.instruments.exercise.defence import Defence
from laurel.instruments.exercise.review.accuracy import Accuracy
from laurel.instruments.exercise.review.log import Log
from laurel.instruments.exercise.review.threats import Threat

RUNS = 500
MEDIAN_SIGMAS = 1.538
"""The median distance of a normal error, the same along three axes, in its one-axis sigmas (chi with 3 degrees)."""
PLAYED = "as played"
AT_ONCE = "every track shared at once"
ALONE = "no track shared"

Passed = Callable[[int, int], None]
"""Called after each run of the raid: how many were played, of how many."""


class Leakers(Struct, frozen=True):
    """What came through into one member's areas, or into all: `counts` has the runs with 0, 1, 2 and more of them."""

    area: str | None
    threats: int
    mean: float
    low: int
    high: int
    none: float
    counts: tuple[int, ...]


class Fired(Struct, frozen=True):
    """Rounds that one member fired, of those it held: the middle, and between which nine runs in ten lie."""

    member: str
    held: int
    middle: int
    low: int
    high: int


class EngagementCase(Struct, frozen=True):
    """One way things might have been: all areas together first, then each."""

    name: str
    leakers: tuple[Leakers, ...]
    fired: tuple[Fired, ...]


class ThreatEngaged(Struct, frozen=True):
    """One threat as it was played: who had a track of it and when, and in which share of the runs it came through."""

    threat: str
    area: str
    flew_s: float
    tracked_by: tuple[str, ...]
    had_by: tuple[tuple[str, float], ...]
    """(who holds a battery, seconds after the launch from which it had a track), in order of members."""
    through: float


class Engagement(Struct, frozen=True):
    """All of it. `spared` came down in no area that is defended, and nobody shoots at it."""

    runs: int
    batteries: int
    spared: int
    unfinished: int
    cases: tuple[EngagementCase, ...]
    threats: tuple[ThreatEngaged, ...]


def engagement(
    log: Log, threats: Sequence[Threat], defence: Defence, found: Sequence[Accuracy], passed: Passed | None = None
) -> Engagement | None:
    """None where nothing that flew would be engaged. Raises LiveWorld for a log that is of no exercise."""
    over = [one for one in threats if one.flight is not None and one.flight.attacks and one.flight.fell is not None]
    ended = [one for one in over if one.flight is not None and one.flight.fell and one.flight.fell.at <= log.ends_at]
    coming = [(one, seen) for one in ended if (seen := _coming(log, one, defence)) is not None]
    if not coming:
        return None
    raid = Raid(
        play=Play(log.world),
        threats=tuple(threat for _, threat in coming),
        batteries=defence.held(),
        sights=tuple(sight for one, _ in coming for sight in _sights(log, one, found)),
        doctrine=defence.shoots(),
        sharing=defence.shares(),
        caveats=defence.limits(),
    )
    seed = int.from_bytes(hashlib.sha256((log.world.exercise or "").encode()).digest()[:8])
    cases, played = dict(_cases(raid)), count(1)

    def one_more() -> None:
        if passed is not None:
            passed(next(played), RUNS * len(cases))

    ends = {name: distribution(one, RUNS, seed, passed=one_more) for name, one in cases.items()}
    return Engagement(
        runs=RUNS,
        batteries=len(raid.batteries),
        spared=len(ended) - len(coming),
        unfinished=len(over) - len(ended),
        cases=tuple(_case(raid, name, end) for name, end in ends.items()),
        threats=tuple(_engaged(one, threat, raid, ends[PLAYED].through) for one, threat in coming),
    )


def _coming(log: Log, threat: Threat, defence: Defence) -> Coming | None:
    """What a battery meets, second by second of play; None where it comes down in no area."""
    flight = threat.flight
    if flight is None or flight.fell is None:
        return None
    area = defence.area_of(flight.fell.lat_deg, flight.fell.lon_deg)
    if area is None:
        return None
    flown_s = np.arange(0.0, (flight.fell.at - flight.launched_at).total_seconds(), STEP_S)
    places = [(t_s, place) for t_s in flown_s.tolist() if (place := flight.at(t_s)) is not None]
    seconds = log.play_s(flight.launched_at) + np.array([t_s for t_s, _ in places])
    return along(threat.name, seconds, np.array([place for _, place in places]), area)


def _sights(log: Log, threat: Threat, found: Sequence[Accuracy]) -> Iterator[Sight]:
    off_m = {one.member: one.median_m for one in found if one.threat == threat.name}
    for line in threat.tracks:
        median_m = off_m.get(line.member)
        if line.said is not None and median_m is not None:
            yield Sight(
                member=line.member,
                threat=threat.name,
                from_s=log.play_s(line.said[0]),
                error_m=median_m / MEDIAN_SIGMAS,
                reached_s={member: log.play_s(at) for member, at in line.reached.items()},
            )


def _cases(raid: Raid) -> Iterator[tuple[str, Raid]]:
    yield PLAYED, raid
    if raid.sharing:
        yield AT_ONCE, replace(raid, sights=tuple(replace(one, reached_s=None) for one in raid.sights))
        yield ALONE, replace(raid, sharing={})
    for caveat in raid.caveats:
        others = tuple(one for one in raid.caveats if one is not caveat)
        yield f"without the caveat of {caveat.member}", replace(raid, caveats=others)


def _case(raid: Raid, name: str, end: Distribution) -> EngagementCase:
    of_area = {area: sum(one.aimed_at == area for one in raid.threats) for area in end.leaked_into}
    held = {member: sum(one.rounds for one in raid.batteries if one.member == member) for member in end.rounds}
    return EngagementCase(
        name=name,
        leakers=(
            _leakers(None, end.threats, end.leaked),
            *(_leakers(area, of_area[area], counts) for area, counts in end.leaked_into.items()),
        ),
        fired=tuple(
            Fired(member, held[member], int(np.median(fired)), *nine_in_ten(fired))
            for member, fired in end.rounds.items()
        ),
    )


def _leakers(area: str | None, threats: int, leaked: NDArray[np.int64]) -> Leakers:
    low, high = nine_in_ten(leaked)
    found: Counter[int] = Counter(leaked.tolist())
    return Leakers(
        area=area,
        threats=threats,
        mean=round(float(leaked.mean()), 3),
        low=low,
        high=high,
        none=round(found[0] / len(leaked), 4),
        counts=tuple(found[many] for many in range(threats + 1)),
    )


def _engaged(threat: Threat, coming: Coming, raid: Raid, through: Mapping[str, float]) -> ThreatEngaged:
    began_s = float(coming.t_s[0])
    had: dict[str, float] = {}
    for member in sorted({one.member for one in raid.batteries}):
        from_s = [
            at_s
            for one in raid.sights_of.get(coming.name, ())
            if one.member == member or (one.member, member) in raid.sharing
            if (at_s := one.held_from_s(member)) is not None
        ]
        if from_s:
            had[member] = round(min(from_s) - began_s, 3)
    return ThreatEngaged(
        threat=coming.name,
        area=coming.aimed_at or "",
        flew_s=round(float(coming.t_s[-1]) - began_s, 3),
        tracked_by=tuple(sorted({line.member for line in threat.tracks})),
        had_by=tuple(had.items()),
        through=round(through[coming.name], 4),
    )
