"""A world: one clock, one log, one set of views, one writer.

Four things happen to records here. `say` takes an ask and lets the decision be written, folded and
reacted to in one transaction. `receive` admits a peer's records. `judge` answers a query from the
views. `wake` asks what time itself has made due. Everything that writes runs on one thread.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.admit import Refused, refused
from laurel.border.parcel import Parcel, message_id, open_parcel, read_outside
from laurel.border.policy import Asking, House, Policies
from laurel.border.relay import Passing
from laurel.core.errors import AskReused, BadField, BadLabel, LaurelError, NotForUs, NotPermitted, Untrusted
from laurel.core.instrument import Command, Desk, Role
from laurel.core.record import Draft, Lane, Record, decode, seal
from laurel.core.roster import Roster, SealingKey
from laurel.node import twofold
from laurel.node.anchor import ANCHOR, anchor_due
from laurel.node.clock import Clock
from laurel.node.derive import LATER
from laurel.node.gate import Gate
from laurel.node.keep import schema
from laurel.node.keep.audit import Seldom, audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.parked import park, parked_by
from laurel.node.keep.store import Reader, Store, is_machine_fault
from laurel.node.keep.transaction import Transaction
from laurel.node.keep.views import fold_said
from laurel.node.members import ROSTER_KINDS, Keys, roster_of
from laurel.node.reactor import NEVER, Reactor
from laurel.node.reception import Received, Reception
from laurel.node.relay import holds_any

WAKE_BATCH = 64
NODE = "node"

log = logging.getLogger(__name__)

_Before = dict[tuple[str, str], tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Author:
    """Who asks, and what they may do. `only` is what a narrow credential names: None is all that its roles may."""

    name: str
    roles: frozenset[Role]
    only: frozenset[str] | None = None

    def reach(self, path: str) -> None:
        """Raises NotPermitted for a path that a narrow credential does not name."""
        if self.only is not None and path not in self.only:
            raise NotPermitted(author=self.name, path=path, needs="a credential that names it")


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


class World:
    """One world at one node. `salt` makes 16 fresh random bytes."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        cards: Roster,
        keys: Keys,
        clock: Clock,
        salt: Callable[[], bytes],
        house: House,
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self.clock = clock
        self.keys = keys
        self._cards = cards
        self._heard: dict[str, SealingKey] = {}
        self._stale = False
        self._salt = salt
        self.take_cards(cards)
        self.reactor = Reactor(store, catalogue, self._say_draft)
        self.gate = Gate(store, catalogue, cards.me, house, self._say_draft)
        self._refusals = Seldom()
        self.author = Author(NODE, frozenset({Role.NODE}))
        # Whose direct path is cut, and through whom what is released for it goes as well.
        self.detours: Mapping[str, str] = {}
        with store.reading() as from_:
            self.relaying = holds_any(from_)

    @property
    def policies(self) -> Policies:
        """What decides what may cross, and who may ask what, from the next record on."""
        return self.gate.policies

    @property
    def key(self) -> Ed25519PrivateKey:
        """What this member signs with in this world now. Raises NoKey."""
        return self.keys.signer(self.roster)[1]

    # The roster

    def take_cards(self, cards: Roster) -> None:
        """Members were admitted or left. For the writer's thread."""
        with self.store.reading() as from_:
            self.roster = roster_of(cards, Reader(from_), self._heard)
        self._cards = cards

    def hear_sealing(self, member: str, key: SealingKey) -> None:
        """A member says, beside its log, by which key it is written to now. For the writer's thread."""
        if member in self._cards.cards and key.generation > self.roster.sealing_of(member).generation:
            self._heard[member] = key
            self.take_cards(self._cards)

    @contextmanager
    def _writing(self) -> Generator[Transaction]:
        """A transaction of the one writer: when it fails, roster and policies too are what they were."""
        before = self.roster
        try:
            with self.gate.standing(), self.reactor.guarded() as to:
                yield to
                self._follow_roster(to)
                self.gate.derive(to, self.desk(NODE), self.roster)
        except BaseException:
            self.roster = before
            raise
        finally:
            self._stale = False

    def _follow_roster(self, to: Transaction) -> Roster:
        """The roster, made again if something was said or received that changes it: in force for the next record."""
        if self._stale:
            self.roster, self._stale = roster_of(self._cards, Reader(to), self._heard), False
        return self.roster

    def _read_roster_again(self, to: Transaction) -> Roster:
        self._stale = True
        return self._follow_roster(to)

    def desk(self, author: str) -> Desk:
        """Where a decision is made now."""
        roster = self.roster
        return Desk(
            self.store.world,
            roster.me,
            author,
            self.clock.now(),
            roster.speakers,
            readers=roster.readers,
            kinds=self.catalogue.kinds,
            founded=roster.founded,
        )

    # Say

    def say(self, asked: Asked) -> Said:
        """Decide, append, fold and react in one transaction. A repeat returns the first result."""
        outcome = self.say_many([asked])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def say_many(self, asks: Sequence[Asked]) -> list[Said | Exception]:
        """Several asks in one transaction, each whole or not at all. The error is the outcome of one that failed."""
        with self._writing() as to:
            outcomes = self._ask_all(to, asks)
            self.reactor.run(to, self.desk(NODE))
        return outcomes

    def say_alone(self, ask: Callable[[Transaction], Asked]) -> Said:
        """One ask, made in the transaction that says it, in which nothing else is said."""
        with self._writing() as to:
            outcome = self._attempt(to, ask(to), {})
            if isinstance(outcome, Exception):
                raise outcome
        return outcome

    def note(self, decision: str, subjects: Iterable[tuple[str, str]]) -> None:
        """Write into the audit what this node did to each of these by itself, and under which rule."""
        with self.store.writing() as to:
            for subject, policy in subjects:
                audit(to, decision, self.roster.me, subject, policy, "")

    def _ask_all(self, to: Transaction, asks: Sequence[Asked]) -> list[Said | Exception]:
        before = self._asked_before(to, asks)
        return [self._attempt(to, asked, before) for asked in asks]

    def _asked_before(self, to: Transaction, asks: Sequence[Asked]) -> _Before:
        """What each of these asks, or another under its ask_id, led to before."""
        by_author: dict[str, list[str]] = defaultdict(list)
        for asked in asks:
            by_author[asked.author.name].append(asked.ask_id)
        return {
            (author, row.ask_id): (row.digest, tuple(row.records.split()))
            for author, ask_ids in by_author.items()
            for row in to.execute(_GET_ASKS, {"author": author, "ask_ids": ask_ids})
        }

    def _attempt(self, to: Transaction, asked: Asked, before: _Before) -> Said | Exception:
        try:
            with self.gate.standing(), to.step():
                said = self._ask(to, asked, before)
            self._follow_roster(to)
        except Exception as error:
            if is_machine_fault(error):
                raise
            if not isinstance(error, LaurelError):
                log.exception("%s failed", asked.command)
            if isinstance(error, NotPermitted | BadLabel):
                self._audit_refusal(to, asked, error)
            return error
        return said

    def _audit_refusal(self, to: Transaction, asked: Asked, error: LaurelError) -> None:
        """Once a minute for each author, command and error: who keeps trying fills no disk."""
        if self._refusals.first(to.at, asked.author.name, asked.command, error.code):
            by = {"author": asked.author.name, "digest": self.policies.digest}
            audit(to, "asked-refused", self.roster.me, "", asked.command, str(error), **by)

    def _ask(self, to: Transaction, asked: Asked, before: _Before) -> Said:
        command = self.catalogue.command(asked.command)
        asked.author.reach(asked.command)
        self._permit(asked.author, asked.command, command)
        self.gate.check(asked.ask)
        digest = hashlib.sha256(asked.command.encode() + b"\n" + msgspec.json.encode(asked.ask)).hexdigest()
        key = (asked.author.name, asked.ask_id)
        if key in before:
            first, records = before[key]
            if first != digest:
                raise AskReused(author=asked.author.name, ask_id=asked.ask_id)
            return Said(records, again=True, waits=command.persons > 1)
        said = Said(tuple(self._decide(to, command, asked)), waits=command.persons > 1)
        row = {"author": asked.author.name, "ask_id": asked.ask_id, "digest": digest}
        to.put(_PUT_ASK, {**row, "records": " ".join(said.records)})
        before[key] = (digest, said.records)
        return said

    def _permit(self, who: Author, path: str, command: Command[Any]) -> None:
        """Raises NotPermitted unless the policies in force let this author ask this."""
        self.gate.permit(Asking(who.name, who.roles, path, command.roles, command.persons), self.roster)

    def _decide(self, to: Transaction, command: Command[Any], asked: Asked) -> list[str]:
        """Say what follows from an ask: what takes two persons is proposed by the first, and done by the second."""
        desk, view = self.desk(asked.author.name), Reader(to)
        if command.persons > 1:
            drafts = twofold.propose(asked.command, command, asked.ask, view, desk)
            return [self._say_draft(to, draft, desk) for draft in drafts]
        if asked.command not in twofold.ON_A_PROPOSAL:
            return [self._say_draft(to, draft, desk) for draft in command.decide(asked.ask, view, desk)]
        found, proposed = twofold.proposal_for(asked.ask, asked.author.roles, self.catalogue.command, view, desk)
        self._permit(asked.author, found.command, proposed)
        said = [self._say_draft(to, draft, desk) for draft in command.decide(asked.ask, view, desk)]
        if asked.command == twofold.APPROVE:
            drafts, both = twofold.done(found, proposed, said[0], view, desk)
            said += [self._say_draft(to, draft, both) for draft in drafts]
        return said

    def _say_draft(self, to: Transaction, draft: Draft, desk: Desk) -> str:
        kind = self.catalogue.kind_of(draft.body).name
        label, kept = self.gate.outward(kind, draft.label, desk, self.roster)
        world = self.store.world
        stand = self.store.stand(to, Lane(world, desk.member, label.rel_to, draft.precedence))
        record = Record(
            kind=kind,
            compact=world.compact,
            exercise=world.exercise,
            origin=desk.member,
            author=desk.author,
            at=desk.now,
            label=label,
            precedence=draft.precedence,
            number=stand.number + 1,
            prev=stand.head,
            about=draft.about,
            answers=draft.answers,
            salt=self._salt(),
            body=draft.body,
        )
        name, key = self.keys.signer(self.roster)
        sealed = seal(record, key, name)
        # What is folded here is what everybody else will read.
        read, misread = self.catalogue.read(decode(sealed.payload))
        if misread is not None:
            raise BadField(kind=record.kind, why=misread)
        self.store.append(to, read, sealed, None)
        fold_said(to, self.store, self.catalogue.folds, sealed.id, read)
        self.gate.follow(sealed.id, read)
        self.gate.let_out(to, sealed, read, self.roster, kept, self.detours)
        self.gate.plan(to, sealed.id, read, desk, self.roster)
        self._stale = self._stale or record.kind in ROSTER_KINDS
        return sealed.id

    # Receive

    def receive(self, peer: str, wrapped: Iterable[bytes]) -> Received:
        """Open and admit what a peer's server handed us. When this returns, it is on the disk."""
        return self.take_in(peer, self.open_parcels(wrapped))

    def open_parcels(self, wrapped: Iterable[bytes]) -> list[Parcel | Passing | Refused]:
        """What is in these parcels, or why it may not come in. On any thread: nothing is written."""
        return [self._open(one) for one in wrapped]

    def _open(self, wrapped: bytes) -> Parcel | Passing | Refused:
        me = self.roster.me
        try:
            return open_parcel(wrapped, self.store.world.name, me, self.keys.sealing)
        except Untrusted as error:
            if isinstance(error, NotForUs) and error.facts.get("recipient", me) != me:
                return Passing(read_outside(wrapped), wrapped)
            return refused(message_id(wrapped), error)

    def take_in(self, peer: str, opened: Iterable[Parcel | Passing | Refused]) -> Received:
        """Admit what a peer's server handed us. When this returns, it is on the disk."""
        with self._writing() as to:
            read_roster = partial(self._read_roster_again, to)
            reception = Reception(to, self.store, self.catalogue, self.roster, self.policies, read_roster)
            for one in opened:
                reception.take(peer, one)
            self._tell(to, [self._node_ask(*told) for told in reception.done.tell])
        self.relaying |= reception.done.relayed > 0
        return reception.done

    def _node_ask(self, command: str, subject: str, facts: Mapping[str, object]) -> Asked:
        ask = msgspec.convert(facts, self.catalogue.command(command).ask)
        return Asked(self.author, command, ask, f"{command}:{subject}")

    def _tell(self, to: Transaction, asks: Sequence[Asked]) -> int:
        """Ask these as the node. How many were said now; one that fails is parked, since nobody waits for it."""
        outcomes = self._ask_all(to, asks)
        for asked, outcome in zip(asks, outcomes, strict=True):
            if isinstance(outcome, Exception):
                park(to, f"{NODE}.{asked.command}", asked.ask_id, outcome)
        return sum(isinstance(outcome, Said) and not outcome.again for outcome in outcomes)

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
        failed: dict[str, Exception] = {}
        with self.store.reading() as from_:
            dues = self._dues(from_, failed)
            derive_at = self.gate.derivation.next_at(from_)
        if failed:
            with self.store.writing() as to:
                for name, error in failed.items():
                    park(to, f"{name}.due", "every wake", error)
        due = [asked for at, asked in dues if at <= now]
        said = 0
        for start in range(0, len(due), WAKE_BATCH):
            with self._writing() as to:
                said += self._tell(to, due[start : start + WAKE_BATCH])
                self.reactor.run(to, self.desk(NODE))
        if derive_at <= now:
            with self._writing() as to:
                said += self.gate.derive(to, self.desk(NODE), self.roster)
                derive_at = self.gate.derivation.next_at(to)
        next_at = min((at for at, _ in dues if at > now), default=LATER)
        return Woken(said, None if next_at == derive_at == LATER else min(next_at, derive_at))

    def _dues(self, from_: Connection, failed: dict[str, Exception]) -> list[tuple[datetime, Asked]]:
        """Everything that time will ask for and that has neither been asked nor failed, the earliest first."""
        dues: list[tuple[datetime, Asked]] = []
        for one in self.catalogue.instruments:
            try:
                found = one.due(Reader(from_))
            except Exception as error:
                if is_machine_fault(error):
                    raise
                failed[one.name] = error
            else:
                dues += [(due.at, Asked(self.author, f"{one.name}/{due.command}", due.ask, due.key)) for due in found]
        dues += self._anchor(from_)
        keys = {"author": NODE, "ask_ids": [asked.ask_id for _, asked in dues]}
        settled = {row.ask_id for row in from_.execute(_GET_ASKS, keys)}
        for command in {asked.command for _, asked in dues}:
            settled |= parked_by(from_, f"{NODE}.{command}")
        return sorted((one for one in dues if one[1].ask_id not in settled), key=lambda one: one[0])

    def _anchor(self, from_: Connection) -> list[tuple[datetime, Asked]]:
        """The ask to put the audit's chain on record, when its time has come: by the real time."""
        ask = anchor_due(from_, self.store.real.now()) if self.catalogue.answers(ANCHOR) else None
        return [] if ask is None else [(NEVER, Asked(self.author, ANCHOR, ask, f"{ANCHOR}:{ask.line}"))]


_A = schema.ask
_GET_ASKS = sa.select(_A.c.ask_id, _A.c.digest, _A.c.records).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("ask_ids", expanding=True))
)
_PUT_ASK = insert(_A)
