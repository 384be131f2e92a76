from typing import Any

from stonesoup.metricgenerator.manager import MultiManager

class Titled:
    title: str
    value: Any

class SIAPMetrics:
    def __init__(self, position_measure: Any, velocity_measure: Any) -> None: ...
    def compute_metric(self, manager: MultiManager) -> list[Titled]: ...
