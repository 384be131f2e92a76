"""What the console reads of an answer, by the types in one of its files."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "console" / "src"


def interfaces(file: str) -> dict[str, set[str]]:
    """The fields of each interface in that file, with those of what it extends."""
    text = (SOURCE / file).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, base, body in re.findall(r"interface (\w+)(?: extends (\w+))? {\n(.*?)\n}", text, re.DOTALL):
        found[name] = set(re.findall(r"^  readonly (\w+)", body, re.MULTILINE)) | found.get(base, set())
    return found
