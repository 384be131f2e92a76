from typing import Any

class GNNWith2DAssignment:
    def __init__(self, hypothesiser: Any) -> None: ...
