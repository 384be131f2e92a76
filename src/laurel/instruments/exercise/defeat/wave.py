"""From wave to wave of one run: what can be launched. A raid of 200 has a million waves, so they are compiled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from laurel.instruments.exercise.defeat.assignment import NOBODY, cannot_gain_more, greedy
from laurel.instruments.exercise.defeat.raid import Chance, Known, Raid, chances
from laurel.physics.compiled import Matrix, Numbers, Vector, compiled

PROMPT_S = 5.0
"""A launch that would come later than this is thought of again when it comes."""
NEVER_S = np.inf
UNLIMITED = 1_000_000


class Table(NamedTuple):
    """All of a raid that chance does not touch. A pair is a battery that may and can meet a threat."""

    pairs: Numbers
    """(threats + 1,) where the pairs of a threat begin; the next one's begin where they end."""
    battery: Numbers
    """(pairs,)"""
    opens: Numbers
    """(pairs + 1,) where its window begins in `launches_s` and `meets_s`."""
    launches_s: Vector
    meets_s: Vector
    learns: Numbers
    """(pairs + 1,) where its tracks begin in `known_s` and `hit`."""
    known_s: Vector
    """When each becomes known, of each pair in order."""
    hit: Matrix
    """(tracks, rounds + 1) the chance of a hit by so many rounds on the best that is known then."""
    pair: Numbers
    """(batteries, threats) which pair they are, or nobody's."""
    member: Numbers
    """(batteries,) whose it is."""
    channels: Numbers
    """(batteries,)"""
    worth: Vector
    """(threats,)"""
    first_s: Vector
    """(threats,) when it becomes known to whoever can meet it."""
    last_s: Vector
    """(threats,) the last launch that could still meet it."""
    moments_s: Vector
    """When anything becomes known, in order."""
    salvo: int
    last: int
    look_s: float


class Course(NamedTuple):
    """Where one run stands. It is written into as the run goes on."""

    rounds: Numbers
    """(batteries,) that it has left."""
    allowed: Numbers
    """(members,) rounds that caveats leave it."""
    shooter: Numbers
    """(threats,) who shot at it last, or nobody."""
    met_s: Vector
    """(threats,) when that salvo meets it."""
    stopped: NDArray[np.bool_]
    """(threats,)"""
    launch: Numbers
    """(pairs,) the place in the table of the launch that is next."""
    learnt: Numbers
    """(pairs,) the place in the table of the track that is not known yet."""
    thinks_s: Vector
    """(pairs,) when it is thought of again because the launch was not due."""
    offered: Numbers
    """(pairs,) rounds that it would take in this wave."""
    gains: Matrix
    """(batteries, threats) what each would gain in this wave."""
    free: Numbers
    """(batteries,) salvos that each can still launch and guide."""
    luck: Vector
    """(most salvos) in [0, 1): a salvo stops its threat where this is less than its chance."""
    fired: Numbers
    """(most salvos, 4) of each salvo its pair, its launch's and its track's place in the table, and its rounds."""
    salvos: Numbers
    """(1,) that were fired."""


def table(raid: Raid) -> Table:
    """What all runs of a raid have in common."""
    possible = sorted(chances(raid), key=lambda one: (one.threat, one.battery))
    of_threat = [[one for one in possible if one.threat == threat] for threat in range(len(raid.threats))]
    tracks = [sorted(one.known, key=lambda track: track.from_s) for one in possible]
    known_s = np.array([track.from_s for of_pair in tracks for track in of_pair])
    members = _members(raid)
    pair = np.full((len(raid.batteries), len(raid.threats)), NOBODY)
    for number, one in enumerate(possible):
        pair[one.battery, one.threat] = number
    return Table(
        pairs=_places(len(group) for group in of_threat),
        battery=np.array([one.battery for one in possible], dtype=np.int64),
        opens=_places(one.window.launches_s.size for one in possible),
        launches_s=np.concatenate([np.empty(0), *(one.window.launches_s for one in possible)]),
        meets_s=np.concatenate([np.empty(0), *(one.window.meets_s for one in possible)]),
        learns=_places(len(of_pair) for of_pair in tracks),
        known_s=known_s,
        hit=_hits(raid, possible, tracks),
        pair=pair,
        member=np.array([members.index(battery.member) for battery in raid.batteries], dtype=np.int64),
        channels=np.array([battery.channels for battery in raid.batteries], dtype=np.int64),
        worth=np.array([one.worth for one in raid.threats]),
        first_s=np.array([min((_first_s(one) for one in group), default=NEVER_S) for group in of_threat]),
        last_s=np.array([max((one.window.latest_s for one in group), default=-NEVER_S) for group in of_threat]),
        moments_s=np.unique(np.maximum(known_s, 0.0)),
        salvo=raid.doctrine.salvo,
        last=raid.doctrine.last,
        look_s=raid.doctrine.look_s,
    )


def _first_s(one: Chance) -> float:
    return min(track.from_s for track in one.known)


def _members(raid: Raid) -> list[str]:
    return sorted({battery.member for battery in raid.batteries})


def _places(sizes: Iterable[int]) -> Numbers:
    return np.array(list(accumulate(sizes, initial=0)), dtype=np.int64)


def _hits(raid: Raid, possible: Sequence[Chance], tracks: Sequence[Sequence[Known]]) -> Matrix:
    most = max(raid.doctrine.salvo, raid.doctrine.last)
    rows = [
        [raid.batteries[one.battery].interceptor.chance(error_m, rounds) for rounds in range(most + 1)]
        for one, of_pair in zip(possible, tracks, strict=True)
        for error_m in accumulate((track.error_m for track in of_pair), min)
    ]
    return np.array(rows).reshape(-1, most + 1)


def start(raid: Raid, whole: Table, dice: Generator) -> Course:
    """A run in which nothing has happened yet."""
    most = sum(battery.rounds for battery in raid.batteries)
    limits = [raid.caveat(member).most_rounds for member in _members(raid)]
    pairs, (batteries, threats) = whole.battery.size, whole.pair.shape
    return Course(
        rounds=np.array([battery.rounds for battery in raid.batteries], dtype=np.int64),
        allowed=np.array([UNLIMITED if one is None else one for one in limits], dtype=np.int64),
        shooter=np.full(threats, NOBODY),
        met_s=np.full(threats, -NEVER_S),
        stopped=np.zeros(threats, dtype=np.bool_),
        launch=whole.opens[:-1].copy(),
        learnt=whole.learns[:-1].copy(),
        thinks_s=np.full(pairs, -NEVER_S),
        offered=np.zeros(pairs, dtype=np.int64),
        gains=np.zeros((batteries, threats)),
        free=np.zeros(batteries, dtype=np.int64),
        luck=dice.random(most),
        fired=np.zeros((most, 4), dtype=np.int64),
        salvos=np.zeros(1, dtype=np.int64),
    )


@compiled
def wave(after_s: float, whole: Table, course: Course) -> float:
    """The next moment at which something can be launched, `NEVER_S` if there is none; the course then has what."""
    at_s = _next(after_s, whole, course)
    while at_s < NEVER_S and not _offers(at_s, whole, course):
        at_s = _next(at_s, whole, course)
    return at_s


@compiled
def undecided(after_s: float, whole: Table, course: Course) -> float:
    """The next wave in which greed may not be best; what came before it was launched by greed."""
    at_s = wave(after_s, whole, course)
    while at_s < NEVER_S:
        taken = greedy(course.gains, course.free)
        if not cannot_gain_more(course.gains, course.free, taken):
            return at_s
        launch(taken, whole, course)
        at_s = wave(at_s, whole, course)
    return at_s


@compiled
def launch(taken: Numbers, whole: Table, course: Course) -> None:
    """The salvos of a wave, but for those of a member that has fired in it what its caveat allows."""
    for threat in range(taken.size):
        if taken[threat] == NOBODY:
            continue
        battery = taken[threat]
        pair, member = whole.pair[battery, threat], whole.member[battery]
        rounds, place, track = course.offered[pair], course.launch[pair], course.learnt[pair] - 1
        if rounds > course.allowed[member]:
            continue
        course.rounds[battery] -= rounds
        course.allowed[member] -= rounds
        course.shooter[threat], course.met_s[threat] = battery, whole.meets_s[place]
        salvo = course.salvos[0]
        course.fired[salvo] = (pair, place, track, rounds)
        course.stopped[threat] = course.luck[salvo] < whole.hit[track, rounds]
        course.salvos[0] += 1


@compiled
def _next(at_s: float, whole: Table, course: Course) -> float:
    """When to think again: something becomes known, a launch is due, a salvo meets its threat or was looked at."""
    found_s = NEVER_S
    place = np.searchsorted(whole.moments_s, at_s, side="right")
    if place < whole.moments_s.size:
        found_s = whole.moments_s[place]
    for thinks_s in course.thinks_s:
        if at_s < thinks_s < found_s:
            found_s = thinks_s
    for met_s in course.met_s:
        if at_s < met_s < found_s:
            found_s = met_s
        if at_s < met_s + whole.look_s < found_s:
            found_s = met_s + whole.look_s
    return found_s


@compiled
def _offers(at_s: float, whole: Table, course: Course) -> bool:
    """Whether anything can be launched now: writes what, what it gains, and how many salvos each battery has."""
    largest = np.zeros(whole.channels.size, dtype=np.int64)
    course.gains.fill(0.0)
    for threat in range(whole.worth.size):
        looked = course.met_s[threat] + whole.look_s <= at_s
        if course.stopped[threat] or not looked or not whole.first_s[threat] <= at_s <= whole.last_s[threat]:
            continue
        for pair in range(whole.pairs[threat], whole.pairs[threat + 1]):
            battery, rounds = whole.battery[pair], _salvo(at_s, pair, whole.last_s[threat], whole, course)
            if rounds > 0:
                course.offered[pair] = rounds
                course.gains[battery, threat] = whole.worth[threat] * whole.hit[course.learnt[pair] - 1, rounds]
                largest[battery] = max(largest[battery], rounds)
    guided = np.zeros(whole.channels.size, dtype=np.int64)
    for threat in range(whole.worth.size):
        if course.met_s[threat] > at_s:
            guided[course.shooter[threat]] += 1
    found = False
    for battery in range(course.free.size):
        held = min(course.rounds[battery], course.allowed[whole.member[battery]])
        course.free[battery] = min(whole.channels[battery] - guided[battery], held // max(largest[battery], 1))
        found |= course.free[battery] > 0 and largest[battery] > 0
    return found


@compiled
def _salvo(at_s: float, pair: int, last_s: float, whole: Table, course: Course) -> int:
    """Rounds that this battery would launch now at a threat that can be met until `last_s`."""
    battery = whole.battery[pair]
    while course.learnt[pair] < whole.learns[pair + 1] and whole.known_s[course.learnt[pair]] <= at_s:
        course.learnt[pair] += 1
    while course.launch[pair] < whole.opens[pair + 1] and whole.launches_s[course.launch[pair]] < at_s:
        course.launch[pair] += 1
    launch = course.launch[pair]
    if course.rounds[battery] == 0 or course.learnt[pair] == whole.learns[pair] or launch == whole.opens[pair + 1]:
        return 0
    if whole.launches_s[launch] > at_s + PROMPT_S:
        course.thinks_s[pair] = whole.launches_s[launch]
        return 0
    wanted = whole.salvo if whole.meets_s[launch] + whole.look_s <= last_s else whole.last
    return int(min(wanted, course.rounds[battery], course.allowed[whole.member[battery]]))
