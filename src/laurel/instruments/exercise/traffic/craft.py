"""Aircraft and ships: from waypoint to waypoint, at a speed and height that their class can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Annotated

from msgspec import Meta, Struct

from laurel.instruments.exercise.traffic.mover import CrossSection
from laurel.instruments.exercise.written import BadScenario, Latitude, Longitude, Moment
from laurel.instruments.warning.records import Name
from laurel.physics.compiled import Vector
from laurel.physics.route import BadRoute, Point, Route, route

Waypoints = Annotated[tuple["Waypoint", ...], Meta(min_length=2, max_length=500)]


class Waypoint(Struct, frozen=True, forbid_unknown_fields=True):
    """A point of the way: its speed over the ground holds to the next one; it may rest there first."""

    lat_deg: Latitude
    lon_deg: Longitude
    speed_mps: Annotated[float, Meta(gt=0.0, le=1_000.0)]
    alt_m: Annotated[float, Meta(ge=0.0, le=30_000.0)] = 0.0
    stop_s: Moment = 0.0


@dataclass(frozen=True)
class Craft:
    """What a class can do (notional): how fast over the ground, how high, and how large a radar sees it."""

    fastest_mps: float
    highest_m: float
    cross_section: CrossSection
    climbs_mps: float = inf


AIRCRAFT: Mapping[str, Craft] = {
    "airliner": Craft(290.0, 13_500.0, CrossSection.LARGE, 25.0),
    "fighter": Craft(650.0, 18_500.0, CrossSection.FIGHTER, 250.0),
    "bomber": Craft(320.0, 16_000.0, CrossSection.LARGE, 40.0),
    "patrol-aircraft": Craft(260.0, 12_500.0, CrossSection.LARGE, 25.0),
    "helicopter": Craft(95.0, 6_000.0, CrossSection.FIGHTER, 15.0),
    "drone": Craft(210.0, 19_000.0, CrossSection.SMALL, 25.0),
    "cruise-missile": Craft(320.0, 12_000.0, CrossSection.SMALL, 100.0),
}

SHIPS: Mapping[str, Craft] = {
    "warship": Craft(17.0, 0.0, CrossSection.SHIP),
    "carrier": Craft(17.0, 0.0, CrossSection.SHIP),
    "merchant": Craft(13.0, 0.0, CrossSection.SHIP),
    "fishing-boat": Craft(8.0, 0.0, CrossSection.LARGE),
    "patrol-boat": Craft(23.0, 0.0, CrossSection.LARGE),
}


class CraftEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of an aircraft or a ship. It is there from `from_s`, and gone when its way is over."""

    name: Name
    craft: str
    waypoints: Waypoints
    from_s: Moment = 0.0
    round_and_round: bool = False
    cross_section: CrossSection | None = None


class AircraftEntry(CraftEntry, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="aircraft"):
    """One aircraft; its `craft` is one of `AIRCRAFT`."""


class ShipEntry(CraftEntry, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="ship"):
    """One ship; its `craft` is one of `SHIPS`."""


@dataclass(frozen=True, eq=False)
class Travelling:
    """Something on its way."""

    name: str
    way: Route
    from_s: float
    cross_section: CrossSection

    @property
    def until_s(self) -> float:
        """When its way is over."""
        return self.from_s + self.way.ends_s

    @property
    def falls(self) -> bool:
        """Never."""
        return False

    def at(self, t_s: float) -> tuple[Vector, Vector] | None:
        """Position and velocity; None before it sets out and after its way is over."""
        return self.way.at(t_s - self.from_s) if self.from_s <= t_s <= self.until_s else None

    def burns(self, _t_s: float, /) -> bool:
        """No satellite here sees a jet."""
        return False


def check_craft(entry: CraftEntry, where: str) -> None:
    """Raises BadScenario."""
    craft(entry, where)


def craft(entry: CraftEntry, where: str) -> Travelling:
    """The aircraft or ship. Raises BadScenario."""
    classes = AIRCRAFT if isinstance(entry, AircraftEntry) else SHIPS
    if entry.craft not in classes:
        why = "no such class; there are " + ", ".join(sorted(classes))
        raise BadScenario(field=f"{where}.craft", value=entry.craft, why=why)
    can = classes[entry.craft]
    way = way_of(can, entry.waypoints, f"{where}.waypoints", round_and_round=entry.round_and_round)
    return Travelling(entry.name, way, entry.from_s, entry.cross_section or can.cross_section)


def way_of(can: Craft, waypoints: Sequence[Waypoint], where: str, *, round_and_round: bool) -> Route:
    """The way through the waypoints. Raises BadScenario for what the class cannot do."""
    for place, one in enumerate(waypoints):
        for figure, value, most in (("speed_mps", one.speed_mps, can.fastest_mps), ("alt_m", one.alt_m, can.highest_m)):
            if value > most:
                why = f"more than its class can, which is {most:g}"
                raise BadScenario(field=f"{where}[{place}].{figure}", value=value, why=why)
    points = [Point(one.lat_deg, one.lon_deg, one.alt_m, one.speed_mps, one.stop_s) for one in waypoints]
    try:
        way = route(points, round_and_round=round_and_round)
    except BadRoute as error:
        raise BadScenario(field=where, value=len(points), why=str(error)) from None
    for leg in way.legs:
        climb_mps = abs(leg.climb_m) / (leg.to_s - leg.from_s)
        if climb_mps > can.climbs_mps:
            why = f"it would climb or dive at {climb_mps:.0f} m/s from there; its class does {can.climbs_mps:g}"
            place = points.index(leg.start)
            raise BadScenario(field=f"{where}[{place}].alt_m", value=leg.start.alt_m, why=why)
    return way
