"""What the courier sees of the lines, brought into the log of the live world whenever it changes.

Looked at once a second; said when it has held for `SETTLE` (a peer that was never heard since our start: `FIRST_WORD`),
all changes of one look in one ask, and of one peer at least `APART` from the last. So nothing is told twice, a change
is in the log within `SETTLE` + 1 s, or `APART` + 1 s after the one before it, and a line that comes and goes all the
time leaves at most six records a minute. While this node listens, nothing: it does not know yet what it said.

A small file beside the database is touched at every look. After a start it tells until when this node was alive before,
which no record can tell, since who dies says nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from laurel.core.errors import LaurelError
from laurel.core.instrument import Role
from laurel.instruments.line.links import NoteLinks
from laurel.instruments.line.records import LinkChanged
from laurel.node.asked import NODE, Asked
from laurel.node.author import Author
from laurel.node.carry.link import Link, LinkState
from laurel.node.clock import RealClock
from laurel.node.station import Station

LOOK_EVERY_S = 1.0
SETTLE = timedelta(seconds=3)
FIRST_WORD = timedelta(seconds=15)
APART = timedelta(seconds=10)
GONE = "gone"

AUTHOR = Author(NODE, frozenset({Role.NODE}))
log = logging.getLogger(__name__)

_Seen = tuple[str, str]
"""A state, and the member through which the line goes."""


@dataclass
class Lookout:
    """What was last said of each line, and since when it is seen otherwise. `alive_before` goes with the first word."""

    alive_before: datetime | None = None
    said: dict[str, tuple[_Seen, datetime]] = field(default_factory=dict[str, tuple[_Seen, datetime]])
    seen: dict[str, tuple[_Seen, datetime]] = field(default_factory=dict[str, tuple[_Seen, datetime]])

    def look(self, links: Mapping[str, Link], now: datetime) -> tuple[LinkChanged, ...]:
        """What is to be said now."""
        for peer in self.seen.keys() | links.keys():
            link = links.get(peer)
            state = (GONE, "") if link is None else (link.state.value, link.via)
            if self.seen.get(peer, (None, now))[0] != state:
                self.seen[peer] = (state, now)
        return tuple(self._word(peer, links.get(peer)) for peer in sorted(self.seen) if self._is_due(peer, now))

    def note(self, words: tuple[LinkChanged, ...], now: datetime) -> None:
        """These were said."""
        for one in words:
            self.said[one.peer] = ((one.state, one.via), now)
            if one.state == GONE:
                del self.seen[one.peer]

    def _is_due(self, peer: str, now: datetime) -> bool:
        state, since = self.seen[peer]
        settled = now - since >= (FIRST_WORD if state[0] == LinkState.NEVER else SETTLE)
        before = self.said.get(peer)
        return settled and (before is None or (before[0] != state and now - before[1] >= APART))

    def _word(self, peer: str, link: Link | None) -> LinkChanged:
        (state, via), first_seen = self.seen[peer]
        since = first_seen if link is None else link.since
        return LinkChanged(peer, state, since, via, None if peer in self.said else self.alive_before)


async def follow_links(station: Station, links: Callable[[], Mapping[str, Link]]) -> None:
    """Bring what the courier sees into the log, until cancelled."""
    clock, alive = RealClock(), station.inner.store.path.with_suffix(".alive")
    lookout = Lookout(_touched(alive))
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if station.inner.recovery.quiet:
            continue
        alive.touch(mode=0o600)
        now = clock.now()
        words = lookout.look(links(), now)
        if not words:
            continue
        try:
            await station.say(Asked(AUTHOR, "line/note-links", NoteLinks(words), f"links:{now.isoformat()}"))
        except LaurelError:
            log.exception("how the lines are could not be said; it is tried again")
        else:
            lookout.note(words, now)


def _touched(alive: Path) -> datetime | None:
    return datetime.fromtimestamp(alive.stat().st_mtime, UTC) if alive.exists() else None
