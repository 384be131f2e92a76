"""Where scenarios lie, and what an exercise of one is called."""

from __future__ import annotations

import re
from pathlib import Path

import laurel
from laurel.core.errors import Nothing


def find_scenario(name: str) -> Path:
    """The file of a scenario: a path, or a name in `scenarios/`. Raises Nothing."""
    package = Path(laurel.__file__).parent
    inside = package / "scenarios"
    folder = inside if inside.is_dir() else package.parents[1] / "scenarios"
    for file in (Path(name), folder / f"{name}.toml"):
        if file.is_file():
            return file
    known = sorted(file.stem for file in folder.glob("*.toml"))
    raise Nothing(scenario=name, there_are=", ".join(known))


def exercise_name(file: Path) -> str:
    """A name for an exercise after its file: small letters, digits and hyphens, 40 at most."""
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:40].strip("-") or "demo"
