"""A raid and those who stand against it: what each member sees, shares, may do and holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from laurel.instruments.exercise.defeat.arsenal import BadArsenal, Battery, combined
from laurel.instruments.exercise.defeat.play import Play, prove
from laurel.instruments.exercise.defeat.window import Threat, Window, window


@dataclass(frozen=True)
class Sight:
    """From `from_s` of the raid a member tracks a threat well enough to shoot: one sigma of where it will be met.

    `reached_s` is when the track came to each partner, where that is known: one that is not in it never had it.
    """

    member: str
    threat: str
    from_s: float
    error_m: float
    reached_s: Mapping[str, float] | None = None

    def held_from_s(self, by: str) -> float | None:
        """When a member had this track; None where it never did."""
        return self.from_s if by == self.member or self.reached_s is None else self.reached_s.get(by)


@dataclass(frozen=True)
class Sharing:
    """What it costs to engage on a partner's track: it comes later, and its sensors stand a little aside of ours."""

    latency_s: float
    error_m: float


@dataclass(frozen=True)
class Caveat:
    """How far a member takes part. `consent_s` passes before it engages what comes down on another, or on nobody."""

    member: str
    own_area_only: bool = False
    on_partners_track: bool = True
    consent_s: float = 0.0
    most_rounds: int | None = None


@dataclass(frozen=True)
class Doctrine:
    """Shoot, look, shoot: `salvo` rounds, `look_s` to see what they did; `last` where no other look is possible."""

    salvo: int
    look_s: float
    last: int

    def __post_init__(self) -> None:
        if min(self.salvo, self.last) < 1 or not self.look_s > 0.0:
            raise BadArsenal(
                doctrine=(self.salvo, self.look_s, self.last), why="a salvo has a round, a look takes time"
            )


@dataclass(frozen=True, eq=False)
class Raid:
    """Everything that bears on how a raid ends, but for chance. Raises LiveWorld unless `play` is an exercise."""

    play: Play
    threats: tuple[Threat, ...]
    batteries: tuple[Battery, ...]
    sights: tuple[Sight, ...]
    doctrine: Doctrine
    sharing: Mapping[tuple[str, str], Sharing] = field(default_factory=dict[tuple[str, str], Sharing])
    """By (who sees, who shoots); a pair that is not in it does not share."""
    caveats: tuple[Caveat, ...] = ()

    def __post_init__(self) -> None:
        prove(self.play)

    @cached_property
    def sights_of(self) -> Mapping[str, Sequence[Sight]]:
        """Who sees each threat."""
        found: defaultdict[str, list[Sight]] = defaultdict(list)
        for sight in self.sights:
            found[sight.threat].append(sight)
        return found

    def caveat(self, member: str) -> Caveat:
        """What this member said of its part; nothing said is no limit."""
        return next((one for one in self.caveats if one.member == member), Caveat(member))


@dataclass(frozen=True)
class Known:
    """A track that a battery may shoot on, from when and how well."""

    from_s: float
    error_m: float


@dataclass(frozen=True, eq=False)
class Chance:
    """A battery that may and can meet a threat."""

    battery: int
    threat: int
    window: Window
    known: tuple[Known, ...]


def chances(raid: Raid) -> tuple[Chance, ...]:
    """All pairs of battery and threat that geometry, sight and caveats allow."""
    return tuple(
        Chance(row, column, possible, known)
        for row, battery in enumerate(raid.batteries)
        for column, threat in enumerate(raid.threats)
        if (known := tracks_for(raid, battery, threat)) and (possible := window(battery, threat))
    )


def tracks_for(raid: Raid, battery: Battery, threat: Threat) -> tuple[Known, ...]:
    """On which tracks this battery may engage this threat: its member's own, and partners' that are shared with it."""
    caveat = raid.caveat(battery.member)
    own_area = threat.aimed_at == battery.member
    if caveat.own_area_only and not own_area:
        return ()
    waits_s = battery.reaction_s + (0.0 if own_area else caveat.consent_s)
    found: list[Known] = []
    for sight in raid.sights_of.get(threat.name, ()):
        held_from_s = sight.held_from_s(battery.member)
        if held_from_s is None:
            continue
        if sight.member == battery.member:
            found.append(Known(held_from_s + waits_s, sight.error_m))
        elif caveat.on_partners_track and (shared := raid.sharing.get((sight.member, battery.member))):
            error_m = combined(sight.error_m, shared.error_m)
            found.append(Known(held_from_s + shared.latency_s + waits_s, error_m))
    return tuple(found)
