"""The part of scipy.spatial that Laurel uses."""

import numpy as np
from numpy.typing import NDArray

class cKDTree:
    def __init__(self, data: NDArray[np.float64], *, compact_nodes: bool = ..., balanced_tree: bool = ...) -> None: ...
    def query(
        self, x: NDArray[np.float64], *, distance_upper_bound: float = ...
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]: ...
