"""Verbs of the exercise instrument that need no node: the MSEL of a plan as a table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from laurel.cli.exercise import PlanFile, file_content
from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField

TABLES = ".xlsx or .csv"


def sheet(
    plan: PlanFile,
    to: Annotated[Path, typer.Option("--to", help=f"A new file, {TABLES}.")],
    as_json: AsJson = False,
) -> None:
    """Write the MSEL as a table to work on: a workbook with objectives and cells beside it, or CSV.

    Example: laurel exercise sheet plan.toml --to msel.xlsx, then laurel exercise from-sheet msel.xlsx --into plan.toml
    """
    from laurel.gateways.exercise.workbook import to_workbook
    from laurel.instruments.exercise.plan.msel import parse
    from laurel.instruments.exercise.plan.sheet import to_csv

    kind = _kind(to, "to")
    if to.exists():
        raise BadField(field="to", value=str(to), why="the file exists: name a new one")
    read = parse(file_content(plan))
    # A spreadsheet takes a CSV for UTF-8 by its first letter.
    to.write_bytes(to_workbook(read) if kind == ".xlsx" else to_csv(read.injects).encode("utf-8-sig"))
    show({"wrote": str(to), "injects": len(read.injects), "expected_actions": len(read.expected)}, as_json=as_json)


def from_sheet(
    table: Annotated[Path, typer.Argument(help=f"A table that laurel exercise sheet wrote: {TABLES}.")],
    into: Annotated[Path, typer.Option("--into", help="The plan's TOML file; its comments and order stay.")],
    as_json: AsJson = False,
) -> None:
    """Put what a table says into a plan. A wrong table changes nothing, and is told by sheet, row and column."""
    from laurel.gateways.exercise.into import put_into
    from laurel.gateways.exercise.workbook import Sheets, from_workbook
    from laurel.instruments.exercise.plan.sheet import from_csv
    from laurel.node.home.layout import write_file

    content = file_content(table)
    said = from_workbook(content) if _kind(table, "table") == ".xlsx" else Sheets(from_csv(_utf8(content)))
    put = put_into(file_content(into), said)
    write_file(into, put.text.encode())
    told = {
        "wrote": str(into),
        "added": list(put.added),
        "removed": list(put.removed),
        "changed": list(put.changed),
        "next": f"laurel exercise check {into}",
    }
    show(told, as_json=as_json)


def _kind(file: Path, field: str) -> str:
    if file.suffix.lower() not in {".xlsx", ".csv"}:
        raise BadField(field=field, value=str(file), must_be=f"a file of {TABLES}")
    return file.suffix.lower()


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadField(field="table", why=f"not UTF-8 ({error}): save it as CSV UTF-8, or as XLSX") from None


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of the exercise instrument."""
    groups["exercise"].command("sheet")(sheet)
    groups["exercise"].command("from-sheet")(from_sheet)
