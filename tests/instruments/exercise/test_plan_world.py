"""A plan beside the scenario that it names: what cannot be played together is found before anybody plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from tests.instruments.exercise.test_plan import FILE, plan
from typer.testing import CliRunner

from laurel.cli import app
from laurel.instruments.exercise.plan.check import Level
from laurel.instruments.exercise.plan.msel import Cell, CellRole, Plan
from laurel.instruments.exercise.plan.world import check_world

SCENARIO = (Path(__file__).parents[3] / "scenarios" / "2022-10-04-overflight.toml").read_bytes()
KOREA = Cell("watch-kor", "KOR", CellRole.TRAINING, "Operations centre")


def of_three(**changed: Any) -> Plan:
    """The plan with a cell of every member that has sensors, and a scenario."""
    return structs.replace(plan(scenario="world.toml", cells=(*plan().cells, KOREA)), **changed)


def test_a_plan_without_a_scenario_has_none_to_be_wrong() -> None:
    assert check_world(plan(), None) == ()


def test_a_scenario_that_flies_is_a_pass() -> None:
    assert [one.level for one in check_world(of_three(), SCENARIO)] == [Level.PASS]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "world.toml is not there"),
        (b"title = ", "world.toml cannot be played: this scenario cannot be played"),
        (
            SCENARIO.replace(b"\nrange_km = ", b"\nrange_km = 1"),
            "world.toml cannot be played: this vehicle cannot fly that apogee and range",
        ),
    ],
    ids=["not there", "no scenario", "cannot fly"],
)
def test_a_scenario_that_cannot_be_played_is_an_error(file: bytes | None, words: str) -> None:
    [found] = check_world(of_three(), file)
    assert found.level is Level.ERROR
    assert found.words.startswith(words)


def test_sensors_of_a_member_that_takes_no_part_are_an_error() -> None:
    [found] = check_world(of_three(cells=plan().cells), SCENARIO)
    assert (found.level, found.words) == (Level.ERROR, "KOR has sensors in it, and takes no part")


def test_the_verb_that_checks_a_plan_looks_for_its_scenario_too(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_bytes(b'scenario = "world.toml"\n' + FILE)
    told = CliRunner().invoke(app, ["exercise", "check", str(file)])
    assert told.exit_code == 1
    assert "ERROR    scenario: world.toml is not there. put it beside the plan, or leave it out" in told.output
