"""A log without what differs from run to run, and must: what keys and salts make, and real time.

Of each record all is kept but for this:

- its signature, which stands beside it and not in it, and its salt;
- ids, which are hashes of all that: wherever the id of a record of this log stands, it becomes the place of that
  record (its origin, its audience, its precedence, its number). So `prev`, `about`, `answers` and ids in bodies still
  say which record they mean. The id of a record that this log does not hold, since it is not for this member, becomes
  `elsewhere`: which one it is stands in the logs of those who hold it. A field that is called a hash (`sha256`,
  `text_hash`, `digest`) holds no id, and stays;
- the real time at which control set the clock: a stepped clock stands, and the time of play is kept.

Two runs of one plan, stepped, are equal in this form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import Raw

from laurel.core.record import Record
from laurel.instruments.exercise.records import CLOCK_SET

ELSEWHERE = "elsewhere"
CALLED_HASHES = ("sha256", "hash", "digest")
"""How the names of fields end that hold the hash of something other than a record."""

_ID = re.compile(r"\b[0-9a-f]{64}\b")


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
        return _ID.sub(lambda found: places.get(found[0], ELSEWHERE), value)
    if isinstance(value, list):
        return [_renamed(one, places) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {
            name: one if name.endswith(CALLED_HASHES) else _renamed(one, places)
            for name, one in cast("dict[str, Any]", value).items()
        }
    return value
