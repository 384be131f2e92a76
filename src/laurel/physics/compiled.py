"""`compiled`: a plain typed function made into machine code.

Kernels work on floats and small arrays, call only each other, and are cached on disk beside their source.
The cache of a kernel is keyed on its own file alone, so after editing a kernel that others call, remove
`__pycache__` of this package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
"""One row of float64: (3,) a position or velocity, (6,) both."""

Matrix: TypeAlias = NDArray[np.float64]
"""Rows and columns of float64."""

Numbers: TypeAlias = NDArray[np.int64]
"""Whole numbers: counts, and places in other arrays."""

Triple: TypeAlias = tuple[float, float, float]
"""Three floats, which a kernel passes without allocating."""

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The same function in machine code: IEEE arithmetic, no GIL held, division by zero gives inf or nan."""
    return numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
