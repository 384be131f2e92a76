from collections.abc import Sequence
from typing import Any

from stonesoup.types.state import State

class Single:
    value: Any

class GOSPAMetric:
    def __init__(self, p: float, c: float, measure: Any = ...) -> None: ...
    def compute_gospa_metric(
        self, measured_states: Sequence[State], truth_states: Sequence[State]
    ) -> tuple[Single, list[int]]: ...

class OSPAMetric:
    def __init__(self, p: float, c: float, measure: Any = ...) -> None: ...
    def compute_OSPA_distance(self, track_states: Sequence[State], truth_states: Sequence[State]) -> Single: ...
