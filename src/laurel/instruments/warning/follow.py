"""The tracker as a memory of the log: our sensors and scans in, track reports out.

What it holds depends on the records alone, so that a repetition after a restart ends in the same state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import structs

from laurel.core.instrument import Desk, Memory, View
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning.records import MAX_TRACKS, SCAN, SENSOR, Scan, Sensor, SensorDoubt, Track, TrackReport
from laurel.instruments.warning.releases import outward
from laurel.instruments.warning.tracker import update
from laurel.instruments.warning.tracker.dump import dump, load
from laurel.instruments.warning.tracker.memory import TrackerMemory, fresh, set_sensor
from laurel.instruments.warning.tracker.trust import suspects

TRUSTED_AGAIN = "it agrees with the others again"
MAX_REPORT_BYTES = 180_000
"""Of tracks in one report: with header, label and ids it stays below 200 kB."""


def step(memory: TrackerMemory, record_id: str, record: Record[Sensor | Scan], view: View, desk: Desk) -> list[Draft]:
    """The reports of the tracks that one scan changed, under the standing release; and what it made of our sensors."""
    # What is said to no one else is ours: another member's scan never moves our tracks.
    if record.label.rel_to != (record.origin,):
        return []
    if isinstance(record.body, Sensor):
        # A name and its owner are what tells the same plots by two routes.
        set_sensor(memory, structs.replace(record.body, owner=record.body.owner or record.origin))
        return []
    before = doubted(memory)
    changed = update(memory, record.body)
    drafts = [
        # Like the sensor, the doubt stays at home.
        Draft(doubt, record.label, Precedence.PRIORITY, about=(record_id,))
        for doubt in doubts(before, doubted(memory), record.body.at)
    ]
    if changed:
        label, release = outward(view, desk)
        drafts += [
            Draft(TrackReport(record.body.at, tracks), label, Precedence.IMMEDIATE, about=(record_id, *release))
            for tracks in portions(changed)
        ]
    return drafts


def doubted(memory: TrackerMemory) -> dict[str, str]:
    """The sensors that the tracker doubts now, and why."""
    return {one.name: one.why for one in suspects(memory.trust, memory.sensors)}


def doubts(before: Mapping[str, str], after: Mapping[str, str], at: datetime) -> list[SensorDoubt]:
    """What is to be said when those that were doubted become others: new doubts, and trust regained."""
    return [
        SensorDoubt(name, suspect=name in after, why=after.get(name, TRUSTED_AGAIN), at=at)
        for name in sorted(before.keys() ^ after.keys())
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
