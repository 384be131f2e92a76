"""The verb that makes a promise of what an exercise taught. It asks the live world."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, Url, call, new_ask_id
from laurel.core.errors import BadField

if TYPE_CHECKING:
    from laurel.gateways.review.promises import OwnAction


def commit(
    review: Annotated[Path, typer.Argument(help="The review.json of the exercise.")],
    yes: Annotated[
        list[int] | None, typer.Option("--yes", metavar="NUMBER", help="Promise this one, and ask of no other.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="In which the actions are written, where their letters do not tell.")
    ] = "en",
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List the actions of our own member in a review, and promise each that is confirmed: a live commitment.

    It cites the live record that the exercise ended and no record of play. What was promised already is not
    promised again. Example: laurel exercise commit review/review.json --yes 1
    """
    import msgspec

    from laurel.gateways.review.files import read_review
    from laurel.gateways.review.promises import ends_of, own_actions, promise, vouching
    from laurel.instruments.dialogue.commitment_types import Commitments
    from laurel.instruments.exercise.view import Exercises

    read = read_review(review)
    member = call(url, token, "GET", "about", {}, None)["member"]
    known = msgspec.convert(call(url, token, "GET", "exercise/exercises", {}, None), Exercises).exercises
    end = vouching(read, known, member)
    promised = [
        row
        for one in ends_of(read, known).values()
        for row in msgspec.convert(
            call(url, token, "GET", "dialogue/commitments", _citing(one.record, member), None), Commitments
        ).commitments
    ]
    own = own_actions(read, member, promised)
    wanted, asks = frozenset(yes or ()), not yes and not as_json
    if strange := sorted(wanted - {one.number for one, _ in own}):
        raise BadField(field="yes", value=strange[0], must_be=f"from 1 to {len(own)}" if own else "left out: none")
    if not as_json:
        show([msgspec.to_builtins(one) for one, _ in own], as_json=False)
    said: dict[int, str] = {}
    for one, action in own:
        if one.commitment is not None:
            _tell(f"{one.number} was promised already: {one.commitment}")
        elif one.number in wanted or (asks and _confirmed(one, read.label.banner)):
            ask = promise(action, read, end, language)
            said[one.number] = call(url, token, "POST", "dialogue/commit", ask, new_ask_id())["records"][0]
            _tell(f"{one.number} is promised: {said[one.number]}")
    if as_json:
        rows = [msgspec.structs.replace(one, commitment=said.get(one.number, one.commitment)) for one, _ in own]
        show([msgspec.to_builtins(one) for one in rows], as_json=True)


def _citing(record: str, member: str) -> dict[str, str | int]:
    return {"about": record, "member": member, "closed": "true", "most": 1_000}


def _confirmed(one: OwnAction, banner: str) -> bool:
    # A narrow table cuts words short: who promises reads all of them.
    return typer.confirm(f"{one.action}\nPromise {one.number}, live, for {one.office} by {one.due}, under {banner}?")


def _tell(words: str) -> None:
    typer.echo(words, err=True)


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of the exercise instrument."""
    groups["exercise"].command("commit")(commit)
