"""A scenario made from a line of the list of published missile tests: `laurel exercise from-test`.

What the list says is written down as it says it; what it does not say is assumed, and each assumption stands in the
file's `assumed`. The sensors, all notional, are those of another scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Array

from laurel.core.errors import BadAsk
from laurel.gateways.missile_tests import ADDRESS, LICENCE, LOCAL, TITLE, UNKNOWN, Line
from laurel.instruments.exercise.scenario import parse
from laurel.physics.boost import NoSuchFlight, Site, solve_boost
from laurel.physics.reported import fits
from laurel.physics.vehicles import VEHICLES

CLASS_OF = {
    **dict.fromkeys(("scud-b", "scud-c", "er-scud", "kn-02", "kn-25"), "srbm"),
    **dict.fromkeys(("nodong", "pukguksong-1", "pukguksong-2", "pukguksong-3"), "mrbm"),
    **dict.fromkeys(("musudan", "hwasong-12", "new-irbm-2022"), "irbm"),
    **dict.fromkeys(("hwasong-14", "hwasong-15", "hwasong-17", "unha", "unha-3", "taepodong-1"), "icbm-liquid"),
    **dict.fromkeys(("hwasong-18", "hwasong-19", "chollima-1"), "icbm-solid"),
    **dict.fromkeys(
        ("hwasong-11a", "hwasong-11b", "hwasong-11c", "hwasong-11d", "hwasong-11e"), "srbm-quasi-ballistic"
    ),
    **dict.fromkeys(("hwasong-11s", "rail-mobile-kn-23", "silo-based-kn-23"), "srbm-quasi-ballistic"),
    **dict.fromkeys(("scud-b-marv", "scud-c-marv"), "srbm-quasi-ballistic"),
    **dict.fromkeys(("hwasong-12a", "hwasong-12b", "hwasong-16a", "hwasong-16b"), "glider"),
}
"""The notional vehicle of a type by its class in open literature (CSIS Missile Threat, CNS)."""

LONG_KM = 2_000.0
MOST_WORDS = 2_000
SPEED, SPEED_OF_LONG = 10.0, 20.0


class NoScenario(BadAsk):
    """A test of which too little was published, or what nothing can fly."""

    says = "this test cannot be made into a scenario"
    remedy = "the facts say what it lacks: take another test, or write the scenario by hand (scenarios/README.md)"


def find_test(lines: Sequence[Line], date: str) -> Line:
    """The test of that day, UTC or at the site, or of that slug (2022-01-04-1). Raises NoScenario."""
    found = [one for one in lines if date in (one.slug, one.day)] or [one for one in lines if date == _local_day(one)]
    if len(found) == 1:
        return found[0]
    if not found:
        days = sorted({one.day for one in lines if one.day[:4] == date[:4]})
        raise NoScenario(test=date, why="no test of that day in the list", that_year=", ".join(days) or "none")
    raise NoScenario(test=date, why="several tests of that day: name one", tests="; ".join(map(_in_short, found)))


def scenario_of(line: Line, sensors_of: bytes) -> str:
    """The scenario as TOML, with the sensors of that other one; sound as `parse` reads it.

    Raises NoScenario, and BadScenario when the other is none.
    """
    parse(sensors_of)
    if line.place is None or line.facility == UNKNOWN:
        raise NoScenario(test=line.slug, field="facility", value=line.facility, why="where it was launched is unknown")
    figures = {"apogee": line.apogee_km, "distance": line.distance_km, "bearing": line.bearing_deg}
    for name, value in figures.items():
        if value is None or not value >= 0.0 or (value == 0.0 and name != "bearing"):
            raise NoScenario(test=line.slug, field=name, value=UNKNOWN if value is None else value, why="not published")
    apogee_km, range_km, azimuth_deg = (float(cast("float", value)) for value in figures.values())
    vehicle, why = _vehicle(line, Site(line.place.lat, line.place.lon), azimuth_deg % 360.0, apogee_km, range_km)
    scenario = _headed(line, apogee_km, _assumed(line, why))
    scenario["vehicle"] = vehicle
    scenario["launch"] = {"place": line.place.name, "lat_deg": line.place.lat, "lon_deg": line.place.lon, "alt_m": 0.0}
    scenario["aim"] = {"apogee_km": apogee_km, "range_km": range_km, "azimuth_deg": azimuth_deg % 360.0}
    scenario["sources"] = [{"by": f"{TITLE} ({ADDRESS}, {LICENCE})", "says": _said(line)}]
    others = tomlkit.parse(sensors_of)
    for part in ("classes", "sensors"):
        scenario[part] = others[part]
    text = tomlkit.dumps(scenario)
    parse(text.encode())
    return text


def _headed(line: Line, apogee_km: float, assumed: Sequence[str]) -> TOMLDocument:
    scenario = tomlkit.document()
    scenario.add(tomlkit.comment(f"Made by laurel exercise from-test from line {line.slug} of {TITLE}."))
    scenario.add(tomlkit.comment("The sensors are NOTIONAL; `assumed` says what else nobody published."))
    scenario.add(tomlkit.nl())
    scenario["title"] = f"{_kind(line)}, {line.day}"
    scenario["summary"] = (line.description or _in_short(line))[:MOST_WORDS]
    scenario["assumed"] = _array(assumed)
    scenario["starts_at"] = line.when.begins_at
    scenario["speed"] = SPEED_OF_LONG if apogee_km > LONG_KM else SPEED
    scenario["seed"] = int("".join(one for one in line.slug if one.isdigit()))
    return scenario


def _vehicle(line: Line, site: Site, azimuth_deg: float, apogee_km: float, range_km: float) -> tuple[str, str]:
    """The notional vehicle that flies it, and what was assumed of it. Raises NoScenario."""
    named = CLASS_OF.get(line.missile)
    if named is not None:
        try:
            solve_boost(VEHICLES[named], site, azimuth_deg, apogee_km * 1e3, range_km * 1e3)
        except NoSuchFlight:
            pass
        else:
            return named, f"Flown by the notional vehicle {named}, which stands for {_kind(line)}."
    found = next(fits(site, azimuth_deg, apogee_km * 1e3, range_km * 1e3), None)
    if found is None:
        why = "no notional vehicle flies that apogee and distance"
        raise NoScenario(test=line.slug, apogee_km=apogee_km, distance_km=range_km, why=why)
    of_type = "of no known class" if named is None else f"of the class {named}, which cannot fly these figures"
    return found.vehicle, f"Flown by the notional vehicle {found.vehicle}: {_kind(line)} is {of_type}."


def _assumed(line: Line, vehicle: str) -> list[str]:
    assumed = [
        vehicle,
        "The bearing was added by the list's author; nobody published it.",
        "The flight time was not published: the simulated one is measured against nothing.",
        "The launch place stands at height 0 above the ellipsoid.",
        "All sensors are notional.",
    ]
    if line.when.begins_at != line.when.ends_at:
        assumed.append("The time of launch was not published: the first moment of the day or month in UTC is taken.")
    return assumed


def _said(line: Line) -> str:
    said = f"{line.day} {line.time}: {_kind(line)} from {line.facility}, apogee {line.apogee_km:g} km, distance "
    return f"{said}{line.distance_km:g} km, bearing {line.bearing_deg:g} degrees, outcome {line.outcome or UNKNOWN}"


def _kind(line: Line) -> str:
    return "a missile of unknown type" if line.missile == UNKNOWN else line.missile


def _in_short(line: Line) -> str:
    apogee = UNKNOWN if line.apogee_km is None else f"{line.apogee_km:g} km"
    distance = UNKNOWN if line.distance_km is None else f"{line.distance_km:g} km"
    return f"{line.slug} {line.missile}, apogee {apogee}, distance {distance}"


def _local_day(line: Line) -> str | None:
    known = line.when.begins_at == line.when.ends_at
    return f"{line.when.begins_at + LOCAL:%Y-%m-%d}" if known else None


def _array(words: Sequence[str]) -> Array:
    array = tomlkit.array()
    for one in words:
        array.add_line(one, indent="  ")
    array.add_line(indent="")
    return array
