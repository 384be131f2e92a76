"""Space objects: an ellipse that J2 turns, by its elements or by height, inclination, node and phase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Annotated

from msgspec import Meta, Struct

from laurel.instruments.exercise.traffic.mover import CrossSection
from laurel.instruments.exercise.written import BadScenario, Moment
from laurel.instruments.warning.records import Name
from laurel.physics.compiled import Vector
from laurel.physics.earth import A_M
from laurel.physics.orbit import BadOrbit, Orbit
from laurel.physics.sun import greenwich_deg

Turn = Annotated[float, Meta(ge=-360.0, le=360.0)]
Tilt = Annotated[float, Meta(ge=0.0, le=180.0)]


class Circle(Struct, frozen=True, forbid_unknown_fields=True):
    """A circular orbit at `starts_at`: height above the equator's radius, and how far past its node it is then."""

    height_km: Annotated[float, Meta(gt=0.0, le=100_000.0)]
    inclination_deg: Tilt
    node_deg: Turn
    """Right ascension of the ascending node."""
    phase_deg: Turn


class Elements(Struct, frozen=True, forbid_unknown_fields=True):
    """Mean elements at `starts_at`, of the equator and equinox of date."""

    semi_major_km: Annotated[float, Meta(gt=0.0, le=500_000.0)]
    eccentricity: Annotated[float, Meta(ge=0.0, lt=1.0)]
    inclination_deg: Tilt
    node_deg: Turn
    """Right ascension of the ascending node."""
    perigee_deg: Turn
    anomaly_deg: Turn
    """Mean anomaly."""


class SpaceEntry(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="space"):
    """One satellite, or a piece of one, as a file says it: by its `circle` or by its `elements`."""

    name: Name
    circle: Circle | None = None
    elements: Elements | None = None
    from_s: Moment = 0.0
    cross_section: CrossSection = CrossSection.LARGE


@dataclass(frozen=True, eq=False)
class Orbiting:
    """Something in orbit, which stays there."""

    name: str
    orbit: Orbit
    from_s: float
    cross_section: CrossSection

    @property
    def until_s(self) -> float:
        """Never."""
        return inf

    @property
    def falls(self) -> bool:
        """Round the Earth for ever."""
        return False

    def at(self, t_s: float) -> tuple[Vector, Vector] | None:
        """Position and velocity."""
        return self.orbit.at(t_s) if t_s >= self.from_s else None

    def burns(self, _t_s: float, /) -> bool:
        """It coasts."""
        return False


def check_space(entry: SpaceEntry, where: str) -> None:
    """Raises BadScenario."""
    if (entry.circle is None) is (entry.elements is None):
        raise BadScenario(field=f"{where}.circle", value=entry.name, why="give either a circle or elements")
    _orbit(entry, 0.0, where)


def space(entry: SpaceEntry, starts_at: datetime, where: str) -> Orbiting:
    """The object on its orbit. Raises BadScenario."""
    return Orbiting(entry.name, _orbit(entry, greenwich_deg(starts_at), where), entry.from_s, entry.cross_section)


def _orbit(entry: SpaceEntry, greenwich: float, where: str) -> Orbit:
    try:
        if entry.elements is not None:
            one = entry.elements
            angles = (one.inclination_deg, one.node_deg, one.perigee_deg, one.anomaly_deg)
            return Orbit(one.semi_major_km * 1e3, one.eccentricity, *angles, greenwich)
        if entry.circle is not None:
            ring = entry.circle
            angles = (ring.inclination_deg, ring.node_deg, 0.0, ring.phase_deg)
            return Orbit(A_M + ring.height_km * 1e3, 0.0, *angles, greenwich)
    except BadOrbit as error:
        by = "circle.height_km" if entry.elements is None else "elements.semi_major_km"
        raise BadScenario(field=f"{where}.{by}", value=error.facts.get("perigee_km"), why=str(error)) from None
    raise BadScenario(field=f"{where}.circle", value=entry.name, why="give either a circle or elements")
