"""Makes src/laurel/instruments/warning/natural_earth.bin from two npm packages.

    npm pack world-atlas@2.0.2 && npm pack i18n-iso-countries@7.14.0      (and unpack both)
    .venv/bin/python scripts/natural_earth.py countries-10m.json codes.json OUTPUT

Natural Earth 4.1 at 1:10,000,000 (public domain), every country with its islands. Lines are thinned to
TOLERANCE_DEG; where that would make an outline cross itself, its lines stay as they are.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import msgspec
import numpy as np
import shapely

from laurel.instruments.warning.areas import Atlas, Country

TOLERANCE_DEG = 0.015
SOURCE = "Natural Earth 4.1, Admin 0 countries, 1:10m, public domain, by way of world-atlas 2.0.2"

# Places with a code of their own whose land and sea belong to a member or a neighbour.
DEPENDENT = {
    "AUS": ("HMD", "NFK"),
    "CHN": ("HKG", "MAC"),
    "DNK": ("FRO", "GRL"),
    "FIN": ("ALA",),
    "FRA": ("ATF", "BLM", "MAF", "NCL", "PYF", "SPM", "WLF"),
    "GBR": ("AIA", "BMU", "CYM", "FLK", "GGY", "GIB", "IMN", "IOT", "JEY", "MSR", "PCN", "SGS", "SHN", "TCA", "VGB"),
    "NLD": ("ABW", "CUW", "SXM"),
    "NZL": ("COK", "NIU"),
    "USA": ("ASM", "GUM", "MNP", "PRI", "UMI", "VIR"),
}
SOVEREIGN = {code: member for member, codes in DEPENDENT.items() for code in codes}
# Places without a code. What is not named here, and the disputed rest, belongs to nobody.
BY_NAME = {
    "Akrotiri": "GBR",
    "Baikonur": "KAZ",
    "Clipperton I.": "FRA",
    "Coral Sea Is.": "AUS",
    "Dhekelia": "GBR",
    "Indian Ocean Ter.": "AUS",
    "USNB Guantanamo Bay": "CUB",
}

Arc = np.ndarray[tuple[int, int], np.dtype[np.int32]]


class Geometry(msgspec.Struct):
    """One country of the topology."""

    type: str
    arcs: list[object]
    properties: dict[str, str]
    id: str = ""

    @property
    def polygons(self) -> list[list[list[int]]]:
        """Polygons of rings of line numbers, whatever the type."""
        return msgspec.convert([self.arcs] if self.type == "Polygon" else self.arcs, list[list[list[int]]])


class Geometries(msgspec.Struct):
    """The countries."""

    geometries: list[Geometry]


class Objects(msgspec.Struct):
    """What the topology holds; its second object, the bare land, is not needed."""

    countries: Geometries


class Transform(msgspec.Struct):
    """From whole numbers to degrees."""

    scale: tuple[float, float]
    translate: tuple[float, float]


class Topology(msgspec.Struct):
    """The part of TopoJSON that is read here."""

    objects: Objects
    arcs: list[list[tuple[int, int]]]
    transform: Transform


def owner(country: Geometry, codes: dict[str, str]) -> str:
    """The alpha-3 code of the member whose land this is; empty where nobody's is agreed."""
    code = codes.get(country.id, "")
    return SOVEREIGN.get(code, code) or BY_NAME.get(country.properties["name"], "")


def thinned(arc: Arc, transform: Transform) -> Arc:
    """The line with points left out that lie within the tolerance, or as it is if it would vanish."""
    scale = np.array(transform.scale)
    line = shapely.simplify(shapely.LineString(arc * scale), TOLERANCE_DEG)
    kept = np.rint(shapely.get_coordinates(line) / scale).astype(np.int32)
    closed = bool((arc[0] == arc[-1]).all())
    return kept if len(kept) >= (5 if closed else 2) else arc


def ring(refs: list[int], arcs: list[Arc]) -> Arc:
    """The closed outline that these lines make; a negative number is the line's complement, backwards."""
    parts = [arcs[ref] if ref >= 0 else arcs[~ref][::-1] for ref in refs]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def sound(rings: list[Arc]) -> bool:
    """Whether these rings, shell first, enclose an area without crossing themselves.

    A few of the source's own do not, for lying on a coarse grid; they stay as they are.
    """
    return min(map(len, rings)) > 3 and bool(shapely.Polygon(rings[0], rings[1:]).is_valid)


def main() -> None:
    """Reads the two files, writes the one."""
    topology = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Topology)
    rows = msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=list[tuple[str, str, str, str]])
    codes = {numeric: alpha3 for _, alpha3, numeric, _ in rows}
    countries = topology.objects.countries.geometries

    full = [np.cumsum(np.array(arc, dtype=np.int32), axis=0, dtype=np.int32) for arc in topology.arcs]
    arcs = [thinned(arc, topology.transform) for arc in full]
    restored = -1
    while restored:
        restored = 0
        for country in countries:
            for polygon in country.polygons:
                rings = [ring(refs, arcs) for refs in polygon]
                if not sound(rings):
                    for ref in (ref if ref >= 0 else ~ref for refs in polygon for ref in refs):
                        restored += len(arcs[ref]) != len(full[ref])
                        arcs[ref] = full[ref]
        sys.stdout.write(f"{restored} lines restored\n")

    used = sorted({max(ref, ~ref) for c in countries for p in c.polygons for r in p for ref in r})
    place = {ref: index for index, ref in enumerate(used)}

    def placed(ref: int) -> int:
        return place[ref] if ref >= 0 else ~place[~ref]

    by_member: dict[str, list[list[list[int]]]] = {}
    for country in countries:
        polygons = [[[placed(ref) for ref in refs] for refs in polygon] for polygon in country.polygons]
        by_member.setdefault(owner(country, codes), []).extend(polygons)

    points = np.concatenate([arcs[ref] for ref in used])
    lengths = np.array([len(arcs[ref]) for ref in used], dtype="<u4")
    atlas = Atlas(
        source=SOURCE,
        scale=topology.transform.scale,
        translate=topology.transform.translate,
        lengths=lengths.tobytes(),
        steps=np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int32)).T.astype("<i4").tobytes(),
        countries=tuple(Country(code, polygons) for code, polygons in sorted(by_member.items())),
    )
    packed = zlib.compress(msgspec.msgpack.encode(atlas), 9)
    Path(sys.argv[3]).write_bytes(packed)
    sys.stdout.write(f"{len(used)} lines, {len(points)} points, {len(packed)} bytes\n")


if __name__ == "__main__":
    main()
