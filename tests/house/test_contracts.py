"""Each contract of the house is broken on purpose in a copy of the tree, and seen to catch it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent

LAYERS = "Imports point down only"
RECORDS_ALONE = "Instruments know each other by their records alone"
CLIENT_ALONE = "One module alone speaks NATS"
PURE = "The pure layers do no I/O, read no clock and roll no dice"
SERVED_FIRST = "Nothing of what worlds do is loaded before one is served"
PLAY_ALONE = "What stops missiles is reached through an exercise alone"

# contract -> (planted module, what it imports)
BROKEN_IMPORTS = [
    (LAYERS, "core/planted_up.py", "laurel.physics"),
    (LAYERS, "physics/planted_up.py", "laurel.border"),
    (LAYERS, "border/planted_aside.py", "laurel.instruments"),
    (LAYERS, "instruments/planted_aside/__init__.py", "laurel.border"),
    (LAYERS, "instruments/planted_up/__init__.py", "laurel.node"),
    (LAYERS, "node/planted_up.py", "laurel.gateways"),
    (LAYERS, "planted_layer.py", ""),
    (RECORDS_ALONE, "instruments/planted_nosy/view.py", "laurel.instruments.planted_shy.view"),
    (CLIENT_ALONE, "node/planted_wire.py", "nats"),
    (CLIENT_ALONE, "node/carry/planted_wire.py", "nats"),
    (CLIENT_ALONE, "gateways/planted_wire.py", "nats"),
    (SERVED_FIRST, "node/home/planted_play.py", "laurel.instruments"),
    (SERVED_FIRST, "node/carry/planted_flight.py", "laurel.physics"),
    (SERVED_FIRST, "node/people/planted_play.py", "laurel.instruments"),
    (PLAY_ALONE, "node/planted_shot.py", "laurel.instruments.exercise.defeat.engage"),
    (PLAY_ALONE, "gateways/planted_shot.py", "laurel.instruments.exercise.defeat.raid"),
    (PLAY_ALONE, "instruments/planted_shot/__init__.py", "laurel.instruments.exercise.defeat.play"),
    (PURE, "core/planted_disk.py", "os"),
    (PURE, "core/planted_clock.py", "time"),
    (PURE, "physics/planted_dice.py", "random"),
    (PURE, "physics/planted_wire.py", "socket"),
    (PURE, "border/planted_web.py", "httpx"),
    (PURE, "border/planted_key.py", "secrets"),
    (PURE, "instruments/planted_disk/__init__.py", "sqlite3"),
    (PURE, "instruments/planted_id/__init__.py", "uuid"),
]

BANNED_CALLS = {
    "now": "from datetime import UTC, datetime\n\nSEEN = datetime.now(UTC)\n",
    "utcnow": "import datetime\n\nSEEN = datetime.datetime.utcnow()\n",
    "today": "import datetime\n\nSEEN = datetime.date.today()\n",
    "time": "import time\n\nSEEN = time.time()\n",
    "random": "import random\n\nSEEN = random.random()\n",
    "uuid4": "from uuid import uuid4\n\nSEEN = uuid4()\n",
}

UNTYPED = "def double(value):\n    return value + value\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("contracts")
    not_source = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(CHECKOUT / "src", tree / "src", ignore=not_source)
    shutil.copytree(CHECKOUT / "typings", tree / "typings")
    shutil.copy(CHECKOUT / "pyproject.toml", tree)
    return tree


def run(tree: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The tool's own verdict on the copy, which it must import instead of the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
    command = [str(SCRIPTS / tool), *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def plant(tree: Path, path: str, source: str) -> Path:
    planted = tree / "src" / "laurel" / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(source)
    (planted.parent / "__init__.py").touch()
    return planted


@pytest.fixture(scope="module")
def broken_contracts(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Contract -> what import-linter says of it, with every violation planted at once."""
    copy = shutil.copytree(tree, tmp_path_factory.mktemp("broken"), dirs_exist_ok=True)
    plant(copy, "instruments/planted_shy/view.py", "")
    for _, path, imports in BROKEN_IMPORTS:
        plant(copy, path, f"import {imports}\n" if imports else "")
    verdict = run(copy, "lint-imports", "--no-cache")
    assert verdict.returncode == 1, verdict.stdout
    sections = re.split(r"^(.+)\n-+\n", verdict.stdout, flags=re.MULTILINE)
    return dict(zip(sections[1::2], sections[2::2], strict=True))


@pytest.mark.parametrize(("contract", "path", "imports"), BROKEN_IMPORTS)
def test_a_forbidden_import_is_caught(
    broken_contracts: Mapping[str, str], contract: str, path: str, imports: str
) -> None:
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    said = broken_contracts[contract]
    seen = rf"laurel\.{re.escape(module)} -> {re.escape(imports)}" if imports else re.escape(module)
    assert re.search(seen, said), said


def test_the_tree_as_it_stands_keeps_every_import_contract(tree: Path) -> None:
    verdict = run(tree, "lint-imports", "--no-cache")
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize("call", BANNED_CALLS)
@pytest.mark.parametrize("layer", ["core", "physics", "border", "instruments", "node", "gateways"])
def test_reading_the_clock_or_rolling_dice_is_caught(tree: Path, layer: str, call: str) -> None:
    planted = plant(tree, f"{layer}/planted_call.py", BANNED_CALLS[call])
    verdict = run(tree, "ruff", "check", "--no-cache", "--output-format", "json", str(planted))
    planted.unlink()
    assert "TID251" in {found["code"] for found in json.loads(verdict.stdout)}


def test_only_the_one_clock_may_read_the_time(tree: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tree, tmp_path, dirs_exist_ok=True)
    clock = plant(copy, "node/clock.py", BANNED_CALLS["now"])
    verdict = run(copy, "ruff", "check", "--no-cache", "--output-format", "json", str(clock))
    assert "TID251" not in {found["code"] for found in json.loads(verdict.stdout)}


def test_an_untyped_function_is_caught(tree: Path) -> None:
    planted = plant(tree, "core/planted_untyped.py", UNTYPED)
    verdict = run(tree, "pyright", "--pythonpath", sys.executable, "--outputjson", str(planted))
    planted.unlink()
    rules = {found["rule"] for found in json.loads(verdict.stdout)["generalDiagnostics"]}
    assert {"reportMissingParameterType", "reportUnknownParameterType"} <= rules
