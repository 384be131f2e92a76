"""docs/benchmarks.md follows from what was measured, whatever benchmark it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]

PLAYED: dict[str, Any] = {
    "scene": "2 vehicles",
    "cpu_ms_per_update": 0.01,
    "phases": {"start": {"gospa_m": 12.0, "rms_m": 9.5}},
    "changes": 0,
    "seconds": [0.0, 1.0],
    "gospa_m": [20.0, 4.0],
}
PEER: dict[str, Any] = {
    "title": "Against a peer",
    "laurel": [PLAYED | {"tracker": "Laurel"}],
    "stone_soup": [PLAYED | {"tracker": "EKF", "role": "best", "ratio": 321.0}],
    "tried": [PLAYED | {"tracker": "EKF"}],
    "best": "EKF",
    "fastest": "EKF",
    "bound": [
        {
            "radars": 1,
            "runs": 60,
            "position_over_bound": 1.01,
            "velocity_over_bound": 1.02,
            "position_nees": 3.0,
            "nees_low": 2.5,
            "nees_high": 3.6,
            "over_time": [[30.0, 1.0], [31.0, 1.1]],
        }
    ],
    "memory": {"laurel_mb": 200.0},
    "missed": ["something"],
}


def written(tmp_path: Path, **measured: dict[str, Any]) -> str:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed here: pip install laurel[bench]")
    for name, figures in measured.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(figures))
    command = [sys.executable, "scripts/write_benchmarks.py", "--date", "2027-01-01"]
    command += ["--measured", str(tmp_path), "--out", str(tmp_path / "docs")]
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path)}
    subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return (tmp_path / "docs" / "benchmarks.md").read_text()


def test_any_benchmark_becomes_a_section_of_lists_and_tables(tmp_path: Path) -> None:
    page = written(tmp_path, start={"runs": 7, "holds": True, "rates": [{"what": "said", "per_s": 2550.4}], "odd": []})
    assert "2027-01-01" in page
    assert "## Start\n" in page
    assert "- runs: 7\n- holds: yes\n" in page
    assert "| what | per s |\n| --- | --- |\n| said | 2,550 |\n" in page


def test_the_comparison_has_its_tables_pictures_and_missed_targets(tmp_path: Path) -> None:
    page = written(tmp_path, peer=PEER)
    assert "| Stone Soup, best | 0.01 | 321 | 12 | 9.5 | 0 |" in page
    assert "| 1 | 60 | 1.01 | 1.02 | 3 | 2.5 to 3.6 |" in page
    assert "**Missed:** something" in page
    for name in ("2-vehicles.svg", "bound.svg"):
        assert f"(benchmarks/{name})" in page
        assert (tmp_path / "docs" / "benchmarks" / name).read_text().startswith("<?xml")


def test_the_same_figures_give_the_same_page_and_pictures(tmp_path: Path) -> None:
    def whole() -> list[bytes]:
        written(tmp_path, peer=PEER)
        return [path.read_bytes() for path in sorted((tmp_path / "docs").rglob("*.*"))]

    assert whole() == whole()
