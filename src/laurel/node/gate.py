"""The gate of one world: who may ask, whom a label may name, what goes into the outbox, what is told instead.

The border decides; here its decisions take effect in the world's transaction and are written down, each with the
digest of the policies in force.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct, structs
from sqlalchemy.dialects.sqlite import insert

from laurel.border.policy import Asking, Decision, Header, House, Policies, header_of
from laurel.border.readers import check_saying
from laurel.border.release import Release, release
from laurel.core.errors import BadLabel, NotPermitted, NotReleasable
from laurel.core.instrument import Desk, Role
from laurel.core.label import Label
from laurel.core.record import Record, Sealed
from laurel.core.roster import Roster
from laurel.instruments.office.policies import PutPolicyAsk
from laurel.instruments.office.records import POLICY_PUT
from laurel.node.derive import Derivation, SayDraft
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.transaction import Transaction
from laurel.node.policies import InForce, in_force, put_in_force


class Gate:
    """What the policies in force do in one world. `force` is replaced by the record that puts others in force."""

    def __init__(self, store: Store, catalogue: Catalogue, me: str, house: House, say: SayDraft) -> None:
        self.derivation = Derivation(store, catalogue, say)
        self._sanitises = catalogue.sanitises
        with store.reading() as from_:
            self.force: InForce = in_force(from_, me, house)

    @property
    def policies(self) -> Policies:
        """What decides, from the next record on."""
        return self.force.policies

    @contextmanager
    def standing(self) -> Generator[None]:
        """If it raises, the policies in force are those that were."""
        before = self.force
        try:
            yield
        except BaseException:
            self.force = before
            self.derivation.forget()
            raise

    def permit(self, asking: Asking, roster: Roster) -> None:
        """Raises NotPermitted unless the policies let this author ask this."""
        decision = self.policies.ask(asking, roster)
        if not decision.allowed:
            facts = {"command": asking.command, "policy": decision.policy, "why": decision.why}
            raise NotPermitted(author=asking.author, needs=", ".join(sorted(asking.needs)), **facts)

    def check(self, ask: Struct) -> None:
        """Raises BadPolicy for policies that do not hold: whoever proposes them hears it, not only who approves."""
        if isinstance(ask, PutPolicyAsk):
            put_in_force(ask.files, ask.digest, None, self.policies.house)

    def outward(self, kind: str, label: Label, desk: Desk, roster: Roster) -> tuple[Label, Mapping[str, Decision]]:
        """The label as it may be said, and whom it no longer names, by which decision.

        A label names exactly those who get the record, so that a lane has no holes. An officer who names another is
        told. What the node makes itself is said to those who may have it.

        Raises BadLabel, ReadersListen, ReadersAreToldDerived, NotReleasable.
        """
        kept: dict[str, Decision] = {}
        if desk.member not in label.rel_to or not roster.entitled.issuperset(label.rel_to):
            raise BadLabel(rel_to=label.rel_to, members=sorted(roster.entitled))
        if desk.author != Role.NODE:
            check_saying(kind, label.rel_to, roster)
        while True:
            header = Header(kind, desk.member, label, desk.world)
            others = ((code, self.policies.release(header, code, roster)) for code in label.rel_to)
            refused = {code: one for code, one in others if code != desk.member and not one.allowed}
            if not refused:
                check_saying(kind, label.rel_to, roster)
                return label, kept
            if desk.author != Role.NODE:
                member, decision = next(iter(refused.items()))
                raise NotReleasable(member=member, label=label.banner, policy=decision.policy, why=decision.why)
            kept |= refused
            label = structs.replace(label, rel_to=tuple(code for code in label.rel_to if code not in refused))

    def follow(self, record_id: str, record: Record[Any]) -> None:
        """Let a record of ours that puts policies in force do so. Raises BadPolicy."""
        if record.kind == POLICY_PUT.name:
            self.force = put_in_force(record.body.files, record.body.digest, record_id, self.policies.house)

    def let_out(
        self,
        to: Transaction,
        sealed: Sealed,
        record: Record[Any],
        roster: Roster,
        kept: Mapping[str, Decision],
        detours: Mapping[str, str],
    ) -> None:
        """Put our last record into the outbox for everybody who may have it, and write down who may not, and why."""
        digest, position = self.policies.digest, to.position
        for member in sorted(roster.entitled - {roster.me}):
            decision = release(sealed, record, member, roster, self.policies)
            if isinstance(decision, Release):
                for via in {"", detours.get(member, "")}:
                    row = {"peer": member, "via": via, "precedence": int(record.precedence), "position": position}
                    to.put(_PUT_OUTBOX, row)
                audit(to, "release", member, decision.record_id, decision.policy, "", digest=digest)
            else:
                # Why it was not even named says more than that it is not.
                first = kept.get(member, decision)
                audit(to, "withheld", member, decision.record_id, first.policy, first.why, digest=digest)

    def plan(self, to: Transaction, record_id: str, record: Record[Any], desk: Desk, roster: Roster) -> None:
        """Whoever may not have our last record may have something derived of it, if a policy says so."""
        if record.kind not in self._sanitises:
            return
        for member in sorted(roster.entitled - {roster.me, *record.label.rel_to}):
            decision = self.policies.sanitise(header_of(record), member, roster)
            if decision.terms is not None:
                self.derivation.plan(to, to.position, member, decision.terms, desk.now)
                audit(to, "to-derive", member, record_id, decision.policy, decision.why, digest=self.policies.digest)

    def derive(self, to: Transaction, desk: Desk, roster: Roster) -> int:
        """Say what is to be derived by now. How many records were said."""
        return self.derivation.run(to, desk, roster, self.force)


_PUT_OUTBOX = insert(schema.outbox).on_conflict_do_nothing()
