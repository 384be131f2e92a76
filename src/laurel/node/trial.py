"""Policies tried before they are in force, and explained after: on a member's own examples, and on the log at rest.

Nothing is written here. A running node and its log are read as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta, Struct
from sqlalchemy import Connection, bindparam

from laurel.border.cedar import BadPolicy
from laurel.border.policy import Decision, Header, Policies, header_of
from laurel.core.errors import BadAsk, LaurelError, Nothing
from laurel.core.label import Classification, label
from laurel.core.record import World, decode
from laurel.core.roster import Roster, Standing
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout
from laurel.node.keep import schema
from laurel.node.keep.store import Store
from laurel.node.policies import InForce, house, in_force

Action = Literal["release", "admit", "sanitise"]
READ = 2_000


class BadExamples(BadAsk):
    """The file of expected decisions is damaged."""

    says = "the file of examples cannot be read"
    remedy = "mend it; examples/policies/japan.toml shows the form"


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision that a member expects: may `member` have (or offer) a record of this header? `by` names the rules."""

    says: str
    member: str
    kind: str
    classification: Classification
    rel_to: frozenset[str]
    expect: Literal["yes", "no"]
    by: str
    action: Action = "release"
    caveats: frozenset[str] = frozenset()
    origin: str | None = None
    standing: Standing | None = None


class _Examples(Struct, frozen=True, forbid_unknown_fields=True):
    example: Annotated[tuple[Example, ...], Meta(min_length=1)]


class Verdict(Struct, frozen=True):
    """What the policies say to an example."""

    says: str
    holds: bool
    expected: str
    decided: str
    why: str


class Change(Struct, frozen=True):
    """Decisions on the log that other policies would change: how many records like this one."""

    action: str
    member: str
    kind: str
    label: str
    before: str
    after: str
    records: int
    first: str


class Audited(Struct, frozen=True):
    """What the audit says was decided at the time."""

    at: str
    decision: str
    policy: str
    why: str
    digest: str


class Cited(Struct, frozen=True):
    """A policy, as it stands in its file."""

    file: str
    line: int
    rule: str
    text: str


class Explained(Struct, frozen=True):
    """Who may have a record by the policies in force, which decided and why, and what was decided at the time."""

    record: str
    kind: str
    origin: str
    label: str
    member: str
    action: str
    decision: str
    policy: str
    why: str
    digest: str
    put_by: str | None
    policies: tuple[Cited, ...]
    then: tuple[Audited, ...]


@dataclass(frozen=True)
class Bench:
    """One world of a node at rest or at work: its roster, its policies in force, its log."""

    roster: Roster
    force: InForce
    from_: Connection


@contextmanager
def bench(layout: Layout, world: World) -> Generator[Bench]:
    """The world as its folder has it now. Raises Nothing when it has no log, BadPolicy, LaurelError."""
    roster = keys.load_roster(layout, world)
    compact = load_compact(world.compact)
    with closing(Store(layout.world(world).database, world, (), writes=False)) as store, store.reading() as from_:
        yield Bench(roster, in_force(from_, roster.me, house(compact.ceiling, compact.clearances)), from_)


def read_folder(folder: Path) -> dict[str, str]:
    """The Cedar files of a folder. Raises BadPolicy."""
    texts: dict[str, str] = {}
    for file in sorted(folder.glob("*.cedar")):
        try:
            texts[file.name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadPolicy(file=file.name, line=1, why=f"not UTF-8: {error.reason} at byte {error.start}") from None
    if not texts:
        raise BadPolicy(folder=folder, why="no file there ends in .cedar")
    return texts


def read_examples(file: Path) -> tuple[Example, ...]:
    """The examples in a file. Raises BadExamples."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _Examples).example
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadExamples(file=file, why=error) from None


def judge_examples(policies: Policies, examples: Sequence[Example], roster: Roster) -> list[Verdict]:
    """What these policies say to each example. Raises BadExamples for a label that cannot be."""
    return [_judge(policies, one, roster) for one in examples]


def _judge(policies: Policies, one: Example, roster: Roster) -> Verdict:
    if one.standing is not None:
        roster = replace(roster, standings={**roster.standings, one.member: one.standing})
    try:
        marked = label(one.classification, set(one.rel_to), one.caveats)
    except LaurelError as error:
        raise BadExamples(example=one.says, why=error) from None
    origin = one.origin or (one.member if one.action == "admit" else roster.me)
    decision = _decide(policies, one.action, Header(one.kind, origin, marked, roster.world), one.member, roster)
    decided = _word(decision)
    expected = f"{one.expect}, {one.by}"
    return Verdict(one.says, decided == expected, expected, decided, decision.why)


def changes(on: Bench, policies: Policies) -> list[Change]:
    """Every decision over the log that these policies would make otherwise than those in force."""
    found: dict[tuple[str, str, Header], Change] = {}
    for record_id, header in _headers(on.from_):
        for action, member in _questions(header, on.roster):
            key = (action, member, header)
            known = found.get(key)
            if known is not None:
                found[key] = msgspec.structs.replace(known, records=known.records + 1)
                continue
            before = _decide(on.force.policies, action, header, member, on.roster)
            after = _decide(policies, action, header, member, on.roster)
            if (before.allowed, before.terms) != (after.allowed, after.terms):
                words = (header.kind, header.label.banner, _word(before), _word(after))
                found[key] = Change(action, member, *words, records=1, first=record_id)
    return list(found.values())


def explain(on: Bench, record_id: str, member: str) -> Explained:
    """Who decided what about this record and this member. Raises Nothing for a record that is not in the log."""
    row = on.from_.execute(_RECORD, {"of": record_id}).first()
    if row is None:
        raise Nothing(record=record_id)
    header = header_of(decode(row.payload))
    action: Action = "release" if header.origin == on.roster.me else "admit"
    asked = member if action == "release" else header.origin
    decision = _decide(on.force.policies, action, header, asked, on.roster)
    decided = set(decision.policy.split(", "))
    then = on.from_.execute(_AUDITED, {"of": record_id, "about": asked}).all()
    return Explained(
        record=record_id,
        kind=header.kind,
        origin=header.origin,
        label=header.label.banner,
        member=asked,
        action=action,
        decision="yes" if decision.allowed else "no",
        policy=decision.policy,
        why=decision.why,
        digest=on.force.policies.digest,
        put_by=on.force.put,
        policies=cited(on.force.policies, decided, permits=decision.allowed),
        then=tuple(Audited(one.at, one.decision, one.policy, one.why, one.digest) for one in then),
    )


def cited(policies: Policies, rules: set[str] | None = None, *, permits: bool | None = None) -> tuple[Cited, ...]:
    """These rules of those in force, or all; of permits or of forbids, or both."""
    return tuple(
        Cited(rule.file, rule.line, rule.id, rule.text)
        for rule in policies.rules
        if (rules is None or rule.id in rules) and permits in {None, rule.permits}
    )


def _decide(policies: Policies, action: Action, header: Header, member: str, roster: Roster) -> Decision:
    if action == "admit":
        return policies.admit(header, roster)
    if action == "sanitise":
        return policies.sanitise(header, member, roster)
    return policies.release(header, member, roster)


def _word(decision: Decision) -> str:
    return f"{'yes' if decision.allowed else 'no'}, {decision.policy}"


def _questions(header: Header, roster: Roster) -> Iterator[tuple[Action, str]]:
    if header.origin != roster.me:
        yield "admit", header.origin
        return
    for member in sorted(roster.standings.keys() - {roster.me}):
        yield "release", member
        if member not in header.label.rel_to:
            yield "sanitise", member


def _headers(from_: Connection) -> Iterator[tuple[str, Header]]:
    for row in from_.execute(_LOG):
        yield row.id, header_of(decode(row.payload))


_G, _A = schema.log, schema.audit
_LOG = sa.select(_G.c.id, _G.c.payload).order_by(_G.c.position).execution_options(yield_per=READ)
_RECORD = sa.select(_G.c.payload).where(_G.c.id == bindparam("of"))
_AUDITED = sa.select(_A).where(_A.c.record == bindparam("of"), _A.c.member == bindparam("about")).order_by(_A.c.line)
