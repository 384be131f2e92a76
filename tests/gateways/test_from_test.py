"""A scenario made from a line of the published tests."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from laurel.cli import app
from laurel.gateways.from_test import NoScenario, find_test, scenario_of
from laurel.gateways.missile_tests import Line, read_tests
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import solve
from laurel.physics.earth import geodesic

SENSORS = (Path(__file__).parents[2] / "scenarios" / "2022-10-04-overflight.toml").read_bytes()
FACILITIES = {"facilities": {"east": {"name": "An airfield", "lat": 39.1677, "lon": 127.4817}}}


def one(day: str, time: str = "22:22 (UTC)", **said: object) -> dict[str, object]:
    listed = {"missile": "hwasong-12", "facility": "east", "landing": "sea", "apogee": 970, "distance": 4500}
    return {"date": day, "time": time, **listed, "bearing": 80, "outcome": "success", "description": "It flew."} | said


TESTS = [
    one("2022-10-03"),
    one("2021-03-24", "unknown", missile="unknown", apogee=60, distance=450, outcome="unknown", description=""),
    one("2022-01-04", missile="nodong", apogee="100", distance="400"),
    one("2022-01-04", facility="unknown"),
    one("2022-02-01", apogee="unknown"),
    one("2022-02-02", apogee=10, distance=6_000),
    one("2022-02-03", facility="nowhere"),
    one("2022-02-04", description="long " * 900),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bins = [{"year": 2022, "data": TESTS}]
    (tmp_path / "test.en.json").write_bytes(msgspec.json.encode({"timeBins": bins}))
    (tmp_path / "facility.en.json").write_bytes(msgspec.json.encode(FACILITIES))
    return tmp_path


@pytest.fixture
def lines(folder: Path) -> tuple[Line, ...]:
    return read_tests((folder / "test.en.json").read_bytes(), (folder / "facility.en.json").read_bytes()).lines


def test_a_published_test_becomes_a_scenario_that_flies_its_figures(lines: tuple[Line, ...]) -> None:
    scenario = parse(scenario_of(find_test(lines, "2022-10-03"), SENSORS).encode())
    flight = solve(scenario).flight
    assert flight.apogee_m == pytest.approx(970e3, abs=200.0)
    way = geodesic(39.1677, 127.4817, flight.impact_lat_deg, flight.impact_lon_deg)
    assert way.distance_m == pytest.approx(4_500e3, abs=200.0)
    assert way.azimuth_deg == pytest.approx(80.0, abs=0.02)
    assert scenario.flight.vehicle == "irbm"
    assert scenario.starts_at == lines[0].when.begins_at
    assert scenario.sensors == parse(SENSORS).sensors


def test_a_test_is_found_by_its_local_day_too(lines: tuple[Line, ...]) -> None:
    assert find_test(lines, "2022-10-04") == find_test(lines, "2022-10-03")
    assert find_test(lines, "2022-01-04-2").facility == "unknown"


def test_what_nobody_published_stands_in_it_as_assumed(lines: tuple[Line, ...]) -> None:
    known = parse(scenario_of(find_test(lines, "2022-10-03"), SENSORS).encode())
    assert known.flight.published is None
    assert any("flight time was not published" in words for words in known.assumed)
    assert not any("time of launch" in words for words in known.assumed)
    vague = parse(scenario_of(find_test(lines, "2021-03-24"), SENSORS).encode())
    assert any("time of launch was not published" in words for words in vague.assumed)
    assert any("of no known class" in words for words in vague.assumed)


def test_a_type_that_cannot_fly_the_figures_gives_way_to_one_that_can(lines: tuple[Line, ...]) -> None:
    scenario = parse(scenario_of(find_test(lines, "2022-01-04-1"), SENSORS).encode())
    solve(scenario)
    if scenario.flight.vehicle != "mrbm":
        assert "mrbm, which cannot fly these figures" in scenario.assumed[0]


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("2022-02-01", r"field=apogee, value=unknown, why=not published"),
        ("2022-01-04-2", r"field=facility, value=unknown"),
        ("2022-02-03", r"field=facility, value=nowhere"),
        ("2022-02-02", r"apogee_km=10\.0, distance_km=6000\.0, why=no notional vehicle"),
    ],
)
def test_figures_that_are_unknown_or_cannot_fly_are_a_clear_error(
    lines: tuple[Line, ...], test: str, says: str
) -> None:
    with pytest.raises(NoScenario, match=says):
        scenario_of(find_test(lines, test), SENSORS)


def test_a_day_of_several_tests_names_them_and_one_of_none_the_days_of_that_year(lines: tuple[Line, ...]) -> None:
    with pytest.raises(NoScenario, match=r"2022-01-04-1 nodong.*2022-01-04-2"):
        find_test(lines, "2022-01-04")
    with pytest.raises(NoScenario, match=r"no test of that day.*that_year=.*2022-10-03"):
        find_test(lines, "2022-12-31")


def test_the_terminal_writes_it_out_or_into_a_new_file(folder: Path, tmp_path: Path) -> None:
    ask = ["exercise", "from-test", "2022-10-03", "--tests", str(folder)]
    printed = CliRunner().invoke(app, ask)
    assert printed.exit_code == 0
    file = tmp_path / "mine.toml"
    assert CliRunner().invoke(app, [*ask, "--out", str(file)]).exit_code == 0
    assert file.read_text() == printed.output
    assert parse(printed.output.encode()).seed == 202210031
    again = CliRunner().invoke(app, [*ask, "--out", str(file)])
    assert "the file exists" in str(again.exception)
    nowhere = CliRunner().invoke(app, [*ask[:3], "--tests", str(tmp_path / "nowhere")])
    assert "--tests" in str(nowhere.exception)


def test_a_long_description_is_cut_to_what_a_scenario_holds(lines: tuple[Line, ...]) -> None:
    assert len(parse(scenario_of(find_test(lines, "2022-02-04"), SENSORS).encode()).summary) == 2_000
