"""The pedigree of a track: which sensor gave it plots, from when to when, how many; and since when it falls freely."""

from __future__ import annotations

import numpy as np

from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.streaks import Streaks
from laurel.instruments.warning.tracker.table import COAST, FIRST, FREE, LAST, PLOTS, Tracks
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


@compiled
def credit_streaks(tracks: Tracks, streaks: Streaks) -> None:
    """What a satellite saw burn is part of the track that took it, whichever of the two took each plot."""
    for i in range(len(streaks.number)):
        if streaks.number[i] == 0:
            continue
        for row in range(len(tracks.number)):
            if tracks.number[row] == streaks.number[i]:
                seen = tracks.sources[row, streaks.sensor[i]]
                first = seen[PLOTS] == 0.0
                seen[FIRST] = streaks.first[i, 0] if first else min(seen[FIRST], streaks.first[i, 0])
                seen[LAST] = streaks.last[i, 0] if first else max(seen[LAST], streaks.last[i, 0])
                seen[PLOTS] = max(seen[PLOTS], float(streaks.plots[i]))


@compiled
def free(tracks: Tracks, row: int) -> None:
    """Keeps what was known when free fall was settled, for as long as it stays so."""
    freed = tracks.freed[row]
    if tracks.chance[row, COAST] < 1.0:
        freed[0] = np.nan
    elif np.isnan(freed[0]):
        freed[0] = tracks.t_s[row]
        freed[1 : 1 + FREE] = tracks.mean[row, COAST, :FREE]
        for i in range(FREE):
            for j in range(FREE):
                freed[1 + FREE + FREE * i + j] = tracks.cov[row, COAST, i, j]


def source_name(sensor: Sensor) -> str:
    """Owner and name, the same wherever its plots go."""
    return f"{sensor.owner or OWN}/{sensor.name}"
