"""A world: one clock, one log, one set of views, one writer.

Four things happen to records here. `say` takes an ask and lets the decision be written, folded and
reacted to in one transaction. `receive` admits a peer's records. `judge` answers a query from the
views. `wake` asks what time itself has made due. Everything that writes runs on one thread.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from laurel.border.admit import Refused
from laurel.border.parcel import Parcel
from laurel.border.policy import Asking, House, Policies
from laurel.border.relay import Passing
from laurel.core.errors import (
    AskReused,
    BadField,
    BadLabel,
    LaurelError,
    NotPermitted,
    StillListening,
)
from laurel.core.instrument import Command, Desk, Role
from laurel.core.record import Draft, Lane, Record, decode, seal
from laurel.core.roster import Roster, SealingKey
from laurel.node import twofold
from laurel.node.asked import NODE, Asked, Before, Judged, Said, Woken, asked_before, remember
from laurel.node.author import Author
from laurel.node.clock import Clock
from laurel.node.derive import LATER
from laurel.node.gate import Gate
from laurel.node.keep.audit import Seldom, audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.gaps import declared
from laurel.node.keep.parked import park
from laurel.node.keep.reader import Reader
from laurel.node.keep.store import Store, is_machine_fault
from laurel.node.keep.transaction import Transaction
from laurel.node.keep.views import fold_said
from laurel.node.members import ROSTER_KINDS, Keys, roster_of
from laurel.node.reactor import Reactor
from laurel.node.reception import Received, Reception, opened
from laurel.node.recovery import Recovery
from laurel.node.relay import holds_any
from laurel.node.waking import dues_of

WAKE_BATCH = 64

log = logging.getLogger(__name__)


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
        store.belong_to(cards.me)
        self.take_cards(cards)
        self.reactor = Reactor(store, catalogue, self._say_draft)
        self.gate = Gate(store, catalogue, cards.me, house, self._say_draft)
        self._refusals = Seldom()
        self.recovery = Recovery()
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
            charter=roster.charter,
            asks=self.catalogue.asks,
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
            quiet = self.recovery.quiet
            if not quiet:
                self.reactor.run(to, self.desk(NODE))
        if quiet:
            self._look()
        return outcomes

    def say_alone(self, ask: Callable[[Transaction], Asked]) -> Said:
        """One ask, made in the transaction that says it, in which nothing else is said."""
        with self._writing() as to:
            outcome = self._attempt(to, ask(to), {})
            if isinstance(outcome, Exception):
                raise outcome
        return outcome

    def note(self, decision: str, subjects: Iterable[tuple[str, str]], *, author: str = "", why: str = "") -> None:
        """Write into the audit what was done to each of these and under which rule: by the author, or by the node."""
        with self.store.writing() as to:
            for subject, policy in subjects:
                audit(to, decision, self.roster.me, subject, policy, why, author=author)

    def _ask_all(self, to: Transaction, asks: Sequence[Asked]) -> list[Said | Exception]:
        before = asked_before(to, asks)
        return [self._attempt(to, asked, before) for asked in asks]

    def _attempt(self, to: Transaction, asked: Asked, before: Before) -> Said | Exception:
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

    def _ask(self, to: Transaction, asked: Asked, before: Before) -> Said:
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
        remember(to, asked, digest, said.records)
        before[key] = (digest, said.records)
        return said

    def _permit(self, who: Author, path: str, command: Command[Any]) -> None:
        """Raises NotPermitted unless the policies in force let this author ask this."""
        self.gate.permit(Asking(who.name, who.roles, path, command.roles, command.persons), self.roster)

    def _decide(self, to: Transaction, command: Command[Any], asked: Asked) -> list[str]:
        """Say what follows from an ask: what takes two persons is proposed by the first, and done by the second."""
        desk, view = self.desk(asked.author.name), Reader(to, self.catalogue.instruments)
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
        kind = self.catalogue.kind_of(draft.body)
        label, kept = self.gate.outward(kind.name, draft.label, desk, self.roster)
        world = self.store.world
        lane = Lane(world, desk.member, label.rel_to, draft.precedence)
        if kind.skips is not None:
            number, prev = self._beyond(to, lane, *kind.skips(draft.body))
        else:
            if len(lane.audience) > 1:
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
            label=label,
            precedence=draft.precedence,
            number=number,
            prev=prev,
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

    def _beyond(self, to: Transaction, lane: Lane, first: int, last: int) -> tuple[int, str | None]:
        """Where a gap of ours is declared: the number right behind it, and the id right before. Raises BadField."""
        stand = self.store.stand(to, lane)
        gaps = [end for of, _, end in declared(to, self.store, self.catalogue.understood) if of == lane]
        if not max(gaps, default=-1) + 1 < first <= stand.number + 1:
            raise BadField(field="first", value=first, must_be=f"{stand.number + 1}: the lane is held up to there")
        self.recovery.declare(lane, last, stand.number)
        return last + 1, self.store.id_at(to, lane, first - 1)

    # Receive

    def receive(self, peer: str, wrapped: Iterable[bytes]) -> Received:
        """Open and admit what a peer's server handed us. When this returns, it is on the disk."""
        return self.take_in(peer, self.open_parcels(wrapped))

    def open_parcels(self, wrapped: Iterable[bytes]) -> list[Parcel | Passing | Refused]:
        """What is in these parcels, or why it may not come in. On any thread: nothing is written."""
        world, me, keys = self.store.world.name, self.roster.me, self.keys.sealing
        return [opened(one, world, me, keys) for one in wrapped]

    def take_in(self, peer: str, opened: Iterable[Parcel | Passing | Refused]) -> Received:
        """Admit what a peer's server handed us. When this returns, it is on the disk."""
        with self._writing() as to:
            reception = self._reception(to)
            for one in opened:
                reception.take(peer, one)
            self._tell(to, [self._node_ask(*told) for told in reception.done.tell])
        self.relaying |= reception.done.relayed > 0
        if reception.done.recovered:
            self.reactor.pass_over(reception.done.recovered)
            self.recovery.moved()
            self._look()
        return reception.done

    def _reception(self, to: Transaction) -> Reception:
        read_roster = partial(self._read_roster_again, to)
        asked_for = self.recovery.asked_for
        return Reception(to, self.store, self.catalogue, self.roster, self.policies, read_roster, asked_for)

    def tell_what_waited(self) -> None:
        """Forks and records not understood that came before we spoke, and were told to nobody yet."""
        with self._writing() as to:
            reception = self._reception(to)
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
        with self._writing() as to:
            return self.reactor.run(to, self.desk(NODE))

    def judge(self, path: str, ask: Struct) -> Any:
        """Answer a query as of now."""
        return self.judge_all([(path, ask)])[0].answer

    def judge_all(self, asks: Iterable[tuple[str, Struct]]) -> list[Judged]:
        """Answer several queries as of one moment."""
        asked, now = [(self.catalogue.query(path), ask) for path, ask in asks], self.clock.now()
        judged: list[Judged] = []
        with self.store.reading() as from_:
            for query, ask in asked:
                view = Reader(from_, self.catalogue.instruments)
                answer = query.answer(ask, view, now)
                judged.append(Judged(answer, None if view.tables is None else frozenset(view.tables)))
        return judged

    def wake(self) -> Woken:
        """Ask, as the node, everything that is due."""
        return self._ask_due(anchored=True)

    def settle(self) -> Woken:
        """Follow the log to its end and ask what is due, all that was said having come: nothing of it by real time."""
        if not self.recovery.quiet:
            # A record that comes lets out what is due as well: so it is out first, whatever came when.
            self._derive()
            with self._writing() as to:
                self.reactor.run(to, self.desk(NODE), level=True)
        return self._ask_due(anchored=False)

    def _ask_due(self, *, anchored: bool) -> Woken:
        if self.recovery.quiet:
            return Woken(0, None)
        now = self.clock.now()
        dues = dues_of(self.store, self.catalogue, self.author, anchored=anchored)
        due = [asked for at, asked in dues if at <= now]
        said = 0
        for start in range(0, len(due), WAKE_BATCH):
            with self._writing() as to:
                said += self._tell(to, due[start : start + WAKE_BATCH])
                self.reactor.run(to, self.desk(NODE))
        said += self._derive()
        ahead = [at for at, _ in dues if at > now] + [self._derives_at()]
        return Woken(said, min((at for at in ahead if at != LATER), default=None))

    def _derive(self) -> int:
        """Say what is to be derived by now. How many records were said."""
        if self._derives_at() > self.clock.now():
            return 0
        with self._writing() as to:
            return self.gate.derive(to, self.desk(NODE), self.roster)

    def _derives_at(self) -> datetime:
        with self.store.reading() as from_:
            return self.gate.derivation.next_at(from_)
