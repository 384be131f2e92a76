"""How likely each plot is each track's: marginal association probabilities by loopy belief propagation. Kernels.

Tracks and plots pass messages along the pairs of a gate until they agree (Williams & Lau 2014). Where the pairs
form no loop the result is exact; where they do it converges, and errs towards certainty.
"""

from __future__ import annotations

from math import exp

import numpy as np

from laurel.instruments.warning.tracker.table import Whole
from laurel.physics.compiled import Vector, compiled

MOST_ROUNDS = 100
AGREED = 1e-6
MOST_WORTH = 60.0
"""Beyond that exp loses nothing but its range."""


@compiled
def heaps(keys: Whole, count: int) -> tuple[Whole, Whole]:
    """The places of each key: (count + 1,) where its heap begins, and (n,) the places, heap after heap."""
    first = np.zeros(count + 1, dtype=np.int64)
    for key in keys:
        first[key + 1] += 1
    for key in range(count):
        first[key + 1] += first[key]
    filled = first[:count].copy()
    places = np.empty(len(keys), dtype=np.int64)
    for place in range(len(keys)):
        places[filled[keys[place]]] = place
        filled[keys[place]] += 1
    return first, places


@compiled
def beliefs(row: Whole, plot: Whole, worth: Vector, tracks: int, plots: int) -> tuple[Vector, Vector]:
    """(pairs,) the probability of each pair; (tracks,) that none of its plots is the track's.

    `worth` is the log-likelihood ratio of a pair: the plot is the track's, against the track missed and the plot
    false. A plot belongs to one track at most, a track has one plot at most.
    """
    count = len(row)
    first_of, of_row = heaps(row, tracks)
    first_at, at_plot = heaps(plot, plots)
    weight = np.empty(count)
    for p in range(count):
        weight[p] = exp(min(worth[p], MOST_WORTH))
    claim = np.zeros(count)
    leave = np.ones(count)
    for _ in range(MOST_ROUNDS):
        for i in range(tracks):
            for a in range(first_of[i], first_of[i + 1]):
                p = of_row[a]
                others = 1.0
                for b in range(first_of[i], first_of[i + 1]):
                    # Summed anew without the pair itself: a difference of large sums would be noise.
                    others += 0.0 if a == b else weight[of_row[b]] * leave[of_row[b]]
                claim[p] = weight[p] / others
        moved = 0.0
        for k in range(plots):
            for a in range(first_at[k], first_at[k + 1]):
                p = at_plot[a]
                others = 1.0
                for b in range(first_at[k], first_at[k + 1]):
                    others += 0.0 if a == b else claim[at_plot[b]]
                moved = max(moved, abs(1.0 / others - leave[p]))
                leave[p] = 1.0 / others
        if moved < AGREED:
            break
    share = np.empty(count)
    none = np.ones(tracks)
    for i in range(tracks):
        total = 1.0
        for a in range(first_of[i], first_of[i + 1]):
            total += weight[of_row[a]] * leave[of_row[a]]
        none[i] = 1.0 / total
        for a in range(first_of[i], first_of[i + 1]):
            share[of_row[a]] = weight[of_row[a]] * leave[of_row[a]] / total
    return share, none
