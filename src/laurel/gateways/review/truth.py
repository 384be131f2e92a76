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

    starts_at: datetime
    mover: Mover
    attacks: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return self.mover.name

    @property
    def launched_at(self) -> datetime:
        """When it left the ground, or came off something else."""
        return self.starts_at + timedelta(seconds=self.mover.from_s)

    @property
    def fell(self) -> Fell | None:
        """Where it came down; None where it broke before."""
        until_s = self.mover.until_s
        last = self.mover.at(until_s) if isfinite(until_s) else None
        if last is None:
            return None
        lat_deg, lon_deg, alt_m = ecef_to_geodetic(last[0])
        return Fell(lat_deg, lon_deg, self.starts_at + timedelta(seconds=until_s)) if alt_m <= NEAR_GROUND_M else None

    def at(self, seconds: float) -> Sequence[float] | None:
        """Where it was so many seconds after its launch: (3,) ECEF metres; None while it did not fly."""
        found = self.mover.at(self.mover.from_s + seconds)
        return None if found is None else [float(one) for one in found[0]]


def flights_of(scenario: bytes) -> tuple[TrueFlight, ...]:
    """All that falls in it. Raises BadScenario, NoSuchFlight."""
    read = parse(scenario)
    found, missiles = scene(read), frozenset(_missiles(read))
    return tuple(Flown(found.starts_at, mover, attacks=mover.name in missiles) for mover in found.movers if mover.falls)


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
