"""Whether the scenario that a plan names can be played with it."""

from __future__ import annotations

from collections.abc import Iterator

from laurel.core.errors import LaurelError
from laurel.instruments.exercise.plan.check import Finding, Level
from laurel.instruments.exercise.plan.msel import Plan
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import scene

ABOUT = "scenario"


def check_world(plan: Plan, file: bytes | None) -> tuple[Finding, ...]:
    """What is found of the file that the plan names, None where it is not there. It is flown, so it takes seconds."""
    if plan.scenario is None:
        return ()
    return tuple(_faults(plan, plan.scenario, file)) or (Finding(Level.PASS, ABOUT, "nothing wrong"),)


def _faults(plan: Plan, name: str, file: bytes | None) -> Iterator[Finding]:
    if file is None:
        yield Finding(Level.ERROR, ABOUT, f"{name} is not there", "put it beside the plan, or leave it out")
        return
    try:
        scenario = parse(file)
        scene(scenario)
    except LaurelError as error:
        yield Finding(Level.ERROR, ABOUT, f"{name} cannot be played: {error}", "correct the scenario")
        return
    for member in sorted(set(scenario.sensors) - set(plan.members)):
        words = f"{member} has sensors in it, and takes no part"
        yield Finding(Level.ERROR, ABOUT, words, "give that member a cell, or leave its sensors out")
