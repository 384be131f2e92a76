"""How long an auditor waits when the audit holds a million lines: pages near and far, a rare line, the chain.

The lines are written as a node writes them, chained, into a database of its own. Each figure is the median
of several.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from msgspec import Struct, structs
from sqlalchemy import Connection

from laurel.core.record import World
from laurel.node.clock import RealClock
from laurel.node.keep.audit import audit
from laurel.node.keep.audit_pages import check, hours, line_at, page
from laurel.node.keep.inquiry import Wanted
from laurel.node.keep.store import Store

LINES, AT_ONCE, TIMES = 1_000_000, 5_000, 7
BEGAN = datetime(2026, 8, 1, tzinfo=UTC)
A_SECOND = timedelta(seconds=2)
RARE_EVERY = 100_003
PAGE_MS, SEARCH_MS, CHECK_MS, HOURS_MS = 50.0, 1_000.0, 1_500.0, 2_000.0


class Took(Struct, frozen=True):
    """The median of several times, milliseconds."""

    what: str
    took_ms: float
    budget_ms: float
    holds: bool


class Ticking(RealClock):
    """A clock that goes on by itself between two lines."""

    def __init__(self) -> None:
        self.at = BEGAN

    def now(self) -> datetime:
        """Two seconds after the last time it was asked."""
        self.at += A_SECOND
        return self.at


def fill(store: Store, lines: int) -> None:
    """So many lines: what is let go and kept back, who looks, and a refusal now and then."""
    for first in range(0, lines, AT_ONCE):
        with store.writing() as to:
            for number in range(first, first + AT_ONCE):
                rare = number % RARE_EVERY == RARE_EVERY - 1
                decision = "refused" if rare else ("release", "withheld", "saw")[number % 3]
                record = "" if decision == "saw" else f"{number // 2:064x}"
                member = "" if decision == "saw" else ("KOR", "USA")[number % 2]
                audit(to, decision, member, record, "rel-to", "", author="officer:kim" if decision == "saw" else "")


def took(what: str, budget_ms: float, store: Store, look: Callable[[Connection], object]) -> Took:
    """The median of several looks, each in a moment of its own."""
    times_ms: list[float] = []
    for _ in range(TIMES):
        began_s = time.perf_counter()
        with store.reading() as from_:
            look(from_)
        times_ms.append(1e3 * (time.perf_counter() - began_s))
    took_ms = round(median(times_ms), 1)
    return Took(what, took_ms, budget_ms, took_ms <= budget_ms)


def measure(folder: Path, lines: int) -> list[Took]:
    """What an auditor may ask of an audit of so many lines."""
    with closing(Store(folder / "audit.sqlite", World("bench"), ())) as store:
        store.real = Ticking()
        fill(store, lines)
        end = BEGAN + A_SECOND * (lines // AT_ONCE)
        asked: tuple[tuple[str, float, Callable[[Connection], object]], ...] = (
            ("first page", PAGE_MS, lambda from_: page(from_, Wanted(limit=200), None, None)),
            (
                "page in the middle",
                PAGE_MS,
                lambda from_: page(from_, Wanted(limit=200, before=lines // 2), None, None),
            ),
            ("oldest page", PAGE_MS, lambda from_: page(from_, Wanted(limit=200, before=201), None, None)),
            ("where a time is", PAGE_MS, lambda from_: line_at(from_, BEGAN + (end - BEGAN) / 2)),
            ("looking back for a rare line", SEARCH_MS, lambda from_: page(from_, Wanted(decision="fork"), None, None)),
            ("the last day by hour", HOURS_MS, lambda from_: hours(from_, end)),
            ("a stretch of the chain", CHECK_MS, lambda from_: check(from_, 0, "")),
        )
        return [took(what, budget_ms, store, look) for what, budget_ms, look in asked]


def main() -> int:
    """0 when the budgets hold."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lines", type=int, default=LINES)
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        found = measure(Path(folder), given.lines)
    if given.json:
        figures = {"title": f"An audit of {given.lines:,} lines", "looks": [structs.asdict(one) for one in found]}
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"an audit of {given.lines:,} lines:")
    for one in found:
        print(f"  {one.what:<30}{one.took_ms:>8,.1f} ms  {'within' if one.holds else 'OVER'} {one.budget_ms:,.0f}")
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
