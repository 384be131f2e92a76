"""How long a review works on the end of a raid of 200: the chapter "Engagement, notional", all of its cases.

The raid and the defence are those of `scenarios/raid-of-200`. Each member tracks each missile from a set time after its
launch; that stands in the place of logs. Counted is CPU time, on one core, from the raid to the last run of the last
case, kernels warm: what else the machine does does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from msgspec import Struct, structs

from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.gateways.review.truth import flights_of
from laurel.instruments.exercise.defence import Defence, parse
from laurel.instruments.exercise.review.accuracy import Accuracy
from laurel.instruments.exercise.review.engagement import Engagement, engagement
from laurel.instruments.exercise.review.log import Log
from laurel.instruments.exercise.review.threats import Threat, TrueFlight
from laurel.instruments.exercise.review.tracks import TrackLine

SCENARIOS = Path(__file__).parents[1] / "scenarios"
TRACKED_AFTER_S = {"JPN": 120.0, "KOR": 60.0, "USA": 80.0}
OFF_M = 600.0
BUDGET_S = 30.0


class Result(Struct, frozen=True):
    """CPU seconds for all runs of all cases, and milliseconds for one run; `waited_s` is by the clock."""

    threats: int
    batteries: int
    cases: int
    runs: int
    took_s: float
    waited_s: float
    run_ms: float
    through_mean: float
    budget_s: float
    load: float
    holds: bool


def played(flights: Sequence[TrueFlight]) -> tuple[Log, list[Threat], list[Accuracy]]:
    """As logs would tell it: who tracked what, from when, how well."""
    begins_at = min(one.launched_at for one in flights)
    log = Log(
        world=World("camp-david", "benchmark"),
        plan=None,
        plan_trouble="",
        readers=tuple(TRACKED_AFTER_S),
        given_by=frozenset(TRACKED_AFTER_S),
        label=label(Classification.RESTRICTED, set(TRACKED_AFTER_S)),
        shown=(),
        tracks=(),
        at_home=0,
        left_out={},
        unread={},
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=6),
        records=0,
    )
    threats = [Threat(one.name, one, _lines(number, one), (), ()) for number, one in enumerate(flights)]
    near = [
        Accuracy(one.name, member, (), OFF_M, OFF_M, None, None, (), None)
        for one in flights
        for member in TRACKED_AFTER_S
    ]
    return log, threats, near


def _lines(number: int, flight: TrueFlight) -> tuple[TrackLine, ...]:
    at = {member: flight.launched_at + timedelta(seconds=after_s) for member, after_s in TRACKED_AFTER_S.items()}
    return tuple(
        TrackLine(member, number, when, (when, ""), (when, ""), (), (), None, dict.fromkeys(at, when))
        for member, when in at.items()
    )


def measure() -> Result:
    """Plays it. The first threat alone is played before, which compiles or loads what there is to."""
    defence = parse((SCENARIOS / "raid-of-200/defence.toml").read_bytes())
    flights = [one for one in flights_of((SCENARIOS / "raid-of-200.toml").read_bytes()) if one.attacks]
    log, threats, near = played(flights)
    engagement(log, threats[:1], defence, near[: len(TRACKED_AFTER_S)])
    began_s, waited_from_s = time.process_time(), time.perf_counter()
    found = engagement(log, threats, defence, near)
    took_s, waited_s = time.process_time() - began_s, time.perf_counter() - waited_from_s
    if found is None:
        raise SystemExit("nothing of this raid comes down in a defended area")
    return _result(found, defence, took_s, waited_s)


def _result(found: Engagement, defence: Defence, took_s: float, waited_s: float) -> Result:
    return Result(
        threats=len(found.threats),
        batteries=len(defence.batteries),
        cases=len(found.cases),
        runs=found.runs,
        took_s=round(took_s, 1),
        waited_s=round(waited_s, 1),
        run_ms=round(1e3 * took_s / (found.runs * len(found.cases)), 2),
        through_mean=found.cases[0].leakers[0].mean,
        budget_s=BUDGET_S,
        load=round(os.getloadavg()[0], 1),
        holds=took_s <= BUDGET_S,
    )


def show(result: Result) -> None:
    """Print it for people."""
    print(
        f"{result.threats} threats, {result.batteries} batteries, {result.cases} cases of {result.runs} runs: "
        f"{result.took_s} s of CPU ({result.run_ms} ms a run), {result.waited_s} s waited, budget {result.budget_s} s; "
        f"{result.through_mean} come through as played; {'within' if result.holds else 'OVER'}; "
        f"load {result.load} on {os.cpu_count()} cores"
    )


def main() -> int:
    """0 when the budget holds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    result = measure()
    if given.json:
        given.json.write_text(json.dumps(structs.asdict(result), indent=1))
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
