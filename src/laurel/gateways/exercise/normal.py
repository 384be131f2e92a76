"""A log without what differs from run to run, and must: what keys and salts make, and real time.

Of each record all is kept but for this:

- its signature, which stands beside it and not in it, and its salt;
- ids, which are hashes of all that: wherever a whole value is the id of a record of this log, it becomes the place of
  that record (its origin, its audience, its precedence, its number). So `prev`, `about`, `answers` and ids in bodies
  still say which record they mean;
- the real time at which control set the clock: a stepped clock stands, and the time of play is kept.

An id of a record that this log does not hold stays as it is. Two runs of one plan, stepped, are equal in this form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import Raw

from laurel.core.record import Record
from laurel.instruments.exercise.records import CLOCK_SET


def normal(log: Iterable[tuple[str, Record[Raw]]]) -> tuple[str, ...]:
    """Every record as JSON text, in the order of lanes; ids replaced by places in lanes."""
    records = dict(log)
    places = {name: _place(record) for name, record in records.items()}
    texts: list[tuple[str, str]] = []
    for name, record in records.items():
        told = cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(record)))
        del told["salt"]
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
