"""What time itself asks for: each instrument's dues, and the audit's anchor by the real time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.node.anchor import ANCHOR, anchor_due
from laurel.node.asked import NODE, Asked
from laurel.node.author import Author
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.parked import park, parked_by
from laurel.node.keep.reader import Reader
from laurel.node.keep.store import Store, is_machine_fault
from laurel.node.reactor import NEVER

Dues = list[tuple[datetime, Asked]]


def dues_of(store: Store, catalogue: Catalogue, author: Author, *, anchored: bool) -> Dues:
    """Everything that time will ask for and that has neither been asked nor failed, the earliest first.

    What an instrument fails to tell is parked. With `anchored`, the audit's anchor is among it.
    """
    failed: dict[str, Exception] = {}
    with store.reading() as from_:
        dues = _found(catalogue, author, from_, store.real.now() if anchored else None, failed)
    if failed:
        with store.writing() as to:
            for name, error in failed.items():
                park(to, f"{name}.due", "every wake", error)
    return dues


def _found(
    catalogue: Catalogue, author: Author, from_: Connection, real: datetime | None, failed: dict[str, Exception]
) -> Dues:
    dues: Dues = []
    for one in catalogue.instruments:
        try:
            found = one.due(Reader(from_))
        except Exception as error:
            if is_machine_fault(error):
                raise
            failed[one.name] = error
        else:
            dues += [(due.at, Asked(author, f"{one.name}/{due.command}", due.ask, due.key)) for due in found]
    anchor = anchor_due(from_, real) if real is not None and catalogue.answers(ANCHOR) else None
    if anchor is not None:
        dues.append((NEVER, Asked(author, ANCHOR, anchor, f"{ANCHOR}:{anchor.line}")))
    settled = set(from_.execute(_ASKED, {"author": NODE, "ask_ids": [asked.ask_id for _, asked in dues]}).scalars())
    for command in {asked.command for _, asked in dues}:
        settled |= parked_by(from_, f"{NODE}.{command}")
    return sorted((one for one in dues if one[1].ask_id not in settled), key=lambda one: one[0])


_A = schema.ask
_ASKED = sa.select(_A.c.ask_id).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("ask_ids", expanding=True))
)
