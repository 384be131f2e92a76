"""Whose land or sea a place is: a member's territory, or its zone of 200 nautical miles.

Outlines are Natural Earth's (public domain), thinned to about 1 km. The zone is an approximation: a sea point
within 200 nautical miles of the nearest coast belongs to that coast. It knows no treaty, no claim and no
island that the map leaves out. Reads its map once, on first use.

A place is inside the land whose outline a ray to the east crosses an odd number of times. Edges are kept by bands of
latitude, so that a place asks some hundred of them; and most places lie in a cell that no edge touches, whose owner
is known.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import acos, atan2, cos, pi, radians, sin, sqrt
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from laurel.instruments.warning.picture_types import Ellipse
from laurel.instruments.warning.records import Area
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import A_M, E2, MEAN_RADIUS_M

TERRITORY = "territory"
ZONE = "zone"
NOBODY = ""
ZONE_M = 370_400.0
COAST_SPACING_M = 5_000.0
BAND_DEG = 0.1
CELLS_PER_DEG = 4
MIXED = -2

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


class Edges(NamedTuple):
    """Outlines of all lands: (n, 4) latitude and longitude of the southern end, then of the northern; whose; by band.

    Band i holds the edges `held[first[i] : first[i + 1]]`, those that some place in it may see to its east.
    """

    ends_deg: Matrix
    owner: Counts
    first: Counts
    held: Counts


Cells: TypeAlias = NDArray[np.int16]
"""(rows from the south, columns from 180 W) whose a cell is as a whole: an owner's number, -1 at sea, or MIXED."""


@dataclass(frozen=True, eq=False)
class _Map:
    """Every country's outlines, and every coast's points with their owners."""

    members: tuple[str, ...]
    edges: Edges
    cells: Cells
    coast: cKDTree
    coast_owner: Counts


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
    ring_owner: list[int] = []
    owners_of_line: list[set[int]] = [set() for _ in lines]
    times_used = np.zeros(len(lines), dtype=np.int64)
    for owner, country in enumerate(atlas.countries):
        for refs in (refs for polygon in country.polygons for refs in polygon):
            for line in (max(ref, ~ref) for ref in refs):
                owners_of_line[line].add(owner)
                times_used[line] += 1
            rings.append(_ring(refs, lines))
            ring_owner.append(owner)
    # A line used twice is a border between two, or a seam within one. What is left is coast.
    shores = [line for line, used in enumerate(times_used.tolist()) if used == 1]
    coasts = [_densified(_surface(lines[line][:, 1], lines[line][:, 0])) for line in shores]
    coast_owner = [min(owners_of_line[line]) for line in shores]
    edges = _edges(rings, ring_owner)
    return _Map(
        members=tuple(country.member for country in atlas.countries),
        edges=edges,
        cells=cells_of(edges, len(atlas.countries)),
        coast=cKDTree(np.concatenate(coasts), balanced_tree=False, compact_nodes=False),
        coast_owner=np.repeat(coast_owner, [len(coast) for coast in coasts]),
    )


def _ring(refs: Sequence[int], lines: Sequence[Matrix]) -> Matrix:
    parts = [lines[ref] if ref >= 0 else lines[~ref][::-1] for ref in refs]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])]) if len(parts) > 1 else parts[0]


def _edges(rings: Sequence[Matrix], ring_owner: Sequence[int]) -> Edges:
    """Of closed rings of longitudes and latitudes, which may cross the date line."""
    points = np.concatenate(rings)[:, ::-1]
    sizes = np.array([len(one) for one in rings])
    ring = np.repeat(np.arange(len(rings)), sizes)
    # Longitudes go on past 180 where a ring does. The one around the pole never comes back, and stays as it is.
    turns = -np.round(np.diff(points[:, 1], prepend=0.0) / 360.0).cumsum()
    turns -= np.repeat(turns[np.cumsum(sizes) - sizes], sizes)
    turns[np.repeat(turns[np.cumsum(sizes) - 1] != 0.0, sizes)] = 0.0
    points[:, 1] += 360.0 * turns
    along = np.flatnonzero(ring[1:] == ring[:-1])
    south = np.where(points[along, 0] < points[along + 1, 0], along, along + 1)
    ends = np.column_stack((points[south], points[2 * along + 1 - south]))
    owner = np.array(ring_owner)[ring[along]]
    low, high = (np.floor((ends[:, end] + 90.0) / BAND_DEG).astype(np.int64) for end in (0, 2))
    spans = high - low + 1
    edge = np.repeat(np.arange(len(ends)), spans)
    band: Counts = np.arange(len(edge)) - np.repeat(np.cumsum(spans) - spans, spans) + low[edge]
    order = np.argsort(band, kind="stable")
    first = np.searchsorted(band[order], np.arange(round(180.0 / BAND_DEG) + 2))
    return Edges(ends, owner, first, edge[order])


@compiled
def land_at(lat_deg: float, lon_deg: float, edges: Edges, members: int) -> int:
    """The owner of the land at a place, as a number; -1 at sea."""
    inside = np.zeros(members, dtype=np.bool_)
    band = int((lat_deg + 90.0) / BAND_DEG)
    for at in range(edges.first[band], edges.first[band + 1]):
        edge = edges.held[at]
        lat1, lon1, lat2, lon2 = edges.ends_deg[edge]
        if lat1 <= lat_deg < lat2:
            crossed = lon1 + (lat_deg - lat1) * (lon2 - lon1) / (lat2 - lat1) - lon_deg
            # The outline, and itself a turn to the west and to the east.
            inside[edges.owner[edge]] ^= (crossed > 0.0) ^ (crossed > 360.0) ^ (crossed > -360.0)
    for owner in range(members):
        if inside[owner]:
            return owner
    return -1


@compiled
def cells_of(edges: Edges, members: int) -> Cells:
    """The map in cells."""
    rows, columns = 180 * CELLS_PER_DEG, 360 * CELLS_PER_DEG
    cells = np.zeros((rows + 1, columns), dtype=np.int16)
    for lat1, lon1, lat2, lon2 in edges.ends_deg:
        west, east = min(lon1, lon2), max(lon1, lon2)
        for row in range(int((lat1 + 90.0) * CELLS_PER_DEG), int((lat2 + 90.0) * CELLS_PER_DEG) + 1):
            for column in range(int((west + 180.0) * CELLS_PER_DEG), int((east + 180.0) * CELLS_PER_DEG) + 1):
                cells[row, column % columns] = MIXED
    for row in range(rows):
        for column in range(columns):
            if cells[row, column] == MIXED:
                continue
            # No edge between this cell and the last: the same owner.
            if column > 0 and cells[row, column - 1] != MIXED:
                cells[row, column] = cells[row, column - 1]
            else:
                lat, lon = (row + 0.5) / CELLS_PER_DEG - 90.0, (column + 0.5) / CELLS_PER_DEG - 180.0
                cells[row, column] = land_at(lat, lon, edges, members)
    return cells


@compiled
def lands_at(lat_deg: Vector, lon_deg: Vector, edges: Edges, cells: Cells, members: int) -> Counts:
    """(n,) the owner of the land at each place as a number; -1 at sea and where there is no latitude."""
    out = np.full(len(lat_deg), -1, dtype=np.int64)
    for n in range(len(lat_deg)):
        lat, lon = lat_deg[n], (lon_deg[n] + 180.0) % 360.0 - 180.0
        if abs(lat) < 90.0 and abs(lon) <= 180.0:
            column = int((lon + 180.0) * CELLS_PER_DEG) % cells.shape[1]
            out[n] = cells[int((lat + 90.0) * CELLS_PER_DEG), column]
            if out[n] == MIXED:
                out[n] = land_at(lat, lon, edges, members)
    return out


@compiled
def in_disc(lat_deg: float, lon_deg: float, center_rad: Vector, axes: Vector) -> tuple[float, float]:
    """A place as seen from the centre of an ellipse, in units of its half axes: 1 is the edge.

    `center_rad` is latitude and longitude; `axes` half the long and half the short axis as angles at the centre of
    the Earth, and the bearing of the long one.
    """
    lat, east = lat_deg * pi / 180.0, lon_deg * pi / 180.0 - center_rad[1]
    s0, c0, s, c = sin(center_rad[0]), cos(center_rad[0]), sin(lat), cos(lat)
    arc = acos(min(max(s0 * s + c0 * c * cos(east), -1.0), 1.0))
    off = atan2(sin(east) * c, c0 * s - s0 * c * cos(east)) - axes[2]
    return arc * cos(off) / axes[0], arc * sin(off) / axes[1]


@compiled
def outlines_in(center_rad: Vector, axes: Vector, edges: Edges, members: int) -> Counts:
    """Owners of the outlines that reach into an ellipse, as numbers: see `in_disc`."""
    met = np.zeros(members, dtype=np.bool_)
    reach = axes[0] * 180.0 / pi
    lat, lon = center_rad[0] * 180.0 / pi, center_rad[1] * 180.0 / pi
    lowest, highest = max(lat - reach, -90.0), min(lat + reach, 90.0)
    # Where meridians come together, so far to each side; all the way round at a pole.
    widest = sin(axes[0]) / cos(center_rad[0])
    aside = np.arcsin(widest) * 180.0 / pi if widest < 1.0 and abs(lat) + reach < 90.0 else 180.0
    for at in range(edges.first[int((lowest + 90.0) / BAND_DEG)], edges.first[int((highest + 90.0) / BAND_DEG) + 1]):
        edge = edges.held[at]
        lat1, lon1, lat2, lon2 = edges.ends_deg[edge]
        middle, half = 0.5 * (lon1 + lon2), 0.5 * abs(lon2 - lon1)
        if met[edges.owner[edge]] or abs((middle - lon + 180.0) % 360.0 - 180.0) > aside + half:
            continue
        x1, y1 = in_disc(lat1, lon1, center_rad, axes)
        x2, y2 = in_disc(lat2, lon2, center_rad, axes)
        dx, dy = x2 - x1, y2 - y1
        part = min(max(-(x1 * dx + y1 * dy) / max(dx * dx + dy * dy, 1e-30), 0.0), 1.0)
        if sqrt((x1 + part * dx) ** 2 + (y1 + part * dy) ** 2) <= 1.0:
            met[edges.owner[edge]] = True
    return np.flatnonzero(met)


def _owners(world: _Map, lat_deg: Vector, lon_deg: Vector) -> Counts:
    """(n,) the owner of the land at each place as a number; -1 at sea."""
    return lands_at(lat_deg, lon_deg, world.edges, world.cells, len(world.members))


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
    owners, members = owners_at(lat_deg, lon_deg)
    numbers: list[int] = owners.tolist()
    return tuple(members[owner] if owner >= 0 else NOBODY for owner in numbers)


def owners_at(lat_deg: Vector, lon_deg: Vector) -> tuple[Counts, tuple[str, ...]]:
    """(n,) whose land each place is as a number, -1 at sea; and the members by number, empty for nobody."""
    world = _map()
    return _owners(world, lat_deg, lon_deg), world.members


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
    """All areas that the ellipse around this place touches, sorted. Lands by their outlines, zones by 97 points."""
    world = _map()
    lat, lon = around(lat_deg, lon_deg, ellipse, _BEARINGS, _PARTS)
    owner = _owners(world, lat, lon)
    lands = set(owner[owner >= 0].tolist())
    axes = (max(ellipse.semi_major_m, 1.0), max(ellipse.semi_minor_m, 1.0))
    turned = np.array([axes[0] / MEAN_RADIUS_M, axes[1] / MEAN_RADIUS_M, radians(ellipse.azimuth_deg)])
    center = np.radians([lat_deg, (lon_deg + 180.0) % 360.0 - 180.0])
    lands.update(outlines_in(center, turned, world.edges, len(world.members)).tolist())
    sea = owner < 0
    return _named(world, lands, _zones(world, lat[sea], lon[sea]))
