"""Verbs of the policies: what decided, what others would decide, and putting others in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import AskId, Token, Url, call, new_ask_id
from laurel.core.errors import BadAsk

if TYPE_CHECKING:
    from laurel.core.record import World
    from laurel.node.home.layout import Layout

app = typer.Typer(help="Explain, try and put in force what the border decides by.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]
WorldName = Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")]


class ExampleFails(BadAsk):
    """The policies do not decide as their own examples say."""

    says = "the policies decide otherwise than their examples expect"
    remedy = "mend the policy or the example; nothing was put in force"


@app.command()
def explain(
    folder: Folder,
    record: Annotated[str, typer.Argument(help="The record's id.")],
    member: Annotated[str, typer.Argument(help="Three letters: USA, JPN, KOR.")],
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a member may have a record, which policy decides and why, and what the audit said then."""
    from msgspec import to_builtins

    from laurel.node import trial

    with trial.bench(*_world(folder, world)) as on:
        show(to_builtins(trial.explain(on, record, member)), as_json=as_json)


@app.command("test")
def try_(
    folder: Folder,
    policies: Annotated[Path, typer.Option("--policies", help="The folder of Cedar files to try.")],
    examples: Annotated[Path | None, typer.Option("--examples", help="A TOML file of expected decisions.")] = None,
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Try policies, putting nothing in force: run their examples, show what they would change over the log."""
    from msgspec import to_builtins

    from laurel.border.policy import Policies
    from laurel.node import trial

    texts = trial.read_folder(policies)
    expected = () if examples is None else trial.read_examples(examples)
    with trial.bench(*_world(folder, world)) as on:
        tried = Policies(on.force.policies.house, texts)
        verdicts = trial.judge_examples(tried, expected, on.roster)
        changed = trial.changes(on, tried)
    failed = [one.says for one in verdicts if not one.holds]
    found: dict[str, Any] = {"digest": tried.digest, "examples": len(verdicts), "failed": len(failed)}
    show({**found, "verdicts": to_builtins(verdicts), "changes": to_builtins(changed)}, as_json=as_json)
    if failed:
        raise ExampleFails(failed=len(failed), first=failed[0])


@app.command()
def put(
    policies: Annotated[Path, typer.Argument(help="The folder of Cedar files.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads the log.")],
    digest: Annotated[
        str | None, typer.Option("--digest", help="What laurel policy test printed; worked out here if not given.")
    ] = None,
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """Put policies in force beside the house's, in place of those before. Takes a release authority."""
    from laurel.border.policy import Policies
    from laurel.node.home.compact import load_compact
    from laurel.node.policies import house
    from laurel.node.trial import read_folder

    files = read_folder(policies)
    if digest is None:
        compact = load_compact(call(url, token, "GET", "about", {}, None)["compact"])
        digest = Policies(house(compact.ceiling, compact.clearances), files).digest
    ask = {"files": files, "digest": digest, "reason": reason}
    show(call(url, token, "POST", "office/put-policy", ask, ask_id or new_ask_id()), as_json=as_json)


@app.command("show")
def show_(folder: Folder, world: WorldName = None, as_json: AsJson = False) -> None:
    """List the policies in force: the house's, and those this member put beside them."""
    from msgspec import to_builtins

    from laurel.node import trial

    with trial.bench(*_world(folder, world)) as on:
        found = {"digest": on.force.policies.digest, "put_by": on.force.put}
        show({**found, "policies": to_builtins(trial.cited(on.force.policies))}, as_json=as_json)


def _world(folder: Path, world: str | None) -> tuple[Layout, World]:
    from laurel.node.doorstep import find_world

    return find_world(folder, world)
