"""Write docs/records.md: every kind of record, from the instruments themselves.

`--check` writes nothing and fails when the file is not what it would write.
"""

from __future__ import annotations

import sys
import typing
from inspect import getdoc
from pathlib import Path
from typing import Any

import msgspec

from laurel.core.instrument import Kind
from laurel.core.record import Record
from laurel.instruments import INSTRUMENTS

FILE = Path(__file__).parents[1] / "docs" / "records.md"
TOP = """# Records

Written by `make reference` from the instruments; do not edit. Every record has the fields of `Record` and a
body of its kind. Who may have one is decided by its label alone.
"""


def _type_name(hint: Any) -> str:
    """The type as its author wrote it, without module names and limits."""
    if typing.get_origin(hint) is typing.Annotated:
        return _type_name(typing.get_args(hint)[0])
    arguments = typing.get_args(hint)
    if not arguments:
        return "null" if hint is type(None) else getattr(hint, "__name__", str(hint))
    names = ["…" if one is Ellipsis else _type_name(one) for one in arguments]
    origin = typing.get_origin(hint)
    if origin is tuple:
        return f"[{', '.join(names)}]"
    return " or ".join(names)


def _fields(struct: type[Any]) -> list[str]:
    hints = typing.get_type_hints(struct, include_extras=True)
    return [f"| `{one.name}` | {_type_name(hints[one.name])} |" for one in msgspec.structs.fields(struct)]


def _table(struct: type[Any]) -> str:
    return "\n".join(["| field | type |", "|---|---|", *_fields(struct)])


def _parts(struct: type[Any]) -> list[type[msgspec.Struct]]:
    """The structs that a struct's fields are made of, each once."""
    found: list[type[msgspec.Struct]] = []
    waiting: list[Any] = list(typing.get_type_hints(struct, include_extras=True).values())
    while waiting:
        hint = waiting.pop(0)
        waiting += typing.get_args(hint)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in found:
            found.append(hint)
            waiting += typing.get_type_hints(hint, include_extras=True).values()
    return found


def _kind(kind: Kind[Any]) -> str:
    kept = "for ever" if kind.keeps is None else f"{kind.keeps.days} days"
    text = f"### `{kind.name}`\n\n{getdoc(kind.body)}\n\nKept {kept}.\n\n{_table(kind.body)}\n"
    for part in _parts(kind.body):
        text += f"\n`{part.__name__}`: {getdoc(part)}\n\n{_table(part)}\n"
    return text


def records_md() -> str:
    """The file's whole text."""
    parts = [TOP, f"## Record\n\n{getdoc(Record)}\n\n{_table(Record)}\n"]
    for instrument in INSTRUMENTS:
        purpose = (sys.modules[f"laurel.instruments.{instrument.name}"].__doc__ or "").strip()
        parts.append(f"## {instrument.name}\n\n{purpose}\n")
        parts.extend(_kind(kind) for kind in instrument.kinds)
    return "\n".join(parts)


if __name__ == "__main__":
    text = records_md()
    if "--check" not in sys.argv:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is out of date: run make reference")
