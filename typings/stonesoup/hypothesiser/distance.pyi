from typing import Any

class DistanceHypothesiser:
    predictor: Any
    updater: Any
    def __init__(self, predictor: Any, updater: Any, measure: Any, missed_distance: float = ...) -> None: ...
