"""The example runs from a terminal in seconds and draws its picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def test_a_raid_is_tracked_and_drawn_without_a_node(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed here: pip install laurel[bench]")
    picture = tmp_path / "raid.png"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), "MPLCONFIGDIR": str(tmp_path)}
    command = [sys.executable, str(CHECKOUT / "examples" / "track_a_raid.py"), "--out", str(picture)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.startswith("10 tracks of 10 vehicles")
    assert picture.read_bytes().startswith(b"\x89PNG")
