from datetime import datetime
from typing import Any

from stonesoup.types.state import State

class Detection(State):
    measurement_model: Any
    metadata: dict[str, Any]
    def __init__(
        self,
        state_vector: Any,
        timestamp: datetime | None = ...,
        measurement_model: Any = ...,
        metadata: dict[str, Any] = ...,
    ) -> None: ...
