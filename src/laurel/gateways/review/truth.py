"""What truly fell in a scenario, as a review asks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from laurel.instruments.exercise.review.threats import Fell, TrueFlight
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import scene
from laurel.instruments.exercise.traffic.missile import MissileEntry, SalvoEntry
from laurel.instruments.exercise.traffic.mover import Mover
from laurel.physics.earth import ecef_to_geodetic

NEAR_GROUND_M = 2_000.0
"""What ends higher than this did not come down: it broke."""


@dataclass(frozen=True)
class Flown:
    """One thing of a scenario that falls."""

    mover: Mover
    launched_at: datetime
    """When it left the ground, or came off something else."""
    fell: Fell | None
    """Where it came down; None where it broke before."""
    attacks: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return self.mover.name

    def at(self, seconds: float) -> Sequence[float] | None:
        """Where it was so many seconds after its launch: (3,) ECEF metres; None while it did not fly."""
        found = self.mover.at(self.mover.from_s + seconds)
        return None if found is None else [float(one) for one in found[0]]


def flights_of(scenario: bytes) -> tuple[TrueFlight, ...]:
    """All that falls in it. Raises BadScenario, NoSuchFlight."""
    read = parse(scenario)
    found, missiles = scene(read), frozenset(_missiles(read))
    return tuple(
        Flown(one, found.starts_at + timedelta(seconds=one.from_s), _fell(one, found.starts_at), one.name in missiles)
        for one in found.movers
        if one.falls
    )


def _fell(mover: Mover, starts_at: datetime) -> Fell | None:
    last = mover.at(mover.until_s) if isfinite(mover.until_s) else None
    if last is None:
        return None
    lat_deg, lon_deg, alt_m = ecef_to_geodetic(last[0])
    return Fell(lat_deg, lon_deg, starts_at + timedelta(seconds=mover.until_s)) if alt_m <= NEAR_GROUND_M else None


def _missiles(scenario: Scenario) -> Iterator[str]:
    """What its missiles are called, one by one: not their stages, nor the pieces of what broke."""
    for entry in scenario.objects:
        match entry:
            case MissileEntry():
                yield entry.name
            case SalvoEntry():
                yield from (f"{entry.name}-{number}" for number in range(1, entry.count + 1))
            case _:
                pass
