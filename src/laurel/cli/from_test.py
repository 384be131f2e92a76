"""A verb of the exercise instrument that needs no node: a scenario made from a published test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField, Nothing

TESTS = Path("../shared/data/missile-tests")


def from_test(
    date: Annotated[str, typer.Argument(help="Day of the test, UTC or local: 2022-10-04; or its slug: 2022-01-04-1.")],
    tests: Annotated[
        Path, typer.Option("--tests", help="Folder with test.en.json and facility.en.json of nk-missile-tests.")
    ] = TESTS,
    sensors: Annotated[
        str, typer.Option("--sensors", help="The scenario whose sensors it gets: a name or a file.")
    ] = "2022-10-04-overflight",
    out: Annotated[Path | None, typer.Option("--out", help="A new file for it; standard output if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a scenario from a published missile test. What nobody published stands in it as assumed.

    Example: laurel exercise from-test 2017-11-28 --out mine.toml, then laurel demo --scenario mine.toml
    """
    from laurel.gateways.demo.find import find_scenario
    from laurel.gateways.from_test import find_test, scenario_of
    from laurel.gateways.missile_tests import read_tests

    if out is not None and out.exists():
        raise BadField(field="out", value=str(out), why="the file exists: name a new one")
    listed = read_tests(_read(tests / "test.en.json"), _read(tests / "facility.en.json"))
    line = find_test(listed.lines, date)
    text = scenario_of(line, find_scenario(sensors).read_bytes())
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if as_json:
        show({"test": line.slug, "file": None if out is None else str(out), "scenario": text}, as_json=True)
    elif out is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(f"{line.slug} is in {out}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Nothing(file=str(file), why=error.strerror, needed="--tests, the folder of nk-missile-tests") from None


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of the exercise instrument."""
    groups["exercise"].command("from-test")(from_test)
