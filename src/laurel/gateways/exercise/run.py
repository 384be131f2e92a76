"""A plan played to its end on three nodes of this machine, without people, as fast as the machine goes."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from laurel.core.errors import Nothing
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.gateways.demo import beside, play
from laurel.gateways.demo.door import AskRefused, until
from laurel.gateways.demo.find import exercise_name
from laurel.gateways.demo.nodes import DemoNode, demo_folder, make_nodes, ready, running, verified
from laurel.gateways.demo.play import Stage
from laurel.gateways.demo.warm import cold, warming
from laurel.gateways.exercise.normal import normal_sha256
from laurel.gateways.exercise.ran import MemberLine, Ran, tell, verdicts_of
from laurel.gateways.exercise.scanning import moments, report, sensor_doors
from laurel.gateways.exercise.stepping import Stepping
from laurel.gateways.exercise.ways import Ways, ways_between
from laurel.gateways.review.archives import how_many, open_all
from laurel.gateways.review.content import paper
from laurel.gateways.review.files import write
from laurel.gateways.review.truth import flights_of
from laurel.instruments.exercise.plan.msel import Plan, parse
from laurel.instruments.exercise.played import StartAsk
from laurel.instruments.exercise.records import Announced
from laurel.instruments.exercise.review.review import AfterActionReview, review
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.scenario import parse as parse_scenario
from laurel.instruments.exercise.whatif import Changes, changed, check, told
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.node.clock import elapsed
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import write_file
from laurel.node.keep.ledger import records_of

COMPACT = "camp-david"
AS_PLANNED = Changes()
LEAST = timedelta(milliseconds=1)
END_WITHIN_S = 300.0


class _Inject(Struct, frozen=True):
    member: str
    outcome: str | None


class _Ended(Struct, frozen=True):
    ended: bool
    archive: str | None = None


class _Msel(Struct, frozen=True):
    injects: tuple[_Inject, ...]


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
    def announced_as(self) -> str:
        """What it is announced as."""
        return f"What if: {self.plan.title}" if self.wanted else self.plan.title

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


def run_exercise(file: Path, *, out: Path, to: Path | None, folder: Path | None, wanted: Changes = AS_PLANNED) -> int:
    """Play it, end it and review it. 0 when every log holds and every expected action was judged; 1 when not.

    Raises Nothing, BadPlan, BadScenario, NoSuchFlight, CannotBegin, Broken.
    """
    run = read(file, out, wanted)
    if run.scenario is not None and cold():
        with warming() as steps, Progress(console=run.console, transient=True) as bar:
            for one in bar.track(steps, description="compiling, once"):
                one()
    try:
        with demo_folder(folder) as place:
            ran = asyncio.run(play_out(run, place))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if to is not None:
        write_file(to, msgspec.json.format(msgspec.json.encode(ran), indent=1) + b"\n")
    tell(ran, run.console)
    return 0 if ran.holds else 1


async def nothing_more(stage: Stage) -> None:
    """At the end nobody looks once more."""
    del stage


async def play_out(run: Run, place: Path, at_the_end: Callable[[Stage], Awaitable[None]] = nothing_more) -> Ran:
    """Play it on nodes in that folder, end it and review it. `at_the_end` looks while the clock stands there.

    Raises CannotBegin, Broken.
    """
    nodes = make_nodes(place, load_compact(COMPACT))
    async with running(nodes) as dying:
        return await beside(asyncio.create_task(_play(run, nodes, at_the_end)), dying)


async def _play(run: Run, nodes: list[DemoNode], at_the_end: Callable[[Stage], Awaitable[None]]) -> Ran:
    spent = elapsed()
    async with play.asking() as client:
        await ready(nodes, client)
        digest = hashlib.sha256(run.file).hexdigest()
        announced = Announced(run.name, run.announced_as, run.plan.starts_at, digest)
        stage = await play.hold(nodes, announced, client)
        world = World(COMPACT, run.name)
        async with ways_between(nodes, {one.pair for one in run.wanted.cuts}, world) as ways:
            stepping = Stepping(stage)
            await _prepare(run, stepping)
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[at]}"),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=run.console, transient=True) as bar:
                await _step_through(run, stepping, ways, bar)
            await at_the_end(stage)
            injects = await _injects(stage)
        lines = [await _line(node, world) for node in nodes]
        archives = await asyncio.gather(*(_end(node, run, client) for node in nodes))
        made, files = await asyncio.to_thread(_review, run, archives)
    return Ran(
        exercise=run.name,
        title=run.announced_as,
        changed=run.changed,
        plan_sha256=digest,
        played_s=run.plan.lasts_s,
        took_s=round(spent().total_seconds(), 1),
        steps=run.steps,
        scans=run.scans,
        injects=injects,
        verdicts=verdicts_of(made),
        members=tuple(lines),
        review=tuple(str(one) for one in files),
    )


async def _prepare(run: Run, stepping: Stepping) -> None:
    """Sensors registered, tracks released, the clock standing at the beginning, the plan started."""
    stage = stepping.stage
    await stepping.step(run.plan.starts_at)
    sensors = {} if run.scenario is None else run.scenario.sensors
    for member in stage.everyone:
        door = stage.doors[member]
        to = label(Classification.SECRET, set(run.wanted.released_to(member, stage.everyone)))
        release = ReleaseTracksAsk(to, "the exercise's standing release")
        for sensor in sensors.get(member, ()):
            await door.ask(stage.to, "warning/register-sensor", sensor, f"run:sensor:{sensor.name}")
        await door.ask(stage.to, "warning/release-tracks", release, "run:release-tracks")
        await stepping.settle([member])
    start = StartAsk(run.file.decode(), stage.public, dry=True, changed=run.changed)
    first = stage.everyone[0]
    await stage.doors[first].ask(stage.to, "exercise/start", start, "run:start:0001")
    await stepping.settle([first])


async def _step_through(run: Run, stepping: Stepping, ways: Ways, bar: Progress) -> None:
    stage = stepping.stage
    task = bar.add_task(run.name, total=run.plan.lasts_s, at="")
    doors = sensor_doors(run.scenario, stage)
    left = moments(run.scenario, stage.everyone, run.plan.starts_at)
    turns = sorted(run.moments_of_cuts())
    scanned = next(left, None)
    at: datetime | None = run.plan.starts_at
    while at is not None and at <= run.ends_at:
        _show(run, bar, task, at)
        stage.cut = run.wanted.cut_at((at - run.plan.starts_at).total_seconds())
        ways.cut(stage.cut)
        await stepping.step(at)
        run.steps += 1
        while scanned is not None and scanned[0] <= at:
            run.scans += await report(stepping, doors, scanned[1])
            scanned = next(left, None)
        later = [one for one in turns if one > at]
        later += [] if stepping.next_at is None else [max(stepping.next_at, at + LEAST)]
        at = min([*later, scanned[0]] if scanned is not None else later, default=None)
    await stepping.step(run.ends_at)


def _show(run: Run, bar: Progress, task: TaskID, at: datetime) -> None:
    played = at - run.plan.starts_at
    bar.update(task, completed=played.total_seconds(), at=f"{at:%d %b %H:%M:%S}Z, {run.scans} scans")


async def _end(node: DemoNode, run: Run, to: httpx.AsyncClient) -> Path:
    """The member's world of the exercise comes to its end; its archive, copied to where the review will stand."""
    headers = {**node.live.headers, "Ask-Id": f"run:end:{run.name}"}
    ended = _Ended(ended=False)

    async def done() -> bool:
        nonlocal ended
        answer = await to.post(f"{node.live.url}/exercise/end-here/{run.name}", headers=headers)
        if answer.is_error:
            raise AskRefused(command="exercise/end-here", at=node.live.url, answer=answer.text)
        ended = msgspec.json.decode(answer.content, type=_Ended)
        return ended.ended

    await until(done, f"the end at {node.member}", END_WITHIN_S)
    run.out.mkdir(parents=True, exist_ok=True)
    kept = run.out / f"{node.member}.log"
    shutil.copyfile(node.layout.archives / str(ended.archive), kept)
    return kept


def _review(run: Run, archives: Sequence[Path]) -> tuple[AfterActionReview, tuple[Path, ...]]:
    """The after-action review, from the signed archives alone and the truth, and its files."""
    with Progress(console=run.console, transient=True) as bar:
        task = bar.add_task("reading the archives", total=how_many(archives))
        opened = open_all(archives, lambda: bar.advance(task))
        flights = None if run.world is None else flights_of(run.world)
        made = review(opened.records, opened.archives, flights, (), opened.notes, taken=opened.taken)
        return made, write(made, paper(made), run.out, "review").files


async def _injects(stage: Stage) -> dict[str, int]:
    """How many injects had each fate, each by the word of the node that was to bring it about."""
    fates: list[str] = []
    for member, door in stage.doors.items():
        msel = await door.look(stage.to, "exercise/msel", _Msel)
        fates += [one.outcome or "not gone" for one in msel.injects if one.member == member]
    return dict(sorted(Counter(fates).items()))


async def _line(node: DemoNode, world: World) -> MemberLine:
    whole = await verified(node, world)
    log = records_of(node.layout, world)
    return MemberLine(node.member, whole["records"], tuple(whole["faults"]), normal_sha256(log))


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None
