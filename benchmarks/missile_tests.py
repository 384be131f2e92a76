"""Real flight tests from scan to alert: each flown, seen by three members' sensors, tracked, fused and warned of.

The tests are those of nk-missile-tests (after the CNS database) of which apogee and distance were published. For each
a boost is solved for apogee, distance and bearing with a notional vehicle; radars and a satellite of three members
(NOTIONAL ones, most from scenarios/2022-10-04-overflight.toml) make scans with noise and false plots; every scan goes
through the real commands, tracker memories, folds and alert reactions of three nodes in memory. The table tells
what the members knew when, and how far it was from the truth.

Radars turn every six seconds, X-band radars look every four; in flights of more than 20 minutes all radars look a third
as often, so that all of them fit ten minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import itertools
import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any, cast

import numpy as np
from msgspec import Struct, structs

from laurel.core.errors import LaurelError
from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, Label
from laurel.gateways.missile_tests import read_tests
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import Truth, scans
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.commands import RegisterSensorAsk, ReleaseTracksAsk, ReportScanAsk
from laurel.instruments.warning.picture_types import Picture, SystemTrack
from laurel.instruments.warning.records import Alert, AlertReason, AlertState, SensorKind, TrackReport
from laurel.instruments.warning.vehicle_class import CLASSES, published_chances
from laurel.node.rehearsal import Nodes
from laurel.physics.boost import Site
from laurel.physics.earth import geodesic, geodetic_to_ecef
from laurel.physics.reported import Fit, fits

ROOT = Path(__file__).parents[1]
TESTS = ROOT.parent / "shared" / "data" / "missile-tests"
SCENARIO = ROOT / "scenarios" / "2022-10-04-overflight.toml"
FAR_AWAY = {"NOTIONAL-SHIP-USA", "NOTIONAL-SHEMYA"}
"""Sensors of the scenario that see none of these flights."""

MEMBERS = ("JPN", "KOR", "USA")
WANTED = 200
SAYS = (
    "Published flight tests, each flown by a notional vehicle with a solved boost, seen by notional radars and a "
    "satellite of three members, tracked, fused and warned of by three nodes in memory. Half and end are the picture "
    "halfway through the flight and five seconds before impact; ellipses are the long half axis of the 90 % ellipse."
)
EVERYONE = Label(Classification.SECRET, MEMBERS)
OFFICER = "officer:bench"
RADAR_S, XBAND_S, INFRARED_S = 6.0, 4.0, 5.0
LONG_S, SLOWER = 1_200.0, 3.0
WAKE = timedelta(seconds=30)
STRAY_M = 50_000.0
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LaurelError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)

SHORT, MEDIUM, INTERMEDIATE, INTERCONTINENTAL, GLIDER, SPACE_LAUNCH = CLASSES
TYPES = {
    **dict.fromkeys(("scud-b", "scud-c", "kn-02", "kn-25"), SHORT),
    **dict.fromkeys(("nodong", "er-scud", "pukguksong-1", "pukguksong-2", "pukguksong-3"), MEDIUM),
    **dict.fromkeys(("musudan", "hwasong-12", "new-irbm-2022"), INTERMEDIATE),
    **dict.fromkeys(("hwasong-14", "hwasong-15", "hwasong-17", "hwasong-18", "hwasong-19"), INTERCONTINENTAL),
    **dict.fromkeys(("unha", "unha-3", "chollima-1", "taepodong-1"), SPACE_LAUNCH),
    **dict.fromkeys(("hwasong-11a", "hwasong-11b", "hwasong-11c", "hwasong-11d", "hwasong-11e", "hwasong-11s"), GLIDER),
    **dict.fromkeys(("rail-mobile-kn-23", "silo-based-kn-23", "hwasong-11-da-45"), GLIDER),
    **dict.fromkeys(("hwasong-12a", "hwasong-12b", "hwasong-16a", "hwasong-16b"), GLIDER),
    **dict.fromkeys(("scud-b-marv", "scud-c-marv"), GLIDER),
}
"""The class of a type by open literature (CSIS Missile Threat, CNS): those that maneuver or glide are one."""


class Test(Struct, frozen=True):
    """One published test."""

    nth: int
    day: str
    missile: str
    site: Site
    bearing_deg: float
    apogee_km: float
    range_km: float
    launched_at: datetime


class Row(Struct, frozen=True):
    """One line of the table; times in seconds, distances in kilometres, None for what never came.

    `half` and `end` are the picture halfway through the flight and five seconds before impact; `took_s` is the
    processor's time.
    """

    day: str
    missile: str
    apogee_km: float
    range_km: float
    vehicle: str
    flight_s: float
    type_class: str | None
    published_class: str
    half_class: str | None
    half_chance: float | None
    end_class: str | None
    first_track_s: float | None
    alert_s: float | None
    warning_s: float | None
    point_s: float | None
    half_error_km: float | None
    half_ellipse_km: float | None
    half_inside: bool | None
    end_error_km: float | None
    end_ellipse_km: float | None
    end_inside: bool | None
    alerts: int
    strays: int
    took_s: float


class Failed(Struct, frozen=True):
    """A test that could not be flown, or broke on the way, and why."""

    day: str
    missile: str
    apogee_km: float
    range_km: float
    why: str


def read(folder: Path) -> list[Test]:
    """The tests of which apogee and distance were published, in the order of the file."""
    listed = read_tests((folder / "test.en.json").read_bytes(), (folder / "facility.en.json").read_bytes())
    tests: list[Test] = []
    for nth, one in enumerate(listed.lines):
        if one.apogee_km is None or one.distance_km is None or one.bearing_deg is None or one.place is None:
            continue
        day = datetime.fromisoformat(one.day).replace(hour=3, tzinfo=UTC)
        site = Site(one.place.lat, one.place.lon)
        tests.append(Test(nth, one.day, one.missile, site, one.bearing_deg, one.apogee_km, one.distance_km, day))
    return tests


@lru_cache(maxsize=512)
def solved(site: Site, bearing_deg: float, apogee_km: float, range_km: float) -> Fit | None:
    """The likeliest vehicle that flies it."""
    return next(fits(site, bearing_deg, apogee_km * 1e3, range_km * 1e3), None)


def watch(scenario: Scenario, test: Test, flight_s: float) -> Scenario:
    """The scenario's sensors at their pace for this flight, with dice of its own."""
    slower = SLOWER if flight_s > LONG_S else 1.0
    seed = int.from_bytes(hashlib.sha256(f"{test.nth} {test.day}".encode()).digest()[:6])

    def pace(kind: SensorKind, period_s: float) -> float:
        return INFRARED_S if kind is SensorKind.INFRARED else slower * (XBAND_S if period_s < 1.5 else RADAR_S)

    sensors = {
        member: tuple(
            structs.replace(one, period_s=pace(one.kind, one.period_s)) for one in own if one.name not in FAR_AWAY
        )
        for member, own in scenario.sensors.items()
    }
    return replace(scenario, seed=seed, sensors=sensors, starts_at=test.launched_at)


def play(test: Test, fit: Fit, scenario: Scenario) -> Row:
    """The whole flight through the three nodes."""
    began_s = time.process_time()
    flight = fit.solution.flight
    truth = Truth(test.launched_at, flight)
    watched = watch(scenario, test, truth.flight_s)
    nodes = Nodes(INSTRUMENT, MEMBERS)
    early = test.launched_at - timedelta(minutes=1)
    for member in MEMBERS:
        nodes.ask(member, "release-tracks", ReleaseTracksAsk(EVERYONE, "standing agreement"), OFFICER, early)
        for sensor in watched.sensors[member]:
            nodes.ask(member, "register-sensor", RegisterSensorAsk(**structs.asdict(sensor)), OFFICER, early)
    streams = [zip(scans(watched, truth, member), itertools.repeat(member), strict=False) for member in MEMBERS]
    looks = [test.launched_at + timedelta(seconds=t) for t in (0.5 * truth.flight_s, truth.flight_s - 5.0)]
    seen: list[SystemTrack | None] = []
    wake_at = test.launched_at
    for scan, member in heapq.merge(*streams, key=lambda pair: pair[0].at):
        while len(seen) < len(looks) and scan.at > looks[len(seen)]:
            seen.append(nearest(nodes, looks[len(seen)], truth))
        nodes.ask(member, "report-scan", ReportScanAsk(*structs.astuple(scan)), f"sensor:{scan.sensor}", scan.at)
        if scan.at >= wake_at:
            nodes.wake(scan.at)
            wake_at = scan.at + WAKE
    nodes.wake(truth.impact_at + timedelta(minutes=40))
    row = told(test, fit, nodes, truth, seen)
    for node in nodes.of.values():
        node.view.close()
    return structs.replace(row, took_s=round(time.process_time() - began_s, 2))


def nearest(nodes: Nodes, at: datetime, truth: Truth) -> SystemTrack | None:
    """The system track nearest to what truly flies, as any member's picture shows it."""
    picture = cast("Picture", nodes.of[MEMBERS[0]].query("picture", NoAsk(), at))
    here = truth.flight.at((at - truth.launched_at).total_seconds())[0]

    def away_m(one: SystemTrack) -> float:
        place = one.position
        return float(np.linalg.norm(geodetic_to_ecef(place.lat_deg, place.lon_deg, place.alt_m) - here))

    return min(picture.tracks, key=away_m, default=None)


def told(test: Test, fit: Fit, nodes: Nodes, truth: Truth, seen: Sequence[SystemTrack | None]) -> Row:
    """What the nodes said, beside the truth."""
    flight = fit.solution.flight

    def since_s(at: datetime) -> float:
        return round((at - truth.launched_at).total_seconds(), 1)

    reports = [record for node in nodes.of.values() for record in node.said(TrackReport)]
    alerts = sorted((record for node in nodes.of.values() for record in node.said(Alert)), key=lambda one: one.at)
    first_track_s, strays = astray(reports, truth)
    warned = [one for one in alerts if one.body.state is AlertState.PREDICTED and one.body.reason is AlertReason.LAUNCH]
    pointed = [one for one in warned if one.body.impact_at is not None]
    half, end = (seen[0] if seen else None), (seen[1] if len(seen) > 1 else None)
    return Row(
        day=test.day,
        missile=test.missile,
        apogee_km=test.apogee_km,
        range_km=test.range_km,
        vehicle=fit.vehicle,
        flight_s=round(truth.flight_s, 1),
        type_class=TYPES.get(test.missile),
        published_class=CLASSES[int(published_chances(test.apogee_km * 1e3, test.range_km * 1e3).argmax())],
        half_class=None if half is None else half.classes[0].name,
        half_chance=None if half is None else round(half.classes[0].probability, 2),
        end_class=None if end is None else end.classes[0].name,
        first_track_s=first_track_s,
        alert_s=since_s(warned[0].at) if warned else None,
        warning_s=round((truth.impact_at - warned[0].at).total_seconds(), 1) if warned else None,
        point_s=since_s(pointed[0].at) if pointed else None,
        half_error_km=error_km(half, flight.impact_lat_deg, flight.impact_lon_deg),
        half_ellipse_km=None if half is None or half.impact is None else km(half.impact.ellipse90.semi_major_m),
        half_inside=inside(half, flight.impact_lat_deg, flight.impact_lon_deg),
        end_error_km=error_km(end, flight.impact_lat_deg, flight.impact_lon_deg),
        end_ellipse_km=None if end is None or end.impact is None else km(end.impact.ellipse90.semi_major_m),
        end_inside=inside(end, flight.impact_lat_deg, flight.impact_lon_deg),
        alerts=len(alerts),
        strays=strays,
        took_s=0.0,
    )


def astray(reports: Iterable[Any], truth: Truth) -> tuple[float | None, int]:
    """When the first track near the truth was said, and how many tracks were never near it."""
    first_s: float | None = None
    near: set[str] = set()
    every: set[str] = set()
    for record in reports:
        for track in record.body.tracks:
            name = f"{record.origin}-{track.number}"
            every.add(name)
            t_s = (track.at - truth.launched_at).total_seconds()
            if not 0.0 <= t_s <= truth.flight_s:
                continue
            if np.linalg.norm(np.array(track.position_ecef_m) - truth.flight.at(t_s)[0]) < STRAY_M:
                near.add(name)
                said_s = round((record.at - truth.launched_at).total_seconds(), 1)
                first_s = said_s if first_s is None else min(first_s, said_s)
    return first_s, len(every - near)


def km(metres: float) -> float:
    """Rounded for the table."""
    return round(metres / 1e3, 2)


def error_km(track: SystemTrack | None, lat_deg: float, lon_deg: float) -> float | None:
    """How far the predicted impact is from the true one."""
    if track is None or track.impact is None:
        return None
    return km(geodesic(track.impact.lat_deg, track.impact.lon_deg, lat_deg, lon_deg).distance_m)


def inside(track: SystemTrack | None, lat_deg: float, lon_deg: float) -> bool | None:
    """Whether the true impact lies in the 90 % ellipse."""
    if track is None or track.impact is None:
        return None
    ellipse = track.impact.ellipse90
    way = geodesic(track.impact.lat_deg, track.impact.lon_deg, lat_deg, lon_deg)
    turn = np.radians(way.azimuth_deg - ellipse.azimuth_deg)
    along, across = way.distance_m * np.cos(turn), way.distance_m * np.sin(turn)
    return bool((along / ellipse.semi_major_m) ** 2 + (across / ellipse.semi_minor_m) ** 2 <= 1.0)


def run(folder: Path, limit: int | None = None) -> tuple[list[Row], list[Failed], list[Failed]]:
    """Every row, the tests no notional vehicle flies, and those that raised."""
    scenario = parse(SCENARIO.read_bytes())
    tests = read(folder)
    chosen = tests if limit is None else tests[:: max(len(tests) // limit, 1)][:limit]
    rows: list[Row] = []
    unflown: list[Failed] = []
    broken: list[Failed] = []
    for nth, test in enumerate(chosen, 1):
        figures = (test.day, test.missile, test.apogee_km, test.range_km)
        fit = solved(test.site, test.bearing_deg, test.apogee_km, test.range_km)
        if fit is None:
            unflown.append(Failed(*figures, "no notional vehicle flies that apogee and distance"))
            continue
        try:
            rows.append(play(test, fit, scenario))
        except FAULTS as fault:
            where = traceback.extract_tb(fault.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            broken.append(Failed(*figures, f"{type(fault).__name__}: {fault} ({place})"))
        print(f"\r{nth} of {len(chosen)}  {test.day} {test.missile:20}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return rows, unflown, broken


def middle(values: Iterable[float | None]) -> float | None:
    """The median of what came."""
    found = [value for value in values if value is not None]
    return round(median(found), 2) if found else None


def share(values: Iterable[bool | None]) -> str:
    """`12 of 20`."""
    found = [value for value in values if value is not None]
    return f"{sum(found)} of {len(found)}"


def summary(rows: Sequence[Row], unflown: Sequence[Failed], broken: Sequence[Failed]) -> dict[str, Any]:
    """Counts and medians."""
    typed = [row for row in rows if row.type_class is not None and row.half_class is not None]
    return {
        "flights": len(rows),
        "unflown": len(unflown),
        "raised": len(broken),
        "tracked": sum(row.first_track_s is not None for row in rows),
        "warned": sum(row.alert_s is not None for row in rows),
        "first_track_s": middle(row.first_track_s for row in rows),
        "alert_s": middle(row.alert_s for row in rows),
        "warning_s": middle(row.warning_s for row in rows),
        "point_s": middle(row.point_s for row in rows),
        "half_error_km": middle(row.half_error_km for row in rows),
        "half_ellipse_km": middle(row.half_ellipse_km for row in rows),
        "half_inside": share(row.half_inside for row in rows),
        "half_inside_ballistic": share(row.half_inside for row in rows if lifts(row) is False),
        "end_error_km": middle(row.end_error_km for row in rows),
        "end_ellipse_km": middle(row.end_ellipse_km for row in rows),
        "end_inside": share(row.end_inside for row in rows),
        "end_inside_ballistic": share(row.end_inside for row in rows if lifts(row) is False),
        "class_as_type": share(row.half_class == row.type_class for row in typed),
        "class_as_published": share(row.half_class == row.published_class for row in rows if row.half_class),
        "published_as_type": share(row.published_class == row.type_class for row in typed),
        "classes": [
            {"type": one, "tracked": other, "flights": count}
            for (one, other), count in Counter((row.type_class, row.half_class) for row in typed).most_common()
        ],
        "stray_tracks": sum(row.strays for row in rows),
        "vehicles": ", ".join(f"{count} {name}" for name, count in Counter(row.vehicle for row in rows).most_common()),
        "took_s": round(sum(row.took_s for row in rows), 1),
    }


def lifts(row: Row) -> bool:
    """Whether the vehicle that flew it glides at the end."""
    return row.vehicle in {"srbm-quasi-ballistic", "glider"}


COLUMNS = {
    "day": 10,
    "missile": 18,
    "apogee_km": 9,
    "range_km": 8,
    "type_class": 18,
    "half_class": 18,
    "half_chance": 11,
    "first_track_s": 13,
    "alert_s": 7,
    "warning_s": 9,
    "point_s": 7,
    "half_error_km": 13,
    "half_ellipse_km": 15,
    "end_error_km": 12,
    "end_ellipse_km": 14,
}


def line(row: Row) -> str:
    """A row for people."""
    cells = ((getattr(row, name), width) for name, width in COLUMNS.items())
    return "  ".join(("-" if value is None else str(value))[:width].rjust(width) for value, width in cells)


def main() -> None:
    """Fly them, print the table and the summary; exits 1 after an exception."""
    parser = argparse.ArgumentParser(description="Real flight tests from scan to alert.")
    parser.add_argument("--tests", type=Path, default=TESTS, help="folder with test.en.json and facility.en.json")
    parser.add_argument("--limit", type=int, help="so many flights, spread over the file")
    parser.add_argument("--json", metavar="PATH", help="write rows and summary to this file")
    given = parser.parse_args()
    rows, unflown, broken = run(given.tests, given.limit)
    print("  ".join(name.rjust(width) for name, width in COLUMNS.items()))
    for row in rows:
        print(line(row))
    for one in (*unflown, *broken):
        print(f"{one.day}  {one.missile}  {one.apogee_km} km / {one.range_km} km: {one.why}")
    totals = summary(rows, unflown, broken)
    for name, value in totals.items():
        print(f"{name:22} {value}")
    missed = [f"{len(rows)} flights instead of {WANTED}"] if given.limit is None and len(rows) < WANTED else []
    missed += [f"{len(broken)} exceptions"] * bool(broken)
    if given.json:
        found = {
            "title": "Real flight tests from scan to alert",
            "says": SAYS,
            **totals,
            "rows": [structs.asdict(row) for row in rows],
            "not_flown": [structs.asdict(one) for one in unflown],
            "exceptions": [structs.asdict(one) for one in broken],
            "missed": missed,
        }
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
