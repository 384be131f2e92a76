"""What a world's doors know of their surroundings: the member, the line to each peer, the other worlds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from laurel.core.label import label
from laurel.core.record import Precedence
from laurel.node.carry.link import Link, LinkState
from laurel.node.excon import Excon
from laurel.node.home import keys
from laurel.node.home.compact import Compact, load_compact
from laurel.node.home.ending import is_ending
from laurel.node.home.layout import Layout, Settings, join_address
from laurel.node.home.terms import http_port, read_terms
from laurel.node.keep.parked import parked_rows
from laurel.node.recovery import Claim, State, number_of
from laurel.node.replay.shown import Replay
from laurel.node.station import Station


class LinkRow(Struct, frozen=True):
    """The line to one peer, and the member through which it goes, empty for the direct path."""

    member: str
    name: str
    state: LinkState
    since: datetime | None
    heard_at: datetime | None
    via: str = ""


class WorldLink(Struct, frozen=True):
    """Another world of this node, and where its page is."""

    world: str
    exercise: str | None
    title: str
    url: str
    halted: bool


class ParkedRow(Struct, frozen=True):
    """A reaction that failed three times, set aside."""

    reaction: str
    subject: str
    error: str
    at: str


class DisagreementRow(Struct, frozen=True):
    """A peer's heads and our log tell different stories."""

    peer: str
    origin: str
    says: str


class OpenLane(Struct, frozen=True):
    """A lane of ours in which we may have said more than we hold, and what an officer may declare lost of it.

    `claimed` is the highest number that a peer shows, `by` which peers do; 0 and nobody where none was heard.
    """

    audience: tuple[str, ...]
    precedence: Precedence
    holds: int
    claimed: int
    by: tuple[str, ...]
    first: int
    last: int


class Resumption(Struct, frozen=True):
    """Whether this node speaks to its peers, and what it waits for if not.

    `behind` is how many records this machine once held and its database does not.
    """

    state: State
    unheard: tuple[str, ...]
    behind: int
    lanes: tuple[OpenLane, ...]


class Trouble(Struct, frozen=True):
    """What somebody must look into. `resumption` while this node does not speak to its peers."""

    parked: tuple[ParkedRow, ...]
    disagreements: tuple[DisagreementRow, ...]
    resumption: Resumption | None = None


@dataclass(frozen=True)
class Site:
    """One world of one node, as its doors see it."""

    station: Station
    layout: Layout
    settings: Settings
    compact: Compact
    title: str
    lines: Callable[[], Mapping[str, Link]]
    excon: Excon | None

    @property
    def member(self) -> str:
        """Whose node this is."""
        return self.settings.member

    @property
    def name(self) -> str:
        """The member's name."""
        return self.settings.name

    @property
    def names(self) -> dict[str, str]:
        """Names of all that belong, or once belonged, by code."""
        return {**self.compact.names, **self.station.roster.names}

    @property
    def banner(self) -> str:
        """The strictest label this world may carry: what the screen is marked with."""
        return label(self.compact.ceiling, {*self.station.roster.speakers, self.member}).banner

    def links(self) -> tuple[LinkRow, ...]:
        """The line to every other member that is entitled now."""
        seen = self.lines()
        names = self.names
        others = sorted(self.station.roster.entitled - {self.member})
        return tuple(_row(code, names.get(code, code), seen.get(code)) for code in others)

    def worlds(self) -> tuple[WorldLink, ...]:
        """Every world this node takes part in, the live ones first."""
        rows: list[WorldLink] = []
        for one in (self.layout.world(world) for world in keys.worlds(self.layout)):
            terms = read_terms(one)
            port = http_port(self.settings, one)
            title = load_compact(one.world.compact).title if terms is None else terms.title
            url = f"http://{join_address(self.settings.host, port)}/{one.world.name}/"
            halted = terms is not None and (terms.halt is not None or is_ending(one))
            rows.append(WorldLink(one.world.name, one.world.exercise, title, url, halted))
        return tuple(rows)

    def replay(self) -> Replay | None:
        """Where a replay stands; None of a world that is."""
        return None

    def trouble(self) -> Trouble:
        """Parked reactions and disagreements with peers."""
        with self.station.inner.store.reading() as from_:
            parked = tuple(
                ParkedRow(row["reaction"], row["subject"], row["error"], row["parked_at"]) for row in parked_rows(from_)
            )
        disagreements = tuple(
            DisagreementRow(one.peer, one.origin, one.says) for one in self.station.witness.disagreements
        )
        silent = self.station.inner.recovery.quiet
        return Trouble(parked, disagreements, self.resumption() if silent else None)

    def resumption(self) -> Resumption:
        """Whether we speak, and which lanes an officer may declare lost."""
        world, roster = self.station.inner, self.station.roster
        recovery, stands = world.recovery, world.store.stands
        lanes: list[OpenLane] = []
        for lane in recovery.open_lanes(world.store.world, roster.me, roster.entitled, stands):
            holds = number_of(stands, lane)
            claim = recovery.claims.get(lane, Claim(0))
            last = max(recovery.least(lane, holds), holds + 1)
            by = tuple(sorted(claim.by))
            lanes.append(OpenLane(lane.audience, lane.precedence, holds, claim.number, by, holds + 1, last))
        return Resumption(recovery.state, recovery.unheard, recovery.behind, tuple(lanes))


def _row(code: str, name: str, link: Link | None) -> LinkRow:
    if link is None:
        return LinkRow(code, name, LinkState.NEVER, None, None)
    return LinkRow(code, name, link.state, link.since, link.heard_at, link.via)
