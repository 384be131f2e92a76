"""Whoever follows the changes of the picture holds the picture: any that comes after any other."""

from __future__ import annotations

import base64
import json
from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.browser.flight import OVERFLIGHT, RAID, SCENES, track

from laurel.api.changes import changes
from laurel.api.stream import Frames
from laurel.instruments.warning.picture_types import PathPoint, Picture, Position, SystemTrack
from laurel.instruments.warning.records import Phase

VECTORS = Path(__file__).parents[1] / "vectors" / "picture-changes.json"
AT = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
(FLYING,) = (one for one in (track(OVERFLIGHT, 300.0),) if one is not None)


def followed(before: dict[str, Any], frame: bytes) -> dict[str, Any]:
    """The picture after this frame, read by the form alone."""
    length = int.from_bytes(frame[:4], "little")
    assert (4 + length) % 8 == 0
    head = json.loads(frame[4 : 4 + length])
    numbers = iter(array("d", frame[4 + length :]))
    whole = head["number"] == 0
    held: dict[str, dict[str, Any]] = {one["number"]: one for one in before.get("tracks", ()) if not whole}
    listed = head.get("tracks", list(held))
    rows: list[dict[str, Any]] = [{"number": number, **held.get(number, {})} for number in listed]

    def among(chosen: list[int] | None) -> list[dict[str, Any]]:
        return rows if chosen is None else [rows[row] for row in chosen]

    for field, chosen, values in head.get("words", ()):
        alike = len(values) == 1
        for row, value in zip(among(chosen), values * len(among(chosen)) if alike else values, strict=True):
            row[field] = value
    for field, chosen in head.get("numbers", ()):
        for row in among(chosen):
            row[field] = next(numbers)
    for field, chosen in head.get("places", ()):
        for row in among(chosen):
            row[field] = {"lat_deg": next(numbers), "lon_deg": next(numbers), "alt_m": next(numbers)}
    for field, cuts in head.get("paths", ()):
        for cut in range(0, len(cuts), 4):
            row, front, count, back = map(int, cuts[cut : cut + 4])
            old: list[list[float]] = rows[row].get(field, [])
            fresh = [[next(numbers) for _ in range(4)] for _ in range(count)]
            rows[row][field] = [*old[:front], *fresh, *old[len(old) - back :]]
    assert next(numbers, None) is None
    return {**({} if whole else before), **head["rest"], "tracks": rows}


def told(picture: Picture) -> dict[str, Any]:
    """The picture whole, as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(picture))


NUMBERS = st.floats(-1e9, 1e9)
POINTS = [PathPoint(130.0 + n, 40.0 - n, 1_000.0 * n, float(n)) for n in range(7)]
PATHS = st.one_of(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda cut: tuple(POINTS[cut[0] : cut[1]])),
    st.lists(st.sampled_from(POINTS), max_size=6).map(tuple),
)
PLACES = st.builds(Position, NUMBERS, NUMBERS, NUMBERS)


@st.composite
def tracks(draw: st.DrawFn, number: str) -> SystemTrack:
    return msgspec.structs.replace(
        FLYING,
        number=number,
        phase=draw(st.sampled_from(Phase)),
        position=draw(st.just(FLYING.position) | PLACES),
        speed_mps=draw(st.just(FLYING.speed_mps) | NUMBERS),
        heading_deg=draw(NUMBERS),
        trail=draw(PATHS),
        path=draw(PATHS),
        impact=draw(st.sampled_from([FLYING.impact, None])),
        no_impact_because=draw(st.sampled_from([None, "its motor still burns"])),
    )


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    flying = draw(st.lists(st.sampled_from("12345"), unique=True))
    shown = SCENES[draw(st.sampled_from(["calm", "raid", "announced"]))].picture(300.0)
    at = AT + timedelta(seconds=draw(st.integers(0, 2)))
    return msgspec.structs.replace(shown, at=at, tracks=tuple(draw(tracks(number)) for number in flying))


@given(st.lists(pictures(), min_size=1, max_size=4))
def test_who_follows_the_changes_holds_the_picture(shown: list[Picture]) -> None:
    before: Picture | None = None
    held: dict[str, Any] = {}
    for number, picture in enumerate(shown):
        held = followed(held, changes(before, picture, number))
        assert held == told(picture)
        before = picture


def test_what_stands_still_is_not_said_again() -> None:
    picture = SCENES["raid"].picture(300.0)
    whole = changes(None, picture, 0)
    later = msgspec.structs.replace(picture, at=picture.at + timedelta(seconds=1))
    assert len(changes(picture, later, 1)) < 200 < len(whole)


def test_a_trail_is_told_by_its_new_points_alone() -> None:
    shown = [msgspec.structs.replace(FLYING, trail=tuple(POINTS[:count])) for count in (5, 6)]
    before, after = (Picture(AT, (one,), (), (), ()) for one in shown)
    frame = changes(before, after, 1)
    length = int.from_bytes(frame[:4], "little")
    assert json.loads(frame[4 : 4 + length])["paths"] == [["trail", [0, 5, 1, 0]]]
    assert len(frame) == 4 + length + 4 * 8


def test_who_asks_for_the_whole_is_told_the_whole() -> None:
    frames = Frames()
    picture = SCENES["raid"].picture(300.0)
    whole = frames.following(picture)
    assert len(frames.following(picture)) < len(whole)
    frames.begin()
    assert frames.following(picture) == whole


def test_the_page_and_the_node_read_the_same_frames() -> None:
    """`console/tests/changes.test.ts` reads these too. A changed form of the frames needs new ones: `write_vectors`."""
    held: dict[str, Any] = {}
    for vector in json.loads(VECTORS.read_text(encoding="utf-8")):
        held = followed(held, base64.b64decode(vector["frame"]))
        assert held == vector["picture"]


def write_vectors() -> None:
    """A track comes, one moves, two come, one goes."""
    first = [one for arc in RAID[:3] if (one := track(arc, 140.0)) is not None]
    short = [msgspec.structs.replace(one, trail=one.trail[-5:], path=one.path[:4]) for one in first]
    moved = msgspec.structs.replace(
        short[0],
        position=Position(38.5, 127.25, 90_000.5),
        speed_mps=2_001.5,
        trail=(*short[0].trail, POINTS[0]),
        path=(POINTS[1], *short[0].path[2:]),
    )
    shown = [(short[0],), (moved,), (moved, short[1], short[2]), (moved, short[2]), ()]
    frames = Frames()
    written: list[dict[str, Any]] = []
    for number, flying in enumerate(shown):
        picture = Picture(AT + timedelta(seconds=number), flying, (), SCENES["raid"].picture(140.0).sensors[:1], ())
        frame = base64.b64encode(frames.following(picture)).decode()
        written.append({"frame": frame, "picture": told(picture)})
    VECTORS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
