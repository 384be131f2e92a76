"""Three capitals at their terminals: what a story is told through, and what their logs then hold."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from tests.nodes.three import LIVE, MEMBERS, Node, laurel, seen

from laurel.core.instrument import Role
from laurel.core.record import Record, World, decode
from laurel.node.doorstep import world_url
from laurel.node.keep.ledger import export

ROLES = (Role.WATCH_OFFICER, Role.PRINCIPAL, Role.RELEASE_AUTHORITY, Role.ADMINISTRATOR, Role.ANALYST)
CONFIRMED = {
    (instrument["name"], verb["name"])
    for instrument in json.loads((files("laurel.cli") / "commands.json").read_text())
    for verb in instrument["verbs"]
    if verb["confirm"]
}


@dataclass(frozen=True)
class Capital:
    """One member's terminal: every word of a story goes through it."""

    node: Node
    token: Path
    world: World = LIVE

    @property
    def member(self) -> str:
        return self.node.member

    @property
    def url(self) -> str:
        """Where its world is asked."""
        return f"{world_url(self.node.made.layout, self.world)}/{self.world.name}"

    async def says(self, instrument: str, verb: str, **ask: Any) -> str:
        """The id of the record that it makes."""
        said = await laurel(*self._verb(instrument, verb, ask))
        return said["records"][0]

    async def sees(self, instrument: str, query: str, **ask: Any) -> Any:
        return await laurel(*self._verb(instrument, query, ask))

    async def until(self, holds: Callable[[Any], bool], instrument: str, query: str, **ask: Any) -> Any:
        """What it sees once that holds."""
        found: list[Any] = []

        async def looks() -> bool:
            found.append(await self.sees(instrument, query, **ask))
            return holds(found[-1])

        await seen(looks, f"{instrument} {query} at {self.member}")
        return found[-1]

    def _verb(self, instrument: str, verb: str, ask: Mapping[str, Any]) -> list[str | Path]:
        yes = ["--yes"] if (instrument, verb) in CONFIRMED else []
        written = msgspec.json.encode(ask).decode()
        door = ["--url", self.url, "--token", self.token, "--json"]
        return [instrument, verb, "--ask", written, *door, *yes]

    def records(self) -> dict[str, Record[Any]]:
        """What its log holds, by id, in its order."""
        exported = io.BytesIO()
        export(self.node.made.layout, self.world, exported)
        payloads = [base64.b64decode(json.loads(line)["payload"]) for line in exported.getvalue().splitlines()[1:]]
        return {hashlib.sha256(one).hexdigest(): decode(one) for one in payloads}

    def story(self, *instruments: str) -> set[str]:
        """Of what these instruments said to all three."""
        prefixes = tuple(f"{one}." for one in instruments)
        return {
            name
            for name, one in self.records().items()
            if one.kind.startswith(prefixes) and one.label.rel_to == MEMBERS
        }


def capital(node: Node, folder: Path, world: World = LIVE) -> Capital:
    """That member's terminal in a world, with a token in a file."""
    token = folder / f"{node.member}.token"
    token.write_text(node.token(*ROLES))
    return Capital(node, token, world)
