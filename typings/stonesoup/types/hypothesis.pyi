from typing import Any

from stonesoup.types.detection import Detection

class SingleHypothesis:
    prediction: Any
    measurement: Detection
    weight: float
    def __init__(self, prediction: Any, measurement: Detection) -> None: ...
