"""How a raid ends: once, with given dice, and as a distribution over many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from laurel.instruments.exercise.defeat.assignment import assign
from laurel.instruments.exercise.defeat.raid import Raid
from laurel.instruments.exercise.defeat.wave import NEVER_S, Course, Table, launch, start, table, undecided, wave
from laurel.instruments.exercise.defeat.window import Shot
from laurel.physics.compiled import Matrix, Numbers

Assignment = Callable[[Matrix, Numbers], Numbers]
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


def distribution(raid: Raid, runs: int, seed: int, passed: Passed | None = None) -> Distribution:
    """So many runs of one raid. The same seed gives the same runs, and each run its own dice."""
    whole = table(raid)
    came = np.zeros((runs, len(raid.threats)), dtype=np.bool_)
    fired = np.zeros((runs, len(raid.batteries)), dtype=np.int64)
    held = np.array([battery.rounds for battery in raid.batteries], dtype=np.int64)
    for run, one in enumerate(SeedSequence(seed).spawn(runs)):
        course = _played(raid, whole, default_rng(one))
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


def engage(raid: Raid, dice: Generator, choose: Assignment | None = None) -> Outcome:
    """One run. `choose` is asked at every wave that fires; without it `assign` is, which is quicker."""
    whole = table(raid)
    course = _played(raid, whole, dice, choose)
    shots = (_shot(raid, whole, *fired) for fired in course.fired[: course.salvos[0]].tolist())
    leaked = tuple(one.name for one, stopped in zip(raid.threats, course.stopped, strict=True) if not stopped)
    return Outcome(tuple(sorted(shots, key=lambda shot: shot.launched_s)), leaked)


def _played(raid: Raid, whole: Table, dice: Generator, choose: Assignment | None = None) -> Course:
    """Where one run stands at its end."""
    course = start(raid, whole, dice)
    following = undecided if choose is None else wave
    at_s = following(-NEVER_S, whole, course)
    while at_s < NEVER_S:
        launch((choose or assign)(course.gains, course.free), whole, course)
        at_s = following(at_s, whole, course)
    return course


def _shot(raid: Raid, whole: Table, pair: int, launch: int, track: int, rounds: int) -> Shot:
    threat = int(np.searchsorted(whole.pairs, pair, side="right")) - 1
    return Shot(
        raid.batteries[int(whole.battery[pair])].name,
        raid.threats[threat].name,
        float(whole.launches_s[launch]),
        float(whole.meets_s[launch]),
        rounds,
        float(whole.hit[track, rounds]),
    )
