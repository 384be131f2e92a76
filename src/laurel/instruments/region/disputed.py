"""Areas to which more than one lays claim: what is near one names every claimant, by the names that each gives it.

A compact's file lists them (`[[charter.region.disputed]]`). Laurel takes no side, draws no line, and prefers no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurel.core.errors import Broken
from laurel.core.fields import Line, Slug
from laurel.instruments.region.records import Disputed, Latitude, Longitude, NamedBy, Place
from laurel.physics.earth import geodesic
from laurel.physics.outline import way_to


class BadCharter(Broken):
    """A compact's file is written by hand."""

    says = "what the compact's file says of the region cannot be read"
    remedy = "mend [charter.region] in the file; compacts/camp-david.toml shows the form"


class DisputedArea(Struct, frozen=True, forbid_unknown_fields=True):
    """About where it is, and what each claimant calls it, as published in `source`."""

    area: Slug
    lat_deg: Latitude
    lon_deg: Longitude
    within_km: Annotated[float, Meta(gt=0.0, le=2_000.0)]
    names: Annotated[tuple[NamedBy, ...], Meta(min_length=2, max_length=20)]
    source: Line


class RegionCharter(Struct, frozen=True, forbid_unknown_fields=True):
    """What a compact's file says of its region: areas in dispute, and sorts of incident beside our own."""

    disputed: tuple[DisputedArea, ...] = ()
    types: tuple[Slug, ...] = ()


def region_charter(charter: Mapping[str, Mapping[str, Any]]) -> RegionCharter:
    """What the file says. Raises BadCharter."""
    try:
        return msgspec.convert(dict(charter.get("region", {})), RegionCharter)
    except msgspec.ValidationError as error:
        raise BadCharter(why=str(error)) from None


def near(where: Place | None, areas: tuple[DisputedArea, ...]) -> tuple[Disputed, ...]:
    """Those that the place may lie in or near, by their names."""
    if where is None:
        return ()
    found = (one for one in areas if _apart_m(where, one) <= one.within_km * 1e3)
    return tuple(Disputed(one.area, tuple(sorted(one.names, key=_by_claimant))) for one in found)


def _by_claimant(one: NamedBy) -> tuple[str, str, str]:
    return one.claimant, one.language, one.name


def _apart_m(where: Place, area: DisputedArea) -> float:
    """How far the nearest place that it may be is from the middle of the area."""
    apart_m = [float("inf")]
    if where.spot is not None:
        spot = where.spot
        apart_m.append(geodesic(spot.lat_deg, spot.lon_deg, area.lat_deg, area.lon_deg).distance_m - spot.within_m)
    if where.outline is not None:
        corners = [(one.lat_deg, one.lon_deg) for one in where.outline]
        way = way_to(corners, area.lat_deg, area.lon_deg)
        apart_m.append(0.0 if way is None else way.distance_m)
    return min(apart_m)
