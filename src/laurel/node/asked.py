"""Who asks what of a world, and what comes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.node.author import Author
from laurel.node.keep import schema
from laurel.node.keep.transaction import Transaction

NODE = "node"

Before = dict[tuple[str, str], tuple[str, tuple[str, ...]]]
"""(author, ask id) -> what was asked under it, as a digest, and the records that it led to."""


@dataclass(frozen=True)
class Asked:
    """One ask as it comes to the door."""

    author: Author
    command: str
    ask: Struct
    ask_id: str


class Said(Struct, frozen=True):
    """The ids of what an ask made the node say. `again` when the ask had been asked before.

    `waits` when nothing is done yet: the record is a proposal, which another person must approve.
    """

    records: tuple[str, ...]
    again: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Woken:
    """How many due asks were said, and when the next one falls due."""

    said: int
    next_at: datetime | None


def asked_before(to: Transaction, asks: Sequence[Asked]) -> Before:
    """What each of these asks, or another under its ask_id, led to before."""
    by_author: dict[str, list[str]] = defaultdict(list)
    for asked in asks:
        by_author[asked.author.name].append(asked.ask_id)
    return {
        (author, row.ask_id): (row.digest, tuple(row.records.split()))
        for author, ask_ids in by_author.items()
        for row in to.execute(_GET_ASKS, {"author": author, "ask_ids": ask_ids})
    }


def remember(to: Transaction, asked: Asked, digest: str, records: Sequence[str]) -> None:
    """A repeat of this ask has this result."""
    row = {"author": asked.author.name, "ask_id": asked.ask_id, "digest": digest, "records": " ".join(records)}
    to.put(_PUT_ASK, row)


_A = schema.ask
_GET_ASKS = sa.select(_A.c.ask_id, _A.c.digest, _A.c.records).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("ask_ids", expanding=True))
)
_PUT_ASK = insert(_A)


class Judged(NamedTuple):
    """What a query answered, and the tables that it read; None where it read more than tables."""

    answer: Any
    tables: frozenset[str] | None
