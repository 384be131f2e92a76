"""Who shoots at what: each threat gets at most one salvo of a wave, each battery gives as many as it can guide."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from laurel.physics.compiled import Matrix

Pairs = tuple[tuple[int, int], ...]
"""(battery, threat) by their rows and columns, in the order of threats."""


def greedy(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The largest gain first. `gains` is (batteries, threats), 0 where one cannot; `free` salvos of each battery."""
    left = list(free)
    taken: dict[int, int] = {}
    for place in np.argsort(-gains, axis=None, kind="stable").tolist():
        battery, threat = divmod(place, gains.shape[1])
        if gains[battery, threat] > 0.0 and left[battery] > 0 and threat not in taken:
            left[battery] -= 1
            taken[threat] = battery
    return tuple(sorted(((battery, threat) for threat, battery in taken.items()), key=lambda pair: pair[1]))


def optimal(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The greatest sum of gains there is (Kuhn 1955; Crouse 2016 in SciPy), each battery once for each free salvo."""
    count = gains.shape[1]
    rows = [battery for battery, salvos in enumerate(free) for _ in range(min(salvos, count))]
    if not rows or count == 0:
        return ()
    chosen, threats = linear_sum_assignment(-gains[rows])
    pairs = [(rows[int(row)], int(threat)) for row, threat in np.stack((chosen, threats), axis=1)]
    return tuple(sorted((pair for pair in pairs if gains[pair] > 0.0), key=lambda pair: pair[1]))


def gained(gains: Matrix, pairs: Pairs) -> float:
    """The sum of what these pairs gain."""
    return float(sum(gains[pair] for pair in pairs))


def assign(gains: Matrix, free: tuple[int, ...]) -> Pairs:
    """The greedy choice, which anybody can follow, unless another gains more."""
    first, best = greedy(gains, free), optimal(gains, free)
    return best if gained(gains, best) > gained(gains, first) * (1.0 + 1e-12) else first
