"""When a battery can meet a threat: the moments at which both can be in one place."""

from __future__ import annotations

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


@dataclass(frozen=True, eq=False)
class Window:
    """When a battery could meet a threat, and when it would have to launch for each; nothing when it never can.

    Both are in order: what asks for no later launch than a meeting before it is never waited for.
    """

    meets_s: Vector
    """(n,) seconds of the raid."""
    launches_s: Vector
    """(n,)"""

    def __bool__(self) -> bool:
        return bool(self.meets_s.size)

    @property
    def latest_s(self) -> float:
        """The last moment at which a launch still meets it; a window that never opens has none."""
        return float(self.launches_s[-1])

    def first(self, from_s: float) -> tuple[float, float] | None:
        """The launch, no sooner than `from_s`, that meets it soonest, and when that is; None when it is too late."""
        first = np.searchsorted(self.launches_s, from_s)
        if first == self.launches_s.size:
            return None
        return float(self.launches_s[first]), float(self.meets_s[first])


def window(battery: Battery, threat: Threat) -> Window:
    """By the second: within its reach and heights, and time enough to get there from the start of the raid."""
    kind = battery.interceptor
    distance_m = np.linalg.norm(threat.position_ecef_m - battery.position_ecef_m, axis=1)
    within = (distance_m <= kind.reach_m) & (threat.alt_m >= kind.lowest_m) & (threat.alt_m <= kind.highest_m)
    if not within.any():
        return Window(np.empty(0), np.empty(0))
    meets_s = threat.t_s[within]
    launches_s = meets_s - kind.time_of_flight(distance_m[within])
    later = np.diff(np.maximum.accumulate(launches_s), prepend=-np.inf) > 0.0
    return Window(meets_s[later], launches_s[later])
