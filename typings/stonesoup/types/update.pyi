from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stonesoup.types.hypothesis import SingleHypothesis
from stonesoup.types.multihypothesis import MultipleHypothesis
from stonesoup.types.state import GaussianState, State

class Update(State):
    hypothesis: SingleHypothesis | MultipleHypothesis

class GaussianStateUpdate(GaussianState, Update):
    def __init__(
        self,
        state_vector: Any,
        covar: NDArray[np.float64],
        hypothesis: SingleHypothesis | MultipleHypothesis,
        timestamp: datetime | None = ...,
    ) -> None: ...
