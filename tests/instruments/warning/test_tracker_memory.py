"""What a tracker remembers survives every bit of a dump, and equal scans give equal tracks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.warning.firing_range import Shot, infrared, long_boost, look, radar, short_hop

from laurel.instruments.warning.records import Scan, Track
from laurel.instruments.warning.tracker import Tracker, update
from laurel.instruments.warning.tracker.dump import BadDump, dump, load
from laurel.instruments.warning.tracker.memory import fresh, set_sensor

SENSORS = (radar("R1", false_plots=20.0), radar("R2", bearing_deg=120.0, false_plots=20.0), infrared())


@cache
def scans() -> tuple[Scan, ...]:
    dice = np.random.default_rng(11)
    shots = (long_boost(), Shot(short_hop().flight, 20.0))
    return tuple(look(sensor, shots, float(t), dice) for t in range(40, 150) for sensor in SENSORS)


@cache
def told() -> tuple[Sequence[Track], ...]:
    tracker = Tracker(SENSORS)
    return tuple(tracker.update(scan) for scan in scans())


@cache
def last_dump() -> bytes:
    tracker = Tracker(SENSORS)
    for scan in scans():
        tracker.update(scan)
    return dump(tracker.memory)


@settings(max_examples=6)
@given(cut=st.integers(0, len(SENSORS) * 110))
def test_a_tracker_that_is_dumped_and_loaded_anywhere_goes_on_to_the_last_bit(cut: int) -> None:
    memory = fresh()
    for sensor in SENSORS:
        set_sensor(memory, sensor)
    for scan in scans()[:cut]:
        update(memory, scan)
    kept = load(dump(memory))
    assert dump(kept) == dump(memory)
    assert tuple(update(kept, scan) for scan in scans()[cut:]) == told()[cut:]
    assert dump(kept) == last_dump()


def test_what_was_loaded_is_laid_out_as_what_was_made_so_that_no_kernel_is_compiled_anew() -> None:
    kept = load(last_dump())
    columns = [column for look in kept.looks for column in look.plots]
    columns += [column for table in (kept.tracks, kept.seeds, kept.streaks) for column in table]
    assert len(columns) > 100
    assert all(column.flags.c_contiguous and column.flags.writeable for column in columns)


def test_the_scans_that_these_tests_repeat_make_tracks_launches_and_seeds() -> None:
    tracks = [track for some in told() for track in some]
    assert {track.number for track in tracks} == {1, 2}
    assert any(track.launch is not None for track in tracks)
    memory = load(last_dump())
    assert len(memory.seeds.t_s) > 0
    assert len(memory.streaks.plots) > 0


def test_a_fresh_tracker_knows_nothing_and_dumps_as_that() -> None:
    memory = load(dump(fresh()))
    assert dump(memory) == dump(fresh())
    assert memory.sensors == []


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"\x80", last_dump()[: len(last_dump()) // 2]])
def test_bytes_that_are_no_memory_are_refused_with_the_remedy(raw: bytes) -> None:
    with pytest.raises(BadDump, match="replay"):
        load(raw)


def test_a_dump_of_another_shape_is_refused() -> None:
    raw = last_dump()
    at = raw.index(b"\xa3<f8")
    with pytest.raises(BadDump):
        load(raw[:at] + b"\xa3<f4" + raw[at + 4 :])
