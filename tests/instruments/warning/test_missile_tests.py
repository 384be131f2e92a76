"""Five real flights from scan to alert; `benchmarks/missile_tests.py` flies them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.missile_tests import read, run, summary


@pytest.fixture(scope="module")
def tests_folder(shared_data: Path) -> Path:
    return shared_data / "missile-tests"


def test_published_tests_with_apogee_and_distance_are_read(tests_folder: Path) -> None:
    tests = read(tests_folder)
    assert len(tests) >= 200
    assert all(test.apogee_km > 0.0 and test.range_km > 0.0 and 0.0 <= test.bearing_deg < 360.0 for test in tests)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_real_flights_pass_from_scan_to_alert_without_an_exception(tests_folder: Path) -> None:
    rows, unflown, broken = run(tests_folder, limit=5)
    assert broken == []
    assert len(rows) + len(unflown) == 5
    totals = summary(rows, unflown, broken)
    assert totals["tracked"] == totals["warned"] == totals["flights"] >= 4
    assert totals["warning_s"] > 180.0
    assert totals["end_error_km"] < 5.0
