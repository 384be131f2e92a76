"""A body on a ballistic flight: a missile from lift-off, a spent stage or a piece from where it came off."""

from __future__ import annotations

from dataclasses import dataclass

from laurel.instruments.exercise.traffic.mover import CrossSection
from laurel.physics.compiled import Vector
from laurel.physics.flight import Flight


@dataclass(frozen=True, eq=False)
class Ballistic:
    """One body on its flight, which began `launch_s` after the scenario; `ends_s` if it ends before its impact."""

    name: str
    flight: Flight
    launch_s: float = 0.0
    cross_section: CrossSection = CrossSection.MISSILE
    ends_s: float | None = None

    @property
    def from_s(self) -> float:
        """Lift-off, or when it came off something else."""
        return self.launch_s + self.flight.start_t_s

    @property
    def until_s(self) -> float:
        """Impact, or its end before that."""
        impact_s = self.launch_s + self.flight.impact_t_s
        return impact_s if self.ends_s is None else min(self.ends_s, impact_s)

    @property
    def falls(self) -> bool:
        """Always."""
        return True

    def at(self, t_s: float) -> tuple[Vector, Vector] | None:
        """Position and velocity; None before lift-off and after the end."""
        if not self.from_s <= t_s <= self.until_s:
            return None
        # Moments of the scenario are rounded: the last of them may lie a hair after the impact.
        return self.flight.at(min(max(t_s - self.launch_s, self.flight.start_t_s), self.flight.impact_t_s))

    def burns(self, t_s: float) -> bool:
        """Whether a motor burns."""
        return t_s <= self.until_s and self.flight.thrusting(t_s - self.launch_s)
