"""The console's words in one language, as its sources have them: what a test looks for on a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parents[2] / "console" / "src" / "words"
TEXT = r"(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")"
ENTRY = re.compile(rf"^  '([^']+)':\s*(?:\{{\s*one:\s*{TEXT},\s*other:\s*{TEXT},?\s*\}}|{TEXT}),", re.MULTILINE)


@cache
def words(language: str) -> dict[str, str]:
    """Every key's words in `language`; where a number chooses, those of many."""
    found: dict[str, str] = {}
    for file in sorted((WORDS / language).glob("*.ts")):
        for key, *texts in ENTRY.findall(file.read_text(encoding="utf-8")):
            text = next((one for one in reversed(texts) if one), "")
            found[key] = re.sub(r"\\u\{?([0-9a-f]{4,5})\}?", lambda code: chr(int(code[1], 16)), text).replace(
                "\\'", "'"
            )
    return found


def say(language: str, key: str, **values: str | int) -> str:
    """The words of `key`, with `values` filled in."""
    return re.sub(r"\{(\w+)\}", lambda hole: str(values.get(hole[1], hole[0])), words(language)[key])
