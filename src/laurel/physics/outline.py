"""Outlines on the Earth: corners joined the short way, the last to the first, wherever the date line runs.

Edges are straight lines in latitude and longitude, as people draw areas on charts. Corners are (latitude, longitude)
in degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, inf, radians
from typing import TypeAlias

import numpy as np

from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import MEAN_RADIUS_M, Geodesic, geodesic

Corners: TypeAlias = Sequence[tuple[float, float]]

_DEGREE_M = radians(1.0) * MEAN_RADIUS_M


def unwrapped(corners: Corners) -> Matrix:
    """(n, 2) longitude and latitude, no longitude more than 180 degrees from the one before."""
    lats, lons = np.array([lat for lat, _ in corners]), np.array([lon for _, lon in corners])
    steps = (np.diff(lons) + 180.0) % 360.0 - 180.0
    return np.column_stack((lons[0] + np.concatenate(([0.0], np.cumsum(steps))), lats))


def winds_round_a_pole(corners: Corners) -> bool:
    """Whether the edges go once round the Earth, so that the outline has a pole inside and no inside on a chart."""
    points = unwrapped(corners)
    back = (points[0, 0] - points[-1, 0] + 180.0) % 360.0 - 180.0
    return bool(abs(points[-1, 0] + back - points[0, 0]) > 180.0)


def first_crossing(corners: Corners) -> tuple[int, int] | None:
    """The first two edges that cross or touch each other, by the numbers of their first corners; None if none do."""
    starts = unwrapped(corners)
    ends = np.roll(starts, -1, axis=0)
    count = len(starts)
    along = ends - starts

    def side(of: Matrix) -> Matrix:
        """(n, n) on which side of edge i point j lies: -1, 0, 1."""
        offset = of[None, :, :] - starts[:, None, :]
        return np.sign(along[:, None, 0] * offset[:, :, 1] - along[:, None, 1] * offset[:, :, 0])

    to_start, to_end = side(starts), side(ends)
    apart = to_start * to_end
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    near = ((low[:, None] <= high[None]) & (low[None] <= high[:, None])).all(axis=2)
    # Two edges meet when the ends of each lie on both sides of the other, or on it.
    meet = (apart <= 0.0) & (apart.T <= 0.0) & near
    gap = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    meet &= (gap > 1) & (gap < count - 1)
    found = np.argwhere(np.triu(meet))
    return (int(found[0, 0]), int(found[0, 1])) if len(found) else None


def holds(corners: Corners, lat_deg: float, lon_deg: float) -> bool:
    """Whether the place is inside: a ray to the east crosses an odd number of edges."""
    return _holds(_around(corners, lat_deg, lon_deg))


def way_to(corners: Corners, lat_deg: float, lon_deg: float) -> Geodesic | None:
    """The way from the place to about the nearest point of the edges, over the ellipsoid; None from inside."""
    points = _around(corners, lat_deg, lon_deg)
    if _holds(points):
        return None
    # Around the place a degree of longitude is so much shorter than one of latitude.
    scale = np.array([max(cos(radians(lat_deg)), 1e-3), 1.0])
    starts = points * scale
    along = np.roll(starts, -1, axis=0) - starts
    length2 = (along**2).sum(axis=1)
    share = np.clip(-(starts * along).sum(axis=1) / np.where(length2 > 0.0, length2, inf), 0.0, 1.0)
    near = starts + along * share[:, None]
    east, north = (near[int(np.argmin((near**2).sum(axis=1)))] / scale).tolist()
    return geodesic(lat_deg, lon_deg, lat_deg + north, (lon_deg + east + 180.0) % 360.0 - 180.0)


def box(corners: Corners) -> tuple[float, float, float, float]:
    """South, west, north, east; `east` is never less than `west`, so it may be more than 180."""
    points = unwrapped(corners)
    south, north = float(points[:, 1].min()), float(points[:, 1].max())
    west, east = float(points[:, 0].min()), float(points[:, 0].max())
    turned = (west + 180.0) % 360.0 - 180.0
    return south, turned, north, turned + east - west


def box_around(lat_deg: float, lon_deg: float, within_m: float) -> tuple[float, float, float, float]:
    """South, west, north, east of a circle, as `box` gives them; all longitudes where it may hold a pole."""
    reach = within_m / _DEGREE_M
    south, north = max(lat_deg - reach, -90.0), min(lat_deg + reach, 90.0)
    narrowest = cos(radians(min(max(abs(south), abs(north)), 90.0)))
    wide = reach / narrowest if narrowest > 1e-6 else inf
    if wide >= 180.0:
        return south, -180.0, north, 180.0
    west = (lon_deg - wide + 180.0) % 360.0 - 180.0
    return south, west, north, west + 2.0 * wide


def _around(corners: Corners, lat_deg: float, lon_deg: float) -> Matrix:
    """(n, 2) the corners as degrees east and north of a place, turned to where they are near it."""
    points: Matrix = unwrapped(corners)
    middle = float(points[:, 0].min() + points[:, 0].max()) / 2.0
    turn: Vector = np.array([middle - lon_deg - ((middle - lon_deg + 180.0) % 360.0 - 180.0) + lon_deg, lat_deg])
    return points - turn


def _holds(points: Matrix) -> bool:
    x, y = points[:, 0], points[:, 1]
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    spans = (y > 0.0) != (next_y > 0.0)
    rise = np.where(spans, next_y - y, 1.0)
    crosses_at = x - y * (next_x - x) / rise
    return bool(np.count_nonzero(spans & (crosses_at > 0.0)) % 2)
