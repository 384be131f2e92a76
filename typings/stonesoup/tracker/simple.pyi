from collections.abc import Iterable
from datetime import datetime
from typing import Any

from stonesoup.types.detection import Detection
from stonesoup.types.track import Track

class MultiTargetTracker:
    def __init__(self, initiator: Any, deleter: Any, detector: Any, data_associator: Any, updater: Any) -> None: ...
    def update_tracker(self, time: datetime, detections: Iterable[Detection]) -> tuple[datetime, set[Track]]: ...

class MultiTargetMixtureTracker(MultiTargetTracker): ...
