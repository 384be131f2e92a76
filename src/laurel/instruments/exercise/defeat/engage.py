"""How a raid ends: once, with given dice, and as a distribution over many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from laurel.instruments.exercise.defeat.assignment import Pairs, assign
from laurel.instruments.exercise.defeat.raid import Raid
from laurel.instruments.exercise.defeat.wave import NEVER_S, Course, Table, start, table, wave
from laurel.instruments.exercise.defeat.window import Shot
from laurel.physics.compiled import Matrix

Assignment = Callable[[Matrix, tuple[int, ...]], Pairs]
Passed = Callable[[], None]
"""Called after each run."""


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


def distribution(
    raid: Raid, runs: int, seed: int, choose: Assignment = assign, passed: Passed | None = None
) -> Distribution:
    """So many runs of one raid. The same seed gives the same runs, and each run its own dice."""
    whole = table(raid)
    came = np.zeros((runs, len(raid.threats)), dtype=np.bool_)
    fired = np.zeros((runs, len(raid.batteries)), dtype=np.int64)
    held = np.array([battery.rounds for battery in raid.batteries], dtype=np.int64)
    for run, one in enumerate(SeedSequence(seed).spawn(runs)):
        course, _ = _played(raid, whole, default_rng(one), choose)
        came[run], fired[run] = ~course.stopped, held - course.rounds
        if passed is not None:
            passed()
    aimed_at = np.array([one.aimed_at or "" for one in raid.threats])
    holder = np.array([battery.member for battery in raid.batteries])
    return Distribution(
        threats=len(raid.threats),
        leaked=came.sum(axis=1, dtype=np.int64),
        rounds={member: fired[:, holder == member].sum(axis=1) for member in sorted(set(holder.tolist()))},
        leaked_into={
            area: came[:, aimed_at == area].sum(axis=1, dtype=np.int64)
            for area in sorted(set(aimed_at.tolist()) - {""})
        },
        through={one.name: float(came[:, column].mean()) for column, one in enumerate(raid.threats)},
    )


def engage(raid: Raid, dice: Generator, choose: Assignment = assign) -> Outcome:
    """One run."""
    course, shots = _played(raid, table(raid), dice, choose)
    leaked = tuple(one.name for one, stopped in zip(raid.threats, course.stopped, strict=True) if not stopped)
    return Outcome(tuple(sorted(shots, key=lambda shot: shot.launched_s)), leaked)


def _played(raid: Raid, whole: Table, dice: Generator, choose: Assignment) -> tuple[Course, list[Shot]]:
    """One run to its end: where it stands then, and what was launched, wave by wave."""
    course = start(raid, whole)
    shots: list[Shot] = []
    at_s = wave(-NEVER_S, whole, course)
    while at_s < NEVER_S:
        for battery, threat in choose(course.gains, tuple(course.free.tolist())):
            if shot := _launch(raid, whole, course, battery, threat):
                shots.append(shot)
                course.stopped[threat] = dice.random() < shot.chance
        at_s = wave(at_s, whole, course)
    return course, shots


def _launch(raid: Raid, whole: Table, course: Course, battery: int, threat: int) -> Shot | None:
    """The salvo; None where another battery of this member has fired what its caveat allows."""
    pair, member = whole.pair[battery, threat], whole.member[battery]
    rounds = int(course.offered[pair])
    if rounds > course.allowed[member]:
        return None
    meets_s = float(whole.meets_s[course.launch[pair]])
    course.rounds[battery] -= rounds
    course.allowed[member] -= rounds
    course.shooter[threat], course.met_s[threat] = battery, meets_s
    launched_s = float(whole.launches_s[course.launch[pair]])
    hit = float(whole.hit[course.learnt[pair] - 1, rounds])
    return Shot(raid.batteries[battery].name, raid.threats[threat].name, launched_s, meets_s, rounds, hit)
