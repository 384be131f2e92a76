"""What an inject asks, with what only play can tell put in its place.

A value that is exactly `{record:ID}` is the first record that inject ID led to, `{record:ID:2}` its second;
`{heard:KIND}` is the last record of that kind that is here, `{heard:KIND:JPN}` the last that Japan said; either with
`#name` is what stands in that field of its body, with `#said_at` when it was said. `{time:+3600}` is so many seconds
after play began, as a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from laurel.core.errors import BadAsk
from laurel.core.record import as_text
from laurel.instruments.exercise.plan.msel import Heard, Inject, Plan

_RECORD = re.compile(r"\{record:([A-Za-z0-9._-]+)(?::([1-9]\d?))?(?:#([a-z_0-9]+))?\}")
_HEARD = re.compile(r"\{heard:([a-z-]+\.[a-z-]+\.v\d+)(?::([A-Z]{3}))?(?:#([a-z_0-9]+))?\}")
_TIME = re.compile(r"\{time:([+-]\d{1,7}(?:\.\d+)?)\}")
_ANY_RECORD = "0" * 64
SAID_AT = "said_at"


class QuotesNothing(BadAsk):
    """What it quotes was never said."""

    says = "this inject quotes a record that is not here"
    remedy = "let it wait for what says that record (after, when), or ask it by hand"


Field = Callable[[str, str], Any]
"""(record, name) -> what stands in that field of its body, or SAID_AT: None where it has none."""


def filled(
    plan: Plan, inject: Inject, records: Mapping[str, Sequence[str]], heard: Sequence[Heard], field: Field
) -> dict[str, Any]:
    """What it asks now. `records` are those that each inject led to. Raises QuotesNothing."""

    def part(text: str, record: str, name: str | None) -> Any:
        value = record if name is None else field(record, name)
        if value is None:
            raise QuotesNothing(inject=inject.id, quotes=text)
        return value

    def put(text: str) -> Any:
        if found := _TIME.fullmatch(text):
            return as_text(plan.starts_at + timedelta(seconds=float(found[1])))
        if found := _RECORD.fullmatch(text):
            number, led_to = int(found[2] or 1), records.get(found[1], ())
            if len(led_to) < number:
                raise QuotesNothing(inject=inject.id, quotes=text)
            return part(text, led_to[number - 1], found[3])
        if found := _HEARD.fullmatch(text):
            said = [one.record for one in heard if one.kind == found[1] and found[2] in {None, one.member}]
            if not said:
                raise QuotesNothing(inject=inject.id, quotes=text)
            return part(text, said[-1], found[3])
        return text

    return {name: _mapped(value, put) for name, value in inject.ask.items()}


def tried(plan: Plan, inject: Inject) -> dict[str, Any]:
    """The same with some record wherever it quotes one, to see whether the command could be asked so."""
    quotes = quoted(inject)
    heard = [Heard(kind, member, 0.0, _ANY_RECORD) for kind in quotes.kinds for member in (*plan.members, "")]
    led_to = dict.fromkeys(quotes.injects, (_ANY_RECORD,) * 99)
    some_time = as_text(plan.starts_at)
    return filled(plan, inject, led_to, heard, lambda record, name: some_time if name == SAID_AT else record)


@dataclass(frozen=True)
class Quotes:
    """The injects, and the kinds, whose records an inject quotes."""

    injects: tuple[str, ...]
    kinds: tuple[str, ...]


def quoted(inject: Inject) -> Quotes:
    """Whose records it quotes."""
    texts = tuple(_texts(inject.ask))
    injects = dict.fromkeys(found[1] for one in texts if (found := _RECORD.fullmatch(one)))
    kinds = dict.fromkeys(found[1] for one in texts if (found := _HEARD.fullmatch(one)))
    return Quotes(tuple(injects), tuple(kinds))


def watched(plan: Plan) -> frozenset[str]:
    """The kinds of record that a plan looks at: conditions, expected actions, what it quotes."""
    moves = plan.moves(dry=True)
    conditions = {one.when.kind for one in moves if one.when is not None}
    expected = {one.kind for _, one in plan.expected}
    return frozenset(conditions.union(expected, *(quoted(one).kinds for one in moves)))


def _mapped(value: Any, put: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return put(value)
    if isinstance(value, list):
        return [_mapped(one, put) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _mapped(one, put) for name, one in cast("dict[str, Any]", value).items()}
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in cast("dict[str, Any]", value).values():
            yield from _texts(one)
