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
    """One packed parcel for one peer, and the log positions of the records in it.

    `via` is the member whose stream it goes into, on a detour; `relayed` its number here, if it is another's parcel
    that we carry on.
    """

    peer: str
    precedence: Precedence
    positions: tuple[int, ...]
    wrapped: bytes
    via: str = ""
    relayed: int = 0

    @property
    def direct(self) -> bool:
        """Whether it is ours and goes straight to the peer."""
        return not (self.via or self.relayed)


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
        """Parcels to put into the stream of a peer, for it or for others through it, the highest precedence first."""
        ...

    async def carried(self, parcels: Sequence[Waiting]) -> None:
        """These are on the disk of the road and wait no longer."""
        ...

    async def detour(self, peer: str, via: str, why: str) -> None:
        """From now on what is released for a peer goes through that member too; straight alone, when empty."""
        ...

    async def receive(self, peer: str, wrapped: Sequence[bytes]) -> None:
        """Parcels from a peer's server. When this returns they are settled and will be acknowledged.

        Raises only on our own trouble, such as a full disk: then they come again.
        """
        ...

    async def heads(self, peer: str, *, reached: bool, sealed: bool = False) -> bytes:
        """The signed heads to send to a peer now, sealed if through another member.

        They say whether we reach its server ourselves.
        """
        ...

    async def hear(self, peer: str, heads: bytes, via: str = "") -> bool | None:
        """What was handed to us as the signed heads of a peer, by its own server or through another member.

        Whether they say that the peer reaches our server; None when they are not to be believed.
        """
        ...
