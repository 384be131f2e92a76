"""The demo: three real nodes on this machine share the warning of a flight that really happened.

Everything goes through the doors that a member would use: node folders and cards as the terminal makes
them, `laurel node` processes, HTTP asks with tokens, sensor feeds with credentials. Only the flight, and
what the sensors make of it, is simulated.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from laurel.core.errors import BadField, Nothing
from laurel.core.record import World
from laurel.gateways.demo import play
from laurel.gateways.demo.nodes import DemoNode, demo_folder, make_nodes, running, sign_in_link
from laurel.gateways.demo.show import show
from laurel.gateways.demo.summary import Shared, Summary, checks, flown, member_line
from laurel.gateways.demo.watch import Watch, follow, seconds_since
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import Truth, solve
from laurel.instruments.warning.picture_types import Picture
from laurel.node.clock import elapsed
from laurel.node.compact import load_compact
from laurel.node.layout import write_file

COMPACT = "camp-david"
FASTEST = 200.0
SHARED_AT_S = 600.0
SHARED_SHARE = 0.45


@dataclass
class Run:
    """One run of the demo: what is played, how, and what was told of it."""

    name: str
    scenario: Scenario
    truth: Truth
    speed: float
    console: Console
    stages_s: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a part of the run, and say that it is done."""
        spent = elapsed()
        yield
        self.stages_s[name] = round(spent().total_seconds(), 2)
        self.console.print(f"{self.stages_s[name]:6.1f} s  {name}", highlight=False)


def run_demo(scenario: str, *, speed: float | None, headless: bool, to: Path | None, folder: Path | None) -> int:
    """Play a scenario on three nodes. 0 when all that must hold did; 1 when not.

    Raises Nothing, BadField, BadScenario, NoSuchFlight, Broken.
    """
    console = Console()
    file = find_scenario(scenario)
    read = parse(file.read_bytes())
    rate = read.speed if speed is None else speed
    if not 0.0 < rate <= FASTEST:
        raise BadField(field="speed", value=rate, must_be=f"above 0 and up to {FASTEST:.0f}")
    run = Run(exercise_name(file), read, solve(read), rate, console)
    with demo_folder(folder) as place:
        summary = asyncio.run(_run(run, place, headless=headless, to=to))
    return 0 if summary.holds else 1


def find_scenario(name: str) -> Path:
    """The file of a scenario: a path, or a name in `scenarios/`. Raises Nothing."""
    package = Path(__file__).parents[2]
    inside = package / "scenarios"
    folder = inside if inside.is_dir() else package.parents[1] / "scenarios"
    for file in (Path(name), folder / f"{name}.toml"):
        if file.is_file():
            return file
    known = sorted(file.stem for file in folder.glob("*.toml"))
    raise Nothing(scenario=name, there_are=", ".join(known))


def exercise_name(file: Path) -> str:
    """A name for an exercise after its file: small letters, digits and hyphens, 40 at most."""
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:40].strip("-") or "demo"


async def _run(run: Run, place: Path, *, headless: bool, to: Path | None) -> Summary:
    main = asyncio.current_task()
    assert main is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    with run.stage("three nodes made, cards exchanged"):
        nodes = make_nodes(place, load_compact(COMPACT))
    async with running(nodes) as dying:
        playing = asyncio.create_task(_play(run, nodes, headless=headless, to=to))
        try:
            await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
            if dying.done():
                dying.result()
            return await playing
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)


async def _play(run: Run, nodes: list[DemoNode], *, headless: bool, to: Path | None) -> Summary:
    async with play.asking() as client:
        with run.stage("nodes started"):
            await play.ready(nodes, client)
        with run.stage("exercise announced and joined"):
            stage = await play.hold(nodes, run.name, run.scenario, client)
        with run.stage("sensors registered, tracks released, clock set"):
            await play.prepare(stage, run.scenario)
        if not headless:
            run.console.print("\nSign in (each link works once):")
            for node in nodes:
                link = sign_in_link(node, stage.doors[node.member])
                run.console.print(f"  {node.member}  {link}", highlight=False, soft_wrap=True)
            run.console.print()
        summary = await _fly(run, stage)
        if to is not None:
            write_file(to, msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n")
        show(summary, run.console)
        if not headless:
            run.console.print("\nThe nodes go on. Ctrl-C ends the demo.")
            await asyncio.Event().wait()
        return summary


async def _fly(run: Run, stage: play.Stage) -> Summary:
    watches = [Watch(node.member) for node in stage.nodes]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"))
    with run.stage("flown"), Progress(*columns, console=run.console, transient=True) as bar:
        task = bar.add_task("flight", total=run.truth.flight_s, at="")

        def tell(t_s: float, words: str) -> None:
            bar.console.print(f"{t_s:+7.0f} s  {words}", highlight=False, markup=False)

        await play.run_on(stage, run.speed)
        looking = [asyncio.create_task(follow(stage, run.truth, one, tell)) for one in watches]
        looking.append(asyncio.create_task(_move(run, stage, bar, task)))
        feeding = asyncio.create_task(play.play(stage, run.scenario, run.truth))
        comparing = asyncio.create_task(_compare(run, stage, tell))
        try:
            shared = await _first_to_fail(comparing, feeding)
            played = await _first_to_fail(feeding, *looking)
        finally:
            for one in (*looking, comparing, feeding):
                one.cancel()
            await asyncio.gather(*looking, comparing, feeding, return_exceptions=True)
        await play.pause(stage)
        await play.quiet(stage)
    with run.stage("logs read and verified"):
        world = World(COMPACT, stage.name)
        members = [
            await asyncio.to_thread(
                member_line,
                node,
                world,
                run.truth,
                seen.samples,
                [one for one in played if one.member == node.member],
            )
            for node, seen in zip(stage.nodes, watches, strict=True)
        ]
    flight = flown(run.scenario, run.truth)
    return Summary(
        scenario=run.name,
        title=run.scenario.title,
        speed=run.speed,
        flight=flight,
        shared=shared,
        members=tuple(members),
        stages_s=run.stages_s,
        checks=checks(flight, members, shared),
    )
