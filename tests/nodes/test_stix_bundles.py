"""STIX bundles at a node's doors and at its terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.nodes.door import Served, served
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.instrument import Role

ATTACK = Path("/work/shared/data/attack/ics-attack.json")


@dataclass(frozen=True)
class Desk:
    node: Served
    folder: Path

    async def run(self, *arguments: str | Path, fails: bool = False) -> Any:
        given = [*map(str, arguments), "--json", "--url", self.node.url, "--token", str(self.folder / "token")]
        ran = await asyncio.to_thread(CliRunner().invoke, app, given)
        assert (ran.exit_code != 0) is fails, f"{ran.output}{ran.exception!r}"
        return f"{ran.exception}" if fails else json.loads(ran.stdout)


@asynccontextmanager
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    async with served(folder) as node:
        (folder / "token").write_text(node.people.program("test", [Role.ANALYST]))
        yield Desk(node, folder)


async def test_smoke(tmp_path: Path) -> None:
    import time

    async with desk(tmp_path) as at:
        t = time.time()
        shared = await at.run(
            "cyber", "share-bundle", ATTACK, "--to", "", "--classification", "UNCLASSIFIED", "--tlp", "TLP:CLEAR"
        )
        print("share", time.time() - t, {**shared, "records": len(shared["records"])})
        t = time.time()
        again = await at.run(
            "cyber", "share-bundle", ATTACK, "--to", "", "--classification", "UNCLASSIFIED", "--tlp", "TLP:CLEAR"
        )
        print("again", time.time() - t, again)
        for verb in ("objects", "collections", "indicators", "events", "advisories", "markings", "findings", "bundles"):
            t = time.time()
            found = await at.run("cyber", verb)
            print(verb, time.time() - t, str(found)[:300])
        t = time.time()
        out = tmp_path / "out.json"
        await at.run("cyber", "export", "--to", out, "--up-to", "TLP:AMBER+STRICT", "--bundle", shared["bundle"])
        print("export", time.time() - t)
        assert json.loads(out.read_text())["objects"][3] == json.loads(ATTACK.read_text())["objects"][3]
