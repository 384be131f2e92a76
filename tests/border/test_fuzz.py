"""A million inputs that a coverage-guided fuzzer thought of: no crash, nothing let in, memory flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FUZZ = Path(__file__).parent / "fuzz.py"
RUNS = {"records": 400_000, "parcels": 200_000, "heads": 250_000, "cards": 250_000}
FLAT_B = 8 * 2**20


@pytest.mark.long
@pytest.mark.attack("alter")
@pytest.mark.parametrize(("target", "runs"), RUNS.items())
def test_nothing_that_a_fuzzer_invents_is_let_in_or_crashes_the_border(target: str, runs: int, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has wheels for Linux on x86-64 alone")
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, FUZZ, target, str(runs), report],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(CHECKOUT / "src"), str(CHECKOUT)))},
        capture_output=True,
        text=True,
        timeout=1_200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found.get("accepted", 0) == 0
    assert found["refused"] + found["genuine"] == runs
    assert found["refused"] > 0.9 * runs
    assert found["late_b"] - found["early_b"] < FLAT_B
