"""A log without what differs from run to run: keys and salts, and with them ids; and the real time of a clock setting.

Two runs of one plan, stepped, are equal in this form. Records stand for themselves by their place in their lane.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import Raw

from laurel.core.record import Record
from laurel.instruments.exercise.records import CLOCK_SET

CHANCE = ("salt", "prev")


def normal(log: Iterable[tuple[str, Record[Raw]]]) -> tuple[str, ...]:
    """Every record as JSON text, in the order of lanes; ids replaced by places in lanes."""
    records = dict(log)
    places = {name: _place(record) for name, record in records.items()}
    texts: list[tuple[str, str]] = []
    for name, record in records.items():
        told = cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(record)))
        for one in CHANCE:
            del told[one]
        if record.kind == CLOCK_SET.name:
            del told["body"]["real_at"]
        texts.append((places[name], msgspec.json.encode(_renamed(told, places), order="sorted").decode()))
    return tuple(text for _, text in sorted(texts))


def normal_sha256(log: Iterable[tuple[str, Record[Raw]]]) -> str:
    """One hash of all that."""
    return hashlib.sha256("\n".join(normal(log)).encode()).hexdigest()


def _place(record: Record[Raw]) -> str:
    audience = " ".join(sorted(record.label.rel_to))
    return f"{record.origin}/{audience}/{int(record.precedence)}/{record.number:09d}"


def _renamed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return places.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, places) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _renamed(one, places) for name, one in cast("dict[str, Any]", value).items()}
    return value
