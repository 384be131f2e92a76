"""How verbs print: JSON for programs, tables and plain lines for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer

WITHIN_A_ROW = 5
"""So many lines are printed of a list that stands within a row of a table; --json has all."""
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def show(value: Any, *, as_json: bool) -> None:
    """Print a result."""
    if as_json:
        typer.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))
    elif isinstance(value, Mapping):
        _show_mapping(cast("Mapping[str, Any]", value))
    elif isinstance(value, list):
        _show_rows("", cast("list[Any]", value))
    else:
        typer.echo(str(value))


def _show_mapping(value: Mapping[str, Any]) -> None:
    for name, part in value.items():
        if _is_table(part):
            _show_rows(name, cast("list[Any]", part))
        elif _is_there(part):
            typer.echo(f"{name:<16} {_cell(part)}")


def _show_rows(name: str, rows: Sequence[Any]) -> None:
    if not rows:
        typer.echo("nothing")
        return
    if not isinstance(rows[0], Mapping):
        for row in rows:
            typer.echo(_cell(row))
        return
    from rich.console import Console
    from rich.table import Table

    filled = [
        column for column in cast("Mapping[str, Any]", rows[0]) if any(_is_there(row.get(column)) for row in rows)
    ]
    within = [column for column in filled if any(_is_table(row.get(column)) for row in rows)]
    columns = [column for column in filled if column not in within]
    table = Table(*columns, title=name or None, title_justify="left", box=None, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    # What people wrote is text: a bracket is no markup, a word between colons no picture.
    Console(markup=False, emoji=False).print(table)
    for row in rows:
        for column in within:
            if row.get(column):
                _show_within(f"{_cell(row.get(columns[0]))} {column}" if columns else column, row[column])


def _show_within(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A list within a row: a line for each, of what is there; what has lines of its own stands below."""
    typer.echo(f"\n{title}")
    for row in rows[:WITHIN_A_ROW]:
        there = {name: part for name, part in row.items() if part is not False and _is_there(part)}
        long = [part for part in there.values() if isinstance(part, str) and "\n" in part]
        said = (name if part is True else f"{name} {_cell(part)}" for name, part in there.items() if part not in long)
        typer.echo("  " + "  ".join(said))
        for line in (line for part in long for line in part.splitlines()):
            typer.echo(f"    {line}")
    if len(rows) > WITHIN_A_ROW:
        typer.echo(f"  and {len(rows) - WITHIN_A_ROW} more: --json")


def _is_table(part: Any) -> bool:
    """Whether this is a list of rows."""
    rows = cast("list[Any]", part) if isinstance(part, list) else []
    return bool(rows) and isinstance(rows[0], Mapping)


def _is_there(part: Any) -> bool:
    """Whether there is anything to print."""
    return part not in (None, "", [], {})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 60 else f"{text[:57]}..."
    # Seconds are what people read of a time; --json has the rest.
    moment = _MOMENT.fullmatch(str(value))
    return str(value) if moment is None else f"{moment[1]} {moment[2]}Z"
