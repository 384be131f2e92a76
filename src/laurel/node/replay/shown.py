"""What a replay tells of itself: of what it is, where it stands, and what can be replayed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class OpeningStage(StrEnum):
    """What is done before a replay can be seen."""

    READING = "reading"
    FOLDING = "folding"
    CHECKING = "checking"


class LogOpening(Struct, frozen=True):
    """How far the log is opened. `trouble` says why it cannot be."""

    stage: OpeningStage
    done: int
    of: int
    trouble: str | None = None


class Replay(Struct, frozen=True):
    """A replay: of which log, from when to when, and the moment that is shown.

    Its times are those of the world that is replayed. `vouched`: this node knows the keys that its records were
    checked with; else they are those that the log's own file names. `opening` is None once it can be seen.
    """

    world: str
    exercise: str | None
    node: str
    vouched: bool
    opening: LogOpening | None
    records: int
    from_at: datetime | None
    to_at: datetime | None
    at: datetime | None
    position: int
    playing: bool
    speed: float
    live_url: str | None


class ShelfKind(StrEnum):
    """Where a log lies."""

    LIVE = "live"
    EXERCISE = "exercise"
    FILE = "file"


class Shelved(Struct, frozen=True):
    """One log that can be replayed here. `url` is where it is shown now; `trouble` why it cannot be."""

    name: str
    kind: ShelfKind
    world: str
    exercise: str | None
    title: str
    node: str
    records: int
    ended: bool
    url: str | None = None
    trouble: str | None = None


class Shelf(Struct, frozen=True):
    """What can be replayed at this node. `folder` is where files of other nodes are put."""

    logs: tuple[Shelved, ...]
    folder: str
