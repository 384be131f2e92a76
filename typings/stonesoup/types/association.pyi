from stonesoup.types.groundtruth import GroundTruthPath
from stonesoup.types.time import TimeRange
from stonesoup.types.track import Track

class TimeRangeAssociation:
    def __init__(self, objects: set[Track | GroundTruthPath], time_range: TimeRange) -> None: ...

class AssociationSet:
    def __init__(self, associations: set[TimeRangeAssociation]) -> None: ...
