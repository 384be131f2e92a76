"""The demo: three real nodes on this machine share the warning of a flight that really happened.

Everything goes through the doors that a member would use: node folders and cards as the terminal makes
them, `laurel node` processes, HTTP asks with tokens, sensor feeds with credentials. Only the flight, and
what the sensors make of it, is simulated.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from laurel.core.errors import BadField
from laurel.core.record import World
from laurel.gateways.cold import cold
from laurel.gateways.demo import play
from laurel.gateways.demo.door import WaitedTooLong, until
from laurel.gateways.demo.find import exercise_name, find_scenario
from laurel.gateways.demo.nodes import DemoNode, demo_folder, make_nodes, ready, running, sign_in_link, verified
from laurel.gateways.demo.pace import Pace
from laurel.gateways.demo.show import show
from laurel.gateways.demo.summary import MemberLine, Shared, Summary, checks, flown, member_line
from laurel.gateways.demo.warm import warming
from laurel.gateways.demo.watch import Tell, Watch, follow, seconds_since
from laurel.instruments.exercise.records import Announced
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import Truth, solve
from laurel.instruments.warning.picture_types import Picture, SystemTrack
from laurel.node.clock import elapsed
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import write_file

COMPACT = "camp-david"
FASTEST = 200.0
SHARED_AT_S = 600.0
SHARED_SHARE = 0.45
COMPARE_WITHIN_S = 20.0
MOVE_EVERY_S = 0.25

Result = TypeVar("Result")


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
    try:
        if cold():
            _compile(run)
        with demo_folder(folder) as place:
            summary = asyncio.run(_run(run, place, headless=headless, to=to))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    return 0 if summary.holds else 1


def _compile(run: Run) -> None:
    """Before the clock runs, so that no node misses scans while it compiles."""
    with run.stage("compiled, once"), warming() as steps, Progress(console=run.console, transient=True) as bar:
        for step in bar.track(steps, description="compiling, once"):
            step()


async def _run(run: Run, place: Path, *, headless: bool, to: Path | None) -> Summary:
    with run.stage("three nodes made, cards exchanged"):
        nodes = make_nodes(place, load_compact(COMPACT))
    async with running(nodes) as dying:
        playing = asyncio.create_task(_play(run, nodes, headless=headless, to=to))
        # Whoever ends us politely finds no node and no folder left behind.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
        return await beside(playing, dying)


async def _play(run: Run, nodes: list[DemoNode], *, headless: bool, to: Path | None) -> Summary:
    async with play.asking() as client:
        with run.stage("nodes started"):
            await ready(nodes, client)
        with run.stage("exercise announced and joined"):
            read = run.scenario
            wanted = Announced(run.name, read.title, read.starts_at, read.sha256)
            stage = await play.hold(nodes, wanted, client)
        with run.stage("sensors registered, tracks released, clock set"):
            await play.prepare(stage, run.scenario)
        if not headless:
            _show_links(run, stage)
        summary = await _fly(run, stage)
        if to is not None:
            write_file(to, msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n")
        show(summary, run.console)
        if not headless:
            run.console.print("\nThe nodes go on. Ctrl-C ends the demo.")
            await _until_interrupted()
        return summary


def _show_links(run: Run, stage: play.Stage) -> None:
    run.console.print("\nSign in; each link works once:")
    for node in stage.nodes:
        link = sign_in_link(node, stage.doors[node.member])
        run.console.print(f"  {node.member}  {link}", highlight=False, soft_wrap=True)
    run.console.print()


async def _fly(run: Run, stage: play.Stage) -> Summary:
    watches = [Watch(node.member) for node in stage.nodes]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"))
    with run.stage("flown"), Progress(*columns, console=run.console, transient=True) as bar:

        def tell(t_s: float, words: str) -> None:
            bar.console.print(f"{t_s:+7.0f} s  {words}", highlight=False, markup=False)

        await play.run_on(stage, run.speed)
        pace = Pace(stage, run.speed)
        flying = asyncio.create_task(_feed_and_compare(run, pace, tell))
        looking = [asyncio.create_task(follow(stage, run.truth, one, tell)) for one in watches]
        looking.append(asyncio.create_task(_move(run, stage, bar)))
        looking.append(asyncio.create_task(pace.keep(run.truth, tell)))
        played, shared = await beside(flying, *looking)
        await play.pause(stage)
        await play.quiet(stage)
    with run.stage("logs read and verified"):
        world = World(COMPACT, stage.name)
        whole = await asyncio.gather(*(verified(node, world) for node in stage.nodes))
        members: list[MemberLine] = []
        for node, seen, log in zip(stage.nodes, watches, whole, strict=True):
            own = [one for one in played if one.member == node.member]
            members.append(member_line(node, world, run.scenario, run.truth, seen.samples, own, log))
    flight = flown(run.scenario, run.truth)
    return Summary(
        scenario=run.name,
        title=run.scenario.title,
        speed=run.speed,
        slowed_to=pace.rate if pace.slowed else None,
        flight=flight,
        shared=shared,
        members=tuple(members),
        stages_s=run.stages_s,
        checks=checks(flight, members, shared),
    )


async def _feed_and_compare(run: Run, pace: Pace, tell: Tell) -> tuple[list[play.Played], Shared]:
    feeding = asyncio.create_task(play.play(pace.stage, run.scenario, run.truth, pace.posting))
    comparing = asyncio.create_task(_compare(run, pace, tell))
    try:
        played, shared = await asyncio.gather(feeding, comparing)
    finally:
        feeding.cancel()
        comparing.cancel()
        await asyncio.gather(feeding, comparing, return_exceptions=True)
    return played, shared


async def _compare(run: Run, pace: Pace, tell: Tell) -> Shared:
    """Stop the clock in mid-flight, compare what every node shows at that moment, and let it run on."""
    at_s = min(SHARED_AT_S, SHARED_SHARE * run.truth.flight_s)
    stage, shared = pace.stage, dict[str, tuple[SystemTrack, ...]]()
    await stage.clock.reach(run.truth.launched_at + timedelta(seconds=at_s))

    async def equal() -> bool:
        looks = (stage.doors[member].look(stage.to, "warning/picture", Picture) for member in stage.everyone)
        pictures = await asyncio.gather(*looks)
        shared.update(zip(stage.everyone, (picture.tracks for picture in pictures), strict=True))
        return len(set(shared.values())) == 1

    async with pace.stopped() as stopped_at:
        with suppress(WaitedTooLong):
            await until(equal, "equal pictures", COMPARE_WITHIN_S)
    names = {member: tuple(track.number for track in tracks) for member, tracks in shared.items()}
    same = len(set(shared.values())) == 1
    told = "the same picture" if same else "different pictures"
    tell(seconds_since(run.truth, stopped_at), f"clock stopped: all nodes show {told}")
    return Shared(round(seconds_since(run.truth, stopped_at), 1), names, same)


async def _move(run: Run, stage: play.Stage, bar: Progress) -> None:
    """Let the bar follow the flight, until cancelled."""
    task = bar.add_task("flight", total=run.truth.flight_s, at="")
    while True:
        t_s = min(seconds_since(run.truth, stage.clock.now()), run.truth.flight_s)
        bar.update(task, completed=t_s, at=f"{t_s:.0f} of {run.truth.flight_s:.0f} s")
        await asyncio.sleep(MOVE_EVERY_S)


async def beside(wanted: asyncio.Task[Result], *endless: asyncio.Task[None]) -> Result:
    """What `wanted` results in; the error of an endless one, should it end first. None is left running."""
    try:
        ended, _ = await asyncio.wait({wanted, *endless}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {wanted}:
            task.result()
        return await wanted
    finally:
        for task in (wanted, *endless):
            task.cancel()
        await asyncio.gather(wanted, *endless, return_exceptions=True)


async def _until_interrupted() -> None:
    """Ctrl-C is how a demo is meant to end."""
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    await interrupted.wait()
