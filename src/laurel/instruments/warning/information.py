"""Several estimates of one thing as one, as compiled kernels: independent, related as far as known, or not known.

An estimate is a mean (n,) with its covariance (n, n). Which rule fits is for the pedigree to tell. No rule ever
claims more than a filter that was given every plot once:

- `together` adds information, which is exact for estimates that share no plot;
- `overlap` is inverse covariance intersection (Noack et al. 2017): it takes away the most information that two
  estimates can share. Shared information is at most that of either, so at most that of any weighted mean of the
  two covariances, which is what is taken away;
- `intersect` is covariance intersection (Julier & Uhlmann 1997): sure however far the errors are shared.

Estimates that contradict each other are believed less.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from laurel.instruments.warning.predict import root
from laurel.physics.compiled import Matrix, Vector, compiled

CONTRADICTION = 28.0
"""Squared distance of two honest estimates in six dimensions: beyond it once in ten thousand times."""


@compiled
def distance2(difference: Vector, covariance: Matrix) -> float:
    """Squared Mahalanobis distance of a difference."""
    lower = root(covariance)
    total = 0.0
    solved = np.zeros(len(difference))
    for i in range(len(difference)):
        left = difference[i]
        for j in range(i):
            left -= lower[i, j] * solved[j]
        solved[i] = left / lower[i, i] if lower[i, i] > 0.0 else 0.0
        total += solved[i] * solved[i]
    return total


@compiled
def inverse(covariance: Matrix) -> Matrix:
    """(n, n) of a symmetric positive matrix, by its root; a direction without spread stays without."""
    n = len(covariance)
    lower = root(covariance)
    back = np.zeros((n, n))
    for j in range(n):
        for i in range(j, n):
            total = 1.0 if i == j else 0.0
            for k in range(j, i):
                total -= lower[i, k] * back[k, j]
            back[i, j] = total / lower[i, i] if lower[i, i] > 0.0 else 0.0
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            for k in range(max(i, j), n):
                out[i, j] += back[k, i] * back[k, j]
    return out


@compiled
def mixed(a: Matrix, b: Matrix, w: float) -> Matrix:
    """(n, n) w a + (1 - w) b."""
    out = np.empty_like(a)
    for i in range(len(a)):
        for j in range(len(a)):
            out[i, j] = w * a[i, j] + (1.0 - w) * b[i, j]
    return out


@compiled
def weight(a: Matrix, b: Matrix) -> float:
    """The share w of information `a` for which det(w a + (1 - w) b) is greatest: concave, so by bisection."""
    low, high = 0.0, 1.0
    for _ in range(30):
        w = 0.5 * (low + high)
        covariance = inverse(mixed(a, b, w))
        slope = 0.0
        for i in range(len(a)):
            for j in range(len(a)):
                slope += covariance[i, j] * (a[j, i] - b[j, i])
        if slope > 0.0:
            low = w
        else:
            high = w
    w = 0.5 * (low + high)
    return 0.0 if w < 1e-6 else 1.0 if w > 1.0 - 1e-6 else w


@compiled
def unitless(means: Matrix, covariances: Matrix) -> tuple[Vector, Matrix, Matrix]:
    """Units (n,), means (k, n), covariances (k, n, n): in units of the best of each number, and from the first.

    So nothing is lost to rounding.
    """
    count, n = means.shape
    unit = np.empty(n)
    for i in range(n):
        unit[i] = covariances[0, i, i]
        for k in range(1, count):
            unit[i] = min(unit[i], covariances[k, i, i])
        unit[i] = sqrt(unit[i])
    x = np.empty((count, n))
    p = np.empty((count, n, n))
    for k in range(count):
        for i in range(n):
            x[k, i] = (means[k, i] - means[0, i]) / unit[i]
            for j in range(n):
                p[k, i, j] = covariances[k, i, j] / (unit[i] * unit[j])
    return unit, x, p


@compiled
def product(matrix: Matrix, vector: Vector) -> Vector:
    """(n,) in an order of sums that is the same everywhere."""
    out = np.zeros(len(vector))
    for i in range(len(vector)):
        for j in range(len(vector)):
            out[i] += matrix[i, j] * vector[j]
    return out


@compiled
def restored(mean: Vector, covariance: Matrix, origin: Vector, unit: Vector, doubt: float) -> None:
    """Back to metres, in place; believed less by that factor."""
    for i in range(len(mean)):
        mean[i] = mean[i] * unit[i] + origin[i]
        for j in range(len(mean)):
            covariance[i, j] *= unit[i] * unit[j] * doubt


@compiled
def believed(difference: Vector, covariance: Matrix) -> float:
    """How many times wider two estimates are taken for that are so far apart: 1 as long as chance explains it."""
    d2 = distance2(difference, covariance)
    return d2 / len(difference) if d2 > CONTRADICTION else 1.0


@compiled
def together(means: Matrix, covariances: Matrix, common: Matrix) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): k estimates (k, n), (k, n, n) as one, independent but for an error they share (n, n).

    What each knows beyond the shared error, (P - C)^-1, is added, and the result bears that error as the best of
    them does. The inverse is written as four terms of its series: they stay positive where the shared error is
    not small, so it is then never more than the estimate itself.
    """
    unit, x, p = unitless(means, covariances)
    shared = common / np.outer(unit, unit)
    held = np.zeros_like(shared)
    pulled = np.zeros_like(unit)
    borne = shared
    most, doubt = -np.inf, 1.0
    for k in range(len(x)):
        known = inverse(p[k])
        common_to_own = shared @ known
        first = known + known @ common_to_own
        own = first + first @ common_to_own @ common_to_own
        sure = np.log(np.maximum(np.diag(root(known)), 1e-300)).sum()
        if sure > most:
            most, borne = sure, p[k] - inverse(own)
        if k > 0:
            doubt = max(doubt, believed(x[k] - inverse(held) @ pulled, p[k] + inverse(held)))
        held += own
        pulled += product(own, x[k])
    free = inverse(held)
    mean, covariance = product(free, pulled), free + borne
    restored(mean, covariance, means[0], unit, doubt)
    return mean, covariance


@compiled
def overlap(means: Matrix, covariances: Matrix) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): the inverse covariance intersection of two estimates (2, n), (2, n, n).

    With the weight of covariance intersection, which it is then never worse than: the inverse is convex.
    """
    unit, x, p = unitless(means, covariances)
    a, b = inverse(p[0]), inverse(p[1])
    w = weight(a, b)
    shared = inverse(mixed(p[1], p[0], w))
    middle = w * x[1] + (1.0 - w) * x[0]
    covariance = inverse(a + b - shared)
    mean = product(covariance, product(a, x[0]) + product(b, x[1]) - product(shared, middle))
    restored(mean, covariance, means[0], unit, believed(x[1] - x[0], p[0] + p[1]))
    return mean, covariance


@compiled
def intersect(means: Matrix, covariances: Matrix) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): the covariance intersection of k estimates (k, n), (k, n, n), one after the other.

    With the weight that makes the determinant least. Where they disagree more than chance explains (three
    sigmas of chi-square), all are believed less, by their greatest squared distance from the result per dimension.
    """
    unit, x, p = unitless(means, covariances)
    count, n = x.shape
    mean, covariance = x[0].copy(), p[0].copy()
    for k in range(1, count):
        a, b = inverse(covariance), inverse(p[k])
        w = weight(a, b)
        covariance = inverse(mixed(a, b, w))
        mean = product(covariance, w * product(a, mean) + (1.0 - w) * product(b, x[k]))
    doubt = 1.0
    for k in range(count):
        d2 = distance2(x[k] - mean, p[k] + covariance)
        if d2 > n + 3.0 * sqrt(2.0 * n):
            doubt = max(doubt, d2 / n)
    restored(mean, covariance, means[0], unit, doubt)
    return mean, covariance
