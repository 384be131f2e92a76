"""The pedigree of a track: which sensor gave it plots, from when to when, and how many."""

from __future__ import annotations

from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.table import FIRST, LAST, PLOTS, Tracks
from laurel.physics.compiled import compiled

OWN = "OWN"
"""Whose a sensor is that names no owner, where a tracker runs without a node."""


@compiled
def credit(tracks: Tracks, row: int, slot: int, t_s: float) -> None:
    """One more plot of that sensor in that track."""
    seen = tracks.sources[row, slot]
    first = seen[PLOTS] == 0.0
    seen[FIRST] = t_s if first else min(seen[FIRST], t_s)
    seen[LAST] = t_s if first else max(seen[LAST], t_s)
    seen[PLOTS] += 1.0


def source_name(sensor: Sensor) -> str:
    """Owner and name, the same wherever its plots go."""
    return f"{sensor.owner or OWN}/{sensor.name}"
