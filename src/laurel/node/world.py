"""A world: one clock, one log, one set of views, one writer.

Four things happen to records here. `say` takes an ask and lets the decision be written, folded and
reacted to in one transaction. `receive` admits a peer's records. `judge` answers a query from the
views. `wake` asks what time itself has made due. Everything that writes runs on one thread.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.release import Release, release
from laurel.core.errors import AskReused, BadField, BadLabel, LaurelError, NotPermitted, StillListening
from laurel.core.instrument import Desk, Role
from laurel.core.record import Draft, Lane, Record, Sealed, decode, key_id, seal
from laurel.core.roster import Roster
from laurel.node.clock import Clock
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.gaps import declared
from laurel.node.keep.parked import park, parked_by
from laurel.node.keep.store import Reader, Store, is_machine_fault
from laurel.node.keep.transaction import Transaction
from laurel.node.keep.views import fold_said
from laurel.node.reactor import Reactor
from laurel.node.reception import Received, Reception
from laurel.node.recovery import Recovery

WAKE_BATCH = 64
NODE = "node"

log = logging.getLogger(__name__)

_Before = dict[tuple[str, str], tuple[str, tuple[str, ...]]]


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
        self.reactor = Reactor(store, catalogue, self._say_draft)
        self.recovery = Recovery()
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
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def say_many(self, asks: Sequence[Asked]) -> list[Said | Exception]:
        """Several asks in one transaction, each whole or not at all. The error is the outcome of one that failed."""
        with self.reactor.guarded() as to:
            outcomes = self._ask_all(to, asks)
            quiet = self.recovery.quiet
            if not quiet:
                self.reactor.run(to, self.desk(NODE))
        if quiet:
            self._look()
        return outcomes

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
            with to.step():
                return self._ask(to, asked, before)
        except Exception as error:
            if is_machine_fault(error):
                raise
            if not isinstance(error, LaurelError):
                log.exception("%s failed", asked.command)
            return error

    def _ask(self, to: Transaction, asked: Asked, before: _Before) -> Said:
        command = self.catalogue.command(asked.command)
        if not asked.author.roles & command.roles:
            raise NotPermitted(author=asked.author.name, command=asked.command, needs=", ".join(sorted(command.roles)))
        digest = hashlib.sha256(asked.command.encode() + b"\n" + msgspec.json.encode(asked.ask)).hexdigest()
        key = (asked.author.name, asked.ask_id)
        if key in before:
            first, records = before[key]
            if first != digest:
                raise AskReused(author=asked.author.name, ask_id=asked.ask_id)
            return Said(records, again=True)
        desk = self.desk(asked.author.name)
        drafts = command.decide(asked.ask, Reader(to), desk)
        said = Said(tuple(self._say_draft(to, draft, desk) for draft in drafts))
        row = {"author": asked.author.name, "ask_id": asked.ask_id, "digest": digest}
        to.put(_PUT_ASK, {**row, "records": " ".join(said.records)})
        before[key] = (digest, said.records)
        return said

    def _say_draft(self, to: Transaction, draft: Draft, desk: Desk) -> str:
        audience = draft.label.rel_to
        if desk.member not in audience or not self.roster.entitled.issuperset(audience):
            raise BadLabel(rel_to=audience, members=sorted(self.roster.entitled))
        world = self.store.world
        kind = self.catalogue.kind_of(draft.body)
        lane = Lane(world, desk.member, audience, draft.precedence)
        if kind.skips is not None:
            number, prev = self._beyond(to, lane, *kind.skips(draft.body))
        else:
            if len(audience) > 1:
                self.recovery.must_speak(lane)
            stand = self.store.stand(to, lane)
            number, prev = stand.number + 1, stand.head
        record = Record(
            kind=kind.name,
            compact=world.compact,
            exercise=world.exercise,
            origin=desk.member,
            author=desk.author,
            at=desk.now,
            label=draft.label,
            precedence=draft.precedence,
            number=number,
            prev=prev,
            about=draft.about,
            answers=draft.answers,
            salt=self._salt(),
            body=draft.body,
        )
        sealed = seal(record, self._key, self._key_id)
        # What is folded here is what everybody else will read.
        read, misread = self.catalogue.read(decode(sealed.payload))
        if misread is not None:
            raise BadField(kind=record.kind, why=misread)
        position = self.store.append(to, read, sealed, None)
        fold_said(to, self.store, self.catalogue.folds, sealed.id, read)
        self._release(to, sealed, read, position)
        return sealed.id

    def _beyond(self, to: Transaction, lane: Lane, first: int, last: int) -> tuple[int, str | None]:
        """Where a gap of ours is declared: the number right behind it, and the id right before. Raises BadField."""
        stand = self.store.stand(to, lane)
        gaps = [end for of, _, end in declared(to, self.store, self.catalogue.understood) if of == lane]
        if not max(gaps, default=-1) + 1 < first <= stand.number + 1:
            raise BadField(field="first", value=first, must_be=f"{stand.number + 1}: the lane is held up to there")
        self.recovery.declare(lane, last, stand.number)
        return last + 1, self.store.id_at(to, lane, first - 1)

    def _release(self, to: Transaction, sealed: Sealed, record: Record[Any], position: int) -> None:
        for member in sorted(self.roster.entitled - {self.roster.me}):
            decision = release(sealed, record, member, self.roster)
            if isinstance(decision, Release):
                to.put(
                    _PUT_OUTBOX, {"peer": member, "via": "", "precedence": int(record.precedence), "position": position}
                )
                audit(to, "release", member, decision.record_id, decision.policy, "")
            else:
                audit(to, "withheld", member, decision.record_id, decision.policy, decision.why)

    # Receive

    def receive(self, peer: str, wrapped: Iterable[bytes]) -> Received:
        """Admit what a peer's server handed us. When this returns, it is on the disk."""
        with self.reactor.guarded() as to:
            reception = Reception(to, self.store, self.catalogue, self.roster, self.recovery.asked_for)
            for one in wrapped:
                reception.take(peer, one)
            self._tell(to, [self._node_ask(*told) for told in reception.done.tell])
        if reception.done.recovered:
            self.reactor.pass_over(reception.done.recovered)
            self.recovery.moved()
            self._look()
        return reception.done

    def tell_what_waited(self) -> None:
        """Forks and records not understood that came before we spoke, and were told to nobody yet."""
        with self.reactor.guarded() as to:
            reception = Reception(to, self.store, self.catalogue, self.roster, self.recovery.asked_for)
            reception.tell_again()
            self._tell(to, [self._node_ask(*told) for told in reception.done.tell])

    def _look(self) -> None:
        """Whether we may speak may depend on what we hold now."""
        self.recovery.look(self.store.stands, self.store.world, self.roster.me, self.roster.entitled)

    def _node_ask(self, command: str, subject: str, facts: Mapping[str, object]) -> Asked:
        ask = msgspec.convert(facts, self.catalogue.command(command).ask)
        return Asked(self.author, command, ask, f"{command}:{subject}")

    def _tell(self, to: Transaction, asks: Sequence[Asked]) -> int:
        """Ask these as the node. How many were said now; one that fails is parked, since nobody waits for it."""
        outcomes = self._ask_all(to, asks)
        for asked, outcome in zip(asks, outcomes, strict=True):
            # What must wait until we speak is told then: the evidence itself is on the disk.
            if isinstance(outcome, Exception) and not isinstance(outcome, StillListening):
                park(to, f"{NODE}.{asked.command}", asked.ask_id, outcome)
        return sum(isinstance(outcome, Said) and not outcome.again for outcome in outcomes)

    # React, judge, wake

    def react(self) -> bool:
        """Let reactions follow the log for a while. True when there is more to follow."""
        if self.recovery.quiet:
            return False
        with self.reactor.guarded() as to:
            return self.reactor.run(to, self.desk(NODE))

    def judge(self, path: str, ask: Struct) -> Any:
        """Answer a query as of now."""
        query = self.catalogue.query(path)
        with self.store.reading() as from_:
            return query.answer(ask, Reader(from_), self.clock.now())

    def wake(self) -> Woken:
        """Ask, as the node, everything that is due."""
        if self.recovery.quiet:
            return Woken(0, None)
        now = self.clock.now()
        failed: dict[str, Exception] = {}
        with self.store.reading() as from_:
            dues = self._dues(from_, failed)
        if failed:
            with self.store.writing() as to:
                for name, error in failed.items():
                    park(to, f"{name}.due", "every wake", error)
        due = [asked for at, asked in dues if at <= now]
        said = 0
        for start in range(0, len(due), WAKE_BATCH):
            with self.reactor.guarded() as to:
                said += self._tell(to, due[start : start + WAKE_BATCH])
                self.reactor.run(to, self.desk(NODE))
        return Woken(said, min((at for at, _ in dues if at > now), default=None))

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
        keys = {"author": NODE, "ask_ids": [asked.ask_id for _, asked in dues]}
        settled = {row.ask_id for row in from_.execute(_GET_ASKS, keys)}
        for command in {asked.command for _, asked in dues}:
            settled |= parked_by(from_, f"{NODE}.{command}")
        return sorted((one for one in dues if one[1].ask_id not in settled), key=lambda one: one[0])


_A = schema.ask
_GET_ASKS = sa.select(_A.c.ask_id, _A.c.digest, _A.c.records).where(
    _A.c.author == bindparam("author"), _A.c.ask_id.in_(bindparam("ask_ids", expanding=True))
)
_PUT_ASK = insert(_A)
_PUT_OUTBOX = insert(schema.outbox).on_conflict_do_nothing()
