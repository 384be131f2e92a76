"""The tracker as a memory of the log: our sensors and scans in, track reports out.

What it holds depends on the records alone, so that a repetition after a restart ends in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import structs

from laurel.core.instrument import Desk, Memory, View
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning.records import MAX_TRACKS, SCAN, SENSOR, Scan, Sensor, Track, TrackReport
from laurel.instruments.warning.releases import outward
from laurel.instruments.warning.tracker import update
from laurel.instruments.warning.tracker.dump import dump, load
from laurel.instruments.warning.tracker.memory import TrackerMemory, fresh, set_sensor

MAX_REPORT_BYTES = 180_000
"""Of tracks in one report: with header, label and ids it stays below 200 kB."""


def step(memory: TrackerMemory, record_id: str, record: Record[Sensor | Scan], view: View, desk: Desk) -> list[Draft]:
    """The reports of the tracks that one scan changed, under the standing release."""
    # What is said to no one else is ours: another member's scan never moves our tracks.
    if record.label.rel_to != (record.origin,):
        return []
    if isinstance(record.body, Sensor):
        # A name and its owner are what tells the same plots by two routes.
        set_sensor(memory, structs.replace(record.body, owner=record.body.owner or record.origin))
        return []
    changed = update(memory, record.body)
    if not changed:
        return []
    label, release = outward(view, desk)
    return [
        Draft(TrackReport(record.body.at, tracks), label, Precedence.IMMEDIATE, about=(record_id, *release))
        for tracks in portions(changed)
    ]


def portions(tracks: Sequence[Track]) -> list[tuple[Track, ...]]:
    """The tracks in order, split so that each part fits one record."""
    parts: list[list[Track]] = []
    size = MAX_REPORT_BYTES
    for track in tracks:
        needs = len(msgspec.json.encode(track)) + 1
        if size + needs > MAX_REPORT_BYTES or len(parts[-1]) == MAX_TRACKS:
            parts.append([])
            size = 0
        parts[-1].append(track)
        size += needs
    return [tuple(part) for part in parts]


TRACKER = Memory("warning.tracker", (SENSOR.name, SCAN.name), fresh, step, dump, load)
