"""What several folders of tests stand on: the reference data and the browser."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).parent.parent
# Not ours to commit: each test that reads it says so by asking for `shared_data`.
SHARED_DATA = Path(os.environ.get("LAUREL_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
# Signing in, a message, play: what everybody meets first.
BROWSED_AT_ONCE = frozenset({"test_sign_in", "test_hotline", "test_exercise_play"})
# Exercises that go from moment to moment and wait for nothing: whatever else is computed, they say the same.
STEPPED = frozenset({"test_checkpoints", "test_show_same_again"})
# In seconds of the Unix epoch. A run that is cut off tells nothing; one that leaves tests out names each of them.
LONG_BEGIN_BY_S = float(os.environ.get("LAUREL_LONG_BEGIN_BY", "inf"))

# The first call of a compiled function may take seconds. On a desk every run draws new examples; CI draws the same
# ones for the same tests, so that a change is judged by what it changed.
settings.register_profile("laurel", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("laurel")


# Before pytest-xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's own event loop stays in the process, and asyncio allows no second one.

    Those of one file share a browser and a feed, so they run in one worker. `make test` opens a browser for a few
    rooms alone; those marked long are walks through every room, size and language. Of the other long tests, those that
    start nodes and keep the time of the world run one after the other, beside those that only compute.
    """
    items.sort(key=_in_a_browser)
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.walk)
            elif item.path.stem not in BROWSED_AT_ONCE and _in_a_browser(item):
                item.add_marker(pytest.mark.long)
        elif item.get_closest_marker("long") and item.path.parent.name in {"nodes", "gateways"}:
            item.add_marker(pytest.mark.xdist_group(item.path.stem if item.path.stem in STEPPED else "nodes"))
        for attack in item.iter_markers("attack"):
            item.user_properties.append(("attack", attack.args[0]))


# Before the fixtures are made.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A long test for which there is no time is left out, by its name."""
    if item.get_closest_marker("long") and time.time() > LONG_BEGIN_BY_S:
        pytest.skip("no time left to begin it")


def _in_a_browser(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "browser_type_launch_args" in item.fixturenames


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many attacks of each kind were tried, and how many were refused."""
    tried, refused = Counter[str](), Counter[str]()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, kind in report.user_properties:
                if name == "attack" and report.when == "call":
                    tried[str(kind)] += 1
                    refused[str(kind)] += outcome == "passed"
    if tried:
        terminalreporter.section("attacks")
        for kind in sorted(tried):
            terminalreporter.write_line(f"{kind:20} {refused[kind]:4} of {tried[kind]:4} refused")
        terminalreporter.write_line(f"{'all':20} {refused.total():4} of {tried.total():4} refused")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of reference data, beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("reference data absent: ../shared/data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's own Chromium, drawing WebGL without a graphics card and calling nobody."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    executable = next((path for name in names if (path := shutil.which(name))), None)
    if executable is None:
        pytest.skip("no Chromium: install chromium, or name one in CHROMIUM")
    return {
        **browser_type_launch_args,
        "executable_path": executable,
        "args": [
            "--no-sandbox",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            "--ignore-gpu-blocklist",
        ],
    }
