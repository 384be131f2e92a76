"""Single integrated air picture: how complete, clear, clean, exact and continuous a picture is over time.

Votruba et al. 2001, "Single Integrated Air Picture (SIAP) metrics implementation", the attributes without
identity. Which track stands for which truth is an argument; `nearest` is the usual answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.score.sets import apart
from laurel.physics.compiled import Matrix


class Pairing(NamedTuple):
    """A track that stands for a truth, and how far it is off."""

    truth: int
    track: int
    position_error_m: float
    velocity_error_mps: float


class Moment(NamedTuple):
    """The picture at one time: names of what was there, of what was shown, and which stood for which."""

    t_s: float
    truths: tuple[int, ...]
    tracks: tuple[int, ...]
    pairings: tuple[Pairing, ...]


class Siap(NamedTuple):
    """The attributes over all moments; 0 where nothing was there to count, ambiguity then 1."""

    completeness: float
    """Share of true objects that were tracked: 1 is best."""
    ambiguity: float
    """Tracks for each object that was tracked: 1 is best."""
    spuriousness: float
    """Share of tracks that stand for nothing: 0 is best."""
    position_error_m: float
    velocity_error_mps: float
    changes_per_s: float
    """How often the track of an object changes its number, for each second that it is tracked: 0 is best."""
    longest: float
    """Share of an object's life that its longest unbroken track covers: 1 is best."""


class _Run(NamedTuple):
    """A track stood for a truth from one moment to another without a break."""

    first: int
    last: int


def nearest(t_s: float, truths: dict[int, Matrix], tracks: dict[int, Matrix], gate_m: float) -> Moment:
    """The moment in which each track stands for the nearest truth within the gate. States (6,) by name."""
    names, numbers = tuple(truths), tuple(tracks)
    pairings: list[Pairing] = []
    if names and numbers:
        there, shown = np.array(list(truths.values())), np.array(list(tracks.values()))
        away_m = apart(shown[:, :3], there[:, :3])
        for row, column in enumerate(away_m.argmin(axis=1).tolist()):
            if away_m[row, column] < gate_m:
                off_mps = float(np.linalg.norm(shown[row, 3:] - there[column, 3:]))
                pairings.append(Pairing(names[column], numbers[row], float(away_m[row, column]), off_mps))
    return Moment(t_s, names, numbers, tuple(pairings))


def siap(moments: Sequence[Moment]) -> Siap:
    """The attributes of a picture seen at these moments, in order."""
    there = sum(len(moment.truths) for moment in moments)
    shown = sum(len(moment.tracks) for moment in moments)
    tracked = sum(len({pairing.truth for pairing in moment.pairings}) for moment in moments)
    standing = sum(len({pairing.track for pairing in moment.pairings}) for moment in moments)
    pairings = [pairing for moment in moments for pairing in moment.pairings]
    times_s = [moment.t_s for moment in moments]
    runs = _runs(moments)
    changes = sum(_needed(of_one) - 1 for of_one in runs.values())
    held_s = sum(_held_s(of_one, times_s) for of_one in runs.values())
    longest_s = sum(max(times_s[run.last] - times_s[run.first] for run in of_one) for of_one in runs.values())
    return Siap(
        completeness=_share(tracked, there),
        ambiguity=_share(standing, tracked) if tracked else 1.0,
        spuriousness=_share(shown - standing, shown),
        position_error_m=_share(sum(pairing.position_error_m for pairing in pairings), standing),
        velocity_error_mps=_share(sum(pairing.velocity_error_mps for pairing in pairings), standing),
        changes_per_s=_share(changes, held_s),
        longest=_share(longest_s, _lives_s(moments)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _runs(moments: Sequence[Moment]) -> dict[int, list[_Run]]:
    """For each truth that was ever tracked, its unbroken runs."""
    runs: dict[int, list[_Run]] = defaultdict(list)
    open_since: dict[tuple[int, int], int] = {}
    for k, moment in enumerate(moments):
        now = {(pairing.truth, pairing.track) for pairing in moment.pairings}
        for pair in open_since.keys() - now:
            runs[pair[0]].append(_Run(open_since.pop(pair), k - 1))
        for pair in now:
            open_since.setdefault(pair, k)
    for pair, first in open_since.items():
        runs[pair[0]].append(_Run(first, len(moments) - 1))
    return runs


def _needed(runs: Sequence[_Run]) -> int:
    """The fewest runs that cover all moments that any run covers."""
    count, k, end = 0, 0, max(run.last for run in runs)
    while k <= end:
        covering = [run.last for run in runs if run.first <= k <= run.last]
        if covering:
            count += 1
            k = max(covering)
        k += 1
    return count


def _held_s(runs: Sequence[_Run], times_s: Sequence[float]) -> float:
    """Seconds between neighbouring moments that one run covers both of."""
    steps = {k for run in runs for k in range(run.first, run.last)}
    return sum(times_s[k + 1] - times_s[k] for k in steps)


def _lives_s(moments: Sequence[Moment]) -> float:
    """Seconds from the first to the last moment of each truth, together."""
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for moment in moments:
        for truth in moment.truths:
            first.setdefault(truth, moment.t_s)
            last[truth] = moment.t_s
    return sum(last[truth] - first[truth] for truth in first)
