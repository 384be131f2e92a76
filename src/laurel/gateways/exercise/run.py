"""A plan played to its end on three nodes of this machine, without people, as fast as the machine goes."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct
from msgspec.structs import replace
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from laurel.core.errors import BadField
from laurel.core.record import World
from laurel.gateways.cold import cold
from laurel.gateways.demo import beside, play
from laurel.gateways.demo.door import AskRefused, until
from laurel.gateways.demo.nodes import DemoNode, demo_folder, found_nodes, gone, make_nodes, running, verified
from laurel.gateways.demo.play import Stage
from laurel.gateways.demo.warm import warming
from laurel.gateways.exercise import checkpoint
from laurel.gateways.exercise.checkpoint import Kept, Rhythm
from laurel.gateways.exercise.leg import Leg, Pause
from laurel.gateways.exercise.normal import normal_sha256
from laurel.gateways.exercise.ran import MemberLine, Ran, tell, verdicts_of
from laurel.gateways.exercise.reading import AS_PLANNED, COMPACT, Run, read
from laurel.gateways.exercise.scanning import moments
from laurel.gateways.review.archives import how_many, open_all
from laurel.gateways.review.content import paper
from laurel.gateways.review.files import write
from laurel.gateways.review.truth import flights_of
from laurel.instruments.exercise.plan.table import clock
from laurel.instruments.exercise.review.review import AfterActionReview, review
from laurel.instruments.exercise.whatif import Changes
from laurel.node.clock import RealClock, elapsed
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import write_file
from laurel.node.keep.ledger import records_of

END_WITHIN_S = 300.0


class _Inject(Struct, frozen=True):
    member: str
    outcome: str | None


class _Ended(Struct, frozen=True):
    ended: bool
    archive: str | None = None


class _Msel(Struct, frozen=True):
    injects: tuple[_Inject, ...]


def run_exercise(
    file: Path,
    *,
    out: Path,
    to: Path | None,
    folder: Path | None,
    wanted: Changes = AS_PLANNED,
    every_s: float | None = None,
    from_s: float | None = None,
) -> int:
    """Play it, end it and review it. 0 when every log holds and every expected action was judged; 1 when not.

    `every_s`: seconds of play between two checkpoints. `from_s`: go on from the last one at or before that second.

    Raises Nothing, BadField, BadPlan, BadScenario, NoSuchFlight, CannotBegin, NoCheckpoint, OtherRun, Broken.
    """
    run = read(file, out, wanted)
    if every_s is not None and any(one.span is None for one in wanted.cuts):
        must_be = "left out where a link is cut for all of play: what is said waits there, and not all are at rest"
        raise BadField(field="checkpoint", value=clock(every_s), must_be=must_be)
    if folder is None and (every_s is not None or from_s is not None):
        raise BadField(field="folder", value="none", must_be="named: checkpoints are kept there")
    with ExitStack() as held:
        kept = None
        if folder is None or from_s is None:
            if folder is not None and checkpoint.listed(folder):
                must_be = "empty, or not there yet; --from goes on from the checkpoints that lie there"
                raise BadField(field="folder", value=folder, must_be=must_be)
            place = held.enter_context(demo_folder(folder))
        else:
            place = folder.resolve()
            kept = checkpoint.before(place, from_s, run.belongs)
        if folder is not None:
            held.enter_context(checkpoint.playing(place))
        if run.scenario is not None and cold():
            with warming() as steps, Progress(console=run.console, transient=True) as bar:
                for one in bar.track(steps, description="compiling, once"):
                    one()
        try:
            ran = asyncio.run(play_out(run, place, every_s=every_s, kept=kept))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    if to is not None:
        write_file(to, msgspec.json.format(msgspec.json.encode(ran), indent=1) + b"\n")
    tell(ran, run.console)
    return 0 if ran.holds else 1


async def nothing_more(stage: Stage) -> None:
    """At the end nobody looks once more."""
    del stage


async def play_out(
    run: Run,
    place: Path,
    at_the_end: Callable[[Stage], Awaitable[None]] = nothing_more,
    *,
    every_s: float | None = None,
    kept: Kept | None = None,
) -> Ran:
    """Play it on nodes in that folder, end it and review it. `at_the_end` looks while the clock stands there.

    In legs: where a checkpoint is due all nodes stop, are copied, and start again.

    Raises CannotBegin, BadCheckpoint, Broken.
    """
    compact, spent = load_compact(COMPACT), elapsed()
    if kept is None:
        nodes, stand = make_nodes(place, compact), None
    else:
        await gone(place, compact)
        await asyncio.to_thread(checkpoint.restore, place, kept)
        nodes, stand = found_nodes(place, compact), kept.checkpoint.stand
        run.steps, run.scans = stand.steps, stand.scans
        run.console.print(f"on from the checkpoint at {clock(kept.checkpoint.as_of_s)}", highlight=False)
    before_s = 0.0 if stand is None else stand.took_s
    scans = await asyncio.to_thread(lambda: tuple(moments(run.scenario, sorted(compact.standings), run.plan.starts_at)))
    rhythm = Rhythm(every_s, [one.checkpoint.as_of_s for one in checkpoint.listed(place)])
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"), TimeElapsedColumn())
    with Progress(*columns, console=run.console, transient=True) as bar:
        task = bar.add_task(run.name, total=run.plan.lasts_s, at="")

        def show(at: datetime) -> None:
            bar.update(task, completed=run.second(at), at=f"{at:%d %b %H:%M:%S}Z, {run.scans} scans")

        while True:
            leg = Leg(run, scans, rhythm, stand, show)
            async with running(nodes) as dying:
                came = await beside(asyncio.create_task(_play(leg, nodes, at_the_end)), dying)
            took_s = round(before_s + spent().total_seconds(), 1)
            if isinstance(came, Ran):
                return replace(came, took_s=took_s)
            await gone(place, compact)
            stand = replace(came.stand, took_s=took_s)
            made = await asyncio.to_thread(checkpoint.keep, place, run.belongs, came.as_of_s, stand, RealClock().now())
            rhythm.made.append(came.as_of_s)
            run.console.print(checkpoint.line(made), highlight=False)


async def _play(leg: Leg, nodes: Sequence[DemoNode], at_the_end: Callable[[Stage], Awaitable[None]]) -> Ran | Pause:
    """One leg; the last one with the end and the review. The caller knows how long all took."""
    run = leg.run
    async with play.asking() as client:
        async with leg.begun(nodes, client) as (stepping, ways):
            pause = await leg.play(stepping, ways)
            if pause is not None:
                return pause
            await at_the_end(stepping.stage)
            injects = await _injects(stepping.stage)
        lines = [await _line(node, World(COMPACT, run.name)) for node in nodes]
        archives = await asyncio.gather(*(_end(node, run, client) for node in nodes))
        made, files = await asyncio.to_thread(_review, run, archives)
    return Ran(
        exercise=run.name,
        title=run.announced_as,
        changed=run.changed,
        plan_sha256=run.digest,
        played_s=run.plan.lasts_s,
        took_s=0.0,
        steps=run.steps,
        scans=run.scans,
        injects=injects,
        verdicts=verdicts_of(made),
        members=tuple(lines),
        review=tuple(str(one) for one in files),
    )


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
        engaged = bar.add_task("playing the defence, notional", visible=False)
        made = review(
            opened.records,
            opened.archives,
            flights,
            (),
            opened.notes,
            taken=opened.taken,
            passed=lambda played, runs: bar.update(engaged, completed=played, total=runs, visible=True),
        )
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
