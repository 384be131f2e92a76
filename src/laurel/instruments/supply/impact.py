"""Time to impact: when each input runs short if a country, a firm or an input fails.

Of every input, what is under way keeps coming for its lead time, and what is in stock lasts for its days of cover. If
a part f of the supply fails at time 0, then a part f of what arrives lacks from the lead time on; a stock of C days
at full use makes up for it until the lost part of each day has eaten it: C / f days later, or as the losses grow.
From then on whoever needs the input lacks f of it. An input that needs several is as short as its scarcest one
(Leontief 1936, "Quantitative Input and Output Relations in the Economic Systems of the United States"): makers that
remain share out what there is. The time that a stock buys is the "time to survive" of Simchi-Levi et al. 2015,
"Identifying Risks and Mitigating Disruptions in the Automotive Supply Chain", Interfaces 45(5).

What is not known is bounded, not guessed: one run with the shortest stocks and lead times and the greatest losses
that are possible, one with the longest and the least. In the first a type of an input counts as if nothing could
stand in for it, in the second the other types do.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from laurel.instruments.supply.graph import Order
from laurel.instruments.supply.words import EdgeSort

Steps = tuple[tuple[float, float], ...]
"""A loss that only grows: (days after the failure, part lost from then on), both rising."""

NEVER = math.inf


@dataclass(frozen=True)
class Buffer:
    """Of an input, in one run: for how many days a stock lasts at full use, and how long what is under way comes."""

    cover_days: float
    lead_days: float


@dataclass(frozen=True)
class Shortage:
    """What of an input lacks and when, and which input before it brings the loss first: None when it fails itself."""

    steps: Steps
    comes_from: str | None

    @property
    def first_days(self) -> float:
        """When it runs short."""
        return self.steps[0][0]

    @property
    def lost(self) -> float:
        """What part of it lacks in the end."""
        return self.steps[-1][1]


def spread(
    graph: Order,
    direct: Mapping[str, float],
    buffers: Mapping[str, Buffer],
    *,
    unknown: Buffer,
    types_count: bool,
    indispensable: Collection[str] = (),
    under_way: bool = True,
) -> dict[str, Shortage]:
    """What lacks and when, of every input that runs short at all.

    `direct` are the parts that fail at time 0. `unknown` stands for a buffer that is not given. Types of an input count
    as needed when `types_count`, or when they are `indispensable`. Unless `under_way`, nothing of what fails arrives
    any more.
    """
    short: dict[str, Shortage] = {}
    for key in graph.inputs:
        buffer = buffers.get(key, unknown)
        losses: list[tuple[Steps, str | None]] = []
        if direct.get(key, 0.0) > 0.0:
            losses.append((((buffer.lead_days if under_way else 0.0, direct[key]),), None))
        for edge in graph.needs.get(key, ()):
            counts = edge.sort is EdgeSort.GOES_INTO or types_count or edge.input in indispensable
            if counts and edge.input in short:
                losses.append((_later(short[edge.input].steps, buffer.lead_days), edge.input))
        steps = _drained(_greatest([loss for loss, _ in losses]), buffer.cover_days)
        if steps:
            first = min(losses, key=lambda loss: (loss[0][0][0], -loss[0][-1][1], loss[1] or ""))
            short[key] = Shortage(steps, first[1])
    return short


def path(short: Mapping[str, Shortage], key: str) -> tuple[str, ...]:
    """From what fails itself to this input: the way by which the loss comes first."""
    found = [key]
    while (before := short[found[-1]].comes_from) is not None:
        found.append(before)
    return tuple(reversed(found))


def _later(steps: Steps, days: float) -> Steps:
    return tuple((at + days, lost) for at, lost in steps)


def _greatest(losses: Sequence[Steps]) -> Steps:
    """At every time the greatest of these losses."""
    found: list[tuple[float, float]] = []
    for at, lost in sorted(step for loss in losses for step in loss):
        if found and lost <= found[-1][1]:
            continue
        if found and found[-1][0] == at:
            found.pop()
        found.append((at, lost))
    return tuple(found)


def _drained(arriving: Steps, cover_days: float) -> Steps:
    """What lacks once the stock is eaten; nothing if it never is."""
    left = cover_days
    for place, (at, lost) in enumerate(arriving):
        if at == NEVER:
            break
        until = arriving[place + 1][0] if place + 1 < len(arriving) else NEVER
        lasts = left / lost
        if at + lasts < until:
            return ((at + lasts, lost), *arriving[place + 1 :])
        if until == NEVER:
            break
        left = max(left - (until - at) * lost, 0.0)
    return ()
