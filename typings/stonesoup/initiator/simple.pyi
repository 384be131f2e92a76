from typing import Any

from stonesoup.types.state import GaussianState

class MultiMeasurementInitiator:
    def __init__(
        self, prior_state: GaussianState, deleter: Any, data_associator: Any, updater: Any, min_points: int = ...
    ) -> None: ...
