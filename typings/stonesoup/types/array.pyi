from typing import Any

import numpy as np
from numpy.typing import NDArray

class StateVector(NDArray[Any]):
    def __new__(cls, *args: Any, **kwargs: Any) -> StateVector: ...

class StateVectors(NDArray[Any]):
    def __new__(cls, *args: Any, **kwargs: Any) -> StateVectors: ...

class CovarianceMatrix(NDArray[np.float64]):
    def __new__(cls, *args: Any, **kwargs: Any) -> CovarianceMatrix: ...
