"""Two sources of one incident that cannot both be right: said plainly, one beside the other, never averaged.

Times contradict each other when they do not overlap, places when they are farther apart than both are known to, counts
when no number satisfies both, outcomes when they are two words. What a source does not say contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from laurel.instruments.region.board_types import Claim, Contradiction
from laurel.instruments.region.records import Count, Incident, Interval, Spot, Stated
from laurel.physics.earth import geodesic

AS_WRITTEN_M = 2_000.0
"""Two who write the same place to a hundredth of a degree."""


class Teller(NamedTuple):
    """Who states it: a report (empty: the incident itself), by whom, with what grade."""

    report: str
    said_by: str
    grade: str
    stated: Stated


def stated_by(incident: Incident) -> Stated:
    """What the incident itself states."""
    spot = None if incident.where is None else incident.where.spot
    return Stated(when=incident.when, where=spot, outcome=incident.outcome)


def contradictions(tellers: Sequence[Teller]) -> tuple[Contradiction, ...]:
    """Each pair that contradicts each other in a fact, in the order of tellers."""
    found: list[Contradiction] = []
    for first, second in combinations(tellers, 2):
        for fact, claims in FACTS.items():
            found += [_said(fact, first, second, *both) for both in claims(first.stated, second.stated)]
    return tuple(found)


def _said(fact: str, first: Teller, second: Teller, one: str, other: str) -> Contradiction:
    words = f"{first.said_by} ({first.grade}) says {one}; {second.said_by} ({second.grade}) says {other}."
    return Contradiction(
        fact=fact,
        first=Claim(first.report, first.said_by, first.grade, one),
        second=Claim(second.report, second.said_by, second.grade, other),
        words=words.replace(" ()", ""),
    )


Pairs = list[tuple[str, str]]


def _when(first: Stated, second: Stated) -> Pairs:
    one, other = first.when, second.when
    if one is None or other is None or (one.begins_at <= other.ends_at and other.begins_at <= one.ends_at):
        return []
    return [(_interval(one), _interval(other))]


def _where(first: Stated, second: Stated) -> Pairs:
    one, other = first.where, second.where
    if one is None or other is None:
        return []
    apart_m = geodesic(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg).distance_m
    if apart_m <= one.within_m + other.within_m + AS_WRITTEN_M:
        return []
    return [(_spot(one), f"{_spot(other)}, {apart_m / 1e3:,.0f} km away")]


def _counts(first: Stated, second: Stated) -> Pairs:
    return [
        (_count(one), _count(other))
        for one in first.counts
        for other in second.counts
        if one.of == other.of and (_less(one, other) or _less(other, one))
    ]


def _outcome(first: Stated, second: Stated) -> Pairs:
    one, other = first.outcome, second.outcome
    return [] if one is None or other is None or one == other else [(one, other)]


FACTS: dict[str, Callable[[Stated, Stated], Pairs]] = {
    "when": _when,
    "where": _where,
    "count": _counts,
    "outcome": _outcome,
}


def _less(one: Count, other: Count) -> bool:
    return one.most is not None and one.most < other.least


def _interval(one: Interval) -> str:
    begins = f"{one.begins_at:%Y-%m-%d %H:%M} UTC"
    if one.begins_at == one.ends_at:
        return begins
    return f"{begins} to {one.ends_at:%Y-%m-%d %H:%M} UTC"


def _spot(one: Spot) -> str:
    north, east = "N" if one.lat_deg >= 0.0 else "S", "E" if one.lon_deg >= 0.0 else "W"
    where = f"{abs(one.lat_deg):.2f} {north} {abs(one.lon_deg):.2f} {east}"
    return f"{where} within {one.within_m / 1e3:,.0f} km" if one.within_m > 0.0 else where


def _count(one: Count) -> str:
    thing = one.of.replace("-", " ")
    if one.most is None:
        return f"at least {one.least} {thing}"
    return f"{one.least} {thing}" if one.least == one.most else f"{one.least} to {one.most} {thing}"
