"""What truly flew in a scenario, as a review asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from laurel.instruments.exercise.review.threats import Fell, TrueFlight
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import Truth, solve


@dataclass(frozen=True)
class Flown:
    """One flight of a scenario."""

    name: str
    truth: Truth

    @property
    def launched_at(self) -> datetime:
        """When it left the ground."""
        return self.truth.launched_at

    @property
    def fell(self) -> Fell | None:
        """Where it came down."""
        flight = self.truth.flight
        return Fell(flight.impact_lat_deg, flight.impact_lon_deg, self.truth.impact_at)

    def at(self, seconds: float) -> Sequence[float] | None:
        """Where it was so many seconds after its launch: (3,) ECEF metres; None while it did not fly."""
        flight = self.truth.flight
        if not flight.start_t_s <= seconds <= flight.impact_t_s:
            return None
        return [float(one) for one in flight.at(seconds)[0]]


def flights_of(scenario: bytes) -> tuple[TrueFlight, ...]:
    """All that flies in it. Raises BadScenario, NoSuchFlight."""
    return (Flown("T1", solve(parse(scenario))),)
