"""How verbs print: JSON for programs, tables and plain lines for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer

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
        if isinstance(part, list) and part and isinstance(part[0], Mapping):
            _show_rows(name, cast("list[Any]", part))
        elif part not in (None, [], {}):
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

    columns = list(cast("Mapping[str, Any]", rows[0]))
    table = Table(*columns, title=name or None, title_justify="left", box=None, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return str(value)
