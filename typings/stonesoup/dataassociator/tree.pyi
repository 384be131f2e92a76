from typing import Any

from stonesoup.dataassociator.neighbour import GNNWith2DAssignment

class DetectionKDTreeMixIn:
    def __init__(
        self,
        hypothesiser: Any,
        predictor: Any,
        updater: Any,
        max_distance: float = ...,
        max_distance_covariance_multiplier: float | None = ...,
    ) -> None: ...

class DetectionKDTreeGNN2D(DetectionKDTreeMixIn, GNNWith2DAssignment): ...
