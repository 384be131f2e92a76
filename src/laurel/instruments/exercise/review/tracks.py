"""Each member's tracks, as its reports tell them: when first seen, said and shared, by which sensors, and where.

A report is read once and let go: a raid is reported a million times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from laurel.core.record import Record, Utc
from laurel.instruments.warning.records import COARSE_TRACKS, TRACK_REPORT

Place = tuple[float, float, float]
Moment = tuple[datetime, str]
"""When a record was said, and its id: records of one moment have an order too."""
Taken = Mapping[str, Mapping[str, datetime]]
"""When each member took the track reports of others, by member and record, in the exercise's time: as its own log has
it. Of a member that is not in it nobody knows; what it is in and does not name never came to it."""
UNTOLD: Taken = {}
"""Where no log says."""


class _Source(Struct, frozen=True):
    sensor: str
    first_at: Utc
    last_at: Utc
    plots: int


class Fallen(Struct, frozen=True):
    """Where a member saw it meet the ground, and when."""

    lat_deg: float
    lon_deg: float
    at: Utc


class _Track(Struct, frozen=True):
    number: int
    first_at: Utc
    at: Utc
    position_ecef_m: Place
    pedigree: tuple[_Source, ...] = ()
    observed: Fallen | None = None


class _Report(Struct, frozen=True):
    tracks: tuple[_Track, ...]


class _CoarseTrack(Struct, frozen=True):
    number: int


class _CoarseReport(Struct, frozen=True):
    tracks: tuple[_CoarseTrack, ...]


@dataclass(frozen=True)
class Sighting:
    """What one sensor (`JPN/NORTH`) gave to a track."""

    sensor: str
    first_at: datetime
    last_at: datetime
    plots: int


@dataclass(frozen=True)
class TrackLine:
    """One track of one member. `said` and `shared` are None where the records that would say so were not read.

    `samples` are times and places (ECEF, m), in order of time.
    """

    member: str
    number: int
    first_plot_at: datetime | None
    said: Moment | None
    shared: Moment | None
    seen: tuple[Sighting, ...]
    samples: tuple[tuple[datetime, Place], ...]
    observed: Fallen | None
    reached: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """When each other member first had a whole report of it: by its own log, else as it was released."""

    @property
    def name(self) -> str:
        """As alerts name it."""
        return f"{self.member}-{self.number}"


@dataclass
class _Line:
    first_plot_at: datetime | None = None
    said: Moment | None = None
    shared: Moment | None = None
    seen: dict[str, Sighting] = field(default_factory=dict[str, Sighting])
    samples: dict[datetime, tuple[str, Place]] = field(default_factory=dict[datetime, tuple[str, Place]])
    observed: tuple[Moment, Fallen] | None = None
    reached: dict[str, datetime] = field(default_factory=dict[str, datetime])


class Tracks:
    """All tracks, from reports in whatever order they are taken."""

    def __init__(self, taken: Taken) -> None:
        self._lines: dict[tuple[str, int], _Line] = {}
        self._taken = taken

    def take(self, record_id: str, record: Record[Raw]) -> bool:
        """Takes a record in; whether it speaks of tracks. Raises what decoding raises."""
        said = (record.at, record_id)
        told = record.label.rel_to != (record.origin,)
        if record.kind == TRACK_REPORT.name:
            reached = self._reached(record_id, record)
            for track in msgspec.json.decode(record.body, type=_Report).tracks:
                line = self._line(record.origin, track.number)
                self._add(line, track, said)
                self._share(record.origin, track.number, said, told=told)
                for member, at in reached.items():
                    line.reached[member] = min(at, line.reached.get(member, at))
            return True
        if record.kind == COARSE_TRACKS.name:
            for track in msgspec.json.decode(record.body, type=_CoarseReport).tracks:
                self._share(record.origin, track.number, said, told=told)
            return True
        return False

    def lines(self) -> tuple[TrackLine, ...]:
        """Every track, by member and number."""
        return tuple(_closed(key, line) for key, line in sorted(self._lines.items()))

    def _reached(self, record_id: str, record: Record[Raw]) -> dict[str, datetime]:
        """When it came to each other member that may have it."""
        others = (one for one in record.label.rel_to if one != record.origin)
        found = {one: self._taken[one].get(record_id) if one in self._taken else record.at for one in others}
        return {one: at for one, at in found.items() if at is not None}

    def _line(self, member: str, number: int) -> _Line:
        return self._lines.setdefault((member, number), _Line())

    def _share(self, member: str, number: int, said: Moment, *, told: bool) -> None:
        line = self._line(member, number)
        if told and (line.shared is None or said < line.shared):
            line.shared = said

    def _add(self, line: _Line, track: _Track, said: Moment) -> None:
        if line.said is None or said < line.said:
            line.said = said
        first = min((one.first_at for one in track.pedigree), default=track.first_at)
        line.first_plot_at = first if line.first_plot_at is None else min(first, line.first_plot_at)
        for one in track.pedigree:
            line.seen[one.sensor] = _joined(line.seen.get(one.sensor), one)
        sample = (said[1], track.position_ecef_m)
        line.samples[track.at] = max(sample, line.samples.get(track.at, sample))
        if track.observed is not None and (line.observed is None or said > line.observed[0]):
            line.observed = (said, track.observed)


def _joined(known: Sighting | None, more: _Source) -> Sighting:
    if known is None:
        return Sighting(more.sensor, more.first_at, more.last_at, more.plots)
    first_at, last_at = min(known.first_at, more.first_at), max(known.last_at, more.last_at)
    return Sighting(more.sensor, first_at, last_at, max(known.plots, more.plots))


def _closed(key: tuple[str, int], line: _Line) -> TrackLine:
    seen: Mapping[str, Sighting] = line.seen
    return TrackLine(
        member=key[0],
        number=key[1],
        first_plot_at=line.first_plot_at,
        said=line.said,
        shared=line.shared,
        seen=tuple(seen[name] for name in sorted(seen)),
        samples=tuple((at, line.samples[at][1]) for at in sorted(line.samples)),
        observed=None if line.observed is None else line.observed[1],
        reached=dict(sorted(line.reached.items())),
    )
