"""What two tracks have in common, by the plots they say they are made of.

A pedigree is one `Source` for each sensor: owner and name, from when to when, how many plots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from laurel.instruments.warning.records import Source

Pedigree: TypeAlias = Sequence[Source]


def families(pedigrees: Sequence[Pedigree]) -> list[list[int]]:
    """Indices of the tracks that share a sensor, or are linked by tracks that do; in order, each in one family.

    Tracks of different families are made of different plots, so their errors are independent in free flight.
    """
    found: list[tuple[set[str], list[int]]] = []
    for index, pedigree in enumerate(pedigrees):
        sensors, family = {source.sensor for source in pedigree}, [index]
        for other in [one for one in found if one[0] & sensors]:
            found.remove(other)
            sensors |= other[0]
            family += other[1]
        found.append((sensors, family))
    return sorted(sorted(family) for _, family in found)


def contains(larger: Pedigree, smaller: Pedigree) -> bool:
    """Whether every plot of the one is in the other: its sensors, within their intervals, no more plots."""
    of = {source.sensor: source for source in larger}
    return all(
        source.sensor in of
        and of[source.sensor].first_at <= source.first_at
        and source.last_at <= of[source.sensor].last_at
        and source.plots <= of[source.sensor].plots
        for source in smaller
    )


def distinct(pedigrees: Sequence[Pedigree], family: Sequence[int]) -> list[int]:
    """Those of a family that no other contains; of equal ones the first."""
    kept: list[int] = []
    for index in family:
        if any(contains(pedigrees[other], pedigrees[index]) for other in kept):
            continue
        kept = [other for other in kept if not contains(pedigrees[index], pedigrees[other])]
        kept.append(index)
    return kept
