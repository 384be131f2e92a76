from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stonesoup.types.array import CovarianceMatrix, StateVector

class State:
    state_vector: StateVector
    timestamp: datetime
    def __init__(self, state_vector: Any, timestamp: datetime | None = ...) -> None: ...

class GaussianState(State):
    covar: CovarianceMatrix
    def __init__(self, state_vector: Any, covar: NDArray[np.float64], timestamp: datetime | None = ...) -> None: ...
