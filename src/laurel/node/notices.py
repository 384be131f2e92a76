"""What people did at the doors, for the audit: who signed in or was turned away, who looked at what.

It is noted at once and written a moment later, many lines together: nobody waits for the disk to look at a screen,
and what was noted in the last moment before a power cut is lost.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from laurel.node.keep.audit import Seldom, audit
from laurel.node.world import World

SAW = "saw"
MOST_WAITING = 10_000


class Notice(NamedTuple):
    """One line to be."""

    decision: str
    member: str
    author: str
    policy: str
    why: str


class Notices:
    """Those of one world that wait to be written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seldom = Seldom()
        self._waiting: deque[Notice] = deque()
        self._lost = 0

    def look(self, author: str, path: str) -> bool:
        """Somebody looked at that query or stream: one line a minute of each. Whether there is something to write."""
        at = self._world.store.real.now().isoformat()
        if not self._seldom.first(at, author, path):
            return False
        why = f"as of position {self._world.store.position}"
        return self._note(Notice(SAW, self._world.roster.me, author, path, why))

    def door(self, decision: str, author: str, why: str, member: str) -> bool:
        """Somebody came, went or was turned away. Whether there is something to write."""
        return self._note(Notice(decision, member or self._world.roster.me, author, "door", why))

    def _note(self, notice: Notice) -> bool:
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return False
        self._waiting.append(notice)
        return True

    def write(self) -> None:
        """All that waits, in one transaction. On the writer's thread."""
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        lost, self._lost = self._lost, 0
        if not (waiting or lost):
            return
        try:
            with self._world.store.writing() as to:
                for one in waiting:
                    audit(to, one.decision, one.member, "", one.policy, one.why, author=one.author)
                if lost:
                    audit(to, "not-noted", self._world.roster.me, "", "door", f"{lost} notices came too fast")
        except BaseException:
            self._waiting.extendleft(reversed(waiting))
            self._lost += lost
            raise
