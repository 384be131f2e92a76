"""The hotline's benchmark, in small: what it asserts of a day's cut holds of a minute's too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_after_a_cut_a_flash_comes_before_all_that_waited(tmp_path: Path) -> None:
    figures = tmp_path / "message.json"
    command = [sys.executable, "benchmarks/message.py", "--messages", "10", "--queued", "1000", "--json", str(figures)]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=380)
    # How fast it is follows from the machine; what comes first does not.
    assert figures.exists(), ran.stderr
    measured = json.loads(figures.read_text())
    assert measured["queued"] == 1000
    assert measured["before_flash"] < 100
    assert measured["all_s"] <= 60.0
