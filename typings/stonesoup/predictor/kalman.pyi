from typing import Any

class ExtendedKalmanPredictor:
    def __init__(self, transition_model: Any) -> None: ...

class UnscentedKalmanPredictor:
    def __init__(self, transition_model: Any) -> None: ...
