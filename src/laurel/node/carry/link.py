"""The state of the line to one peer, judged from what was seen of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENCE = timedelta(seconds=25)


class LinkState(StrEnum):
    """Which part of the line works."""

    HEALTHY = "healthy"
    PATH_DOWN = "path-down"
    """Its server cannot be reached, or was reached so lately that its node had no time to speak."""
    NODE_DOWN = "node-down"
    """Its server answers, but its node has been silent for 25 s."""
    NEVER = "never"
    """Nothing was heard of it since this node started or admitted it."""


@dataclass(frozen=True)
class Seen:
    """What was seen of a peer. `reached_at` is None while its server cannot be reached."""

    began_at: datetime
    reached_at: datetime | None = None
    lost_at: datetime | None = None
    heard_at: datetime | None = None
    healthy_at: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True)
class Link:
    """What the screen shows of one peer. `trouble` is why its server could not be reached."""

    state: LinkState
    since: datetime
    heard_at: datetime | None
    trouble: str | None


def judge(seen: Seen, now: datetime) -> Link:
    """The state of the line at `now`, and since when."""
    state, since = _state(seen, now)
    return Link(state, since, seen.heard_at, seen.trouble)


def _state(seen: Seen, now: datetime) -> tuple[LinkState, datetime]:
    if seen.reached_at is not None:
        if seen.heard_at is not None and now - seen.heard_at <= SILENCE:
            return LinkState.HEALTHY, max(seen.healthy_at or seen.heard_at, seen.reached_at)
        if now - seen.reached_at > SILENCE:
            return LinkState.NODE_DOWN, max(seen.heard_at or seen.reached_at, seen.reached_at)
    if seen.heard_at is None and seen.lost_at is None:
        return LinkState.NEVER, seen.began_at
    return LinkState.PATH_DOWN, seen.lost_at or seen.began_at
