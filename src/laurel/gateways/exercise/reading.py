"""The plan of a run, and the scenario beside it, as they are played."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from laurel.core.errors import Nothing
from laurel.gateways.demo.find import exercise_name
from laurel.gateways.exercise.checkpoint import Belongs
from laurel.instruments.exercise.plan.msel import Plan, parse
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.scenario import parse as parse_scenario
from laurel.instruments.exercise.whatif import Changes, changed, check, told
from laurel.node.home.compact import load_compact

COMPACT = "camp-david"
AS_PLANNED = Changes()


@dataclass
class Run:
    """One run: what is played, and where it says what it does. `scenario` is without what the changes leave out."""

    name: str
    file: bytes
    plan: Plan
    world: bytes | None
    scenario: Scenario | None
    wanted: Changes
    changed: tuple[str, ...]
    out: Path
    console: Console = field(default_factory=Console)
    steps: int = 0
    scans: int = 0

    @property
    def ends_at(self) -> datetime:
        """When play is over."""
        return self.plan.starts_at + timedelta(seconds=self.plan.lasts_s)

    @property
    def digest(self) -> str:
        """The SHA-256 of its plan."""
        return hashlib.sha256(self.file).hexdigest()

    @property
    def belongs(self) -> Belongs:
        """What its checkpoints belong to."""
        world = None if self.world is None else hashlib.sha256(self.world).hexdigest()
        return Belongs(self.name, self.digest, world, self.changed)

    @property
    def announced_as(self) -> str:
        """What it is announced as."""
        return f"What if: {self.plan.title}" if self.wanted else self.plan.title

    def second(self, at: datetime) -> float:
        """Of play, at that time."""
        return (at - self.plan.starts_at).total_seconds()

    def moments_of_cuts(self) -> Iterator[datetime]:
        """When a link is cut or mended in the midst of play."""
        for one in self.wanted.cuts:
            if one.span is not None:
                yield from (self.plan.starts_at + timedelta(seconds=at) for at in (one.span.from_s, one.span.to_s))


def read(file: Path, out: Path, wanted: Changes = AS_PLANNED) -> Run:
    """The plan of a file, and the scenario that it names beside it. Raises Nothing, BadPlan, BadScenario."""
    text = _text(file)
    plan = parse(text)
    world = None if plan.scenario is None else _text(file.parent / plan.scenario)
    scenario = None if world is None else parse_scenario(world)
    check(wanted, scenario, [member.code for member in load_compact(COMPACT).members])
    named = exercise_name(file.resolve().parent if file.stem == "plan" else file)
    name = f"{named[:32].rstrip('-')}-what-if" if wanted else named
    played = None if scenario is None else changed(scenario, wanted, plan.starts_at)
    return Run(name, text, plan, world, played, wanted, told(wanted, scenario), out)


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None
