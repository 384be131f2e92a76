"""A log verifies without our code: ten lines and the `cryptography` package are enough."""

from __future__ import annotations

import ast
import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.node.nodes import make_nodes, report, running
from tests.node.worlds import LIVE, deliver

from laurel.node.keep import ledger

SCRIPT = Path(__file__).parent / "verify_export.py"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The export of a node that has said three records and heard two."""
    nodes = make_nodes(tmp_path_factory.mktemp("export"))
    with running(nodes["JPN"]) as japan, running(nodes["KOR"]) as korea:
        report(japan, "one", "警報", "three", to="KOR")
        report(korea, "four", "five", to="JPN")
        deliver(korea, japan)
    to = io.BytesIO()
    ledger.export(nodes["JPN"], LIVE, to)
    return to.getvalue()


def verify(exported: bytes) -> subprocess.CompletedProcess[bytes]:
    """The script, with neither our code nor our settings in its reach."""
    return subprocess.run([sys.executable, "-I", str(SCRIPT)], input=exported, capture_output=True, check=False)


def test_the_script_is_ten_lines_and_needs_cryptography_alone() -> None:
    lines = [line for line in SCRIPT.read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 10
    tree = ast.walk(ast.parse(SCRIPT.read_text()))
    imported = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    tree = ast.walk(ast.parse(SCRIPT.read_text()))
    imported |= {(node.module or "").partition(".")[0] for node in tree if isinstance(node, ast.ImportFrom)}
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_an_export_verifies_without_our_code(export: bytes) -> None:
    assert len(export.splitlines()) == 6
    result = verify(export)
    assert (result.returncode, result.stderr) == (0, b"")


def with_envelope(export: bytes, change: Callable[[Any], None]) -> bytes:
    """The export with its third record changed."""
    lines = export.splitlines()
    one = json.loads(lines[3])
    change(one)
    lines[3] = json.dumps(one).encode()
    return b"\n".join(lines)


def alter_word(one: Any) -> None:
    payload = base64.b64decode(one["payload"])
    assert b'"three"' in payload
    one["payload"] = base64.b64encode(payload.replace(b'"three"', b'"seven"')).decode()


def alter_signature(one: Any) -> None:
    signature = bytearray(base64.b64decode(one["signatures"][0]["sig"]))
    signature[10] ^= 1
    one["signatures"][0]["sig"] = base64.b64encode(signature).decode()


def alter_type(one: Any) -> None:
    one["payloadType"] = one["payloadType"].replace("v1", "v2")


@pytest.mark.parametrize("change", [alter_word, alter_signature, alter_type])
def test_an_export_with_one_byte_altered_does_not_verify(change: Callable[[Any], None], export: bytes) -> None:
    result = verify(with_envelope(export, change))
    assert result.returncode == 1
    assert b"InvalidSignature" in result.stderr


def test_an_export_under_other_keys_does_not_verify(export: bytes) -> None:
    head, *rest = export.splitlines()
    public = json.loads(head)["keys"]
    [ours], [theirs] = (public[code].values() for code in ("JPN", "KOR"))
    swapped = head.replace(ours.encode(), b"x").replace(theirs.encode(), ours.encode())
    result = verify(b"\n".join([swapped.replace(b"x", theirs.encode()), *rest]))
    assert b"InvalidSignature" in result.stderr
