"""Write console/src/api.ts: the types of all that a node is asked and answers, from its OpenAPI document.

`--check` writes nothing and fails when the file is not what it would write.

openapi-typescript wants a TypeScript older than ours and writes 18,000 lines, most of them of paths that the console
never names; this writes the shapes alone.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from litestar import Litestar
from litestar.serialization import encode_json

from laurel.api import make_app
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, Settings
from laurel.node.people import People
from laurel.node.serve import open_world, world_named
from laurel.node.site import Site
from laurel.node.station import Station

FILE = Path(__file__).parents[1] / "console/src/api.ts"
COMPACT = "camp-david"
REMEDY = "run .venv/bin/python scripts/write_api.py (make reference does that too)"
TOP = """/** What a node is asked and says. Written by scripts/write_api.py from the OpenAPI document; do not edit. */

/** A moment, ISO 8601 with its offset. */
export type Moment = string
"""
NAMES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
PLAIN = re.compile(r"[A-Za-z_]\w*")
TO = "#/components/schemas/"

Schema = Mapping[str, Any]


def document() -> dict[str, Any]:
    """The OpenAPI document of a node's live world, with all instruments. Nothing of it runs."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder) / "node")
        settings = Settings("JPN", "JPN", COMPACT, "127.0.0.1", 8440, 4440)
        keys.init_node(layout, settings, datetime.now(UTC))
        compact = load_compact(COMPACT)
        people, station = People(layout.people), Station(open_world(layout, world_named(COMPACT)))
        try:
            app = make_app(Site(station, layout, settings, compact, compact.title, dict, None), people)
            return json.loads(encode_json(cast("Litestar", app.inner).openapi_schema.to_schema()))
        finally:
            station.close()
            people.close()


def api_ts(openapi: Mapping[str, Any]) -> str:
    """The file's whole text."""
    shapes: Mapping[str, Schema] = openapi["components"]["schemas"]
    ways = list(_operations(openapi))
    answered = _reached([schema for _, _, answers in ways for schema in answers], shapes)
    parts = [TOP]
    for name, schema in shapes.items():
        parts.append(_shape(name, schema, asked_only=name not in answered))
    asks = {path: _written(schema) for path, schema, _ in ways if schema is not None}
    answers = {path: _written(schemas[0]) for path, schema, schemas in ways if schema is None and schemas}
    parts.append(_listed("Asks", "What is posted at each address of a world.", asks))
    parts.append(_listed("Answers", "What each address of a world answers to a look.", answers))
    return "\n".join(parts)


def _operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, Schema | None, list[Schema]]]:
    """Of each way in: its address, what is posted there (None: it is only looked at), what comes back."""
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if method != "get" and "requestBody" not in operation:
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            told = [_json_of(answer) for code, answer in operation["responses"].items() if int(code) < 400]
            yield path.removeprefix(f"/{COMPACT}/"), body, [schema for schema in told if schema]


def _json_of(answer: Mapping[str, Any]) -> Schema:
    return answer.get("content", {}).get("application/json", {}).get("schema", {})


def _reached(schemas: list[Schema], shapes: Mapping[str, Schema]) -> set[str]:
    """The names of all shapes that these are made of."""
    found: set[str] = set()
    waiting = [str(schemas)]
    while waiting:
        for name in re.findall(rf"{TO}(\w+)", waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(str(shapes[name]))
    return found


def _shape(name: str, schema: Schema, *, asked_only: bool) -> str:
    says, name = _comment(schema.get("description")), _pascal(name)
    if "properties" not in schema:
        return f"{says}export type {name} = {_written(schema)}\n"
    needed = set(schema.get("required", ()))
    fields = (
        f"  readonly {_key(field)}{'' if field in needed or (not asked_only and _told(of)) else '?'}: {_written(of)}\n"
        for field, of in schema["properties"].items()
    )
    return f"{says}export interface {name} {{\n{''.join(fields)}}}\n"


def _told(field: Schema) -> bool:
    """Whether an answer has it even where an ask may leave it out: it has a default, which may be null."""
    return "default" in field or {"type": "null"} in field.get("oneOf", ())


def _listed(name: str, says: str, types: Mapping[str, str]) -> str:
    lines = (f"  readonly {_key(path)}: {of}\n" for path, of in sorted(types.items()))
    return f"{_comment(says)}export interface {name} {{\n{''.join(lines)}}}\n"


def _pascal(name: str) -> str:
    """Where two shapes have one name, the document puts before it where each stands: `node_site_LinkRow`."""
    return "".join(part[0].upper() + part[1:] for part in name.split("_"))


def _comment(says: str | None) -> str:
    if not says:
        return ""
    lines = [line.strip() for line in says.strip().replace("*/", "* /").splitlines()]
    return (
        f"/** {lines[0]} */\n"
        if len(lines) == 1
        else "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"
    )


def _key(name: str) -> str:
    return name if PLAIN.fullmatch(name) else f"'{name}'"


def _written(schema: Schema) -> str:
    """The type of what fits it."""
    match schema:
        case {"$ref": str(to)}:
            written = _pascal(to.removeprefix(TO))
        case {"allOf": [one]}:
            written = _written(one)
        case {"oneOf": [*each]}:
            written = " | ".join(map(_written, each))
        case {"const": value}:
            written = _literal(value)
        case {"enum": [*values]}:
            written = " | ".join(map(_literal, values))
        case {"prefixItems": [*parts]}:
            written = f"readonly [{', '.join(map(_named, parts))}]"
        case {"type": "array", "items": items}:
            item = _written(items)
            written = f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
        case {"type": "object"}:
            written = _object(schema)
        case _:
            written = "Moment" if schema.get("format") == "date-time" else NAMES.get(schema.get("type", ""), "unknown")
    return written


def _object(schema: Schema) -> str:
    if "properties" in schema:
        needed = set(schema.get("required", ()))
        fields = (
            f"readonly {_key(name)}{'' if name in needed else '?'}: {_written(of)}"
            for name, of in schema["properties"].items()
        )
        return f"{{ {'; '.join(fields)} }}"
    values: Schema = schema.get("additionalProperties") or {}
    return f"Readonly<Record<string, {_written(values)}>>"


def _named(part: Schema) -> str:
    return f"{part['title']}: {_written(part)}" if "title" in part else _written(part)


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    text = api_ts(document())
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is out of date: {REMEDY}")
