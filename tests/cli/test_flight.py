from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.errors import BadField, LaurelError, Nothing


def printed(*words: str) -> str:
    ran = CliRunner().invoke(app, ["flight", *words], catch_exceptions=True)
    if isinstance(ran.exception, LaurelError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_report_that_contradicts_physics_is_called_impossible_with_the_reason() -> None:
    said = printed("judge", "--apogee", "6248.5", "--range", "1090", "--seconds", "4052")
    assert "impossible" in said
    assert "quickest ballistic arc takes 4075 s, 23 s longer than reported" in said
    assert "possible is 20 to 400 s" in said


def test_a_possible_report_names_the_nearest_vehicle_and_its_time() -> None:
    said = json.loads(
        printed("judge", "--apogee", "4475", "--range", "950", "--seconds", "3180", "--site", "39.28,125.87", "--json")
    )
    assert said["verdict"] == "possible"
    assert said["nearest"]["vehicle"].startswith("icbm")
    assert abs(said["apart_s"]) < 60.0
    assert said["left_s"] == pytest.approx(163.0, abs=1.0)


def test_a_flight_is_solved_and_its_burnout_and_impact_speed_are_told() -> None:
    said = json.loads(printed("fly", "--apogee", "970", "--range", "4500", "--azimuth", "86", "--json"))
    assert said["apogee_km"] == pytest.approx(970.0, abs=0.3)
    assert said["burnout_s"] < said["apogee_s"] < said["flight_s"]
    assert said["impact_mps"] > 500


def test_a_flight_that_no_vehicle_flies_is_refused() -> None:
    with pytest.raises(Nothing):
        printed("fly", "--apogee", "30", "--range", "9000")


@pytest.mark.parametrize("site", ["here", "39.2", "139.2,25.0,0", "99,0"])
def test_a_site_that_is_no_place_is_refused(site: str) -> None:
    with pytest.raises(BadField, match=r"LAT,LON|latitude"):
        printed("fly", "--apogee", "970", "--range", "4500", "--site", site)


def test_the_help_shows_an_example() -> None:
    assert "laurel flight judge --apogee" in " ".join(printed("judge", "--help").split())
