"""Whose land or sea a place is: a member's territory, or its zone of 200 nautical miles.

Outlines are Natural Earth's (public domain), thinned to about 1 km. The zone is an approximation: a sea point
within 200 nautical miles of the nearest coast belongs to that coast. It knows no treaty, no claim and no
island that the map leaves out. Reads its map once, on first use.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import radians, sin
from typing import TypeAlias

import msgspec
import numpy as np
import shapely
from msgspec import Struct
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from laurel.instruments.warning.picture_types import Ellipse
from laurel.instruments.warning.records import Area
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import A_M, E2, MEAN_RADIUS_M

TERRITORY = "territory"
ZONE = "zone"
NOBODY = ""
ZONE_M = 370_400.0
COAST_SPACING_M = 5_000.0
CELLS_IN_DEGREE = 2
_SEA, _BORDER, _UNREAD = -1, -2, -3

# The tree measures straight through the Earth.
_ZONE_CHORD_M = 2.0 * MEAN_RADIUS_M * sin(ZONE_M / (2.0 * MEAN_RADIUS_M))
# Fractions of the ellipse and points on each: dense enough that no zone slips between them.
_RINGS = ((0.0, 1), (0.25, 8), (0.5, 16), (0.75, 24), (1.0, 48))

Counts: TypeAlias = NDArray[np.int64]


class Country(Struct, frozen=True, array_like=True):
    """A member code, and polygons of rings of line numbers; a negative number is the complement, backwards."""

    member: str
    polygons: list[list[list[int]]]


class Atlas(Struct, frozen=True, array_like=True):
    """The map as it is kept: lines as steps on a grid (all x, then all y), and countries made of lines."""

    source: str
    scale: tuple[float, float]
    translate: tuple[float, float]
    lengths: bytes
    steps: bytes
    countries: tuple[Country, ...]


@dataclass(frozen=True, eq=False)
class _Map:
    """Every country's polygons with their owners, and every coast's points with theirs."""

    members: tuple[str, ...]
    polygons: NDArray[np.object_]
    polygon_owner: Counts
    tree: shapely.STRtree
    coast: cKDTree
    coast_owner: Counts
    cells: NDArray[np.int16]
    """(360, 720) what is known of each half degree of latitude and longitude."""


def _surface(lat_deg: Vector, lon_deg: Vector) -> Matrix:
    """(n, 3) ECEF metres of places on the ellipsoid."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    normal = A_M / np.sqrt(1.0 - E2 * np.sin(lat) ** 2)
    flat = normal * np.cos(lat)
    return np.column_stack((flat * np.cos(lon), flat * np.sin(lon), normal * (1.0 - E2) * np.sin(lat)))


def _densified(points: Matrix) -> Matrix:
    """(n, 3) ECEF metres: the line with no gap wider than the coast spacing."""
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    pieces = np.maximum(np.ceil(gaps / COAST_SPACING_M), 1.0).astype(np.int64)
    start = np.repeat(np.arange(len(gaps)), pieces)
    first: Counts = np.cumsum(pieces) - pieces
    step: Counts = np.arange(len(start)) - first[start]
    part: Vector = np.divide(step, pieces[start])
    return points[start] + part[:, None] * (points[start + 1] - points[start])


def _read() -> Atlas:
    packed = files("laurel.instruments.warning").joinpath("natural_earth.bin").read_bytes()
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Atlas)


@cache
def _map() -> _Map:
    atlas = _read()
    ends = np.cumsum(np.frombuffer(atlas.lengths, dtype="<u4"))
    grid = np.cumsum(np.frombuffer(atlas.steps, dtype="<i4").reshape(2, -1), axis=1, dtype=np.float64).T
    lines = np.split(grid * np.array(atlas.scale) + np.array(atlas.translate), ends[:-1])
    rings: list[Matrix] = []
    ring_polygon: list[int] = []
    polygon_owner: list[int] = []
    owners_of_line: list[set[int]] = [set() for _ in lines]
    times_used = np.zeros(len(lines), dtype=np.int64)
    for owner, country in enumerate(atlas.countries):
        for polygon in country.polygons:
            outlines = [_ring(refs, lines) for refs in polygon]
            for line in (max(ref, ~ref) for refs in polygon for ref in refs):
                owners_of_line[line].add(owner)
                times_used[line] += 1
            # An islet of one or two points has a zone but no inside.
            outlines = [outline for outline in outlines if len(outline) > 3] if len(outlines[0]) > 3 else []
            rings += outlines
            ring_polygon += [len(polygon_owner)] * len(outlines)
            polygon_owner += [owner] * bool(outlines)
    # A line used twice is a border between two, or a seam within one. What is left is coast.
    shores = [line for line, used in enumerate(times_used.tolist()) if used == 1]
    coasts = [_densified(_surface(lines[line][:, 1], lines[line][:, 0])) for line in shores]
    coast_owner = [min(owners_of_line[line]) for line in shores]
    polygons = _polygons(rings, ring_polygon)
    return _Map(
        members=tuple(country.member for country in atlas.countries),
        polygons=polygons,
        polygon_owner=np.array(polygon_owner),
        tree=shapely.STRtree(polygons),
        coast=cKDTree(np.concatenate(coasts), balanced_tree=False, compact_nodes=False),
        coast_owner=np.repeat(coast_owner, [len(coast) for coast in coasts]),
        cells=np.full((180 * CELLS_IN_DEGREE, 360 * CELLS_IN_DEGREE), _UNREAD, dtype=np.int16),
    )


def _ring(refs: Sequence[int], lines: Sequence[Matrix]) -> Matrix:
    parts = [lines[ref] if ref >= 0 else lines[~ref][::-1] for ref in refs]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])]) if len(parts) > 1 else parts[0]


def _polygons(rings: Sequence[Matrix], ring_polygon: Sequence[int]) -> NDArray[np.object_]:
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    shells = _geometries(shapely.linearrings(np.concatenate(rings), indices=ring_of))
    first = np.diff(np.array(ring_polygon), prepend=-1) > 0
    polygons = _geometries(shapely.polygons(shells[first]))
    holed = np.unique(np.array(ring_polygon)[~first])
    for index in holed.tolist():
        own = shells[np.array(ring_polygon) == index]
        polygons[index] = shapely.polygons(own[0], holes=own[1:])
    # Not prepared: GEOS would let two threads that ask one prepared polygon destroy each other's memory.
    return polygons


def _geometries(made: object) -> NDArray[np.object_]:
    """Shapely's answer to arrays, which its types do not tell."""
    return np.asarray(made, dtype=np.object_)


def _owners(world: _Map, lat_deg: Vector, lon_deg: Vector) -> Counts:
    """(n,) the owner of the land at each place as a number; -1 at sea."""
    lon = (lon_deg + 180.0) % 360.0 - 180.0
    row = np.clip(np.floor((lat_deg + 90.0) * CELLS_IN_DEGREE).astype(np.int64), 0, len(world.cells) - 1)
    column = np.floor((lon + 180.0) * CELLS_IN_DEGREE).astype(np.int64) % len(world.cells[0])
    if (world.cells[row, column] == _UNREAD).any():
        _read_cells(world, row, column)
    owner: Counts = world.cells[row, column].astype(np.int64)
    border = np.flatnonzero(owner == _BORDER)
    if len(border):
        place, polygon = world.tree.query(shapely.points(lon[border], lat_deg[border]))
        place = border[place]
        owner[border] = _SEA
        inside = shapely.intersects_xy(world.polygons[polygon], lon[place], lat_deg[place])
        owner[place[inside]] = world.polygon_owner[polygon[inside]]
    return owner


def _read_cells(world: _Map, row: Counts, column: Counts) -> None:
    """Finds whose these cells are, once for all: sea, one owner's land, or to be asked place by place."""
    unread = world.cells[row, column] == _UNREAD
    row, column = np.unique(np.stack((row[unread], column[unread])), axis=1)
    west, south = column / CELLS_IN_DEGREE - 180.0, row / CELLS_IN_DEGREE - 90.0
    boxes = _geometries(shapely.box(west, south, west + 1.0 / CELLS_IN_DEGREE, south + 1.0 / CELLS_IN_DEGREE))
    cell, polygon = world.tree.query(boxes)
    met = shapely.intersects(world.polygons[polygon], boxes[cell])
    cell, polygon = cell[met], polygon[met]
    whole = shapely.contains_properly(world.polygons[polygon], boxes[cell])
    found = np.full(len(boxes), _SEA, dtype=np.int16)
    found[cell[whole]] = world.polygon_owner[polygon[whole]]
    found[cell[~whole]] = _BORDER
    found[np.bincount(cell, minlength=len(boxes)) > 1] = _BORDER
    # Whoever fills a cell at the same time fills in the same.
    world.cells[row, column] = found


def _zones(world: _Map, lat_deg: Vector, lon_deg: Vector) -> set[int]:
    """Owners of the zones that places at sea lie in."""
    distance, vertex = world.coast.query(_surface(lat_deg, lon_deg), distance_upper_bound=_ZONE_CHORD_M)
    return set(world.coast_owner[vertex[np.isfinite(distance)]].tolist())


def _named(world: _Map, lands: set[int], zones: set[int]) -> tuple[Area, ...]:
    areas = [Area(world.members[owner], TERRITORY) for owner in lands]
    areas += [Area(world.members[owner], ZONE) for owner in zones]
    return tuple(sorted(area for area in areas if area.member != NOBODY))


def territory_at(lat_deg: Vector, lon_deg: Vector) -> tuple[str, ...]:
    """The member whose land each place is, alpha-3; empty at sea and where it is nobody's."""
    world = _map()
    owners: list[int] = _owners(world, lat_deg, lon_deg).tolist()
    return tuple(world.members[owner] if owner >= 0 else NOBODY for owner in owners)


def areas_at(lat_deg: Vector, lon_deg: Vector) -> tuple[Area, ...]:
    """All areas that these places lie in, sorted."""
    world = _map()
    owner = _owners(world, lat_deg, lon_deg)
    sea = owner < 0
    return _named(world, set(owner[~sea].tolist()), _zones(world, lat_deg[sea], lon_deg[sea]))


def around(
    lat_deg: float, lon_deg: float, ellipse: Ellipse, bearing_rad: Vector, part: Vector
) -> tuple[Vector, Vector]:
    """Latitudes and longitudes (degrees) at that part of the ellipse's radius, counted from its long axis.

    On a sphere: a radius errs by up to 0.4 %. Longitudes may pass 180.
    """
    major, minor = ellipse.semi_major_m * part * np.cos(bearing_rad), ellipse.semi_minor_m * part * np.sin(bearing_rad)
    heading = np.arctan2(minor, major) + radians(ellipse.azimuth_deg)
    arc = np.hypot(major, minor) / MEAN_RADIUS_M
    lat = radians(lat_deg)
    sine = np.sin(lat) * np.cos(arc) + np.cos(lat) * np.sin(arc) * np.cos(heading)
    east = np.arctan2(np.sin(heading) * np.sin(arc) * np.cos(lat), np.cos(arc) - np.sin(lat) * sine)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), lon_deg + np.degrees(east)


_BEARINGS = np.concatenate([np.linspace(0.0, 2.0 * np.pi, count, endpoint=False) for _, count in _RINGS])
_PARTS = np.concatenate([np.full(count, part) for part, count in _RINGS])


def touches(lat_deg: float, lon_deg: float, ellipse: Ellipse) -> tuple[Area, ...]:
    """All areas that the ellipse around this place touches, sorted. Lands exactly, zones by 97 points.

    An ellipse that holds a pole is judged by its points alone.
    """
    world = _map()
    lat, lon = around(lat_deg, lon_deg, ellipse, _BEARINGS, _PARTS)
    owner = _owners(world, lat, lon)
    lands = set(owner[owner >= 0].tolist())
    edge = slice(-_RINGS[-1][1], None)
    if np.ptp(lon[edge]) < 180.0:
        lands |= _lands_under(world, np.column_stack((lon[edge], lat[edge])))
    sea = owner < 0
    return _named(world, lands, _zones(world, lat[sea], lon[sea]))


def _lands_under(world: _Map, edge_deg: Matrix) -> set[int]:
    """Owners of the lands that the outline (longitudes may pass 180) touches."""
    lands: set[int] = set()
    west, east = edge_deg[:, 0].min(), edge_deg[:, 0].max()
    for turn_deg in (-360.0, 0.0, 360.0):
        if east + turn_deg < -180.0 or west + turn_deg > 180.0:
            continue
        outline = shapely.Polygon(edge_deg + np.array([turn_deg, 0.0]))
        near = world.tree.query(outline)
        met = near[shapely.intersects(world.polygons[near], outline)]
        lands.update(world.polygon_owner[met].tolist())
    return lands
