"""The verb that checks a bundle. It asks no node, and trusts nothing in the file that it cannot prove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField, Broken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from laurel.gateways.bundle import Opened, Verdict

app = typer.Typer(help="Check what was exported, without a node.", no_args_is_help=True)


class BundleDoesNotHold(Broken):
    """Something in it is altered, missing or too much."""

    says = "this file does not hold"
    remedy = "trust nothing in it; ask the member that exported it for it again"


@app.callback()
def _verbs() -> None:
    """Check what was exported, without a node."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.", exists=True, dir_okay=False)],
    card: Annotated[list[Path] | None, typer.Option("--card", help="A card that you have from the member.")] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="A public key that you have from the member: JPN=64 hex digits.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every signature, hash and place in a bundle, and say what that proves and what not."""
    from laurel.core.roster import open_card
    from laurel.gateways.bundle import What, check
    from laurel.gateways.statement import read_statement

    opened = check(file.read_bytes(), [open_card(one.read_bytes()) for one in card or ()], _keys(key or ()))
    head, faults, more = opened.verdict.head, list(opened.verdict.faults), dict[str, Any]()
    if head is not None and head.what is What.JOINT_STATEMENT:
        stated = read_statement(opened)
        faults += stated.faults
        more = {"stated_by": list(stated.said), "not_stated_by": list(stated.missing)}
    found = {**_facts(opened), **more, "faults": faults, "proven": [] if faults else _proven(opened.verdict)}
    show(found, as_json=as_json)
    if faults:
        raise BundleDoesNotHold(file=file, faults=len(faults), first=faults[0])


def _keys(given: list[str] | tuple[()]) -> dict[str, Ed25519PublicKey]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    keys: dict[str, Ed25519PublicKey] = {}
    for one in given:
        member, _, digits = one.partition("=")
        try:
            keys[member] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))
        except ValueError:
            raise BadField(field="key", value=one, must_be="MEMBER=64 hexadecimal digits") from None
    return keys


def _facts(opened: Opened) -> dict[str, Any]:
    head, verdict = opened.verdict.head, opened.verdict
    if head is None:
        return {}
    return {
        "label": verdict.banner,
        "what": head.what.value,
        "title": head.title,
        "subject": head.subject,
        "world": head.compact if head.exercise is None else f"{head.compact}, EXERCISE {head.exercise}",
        "exported": f"{head.exporter} {head.author} {head.at.isoformat()}",
        "records": len(opened.records),
        "signers": [
            {
                "member": one.member,
                "records": one.records,
                "rests_on": one.proof.value,
                "fingerprint": one.fingerprint or "",
                "keys": " ".join(one.keys),
            }
            for one in verdict.signers
        ],
        "missing": list(verdict.missing),
    }


def _proven(verdict: Verdict) -> list[str]:
    """What the check has shown, and what it has not, in plain sentences."""
    from laurel.gateways.bundle import Proof

    said = ["The file is whole and unaltered since it was made: no record is missing of those that it names."]
    for one in verdict.signers:
        records = f"{one.records} record{'s' if one.records != 1 else ''}"
        if one.proof is Proof.GIVEN:
            said.append(f"{one.member} signed {records}: by the card or key that you gave.")
        elif one.proof is Proof.CARD_IN_FILE:
            said.append(
                f"{one.member} signed {records} if it reads you the fingerprint {one.fingerprint}: "
                "its card came with the file, so compare."
            )
        else:
            said.append(
                f"{one.member} signed {records} if {', '.join(one.keys)} is its public key: that is only what the "
                "exporter says, so compare."
            )
    said.append("Not proven: that nothing else was said, or when. Times are what each author's own clock claimed.")
    return said
