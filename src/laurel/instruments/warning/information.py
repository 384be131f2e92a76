"""Several estimates of one thing as one, as compiled kernels: independent, related as far as known, or not known.

An estimate is a mean (n,) with its covariance (n, n). Which rule fits is for the pedigree to tell. No rule ever
claims more than a filter that was given every plot once:

- `together` adds the information of estimates that share no plot, as far as it was won in free flight;
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
def volume(covariance: Matrix) -> float:
    """Half the logarithm of the determinant."""
    return float(np.log(np.maximum(np.diag(root(covariance)), 1e-300)).sum())


@compiled
def added(means: Matrix, covariances: Matrix) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): k estimates as one, as if they shared nothing: the most that all of them can say."""
    unit, x, p = unitless(means, covariances)
    held, pulled = np.zeros_like(p[0]), np.zeros_like(unit)
    for k in range(len(x)):
        known = inverse(p[k])
        held += known
        pulled += product(known, x[k])
    covariance = inverse(held)
    mean = product(covariance, pulled)
    restored(mean, covariance, means[0], unit, 1.0)
    return mean, covariance


@compiled
def settled(information: Matrix) -> bool:
    """Whether it says something of every direction."""
    return bool((np.diag(root(information)) > 0.0).all())


@compiled
def together(
    means: Matrix, covariances: Matrix, old: Matrix, old_covariances: Matrix, common: Matrix
) -> tuple[Vector, Matrix]:
    """(n,) and (n, n): k estimates (k, n), (k, n, n) as one, whose information since the old ones is independent.

    The old estimates are the same things foreseen from before, and may share anything: only the best estimate keeps
    its own, from the others it is taken away (a tracklet is what stays: Chong, Mori & Chang 1990). All share the
    error `common` (n, n): what each knows beyond it, (P - C)^-1, is added, and the result bears it as the best does.
    That inverse is written as four terms of its series: they stay positive where the shared error is not small,
    so that it is then never more than the best estimate itself.
    """
    unit, x, p = unitless(means, covariances)
    shared = common / np.outer(unit, unit)
    best, most = 0, -np.inf
    for k in range(len(x)):
        sure = -volume(p[k])
        if sure > most:
            best, most = k, sure
    held, pulled = np.zeros_like(shared), np.zeros_like(unit)
    mean, covariance, borne, doubt = x[best].copy(), p[best].copy(), shared, 1.0
    for turn in range(len(x)):
        # The best first, then the others in order.
        k = best if turn == 0 else turn - 1 if turn <= best else turn
        known = inverse(p[k])
        says = product(known, x[k])
        if turn > 0:
            doubt = max(doubt, believed(x[k] - mean, p[k] + covariance))
            before = inverse(old_covariances[k] / np.outer(unit, unit))
            known = known - before
            if not settled(known):
                continue
            says -= product(before, (old[k] - means[0]) / unit)
        common_to_own = shared @ known
        first = known + known @ common_to_own
        own = first + first @ common_to_own @ common_to_own
        held += own
        pulled += product(own, product(inverse(known), says))
        free = inverse(held)
        if turn == 0:
            borne = p[k] - free
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
