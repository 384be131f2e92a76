"""When a battery can meet a threat: the moments at which both can be in one place."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from laurel.instruments.exercise.defeat.arsenal import Battery
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import ecef_to_geodetic
from laurel.physics.flight import Flight

STEP_S = 1.0


@dataclass(frozen=True, eq=False)
class Threat:
    """One vehicle on its way, second by second of the raid. It comes down in the area of `aimed_at`, if in any."""

    name: str
    aimed_at: str | None
    worth: float
    t_s: Vector
    """(n,) seconds of the raid."""
    position_ecef_m: Matrix
    """(n, 3)"""
    alt_m: Vector
    """(n,)"""


def threat(name: str, flight: Flight, launched_s: float, aimed_at: str | None, worth: float = 1.0) -> Threat:
    """A flight that begins `launched_s` into the raid."""
    flown_s = np.arange(flight.start_t_s, flight.impact_t_s, STEP_S)
    position = np.array([flight.at(t_s)[0] for t_s in flown_s.tolist()])
    return along(name, launched_s + flown_s - flight.start_t_s, position, aimed_at, worth)


def along(name: str, t_s: Vector, position_ecef_m: Matrix, aimed_at: str | None, worth: float = 1.0) -> Threat:
    """What is at so many places, (n, 3), at so many seconds of the raid, (n,)."""
    alt = np.array([ecef_to_geodetic(one)[2] for one in position_ecef_m])
    return Threat(name, aimed_at, worth, t_s, position_ecef_m, alt)


@dataclass(frozen=True)
class Shot:
    """One salvo, from leaving its battery to meeting the threat: seconds of the raid."""

    battery: str
    threat: str
    launched_s: float
    meets_s: float
    rounds: int
    chance: float


class Window:
    """When a battery could meet a threat, and when it would have to launch for each; nothing when it never can."""

    def __init__(self, meets_s: Vector, launches_s: Vector) -> None:
        self._meets_s: list[float] = meets_s.tolist()
        self._launches_s: list[float] = launches_s.tolist()
        # The first launch no sooner than a moment is where the latest so far is no sooner.
        self._latest_s: list[float] = np.maximum.accumulate(launches_s).tolist() if launches_s.size else []

    def __bool__(self) -> bool:
        return bool(self._meets_s)

    @property
    def latest_s(self) -> float:
        """The last moment at which a launch still meets it; a window that never opens has none."""
        return self._latest_s[-1]

    def first(self, from_s: float) -> tuple[float, float] | None:
        """The launch, no sooner than `from_s`, that meets it soonest, and when that is; None when it is too late."""
        first = bisect_left(self._latest_s, from_s)
        if first == len(self._latest_s):
            return None
        return self._launches_s[first], self._meets_s[first]


def window(battery: Battery, threat: Threat) -> Window:
    """By the second: within its reach and heights, and time enough to get there from the start of the raid."""
    kind = battery.interceptor
    distance_m = np.linalg.norm(threat.position_ecef_m - battery.position_ecef_m, axis=1)
    launches_s = threat.t_s - kind.time_of_flight(distance_m)
    within = (distance_m <= kind.reach_m) & (threat.alt_m >= kind.lowest_m) & (threat.alt_m <= kind.highest_m)
    return Window(threat.t_s[within], launches_s[within])
