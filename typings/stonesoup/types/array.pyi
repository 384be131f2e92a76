from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

class StateVector(NDArray[Any]):
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...

class StateVectors(NDArray[Any]):
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...

class CovarianceMatrix(NDArray[np.float64]):
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...
