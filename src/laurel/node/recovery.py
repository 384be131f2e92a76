"""What a node does before it speaks: it finds out whether its database is an old one.

A backup that was restored has forgotten what was said after it. Who went on numbering from there would say two
things under one number, and no one could tell that from forgery. So on its start a node hears its peers first:
each tells in its heads how far it holds our lanes. What we lack we ask for, and take back as our own. What nobody
returns is for an officer, who declares it lost. Records for ourselves alone go on meanwhile: their lanes are read
by nobody else, so whoever lost numbers of them can meet no other record under them.

Only what a peer says first after our start can show a loss. What it claims later of a lane in which we have
spoken is a disagreement, and never stops us.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from laurel.core.errors import BadField, StillListening
from laurel.core.record import MAX_NUMBER, Lane, Precedence, World
from laurel.node.keep.transaction import Stand

LISTEN_S = 5.0
RETURN_WITHIN_S = 15.0
MAX_BELIEVED_LOSS = 10**12
"""A peer that claims to hold more than this beyond what we have is not believed: numbers must not run out."""


class State(StrEnum):
    """Whether this node speaks to its peers."""

    LISTENING = "listening"
    """Some peer has not yet told what it holds of ours."""
    RECOVERING = "recovering"
    """Peers are returning records of ours that we lack."""
    WAITING = "waiting"
    """What we lack did not come. An officer decides: laurel resume."""
    SPEAKING = "speaking"


@dataclass
class Claim:
    """Peers hold one of our lanes up to `number`, which is more than we hold."""

    number: int
    by: set[str] = field(default_factory=set[str])


class Recovery:
    """Where one world stands between its start and its first word. `seconds` is a clock that only goes forward."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._unheard: set[str] = set()
        self._until_s = 0.0
        self._behind = self._top = 0
        self._claims: dict[Lane, Claim] = {}
        self._moved_s = 0.0
        self._spoken: set[Lane] = set()
        self._declared: set[Lane] = set()

    def listen(self, peers: Iterable[str], behind: int = 0, top: int = 0) -> None:
        """Hear these peers first. `behind`: how many records this machine once held and the database does not.

        `top` is the highest number that it ever gave in any lane: nothing beyond that can be lost. A database that
        is known to be an old one does not grow newer by waiting: then no time limit ends the wait.
        """
        self._unheard, self._behind, self._top = set(peers), behind, top
        self._until_s = self._seconds() + LISTEN_S

    @property
    def state(self) -> State:
        """Where it stands now."""
        now_s = self._seconds()
        if self._claims:
            return State.RECOVERING if now_s < self._moved_s + RETURN_WITHIN_S else State.WAITING
        if self._unheard:
            if now_s < self._until_s:
                return State.LISTENING
            if self._behind:
                return State.WAITING
        return State.SPEAKING

    @property
    def quiet(self) -> bool:
        """Whether nothing may be said to peers now."""
        # The answer for almost all of a node's life, before any clock is read.
        return bool(self._claims or self._unheard) and self.state is not State.SPEAKING

    @property
    def unheard(self) -> tuple[str, ...]:
        """Peers that have told nothing since our start."""
        return tuple(sorted(self._unheard))

    @property
    def behind(self) -> int:
        """How many records this machine once held and the database does not."""
        return self._behind

    @property
    def claims(self) -> Mapping[Lane, Claim]:
        """Lanes of ours that peers hold further than we do."""
        return self._claims

    # What the world tells it, on the writer's thread

    def must_speak(self, lane: Lane) -> None:
        """We are about to say something in this lane, to peers. Raises StillListening."""
        if self.quiet:
            raise StillListening(
                state=self.state.value, unheard=" ".join(self.unheard), lacks=len(self._claims), behind=self._behind
            )
        self._spoken.add(lane)

    def hear(self, peer: str, ends: Mapping[Lane, int], stands: Mapping[Lane, Stand]) -> bool:
        """A peer holds our lanes up to these numbers. True when that shows that we lost some.

        It counts once for each peer, and for no lane in which we spoke since our start: what is missing there
        is not missing here.
        """
        if peer not in self._unheard:
            return False
        self._unheard.discard(peer)
        lost = {
            lane: number
            for lane, number in ends.items()
            if lane not in self._spoken and 0 < number - number_of(stands, lane) <= MAX_BELIEVED_LOSS
        }
        for lane, number in lost.items():
            claim = self._claims.setdefault(lane, Claim(number))
            claim.number = max(claim.number, number)
            claim.by.add(peer)
        if lost:
            self._moved_s = self._seconds()
        self._close()
        return bool(lost)

    def asked_for(self, lane: Lane, number: int) -> bool:
        """Whether that number of that lane is one that we lack and asked for."""
        claim = self._claims.get(lane)
        return claim is not None and number <= claim.number

    def moved(self) -> None:
        """Records of ours came back: it goes on."""
        self._moved_s = self._seconds()

    def look(self, stands: Mapping[Lane, Stand], world: World, me: str, members: Iterable[str]) -> None:
        """What is whole now? A lane that reaches what was claimed; everything, once all that was open is declared."""
        for lane in [lane for lane, claim in self._claims.items() if number_of(stands, lane) >= claim.number]:
            del self._claims[lane]
        if self._behind and not self.open_lanes(world, me, members, stands):
            self._behind = 0
        self._close()

    def declare(self, lane: Lane, last: int, stand: int) -> None:
        """An officer declares this lane lost up to `last`. Raises BadField where that cannot be the whole loss."""
        least = self.least(lane, stand)
        if not least <= last < MAX_NUMBER:
            raise BadField(field="last", value=last, must_be=f"at least {least}: up to there it may have been said")
        self._declared.add(lane)
        self._spoken.add(lane)

    def least(self, lane: Lane, stand: int) -> int:
        """The last number that an officer must declare lost at least, if the lane is declared at all."""
        claim = self._claims.get(lane)
        return max(stand, 0 if claim is None else claim.number, self._top if self._behind else 0)

    def open_lanes(self, world: World, me: str, members: Iterable[str], stands: Mapping[Lane, Stand]) -> list[Lane]:
        """Lanes in which we may have said more than we hold: those claimed; of an old database, all to the unheard."""
        found = set(self._claims)
        if self._behind and self._unheard:
            found |= {lane for lane in stands if lane.origin == me and self._unheard & set(lane.audience)}
            others = sorted(set(members) - {me})
            audiences = (set(some) for count in range(1, len(others) + 1) for some in combinations(others, count))
            found |= {
                Lane(world, me, tuple(sorted({me, *some})), precedence)
                for some in audiences
                if some & self._unheard
                for precedence in Precedence
            }
        return sorted(found - self._declared)

    def _close(self) -> None:
        if not self._unheard and not self._claims:
            self._behind = 0


def number_of(stands: Mapping[Lane, Stand], lane: Lane) -> int:
    """Up to where we hold the lane."""
    stand = stands.get(lane)
    return 0 if stand is None else stand.number
