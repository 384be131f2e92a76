"""A plan played to its end on three nodes of this machine, without people, as fast as the machine goes."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from laurel.core.errors import Broken, Nothing
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.gateways import feed
from laurel.gateways.demo import beside, play
from laurel.gateways.demo.door import AskRefused, until
from laurel.gateways.demo.find import exercise_name
from laurel.gateways.demo.nodes import DemoNode, demo_folder, make_nodes, ready, running, verified
from laurel.gateways.demo.play import Stage
from laurel.gateways.demo.warm import cold, warming
from laurel.gateways.exercise.normal import normal_sha256
from laurel.gateways.exercise.stepping import settle, step
from laurel.gateways.exercise.ways import Ways, ways_between
from laurel.gateways.review.archives import how_many, open_all
from laurel.gateways.review.content import paper
from laurel.gateways.review.files import write
from laurel.gateways.review.truth import flights_of
from laurel.instruments.exercise.plan.msel import Plan, parse
from laurel.instruments.exercise.played import StartAsk
from laurel.instruments.exercise.records import Announced
from laurel.instruments.exercise.review.review import review
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.scenario import parse as parse_scenario
from laurel.instruments.exercise.simulate import scans, scene
from laurel.instruments.exercise.whatif import Changes, changed, check, told
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.records import Scan
from laurel.node.clock import elapsed
from laurel.node.doorstep import people
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import write_file
from laurel.node.keep.ledger import records_of

COMPACT = "camp-david"
AS_PLANNED = Changes()
QUANTUM = timedelta(seconds=5)
"""Scans that come within so long are reported together, at its end."""
LEAST = timedelta(milliseconds=1)
END_WITHIN_S = 300.0


class ScanRefused(Broken):
    """What a simulated sensor saw was not taken."""

    says = "a node refused a scan of the exercise"
    remedy = "the facts say why; laurel exercise run --folder DIR keeps all files"


class Verdicts(Struct, frozen=True):
    """Expected actions of one verdict, by name."""

    verdict: str
    expected: tuple[str, ...]


class MemberLine(Struct, frozen=True):
    """One member's log at the end: how many records, what is wrong with it, and its normalised hash."""

    member: str
    records: int
    faults: tuple[str, ...]
    normal_sha256: str


class Ran(Struct, frozen=True):
    """What came of a run. `changed` says in what it was other than planned."""

    exercise: str
    title: str
    plan_sha256: str
    changed: tuple[str, ...]
    played_s: float
    took_s: float
    steps: int
    scans: int
    injects: dict[str, int]
    verdicts: tuple[Verdicts, ...]
    members: tuple[MemberLine, ...]
    review: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every log holds and every expected action was judged, but for those that a change kept from it."""
        waiting = set[str]() if self.changed else {"awaited", "not asked"}
        return not any(one.faults for one in self.members) and not any(
            one.verdict in waiting and one.expected for one in self.verdicts
        )


class _Expected(Struct, frozen=True):
    id: str
    verdict: str


class _Inject(Struct, frozen=True):
    outcome: str | None


class _Ended(Struct, frozen=True):
    ended: bool
    archive: str | None = None


class _Msel(Struct, frozen=True):
    injects: tuple[_Inject, ...]
    expected: tuple[_Expected, ...]


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


def tell(ran: Ran, console: Console) -> None:
    """What came of it, for people to read."""
    console.print(f"\nEXERCISE {ran.exercise}: {ran.title}", highlight=False)
    for one in ran.changed:
        console.print(f"  changed: {one}", highlight=False)
    days = ran.played_s / 86_400.0
    console.print(
        f"  {days:.2f} days played in {ran.took_s:.0f} s: {ran.steps} steps, {ran.scans} scans", highlight=False
    )
    console.print(f"  injects: {', '.join(f'{count} {name}' for name, count in ran.injects.items())}", highlight=False)
    for one in ran.verdicts:
        names = "" if one.verdict == "done" else ": " + ", ".join(one.expected)
        console.print(f"  expected actions {one.verdict}: {len(one.expected)}{names}", highlight=False)
    for file in ran.review:
        console.print(f"  {file}", highlight=False, soft_wrap=True)
    for one in ran.members:
        fault = "holds" if not one.faults else one.faults[0]
        console.print(f"  {one.member}: {one.records} records, log {fault}, {one.normal_sha256[:16]}", highlight=False)


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
            await _prepare(run, stage)
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[at]}"),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=run.console, transient=True) as bar:
                await _step_through(run, stage, ways, bar)
            await at_the_end(stage)
        msel = await stage.doors[stage.everyone[0]].look(client, "exercise/msel", _Msel)
        lines = [await _line(node, world) for node in nodes]
        archives = await asyncio.gather(*(_end(node, run, client) for node in nodes))
        written = await asyncio.to_thread(_review, run, archives)
    return Ran(
        exercise=run.name,
        title=run.announced_as,
        changed=run.changed,
        plan_sha256=digest,
        played_s=run.plan.lasts_s,
        took_s=round(spent().total_seconds(), 1),
        steps=run.steps,
        scans=run.scans,
        injects=_counted([one.outcome or "not gone" for one in msel.injects]),
        verdicts=_verdicts(msel.expected),
        members=tuple(lines),
        review=tuple(str(one) for one in written),
    )


async def _prepare(run: Run, stage: Stage) -> None:
    """Sensors registered, tracks released, the clock standing at the beginning, the plan started."""
    await step(stage, run.plan.starts_at)
    sensors = {} if run.scenario is None else run.scenario.sensors
    for member in stage.everyone:
        door = stage.doors[member]
        to = label(Classification.SECRET, set(run.wanted.released_to(member, stage.everyone)))
        release = ReleaseTracksAsk(to, "the exercise's standing release")
        for sensor in sensors.get(member, ()):
            await door.ask(stage.to, "warning/register-sensor", sensor, f"run:sensor:{sensor.name}")
        await door.ask(stage.to, "warning/release-tracks", release, "run:release-tracks")
        await settle(stage)
    start = StartAsk(run.file.decode(), stage.public, dry=True, changed=run.changed)
    await stage.doors[stage.everyone[0]].ask(stage.to, "exercise/start", start, "run:start:0001")
    await settle(stage)


async def _step_through(run: Run, stage: Stage, ways: Ways, bar: Progress) -> None:
    task = bar.add_task(run.name, total=run.plan.lasts_s, at="")
    moments = _moments(run, stage)
    turns = sorted(run.moments_of_cuts())
    scanned = next(moments, None)
    at: datetime | None = run.plan.starts_at
    while at is not None and at <= run.ends_at:
        _show(run, bar, task, at)
        stage.cut = run.wanted.cut_at((at - run.plan.starts_at).total_seconds())
        ways.cut(stage.cut)
        next_at = await step(stage, at)
        run.steps += 1
        while scanned is not None and scanned[0] <= at:
            next_at = await _report(run, stage, scanned[1])
            scanned = next(moments, None)
        later = [one for one in turns if one > at]
        later += [] if next_at is None else [max(next_at, at + LEAST)]
        at = min([*later, scanned[0]] if scanned is not None else later, default=None)
    await step(stage, run.ends_at)


def _show(run: Run, bar: Progress, task: TaskID, at: datetime) -> None:
    played = at - run.plan.starts_at
    bar.update(task, completed=played.total_seconds(), at=f"{at:%d %b %H:%M:%S}Z, {run.scans} scans")


def _moments(run: Run, stage: Stage) -> Iterator[tuple[datetime, dict[str, list[Scan]]]]:
    """When scans are reported, and each member's."""
    if run.scenario is None:
        return
    truth = scene(run.scenario)
    began = run.plan.starts_at
    by_moment: defaultdict[datetime, dict[str, list[Scan]]] = defaultdict(dict)
    for member in stage.everyone:
        due = groupby(scans(run.scenario, truth, member), key=lambda scan: _quantum(began, scan.at))
        for at, some in due:
            by_moment[at][member] = list(some)
    for at in sorted(by_moment):
        yield at, by_moment[at]


def _sensor(scan: Scan) -> str:
    return scan.sensor


def _quantum(began: datetime, at: datetime) -> datetime:
    return began + ceil((at - began) / QUANTUM) * QUANTUM


async def _report(run: Run, stage: Stage, by_member: dict[str, list[Scan]]) -> datetime | None:
    """Each member's sensors report to its own node; when something goes by itself next."""
    next_at: datetime | None = None
    for member in stage.everyone:
        if member in by_member:
            node = next(one for one in stage.nodes if one.member == member)
            url, _, world = stage.doors[member].url.rpartition("/")
            for sensor, some in groupby(sorted(by_member[member], key=_sensor), key=_sensor):
                door = feed.Door(url, world, people(node.layout).credential(sensor))
                fed = await feed.report(stage.to, door, tuple(some))
                if fed.refused:
                    raise ScanRefused(member=member, sensor=sensor, why=str(fed.refused[0]))
                run.scans += fed.taken
            next_at = await settle(stage)
    return next_at


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


def _review(run: Run, archives: Sequence[Path]) -> tuple[Path, ...]:
    """The after-action review, from the signed archives alone and the truth."""
    with Progress(console=run.console, transient=True) as bar:
        task = bar.add_task("reading the archives", total=how_many(archives))
        opened = open_all(archives, lambda: bar.advance(task))
        flights = None if run.world is None else flights_of(run.world)
        made = review(opened.records, opened.archives, flights, (), opened.notes, taken=opened.taken)
        return tuple(Path(one) for one in write(made, paper(made), run.out, "review").files)


def _counted(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}


def _verdicts(expected: Sequence[_Expected]) -> tuple[Verdicts, ...]:
    by_verdict: defaultdict[str, list[str]] = defaultdict(list)
    for one in expected:
        by_verdict[one.verdict].append(one.id)
    return tuple(Verdicts(verdict, tuple(names)) for verdict, names in sorted(by_verdict.items()))


async def _line(node: DemoNode, world: World) -> MemberLine:
    whole = await verified(node, world)
    log = records_of(node.layout, world)
    return MemberLine(node.member, whole["records"], tuple(whole["faults"]), normal_sha256(log))


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None
