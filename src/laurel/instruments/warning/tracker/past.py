"""The tracker's past: snapshots to return to, and the looks since then to run again.

A look that comes late is put where it belongs; the newest snapshot before it is restored, and what follows is run
again. So the order of arrival does not matter. Snapshots lie the thinner the older they are, by fixed cells of
time, so that which ones there are follows from the looks alone, and a look costs about as much again as it is late.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import fields
from math import floor, frexp, inf
from typing import Any, TypeVar

import numpy as np

from laurel.instruments.warning.tracker.memory import Look, Present, Snapshot, TrackerMemory

Columns = TypeVar("Columns", bound=tuple[Any, ...])

FINEST_S = 1.0
"""Of two looks in a cell of that length, only the first has a snapshot before it."""
BEGINNING = (-inf, "", 0.0)

_FIELDS = tuple(one.name for one in fields(Present))


def key(look: Look) -> tuple[float, str, float]:
    """The order in which looks are run, whichever came first."""
    return look.end_s, look.sensor, look.at_s


def remember(memory: TrackerMemory, nth: int) -> None:
    """Keeps the present as one to return to, if looks[nth], which is run next, deserves that."""
    looks = memory.looks
    after = key(looks[nth - 1]) if nth else memory.snapshots[0].after if memory.snapshots else BEGINNING
    known = bool(memory.snapshots) and memory.snapshots[-1].after == after
    if known:
        memory.snapshots[-1].next_s = looks[nth].end_s
    elif not memory.snapshots or worth_keeping(after[0], looks[nth].end_s, memory.latest_s):
        memory.snapshots.append(Snapshot(after, looks[nth].end_s, _copied(memory, _shrunk)))


def rewind(memory: TrackerMemory, to: tuple[float, str, float]) -> int:
    """Restores the newest snapshot before `to`; returns the index of the first look after it."""
    while memory.snapshots[-1].after >= to:
        memory.snapshots.pop()
    last = memory.snapshots[-1]
    restored = _copied(last.present, _whole)
    for name in _FIELDS:
        setattr(memory, name, getattr(restored, name))
    return bisect_right(memory.looks, last.after, key=key)


def worth_keeping(before_s: float, next_s: float, latest_s: float) -> bool:
    """Whether a snapshot between two looks is worth its room, seen from `latest_s`: the first of its cell."""
    # The cell's length is the power of two below half the age.
    cell_s = max(2.0 ** (frexp(max(latest_s - next_s, FINEST_S))[1] - 2), FINEST_S)
    return floor(next_s / cell_s) != floor(before_s / cell_s)


def thin(memory: TrackerMemory, oldest_s: float) -> None:
    """Drops the snapshots that are not needed to return to `oldest_s`, and the looks before the first of them."""
    latest_s = memory.latest_s
    kept = memory.snapshots[:1]
    kept += [one for one in memory.snapshots[1:] if worth_keeping(one.after[0], one.next_s, latest_s)]
    needed = max((nth for nth, one in enumerate(kept) if one.after[0] < oldest_s), default=0)
    memory.snapshots = kept[needed:]
    if needed:
        since = memory.snapshots[0].after
        del memory.looks[: bisect_right(memory.looks, since, key=key)]
        memory.named = {origin: one for origin, one in memory.named.items() if one.confirmed_s > since[0]}


def _copied(present: Present, copy: Any) -> Present:
    values = {name: getattr(present, name) for name in _FIELDS}
    return Present(**{name: copy(value) if hasattr(value, "_fields") else value for name, value in values.items()})


def _shrunk(columns: Columns) -> Columns:
    """A copy in which a column of nothing but zeros takes no room."""
    return type(columns)(*(blank(column) if is_blank(column) else column.copy() for column in columns))


def _whole(columns: Columns) -> Columns:
    return type(columns)(*(np.array(column) for column in columns))


def is_blank(column: np.ndarray[Any, Any]) -> bool:
    """Whether every bit of a column is 0."""
    return not np.ascontiguousarray(column).view(np.uint8).any()


def blank(like: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Zeros of that shape which share one number."""
    return np.broadcast_to(np.zeros(1, dtype=like.dtype), like.shape)
