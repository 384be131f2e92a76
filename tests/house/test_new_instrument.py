"""`make new-instrument NAME=harvest`, run in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

CHECKOUT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
PACKAGES = CHECKOUT / "console" / "node_modules"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def green(tree: Path, *command: str) -> None:
    verdict = run(tree, *command)
    assert verdict.returncode == 0, f"{' '.join(command)}\n{verdict.stdout}\n{verdict.stderr}"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with one more instrument."""
    tree = tmp_path_factory.mktemp("harvest")
    not_source = shutil.ignore_patterns("__pycache__", "static", "node_modules")
    for folder in ("src", "scripts", "typings", "console", "compacts", "tests/instruments", "tests/browser"):
        shutil.copytree(CHECKOUT / folder, tree / folder, ignore=not_source)
    for file in ("pyproject.toml", "Makefile", "hatch_build.py"):
        shutil.copy(CHECKOUT / file, tree)
    green(tree, sys.executable, "scripts/new_instrument.py", "harvest")
    return tree


def test_its_shape_and_its_own_tests_are_green_at_once(tree: Path) -> None:
    green(tree, *PYTEST, "tests/instruments/test_shape.py", "-k", "harvest or tuple or twice or meet")
    green(tree, *PYTEST, "tests/instruments/harvest")
    listed = (tree / "src" / "laurel" / "instruments" / "__init__.py").read_text()
    assert listed.count("HARVEST") == 2
    assert "harvest" in (tree / "src" / "laurel" / "cli" / "commands.json").read_text()


def test_it_passes_every_check_at_once(tree: Path) -> None:
    folders = ("src/laurel/instruments/harvest", "tests/instruments/harvest")
    green(tree, str(SCRIPTS / "ruff"), "check", *folders)
    green(tree, str(SCRIPTS / "ruff"), "format", "--check", *folders)
    green(tree, str(SCRIPTS / "pyright"), "--pythonpath", sys.executable, *folders)
    green(tree, str(SCRIPTS / "lint-imports"), "--no-cache")


def test_from_the_command_to_green_it_takes_a_minute_or_two(
    tree: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    if not PACKAGES.is_dir():
        pytest.skip("the console's packages are not installed: `make test` does it, or python hatch_build.py")
    (tree / "console" / "node_modules").symlink_to(PACKAGES)
    began = time.monotonic()
    green(tree, sys.executable, "scripts/new_instrument.py", "timber")
    folders = ("src/laurel/instruments/timber", "tests/instruments/timber")
    green(tree, *PYTEST, "tests/instruments/test_shape.py", "tests/instruments/timber")
    green(tree, str(SCRIPTS / "ruff"), "check", *folders)
    green(tree, str(SCRIPTS / "pyright"), "--pythonpath", sys.executable, *folders)
    green(tree, str(SCRIPTS / "lint-imports"), "--no-cache")
    green(tree, sys.executable, "hatch_build.py", "check")
    took_s = time.monotonic() - began
    record_property("from command to green, s", round(took_s, 1))
    with capsys.disabled():
        sys.stdout.write(f"\nmake new-instrument: from the command to green in {took_s:.0f} s\n")
    assert took_s < 300


@pytest.mark.parametrize("name", ["", "Harvest", "two words", "../node", "class", "harvest", "watch"])
def test_a_name_that_will_not_do_changes_nothing(tree: Path, name: str) -> None:
    def held() -> dict[Path, bytes]:
        folders = (tree / "src/laurel/instruments", tree / "tests/instruments", tree / "console/src")
        return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}

    before = held()
    refused = run(tree, sys.executable, "scripts/new_instrument.py", name)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Laurel: ")
    assert held() == before
