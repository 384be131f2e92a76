"""A tracker's memory as bytes and back: `dump`, `load`.

A dump holds the oldest snapshot and the looks since then; loading runs them again, in silence.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from laurel.core.errors import Broken
from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker import advance
from laurel.instruments.warning.tracker.memory import (
    Clock,
    Look,
    Named,
    Present,
    Skipped,
    Snapshot,
    TrackerMemory,
    no_plots,
)
from laurel.instruments.warning.tracker.past import is_blank, rewind
from laurel.instruments.warning.tracker.table import eye_of


class BadDump(Broken):
    """These bytes are not a tracker's memory."""

    says = "these bytes are not a tracker's memory"
    remedy = "start fresh and replay the scans"


class _Column(Struct, frozen=True, array_like=True):
    """An array; without bytes if they are all zero."""

    kind: str
    shape: tuple[int, ...]
    raw: bytes


class _Look(Struct, frozen=True, array_like=True):
    end_s: float
    sensor: str
    at_s: float
    plots: list[_Column]
    change: Sensor | None
    refused: str | None


class _Snapshot(Struct, frozen=True):
    after: tuple[float, str, float]
    next_s: float
    sensors: list[Sensor]
    columns: dict[str, list[_Column]]
    numbers: dict[str, int | float | dict[int, float]]


class _Dump(Struct, frozen=True):
    sensors: list[Sensor]
    looks: list[_Look]
    held: list[_Look]
    oldest: _Snapshot | None
    last_number: int
    named: dict[bytes, Named]
    clocks: dict[int, Clock]
    skipped: Skipped


_COLUMNS = tuple(one.name for one in fields(Present) if hasattr(getattr(Present(), one.name), "_fields"))
_NUMBERS = tuple(one.name for one in fields(Present) if isinstance(getattr(Present(), one.name), int | float | dict))


def dump(memory: TrackerMemory) -> bytes:
    """Every bit of the memory."""
    return msgspec.msgpack.encode(
        _Dump(
            sensors=memory.sensors,
            looks=[_packed_look(look) for look in memory.looks],
            held=[_packed_look(look) for look in memory.held],
            oldest=_packed_snapshot(memory.snapshots[0]) if memory.snapshots else None,
            last_number=memory.last_number,
            named=memory.named,
            clocks=memory.clocks,
            skipped=memory.skipped,
        )
    )


def load(raw: bytes) -> TrackerMemory:
    """The memory that was dumped, to the last bit. Raises BadDump."""
    try:
        read = msgspec.msgpack.decode(raw, type=_Dump)
        memory = TrackerMemory(
            sensors=read.sensors,
            eyes=[eye_of(sensor, slot) for slot, sensor in enumerate(read.sensors)],
            looks=[_unpacked_look(look) for look in read.looks],
            snapshots=[] if read.oldest is None else [_unpacked_snapshot(read.oldest)],
            last_number=read.last_number,
            named=read.named,
            held=[_unpacked_look(look) for look in read.held],
            clocks=read.clocks,
            skipped=read.skipped,
        )
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise BadDump(why=str(error), bytes=len(raw)) from None
    if memory.looks:
        rewind(memory, (np.inf, "", 0.0))
        for nth in range(len(memory.looks)):
            advance(memory, nth, tell=False)
    return memory


def _packed(columns: tuple[Any, ...]) -> list[_Column]:
    return [_Column(one.dtype.str, one.shape, b"" if is_blank(one) else one.tobytes()) for one in columns]


def _unpacked(like: Any, packed: list[_Column]) -> Any:
    columns: list[Any] = []
    for one, column in zip(like, packed, strict=True):
        if column.kind != one.dtype.str or column.shape[1:] != one.shape[1:]:
            raise BadDump(kind=column.kind, shape=column.shape)
        # Arrays of their own, which may be written: kernels take them as any other, and nothing is compiled anew.
        whole = np.zeros(column.shape, dtype=one.dtype)
        if column.raw:
            whole[...] = np.frombuffer(column.raw, dtype=one.dtype).reshape(column.shape)
        columns.append(whole)
    return type(like)(*columns)


def _packed_look(look: Look) -> _Look:
    return _Look(look.end_s, look.sensor, look.at_s, _packed(look.plots), look.change, look.refused)


def _unpacked_look(look: _Look) -> Look:
    return Look(look.end_s, look.sensor, look.at_s, _unpacked(no_plots(), look.plots), look.change, look.refused)


def _packed_snapshot(one: Snapshot) -> _Snapshot:
    present = one.present
    columns = {name: _packed(getattr(present, name)) for name in _COLUMNS}
    numbers = {name: getattr(present, name) for name in _NUMBERS}
    return _Snapshot(one.after, one.next_s, present.sensors, columns, numbers)


def _unpacked_snapshot(read: _Snapshot) -> Snapshot:
    present = Present(read.sensors, [eye_of(sensor, slot) for slot, sensor in enumerate(read.sensors)])
    for name in _COLUMNS:
        setattr(present, name, _unpacked(getattr(present, name), read.columns[name]))
    for name in _NUMBERS:
        setattr(present, name, read.numbers[name])
    return Snapshot(read.after, read.next_s, present)
