"""The document that forms are built from says what msgspec takes, for every command of every instrument."""

from __future__ import annotations

import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from laurel.core.instrument import Command
from laurel.instruments import INSTRUMENTS

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_api.py"
COMMANDS = {
    f"{instrument.name}/{command.name}": command
    for instrument in INSTRUMENTS
    for command in instrument.commands
    if command.for_people
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of a live world."""
    return runpy.run_path(str(SCRIPT))["document"]()


@cache
def doors() -> Any:
    """What makes asks that fit the document."""
    return schemathesis.openapi.from_dict(document())


def _as_forms_write(value: Any) -> Any:
    """Whole numbers without a point, where JSON Schema takes 3.0 for one, and an audience that has its origin."""
    match value:
        case {"classification": classification, "rel_to": _}:
            return {"classification": classification, "rel_to": ["JPN", "USA"], "caveats": []}
        case dict():
            return {name: _as_forms_write(one) for name, one in cast("dict[str, Any]", value).items()}
        case list():
            return [_as_forms_write(one) for one in cast("list[Any]", value)]
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case _:
            return value


def test_the_document_says_of_every_command_and_of_nothing_else_what_a_form_must_say() -> None:
    said = {
        path.split("/", 2)[2]: (way["post"]["x-persons"], tuple(way["post"]["x-roles"]), way["post"].get("x-confirm"))
        for path, way in document()["paths"].items()
        if "x-persons" in way.get("post", {})
    }
    assert said == {path: (one.persons, tuple(sorted(one.roles)), one.confirm) for path, one in COMMANDS.items()}


@pytest.mark.parametrize("path", COMMANDS)
def test_what_fits_the_document_is_taken(path: str) -> None:
    command: Command[Any] = COMMANDS[path]
    operation = doors()[f"/camp-david/{path}"]["POST"]

    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=cast("Any", list(HealthCheck)),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def takes(case: Any) -> None:
        written = json.dumps(_as_forms_write(case.body)).encode()
        msgspec.json.decode(written, type=command.ask)

    takes()
