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

import msgspec
import pytest
from tests.node.nodes import make_nodes, report, running
from tests.node.worlds import LIVE, deliver, log_of, wrapped

from laurel.core.instrument import Role
from laurel.core.record import Precedence, Record, decode, seal
from laurel.instruments.line.gaps import DeclareGap
from laurel.node.asked import Asked
from laurel.node.author import Author
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


@pytest.fixture(scope="module")
def with_gap(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ledger.Verified]:
    """The export, and the verdict on the log, of a node that was told of a gap and found a part of it again."""
    nodes = make_nodes(tmp_path_factory.mktemp("gap"))
    with running(nodes["JPN"]) as japan, running(nodes["KOR"]) as korea:
        report(japan, "one", to="KOR")
        [first] = log_of(japan)
        ask = DeclareGap(("JPN", "KOR"), Precedence.PRIORITY, 2, 20, "restored Monday's backup")
        officer = Author("officer:abe", frozenset({Role.ADMINISTRATOR}))
        japan.say(Asked(officer, "line/declare-gap", ask, "gap:1"))
        report(japan, "after", to="KOR")
        deliver(japan, korea)
        lost: Record[Any] = msgspec.structs.replace(decode(first.payload), number=2, prev=first.id, salt=bytes(16))
        found = seal(lost, japan.key, first.key_id)
        assert korea.receive("JPN", [wrapped(found, key=japan.roster.sealing_of("KOR"))]).places == {"found": 1}
    to = io.BytesIO()
    ledger.export(nodes["KOR"], LIVE, to)
    return to.getvalue(), ledger.verify(nodes["KOR"], LIVE)


def test_a_log_with_a_declared_gap_verifies_with_our_code_and_without(with_gap: tuple[bytes, ledger.Verified]) -> None:
    exported, verdict = with_gap
    assert (verdict["faults"], verdict["gaps"], verdict["records"]) == ([], 1, 4)
    assert verify(exported).returncode == 0
    numbers = [json.loads(base64.b64decode(json.loads(one)["payload"]))["number"] for one in exported.splitlines()[1:]]
    assert numbers == [1, 21, 22, 2]


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
