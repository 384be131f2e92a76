"""After the past was run again: which tracks are the same vehicles as before, and what there is to tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from laurel.instruments.warning.records import Track
from laurel.instruments.warning.tracker.associate import measure
from laurel.instruments.warning.tracker.memory import TrackerMemory
from laurel.instruments.warning.tracker.out import told, tracks_out
from laurel.instruments.warning.tracker.standing import LOST, NEWS, SAME
from laurel.instruments.warning.tracker.table import FREE, Flags, Tracks, Whole, kept, no_tracks

SAME_VEHICLE = 30.0
"""Squared distance in six numbers within which two tracks agree."""
INSIDE = ("birth", "rival", "shadow", "origin", "ledger", "score", "absence")
"""What a track is told without."""


def same_vehicles(before: Tracks, now: Tracks, last_number: int, ended: Collection[int]) -> dict[int, int]:
    """New numbers that should be old ones: of tracks that begin otherwise than before but lead to the same state."""
    lost = np.flatnonzero((before.number > 0) & ~np.isin(before.number, [*now.number, *ended]))
    found = np.flatnonzero(now.number > last_number)
    if not (len(lost) and len(found)):
        return {}
    old_mean, old_cov = told(before, lost)
    mean, cov = told(now, found)
    near: list[tuple[float, int, int]] = []
    for i, row in enumerate(lost.tolist()):
        for j, other in enumerate(found.tolist()):
            apart2, _ = measure(old_cov[i] + cov[j], old_mean[i] - mean[j], FREE)
            # Of one moment: states of different times would differ by what was flown.
            if apart2 < SAME_VEHICLE and before.t_s[row] == now.t_s[other]:
                near.append((apart2, int(now.number[other]), int(before.number[row])))
    pairs: dict[int, int] = {}
    for _, number, old in sorted(near):
        if number not in pairs and old not in pairs.values():
            pairs[number] = old
    return pairs


def told_anew(memory: TrackerMemory, before: Tracks, last_number: int, ended: list[Track]) -> list[Track]:
    """What differs from the tracks `before`, by number: their latest states, and those that are no more."""
    now = memory.tracks
    said = {track.number: track for track in ended if track.number in before.number or track.number > last_number}
    fates: Whole = np.where((now.number > 0) & ~_unchanged(before, now), NEWS, SAME)
    said.update((track.number, track) for track in tracks_out(memory, fates))
    gone = (before.number > 0) & ~np.isin(before.number, [*now.number, *said])
    if gone.any():
        lost = replace(memory, tracks=kept(before, gone))
        said.update((track.number, track) for track in tracks_out(lost, np.full(int(gone.sum()), LOST)))
    return [said[number] for number in sorted(said)]


def forget_all(memory: TrackerMemory) -> list[Track]:
    """Begins anew but for numbers and sensors; what was tracked is lost."""
    said = tracks_out(memory, np.full(len(memory.tracks.number), LOST))
    blank = TrackerMemory()
    memory.tracks, memory.seeds, memory.streaks = no_tracks(), blank.seeds, blank.streaks
    memory.newest_s, memory.looks, memory.snapshots, memory.named = blank.newest_s, [], [], {}
    return said


def _unchanged(before: Tracks, now: Tracks) -> Flags:
    """(n,) which of the tracks now are as they were before, to the last bit."""
    same: Flags = np.zeros(len(now.number), dtype=np.bool_)
    _, old, new = np.intersect1d(before.number, now.number, return_indices=True)
    same[new] = now.number[new] > 0
    for name in now._fields if len(new) else ():
        if name not in INSIDE:
            column, past = getattr(now, name)[new], getattr(before, name)[old]
            # What is not known is nan in both.
            equal = (column == past) | (np.isnan(column) & np.isnan(past))
            same[new] &= equal.reshape(len(new), -1).all(axis=1)
    return same
