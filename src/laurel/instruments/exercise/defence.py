"""A defence as people write it: batteries, what they stand for, doctrine, sharing and caveats.

It is the table `[defence]` of a plan, or a file of its own. `scenarios/README.md` has every field. All is notional.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk
from laurel.instruments.exercise.defeat.arsenal import INTERCEPTORS, Battery
from laurel.instruments.exercise.defeat.raid import Caveat, Doctrine, Sharing
from laurel.instruments.exercise.files import BadFile, decoded, shaped
from laurel.instruments.exercise.written import Height, Latitude, Longitude, Member, Words
from laurel.physics.earth import geodesic

MAX_DEFENCE_BYTES = 256 * 1024
MAX_BATTERIES = 200

Key = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Delay = Annotated[float, Meta(ge=0.0, le=3_600.0)]
Rounds = Annotated[int, Meta(ge=0, le=1_000)]
Salvo = Annotated[int, Meta(ge=1, le=10)]


class BadDefence(BadAsk):
    """The file is not a defence."""

    says = "this defence cannot be played"
    remedy = "correct the field it names; scenarios/README.md explains each one"


class AreaEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member defends: what comes down within the circle is aimed at it."""

    member: Member
    name: Key
    lat_deg: Latitude
    lon_deg: Longitude
    radius_km: Annotated[float, Meta(gt=0.0, le=3_000.0)]


class BatteryEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Interceptors of one class at one place, of which so many are guided at once."""

    member: Member
    name: Key
    interceptor: Literal["midcourse", "upper-tier", "lower-tier"]
    place: Words
    lat_deg: Latitude
    lon_deg: Longitude
    alt_m: Height
    rounds: Rounds
    channels: Annotated[int, Meta(ge=1, le=100)]
    reaction_s: Delay


class DoctrineEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Shoot, look, shoot: rounds of a salvo, the time to see what they did, rounds where no other look is possible."""

    salvo: Salvo
    look_s: Annotated[float, Meta(gt=0.0, le=600.0)]
    last: Salvo


class SharingEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One member's tracks are good enough for another to shoot on, so much later and so much less exactly."""

    seer: Member
    shooter: Member
    latency_s: Delay
    error_m: Annotated[float, Meta(ge=0.0, le=100_000.0)]


class CaveatEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a member takes part; what is left out is no limit."""

    member: Member
    own_area_only: bool = False
    on_partners_track: bool = True
    consent_s: Delay = 0.0
    most_rounds: Rounds | None = None


class Defence(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of it."""

    areas: Annotated[tuple[AreaEntry, ...], Meta(min_length=1, max_length=MAX_BATTERIES)]
    batteries: Annotated[tuple[BatteryEntry, ...], Meta(min_length=1, max_length=MAX_BATTERIES)]
    doctrine: DoctrineEntry
    sharing: tuple[SharingEntry, ...] = ()
    caveats: tuple[CaveatEntry, ...] = ()

    def held(self) -> tuple[Battery, ...]:
        """Its batteries, in file order."""
        return tuple(
            Battery(
                name=one.name,
                member=one.member,
                lat_deg=one.lat_deg,
                lon_deg=one.lon_deg,
                alt_m=one.alt_m,
                interceptor=INTERCEPTORS[one.interceptor],
                rounds=one.rounds,
                channels=one.channels,
                reaction_s=one.reaction_s,
            )
            for one in self.batteries
        )

    def shoots(self) -> Doctrine:
        """Its doctrine."""
        return Doctrine(self.doctrine.salvo, self.doctrine.look_s, self.doctrine.last)

    def shares(self) -> Mapping[tuple[str, str], Sharing]:
        """By (who sees, who shoots)."""
        return {(one.seer, one.shooter): Sharing(one.latency_s, one.error_m) for one in self.sharing}

    def limits(self) -> tuple[Caveat, ...]:
        """Its caveats."""
        return tuple(
            Caveat(one.member, one.own_area_only, one.on_partners_track, one.consent_s, one.most_rounds)
            for one in self.caveats
        )

    def area_of(self, lat_deg: float, lon_deg: float) -> str | None:
        """Whose area that place lies in, of several the one whose middle it is nearest to; None where in none."""
        away_m = ((geodesic(one.lat_deg, one.lon_deg, lat_deg, lon_deg).distance_m, one) for one in self.areas)
        within = [(far_m, one.member) for far_m, one in away_m if far_m <= one.radius_km * 1e3]
        return min(within)[1] if within else None


def parse(file: bytes) -> Defence:
    """The defence in a TOML file. Raises BadDefence, which names the field, its value and the reason."""
    try:
        defence = shaped(decoded(file, MAX_DEFENCE_BYTES), Defence)
        check(defence)
    except BadFile as error:
        raise BadDefence(**error.facts) from None
    return defence


def check(defence: Defence, within: str = "") -> None:
    """Raises BadFile for what can be told from the whole alone; `within` is where it stands in the file."""
    for field, value, why in _faults(defence):
        raise BadFile(field=f"{within}{field}", value=value, why=why)


def _faults(defence: Defence) -> Iterator[tuple[str, str, str]]:
    yield from _twice("areas", [one.name for one in defence.areas])
    yield from _twice("batteries", [one.name for one in defence.batteries])
    yield from _twice("caveats", [one.member for one in defence.caveats])
    yield from _twice("sharing", [f"{one.seer} to {one.shooter}" for one in defence.sharing])
    holders = {one.member for one in defence.batteries}
    for place, one in enumerate(defence.sharing):
        if one.seer == one.shooter:
            yield f"sharing[{place}].shooter", one.shooter, "a member shoots on its own tracks anyway"
        if one.shooter not in holders:
            yield f"sharing[{place}].shooter", one.shooter, "it holds no battery"
    for place, caveat in enumerate(defence.caveats):
        if caveat.member not in holders:
            yield f"caveats[{place}].member", caveat.member, "it holds no battery"


def _twice(table: str, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{table}[{max(place for place, one in enumerate(names) if one == name)}]", name, "used twice"
