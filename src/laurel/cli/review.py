"""Verbs that learn from an exercise: its review from signed logs, and two reviews side by side. They ask no node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from laurel.cli.exercise import file_content
from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField

if TYPE_CHECKING:
    from laurel.gateways.review.files import Written
    from laurel.instruments.exercise.plan.run import Verdict

MOST_NAMED = 20
INDENT = 17
Out = Annotated[Path, typer.Option("--out", help="The folder to write into.")]


def review(
    archives: Annotated[
        list[Path], typer.Argument(metavar="ARCHIVE...", help="Logs that laurel log export wrote, one for each member.")
    ],
    out: Out,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="The scenario that was played: what truly flew.")
    ] = None,
    for_: Annotated[
        str,
        typer.Option("--for", help="For whom: JPN,KOR. What they may not have is left out. Else all who took part."),
    ] = "",
    node: Annotated[
        Path | None, typer.Option("--node", help="The folder of a node that knows the members' keys.")
    ] = None,
    defence: Annotated[
        Path | None, typer.Option("--defence", help="A defence in place of the plan's: who stops what flies, notional.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the after-action review of an exercise: review.html, review.pdf and review.json."""
    from rich.console import Console
    from rich.progress import Progress

    from laurel.gateways.review.archives import how_many, open_all
    from laurel.gateways.review.content import paper
    from laurel.gateways.review.files import write
    from laurel.gateways.review.truth import flights_of
    from laurel.instruments.exercise.defence import parse
    from laurel.instruments.exercise.review.review import review as make
    from laurel.node.home.layout import Layout

    readers = _codes(for_)
    with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
        bar = progress.add_task("reading and checking", total=how_many(archives))
        opened = open_all(archives, lambda: progress.advance(bar), None if node is None else Layout(node))
        bar = progress.add_task("judging", total=3)
        flights = None if scenario is None else flights_of(file_content(scenario))
        progress.advance(bar)
        stands = None if defence is None else parse(file_content(defence))
        engaged = progress.add_task("playing the defence, notional", visible=False)
        made = make(
            opened.records,
            opened.archives,
            flights,
            readers,
            opened.notes,
            taken=opened.taken,
            defence=stands,
            passed=lambda played, runs: progress.update(engaged, completed=played, total=runs, visible=True),
        )
        progress.advance(bar)
        written = write(made, paper(made), out, "review")
        progress.advance(bar)
    facts = {
        "label": made.label.banner,
        "records": made.records,
        "threats": len(made.threats),
        "expected_actions": {one.value: sum(action.verdict is one for action in made.actions) for one in _verdicts()},
        "slowest": {one.member: one.slowest for one in made.measures},
        "notes": list(made.notes),
    }
    _tell(written, facts, as_json=as_json)


def compare(
    first: Annotated[Path, typer.Argument(help="A review.json.")],
    second: Annotated[Path, typer.Argument(help="Another, of the same exercise with something changed.")],
    out: Out,
    as_json: AsJson = False,
) -> None:
    """Set two reviews side by side: comparison.html, comparison.pdf and comparison.json."""
    from laurel.gateways.review.compared import paper
    from laurel.gateways.review.files import read_review, write
    from laurel.instruments.exercise.review.compare import compare as make

    made = make(read_review(first), read_review(second))
    written = write(made, paper(made), out, "comparison")
    changed = [{"action": one.id, "first": one.first, "second": one.second} for one in made.actions if one.changed]
    _tell(written, {"doubts": list(made.doubts), "changed": changed}, as_json=as_json)


def _tell(written: Written, facts: Mapping[str, object], *, as_json: bool) -> None:
    numbers = [f"{letter} (U+{ord(letter):04X})" for letter in written.faceless]
    told = {"wrote": [str(one) for one in written.files], **facts, "no_typeface_for": numbers}
    show(told if as_json else {name: _in_lines(value) for name, value in told.items()}, as_json=as_json)
    if numbers:
        some = ", ".join(numbers[:MOST_NAMED]) + " and more" * (len(numbers) > MOST_NAMED)
        typer.echo(
            f"laurel: no typeface on this machine has {some}: the PDF writes them by number. "
            "Install one, such as fonts-noto-cjk for Japanese and Korean, and make it again.",
            err=True,
        )


def _in_lines(value: object) -> object:
    """For people: one line for each of a list, names beside what they stand for."""
    if isinstance(value, Mapping):
        named = cast("Mapping[str, object]", value).items()
        return ", ".join(f"{one} {name}" if isinstance(one, int) else f"{name} {one or 'none'}" for name, one in named)
    if isinstance(value, list):
        lines = (str(_in_lines(one)) for one in cast("list[object]", value))
        return f"\n{'':<{INDENT}}".join(lines)
    return value


def _verdicts() -> tuple[Verdict, ...]:
    from laurel.instruments.exercise.plan.run import Verdict

    return tuple(Verdict)


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(one.strip() for one in text.split(",") if one.strip())
    if not all(len(one) == 3 and one.isascii() and one.isupper() for one in codes):
        raise BadField(field="for", value=text, must_be="codes of members with commas between them: JPN,KOR")
    return codes


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of the exercise instrument."""
    groups["exercise"].command("review")(review)
    groups["exercise"].command("compare")(compare)
