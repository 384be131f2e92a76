"""A world: one clock, one log, one set of views, one writer.

Four things happen to records here. `say` takes an ask and lets the decision be written, folded and
reacted to in one transaction. `receive` admits a peer's records. `judge` answers a query from the
views. `wake` asks what time itself has made due. Everything that writes runs on one thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.admit import Admitted, Place, Refused, admit
from laurel.border.parcel import unpack
from laurel.border.release import Release, release
from laurel.core.errors import AskReused, BadLabel, LaurelError, NotPermitted, Untrusted
from laurel.core.instrument import Desk, Role
from laurel.core.record import Draft, Lane, Record, Sealed, key_id, seal
from laurel.core.roster import Roster
from laurel.node import schema
from laurel.node.catalogue import Catalogue
from laurel.node.clock import Clock, RealClock
from laurel.node.reactor import Reactor
from laurel.node.store import Reader, Store
from laurel.node.views import fold_record

MAX_HELD_PER_LANE = 10_000
NODE = "node"


@dataclass(frozen=True)
class Author:
    """Who asks, and what they may do."""

    name: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Asked:
    """One ask as it comes to the door."""

    author: Author
    command: str
    ask: Struct
    ask_id: str


class Said(Struct, frozen=True):
    """The ids of what an ask made the node say. `again` when the ask had been asked before."""

    records: tuple[str, ...]
    again: bool = False


@dataclass(frozen=True)
class Woken:
    """How many due asks were said, and when the next one falls due."""

    said: int
    next_at: datetime | None


@dataclass
class Received:
    """What became of offered records, counted, and what should be told to whom."""

    places: dict[str, int] = field(default_factory=dict[str, int])
    refused: list[Refused] = field(default_factory=list[Refused])
    gaps: set[str] = field(default_factory=set[str])
    tell: list[Asked] = field(default_factory=list[Asked])

    def count(self, what: str) -> None:
        """One more of these."""
        self.places[what] = self.places.get(what, 0) + 1


class World:
    """One world at one node. `salt` makes 16 fresh random bytes."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        roster: Roster,
        key: Ed25519PrivateKey,
        clock: Clock,
        salt: Callable[[], bytes],
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self.roster = roster
        self.clock = clock
        self._key = key
        self._key_id = key_id(key.public_key())
        self._salt = salt
        self._real = RealClock()
        self.reactor = Reactor(store, catalogue, self._say_draft)
        self.author = Author(NODE, frozenset({Role.NODE}))

    @property
    def key(self) -> Ed25519PrivateKey:
        """What this member signs with in this world."""
        return self._key

    def desk(self, author: str) -> Desk:
        """Where a decision is made now."""
        members = tuple(sorted(self.roster.entitled))
        return Desk(self.store.world, self.roster.me, author, self.clock.now(), members)

    # Say

    def say(self, asked: Asked) -> Said:
        """Decide, append, fold and react in one transaction. A repeat returns the first result."""
        outcome = self.say_many([asked])[0]
        if isinstance(outcome, LaurelError):
            raise outcome
        return outcome

    def say_many(self, asks: Sequence[Asked]) -> list[Said | LaurelError]:
        """Several asks in one transaction, each whole or not at all."""
        outcomes: list[Said | LaurelError] = []
        with self._writing() as to:
            for asked in asks:
                step = to.begin_nested()
                try:
                    said = self._ask(to, asked)
                except LaurelError as error:
                    step.rollback()
                    outcomes.append(error)
                else:
                    step.commit()
                    outcomes.append(said)
            self.reactor.run(to, self.desk(NODE))
        return outcomes

    def _ask(self, to: Connection, asked: Asked) -> Said:
        command = self.catalogue.command(asked.command)
        if not asked.author.roles & command.roles:
            raise NotPermitted(author=asked.author.name, command=asked.command, needs=", ".join(sorted(command.roles)))
        digest = hashlib.sha256(asked.command.encode() + b"\n" + msgspec.json.encode(asked.ask)).hexdigest()
        key = {"author": asked.author.name, "ask_id": asked.ask_id}
        before = to.execute(_GET_ASK, key).first()
        if before is not None:
            if before.digest != digest:
                raise AskReused(author=asked.author.name, ask_id=asked.ask_id)
            return Said(tuple(before.records.split()), again=True)
        desk = self.desk(asked.author.name)
        drafts = command.decide(asked.ask, Reader(to), desk)
        said = Said(tuple(self._say_draft(to, draft, desk) for draft in drafts))
        to.execute(_PUT_ASK, {**key, "digest": digest, "records": " ".join(said.records)})
        return said

    def _say_draft(self, to: Connection, draft: Draft, desk: Desk) -> str:
        audience = draft.label.rel_to
        if desk.member not in audience or not self.roster.entitled.issuperset(audience):
            raise BadLabel(rel_to=audience, members=sorted(self.roster.entitled))
        kind = self.catalogue.kind_of(draft.body)
        lane = Lane(self.store.world, desk.member, audience, draft.precedence)
        last, head = self.store.head(to, lane)
        record = Record(
            kind=kind.name,
            compact=lane.world.compact,
            exercise=lane.world.exercise,
            origin=desk.member,
            author=desk.author,
            at=desk.now,
            label=draft.label,
            precedence=draft.precedence,
            number=last + 1,
            prev=head,
            about=draft.about,
            answers=draft.answers,
            salt=self._salt(),
            body=draft.body,
        )
        sealed = seal(record, self._key, self._key_id)
        position = self.store.append(to, lane, record.number, sealed, kind.name, None, self._taken_at())
        self.store.fold_rows(to, fold_record(self.catalogue.folds, sealed.id, record))
        self._release(to, sealed, record, position)
        return sealed.id

    def _release(self, to: Connection, sealed: Sealed, record: Record[Any], position: int) -> None:
        for member in sorted(self.roster.entitled - {self.roster.me}):
            decision = release(sealed, record, member, self.roster)
            if isinstance(decision, Release):
                row = {"peer": decision.member, "precedence": int(record.precedence), "position": position}
                to.execute(_PUT_OUTBOX, row)
                self._audit(to, "release", member, decision.record_id, decision.policy, "")
            else:
                self._audit(to, "withheld", member, decision.record_id, decision.policy, decision.why)

    # Receive

    def receive(self, peer: str, wrapped: Iterable[bytes]) -> Received:
        """Admit what a peer's server handed us. When this returns, it is on the disk."""
        done = Received()
        with self._writing() as to:
            for one in wrapped:
                try:
                    parcel = unpack(one)
                except Untrusted as error:
                    self._refuse(to, done, peer, Refused(hashlib.sha256(one).hexdigest(), "well-formed", error))
                    continue
                for sealed in parcel.records:
                    self._take(to, done, peer, sealed)
        self._tell(done)
        return done

    def offer(self, peer: str, sealed: Sealed) -> Received:
        """Admit a single record, for doors other than the courier."""
        done = Received()
        with self._writing() as to:
            self._take(to, done, peer, sealed)
        self._tell(done)
        return done

    def _take(self, to: Connection, done: Received, peer: str, sealed: Sealed) -> None:
        decision = admit(sealed, self.roster, _Held(self.store, to), self.catalogue.understood)
        if isinstance(decision, Refused):
            self._refuse(to, done, peer, decision)
            return
        done.count(decision.place)
        match decision.place:
            case Place.NEXT:
                self._append(to, done, decision)
                self._take_held(to, done, decision.record.lane)
            case Place.LATER:
                self._hold(to, done, decision)
            case Place.FORK:
                self._keep_fork(to, done, decision)
            case Place.DUPLICATE:
                pass

    def _append(self, to: Connection, done: Received, admitted: Admitted) -> None:
        record, sealed = admitted.record, admitted.sealed
        self._audit(to, "admitted", record.origin, sealed.id, "rel-to", admitted.misread or "")
        self.store.append(to, record.lane, record.number, sealed, record.kind, admitted.misread, self._taken_at())
        if admitted.misread is None:
            self.store.fold_rows(to, fold_record(self.catalogue.folds, sealed.id, record))
        else:
            done.count("quarantined")
            done.tell.append(
                self._node_ask(
                    "line/report-quarantine",
                    sealed.id,
                    {
                        "record": sealed.id,
                        "origin": record.origin,
                        "kind": record.kind,
                        "why": admitted.misread,
                    },
                )
            )

    def _take_held(self, to: Connection, done: Received, lane: Lane) -> None:
        while True:
            last, _ = self.store.head(to, lane)
            key = {"of_lane": self.store.lane_id(to, lane), "of_number": last + 1}
            waiting = to.execute(_GET_HELD, key).all()
            if not waiting:
                return
            to.execute(_DROP_HELD, key)
            for row in waiting:
                again = admit(
                    Sealed(row.payload, row.signature, row.key_id),
                    self.roster,
                    _Held(self.store, to),
                    self.catalogue.understood,
                )
                if isinstance(again, Refused):
                    self._refuse(to, done, lane.origin, again)
                elif again.place is Place.NEXT:
                    self._append(to, done, again)
                elif again.place is Place.FORK:
                    self._keep_fork(to, done, again)

    def _hold(self, to: Connection, done: Received, admitted: Admitted) -> None:
        lane = self.store.lane_id(to, admitted.record.lane)
        done.gaps.add(admitted.record.origin)
        if (to.execute(_COUNT_HELD, {"of_lane": lane}).scalar() or 0) < MAX_HELD_PER_LANE:
            to.execute(_PUT_HELD, _row_of(admitted, lane))

    def _keep_fork(self, to: Connection, done: Received, admitted: Admitted) -> None:
        record = admitted.record
        lane = self.store.lane_id(to, record.lane)
        to.execute(_PUT_FORK, {**_row_of(admitted, lane), "taken_at": self._taken_at()})
        self._audit(to, "fork", record.origin, admitted.sealed.id, "one-number-one-record", f"number {record.number}")
        done.tell.append(
            self._node_ask(
                "line/report-fork",
                admitted.sealed.id,
                {
                    "origin": record.origin,
                    "audience": record.label.rel_to,
                    "precedence": int(record.precedence),
                    "number": record.number,
                    "kept": self.store.id_at(to, record.lane, record.number) or "",
                    "other": admitted.sealed.id,
                },
            )
        )

    def _refuse(self, to: Connection, done: Received, peer: str, refused: Refused) -> None:
        done.count("refused")
        done.refused.append(refused)
        self._audit(to, "refused", peer, refused.record_id, refused.policy, str(refused.error))

    def _node_ask(self, command: str, subject: str, facts: Mapping[str, object]) -> Asked:
        ask = msgspec.convert(facts, self.catalogue.command(command).ask)
        return Asked(self.author, command, ask, f"{command}:{subject}")

    def _tell(self, done: Received) -> None:
        if done.tell:
            self.say_many(done.tell)

    # React, judge, wake

    def react(self) -> bool:
        """Let reactions follow the log for a while. True when there is more to follow."""
        with self._writing() as to:
            return self.reactor.run(to, self.desk(NODE))

    def judge(self, path: str, ask: Struct) -> Any:
        """Answer a query as of now."""
        query = self.catalogue.query(path)
        with self.store.reading() as from_:
            return query.answer(ask, Reader(from_), self.clock.now())

    def wake(self) -> Woken:
        """Ask, as the node, everything that is due."""
        now = self.clock.now()
        coming: list[datetime] = []
        with self.store.reading() as from_:
            view = Reader(from_)
            dues = [(one.name, due) for one in self.catalogue.instruments for due in one.due(view)]
            asked = set(from_.execute(_ASKED, {"author": NODE, "keys": [due.key for _, due in dues]}).scalars())
            parked = set(from_.execute(_PARKED, {"keys": [due.key for _, due in dues]}).scalars())
        said = 0
        for instrument, due in dues:
            if due.key in asked or due.key in parked:
                continue
            if due.at > now:
                coming.append(due.at)
                continue
            try:
                self.say(Asked(self.author, f"{instrument}/{due.command}", due.ask, due.key))
                said += 1
            except LaurelError as error:
                with self._writing() as to:
                    self.reactor.park(to, f"due.{instrument}/{due.command}", due.key, error)
        return Woken(said, min(coming, default=None))

    def _writing(self) -> Any:
        return self.reactor.guarded()

    def _taken_at(self) -> str:
        return self._real.now().isoformat()

    def _audit(self, to: Connection, decision: str, member: str, record: str, policy: str, why: str) -> None:
        row = {"decision": decision, "member": member, "record": record, "policy": policy, "why": why}
        to.execute(_PUT_AUDIT, {"at": self._taken_at(), **row})


@dataclass(frozen=True)
class _Held:
    """The lanes as they stand within one transaction."""

    store: Store
    connection: Connection

    def head(self, lane: Lane) -> tuple[int, str | None]:
        return self.store.head(self.connection, lane)

    def id_at(self, lane: Lane, number: int) -> str | None:
        return self.store.id_at(self.connection, lane, number)


def _row_of(admitted: Admitted, lane: int) -> dict[str, object]:
    sealed = admitted.sealed
    return {
        "id": sealed.id,
        "lane": lane,
        "number": admitted.record.number,
        "payload": sealed.payload,
        "signature": sealed.signature,
        "key_id": sealed.key_id,
    }


_A, _H = schema.ask, schema.held
_GET_ASK = sa.select(_A.c.digest, _A.c.records).where(
    _A.c.author == bindparam("author"), _A.c.ask_id == bindparam("ask_id")
)
_PUT_ASK = insert(_A)
_ASKED = sa.select(_A.c.ask_id).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("keys", expanding=True))
)
_PARKED = sa.select(schema.parked.c.subject).where(schema.parked.c.subject.in_(bindparam("keys", expanding=True)))
_PUT_OUTBOX = insert(schema.outbox).on_conflict_do_nothing()
_PUT_AUDIT = insert(schema.audit)
_PUT_HELD = insert(_H).on_conflict_do_nothing()
_GET_HELD = sa.select(_H).where(_H.c.lane == bindparam("of_lane"), _H.c.number == bindparam("of_number"))
_DROP_HELD = sa.delete(_H).where(_H.c.lane == bindparam("of_lane"), _H.c.number == bindparam("of_number"))
_COUNT_HELD = sa.select(sa.func.count()).select_from(_H).where(_H.c.lane == bindparam("of_lane"))
_PUT_FORK = insert(schema.fork).on_conflict_do_nothing()
