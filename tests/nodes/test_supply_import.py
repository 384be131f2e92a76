"""A data set comes in by the terminal: whole, once, with what lacks in it said; and nothing of it leaves the house."""

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
from laurel.core.record import decode
from laurel.gateways.chips import COLUMNS

ROWS = {
    "inputs.csv": (
        "N1,Gallium,material_resource,Materials,A metal,2021,,Shares by site,A survey",
        "N2,Wafers,material_resource,Materials,Thin discs,2021,,,",
    ),
    "providers.csv": (
        "P1,Notional Metals,NM,organization,JPN",
        "P2,KOR,,country,KOR",
        "P3,Notional Wafers,,cooperative,USA",
    ),
    "provision.csv": ("P1,N1,60,2021,A report", "P1,N2,a lot,2021,A report", "P2,N2,50,2021,A report"),
    "sequence.csv": ("N1,N2,",),
    "stages.csv": ("S1,Materials,What it is made of,,,",),
}


@dataclass(frozen=True)
class Desk:
    """A node, and a terminal at it."""

    node: Served
    folder: Path

    async def run(self, *arguments: str, fails: bool = False) -> Any:
        given = [*arguments, "--json", "--url", self.node.url, "--token", str(self.folder / "token")]
        ran = await asyncio.to_thread(CliRunner().invoke, app, given)
        assert (ran.exit_code != 0) is fails, f"{ran.output}{ran.exception!r}"
        return f"{ran.exception}" if fails else json.loads(ran.stdout)

    async def take_in(self, **options: str) -> Any:
        given = [text for name, value in options.items() for text in (f"--{name}", value)]
        return await self.run("supply", "import", str(self.folder / "set"), *given)


@asynccontextmanager
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    (folder / "set").mkdir()
    for name, rows in ROWS.items():
        text = "\n".join((",".join(COLUMNS[name]), *rows))
        (folder / "set" / name).write_text(text, encoding="utf-8")
    async with served(folder) as node:
        (folder / "token").write_text(node.people.program("test", [Role.ANALYST]))
        yield Desk(node, folder)


async def test_a_data_set_is_taken_in_once_and_says_what_lacks_in_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        first = await at.take_in()
        assert (first["inputs"], first["edges"], first["licence"].partition(":")[0]) == (2, 1, "CC BY-NC 4.0")
        lines = [one["words"] for one in first["findings"] if one["sort"] == "left-out"]
        assert any("cooperative" in line for line in lines)
        assert any("a lot" in line for line in lines)
        assert first["records_said"] > 1
        assert (await at.take_in())["records_said"] == 0
        store = at.node.site.station.inner.store
        with store.reading() as from_:
            kinds = ("supply.dataset-put.v1", "supply.rows-put.v1")
            kept = [decode(one.payload) for kind in kinds for one in store.of_kind(from_, kind)]
        assert len(kept) == first["records_said"]
        assert {record.label.rel_to for record in kept} == {("JPN",)}
        [found] = await at.run("search", "notional", "metals")
        assert (found["kind"], found["banner"]) == ("supply.rows-put.v1", "SECRET//REL TO JPN")
        assert found["excerpt"].startswith("Notional Metals")
        assert await at.run("search", "nowhere") == []


async def test_of_two_sets_of_a_name_the_one_imported_last_holds_whichever_it_is(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.take_in()
        provision = tmp_path / "set" / "provision.csv"
        before = provision.read_text(encoding="utf-8")
        for text in (before.replace(",60,", ",70,"), before):
            provision.write_text(text, encoding="utf-8")
            told = await at.take_in()
            held = [one["digest"] for one in (await at.run("supply", "datasets"))["datasets"] if one["holds"]]
            assert held == [told["digest"]]
        await at.take_in(name="own", market="JPN")
        listed = (await at.run("supply", "datasets"))["datasets"]
        assert {one["name"] for one in listed if one["holds"]} == {"chips", "own"}


async def test_a_folder_without_such_files_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        (tmp_path / "set" / "stages.csv").unlink()
        refused = await at.run("supply", "import", str(tmp_path / "set"), fails=True)
        assert "stages.csv" in refused
        (tmp_path / "set" / "stages.csv").write_bytes(b"\xff\xfe\x00")
        assert "stages.csv" in await at.run("supply", "import", str(tmp_path / "set"), fails=True)
