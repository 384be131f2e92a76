"""Who shoots at what: each threat gets at most one salvo of a wave, each battery gives as many as it can guide.

`gains` is (batteries, threats), 0 where one cannot; `free`, (batteries,), the salvos that each can give. A choice is
(threats,) the battery that takes each, or nobody.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from laurel.physics.compiled import Matrix, Numbers, compiled

NOBODY = -1
CLOSE = 1.0 + 1e-12
"""Sums that differ by no more are equal: they were added in another order."""


@compiled
def greedy(gains: Matrix, free: Numbers) -> Numbers:
    """The largest gain first. Of equal gains the first battery's first."""
    left = free.copy()
    taken = np.full(gains.shape[1], NOBODY)
    while True:
        most, which, whom = 0.0, NOBODY, NOBODY
        for battery in range(gains.shape[0]):
            if left[battery] < 1:
                continue
            for threat in range(gains.shape[1]):
                if gains[battery, threat] > most and taken[threat] == NOBODY:
                    most, which, whom = gains[battery, threat], battery, threat
        if which == NOBODY:
            return taken
        left[which] -= 1
        taken[whom] = which


def optimal(gains: Matrix, free: Numbers) -> Numbers:
    """The greatest sum of gains there is (Kuhn 1955; Crouse 2016 in SciPy), each battery once for each free salvo."""
    columns = np.flatnonzero(gains.any(axis=0))
    rows = np.repeat(np.arange(free.size), np.clip(free, 0, columns.size))
    chosen, threats = linear_sum_assignment(-gains[rows[:, np.newaxis], columns])
    batteries, threats = rows[chosen], columns[threats]
    gain = gains[batteries, threats] > 0.0
    taken = np.full(gains.shape[1], NOBODY)
    taken[threats[gain]] = batteries[gain]
    return taken


@compiled
def gained(gains: Matrix, taken: Numbers) -> float:
    """The sum of what this choice gains."""
    total = 0.0
    for threat in range(taken.size):
        if taken[threat] != NOBODY:
            total += gains[taken[threat], threat]
    return total


@compiled
def cannot_gain_more(gains: Matrix, free: Numbers, taken: Numbers) -> bool:
    """Whether it is plain that no other choice gains more; where it is not, another may or may not."""
    return gained(gains, taken) * CLOSE >= _bound(gains, free)


@compiled
def _bound(gains: Matrix, free: Numbers) -> float:
    """No choice gains more: for each threat the best that there is, as often as there are salvos."""
    best = np.zeros(gains.shape[1])
    salvos = 0
    for battery in range(gains.shape[0]):
        if free[battery] < 1:
            continue
        possible = 0
        for threat in range(gains.shape[1]):
            possible += gains[battery, threat] > 0.0
            best[threat] = max(best[threat], gains[battery, threat])
        salvos += min(possible, free[battery])
    total = 0.0
    for _ in range(min(salvos, best.size)):
        place = np.argmax(best)
        total += best[place]
        best[place] = 0.0
    return total


def assign(gains: Matrix, free: Numbers) -> Numbers:
    """The greedy choice, which anybody can follow, unless another gains more."""
    first = greedy(gains, free)
    if cannot_gain_more(gains, free, first):
        return first
    best = optimal(gains, free)
    return best if gained(gains, best) > gained(gains, first) * CLOSE else first
