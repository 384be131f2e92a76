"""What every committed file must be, whoever wrote it."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
SOURCES = sorted((CHECKOUT / "src").rglob("*.py"))
LOCKS = sorted((CHECKOUT / "locks").glob("*.txt"))
LONGEST_FILE_LINES = 450

DOWNLOAD_HOST = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|npmmirror|yarnpkg\.com|--?(extra-)?index-url")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.<>*-])/(work|root|home|farm)/[A-Za-z.]")
EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:|pragma)|pytest\.mark\.skip\(\)")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX)\b")

VAGUE = {"manager", "handler", "helper", "helpers", "util", "utils", "info", "data", "process"}

# `laurel --help` answers within 0.3 s, so none of these may be on its way.
HEAVY = {"litestar", "nats", "numba", "numpy", "scipy", "shapely", "sqlalchemy", "uvicorn"}


@pytest.fixture(scope="module")
def committed() -> list[tuple[str, str]]:
    """(path, text) of every file git has or would take."""
    if shutil.which("git") is None or not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be told")
    ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(ask, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    files = [CHECKOUT / name for name in listing.split("\0") if name]
    return [(str(file.relative_to(CHECKOUT)), file.read_text(errors="replace")) for file in files if file.is_file()]


def lines_that_say(pattern: re.Pattern[str], files: list[tuple[str, str]]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in files
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_committed_file_names_a_download_host(committed: list[tuple[str, str]]) -> None:
    here = Path(__file__).relative_to(CHECKOUT).as_posix()
    allowed = {here, "scripts/lock.sh"}
    assert not lines_that_say(DOWNLOAD_HOST, [file for file in committed if file[0] not in allowed])


def test_no_committed_file_names_a_folder_of_one_machine(committed: list[tuple[str, str]]) -> None:
    assert not lines_that_say(MACHINE_PATH, committed)


def test_nothing_is_exempted_or_left_for_later(committed: list[tuple[str, str]]) -> None:
    python = [file for file in committed if file[0].endswith(".py") and "tests/house/" not in file[0]]
    assert not lines_that_say(EXEMPTION, python)
    assert not lines_that_say(LEFTOVER, python)


def test_every_source_file_stays_readable_in_one_sitting() -> None:
    lengths = {str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert not {path: length for path, length in lengths.items() if length > LONGEST_FILE_LINES}


def is_anothers(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a library chose the name: pyright sees to it that there is something to override."""
    return any(isinstance(one, ast.Name) and one.id == "override" for one in node.decorator_list)


def names_in(path: Path) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not is_anothers(node):
            yield node.name


def test_no_name_is_vague() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}: {name}"
        for path in SOURCES
        for name in names_in(path)
        if VAGUE & {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    ]
    assert not found


def entries(lock: Path) -> Iterator[tuple[str, str]]:
    """(requirement, its hashes) of a lock."""
    for entry in lock.read_text().replace("\\\n", " ").splitlines():
        requirement, _, hashes = entry.partition(" --hash=")
        if requirement.strip():
            yield requirement.split(";")[0].strip(), hashes


def pins(lock: str) -> dict[str, str]:
    pins = (requirement.partition("==") for requirement, _ in entries(CHECKOUT / "locks" / lock))
    return {name: version for name, _, version in pins}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_is_pinned_and_carries_its_hashes(lock: Path) -> None:
    for requirement, hashes in entries(lock):
        assert re.fullmatch(r"[a-z0-9-]+==[0-9A-Za-z.]+", requirement)
        assert re.match(r"sha256:[0-9a-f]{64}\b", hashes), requirement


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_what_runs_and_what_builds_is_what_was_tested() -> None:
    project: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    tested = pins("dev.txt")
    assert pins("run.txt").items() <= tested.items()
    assert pins("build.txt").items() <= tested.items()
    assert {canonical(need) for need in project["project"]["dependencies"]} <= pins("run.txt").keys()
    assert {canonical(need) for need in project["build-system"]["requires"]} <= pins("build.txt").keys()
    assert {canonical(need) for need in project["dependency-groups"]["dev"]} <= tested.keys()


def test_every_console_package_carries_its_hash_and_no_address() -> None:
    lock: dict[str, Any] = json.loads((CHECKOUT / "console" / "package-lock.json").read_text())
    packages: dict[str, Any] = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")]


def test_asking_for_help_loads_nothing_heavy() -> None:
    ask = "import sys, laurel.cli; print('\\n'.join(name.split('.')[0] for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(loaded.split())


def test_the_verbs_the_reference_and_the_consoles_types_are_those_of_the_instruments() -> None:
    for script in ("write_commands.py", "write_records.py", "write_api.py"):
        subprocess.run([sys.executable, f"scripts/{script}", "--check"], cwd=CHECKOUT, check=True)


@pytest.mark.long
def test_a_wheel_carries_the_console_the_compacts_the_scenarios_and_the_policies(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", str(tmp_path), "."]
    subprocess.run(build, cwd=CHECKOUT, check=True)
    (wheel,) = tmp_path.glob("laurel-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    for needed in (
        r"laurel/static/index\.html",
        r"laurel/compacts/camp-david\.toml",
        r"laurel/scenarios/.*\.toml",
        r"laurel/border/policies/releasability\.cedar",
        r"laurel/border/policies/laurel\.cedarschema",
        r"laurel/gateways/review/review\.typ",
    ):
        assert any(re.fullmatch(needed, name) for name in names), needed


@pytest.mark.xdist_group("house")
def test_tests_that_share_servers_run_on_one_worker() -> None:
    """pytest and pytest-xdist agree how a group is written; where they do not, tests of a module meet other servers."""
    grouped = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)").endswith("@house")
    assert grouped == ("PYTEST_XDIST_WORKER" in os.environ), "several workers need --dist loadgroup"
