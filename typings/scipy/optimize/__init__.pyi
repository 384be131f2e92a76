"""The part of scipy.optimize that Laurel uses."""

import numpy as np
from numpy.typing import NDArray

def linear_sum_assignment(cost_matrix: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
