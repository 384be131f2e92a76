"""What failed and was set aside so that everything else goes on. Officers see it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from laurel.node.keep import schema
from laurel.node.keep.reader import Source
from laurel.node.keep.store import overwrite
from laurel.node.keep.transaction import Transaction


def park(to: Transaction, what: str, subject: str, error: Exception) -> None:
    """Set aside what failed on a subject: a reaction or a fold on a record, an ask of the node by its key."""
    row = {"reaction": what, "subject": subject, "error": f"{type(error).__name__}: {error}"}
    to.put(_PARK, {**row, "parked_at": to.at})


def unpark(to: Transaction, what: Sequence[str]) -> None:
    """These are tried again on everything."""
    to.execute(_UNPARK, {"what": list(what)})


def parked_by(from_: Source, what: str) -> set[str]:
    """The subjects on which this failed."""
    return set(from_.execute(_PARKED_BY, {"what": what}).scalars())


def parked_rows(from_: Source) -> list[dict[str, str]]:
    """Everything set aside, oldest first."""
    return [dict(row) for row in from_.execute(_ALL_PARKED).mappings()]


_P = schema.parked
_PARK = overwrite(_P)
_UNPARK = sa.delete(_P).where(_P.c.reaction.in_(bindparam("what", expanding=True)))
_PARKED_BY = sa.select(_P.c.subject).where(_P.c.reaction == bindparam("what"))
_ALL_PARKED = sa.select(_P).order_by(_P.c.parked_at, _P.c.reaction, _P.c.subject)
