"""Whose ask is next: askers take turns, so that a flood by one makes nobody else wait for more than a batch."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from laurel.core.errors import TooMany

MAX_WAITING = 4_096
MAX_EACH = 2_048

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """What waits, by author."""

    def __init__(self, most: int = MAX_WAITING, each: int = MAX_EACH) -> None:
        self._most = most
        self._each = each
        self._lines: dict[str, deque[Item]] = {}
        self._waiting = 0
        self._some = asyncio.Event()

    def put(self, author: str, item: Item) -> None:
        """At the end of the author's own line. Raises TooMany when that, or all of them together, is too long.

        Whoever has nothing waiting gets in even when others have filled the room.
        """
        line = self._lines.get(author)
        if line is not None and (len(line) >= self._each or self._waiting >= self._most):
            raise TooMany(wait_s=1, waiting=len(line), by=author)
        if line is None:
            line = self._lines[author] = deque()
        line.append(item)
        self._waiting += 1
        self._some.set()

    async def take(self, limit: int) -> list[Item]:
        """The next of every author, round and round, up to so many: at least one."""
        await self._some.wait()
        taken: list[Item] = []
        while self._lines and len(taken) < limit:
            author = next(iter(self._lines))
            line = self._lines.pop(author)
            taken.append(line.popleft())
            if line:
                self._lines[author] = line
        self._waiting -= len(taken)
        if not self._lines:
            self._some.clear()
        return taken
