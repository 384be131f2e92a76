"""What a tracker remembers between scans, and how it is kept: `fresh`, `dump`, `load`, `set_sensor`.

A dump holds the oldest moment that the tracker can still return to and the scans since then, so a tracker that is
dumped and loaded goes on as if it never stopped, to the last bit, also when the next scan comes late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from laurel.core.errors import LaurelError
from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.start import Seeds, no_seeds
from laurel.instruments.warning.tracker.streaks import Looked, Streaks, never_looked, no_streaks
from laurel.instruments.warning.tracker.table import FREE, MAX_SENSORS, Eye, Plots, Tracks, eye_of, no_tracks
from laurel.instruments.warning.tracker.trust import Trust, full_trust
from laurel.physics.compiled import Vector

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Every tracker counts its seconds from there: none depends on which scan came first. Good to 0.1 microseconds."""
AFTER_ALL_SENSORS = "~"
"""Sorts after every sensor's name."""


class TooManySensors(LaurelError):
    """One tracker follows at most 64 sensors."""

    says = "this tracker has no room for another sensor"
    remedy = f"one member's tracker takes up to {MAX_SENSORS} sensors; run the others at a second node"


@dataclass
class Skipped:
    """Scans and tracks that were left out, counted: nothing is lost in silence."""

    late: int = 0
    """Scans older than the tracker can return to."""
    ahead: int = 0
    """Scans from far ahead that others did not confirm, or not yet."""
    repeated: int = 0
    """Scans of a sensor at a time it had already reported."""
    broken: int = 0
    """Tracks whose numbers went wrong."""
    restarts: int = 0
    """Times that every sensor went back to an earlier time for good, and tracking began anew."""


class Look(NamedTuple):
    """A scan as the tracker keeps it, or a note. Looks are run in the order of their first three."""

    end_s: float
    """Time of its last plot, or of the scan if that is later."""
    sensor: str
    at_s: float
    plots: Plots
    change: Sensor | None = None
    """Notes: a sensor is described anew, or a scan of that sensor came from a time that cannot be."""
    refused: str | None = None


@dataclass
class Present:
    """What looks in order have come to: all that a run changes, and a return to the past restores.

    Fields are columns (tuples of arrays), numbers, or lists that are replaced whole.
    """

    sensors: list[Sensor] = field(default_factory=list[Sensor])
    eyes: list[Eye] = field(default_factory=list[Eye])
    newest_s: float = -np.inf
    tracks: Tracks = field(default_factory=no_tracks)
    seeds: Seeds = field(default_factory=no_seeds)
    streaks: Streaks = field(default_factory=no_streaks)
    looked: Looked = field(default_factory=never_looked)
    trust: Trust = field(default_factory=full_trust)
    births: int = 0
    broken: int = 0


@dataclass
class Snapshot:
    """The present as it was once all looks up to `after` had been run."""

    after: tuple[float, str, float]
    next_s: float
    """The end of the look that came next."""
    present: Present


class Named(NamedTuple):
    """A number that was told, and when the track that bears it was confirmed."""

    number: int
    confirmed_s: float


class Clock(NamedTuple):
    """What a sensor's time was like when it was last heard."""

    heard_s: float
    """The end of the newest look then."""
    since_s: float
    """Since when its looks have not fitted while no other sensor's did; infinity if one did after its last."""
    last_s: float
    """The end of its own last look."""
    fits: bool


@dataclass
class TrackerMemory(Present):
    """All that a tracker knows. Changed in place by `tracker.update`."""

    looks: list[Look] = field(default_factory=list[Look])
    """In order: those since the oldest snapshot."""
    snapshots: list[Snapshot] = field(default_factory=list[Snapshot])
    """In order, oldest first; there is one as soon as there is a look."""
    last_number: int = 0
    named: dict[bytes, Named] = field(default_factory=dict[bytes, Named])
    """Numbers told lately, by what began their tracks: running the past again finds them again."""
    held: list[Look] = field(default_factory=list[Look])
    """Looks from far ahead, not believed yet."""
    clocks: dict[int, Clock] = field(default_factory=dict[int, Clock])
    """Those of the sensors that were heard, by slot."""
    skipped: Skipped = field(default_factory=Skipped)

    @property
    def latest_s(self) -> float:
        """The end of the newest look."""
        return self.looks[-1].end_s if self.looks else -np.inf

    def seconds(self, at: datetime) -> float:
        """Seconds from the epoch."""
        return (at - EPOCH).total_seconds()


def fresh() -> TrackerMemory:
    """A tracker that has seen nothing and knows no sensor."""
    return TrackerMemory()


def set_sensor(memory: TrackerMemory, sensor: Sensor) -> None:
    """Makes the sensor known, or changes it if its name is known. Raises TooManySensors.

    A change holds for what is later than every scan so far: a scan that comes late was made before it.
    """
    names = [known.name for known in memory.sensors]
    if sensor.name in names:
        if sensor != memory.sensors[names.index(sensor.name)]:
            describe(memory, sensor)
            if memory.looks:
                note(memory, change=sensor)
        return
    if len(names) == MAX_SENSORS:
        raise TooManySensors(sensor=sensor.name, sensors=len(names), limit=MAX_SENSORS)
    # A sensor unknown so far may tell of the past too.
    for present in (memory, *(snapshot.present for snapshot in memory.snapshots)):
        present.sensors = [*present.sensors, sensor]
        present.eyes = [*present.eyes, eye_of(sensor, len(names))]


def number_of(memory: TrackerMemory, origin: Vector) -> int:
    """The number of a track that began so: the one it was told by before, if it was, else the next."""
    named = memory.named.get(origin.tobytes())
    if named is None or (memory.tracks.number == named.number).any():
        memory.last_number += 1
        named = Named(memory.last_number, memory.newest_s)
    memory.named[origin.tobytes()] = Named(named.number, memory.newest_s)
    return named.number


def stamp(rows: Tracks) -> None:
    """What these new rows began with, by which they are known again when the past is run again."""
    rows.origin[:, 0], rows.origin[:, 1] = rows.first_s, rows.t_s
    rows.origin[:, 2:] = rows.mean[:, :, :FREE].sum(axis=1)


def note(memory: TrackerMemory, change: Sensor | None = None, refused: str | None = None) -> None:
    """Puts down after every look so far what is to be done again whenever the past is run again."""
    last = memory.looks[-1]
    nth = last.at_s + 1.0 if last.sensor == AFTER_ALL_SENSORS else 0.0
    memory.looks.append(Look(last.end_s, AFTER_ALL_SENSORS, nth, no_plots(), change, refused))


def describe(present: Present, sensor: Sensor) -> None:
    """A known sensor as it is from now on."""
    slot = [known.name for known in present.sensors].index(sensor.name)
    present.sensors = [*present.sensors[:slot], sensor, *present.sensors[slot + 1 :]]
    present.eyes = [*present.eyes[:slot], eye_of(sensor, slot), *present.eyes[slot + 1 :]]


def no_plots() -> Plots:
    """A look at nothing."""
    nothing = np.zeros(0)
    return Plots(nothing, nothing, nothing, nothing)
