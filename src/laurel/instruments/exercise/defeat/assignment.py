"""Who shoots at what: each threat gets at most one salvo of a wave, each battery gives as many as it can guide."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from laurel.physics.compiled import Matrix, Numbers, compiled

Pairs = tuple[tuple[int, int], ...]
"""(battery, threat) by their rows and columns, in the order of threats."""
NOBODY = -1


def greedy(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The largest gain first. `gains` is (batteries, threats), 0 where one cannot; `free` salvos of each battery."""
    return _pairs(_greedy(gains, _salvos(free)))


def _salvos(free: tuple[int, ...]) -> Numbers:
    return np.array(free, dtype=np.int64)


def _pairs(taken: Numbers) -> Pairs:
    (threats,) = np.nonzero(taken != NOBODY)
    return tuple(zip(taken[threats].tolist(), threats.tolist(), strict=True))


@compiled
def _greedy(gains: Matrix, free: Numbers) -> Numbers:
    """Who takes each threat, or nobody: (threats,). Of equal gains the first battery's first."""
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


def optimal(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The greatest sum of gains there is (Kuhn 1955; Crouse 2016 in SciPy), each battery once for each free salvo."""
    columns = np.flatnonzero(gains.any(axis=0))
    rows = np.repeat(np.arange(len(free)), np.clip(free, 0, columns.size))
    chosen, threats = linear_sum_assignment(-gains[rows[:, np.newaxis], columns])
    pairs = zip(rows[chosen].tolist(), columns[threats].tolist(), strict=True)
    return tuple(sorted((pair for pair in pairs if gains[pair] > 0.0), key=lambda pair: pair[1]))


def gained(gains: Matrix, pairs: Pairs) -> float:
    """The sum of what these pairs gain."""
    return float(sum(gains[pair] for pair in pairs))


def assign(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The greedy choice, which anybody can follow, unless another gains more."""
    first = greedy(gains, free)
    reached = gained(gains, first) * (1.0 + 1e-12)
    if reached >= _bound(gains, _salvos(free)):
        return first
    best = optimal(gains, free)
    return best if gained(gains, best) > reached else first


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
