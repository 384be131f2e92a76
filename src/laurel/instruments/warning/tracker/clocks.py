"""Whether the time of a look can be believed.

One sensor's clock that jumps must neither end tracks nor shut the other sensors out; when the clocks of all of
them jump, or all were silent for hours, tracking must go on. So a look from far ahead is held until more sensors
say so than are heard to say otherwise, and tracking goes back in time only when none is heard in the present.
A sensor's silence means consent after ten seconds and three of its periods.
"""

from __future__ import annotations

from enum import Enum
from math import inf

from laurel.instruments.warning.tracker.memory import Clock, Look, TrackerMemory
from laurel.instruments.warning.tracker.past import key
from laurel.instruments.warning.tracker.table import Eye

LATE_S = 10.0
"""Looks may come that much late, and three periods of the fastest sensor."""
PERIODS = 3.0
BACK_S = 30.0
"""Back in time only when looks from there have gone on for so long."""


class Time(Enum):
    """What a look's time is taken for."""

    FITS = "fits"
    LEFT_OUT = "left out"
    AHEAD = "ahead, and believed now"
    BEHIND = "behind, and believed now"


def silence_s(eye: Eye) -> float:
    """For how long a sensor may say nothing before nothing is expected of it."""
    return LATE_S + PERIODS * eye.period_s


def heard(memory: TrackerMemory) -> list[Eye]:
    """The sensors that were heard lately, whatever time they said it was."""
    latest_s, clocks = memory.latest_s, memory.clocks
    return [eye for eye in memory.eyes if eye.slot in clocks and clocks[eye.slot].heard_s >= latest_s - silence_s(eye)]


def horizon_s(memory: TrackerMemory, eye: Eye) -> float:
    """How far from the newest look the next one may lie, before or after it."""
    return min(map(silence_s, [eye, *heard(memory)]))


def judge(memory: TrackerMemory, look: Look, eye: Eye) -> Time:
    """What to do with a look. Counts what is left out; holds what is not believed yet."""
    if memory.looks:
        horizon, latest_s = horizon_s(memory, eye), memory.latest_s
        if look.end_s > latest_s + horizon:
            return _ahead(memory, look, eye, horizon)
        # A snapshot before it must be there too.
        if look.end_s < latest_s - horizon or key(look) <= memory.snapshots[0].after:
            return _behind(memory, look, eye, horizon)
    memory.held = [one for one in memory.held if one.sensor != look.sensor]
    for slot, clock in memory.clocks.items():
        if not clock.fits:
            memory.clocks[slot] = clock._replace(since_s=inf)
    memory.clocks[eye.slot] = Clock(max(look.end_s, memory.latest_s), look.end_s, look.end_s, fits=True)
    return Time.FITS


def _ahead(memory: TrackerMemory, look: Look, eye: Eye, horizon: float) -> Time:
    _out_of_step(memory, look, eye, horizon)
    near_s = max(horizon, silence_s(eye))
    # Of what one sensor said from ahead, only what agrees with its last word.
    memory.held = [one for one in memory.held if one.sensor != look.sensor or abs(one.end_s - look.end_s) <= near_s]
    agreeing = [one for one in memory.held if abs(one.end_s - look.end_s) <= near_s]
    memory.held.append(look)
    memory.skipped.ahead += 1
    slots = {sensor.name: slot for slot, sensor in enumerate(memory.sensors)}
    claiming = {slots[look.sensor], *(slots[one.sensor] for one in agreeing)}
    waited_s = max(memory.clocks[slot].last_s - memory.clocks[slot].since_s for slot in claiming)
    against = [one for one in heard(memory) if memory.clocks[one.slot].fits and waited_s < silence_s(one)]
    if not agreeing or len(claiming) <= len(against):
        return Time.LEFT_OUT
    memory.held = sorted([*agreeing, look], key=key)
    memory.skipped.ahead -= len(memory.held)
    for one in memory.held:
        memory.clocks[slots[one.sensor]] = Clock(look.end_s, one.end_s, one.end_s, fits=True)
    return Time.AHEAD


def _behind(memory: TrackerMemory, look: Look, eye: Eye, horizon: float) -> Time:
    clock = _out_of_step(memory, look, eye, horizon)
    memory.skipped.late += 1
    against = [silence_s(one) for one in heard(memory) if memory.clocks[one.slot].fits]
    if clock.last_s - clock.since_s < max([BACK_S, silence_s(eye), *against]):
        return Time.LEFT_OUT
    memory.skipped.late -= 1
    memory.skipped.restarts += 1
    memory.held = []
    memory.clocks = {eye.slot: Clock(look.end_s, look.end_s, look.end_s, fits=True)}
    return Time.BEHIND


def _out_of_step(memory: TrackerMemory, look: Look, eye: Eye, horizon: float) -> Clock:
    """A sensor was heard whose time does not fit: for how long it has gone on like that, with none that did."""
    clock = memory.clocks.get(eye.slot)
    goes_on = clock is not None and not clock.fits and abs(look.end_s - clock.last_s) <= max(horizon, silence_s(eye))
    since_s = clock.since_s if clock is not None and goes_on and clock.since_s < inf else look.end_s
    memory.clocks[eye.slot] = clock = Clock(memory.latest_s, since_s, look.end_s, fits=False)
    return clock
