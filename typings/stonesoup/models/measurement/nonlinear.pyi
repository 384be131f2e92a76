from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stonesoup.types.array import CovarianceMatrix, StateVector
from stonesoup.types.state import State

class CartesianToElevationBearing:
    noise_covar: CovarianceMatrix
    translation_offset: StateVector
    rotation_offset: StateVector
    def __init__(
        self,
        *,
        ndim_state: int,
        mapping: Sequence[int],
        noise_covar: CovarianceMatrix,
        translation_offset: StateVector = ...,
        rotation_offset: StateVector = ...,
    ) -> None: ...
    @property
    def rotation_matrix(self) -> NDArray[np.float64]: ...
    def function(self, state: State, noise: Any = ...) -> StateVector: ...
    def jacobian(self, state: State) -> NDArray[np.float64]: ...

class CartesianToElevationBearingRange(CartesianToElevationBearing): ...
