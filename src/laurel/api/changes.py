"""What a screen must be told to come from one picture to the next: what changed of each track, as columns.

A frame is the length of its head (4 bytes, little-endian), the head (JSON, filled with spaces up to a multiple of
eight) and numbers (IEEE 754, 64 bits, little-endian). The head says whose columns the numbers are, in their order.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs

from laurel.instruments.warning.picture_types import PathPoint, Picture, Position, SystemTrack

_FIELDS = {one.name: one.type for one in structs.fields(SystemTrack) if one.name != "number"}
NUMBERS = tuple(name for name, kind in _FIELDS.items() if kind is float)
PLACES = tuple(name for name, kind in _FIELDS.items() if kind is Position)
PATHS = tuple(name for name, kind in _FIELDS.items() if kind == tuple[PathPoint, ...])
WORDS = tuple(name for name in _FIELDS if name not in {*NUMBERS, *PLACES, *PATHS})
REST = tuple(name for name in Picture.__struct_fields__ if name != "tracks")

Rows = Sequence[int] | None
"""Places in the list of tracks; None is all of them."""


class Head(Struct, frozen=True, tag_field="type", tag="changes", omit_defaults=True):
    """What changed since the frame before, of which this is the next by `number`; 0 is from nothing.

    `tracks` are the numbers of all tracks, where that list changed. `words` are values by field, one where all are the
    same; `numbers` and `places` (latitude, longitude, altitude) stand behind the head, then of each of `paths` the new
    points (longitude, latitude, altitude, seconds), cut by (row, points kept from its front, new ones, points kept from
    its end).
    """

    number: int
    rest: dict[str, Any]
    tracks: tuple[str, ...] | None = None
    words: Sequence[tuple[str, Rows, Sequence[Any]]] = ()
    numbers: Sequence[tuple[str, Rows]] = ()
    places: Sequence[tuple[str, Rows]] = ()
    paths: Sequence[tuple[str, Sequence[int]]] = ()


def changes(before: Picture | None, after: Picture, number: int) -> bytes:
    """The frame that makes `after` of `before`; of nothing, where there was none."""
    old = {} if before is None else {one.number: one for one in before.tracks}
    pairs = [(old.get(one.number), one) for one in after.tracks]
    listed = tuple(one.number for one in after.tracks)
    known = before is not None and listed == tuple(one.number for one in before.tracks)
    payload = array("d")

    def rows_of(name: str) -> list[int]:
        return [row for row, (was, now) in enumerate(pairs) if was is None or getattr(was, name) != getattr(now, name)]

    def column(name: str) -> tuple[list[int], Rows]:
        rows = rows_of(name)
        return rows, None if len(rows) == len(pairs) else rows

    words: list[tuple[str, Rows, list[Any]]] = []
    for name in WORDS:
        rows, told = column(name)
        if rows:
            values = [getattr(after.tracks[row], name) for row in rows]
            words.append((name, told, values[:1] if values.count(values[0]) == len(values) else values))
    numbers: list[tuple[str, Rows]] = []
    for name in NUMBERS:
        rows, told = column(name)
        if rows:
            numbers.append((name, told))
            payload.extend([getattr(after.tracks[row], name) for row in rows])
    places: list[tuple[str, Rows]] = []
    for name in PLACES:
        rows, told = column(name)
        if rows:
            places.append((name, told))
            for row in rows:
                place: Position = getattr(after.tracks[row], name)
                payload.extend((place.lat_deg, place.lon_deg, place.alt_m))
    paths: list[tuple[str, list[int]]] = []
    for name in PATHS:
        cuts: list[int] = []
        for row, (was, now) in enumerate(pairs):
            points: tuple[PathPoint, ...] = getattr(now, name)
            held: tuple[PathPoint, ...] = () if was is None else getattr(was, name)
            if was is not None and held == points:
                continue
            front, back = kept(held, points)
            fresh = points[front : len(points) - back]
            cuts += (row, front, len(fresh), back)
            for point in fresh:
                payload.extend((point.lon_deg, point.lat_deg, point.alt_m, point.t_s))
        if cuts:
            paths.append((name, cuts))
    rest = {
        name: getattr(after, name) for name in REST if before is None or getattr(before, name) != getattr(after, name)
    }
    return framed(Head(number, rest, None if known else listed, words, numbers, places, paths), payload)


def kept(before: Sequence[PathPoint], after: Sequence[PathPoint]) -> tuple[int, int]:
    """How many points stay at the front, and how many at the end."""
    most = min(len(before), len(after))
    front = 0
    while front < most and before[front] == after[front]:
        front += 1
    most -= front
    back = 0
    while back < most and before[-1 - back] == after[-1 - back]:
        back += 1
    return front, back


def framed(head: Head, payload: array[float]) -> bytes:
    """The bytes on the wire."""
    text = msgspec.json.encode(head)
    text += b" " * (-(4 + len(text)) % 8)
    if sys.byteorder == "big":
        payload.byteswap()
    return len(text).to_bytes(4, "little") + text + payload.tobytes()
