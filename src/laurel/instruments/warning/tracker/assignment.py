"""The best assignment of plots to tracks: clusters of pairs, each solved by shortest augmenting paths. Kernels.

The assignment maximises the sum of the pairs' worth (global nearest neighbour). Crouse 2016.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.table import Whole
from laurel.physics.compiled import Matrix, Vector, compiled

DEAREST = 1e9


class Pairs(NamedTuple):
    """Pairs of a track and a plot within the gate, and what each is worth."""

    row: Whole
    plot: Whole
    worth: Vector


@compiled
def root(parent: Whole, i: int) -> int:
    """The representative of a member of a cluster, with its path halved."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def cheapest(cost: Matrix) -> Whole:
    """The column of each row in the assignment of least total cost; columns must not be fewer than rows."""
    rows, columns = cost.shape
    u = np.zeros(rows)
    v = np.zeros(columns)
    column_of = np.full(rows, -1)
    row_of = np.full(columns, -1)
    for start in range(rows):
        shortest = np.full(columns, np.inf)
        path = np.full(columns, -1)
        reached = np.zeros(columns, dtype=np.bool_)
        done = np.zeros(rows, dtype=np.bool_)
        least = 0.0
        i = start
        sink = -1
        while sink < 0:
            done[i] = True
            best, index = np.inf, -1
            for j in range(columns):
                if reached[j]:
                    continue
                reduced = least + cost[i, j] - u[i] - v[j]
                if reduced < shortest[j]:
                    shortest[j] = reduced
                    path[j] = i
                if shortest[j] < best or (shortest[j] == best and row_of[j] < 0):
                    best, index = shortest[j], j
            least = best
            reached[index] = True
            if row_of[index] < 0:
                sink = index
            else:
                i = row_of[index]
        u[start] += least
        for i in range(rows):
            if done[i] and i != start:
                u[i] += least - shortest[column_of[i]]
        for j in range(columns):
            if reached[j]:
                v[j] -= least - shortest[j]
        j = sink
        while True:
            i = path[j]
            row_of[j] = i
            column_of[i], j = j, column_of[i]
            if i == start:
                break
    return column_of


@compiled
def clusters(pairs: Pairs, tracks: int, plots: int) -> tuple[Whole, Whole]:
    """Pairs that hang together: (c + 1,) where each cluster begins, and (pairs,) the pairs, cluster after cluster."""
    count = len(pairs.row)
    parent = np.arange(tracks + plots)
    for p in range(count):
        a, b = root(parent, pairs.row[p]), root(parent, tracks + pairs.plot[p])
        parent[max(a, b)] = min(a, b)
    cluster = np.empty(count, dtype=np.int64)
    for p in range(count):
        cluster[p] = root(parent, pairs.row[p])
    order = np.argsort(cluster, kind="mergesort")
    first = np.empty(count + 1, dtype=np.int64)
    found = 0
    for at in range(count):
        if at == 0 or cluster[order[at]] != cluster[order[at - 1]]:
            first[found] = at
            found += 1
    first[found] = count
    return first[: found + 1].copy(), order


@compiled
def tabled(pairs: Pairs, members: Whole, place: Whole, tracks: int) -> tuple[Whole, Whole, Matrix]:
    """One cluster as a table: its tracks, its plots, and the worth of each pair (-inf: not within the gate).

    `place` is scratch space for tracks and plots, all -1 before and after.
    """
    rows = np.empty(len(members), dtype=np.int64)
    choices = np.empty(len(members), dtype=np.int64)
    n, m = 0, 0
    for p in members:
        i, k = pairs.row[p], pairs.plot[p]
        if place[i] < 0:
            place[i] = n
            rows[n] = i
            n += 1
        if place[tracks + k] < 0:
            place[tracks + k] = m
            choices[m] = k
            m += 1
    worth = np.full((n, m), -np.inf)
    for p in members:
        worth[place[pairs.row[p]], place[tracks + pairs.plot[p]]] = pairs.worth[p]
    for p in members:
        place[pairs.row[p]] = -1
        place[tracks + pairs.plot[p]] = -1
    return rows[:n].copy(), choices[:m].copy(), worth


@compiled
def assign(pairs: Pairs, tracks: int, plots: int) -> Whole:
    """For each track the plot it gets (-1 for none): the assignment of the greatest worth."""
    plot_of = np.full(tracks, -1)
    first, order = clusters(pairs, tracks, plots)
    place = np.full(tracks + plots, -1)
    for c in range(len(first) - 1):
        if first[c + 1] == first[c] + 1:
            p = order[first[c]]
            plot_of[pairs.row[p]] = pairs.plot[p]
            continue
        rows, choices, worth = tabled(pairs, order[first[c] : first[c + 1]], place, tracks)
        n, m = worth.shape
        # Each track has a column of its own that stands for no plot at all.
        cost = np.full((n, m + n), DEAREST)
        for a in range(n):
            cost[a, m + a] = 0.0
            for b in range(m):
                if worth[a, b] > -np.inf:
                    cost[a, b] = -worth[a, b]
        chosen = cheapest(cost)
        for a in range(n):
            if chosen[a] < m:
                plot_of[rows[a]] = choices[chosen[a]]
    return plot_of
