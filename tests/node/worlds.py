"""Worlds for tests: three members with real keys, each with a real database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from laurel.core.instrument import Instrument, Role
from laurel.core.record import World as WorldName
from laurel.core.roster import Card, Roster
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.node.catalogue import Catalogue
from laurel.node.store import Store
from laurel.node.views import bring_up_to_date
from laurel.node.world import Asked, Author, World
from tests.node.notebook import Write, notebook

LIVE = WorldName("camp-david")
MEMBERS = ("JPN", "KOR", "USA")
OFFICER = Author("officer:sato", frozenset({Role.WATCH_OFFICER}))


@dataclass
class SetClock:
    """A clock that a test sets."""

    at: datetime = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def rate(self) -> float:
        return 1.0


@dataclass(frozen=True)
class Members:
    """Keys and cards of the three members in one world."""

    keys: dict[str, Ed25519PrivateKey]
    cards: dict[str, Card]

    def roster(self, me: str, world: WorldName = LIVE) -> Roster:
        return Roster(world, me, frozenset(MEMBERS), self.cards)


def members(world: WorldName = LIVE) -> Members:
    keys = {code: Ed25519PrivateKey.generate() for code in MEMBERS}
    made_at = datetime(2026, 8, 18, tzinfo=UTC)
    cards = {
        code: Card(code, code, world, key.public_key().public_bytes_raw(), "U" + code, "", "localhost:1", made_at)
        for code, key in keys.items()
    }
    return Members(keys, cards)


def open_world(
    path: Path,
    who: Members,
    me: str = "JPN",
    *,
    instruments: Sequence[Instrument] | None = None,
    clock: SetClock | None = None,
    name: WorldName = LIVE,
) -> World:
    """A world of one member at that path, opened or opened again."""
    catalogue = Catalogue((LINE, *(instruments or (notebook(),))))
    store = Store(path, name, catalogue.tables)
    bring_up_to_date(store, catalogue)
    return World(store, catalogue, who.roster(me, name), who.keys[me], clock or SetClock(), lambda: secrets.token_bytes(16))


def note(text: str, ask_id: str | None = None, **ask: object) -> Asked:
    """An ask to write a note."""
    return Asked(OFFICER, "notebook/write", Write("topic", text, **ask), ask_id or f"ask:{text}")  # pyright: ignore
