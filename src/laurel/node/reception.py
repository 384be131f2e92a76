"""What a peer's server hands us goes in here, within one transaction of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.admit import Admitted, Place, Refused, admit, in_its_lane, refused
from laurel.border.parcel import Parcel
from laurel.border.policy import Policies
from laurel.border.relay import Passing, Relayed, check_bearer
from laurel.core.errors import KeyGone, KeyUnknown, Untrusted
from laurel.core.record import Lane, Record, Sealed
from laurel.core.roster import Roster
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.transaction import Transaction
from laurel.node.keep.views import fold_logged
from laurel.node.members import ROSTER_KINDS
from laurel.node.relay import take_to_carry_on

MAX_HELD_PER_LANE = 10_000


class Told(NamedTuple):
    """What the node itself must say of a record: by which command, and the facts."""

    command: str
    record_id: str
    facts: Mapping[str, object]


@dataclass
class Received:
    """What became of offered records, counted; who left gaps; and what must be told of it."""

    places: dict[str, int] = field(default_factory=dict[str, int])
    refused: list[Refused] = field(default_factory=list[Refused])
    gaps: set[str] = field(default_factory=set[str])
    tell: list[Told] = field(default_factory=list[Told])
    relayed: int = 0

    def count(self, what: str) -> None:
        """One more of these."""
        self.places[what] = self.places.get(what, 0) + 1


class Reception:
    """Takes parcels into one transaction. `done` is what became of them."""

    def __init__(
        self,
        to: Transaction,
        store: Store,
        catalogue: Catalogue,
        roster: Roster,
        policies: Policies,
        read_roster: Callable[[], Roster],
    ) -> None:
        self.done = Received()
        self._to = to
        self._store = store
        self._catalogue = catalogue
        self._roster = roster
        self._policies = policies
        self._read_roster = read_roster
        self._sender = self._path = ""

    def take(self, peer: str, opened: Parcel | Passing | Refused) -> None:
        """Decide on every record of a parcel, and act on it; or carry it on, if it is for another."""
        if isinstance(opened, Parcel):
            self._take_parcel(peer, opened)
            return
        decision: Passing | Relayed | Refused = opened
        if isinstance(opened, Passing):
            decision = take_to_carry_on(self._to, opened, peer, self._roster)
            self.done.relayed += isinstance(decision, Relayed)
        if isinstance(decision, Refused):
            self._refuse(peer, decision)

    def _take_parcel(self, peer: str, parcel: Parcel) -> None:
        # What a peer brings back of our own it sealed itself.
        sender = peer if parcel.origin == self._roster.me else parcel.origin
        try:
            check_bearer(peer, sender, self._roster)
        except Untrusted as error:
            self._refuse(peer, refused(parcel.records[0].id, error))
            return
        self._sender, self._path = sender, "" if peer == sender else f"{sender} through {peer}"
        lane = parcel.lane(self._store.world)
        for sealed in parcel.records:
            self._take(peer, lane, sealed)
        self._sender = self._path = ""

    # What `admit` asks of the lanes, as they stand within the transaction

    def head(self, lane: Lane) -> tuple[int, str | None]:
        """The last number held in an unbroken row, and its id; (0, None) for none."""
        stand = self._to.stands.get(lane)
        return (0, None) if stand is None else (stand.number, stand.head)

    def id_at(self, lane: Lane, number: int) -> str | None:
        """The id of the record held at that number."""
        return self._store.id_at(self._to, lane, number)

    def _admit(self, sealed: Sealed) -> Admitted | Refused:
        return admit(sealed, self._roster, self._policies, self, self._catalogue.understood)

    # What follows from each decision

    def _take(self, peer: str, lane: Lane, sealed: Sealed) -> None:
        decision = in_its_lane(self._admit(sealed), lane)
        if isinstance(decision, Refused):
            self._refuse(peer, decision)
            return
        self.done.count(decision.place)
        match decision.place:
            case Place.NEXT:
                self._append(decision)
                self._take_held(decision.record.lane)
            case Place.LATER:
                self._hold(decision)
            case Place.FORK:
                self._keep_fork(decision)
            case Place.DUPLICATE:
                self._audit("duplicate", decision, "")

    def _append(self, admitted: Admitted) -> None:
        record, sealed = admitted.record, admitted.sealed
        self._audit("admitted", admitted, admitted.misread or "")
        self._store.append(self._to, record, sealed, admitted.misread)
        if admitted.misread is None:
            fold_logged(self._to, self._store, self._catalogue.folds, sealed.id, record)
            if record.kind in ROSTER_KINDS:
                self._roster = self._read_roster()
                # What came before its key was known is asked for again.
                self.done.gaps.add(record.origin)
            self._owe_receipt(sealed.id, record)
            return
        self.done.count("quarantined")
        facts = {"record": sealed.id, "origin": record.origin, "kind": record.kind, "why": admitted.misread}
        self.done.tell.append(Told("line/report-quarantine", sealed.id, facts))

    def _owe_receipt(self, record_id: str, record: Record[Any]) -> None:
        """A reader owes a receipt for what it was told."""
        if self._roster.me in self._roster.readers and not record.kind.startswith("line."):
            facts = {"record": record_id, "origin": record.origin}
            self.done.tell.append(Told("line/give-receipt", record_id, facts))

    def _take_held(self, lane: Lane) -> None:
        """Whatever waited behind a gap that has now closed."""
        while True:
            stand = self._store.stand(self._to, lane)
            key = {"of_lane": stand.lane_id, "of_number": stand.number + 1}
            waiting = self._to.execute(_GET_HELD, key).all() if stand.held else ()
            if not waiting:
                return
            self._to.execute(_DROP_HELD, key)
            self._store.move(self._to, lane, stand._replace(held=stand.held - len(waiting)))
            for row in waiting:
                again = self._admit(Sealed(row.payload, row.signature, row.key_id))
                if isinstance(again, Refused):
                    self._refuse(lane.origin, again)
                elif again.place is Place.NEXT:
                    self._append(again)
                else:
                    self._keep_fork(again)

    def _hold(self, admitted: Admitted) -> None:
        record = admitted.record
        self.done.gaps.add(record.origin)
        stand = self._store.stand(self._to, record.lane)
        if stand.held >= MAX_HELD_PER_LANE:
            self._audit("dropped", admitted, f"{stand.held} wait already")
        elif self._to.execute(_PUT_HELD, _row(admitted, stand.lane_id)).rowcount:
            self._store.move(self._to, record.lane, stand._replace(held=stand.held + 1))
            self._audit("held", admitted, f"number {record.number}")

    def _keep_fork(self, admitted: Admitted) -> None:
        record, sealed = admitted.record, admitted.sealed
        row = _row(admitted, self._store.stand(self._to, record.lane).lane_id)
        self._to.put(_PUT_FORK, {**row, "taken_at": self._to.at})
        self._audit("fork", admitted, f"number {record.number}")
        facts = {
            "origin": record.origin,
            "audience": record.label.rel_to,
            "precedence": int(record.precedence),
            "number": record.number,
            "kept": self.id_at(record.lane, record.number) or "",
            "other": sealed.id,
        }
        self.done.tell.append(Told("line/report-fork", sealed.id, facts))

    def _refuse(self, peer: str, refused: Refused) -> None:
        self.done.count("refused")
        self.done.refused.append(refused)
        if isinstance(refused.error, KeyGone | KeyUnknown):
            # Nobody is to blame, and it must come again: our heads say what we lack.
            self.done.gaps.add(self._sender or str(refused.error.facts.get("sender", peer)))
        why, digest = self._why(str(refused.error)), self._policies.digest
        audit(self._to, "refused", peer, refused.record_id, refused.policy, why, digest=digest)

    def _audit(self, decision: str, admitted: Admitted, why: str) -> None:
        record, digest = admitted.record, self._policies.digest
        audit(self._to, decision, record.origin, admitted.sealed.id, admitted.policy, self._why(why), digest=digest)

    def _why(self, why: str) -> str:
        """With the path, when it came through another member."""
        return "; ".join(part for part in (self._path, why) if part)


def _row(admitted: Admitted, lane: int) -> dict[str, object]:
    sealed = admitted.sealed
    return {
        "id": sealed.id,
        "lane": lane,
        "number": admitted.record.number,
        "payload": sealed.payload,
        "signature": sealed.signature,
        "key_id": sealed.key_id,
    }


_H = schema.held
_PUT_HELD = insert(_H).on_conflict_do_nothing()
_GET_HELD = sa.select(_H).where(_H.c.lane == bindparam("of_lane"), _H.c.number == bindparam("of_number"))
_DROP_HELD = sa.delete(_H).where(_H.c.lane == bindparam("of_lane"), _H.c.number == bindparam("of_number"))
_PUT_FORK = insert(schema.fork).on_conflict_do_nothing()
