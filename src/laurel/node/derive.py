"""What is derived of our own records for those who may not have the records themselves.

A policy that lets a member have a sanitised record states the terms. The derived record is planned in the transaction
that says its original, and said by the node when it is due: at once, or after the delay that the terms ask for, across
restarts, and once. It bears the policy's classification, goes to that member alone, and cites its original, which
stays home, and the record that put the policy in force.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.policy import Decision, header_of, strictest
from laurel.core.instrument import Desk, Terms
from laurel.core.label import label
from laurel.core.record import Draft, as_text, decode
from laurel.core.roster import Roster
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.parked import park
from laurel.node.keep.reader import Source
from laurel.node.keep.standing import stands
from laurel.node.keep.store import Logged, Store, is_machine_fault, overwrite
from laurel.node.keep.transaction import Transaction
from laurel.node.policies import InForce

BATCH = 64
WHAT = "node.derive"
LATER = datetime.max.replace(tzinfo=UTC)

SayDraft = Callable[[Transaction, Draft, Desk], str]


class Derivation:
    """The derived records of one world, planned and said."""

    def __init__(self, store: Store, catalogue: Catalogue, say: SayDraft) -> None:
        self._store = store
        self._catalogue = catalogue
        self._say = say
        self._known = False
        self._next_at = LATER

    def forget(self) -> None:
        """A transaction failed: what is due next is looked up again."""
        self._known = False

    def next_at(self, from_: Source) -> datetime:
        """When the next one is due; LATER than anything while none is planned."""
        if not self._known:
            earliest = from_.execute(_EARLIEST).scalar()
            self._next_at = LATER if earliest is None else datetime.fromisoformat(earliest)
            self._known = True
        return self._next_at

    def plan(self, to: Transaction, position: int, member: str, terms: Terms, now: datetime) -> None:
        """That member may have something derived of the record at that position."""
        due_at = now + timedelta(seconds=terms.delay_s)
        row = {"position": position, "member": member, "due_at": as_text(due_at)}
        to.put(_PLAN, {**row, "terms": msgspec.json.encode(terms).decode()})
        self._next_at = min(self.next_at(to), due_at)

    def run(self, to: Transaction, desk: Desk, roster: Roster, force: InForce) -> int:
        """Say what is due by now and still allowed. How many records were said."""
        said = 0
        while self.next_at(to) <= desk.now:
            for row in to.execute(_DUE, {"now": as_text(desk.now), "limit": BATCH}).all():
                to.execute(_DONE, {"of_position": row.position, "of_member": row.member})
                (logged,) = self._store.at_positions(to, [row.position])
                try:
                    with to.step():
                        said += self._one(to, logged, row, desk, roster, force)
                except Exception as error:
                    if is_machine_fault(error):
                        raise
                    park(to, WHAT, f"{logged.id} for {row.member}", error)
            self._known = False
        return said

    def _one(self, to: Transaction, logged: Logged, row: Any, desk: Desk, roster: Roster, force: InForce) -> bool:
        """Whether something derived of one record for one member was said: if the policies of now still let it."""
        record, misread = self._catalogue.read(decode(logged.sealed.payload))
        decision = force.policies.sanitise(header_of(record), row.member, roster)
        sanitise = self._catalogue.sanitises.get(record.kind) if misread is None else None
        terms = strictest([msgspec.json.decode(row.terms, type=Terms), decision.terms]) if decision.terms else None
        if terms is None or sanitise is None or not stands(to.connection, logged.id):
            self._audit(to, "not-derived", row.member, logged.id, decision, force)
            return False
        body = sanitise(record.body, terms)
        if body is None:
            return False
        told = label(terms.classification, {desk.member, row.member})
        about = (logged.id, *((force.put,) if force.put else ()))
        said = self._say(to, Draft(body, told, record.precedence, about), desk)
        to.put(_DERIVED, {"position": to.position, "record": said, "original": logged.id})
        self._audit(to, "derived", row.member, logged.id, decision, force)
        return True

    def _audit(self, to: Transaction, what: str, member: str, record: str, decision: Decision, force: InForce) -> None:
        audit(to, what, member, record, decision.policy, decision.why, digest=force.policies.digest)


_D = schema.derive
_PLAN = overwrite(_D)
_DERIVED = insert(schema.derived)
_EARLIEST = sa.select(sa.func.min(_D.c.due_at))
_DUE = (
    sa.select(_D).where(_D.c.due_at <= bindparam("now")).order_by(_D.c.position, _D.c.member).limit(bindparam("limit"))
)
_DONE = sa.delete(_D).where(_D.c.position == bindparam("of_position"), _D.c.member == bindparam("of_member"))
