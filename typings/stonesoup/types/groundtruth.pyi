from collections.abc import Sequence

from stonesoup.types.state import State

class GroundTruthPath:
    def __init__(self, states: Sequence[State] = ...) -> None: ...
