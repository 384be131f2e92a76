"""What a peer's server hands us goes in here, within one transaction of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.admit import Admitted, Place, Refused, admit, in_its_lane, refused
from laurel.border.forks import flaw, proof_of
from laurel.border.parcel import Parcel, message_id, open_parcel, read_outside
from laurel.border.policy import Policies
from laurel.border.relay import Passing, Relayed, check_bearer
from laurel.border.returning import take_back
from laurel.border.sealing import SealingSecret
from laurel.core.errors import KeyGone, KeyUnknown, NotForUs, OurOwn, Untrusted
from laurel.core.label import join
from laurel.core.record import Lane, Precedence, Record, Sealed, decode
from laurel.core.roster import Roster
from laurel.instruments.line.records import Forked
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


def opened(wrapped: bytes, world: str, me: str, keys: Mapping[str, SealingSecret]) -> Parcel | Passing | Refused:
    """What is in these bytes: a parcel for us, one for another, or what may not come in."""
    try:
        return open_parcel(wrapped, world, me, keys)
    except Untrusted as error:
        if isinstance(error, NotForUs) and error.facts.get("recipient", me) != me:
            return Passing(read_outside(wrapped), wrapped)
        return refused(message_id(wrapped), error)


@dataclass
class Received:
    """What became of offered records, counted; who left gaps; where ours that came back stand; what must be told."""

    places: dict[str, int] = field(default_factory=dict[str, int])
    refused: list[Refused] = field(default_factory=list[Refused])
    gaps: set[str] = field(default_factory=set[str])
    recovered: list[int] = field(default_factory=list[int])
    tell: list[Told] = field(default_factory=list[Told])
    relayed: int = 0

    def count(self, what: str) -> None:
        """One more of these."""
        self.places[what] = self.places.get(what, 0) + 1


class Reception:
    """Takes parcels into one transaction. `done` is what became of them.

    `asked_for` says whether that number of that lane of ours is one that we lost and asked our peers for.
    """

    def __init__(
        self,
        to: Transaction,
        store: Store,
        catalogue: Catalogue,
        roster: Roster,
        policies: Policies,
        read_roster: Callable[[], Roster],
        asked_for: Callable[[Lane, int], bool],
    ) -> None:
        self.done = Received()
        self._asked_for = asked_for
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

    def tell_again(self) -> None:
        """What was kept as evidence, or not understood, and that was told to nobody yet."""
        for row in self._to.execute(_UNTOLD_FORKS, {"ask": "line/report-fork:"}).all():
            decision = self._admit(Sealed(row.payload, row.signature, row.key_id))
            if isinstance(decision, Admitted) and decision.place is Place.FORK:
                self._keep_fork(decision)
        untold = {"ask": "line/report-quarantine:", "me": self._roster.me}
        for row in self._to.execute(_UNTOLD_QUARANTINES, untold).all():
            self._tell_quarantine(row.id, row.origin, row.kind, row.misread)

    # What `admit` asks of the lanes, as they stand within the transaction

    def head(self, lane: Lane) -> tuple[int, str | None]:
        """The last number held in an unbroken row, and its id; (0, None) for none."""
        stand = self._to.stands.get(lane)
        return (0, None) if stand is None else (stand.number, stand.head)

    def id_at(self, lane: Lane, number: int) -> str | None:
        """The id of the record held at that number."""
        return self._store.id_at(self._to, lane, number)

    def prev_at(self, lane: Lane, number: int) -> str | None:
        """The id that the record held at that number says came right before; None where none is held or it skips."""
        held = self._store.sealed_at(self._to, lane, number)
        if held is None:
            return None
        record, _ = self._catalogue.read(decode(held.payload))
        return record.prev if self._catalogue.understood.skipped(record) is None else None

    def _admit(self, sealed: Sealed) -> Admitted | Refused:
        understood = self._catalogue.understood
        decision = admit(sealed, self._roster, self._policies, self, understood)
        if isinstance(decision, Refused) and isinstance(decision.error, OurOwn):
            return take_back(sealed, self._sender, self._roster, self, understood, self._asked_for)
        return decision

    # What follows from each decision

    def _take(self, peer: str, lane: Lane, sealed: Sealed) -> None:
        decision = in_its_lane(self._admit(sealed), lane)
        if isinstance(decision, Refused):
            self._refuse(peer, decision)
            return
        self.done.count(decision.place)
        self._put(decision)
        if decision.place in _MOVES:
            self._take_held(decision.record.lane)

    def _put(self, decision: Admitted) -> None:
        match decision.place:
            case Place.NEXT | Place.FOUND:
                self._append(decision)
            case Place.LATER:
                self._hold(decision)
            case Place.FORK:
                self._keep_fork(decision)
            case Place.DUPLICATE:
                self._audit("duplicate", decision, "")

    def _append(self, admitted: Admitted) -> None:
        record, sealed = admitted.record, admitted.sealed
        ours = record.origin == self._roster.me
        self._audit("recovered" if ours else "admitted", admitted, admitted.misread or "")
        position = self._store.append(self._to, record, sealed, admitted.misread)
        if ours:
            self._to.put(_PUT_RECOVERED, {"position": position})
            self.done.recovered.append(position)
        if admitted.misread is None:
            self._understand(sealed.id, record)
        elif not ours:
            self.done.count("quarantined")
            self._tell_quarantine(sealed.id, record.origin, record.kind, admitted.misread)

    def _understand(self, record_id: str, record: Record[Any]) -> None:
        fold_logged(self._to, self._store, self._catalogue.folds, record_id, record)
        if record.kind in ROSTER_KINDS:
            self._roster = self._read_roster()
            # What came before its key was known is asked for again.
            self.done.gaps.add(record.origin)
        if isinstance(record.body, Forked):
            self._judge_fork(record_id, record.body)
        if record.origin != self._roster.me:
            self._owe_receipt(record_id, record)

    def _tell_quarantine(self, record_id: str, origin: str, kind: str, why: str) -> None:
        facts = {"record": record_id, "origin": origin, "kind": kind, "why": why}
        self.done.tell.append(Told("line/report-quarantine", record_id, facts))

    def _owe_receipt(self, record_id: str, record: Record[Any]) -> None:
        """A reader owes a receipt for what it was told."""
        if self._roster.me in self._roster.readers and not record.kind.startswith("line."):
            facts = {"record": record_id, "origin": record.origin}
            self.done.tell.append(Told("line/give-receipt", record_id, facts))

    def _take_held(self, lane: Lane) -> None:
        """Whatever waited behind a gap that has now closed, or was declared."""
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
                else:
                    self._put(again)

    def _hold(self, admitted: Admitted) -> None:
        record = admitted.record
        self.done.gaps.add(record.origin)
        stand = self._store.stand(self._to, record.lane)
        row = {**_row(admitted, stand.lane_id), "number": admitted.enters}
        if stand.held >= MAX_HELD_PER_LANE:
            self._audit("dropped", admitted, f"{stand.held} wait already")
        elif self._to.execute(_PUT_HELD, row).rowcount:
            self._store.move(self._to, record.lane, stand._replace(held=stand.held + 1))
            self._audit("held", admitted, f"number {record.number}")

    def _keep_fork(self, admitted: Admitted) -> None:
        record, sealed = admitted.record, admitted.sealed
        row = _row(admitted, self._store.stand(self._to, record.lane).lane_id)
        self._to.put(_PUT_FORK, {**row, "taken_at": self._to.at})
        self._audit("fork", admitted, f"number {record.number}")
        kept = self._store.sealed_at(self._to, record.lane, record.number)
        # Where none stands under that number, the two contradict each other in what came before.
        against = kept or self._store.sealed_at(self._to, record.lane, admitted.enters - 1)
        label = record.label if against is None else join(record.label, decode(against.payload).label)
        facts = {
            "origin": record.origin,
            "audience": record.label.rel_to,
            "precedence": int(record.precedence),
            "number": record.number,
            "kept": "" if kept is None else kept.id,
            "other": sealed.id,
            "proof": () if against is None else proof_of(against, sealed),
            "classification": label.classification.value,
            "caveats": label.caveats,
        }
        self.done.tell.append(Told("line/report-fork", sealed.id, facts))

    def _judge_fork(self, report: str, body: Forked) -> None:
        """Check a report's proof for ourselves. One that shows none is a claim, and stays one."""
        if not body.proof:
            return
        if body.precedence in set(Precedence):
            lane = Lane(self._store.world, body.origin, body.audience, Precedence(body.precedence))
            ids = [one for one in (body.kept, body.other) if one]
            why = flaw(body.proof, lane, body.number, ids, self._roster, self._catalogue.understood)
        else:
            why = "there is no such lane"
        self.done.tell.append(Told("line/judge-fork", report, {"report": report, "why": why}))

    def _refuse(self, peer: str, refused: Refused) -> None:
        self.done.count("refused")
        self.done.refused.append(refused)
        if isinstance(refused.error, KeyGone | KeyUnknown):
            # Nobody is to blame, and it must come again: our heads say what we lack.
            self.done.gaps.add(self._sender or str(refused.error.facts.get("sender", peer)))
        why, digest = self._why(str(refused.error)), self._policies.digest
        audit(self._to, "refused", peer, refused.record_id, refused.policy, why, digest=digest)

    def _audit(self, decision: str, admitted: Admitted, why: str) -> None:
        origin, digest = admitted.record.origin, self._policies.digest
        by = self._sender if origin == self._roster.me else origin
        audit(self._to, decision, by, admitted.sealed.id, admitted.policy, self._why(why), digest=digest)

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


_MOVES = {Place.NEXT, Place.FOUND}
_H = schema.held
_PUT_HELD = insert(_H).on_conflict_do_nothing()
# What a declared gap has overtaken is taken with what comes next.
_OF_LANE = (_H.c.lane == bindparam("of_lane"), _H.c.number <= bindparam("of_number"))
_GET_HELD = sa.select(_H).where(*_OF_LANE).order_by(_H.c.number, _H.c.id)
_DROP_HELD = sa.delete(_H).where(*_OF_LANE)
_PUT_FORK = insert(schema.fork).on_conflict_do_nothing()
_F, _G, _L, _A = schema.fork, schema.log, schema.lane, schema.ask


def _told(record: sa.Column[str]) -> sa.Exists:
    return sa.exists().where(_A.c.ask_id == bindparam("ask") + record)


_UNTOLD_FORKS = sa.select(_F).where(~_told(_F.c.id)).order_by(_F.c.taken_at, _F.c.id)
_UNTOLD_QUARANTINES = (
    sa.select(_G.c.id, _G.c.kind, _G.c.misread, _L.c.origin)
    .join(_L, _L.c.lane == _G.c.lane)
    .where(_G.c.misread.is_not(None), _L.c.origin != bindparam("me"), ~_told(_G.c.id))
    .order_by(_G.c.position)
)
_PUT_RECOVERED = insert(schema.recovered)
