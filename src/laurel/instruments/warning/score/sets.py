"""The distance between two sets of points: what is off, what is missing, what is too much.

GOSPA: Rahmathullah, García-Fernández & Svensson 2017, "Generalized optimal sub-pattern assignment metric", here
with alpha = 2, the one value for which the distance splits into localisation, missed and false. OSPA:
Schuhmacher, Vo & Vo 2008, "A consistent metric for performance evaluation of multi-object filters".
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Matrix


class BadMetric(BadAsk):
    """A cutoff or an order that makes no metric."""

    says = "this makes no metric"
    remedy = "give a finite cutoff above 0 and a finite order of at least 1"


class Gospa(NamedTuple):
    """The distance in metres and its parts, which sum to `distance_m ** order`: metres to that power."""

    distance_m: float
    localisation: float
    missed: float
    false: float
    pairs: tuple[tuple[int, int], ...]
    """(track, truth), closer than the cutoff."""


def apart(tracks_m: Matrix, truths_m: Matrix) -> Matrix:
    """(n, m) metres between each track (n, k) and each truth (m, k)."""
    return np.linalg.norm(tracks_m[:, None, :] - truths_m[None, :, :], axis=2)


def _check(cutoff_m: float, order: float) -> None:
    if not (isfinite(cutoff_m) and cutoff_m > 0.0 and isfinite(order) and order >= 1.0):
        raise BadMetric(cutoff_m=cutoff_m, order=order)


def gospa(tracks_m: Matrix, truths_m: Matrix, cutoff_m: float, order: float = 2.0) -> Gospa:
    """GOSPA between tracks (n, k) and truths (m, k), metres; none of either is (0, k). Raises BadMetric.

    A missed truth and a false track each add `cutoff_m ** order / 2`.
    """
    _check(cutoff_m, order)
    away_m = apart(tracks_m, truths_m)
    rows, columns = linear_sum_assignment(np.minimum(away_m, cutoff_m) ** order)
    close = away_m[rows, columns] < cutoff_m
    rows, columns = rows[close], columns[close]
    localisation = float((away_m[rows, columns] ** order).sum())
    each = 0.5 * cutoff_m**order
    missed, false = each * (len(truths_m) - len(rows)), each * (len(tracks_m) - len(rows))
    return Gospa(
        distance_m=(localisation + missed + false) ** (1.0 / order),
        localisation=localisation,
        missed=missed,
        false=false,
        pairs=tuple(zip(rows.tolist(), columns.tolist(), strict=True)),
    )


def ospa(first_m: Matrix, second_m: Matrix, cutoff_m: float, order: float = 1.0) -> float:
    """OSPA between two sets of points (n, k) and (m, k), metres: at most the cutoff. Raises BadMetric."""
    _check(cutoff_m, order)
    most = max(len(first_m), len(second_m))
    if most == 0:
        return 0.0
    cost = np.minimum(apart(first_m, second_m), cutoff_m) ** order
    rows, columns = linear_sum_assignment(cost)
    unpaired = cutoff_m**order * (most - len(rows))
    return ((float(cost[rows, columns].sum()) + unpaired) / most) ** (1.0 / order)
