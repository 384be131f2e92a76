"""What the terminal does with a node's log: count, verify and export it at any time, remake its views at rest."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.nodes.three import (
    EVERYONE,
    LIVE,
    OF_LINES,
    PLOT,
    Node,
    a_scan,
    a_sensor,
    client,
    laurel,
    make_three,
    run_nodes,
)

from laurel.instruments.exercise.commands import AnnounceAsk

RADAR = "NOTIONAL-ONE"
VERIFY_EXPORT = Path(__file__).parents[1] / "vectors" / "verify_export.py"
SCANS = 30


async def say_something(node: Node) -> None:
    await node.live.ask(node.to, "warning/register-sensor", a_sensor(RADAR), "register:0001")
    asked = AnnounceAsk("freedom-27", "Freedom 27", datetime(2027, 8, 1, tzinfo=UTC), "0" * 64, EVERYONE)
    await node.live.ask(node.to, "exercise/announce", asked, "announce:0001")
    door = node.sensor_door(RADAR)
    for number in range(SCANS):
        scan = a_scan(RADAR, datetime.now(UTC), PLOT)
        await door.ask(node.to, "warning/report-scan", scan, f"scan:{number:06}")


@pytest.mark.long
async def test_a_log_is_read_at_any_time_and_its_views_are_remade_at_rest_to_the_last_byte(tmp_path: Path) -> None:
    async with client() as to:
        node = make_three(tmp_path, to)["JPN"]
        folder = node.made.layout.folder
        async with run_nodes(node):
            await say_something(node)
            listed = await laurel("log", "list", folder, "--json")
            by = {(row["origin"], row["kind"]): row["records"] for row in listed["by"] if row["kind"] not in OF_LINES}
            assert by == node.counts()
            assert node.counts()["JPN", "warning.scan.v1"] == SCANS
            assert (await laurel("log", "verify", folder, "--json"))["faults"] == []
            assert "another process holds this world" in await laurel("log", "rebuild", folder, fails=True)

        rebuilt = await laurel("log", "rebuild", folder, "--json")
        assert rebuilt["differs"] == []
        assert rebuilt["world"] == LIVE.name
        assert len(rebuilt["views"]) > 5
        again = await laurel("log", "rebuild", folder, "--json")
        assert again["views"] == rebuilt["views"]

        verified = await laurel("log", "verify", folder, "--json")
        assert (verified["faults"], verified["held"], verified["forks"]) == ([], 0, 0)
        exported = tmp_path / "jpn.export"
        await laurel("log", "export", folder, "--to", exported)
        lines = exported.read_bytes().splitlines()
        assert len(lines) == 1 + verified["records"] == 1 + sum(node.counts(whole=True).values())
        a_stranger_verifies(exported.read_bytes())
        nobody = await laurel("log", "list", folder, "--world", "camp-david.none", fails=True)
        assert "worlds=camp-david" in nobody


def a_stranger_verifies(exported: bytes) -> None:
    """With `cryptography` alone; and finds one changed byte."""

    def holds(text: bytes) -> bool:
        return subprocess.run([sys.executable, VERIFY_EXPORT], input=text, check=False, stderr=-1).returncode == 0

    assert holds(exported)
    head, first, *rest = exported.splitlines(keepends=True)
    at = first.index(b'"payload":"') + 60
    other = b"A" if first[at : at + 1] != b"A" else b"B"
    assert not holds(b"".join([head, first[:at] + other + first[at + 1 :], *rest]))
