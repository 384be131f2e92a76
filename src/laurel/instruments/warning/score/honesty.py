"""Whether an estimate is as wrong as it says: squared errors over claimed covariances, and the bands of chance.

Bar-Shalom, Li & Kirubarajan 2001, "Estimation with applications to tracking and navigation", section 5.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import chdtri

from laurel.physics.compiled import Matrix, Vector


class Band(NamedTuple):
    """Where a mean lies with the given probability if the covariances are honest."""

    low: float
    high: float

    def holds(self, mean: float) -> bool:
        """Whether the mean lies inside."""
        return self.low <= mean <= self.high


def nees(errors: Matrix, covariances: Matrix) -> Vector:
    """(n,) normalised estimation error squared of errors (n, k) under covariances (n, k, k).

    Its mean is k for an honest estimate, more for one too sure. Raises numpy.linalg.LinAlgError if a covariance is
    singular.
    """
    solved = np.linalg.solve(covariances, errors[:, :, None])
    return (errors[:, None, :] @ solved)[:, 0, 0]


def nis(innovations: Matrix, covariances: Matrix) -> Vector:
    """(n,) normalised innovation squared: plots minus what was foreseen (n, k), under the innovations' covariances."""
    return nees(innovations, covariances)


def band(freedom: int, samples: int, level: float = 0.95) -> Band:
    """Where the mean of so many independent chi-square numbers lies with that probability, equal tails."""
    tail, degrees = 0.5 * (1.0 - level), float(freedom * samples)
    return Band(chdtri(degrees, 1.0 - tail) / samples, chdtri(degrees, tail) / samples)
