"""How far something in flight is to be believed: who saw it, by what, and whether so many at once can be true.

On 3 June 1980 a faulty part filled the count of missiles in line checks: 2, then 220, then 2,200. On 26 September
1983 one satellite saw sunlight on clouds. So kinds of sensor are counted, the same sensor by two routes once; and
many new tracks at once that no second sensor sees are believed less. Nothing is hidden.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from laurel.instruments.warning.picture_types import MemberTrack, Warn
from laurel.instruments.warning.records import Flag, SensorKind

SINGLE, TWO_OF_ONE_KIND, TWO_KINDS = "single source", "two of one kind", "two kinds"
IMPLAUSIBLE = "single source, implausible count"

MANY = 20
"""More new tracks than that within a minute, fewer than half of them seen by a second sensor, are implausible."""
MINUTE = timedelta(seconds=60)


def sources(reports: Sequence[MemberTrack]) -> tuple[str, ...]:
    """The sensors that saw it, by owner and name, each once however many members took its plots; sorted.

    A report without a pedigree counts its sensors as its member's own.
    """
    found: set[str] = set()
    for one in reports:
        known = [source.sensor for source in one.track.pedigree]
        found.update(known or [f"{one.member}/{name}" for name in one.track.sensors])
    return tuple(sorted(found))


def kinds(reports: Sequence[MemberTrack]) -> tuple[SensorKind, ...]:
    """The kinds of sensor that saw it, sorted."""
    return tuple(sorted({kind for one in reports for kind in one.track.kinds}))


def confidence(sensors: int, of_kinds: Collection[SensorKind], *, implausible: bool) -> str:
    """How independently it was seen."""
    if sensors <= 1:
        return IMPLAUSIBLE if implausible else SINGLE
    return TWO_OF_ONE_KIND if len(of_kinds) == 1 else TWO_KINDS


def flags(reports: Sequence[MemberTrack]) -> tuple[Flag, ...]:
    """What any member holds against it. Sunlight deceives infrared alone: what another kind sees is there."""
    said = {flag for one in reports for flag in one.track.flags}
    if kinds(reports) != (SensorKind.INFRARED,):
        said.discard(Flag.SUN)
    return tuple(flag for flag in Flag if flag in said)


def parent(reports: Sequence[MemberTrack]) -> str | None:
    """The member track that it came out of, such as JPN-12; by the report that saw it first."""
    own = {one.name for one in reports}
    said = [f"{one.member}-{one.track.split_from}" for one in reports if one.track.split_from is not None]
    return next((name for name in said if name not in own), None)


@dataclass(frozen=True)
class Flood:
    """New tracks within about a minute, more than are believed: how many, how many confirmed, how many just before.

    `doubted` are the numbers of those that one sensor alone saw.
    """

    first_at: datetime
    last_at: datetime
    tracks: int
    confirmed: int
    before: int
    doubted: frozenset[str]

    @property
    def words(self) -> str:
        """In one sentence what is doubted, and what would settle it."""
        seen = "none of them" if self.confirmed == 0 else f"{self.confirmed} of them"
        return (
            f"{self.tracks:,} new tracks within a minute, {self.before:,} in the minute before, {seen} seen by a "
            "second sensor: an implausible count. Ask the sensor's crew, and another sensor, before believing it."
        )

    def warn(self) -> Warn:
        """As the picture says it."""
        return Warn(self.first_at, self.last_at, self.tracks, self.confirmed, self.words)


def floods(groups: Sequence[Sequence[MemberTrack]]) -> list[Flood]:
    """Where too much began at once, oldest first. Groups are of one thing each, the report that saw it first first."""
    ordered = sorted(groups, key=lambda group: (group[0].track.first_at, group[0].name))
    begun = [group[0].track.first_at for group in ordered]
    ends = [bisect_left(begun, at + MINUTE) for at in begun]
    if all(end - start <= MANY for start, end in enumerate(ends)):
        return []
    alone = [len(sources(group)) <= 1 for group in ordered]
    until = [0, *accumulate(alone)]
    found: list[list[tuple[int, int]]] = []
    for start, end in enumerate(ends):
        if end - start <= MANY or 2 * (until[end] - until[start]) <= end - start:
            continue
        if found and start < found[-1][-1][1]:
            found[-1].append((start, end))
        else:
            found.append([(start, end)])
    return [_flood(minutes, ordered, alone) for minutes in found]


def _flood(
    minutes: Sequence[tuple[int, int]], ordered: Sequence[Sequence[MemberTrack]], alone: Sequence[bool]
) -> Flood:
    """Minutes that overlap as one; its words are of the worst of them."""
    begun = [group[0].track.first_at for group in ordered]
    start, end = max(minutes, key=lambda minute: minute[1] - minute[0])
    return Flood(
        first_at=begun[minutes[0][0]],
        last_at=begun[minutes[-1][1] - 1],
        tracks=end - start,
        confirmed=end - start - sum(alone[start:end]),
        before=start - bisect_left(begun, begun[start] - MINUTE),
        doubted=frozenset(ordered[at][0].name for at in range(minutes[0][0], minutes[-1][1]) if alone[at]),
    )
