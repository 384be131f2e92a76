from typing import Any

from stonesoup.types.association import AssociationSet

class MultiManager:
    association_set: AssociationSet
    def __init__(self, generators: list[Any] = ..., associator: Any = ...) -> None: ...
    def add_data(self, metric_data: dict[str, Any], overwrite: bool = ...) -> None: ...
