"""How a raid ends: once, with given dice, and as a distribution over many."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from laurel.instruments.exercise.defeat.assignment import Pairs, assign
from laurel.instruments.exercise.defeat.raid import Chance, Raid, chances
from laurel.instruments.exercise.defeat.window import Shot
from laurel.physics.compiled import Matrix

PROMPT_S = 5.0
"""A launch that would come later than this is thought of again when it comes."""

Assignment = Callable[[Matrix, tuple[int, ...]], Pairs]


@dataclass(frozen=True)
class Outcome:
    """One way it went: all salvos in the order of launching, and who came through."""

    shots: tuple[Shot, ...]
    leaked: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Distribution:
    """How it went in many runs."""

    threats: int
    leaked: NDArray[np.int64]
    """(runs,) threats that came through."""
    rounds: Mapping[str, NDArray[np.int64]]
    """(runs,) rounds that each member fired."""
    leaked_into: Mapping[str, NDArray[np.int64]]
    """(runs,) those of them that came down in the area of each member that was aimed at."""
    through: Mapping[str, float]
    """In which share of the runs each threat came through."""

    def chance_of_none(self) -> float:
        """The share of runs in which nothing came through."""
        return int(np.count_nonzero(self.leaked == 0)) / len(self.leaked)

    def nine_in_ten(self) -> tuple[int, int]:
        """Between these lie the leakers of nine runs in ten."""
        return nine_in_ten(self.leaked)


def nine_in_ten(counts: NDArray[np.int64]) -> tuple[int, int]:
    """Between these lie nine in ten of them: (n,) counts."""
    ranked = np.sort(counts)
    return int(ranked[int(0.05 * len(ranked))]), int(ranked[int(0.95 * len(ranked))])


def distribution(raid: Raid, runs: int, seed: int, choose: Assignment = assign) -> Distribution:
    """So many runs of one raid. The same seed gives the same runs, and each run its own dice."""
    possible = chances(raid)
    outcomes = [_engage(raid, possible, default_rng(one), choose) for one in SeedSequence(seed).spawn(runs)]
    members = sorted({battery.member for battery in raid.batteries})
    holder = {battery.name: battery.member for battery in raid.batteries}
    fired = [Counter[str]() for _ in outcomes]
    for count, outcome in zip(fired, outcomes, strict=True):
        for shot in outcome.shots:
            count[holder[shot.battery]] += shot.rounds
    came = np.array([[one.name in outcome.leaked for one in raid.threats] for outcome in outcomes], dtype=np.bool_)
    aimed_at = [one.aimed_at for one in raid.threats]
    return Distribution(
        threats=len(raid.threats),
        leaked=came.sum(axis=1, dtype=np.int64),
        rounds={member: np.array([count[member] for count in fired], dtype=np.int64) for member in members},
        leaked_into={
            area: came[:, [one == area for one in aimed_at]].sum(axis=1, dtype=np.int64)
            for area in sorted({one for one in aimed_at if one is not None})
        },
        through={one.name: float(came[:, column].mean()) for column, one in enumerate(raid.threats)},
    )


def engage(raid: Raid, dice: Generator, choose: Assignment = assign) -> Outcome:
    """One run."""
    return _engage(raid, chances(raid), dice, choose)


@dataclass
class _Course:
    """Where one run stands."""

    rounds: list[int]
    allowed: dict[str, int]
    guided_until: list[list[float]]
    free_from: dict[int, float]
    """When each threat that still flies may be shot at again."""
    latest_s: Mapping[int, float]
    """The last launch that could still meet each threat."""
    shots: list[Shot] = field(default_factory=list[Shot])

    def guides(self, battery: int, at_s: float) -> int:
        """How many salvos a battery has in the air."""
        return sum(until > at_s for until in self.guided_until[battery])


def _engage(raid: Raid, possible: Sequence[Chance], dice: Generator, choose: Assignment) -> Outcome:
    course = _Course(
        rounds=[battery.rounds for battery in raid.batteries],
        allowed={
            battery.member: limit
            for battery in raid.batteries
            if (limit := raid.caveat(battery.member).most_rounds) is not None
        },
        guided_until=[[] for _ in raid.batteries],
        free_from=dict.fromkeys(range(len(raid.threats)), 0.0),
        latest_s=_latest_s(possible),
    )
    known = {track.from_s for chance in possible for track in chance.known}
    moments = sorted(known)
    while moments:
        later = _wave(raid, possible, course, heapq.heappop(moments), dice, choose)
        for moment_s in later - known:
            heapq.heappush(moments, moment_s)
        known |= later
    leaked = tuple(raid.threats[threat].name for threat in sorted(course.free_from))
    return Outcome(tuple(sorted(course.shots, key=lambda shot: shot.launched_s)), leaked)


def _latest_s(possible: Sequence[Chance]) -> dict[int, float]:
    found: dict[int, float] = {}
    for one in possible:
        found[one.threat] = max(one.window.latest_s, found.get(one.threat, one.window.latest_s))
    return found


def _wave(
    raid: Raid, possible: Sequence[Chance], course: _Course, at_s: float, dice: Generator, choose: Assignment
) -> set[float]:
    """Launches what is best launched now; returns when to think again."""
    again: set[float] = set()
    offers: dict[tuple[int, int], Shot] = {}
    for chance in possible:
        spent = course.rounds[chance.battery] == 0 or chance.window.latest_s < at_s
        if spent or chance.threat not in course.free_from:
            continue
        if course.free_from[chance.threat] > at_s:
            again.add(course.free_from[chance.threat])
            continue
        error_m = chance.error_m(at_s)
        meeting = chance.window.first(at_s)
        if error_m is None or meeting is None:
            continue
        if meeting[0] > at_s + PROMPT_S:
            again.add(meeting[0])
            continue
        if shot := _salvo(raid, course, chance, meeting, error_m):
            offers[chance.battery, chance.threat] = shot
    if not offers:
        return again
    threats = sorted({threat for _, threat in offers})
    gains = np.zeros((len(raid.batteries), len(threats)))
    for (battery, threat), shot in offers.items():
        gains[battery, threats.index(threat)] = raid.threats[threat].worth * shot.chance
    for battery, column in choose(gains, _free(raid, course, offers, at_s)):
        shot = offers[battery, threats[column]]
        _launch(raid, course, battery, threats[column], shot, dice)
        again |= {shot.meets_s, shot.meets_s + raid.doctrine.look_s}
    # Who found no free channel waits for the next that is.
    again |= {until_s for until in course.guided_until for until_s in until}
    return {later_s for later_s in again if later_s > at_s}


def _salvo(
    raid: Raid,
    course: _Course,
    chance: Chance,
    meeting: tuple[float, float],
    error_m: float,
) -> Shot | None:
    battery, threat = raid.batteries[chance.battery], raid.threats[chance.threat]
    launched_s, meets_s = meeting
    looks_s = meets_s + raid.doctrine.look_s
    wanted = raid.doctrine.salvo if looks_s <= course.latest_s[chance.threat] else raid.doctrine.last
    rounds = min(wanted, course.rounds[chance.battery], course.allowed.get(battery.member, wanted))
    if rounds < 1:
        return None
    hit = battery.interceptor.chance(error_m, rounds)
    return Shot(battery.name, threat.name, launched_s, meets_s, rounds, hit)


def _free(raid: Raid, course: _Course, offers: Mapping[tuple[int, int], Shot], at_s: float) -> tuple[int, ...]:
    """Salvos that each battery can still launch and guide."""
    found: list[int] = []
    for row, battery in enumerate(raid.batteries):
        largest = max((shot.rounds for (one, _), shot in offers.items() if one == row), default=1)
        held = min(course.rounds[row], course.allowed.get(battery.member, course.rounds[row]))
        found.append(min(battery.channels - course.guides(row, at_s), held // largest))
    return tuple(found)


def _launch(raid: Raid, course: _Course, battery: int, threat: int, shot: Shot, dice: Generator) -> None:
    member = raid.batteries[battery].member
    if shot.rounds > course.allowed.get(member, shot.rounds):
        # Another battery of this member has fired what its caveat allows.
        return
    course.rounds[battery] -= shot.rounds
    if member in course.allowed:
        course.allowed[member] -= shot.rounds
    course.guided_until[battery] = [*course.guided_until[battery], shot.meets_s]
    course.shots.append(shot)
    if dice.random() < shot.chance:
        del course.free_from[threat]
    else:
        course.free_from[threat] = shot.meets_s + raid.doctrine.look_s
