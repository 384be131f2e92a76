"""How long the border takes to decide, new and remembered, by the house's policies alone and with a hundred more."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from laurel.border.policy import Asking, Header, Policies, header_of
from laurel.border.release import release
from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.core.record import Precedence, Record, Sealed, World
from laurel.core.roster import Roster, Standing
from laurel.node.policies import house

CACHED_P99_MS, UNCACHED_P99_MS = 1.0, 5.0
REMEMBERED, NEW = 20_000, 2_000
OWN_POLICIES = 100
MEMBERS = ("JPN", "KOR", "USA")
LIVE = World("camp-david")


class Timed(Struct, frozen=True):
    """One sort of decision, microseconds."""

    decision: str
    policies: int
    remembered: bool
    p50_us: float
    p99_us: float
    budget_us: float
    holds: bool


def record(text: str) -> Record[Any]:
    """A record to all three, of a kind of that name."""
    return Record(
        kind=f"warning.{text}.v1",
        compact=LIVE.compact,
        exercise=None,
        origin="JPN",
        author="node",
        at=datetime(2026, 8, 18, tzinfo=UTC),
        label=label(Classification.SECRET, set(MEMBERS), frozenset({"ORCON"})),
        precedence=Precedence.FLASH,
        number=1,
        prev=None,
        about=(),
        answers=None,
        salt=bytes(16),
        body=None,
    )


def own(count: int) -> dict[str, str]:
    """So many policies of a member, none of which forbids."""
    policies = (
        f'@id("own-{number}") @why("{{member}} may not have it")'
        f' forbid (principal, action == Action::"release", resource)'
        f' when {{ resource.kind like "supply.{number}.*" && resource.caveats.contains("NEVER {number}") }};'
        for number in range(count)
    )
    return {"own.cedar": "\n".join(policies)} if count else {}


def timed(what: str, policies: Policies, decide: Callable[[int], object], *, remembered: bool) -> Timed:
    """How long a decision takes, each for itself."""
    took_us: list[float] = []
    for number in range(REMEMBERED if remembered else NEW):
        began = time.perf_counter_ns()
        decide(0 if remembered else number)
        took_us.append((time.perf_counter_ns() - began) / 1_000.0)
    took_us.sort()
    budget_us = 1_000.0 * (CACHED_P99_MS if remembered else UNCACHED_P99_MS)
    p50_us, p99_us = took_us[len(took_us) // 2], took_us[len(took_us) * 99 // 100]
    return Timed(
        what, len(policies.rules), remembered, round(p50_us, 2), round(p99_us, 2), budget_us, p99_us <= budget_us
    )


def measure(count: int) -> list[Timed]:
    """Every sort of decision beside so many policies of a member's own."""
    policies = Policies(house(Classification.SECRET), own(count))
    roster = Roster(LIVE, "JPN", dict.fromkeys(MEMBERS, Standing.MEMBER), {})
    records = [record(f"kind-{number}") for number in range(NEW)]
    sealed = Sealed(b"", b"", "")
    theirs = [Header(one.kind, "KOR", one.label, LIVE) for one in records]
    asking = [
        Asking(f"officer:{number}", frozenset({Role.SENSOR}), "warning/report-scan", frozenset({Role.SENSOR}), 1)
        for number in range(NEW)
    ]

    def releases(number: int) -> object:
        return release(sealed, records[number], "KOR", roster, policies)

    def admits(number: int) -> object:
        return policies.admit(theirs[number], roster)

    def asks(number: int) -> object:
        return policies.ask(asking[number], roster)

    def derives(number: int) -> object:
        return policies.sanitise(header_of(records[number]), "USA", roster)

    found: list[Timed] = []
    for what, decide in (("release", releases), ("admit", admits), ("sanitise", derives), ("ask", asks)):
        found += [timed(what, policies, decide, remembered=False), timed(what, policies, decide, remembered=True)]
    return found


def main() -> int:
    """0 when every decision is within its budget."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    found = [one for count in (0, OWN_POLICIES) for one in measure(count)]
    for one in found:
        state = "remembered" if one.remembered else "new"
        times = f"p50 {one.p50_us:8.2f} us, p99 {one.p99_us:8.2f} us"
        print(f"{one.decision:<9} {one.policies:4d} policies, {state:<10} {times}")
    missed = [f"{one.decision}: p99 {one.p99_us} us, {one.budget_us:.0f} wanted" for one in found if not one.holds]
    if given.json is not None:
        figures = {"title": "Decisions of the border", "decisions": [structs.asdict(one) for one in found]}
        given.json.write_text(json.dumps({**figures, "missed": missed}, indent=1) + "\n")
    for one in missed:
        print(f"missed: {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
