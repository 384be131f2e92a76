from typing import Any

class GaussianTransitionModel:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
