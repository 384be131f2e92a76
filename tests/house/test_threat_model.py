"""The threat model says of each defence which test proves it. A test that is gone takes the claim with it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!---|threat)(.+?) \|.*\|$", re.MULTILINE)


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED.findall(PAGE.read_text(encoding="utf-8")))))
def test_each_test_that_the_threat_model_names_is_there(file: str, test: str) -> None:
    assert test in names_in(ROOT / file)


def test_each_defence_names_a_test() -> None:
    defended = PAGE.read_text(encoding="utf-8").split("## What is defended")[1].split("## What is not")[0]
    rows = [row.group(0) for row in ROW.finditer(defended)]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row)] == []
