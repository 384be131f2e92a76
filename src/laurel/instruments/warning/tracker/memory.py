"""What a tracker remembers between scans, and how it is kept: `fresh`, `dump`, `load`, `set_sensor`.

A dump holds every bit of the memory, so a tracker that is dumped and loaded goes on as if it never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import Struct

from laurel.core.errors import Broken, LaurelError
from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.start import Seeds, no_seeds
from laurel.instruments.warning.tracker.streaks import Streaks, no_streaks
from laurel.instruments.warning.tracker.table import MAX_SENSORS, Eye, Tracks, eye_of, no_tracks
from laurel.instruments.warning.tracker.trust import Trust, full_trust

Columns = TypeVar("Columns", Tracks, Seeds, Streaks, Trust)

LATE_S = 10.0
"""Scans older than the newest by more than that are counted and left out."""
JUMP_S = 120.0
"""A scan further ahead than that, and three periods, is believed only if the next one agrees."""


class TooManySensors(LaurelError):
    """One tracker follows at most 64 sensors."""

    says = "this tracker has no room for another sensor"
    remedy = f"one member's tracker takes up to {MAX_SENSORS} sensors; run the others at a second node"


class BadDump(Broken):
    """These bytes are not a tracker's memory."""

    says = "these bytes are not a tracker's memory"
    remedy = "start fresh and replay the scans"


@dataclass
class Skipped:
    """Scans and tracks that were left out, counted: nothing is lost in silence."""

    late: int = 0
    """Scans older than the newest by more than `LATE_S`."""
    ahead: int = 0
    """Scans from far ahead that the next scan did not confirm, or not yet."""
    repeated: int = 0
    """Scans of a sensor at a time it had already reported."""
    broken: int = 0
    """Tracks whose numbers went wrong."""


@dataclass
class TrackerMemory:
    """All that a tracker knows. Changed in place by `tracker.update`."""

    sensors: list[Sensor] = field(default_factory=list[Sensor])
    eyes: list[Eye] = field(default_factory=list[Eye])
    epoch: datetime | None = None
    newest_s: float = 0.0
    doubtful_s: float | None = None
    """Time of the last scan, if it came from far ahead and was not believed."""
    reported: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    """Times of each sensor's recent scans."""
    tracks: Tracks = field(default_factory=no_tracks)
    seeds: Seeds = field(default_factory=no_seeds)
    streaks: Streaks = field(default_factory=no_streaks)
    trust: Trust = field(default_factory=full_trust)
    births: int = 0
    last_number: int = 0
    skipped: Skipped = field(default_factory=Skipped)

    def seconds(self, at: datetime) -> float:
        """Seconds from the epoch; 0 while there is none."""
        return 0.0 if self.epoch is None else (at - self.epoch).total_seconds()

    def moment(self, t_s: float) -> datetime:
        """The moment of `t_s`, to the microsecond."""
        if self.epoch is None:
            raise BadDump(why="times without an epoch")
        return self.epoch + timedelta(seconds=t_s)


class _Column(Struct, frozen=True, array_like=True):
    kind: str
    shape: tuple[int, ...]
    raw: bytes


class _Dump(Struct, frozen=True):
    sensors: list[Sensor]
    epoch: datetime | None
    newest_s: float
    doubtful_s: float | None
    reported: dict[int, list[float]]
    tracks: list[_Column]
    seeds: list[_Column]
    streaks: list[_Column]
    trust: list[_Column]
    births: int
    last_number: int
    skipped: Skipped


def fresh() -> TrackerMemory:
    """A tracker that has seen nothing and knows no sensor."""
    return TrackerMemory()


def set_sensor(memory: TrackerMemory, sensor: Sensor) -> None:
    """Makes the sensor known, or changes it if its name is known. Raises TooManySensors."""
    names = [known.name for known in memory.sensors]
    if sensor.name in names:
        slot = names.index(sensor.name)
        memory.eyes[slot] = eye_of(sensor, slot)
        memory.sensors[slot] = sensor
        return
    if len(names) == MAX_SENSORS:
        raise TooManySensors(sensor=sensor.name, sensors=len(names), limit=MAX_SENSORS)
    memory.eyes.append(eye_of(sensor, len(names)))
    memory.sensors.append(sensor)


def dump(memory: TrackerMemory) -> bytes:
    """Every bit of the memory."""
    return msgspec.msgpack.encode(
        _Dump(
            sensors=memory.sensors,
            epoch=memory.epoch,
            newest_s=memory.newest_s,
            doubtful_s=memory.doubtful_s,
            reported=memory.reported,
            tracks=_packed(memory.tracks),
            seeds=_packed(memory.seeds),
            streaks=_packed(memory.streaks),
            trust=_packed(memory.trust),
            births=memory.births,
            last_number=memory.last_number,
            skipped=memory.skipped,
        )
    )


def load(raw: bytes) -> TrackerMemory:
    """The memory that was dumped, to the last bit. Raises BadDump."""
    try:
        read = msgspec.msgpack.decode(raw, type=_Dump)
        return TrackerMemory(
            sensors=read.sensors,
            eyes=[eye_of(sensor, slot) for slot, sensor in enumerate(read.sensors)],
            epoch=read.epoch,
            newest_s=read.newest_s,
            doubtful_s=read.doubtful_s,
            reported=read.reported,
            tracks=_unpacked(no_tracks(), read.tracks),
            seeds=_unpacked(no_seeds(), read.seeds),
            streaks=_unpacked(no_streaks(), read.streaks),
            trust=_unpacked(full_trust(), read.trust),
            births=read.births,
            last_number=read.last_number,
            skipped=read.skipped,
        )
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise BadDump(why=str(error), bytes=len(raw)) from None


def _packed(columns: tuple[Any, ...]) -> list[_Column]:
    return [_Column(column.dtype.str, column.shape, column.tobytes()) for column in columns]


def _unpacked(blank: Columns, packed: list[_Column]) -> Columns:
    columns: list[Any] = []
    for like, column in zip(blank, packed, strict=True):
        if column.kind != like.dtype.str or column.shape[1:] != like.shape[1:]:
            raise BadDump(kind=column.kind, shape=column.shape)
        # frombuffer is read-only; the tracker writes in place.
        columns.append(np.frombuffer(column.raw, dtype=like.dtype).reshape(column.shape).copy())
    return type(blank)(*columns)
