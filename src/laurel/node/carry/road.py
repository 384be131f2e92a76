"""Where a world and its courier meet. The world says what waits; the courier carries it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from laurel.core.record import Precedence, World
from laurel.core.roster import Roster


@dataclass(frozen=True)
class Waiting:
    """One packed parcel for one peer, and the log positions of the records in it."""

    peer: str
    precedence: Precedence
    positions: tuple[int, ...]
    wrapped: bytes


class Road(Protocol):
    """What a courier needs of its world."""

    @property
    def world(self) -> World:
        """The one world it carries for."""
        ...

    @property
    def roster(self) -> Roster:
        """Who the peers are now. May be another one at every call."""
        ...

    @property
    def outgoing(self) -> asyncio.Event:
        """Set when something may wait for a peer, or when the roster changed."""
        ...

    async def waiting(self, peer: str, limit: int) -> Sequence[Waiting]:
        """Parcels for a peer, the highest precedence first."""
        ...

    async def carried(self, peer: str, positions: Sequence[int]) -> None:
        """These are on the disk of the road and wait no longer."""
        ...

    async def receive(self, peer: str, wrapped: Sequence[bytes]) -> None:
        """Parcels from a peer's server. When this returns they are settled and will be acknowledged.

        Raises only on our own trouble, such as a full disk: then they come again.
        """
        ...

    async def heads(self, peer: str) -> bytes:
        """The signed heads to send to a peer now."""
        ...

    async def hear(self, peer: str, heads: bytes) -> None:
        """What a peer's server handed us as the signed heads of that peer."""
        ...
