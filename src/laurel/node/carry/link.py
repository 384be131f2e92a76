"""The state of the line to one peer, judged from what was seen of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

SILENCE = timedelta(seconds=25)
# What comes through another member comes every three seconds.
RELAY_SILENCE = timedelta(seconds=10)

AFTER_LOSS = timedelta(seconds=3)
AFTER_START = timedelta(seconds=10)


class LinkState(StrEnum):
    """Which part of the line works."""

    HEALTHY = "healthy"
    PATH_DOWN = "path-down"
    """Its server cannot be reached, or was reached so lately that its node had no time to speak."""
    NODE_DOWN = "node-down"
    """Its server answers, but its node has been silent for 25 s."""
    RELAYED = "relayed"
    """Its server cannot be reached, or its node is silent there; but its word comes through another member."""
    NEVER = "never"
    """Nothing was heard of it since this node started or admitted it."""


@dataclass(frozen=True)
class Seen:
    """What was seen of a peer. `reached_at` is None while its server cannot be reached.

    `reaches_us` is what it last said of its own line to our server, `sure_at` when that was last to be relied on.
    `through` are the members through which its word came, and when it last did; `via` the one through which goes
    what we release to it.
    """

    began_at: datetime
    reached_at: datetime | None = None
    lost_at: datetime | None = None
    heard_at: datetime | None = None
    healthy_at: datetime | None = None
    trouble: str | None = None
    reaches_us: bool = False
    sure_at: datetime | None = None
    through: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    via: str = ""


@dataclass(frozen=True)
class Link:
    """What the screen shows of one peer. `trouble` is why its server could not be reached.

    `via` is the member through which the line goes, empty for the direct path.
    """

    state: LinkState
    since: datetime
    heard_at: datetime | None
    trouble: str | None
    via: str = ""


def judge(seen: Seen, now: datetime) -> Link:
    """The state of the line at `now`, and since when."""
    state, since = _state(seen, now)
    through = carriers(seen, now)
    if state is LinkState.HEALTHY or not through:
        return Link(state, since, seen.heard_at, seen.trouble, seen.via)
    heard_at = max(seen.through[relay] for relay in through)
    return Link(LinkState.RELAYED, since, heard_at, seen.trouble, seen.via or through[0])


def carriers(seen: Seen, now: datetime) -> tuple[str, ...]:
    """The members through which the peer's word came lately, by name."""
    return tuple(relay for relay, at in sorted(seen.through.items()) if now - at <= RELAY_SILENCE)


def is_sure(seen: Seen, now: datetime) -> bool:
    """Whether the peer is known to reach our server: it says so itself, on a line that is alive."""
    return seen.reaches_us and (_state(seen, now)[0] is LinkState.HEALTHY or bool(carriers(seen, now)))


def detour(seen: Seen, relays: Collection[str], now: datetime) -> str:
    """The member through which what is released for the peer is to go too; empty for none.

    None while the peer is known to reach us, or was a moment ago. Else one of `relays`, through which the peer's own
    word came lately: so it goes both ways. The one in use stays while it works; a new one is the first by name.
    """
    waits = AFTER_LOSS if seen.sure_at else AFTER_START
    if is_sure(seen, now) or now - (seen.sure_at or seen.began_at) < waits:
        return ""
    working = [relay for relay in carriers(seen, now) if relay in relays]
    return seen.via if seen.via in working else next(iter(working), "")


def _state(seen: Seen, now: datetime) -> tuple[LinkState, datetime]:
    if seen.reached_at is not None:
        if seen.heard_at is not None and now - seen.heard_at <= SILENCE:
            return LinkState.HEALTHY, max(seen.healthy_at or seen.heard_at, seen.reached_at)
        if now - seen.reached_at > SILENCE:
            return LinkState.NODE_DOWN, max(seen.heard_at or seen.reached_at, seen.reached_at)
    if seen.heard_at is None and seen.lost_at is None:
        return LinkState.NEVER, seen.began_at
    return LinkState.PATH_DOWN, seen.lost_at or seen.began_at
