"""Scans in any order within the horizon end in what ordered arrival ends in, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import Shot, infrared, long_boost, look, radar, short_hop

from laurel.instruments.warning import tracker as tracking
from laurel.instruments.warning.records import Scan, Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.clocks import LATE_S
from laurel.instruments.warning.tracker.dump import dump, load
from laurel.instruments.warning.tracker.memory import Present, TrackerMemory
from laurel.instruments.warning.tracker.out import moment

R1 = radar("R1", false_plots=5.0)
R2 = radar("R2", bearing_deg=120.0, false_plots=5.0)
SENSORS = (R1, R2, infrared(period_s=2.0))
FIRST_S, LAST_S = 85, 125


@cache
def scans(first_s: int = FIRST_S, last_s: int = LAST_S, seed: int = 21) -> tuple[Scan, ...]:
    """In order. Two vehicles come into view; the sensors look at different moments."""
    dice = np.random.default_rng(seed)
    shots = (long_boost(), Shot(short_hop().flight, 12.0))
    return tuple(
        look(sensor, shots, t + 0.3 * nth, dice) for t in range(first_s, last_s) for nth, sensor in enumerate(SENSORS)
    )


def played(order: Iterable[Scan], sensors: Sequence[Sensor] = SENSORS) -> tuple[TrackerMemory, list[Track]]:
    tracker = Tracker(sensors)
    return tracker.memory, [track for scan in order for track in tracker.update(scan)]


@cache
def in_order() -> TrackerMemory:
    return played(scans())[0]


def held(memory: TrackerMemory) -> dict[str, bytes]:
    """Every bit of what the tracker makes of its scans; tracks' numbers too, by the place they have in their order."""
    out: dict[str, bytes] = {}
    for field in fields(Present):
        value = getattr(memory, field.name)
        if not hasattr(value, "_fields"):
            out[field.name] = repr(value).encode()
            continue
        for name, column in value._asdict().items():
            out[f"{field.name}.{name}"] = column.tobytes()
    return out


def delayed(order: Sequence[Scan], delays_s: Sequence[float]) -> list[Scan]:
    """The scans as they come if each is late by so much."""
    late = sorted(
        zip(order, delays_s, strict=True), key=lambda pair: (pair[0].at.timestamp() + pair[1], pair[0].sensor)
    )
    return [scan for scan, _ in late]


def shuffled(seed: int, worst_s: float) -> list[Scan]:
    dice = np.random.default_rng(seed)
    return delayed(scans(), dice.uniform(0.0, worst_s, len(scans())).tolist())


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32), worst_s=st.floats(0.5, LATE_S))
def test_any_order_within_ten_seconds_ends_in_the_same_memory_to_the_bit(seed: int, worst_s: float) -> None:
    memory, said = played(shuffled(seed, worst_s))
    assert memory.skipped.late == memory.skipped.ahead == 0
    numbers = memory.tracks.number
    assert sorted(numbers[numbers > 0]) == sorted({t.number for t in latest(said).values() if alive(t)})
    assert held(renumbered(memory, in_order())) == held(in_order())


def renumbered(memory: TrackerMemory, like: TrackerMemory) -> TrackerMemory:
    """The memory under the other's numbers: those told first stay, and which is told first depends on arrival."""
    ours, theirs = memory.tracks.number, like.tracks.number
    assert np.array_equal(ours > 0, theirs > 0)
    called = {0: 0, **dict(zip(ours.tolist(), theirs.tolist(), strict=True))}
    assert len(set(called.values())) == len(called)
    ours[:] = [called[number] for number in ours.tolist()]
    taken = memory.streaks.number
    taken[:] = [called.get(number, 0) for number in taken.tolist()]
    return memory


def latest(said: Iterable[Track]) -> dict[int, Track]:
    return {track.number: track for track in said}


def alive(track: Track) -> bool:
    return track.state in {TrackState.TRACKED, TrackState.COASTING}


def test_one_vehicle_has_the_same_number_in_whatever_order_its_scans_come() -> None:
    sensors, dice = (R1, R2), np.random.default_rng(5)
    order = [
        look(sensor, [long_boost()], t + 0.4 * nth, dice) for t in range(95, 130) for nth, sensor in enumerate(sensors)
    ]
    wanted = held(played(order, sensors)[0])
    for seed in range(8):
        delays_s = np.random.default_rng(seed).uniform(0.0, LATE_S, len(order)).tolist()
        memory, said = played(delayed(order, delays_s), sensors)
        assert held(memory) == wanted
        assert memory.last_number == 1
        assert {track.number for track in said} == {1}


def test_what_was_said_last_of_each_track_is_what_the_tracker_holds() -> None:
    for seed in range(6):
        memory, said = played(shuffled(seed, LATE_S))
        last = latest(said)
        held_now = {int(number) for number in memory.tracks.number if number > 0}
        assert held_now == {number for number, track in last.items() if alive(track)}
        for row in np.flatnonzero(memory.tracks.number > 0).tolist():
            track = last[int(memory.tracks.number[row])]
            assert track.at == moment(float(memory.tracks.t_s[row]))
            assert track.plots == memory.tracks.plots[row]


def test_a_late_scan_without_news_is_told_as_nothing() -> None:
    tracker = Tracker(SENSORS)
    for scan in scans():
        tracker.update(scan)
    before = held(tracker.memory)
    # It looked away, half a second after a look of its own: a miss that nobody was missed in.
    empty = structs.replace(R2, name="AWAY", sector_from_deg=170.0, sector_to_deg=171.0)
    tracker.set_sensor(empty)
    assert tracker.update(Scan("AWAY", scans()[-9].at, ())) == []
    after = held(tracker.memory)
    changed = {name for name in after if after[name] != before[name]}
    assert {name for name in changed if not name.startswith("trust.")} == {"sensors", "eyes"}


def test_a_track_that_the_past_no_longer_bears_is_told_lost() -> None:
    tracker = Tracker([R1])
    dice = np.random.default_rng(4)
    order = [look(R1, [long_boost()], float(t), dice) for t in range(100, 116)]
    # What looked like a vehicle rests on plots that another version of the same scans does not hold.
    told: set[int] = set()
    for scan in order[:10]:
        told |= {track.number for track in tracker.update(scan)}
    assert told == {1}
    lost: list[Track] = []
    for scan in order[1:10]:
        lost += [t for t in tracker.update(structs.replace(scan, plots=())) if t.state is TrackState.LOST]
    assert [track.number for track in lost] == [1]
    assert not (tracker.memory.tracks.number > 0).any()


def test_of_two_scans_of_one_sensor_at_one_time_the_same_one_counts_in_either_order() -> None:
    order = scans()
    other = structs.replace(order[60], plots=order[60].plots[1:])
    one, _ = played([*order[:61], other, *order[61:]])
    two, _ = played([*order[:60], other, order[60], *order[61:]])
    assert one.skipped.repeated == two.skipped.repeated == 1
    assert held(one) == held(two)


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32), cut=st.integers(0, 3 * (LAST_S - FIRST_S)))
def test_a_loaded_tracker_goes_on_to_the_last_bit_though_the_next_scans_are_late(seed: int, cut: int) -> None:
    order = shuffled(seed, LATE_S)
    memory, _ = played(order[:cut])
    kept = Tracker((), load(dump(memory)))
    assert dump(kept.memory) == dump(memory)
    went = Tracker((), memory)
    assert [kept.update(scan) for scan in order[cut:]] == [went.update(scan) for scan in order[cut:]]
    assert dump(kept.memory) == dump(memory)
    assert held(kept.memory) == held(memory)


def test_a_sensor_described_anew_is_run_again_as_it_was_at_each_time() -> None:
    better = structs.replace(R2, angle_sigma_rad=0.5e-3, false_plots=2.0)
    order = list(scans())
    tracker = Tracker(SENSORS)
    for scan in order[:75]:
        tracker.update(scan)
    tracker.set_sensor(better)
    for scan in order[75:]:
        tracker.update(scan)
    late = Tracker(SENSORS)
    for scan in [*order[:60], *order[61:75]]:
        late.update(scan)
    late.set_sensor(better)
    for scan in order[75:90]:
        late.update(scan)
    # From before the change, with the change and much else to be run again after it.
    late.update(order[60])
    for scan in order[90:]:
        late.update(scan)
    assert held(late.memory) == held(tracker.memory)
    assert held(load(dump(late.memory))) == held(tracker.memory)


def test_a_sensor_registered_after_its_scan_was_made_may_still_tell_it() -> None:
    order = scans()
    tracker = Tracker((SENSORS[0], SENSORS[2]))
    mine = [scan for scan in order if scan.sensor != "R2"]
    for scan in mine[:-4]:
        tracker.update(scan)
    tracker.set_sensor(R2)
    late = [scan for scan in order if scan.sensor == "R2"][-5:]
    for scan in (*late, *mine[-4:]):
        tracker.update(scan)
    assert tracker.skipped.late == 0
    assert tracker.memory.tracks.sensors[:, 2].any()


@pytest.mark.parametrize("behind", [1, 2, 8, 24])
def test_a_late_scan_runs_again_little_more_than_what_came_after_it(
    behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    plain = tracking.advance
    order = list(scans())
    moved = order.pop(-1 - behind)
    tracker = Tracker(SENSORS)
    for scan in order:
        tracker.update(scan)

    def counted(memory: TrackerMemory, nth: int, *, tell: bool) -> list[Track]:
        ran.append(nth)
        return plain(memory, nth, tell=tell)

    monkeypatch.setattr(tracking, "advance", counted)
    tracker.update(moved)
    assert behind + 1 <= len(ran) <= 1.5 * behind + 3


def test_the_past_that_is_kept_does_not_grow() -> None:
    tracker = Tracker(SENSORS)
    sizes: list[tuple[int, int, int]] = []
    for scan in scans(FIRST_S, FIRST_S + 120):
        tracker.update(scan)
        memory = tracker.memory
        sizes.append((len(memory.looks), len(memory.snapshots), len(memory.named)))
    looks, snapshots, named = np.max(sizes[len(sizes) // 2 :], axis=0).tolist()
    assert looks <= len(SENSORS) * 2 * (LATE_S + 3.0)
    assert snapshots <= 14
    assert named <= 10
