"""The policies in force, and what they decide: on headers alone, any forbid wins, no permit is no.

Cedar decides; this page only puts the question. What Cedar cannot evaluate (a fact that is missing, a sum that
overflows) is a no. Decisions are kept, as they follow from the header, the member's standing and the policies alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cedarpy
import msgspec

from laurel.border.cedar import MAX_POLICY_BYTES, PLACE, BadPolicy, Rule, read_rules
from laurel.core.instrument import Role, Terms
from laurel.core.label import Classification, Label
from laurel.core.record import Record, World
from laurel.core.roster import Roster

KEEP_DECISIONS = 4_096
KEEP_LETTERS = 400
"""Of a header: a longer one is decided anew each time, or a peer could fill our memory with them."""
STRANGER = "stranger"
NO_PERMIT = "no-permit"
NO_DECISION = "no-decision"
NO_TERMS = "no-terms"

_EYES = re.compile(r"([A-Z]{3}(?:/[A-Z]{3})*) EYES ONLY")
_BARRED = re.compile(r"NO ([A-Z]{3})")


@dataclass(frozen=True)
class House:
    """What stands before any member's own policies: the package's files, and what the compact fixes.

    `clearances` are those that the compact states; a member without one is cleared for all that the compact carries.
    """

    files: Mapping[str, str]
    schema: str
    ceiling: Classification
    clearances: Mapping[str, Classification] = field(default_factory=dict[str, Classification])


@dataclass(frozen=True)
class Decision:
    """What the policies say, which rules decided, and why in a sentence. `terms` come with leave to sanitise."""

    allowed: bool
    policy: str
    why: str
    terms: Terms | None = None


@dataclass(frozen=True)
class Header:
    """All of a record that a policy reads."""

    kind: str
    origin: str
    label: Label
    world: World


def header_of(record: Record[Any]) -> Header:
    """The record without what it says."""
    return Header(record.kind, record.origin, record.label, record.world)


@dataclass(frozen=True)
class Asking:
    """Who asks what, for the action `ask`."""

    author: str
    roles: frozenset[Role]
    command: str
    needs: frozenset[Role]
    persons: int


class Policies:
    """The policies in force in one world. Raises BadPolicy unless every one of them holds."""

    def __init__(self, house: House, own: Mapping[str, str]) -> None:
        size = sum(len(one.encode()) for one in own.values())
        if size > MAX_POLICY_BYTES:
            raise BadPolicy(why="the files are too large", bytes=size, limit=MAX_POLICY_BYTES)
        self.house = house
        self.own = dict(own)
        self._schema = cedarpy.Schema.from_str(house.schema)
        files = {f"house/{name}": text for name, text in house.files.items()}
        self.rules = read_rules(files | {f"own/{name}": text for name, text in own.items()}, self._schema)
        # Cedar names policies by their place in the text.
        self._rules = {f"policy{place}": rule for place, rule in enumerate(self.rules)}
        self._set = cedarpy.PolicySet.from_str("\n".join(rule.text for rule in self.rules))
        self._caveats = frozenset[str]().union(*(rule.caveats for rule in self.rules))
        self._known: dict[object, Decision] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every text and what the compact fixes: names exactly these policies."""
        house = self.house
        parts = (house.schema, house.files, self.own, house.ceiling, house.clearances)
        return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()

    @property
    def kept(self) -> int:
        """How many decisions are remembered."""
        return len(self._known)

    def release(self, header: Header, member: str, roster: Roster) -> Decision:
        """Whether this member may have this record of ours."""
        return self._on("release", header, member, roster)

    def admit(self, header: Header, roster: Roster) -> Decision:
        """Whether we may take this record from its origin."""
        return self._on("admit", header, header.origin, roster)

    def sanitise(self, header: Header, member: str, roster: Roster) -> Decision:
        """Whether this member may have something derived of this record of ours, and on which terms."""
        return self._on("sanitise", header, member, roster)

    def ask(self, asking: Asking, roster: Roster) -> Decision:
        """Whether this author may ask this here."""
        key = (asking, roster.me, roster.world)
        known = self._known.get(key)
        return self._keep(key, self._ask(asking, roster)) if known is None else known

    def _on(self, action: str, header: Header, member: str, roster: Roster) -> Decision:
        standing = roster.standings.get(member, STRANGER)
        key = (action, member, standing, header, roster.me, roster.world)
        known = self._known.get(key)
        if known is not None:
            return known
        decision = self._decide_on(action, header, member, standing, roster)
        letters = len(header.kind) + sum(map(len, (*header.label.rel_to, *header.label.caveats)))
        return self._keep(key, decision) if letters <= KEEP_LETTERS else decision

    def _keep(self, key: object, decision: Decision) -> Decision:
        if len(self._known) >= KEEP_DECISIONS:
            self._known.clear()
        self._known[key] = decision
        return decision

    # The question, as Cedar wants it

    def _decide_on(self, action: str, header: Header, member: str, standing: str, roster: Roster) -> Decision:
        label = header.label
        eyes = [frozenset(found[1].split("/")) for found in map(_EYES.fullmatch, label.caveats) if found]
        barred = [found[1] for found in map(_BARRED.fullmatch, label.caveats) if found]
        typed = {one for one in label.caveats if _EYES.fullmatch(one) or _BARRED.fullmatch(one)}
        attributes: dict[str, Any] = {
            "kind": header.kind,
            "origin": _member(header.origin),
            "world": header.world.name,
            "classification": label.classification.rank,
            "audience": [_member(code) for code in label.rel_to],
            "caveats": label.caveats,
            "barred": [_member(code) for code in barred],
            "unknown": [one for one in label.caveats if one not in typed and one not in self._caveats],
        }
        if eyes:
            attributes["eyes"] = [_member(code) for code in sorted(eyes[0].intersection(*eyes))]
        clearance = self.house.clearances.get(member, self.house.ceiling).rank
        principal = _entity("Member", member, {"standing": standing, "clearance": clearance})
        facts = {
            "member": member,
            "origin": header.origin,
            "kind": header.kind,
            "banner": label.banner,
            "classification": label.classification.value,
            "caveats": ", ".join(label.caveats),
            "world": header.world.name,
        }
        resource = _entity("Record", "this", attributes)
        return self._decide(action, principal, resource, roster, facts)

    def _ask(self, asking: Asking, roster: Roster) -> Decision:
        needs = sorted(asking.needs)
        principal = _entity("Author", asking.author, {"roles": sorted(asking.roles)})
        resource = _entity("Command", asking.command, {"roles": needs, "persons": asking.persons})
        facts = {"author": asking.author, "command": asking.command, "needs": " or ".join(needs)}
        return self._decide("ask", principal, resource, roster, facts)

    def _decide(
        self,
        action: str,
        principal: Mapping[str, Any],
        resource: Mapping[str, Any],
        roster: Roster,
        facts: Mapping[str, str],
    ) -> Decision:
        request = {
            "principal": principal["uid"],
            "action": {"type": "Action", "id": action},
            "resource": resource["uid"],
            "context": {"me": _member(roster.me), "world": roster.world.name, "ceiling": self.house.ceiling.rank},
        }
        entities = msgspec.json.encode([principal, resource]).decode()
        answer = cedarpy.is_authorized(request, self._set, entities, self._schema)
        rules = sorted(
            (self._rules[one] for one in answer.diagnostics.reasons), key=lambda rule: (rule.file, rule.line)
        )
        facts = {**facts, "here": roster.world.name}
        if answer.decision is cedarpy.Decision.NoDecision or answer.diagnostics.errors:
            return Decision(allowed=False, policy=NO_DECISION, why="; ".join(answer.diagnostics.errors))
        if not rules:
            return Decision(allowed=False, policy=NO_PERMIT, why="no policy permits it")
        if action == "sanitise" and answer.allowed:
            rules = [rule for rule in rules if rule.terms is not None]
            if not rules:
                return Decision(allowed=False, policy=NO_TERMS, why="no permit states terms")
        terms = strictest([rule.terms for rule in rules if rule.terms is not None])
        named = ", ".join(dict.fromkeys(rule.id for rule in rules))
        why = "; ".join(dict.fromkeys(_sentence(rule, facts) for rule in rules))
        return Decision(answer.allowed, named, why, terms)


def strictest(several: Sequence[Terms]) -> Terms | None:
    """The terms that satisfy all of these; None of none."""
    if not several:
        return None
    return Terms(
        coarsen_m=max(one.coarsen_m for one in several),
        delay_s=max(one.delay_s for one in several),
        drop=tuple(sorted({word for one in several for word in one.drop})),
        classification=max((one.classification for one in several), key=lambda one: one.rank),
    )


def _sentence(rule: Rule, facts: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: facts.get(found[1], ""), rule.why)


def _member(code: str) -> dict[str, Any]:
    return {"__entity": {"type": "Member", "id": code}}


def _entity(kind: str, name: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
