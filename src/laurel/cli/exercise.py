"""Verbs of exercises written by hand: taking part, ending, a plan's faults, where play stands, a run without people."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from pathlib import Path
from typing import Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import AskId, Token, Url, call, new_ask_id
from laurel.core.errors import BadField, Nothing

PlanFile = Annotated[Path, typer.Argument(help="A plan: its TOML file.")]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="A sensor that is not there, or silent: NAME or NAME@600-1200.")
]
CutLinks = Annotated[
    list[str] | None, typer.Option("--cut", help="A link that is cut: JPN-KOR or JPN-KOR@600-1200, seconds of play.")
]
Releases = Annotated[
    list[str] | None, typer.Option("--release", help="To whom a member releases its tracks and alerts: JPN=USA.")
]
Folder = Annotated[Path | None, typer.Option(help="Keep the three nodes here.")]
Every = Annotated[
    str | None, typer.Option("--checkpoint", help="Save all, so often: h:mm:ss of play, or seconds. Needs --folder.")
]
From = Annotated[
    str | None,
    typer.Option("--from", help="Go on from the last checkpoint at or before this time of play, or: last."),
]


def join_here(
    exercise: Annotated[str, typer.Argument(help="Its name, as announced.")],
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """Take part from this node: makes its keys for the exercise world, and says its card live."""
    path = f"exercise/join-here/{exercise}"
    show(call(url, token, "POST", path, {}, ask_id or new_ask_id()), as_json=as_json)


def end_here(
    exercise: Annotated[str, typer.Argument(help="Its name, as announced.")],
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """End it at this node: stops play here, archives it, destroys its keys and stores. Nothing of it comes back."""
    if not yes:
        typer.confirm(f"End {exercise} at this node? It is archived; its keys and database are destroyed.", abort=True)
    asked = ask_id or new_ask_id()
    while True:
        come = call(url, token, "POST", f"exercise/end-here/{exercise}", {}, asked)
        if come["ended"]:
            break
        typer.echo("the archive is being made and verified", err=True)
    show(come, as_json=as_json)
    if come["playing"]:
        typer.echo(f"play may go on at {', '.join(come['playing'])}: each member ends its own world", err=True)


def archives(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """What this node keeps of exercises that ended here; laurel replay opens the files."""
    show(call(url, token, "GET", "exercise/archives", {}, None), as_json=as_json)


def check(
    plan: PlanFile,
    compact: Annotated[str, typer.Option(help="Whose members take part.")] = "camp-david",
    as_json: AsJson = False,
) -> None:
    """What keeps a plan from being played, and what is doubtful in it. Needs no node; 1 when it cannot begin."""
    import msgspec

    from laurel.instruments import INSTRUMENTS
    from laurel.instruments.exercise.plan import check as checking
    from laurel.instruments.exercise.plan.msel import parse
    from laurel.instruments.exercise.plan.world import check_world
    from laurel.node.home.compact import load_compact
    from laurel.node.keep.catalogue import Catalogue

    catalogue = Catalogue(INSTRUMENTS)
    members = frozenset(member.code for member in load_compact(compact).members)
    house = checking.House(catalogue.asks, frozenset(catalogue.kinds), members)
    read = parse(file_content(plan))
    beside = None if read.scenario is None else plan.parent / read.scenario
    scenario = beside.read_bytes() if beside is not None and beside.is_file() else None
    findings = (*checking.check(read, house), *check_world(read, scenario))
    if as_json:
        show([msgspec.to_builtins(one) for one in findings], as_json=True)
    else:
        for one in findings:
            typer.echo(f"{one.level:8} {one.about}: {one.words}{f'. {one.remedy}' if one.remedy else ''}")
    if any(one.level is checking.Level.ERROR for one in findings):
        raise typer.Exit(1)


def msel(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """The plan as it is played in an exercise world: every inject, and every expected action judged so far."""
    shown = call(url, token, "GET", "exercise/msel", {}, None)
    if as_json:
        show(shown, as_json=True)
        return
    typer.echo(f"{shown['title']}: {_clock(shown['now_s'])} of {_clock(shown['lasts_s'])}")
    for one in shown["injects"]:
        typer.echo(f"  {_when(one):>12}  {one['member']}  {one['id']:16} {one['title']}")
    for one in shown["expected"]:
        took = "" if one["took_s"] is None else f" after {one['took_s']:.0f} s"
        typer.echo(f"  {one['verdict']:>12}{took}  {one['member']}  {one['id']}: {one['criterion']}")


def run(
    plan: PlanFile,
    out: Annotated[Path, typer.Option("--out", help="The folder for the archives and the review.")] = Path("review"),
    to: Annotated[Path | None, typer.Option("--json", help="Write what came of it to this file.")] = None,
    folder: Folder = None,
    without: Without = None,
    cut: CutLinks = None,
    release: Releases = None,
    checkpoint: Every = None,
    from_: From = None,
) -> None:
    """Play a plan on three nodes of this machine, without people, as fast as it goes; end it, and review it.

    Nodes answer as the plan says that the audience would. What is left are the signed archives and the review.
    With a sensor, a link or a release changed it is another exercise of the same plan, and says what was changed.

    With --folder and --checkpoint 6:00:00 all is saved every six hours of play. With --folder and --from 12:00:00 play
    goes on from there; with --from last a run that was killed goes on. laurel exercise checkpoints lists them.
    """
    from laurel.gateways.exercise.run import run_exercise
    from laurel.instruments.exercise.whatif import changes

    wanted = changes(without or (), cut or (), release or ())
    every_s = None if checkpoint is None else _seconds("checkpoint", checkpoint)
    from_s = None if from_ is None else inf if from_ == "last" else _seconds("from", from_)
    if every_s == 0.0:
        raise BadField(field="checkpoint", value=checkpoint, must_be="more than nothing")
    ended = run_exercise(plan, out=out, to=to, folder=folder, wanted=wanted, every_s=every_s, from_s=from_s)
    raise typer.Exit(ended)


def checkpoints(
    folder: Annotated[Path, typer.Argument(help="Where the three nodes of a run are kept.")], as_json: AsJson = False
) -> None:
    """The checkpoints of a run, the earliest first, and what they take on the disk. Any may be deleted.

    laurel exercise run PLAN --folder DIR --from 12:00:00 goes on from the last one at or before that time of play.
    """
    import msgspec

    from laurel.gateways.exercise.checkpoint import abandoned, bytes_in, line, listed
    from laurel.gateways.review.told import count

    if not folder.is_dir():
        raise Nothing(folder=folder)
    found, left = listed(folder), abandoned(folder)
    if as_json:
        told = [{"folder": str(one.folder), **msgspec.to_builtins(one.checkpoint)} for one in found]
        show(told, as_json=True)
        return
    for one in found:
        typer.echo(line(one))
    typer.echo(f"{count(len(found), 'checkpoint')}, {sum(one.checkpoint.bytes for one in found) / 1e6:.1f} MB")
    if left:
        size = sum(map(bytes_in, left)) / 1e6
        typer.echo(f"{count(len(left), 'line')} of play left behind, in abandoned/, {size:.1f} MB")


def what_if(
    plan: PlanFile,
    out: Annotated[Path, typer.Option("--out", help="The folder for both reviews and what differs.")] = Path("what-if"),
    without: Without = None,
    cut: CutLinks = None,
    release: Releases = None,
    as_json: AsJson = False,
) -> None:
    """Play a plan twice, as it is and with a sensor, a link or a release changed, and set both side by side."""
    from laurel.cli.review import compare
    from laurel.gateways.exercise.run import read, run_exercise
    from laurel.instruments.exercise.whatif import changes

    wanted = changes(without or (), cut or (), release or ())
    if not wanted:
        raise BadField(field="change", value="nothing", must_be="at least one of --without, --cut and --release")
    read(plan, out, wanted)
    planned, changed = out / "planned", out / "changed"
    failed = run_exercise(plan, out=planned, to=None, folder=None)
    failed |= run_exercise(plan, out=changed, to=None, folder=None, wanted=wanted)
    compare(planned / "review.json", changed / "review.json", out, as_json=as_json)
    raise typer.Exit(failed)


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """All among the verbs of the exercise instrument."""
    for verb in (check, msel, run, checkpoints):
        groups["exercise"].command()(verb)
    groups["exercise"].command("what-if")(what_if)
    groups["exercise"].command("join-here")(join_here)
    groups["exercise"].command("end-here")(end_here)
    groups["exercise"].command("archives")(archives)


def file_content(file: Path) -> bytes:
    """What stands in a file. Raises Nothing."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None


def _seconds(field: str, text: str) -> float:
    """Of play, as people write them. Raises BadField."""
    from laurel.instruments.exercise.plan.table import clocked

    try:
        found = clocked(text)
    except ValueError:
        found = nan
    if not 0.0 <= found < inf:
        raise BadField(field=field, value=text, must_be="h:mm:ss, or seconds")
    return found


def _when(inject: Mapping[str, Any]) -> str:
    if inject["outcome"] is not None:
        return f"{inject['outcome']} {_clock(inject['at_s'])}"
    if inject["by_hand"]:
        return "by hand"
    return "waits" if inject["goes_s"] is None else f"at {_clock(inject['goes_s'])}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3_600}:{whole // 60 % 60:02}:{whole % 60:02}"
