"""A public joint statement is checked without our code: by `cryptography` alone, and by a shell with openssl."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gateways.talk import Talk, joint_statement
from tests.node.worlds import MEMBERS

SCRIPT = Path(__file__).parent / "verify_statement.py"
PAGE = Path(__file__).parents[2] / "docs/verifying.md"


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return joint_statement(tmp_path_factory.mktemp("statement"))


@pytest.fixture(scope="module")
def keys(statement: Talk) -> dict[str, str]:
    return {code: key.public_key().public_bytes_raw().hex() for code, key in statement.who.keys.items()}


def verify(file: bytes, keys: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    given = [f"{code}={key}" for code, key in keys.items()]
    return subprocess.run([sys.executable, "-I", str(SCRIPT), *given], input=file, capture_output=True, check=False)


def test_a_statement_is_checked_with_cryptography_alone(statement: Talk, keys: dict[str, str]) -> None:
    ran = verify(statement.statement(), keys)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"stated by JPN KOR USA" in ran.stdout
    assert "우리는 함께한다.".encode() in ran.stdout
    tree = ast.walk(ast.parse(SCRIPT.read_text()))
    imported = {(part.module or "").partition(".")[0] for part in tree if isinstance(part, ast.ImportFrom)}
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_a_statement_under_another_key_is_refused(statement: Talk, keys: dict[str, str]) -> None:
    assert b"InvalidSignature" in verify(statement.statement(), {**keys, "KOR": keys["JPN"]}).stderr


def test_members_that_state_different_words_are_found(tmp_path: Path) -> None:
    other = joint_statement(tmp_path, text_hash="f" * 64)
    keys = {code: key.public_key().public_bytes_raw().hex() for code, key in other.who.keys.items()}
    assert b"do not state the same" in verify(other.statement(), keys).stderr


@pytest.mark.skipif(shutil.which("openssl") is None, reason="this machine has no openssl")
def test_a_statement_is_checked_by_the_shell_of_the_page(statement: Talk, keys: dict[str, str], tmp_path: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 1
    file = tmp_path / "statement.jsonl"
    file.write_bytes(statement.statement())
    for number, member in enumerate(MEMBERS, 2):
        for key, code in ((keys[member], 0), (keys["USA" if member == "JPN" else "JPN"], 1)):
            given = {**os.environ, "FILE": str(file), "LINE": str(number), "KEY": key}
            ran = subprocess.run(["bash", "-c", blocks[0]], cwd=tmp_path, env=given, capture_output=True, check=False)
            assert ran.returncode == code, ran.stdout + ran.stderr
