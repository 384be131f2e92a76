"""The console's types are what the node reads and writes, however the node's types are made."""

from __future__ import annotations

import json
import runpy
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar import Litestar, post
from litestar.openapi import OpenAPIConfig
from litestar.params import JSONBody
from litestar.serialization import encode_json
from msgspec import Meta, Struct

from laurel.api.described import Described

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_api.py"


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Corner(Struct, frozen=True, array_like=True):
    """Where."""

    lat_deg: float
    lon_deg: float | None


class Sparse(Struct, frozen=True, omit_defaults=True):
    """What is left out is not null."""

    line: int
    mistake: str | None = None


class Whole(Struct, frozen=True):
    """What is answered.

    In full.
    """

    at: datetime
    corners: Annotated[tuple[Corner, ...], Meta(min_length=3, max_length=9)]
    colour: Colour
    state: Literal["open", "shut"]
    limit: Annotated[float, Meta(ge=0, le=9)] | None = None
    names: tuple[str, ...] = ()
    pair: tuple[int, str] = (1, "a")
    by_name: dict[str, Sparse] = {}


class PaintAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked."""

    name: Annotated[str, Meta(min_length=1, pattern="^a")]
    colour: Colour | None = None
    many: bool = False


@post("/camp-david/house/paint", status_code=200)
async def paint(data: JSONBody[PaintAsk]) -> Whole:
    del data
    raise NotImplementedError


def document() -> dict[str, Any]:
    app = Litestar([paint], plugins=[Described()], openapi_config=OpenAPIConfig(title="a house", version="1"))
    return json.loads(encode_json(app.openapi_schema.to_schema()))


def test_types_follow_from_the_document_to_the_letter() -> None:
    written = runpy.run_path(str(SCRIPT))["api_ts"](document())
    assert (
        written.partition("export type Moment = string\n\n")[2]
        == """\
export type Colour = 'red' | 'green'

/** Where. */
export type Corner = readonly [lat_deg: number, lon_deg: number | null]

/** What is asked. */
export interface PaintAsk {
  readonly name: string
  readonly colour?: Colour | null
  readonly many?: boolean
}

/** What is left out is not null. */
export interface Sparse {
  readonly line: number
  readonly mistake?: string
}

/**
 * What is answered.
 *
 * In full.
 */
export interface Whole {
  readonly at: Moment
  readonly corners: readonly Corner[]
  readonly colour: Colour
  readonly state: 'open' | 'shut'
  readonly limit: number | null
  readonly names: readonly string[]
  readonly pair: readonly [number, string]
  readonly by_name: Readonly<Record<string, Sparse>>
}

/** What is posted at each address of a world. */
export interface Asks {
  readonly 'house/paint': PaintAsk
}

/** What each address of a world answers to a look. */
export interface Answers {
}
"""
    )


def test_the_document_binds_what_may_stand_in_a_field_as_the_node_does() -> None:
    """By msgspec's own description of the same types, which the HTTP library's loses some of."""
    ours = document()["components"]["schemas"]
    (_, _), theirs = msgspec.json.schema_components((PaintAsk, Whole), ref_template="#/components/schemas/{name}")
    assert ours["PaintAsk"]["properties"]["name"] == theirs["PaintAsk"]["properties"]["name"]
    assert ours["PaintAsk"]["additionalProperties"] is False
    assert ours["Whole"]["properties"]["corners"] == theirs["Whole"]["properties"]["corners"]
    assert ours["Whole"]["properties"]["limit"]["oneOf"][0] == {"type": "number", "minimum": 0, "maximum": 9}
    assert ours["Whole"]["required"] == sorted(theirs["Whole"]["required"])
