"""The examples run from a terminal in seconds and draw their pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("example", "says"),
    [("track_a_raid", "10 tracks of 10 vehicles"), ("stop_a_raid", "together: ")],
)
def test_an_example_runs_without_a_node_and_draws(example: str, says: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed here: pip install laurel[bench]")
    picture = tmp_path / "raid.png"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), "MPLCONFIGDIR": str(tmp_path)}
    command = [sys.executable, str(CHECKOUT / "examples" / f"{example}.py"), "--out", str(picture)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.startswith(says)
    assert picture.read_bytes().startswith(b"\x89PNG")
