"""Gaps that origins declared in their lanes, and the holes that are still open in them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import bindparam

from laurel.border.admit import Kinds
from laurel.core.record import Lane, decode
from laurel.node.keep import schema
from laurel.node.keep.reader import Source
from laurel.node.keep.store import Store


def declared(from_: Source, store: Store, kinds: Kinds) -> Iterator[tuple[Lane, int, int]]:
    """Every declared gap: its lane, the first number and the last, in the order in which they were taken."""
    for row in from_.execute(_DECLARED, {"kinds": list(kinds.that_skip)}).all():
        skipped = kinds.skipped(kinds.read(decode(row.payload))[0])
        if skipped is not None:
            yield store.lane_of(row), *skipped


def holes(from_: Source, store: Store, kinds: Kinds) -> list[tuple[Lane, int, int]]:
    """The numbers within declared gaps that we hold nothing under: those after the one, up to the other."""
    found: list[tuple[Lane, int, int]] = []
    for lane, first, last in declared(from_, store, kinds):
        key = {"origin": lane.origin, "audience": " ".join(lane.audience), "precedence": int(lane.precedence)}
        held = from_.execute(_HELD_WITHIN, {**key, "first": first, "last": last}).scalars().all()
        after = first - 1
        for number in (*held, last + 1):
            if number > after + 1:
                found.append((lane, after, number - 1))
            after = number
    return found


_L, _G = schema.lane, schema.log
_DECLARED = (
    sa.select(_G.c.payload, _L.c.origin, _L.c.audience, _L.c.precedence)
    .join(_L, _L.c.lane == _G.c.lane)
    .where(_G.c.kind.in_(bindparam("kinds", expanding=True)), _G.c.misread.is_(None))
    .order_by(_G.c.position)
)
_HELD_WITHIN = (
    sa.select(_G.c.number)
    .join(_L, _L.c.lane == _G.c.lane)
    .where(
        _L.c.origin == bindparam("origin"),
        _L.c.audience == bindparam("audience"),
        _L.c.precedence == bindparam("precedence"),
        _G.c.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(_G.c.number)
)
