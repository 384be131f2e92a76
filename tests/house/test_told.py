"""What the node says in English is said on the page in every language that the page speaks."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from msgspec import inspect as of
from tests.house.sentences import PIECE, Module, Source, assigned, called, read

from laurel.core.instrument import Command
from laurel.core.label import Label
from laurel.instruments import INSTRUMENTS
from laurel.instruments.warning import judgement
from laurel.instruments.warning.picture_types import NoticeFit
from laurel.instruments.warning.vehicle_class import CLASSES

ROOT = Path(__file__).parents[2]
TOLD = ROOT / "console/src/told"
LANGUAGES = ("ja", "ko")
MOST_LINES = 400

REFUSED_BY = ("laurel.core", "laurel.border", "laurel.instruments", "laurel.api", "laurel.node")
"""Whose refusals an officer can meet in the console."""
ELSEWHERE = (
    "laurel.api.taxii",
    "laurel.border.parcel",
    "laurel.border.relay",
    "laurel.border.sealing",
    "laurel.instruments.warning.score",
    "laurel.instruments.warning.tracker",
    "laurel.node.carry",
    "laurel.node.home",
    "laurel.node.keep",
    "laurel.node.members",
    "laurel.node.run",
    "laurel.node.services",
)
"""Whose refusals are met in a terminal, by a peer or by a program alone."""

SEEN = {
    "Warn": ("words",),
    "Outlook": ("because",),
    "NoticeMatch": ("time", "place", "path", "words"),
    "SensorDoubt": ("why",),
    "Suspect": ("why",),
    "Alert": ("words",),
    "Closing": ("words",),
    "ReadyPublicAlert": ("question",),
}
IN_ROOMS = {
    "ConsultationRow": ("waits_for_us", "state"),
    "Finding": ("words", "remedy"),
    "NotShared": ("why",),
    "WhatIf": ("words",),
}
ON_THE_DOCKET = {"Item": ("title", "state", "summary")}
SEEN_BIT_BY_BIT = {
    "laurel.instruments.warning.notices": ("_path", "_into_areas"),
    "laurel.instruments.warning.public_alert": ("_doubt",),
}
ROOMS_BIT_BY_BIT = {
    "laurel.instruments.region.reports": ("_doubts",),
    "laurel.node.witness": ("compare", "_story_of", "_other_story"),
}
"""Functions that put their sentences together in ways that are not followed: all that they write with a blank in it."""
CONFIDENCE = (judgement.SINGLE, judgement.IMPLAUSIBLE, judgement.TWO_OF_ONE_KIND, judgement.TWO_KINDS, *NoticeFit)
SENTENCES = frozenset({"because", "must", "must_be", "needs", "why"})
"""The facts of a refusal that are sentences."""


@cache
def source() -> Source:
    return read(ROOT / "src/laurel", "laurel")


def refusals() -> Iterator[str]:
    """What each error says, and what it says to do."""
    for module in source().modules.values():
        if module.name.startswith(REFUSED_BY) and not module.name.startswith(ELSEWHERE):
            for cls in ast.walk(module.tree):
                if isinstance(cls, ast.ClassDef):
                    for name, value in assigned(cls.body):
                        if name in {"says", "remedy"}:
                            yield from source().said(module, value)


def refused() -> Iterator[tuple[Module, ast.Call]]:
    """Where an error is made."""
    errors = source().heirs("LaurelError")
    for module in source().modules.values():
        if module.name.startswith(REFUSED_BY) and not module.name.startswith(ELSEWHERE):
            yield from ((module, call) for call in module.calls if called(call) in errors)


def facts() -> Iterator[str]:
    """What stands in the facts of an error that are sentences."""
    for module, call in refused():
        for one in call.keywords:
            if one.arg in SENTENCES:
                yield from (text for text in source().said(module, one.value) if " " in text)


def commands() -> Iterator[Command[Any]]:
    """All that have a form."""
    return (one for instrument in INSTRUMENTS for one in instrument.commands if one.for_people)


def confirmations() -> Iterator[str]:
    for instrument in INSTRUMENTS:
        for command in instrument.commands:
            yield from (words for words in (command.confirm, command.drill) if words)


def typed() -> Iterator[str]:
    """The fields of all forms. What may be one of several, or has names of its own, is typed as JSON."""
    left, seen = list(of.multi_type_info([one.ask for one in commands()])), set[type]((Label,))
    while left:
        match left.pop():
            case of.Metadata(type=inner) | of.VarTupleType(item_type=inner) | of.ListType(item_type=inner):
                left.append(inner)
            case of.UnionType() as union:
                some = [one for one in union.types if not isinstance(one, of.NoneType)]
                left += some if len(some) == 1 else []
            case of.StructType(cls=cls, fields=fields) if cls not in seen:
                seen.add(cls)
                left += [one.type for one in fields]
                yield from (one.encode_name for one in fields)
            case _:
                pass


def made_of(fields: Mapping[str, tuple[str, ...]], under: str = "laurel.") -> Iterator[str]:
    for name, wanted in fields.items():
        for module, given in source().made(name):
            if module.name.startswith(under):
                for field in wanted:
                    if field in given:
                        yield from source().said(module, given[field])


def bit_by_bit(written: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, functions in written.items():
        module = source().modules[name]
        for function in functions:
            yield from source().within(module, module.functions[function])


def names() -> Iterator[str]:
    """By which name each fact of a refusal is told."""
    for _, call in refused():
        yield from (one.arg for one in call.keywords if one.arg)


@cache
def said() -> Mapping[str, frozenset[str]]:
    """Everything, by the table in which it is found."""
    docket = {f"docket.{one.name}": made_of(ON_THE_DOCKET, f"laurel.instruments.{one.name}.") for one in INSTRUMENTS}
    each = {
        "refusals": refusals(),
        "facts": facts(),
        "names": names(),
        "asks": chain(confirmations(), (" ".join((one.ask.__doc__ or "").split()) for one in commands())),
        "commands": (one.name.replace("-", " ") for one in commands()),
        "fields": set(typed()) - set(names()),
        "seen": chain(made_of(SEEN), bit_by_bit(SEEN_BIT_BY_BIT), CLASSES, (PIECE + one for one in CONFIDENCE)),
        "offices": chain(made_of({"Item": ("offices",)}), (role for one in commands() for role in one.roles)),
        "rooms": chain(made_of(IN_ROOMS), bit_by_bit(ROOMS_BIT_BY_BIT)),
        **docket,
    }
    found = {name: frozenset(sentences) for name, sentences in each.items()}
    return {
        name: frozenset(one for one in all_ if not one.startswith(PIECE) or one.removeprefix(PIECE) not in all_)
        for name, all_ in found.items()
        if all_
    }


@cache
def tables(language: str) -> Mapping[str, Mapping[str, str]]:
    """What the page has, as its own index joins it."""
    found = {path.stem: json.loads(path.read_text()) for path in (TOLD / language).glob("*.json")}
    return found.pop("docket") | found


def beyond(more: Mapping[str, Collection[str]], less: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """What the one has and the other lacks, table by table."""
    each = {name: sorted(set(sentences) - set(less.get(name, ()))) for name, sentences in more.items()}
    return {name: sentences for name, sentences in each.items() if sentences}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_node_is_said_in_every_language(language: str) -> None:
    assert beyond(said(), tables(language)) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_that_the_node_does_not_say(language: str) -> None:
    assert beyond(tables(language), said()) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_filled_in_everywhere(language: str) -> None:
    pairs = [pair for table in tables(language).values() for pair in table.items()]
    assert [pair for pair in pairs if holes(pair[0]) != holes(pair[1])] == []


def holes(text: str) -> list[str]:
    return sorted(re.findall(r"[{<](\d+)[}>]", text))


@pytest.mark.parametrize("path", sorted(TOLD.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_table_is_short_and_in_order(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MOST_LINES
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
