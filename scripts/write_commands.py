"""Write src/laurel/cli/commands.json: the verbs that follow from the instruments.

`--check` writes nothing and fails when the file is not what it would write.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, cast

import msgspec

from laurel.core.instrument import Command, Query
from laurel.instruments import INSTRUMENTS

FILE = Path(__file__).parents[1] / "src/laurel/cli/commands.json"


RAISES = re.compile(r" Raises [A-Z][^.]*\.$")


def _first_line(text: str | None) -> str:
    """What it says, without what it raises: whoever asks is told that when it happens."""
    return RAISES.sub("", (text or "").strip().splitlines()[0])


def _is_text(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return all(_is_text(one) for one in kind.types if not isinstance(one, msgspec.inspect.NoneType))
    return isinstance(
        kind,
        msgspec.inspect.StrType | msgspec.inspect.EnumType | msgspec.inspect.DateTimeType | msgspec.inspect.LiteralType,
    )


def _fields(ask: type[msgspec.Struct]) -> list[dict[str, Any]]:
    described = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(ask))
    return [
        {
            "name": field.encode_name,
            "says": _says(field.type),
            "text": _is_text(field.type),
            "needed": field.required,
        }
        for field in described.fields
    ]


def _says(kind: msgspec.inspect.Type) -> str:
    if isinstance(kind, msgspec.inspect.UnionType):
        return " or ".join(_says(one) for one in kind.types)
    if isinstance(kind, msgspec.inspect.StructType):
        return f"{kind.cls.__name__}: " + ", ".join(field.encode_name for field in kind.fields)
    if isinstance(kind, msgspec.inspect.EnumType):
        return " | ".join(str(one.value) for one in kind.cls)
    return type(kind).__name__.removesuffix("Type").lower()


def _verb(made: Command[Any] | Query[Any, Any]) -> dict[str, Any]:
    asks = isinstance(made, Command)
    doc = made.decide.__doc__ if isinstance(made, Command) else made.answer.__doc__
    return {
        "name": made.name,
        "says": _first_line(made.ask.__doc__ if asks else doc),
        "asks": asks,
        "confirm": made.confirm if isinstance(made, Command) else None,
        "drill": made.drill if isinstance(made, Command) else None,
        "persons": made.persons if isinstance(made, Command) else 1,
        "fields": _fields(made.ask),
    }


def _for_people(made: Command[Any] | Query[Any, Any]) -> bool:
    return isinstance(made, Query) or made.for_people


def commands_json() -> str:
    """The file's whole text."""
    listed = [
        {
            "name": one.name,
            "purpose": _first_line(sys.modules[f"laurel.instruments.{one.name}"].__doc__),
            "verbs": [_verb(made) for made in (*one.commands, *one.queries) if _for_people(made)],
        }
        for one in INSTRUMENTS
    ]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    text = commands_json()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is out of date: run make reference")
