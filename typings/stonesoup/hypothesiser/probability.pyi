from typing import Any

class PDAHypothesiser:
    predictor: Any
    updater: Any
    def __init__(
        self,
        predictor: Any,
        updater: Any,
        clutter_spatial_density: float | None = ...,
        prob_detect: float = ...,
        prob_gate: float = ...,
    ) -> None: ...
