from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest

from laurel.core.errors import BadField, Nothing
from laurel.gateways.demo import run_demo
from laurel.gateways.demo.find import exercise_name, find_scenario
from laurel.gateways.demo.nodes import demo_folder
from laurel.gateways.demo.play import ClockLost, Metronome
from laurel.gateways.demo.summary import Check, Flown, MemberLine, Shared, checks
from laurel.gateways.demo.watch import Sample
from laurel.instruments.exercise.records import ClockSet
from laurel.node.clock import RealClock

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAY = datetime(2022, 10, 3, 22, 22, tzinfo=UTC)
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_a_scenario_is_found_by_its_name_or_its_path(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("")
    assert find_scenario(str(mine)) == mine
    assert find_scenario("2017-11-29-lofted") == SCENARIOS / "2017-11-29-lofted.toml"
    with pytest.raises(Nothing, match=r"scenario=nowhere, there_are=2017-11-29-lofted, 2022-10-04-overflight"):
        find_scenario("nowhere")


def test_an_exercise_is_named_after_its_file() -> None:
    assert exercise_name(Path("2022-10-04-overflight.toml")) == "2022-10-04-overflight"
    assert exercise_name(Path("My Scenario (2).toml")) == "my-scenario-2"
    assert exercise_name(Path("日本.toml")) == "demo"
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", exercise_name(Path("x" * 90 + ".toml")))


@pytest.mark.parametrize("speed", [0.0, -1.0, 1_000.0, float("nan")])
def test_a_speed_that_no_node_could_keep_is_refused_before_anything_starts(speed: float, tmp_path: Path) -> None:
    with pytest.raises(BadField, match=r"field=speed"):
        run_demo("2022-10-04-overflight", speed=speed, headless=True, to=None, folder=tmp_path / "nodes")
    assert not (tmp_path / "nodes").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(BadField, match=r"field=folder"), demo_folder(tmp_path):
        pytest.fail("a folder in use was taken")
    assert (tmp_path / "precious").read_text() == "x"


def test_a_named_folder_is_kept(tmp_path: Path) -> None:
    with demo_folder(tmp_path / "mine") as place:
        (place / "node.log").write_text("x")
    assert (tmp_path / "mine" / "node.log").exists()


def test_an_unnamed_folder_goes_with_what_dead_runs_left_but_not_with_a_running_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("dead", "alive"):
        (tmp_path / ".laurel-demo" / name).mkdir(parents=True)
    with (tmp_path / ".laurel-demo" / "alive" / "running").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with demo_folder(None) as place:
            assert place.parent == tmp_path / ".laurel-demo"
            assert sorted(one.name for one in place.parent.iterdir()) == sorted(["alive", place.name])
        assert [one.name for one in (tmp_path / ".laurel-demo").iterdir()] == ["alive"]
    with demo_folder(None):
        pass
    assert not (tmp_path / ".laurel-demo").exists()


class StoppedClock(RealClock):
    """A real clock that shows what it is told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def test_scans_wait_for_the_exercise_clock_and_not_at_all_while_it_is_paused() -> None:
    real = StoppedClock(NOW)
    metronome = Metronome(real)
    with pytest.raises(ClockLost):
        metronome.now()
    metronome.setting = ClockSet(NOW + timedelta(seconds=2), PLAY, 10.0)
    assert metronome.wait_s(PLAY + timedelta(seconds=30)) == pytest.approx(5.0)
    assert metronome.wait_s(PLAY) == 0.0
    real.at = NOW + timedelta(seconds=4)
    assert metronome.now() == PLAY + timedelta(seconds=20)
    assert metronome.wait_s(PLAY + timedelta(seconds=30)) == pytest.approx(1.0)
    metronome.setting = ClockSet(real.at, metronome.now(), 0.0)
    assert metronome.wait_s(PLAY + timedelta(seconds=30)) == inf


FLOWN = Flown(1345.8, 1320.0, 60.0, 970.0, 4500.0, 180.0, 32.0, 176.0)
SAMPLE = Sample(600.0, "JPN-1", ("JPN", "KOR"), 9, 0.1, 0.4, 1.5, 0.2)
LINE = MemberLine("JPN", 98.0, 104.0, (), 0.4, (SAMPLE,), 10, (), {"JPN": {"warning.scan.v1": 10}}, 20, ())
SHARED = Shared(600.0, {"JPN": ("JPN-1",), "KOR": ("JPN-1",)}, equal=True)


def failing(found: tuple[Check, ...]) -> list[str]:
    return [check.found for check in found if not check.holds]


def test_a_run_fails_when_anything_that_must_hold_does_not() -> None:
    alerted = replace_line(records=LINE.records)
    assert failing(checks(FLOWN, [alerted], SHARED)) == ["no alert by JPN"]
    foreign = replace_line(records={"KOR": {"warning.scan.v1": 3}})
    assert "JPN holds 3 warning.scan.v1 of KOR" in failing(checks(FLOWN, [foreign], SHARED))
    torn = replace_line(log_faults=("position 7: the signature does not hold",))
    assert "JPN: position 7: the signature does not hold" in failing(checks(FLOWN, [torn], SHARED))
    assert any("+80 s" in found for found in failing(checks(flown_in(1_400.0), [LINE], SHARED)))
    empty = Shared(600.0, {"JPN": (), "KOR": ()}, equal=True)
    assert any(found.startswith("none") for found in failing(checks(FLOWN, [LINE], empty)))


def replace_line(**changes: Any) -> MemberLine:
    fields = {name: getattr(LINE, name) for name in LINE.__struct_fields__}
    return MemberLine(**{**fields, **changes})


def flown_in(flight_s: float) -> Flown:
    fields = {name: getattr(FLOWN, name) for name in FLOWN.__struct_fields__}
    return Flown(**{**fields, "flight_s": flight_s})


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`laurel demo --headless` in that folder."""
    command = [sys.executable, "-m", "laurel.cli", "demo", "--headless", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_three_nodes_play_a_short_flight_and_agree_on_it(tmp_path: Path) -> None:
    scenario = (SCENARIOS / "2022-10-04-overflight.toml").read_text()
    for before, after in (
        ('vehicle = "irbm"', 'vehicle = "mrbm"'),
        ("apogee_km = 970.0", "apogee_km = 150.0"),
        ("range_km = 4500.0", "range_km = 600.0"),
        ("flight_s = 1320.0", "flight_s = 450.0"),
    ):
        assert before in scenario
        scenario = scenario.replace(before, after)
    (tmp_path / "short.toml").write_text(scenario)
    ran = demo(tmp_path, "--scenario", "short.toml", "--speed", "20", "--json", "out.json", "--folder", "kept")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    summary = json.loads((tmp_path / "out.json").read_text())
    assert {member["member"] for member in summary["members"]} == {"JPN", "KOR", "USA"}
    for member in summary["members"]:
        assert 0.0 < member["first_plot_s"] <= member["first_track_s"] < 300.0
        assert member["alerts"]
        assert {origin for origin, held in member["records"].items() if "warning.scan.v1" in held} == {member["member"]}
    assert summary["shared"]["equal"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "speed"),
    [("2022-10-04-overflight", 20), pytest.param("2017-11-29-lofted", 30, marks=pytest.mark.walk)],
)
def test_a_published_flight_is_shared_and_everything_holds_that_must(tmp_path: Path, scenario: str, speed: int) -> None:
    ran = demo(tmp_path, "--scenario", scenario, "--speed", str(speed), "--json", "out.json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    summary = json.loads((tmp_path / "out.json").read_text())
    assert [check["says"] for check in summary["checks"] if not check["holds"]] == []
    assert len(summary["checks"]) >= 7
    flight = summary["flight"]
    assert abs(flight["flight_s"] - flight["published_flight_s"]) <= flight["tolerance_s"]
    for member in summary["members"]:
        errors_km = [one["impact_error_km"] for one in member["samples"] if one["impact_error_km"] is not None]
        assert len(errors_km) > 10
        assert errors_km[-1] < 30.0
        assert member["log_faults"] == []
    # Nothing is left behind.
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]


def test_a_flight_that_none_can_fly_and_a_speed_that_none_can_keep_are_refused_by_the_terminal(tmp_path: Path) -> None:
    scenario = (SCENARIOS / "2022-10-04-overflight.toml").read_text()
    (tmp_path / "impossible.toml").write_text(scenario.replace("apogee_km = 970.0", "apogee_km = 19000.0"))
    (tmp_path / "misspelt.toml").write_text(scenario.replace("apogee_km", "apogee_mk"))
    for options, words in (
        (("--scenario", "impossible.toml"), ("apogee", "19000")),
        (("--scenario", "misspelt.toml"), ("apogee_mk", "scenarios/README.md")),
        (("--scenario", "nowhere"), ("nowhere", "2022-10-04-overflight")),
        (("--speed", "0"), ("speed", "above 0")),
    ):
        ran = demo(tmp_path, *options)
        assert ran.returncode == 1, ran.stdout
        assert all(word in ran.stderr for word in words), ran.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["impossible.toml", "misspelt.toml"]
