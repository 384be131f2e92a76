"""One peer of a courier: what was seen of it, and what wakes the lines to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from laurel.core.roster import Card
from laurel.node.carry.link import Seen


@dataclass
class Peer:
    """A peer's card, what was seen of it, and the events between its two lines.

    `handing` are the latest heads of others, by sender, that we hand on to it.
    """

    card: Card
    seen: Seen
    offered: asyncio.Event = field(default_factory=asyncio.Event)
    heads_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    handing: dict[str, bytes] = field(default_factory=dict[str, bytes])
    handed: asyncio.Event = field(default_factory=asyncio.Event)
    answered_s: float = 0.0
    lines: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    @property
    def name(self) -> str:
        """The member's code."""
        return self.card.member
