"""`make new-instrument NAME=harvest`, run in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with one more instrument."""
    tree = tmp_path_factory.mktemp("harvest")
    not_source = shutil.ignore_patterns("__pycache__", "static")
    for folder in ("src", "scripts", "typings", "tests/instruments"):
        shutil.copytree(CHECKOUT / folder, tree / folder, ignore=not_source)
    for file in ("pyproject.toml", "Makefile"):
        shutil.copy(CHECKOUT / file, tree)
    made = run(tree, sys.executable, "scripts/new_instrument.py", "harvest")
    assert made.returncode == 0, made.stderr
    return tree


def test_its_shape_is_green_at_once(tree: Path) -> None:
    shape = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/instruments/test_shape.py"]
    verdict = run(tree, *shape, "-k", "harvest or tuple or twice")
    assert verdict.returncode == 0, verdict.stdout
    assert "harvest: note" in run(tree, *shape, "--collect-only", "-q").stdout
    listed = (tree / "src" / "laurel" / "instruments" / "__init__.py").read_text()
    assert listed.count("HARVEST") == 2
    assert "harvest" in (tree / "src" / "laurel" / "cli" / "commands.json").read_text()


def test_it_passes_every_check_at_once(tree: Path) -> None:
    folder = "src/laurel/instruments/harvest"
    for command in (
        [str(SCRIPTS / "ruff"), "check", folder],
        [str(SCRIPTS / "ruff"), "format", "--check", folder],
        [str(SCRIPTS / "pyright"), "--pythonpath", sys.executable, folder],
        [str(SCRIPTS / "lint-imports"), "--no-cache"],
    ):
        verdict = run(tree, *command)
        assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize("name", ["", "Harvest", "two words", "../node", "class", "harvest"])
def test_a_name_that_will_not_do_changes_nothing(tree: Path, name: str) -> None:
    instruments = tree / "src" / "laurel" / "instruments"
    before = {path: path.read_bytes() for path in instruments.rglob("*.py")}
    refused = run(tree, sys.executable, "scripts/new_instrument.py", name)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Laurel: ")
    assert {path: path.read_bytes() for path in instruments.rglob("*.py")} == before
