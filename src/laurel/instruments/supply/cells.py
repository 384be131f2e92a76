"""What may be told of a share set without telling of a firm: statistical disclosure control, cell by cell.

A country's share is told exactly where at least three of its firms provide the input, by our own data, and none of
them makes more than 85 % of what its firms make (threshold and dominance rules: Hundepool et al. 2012, "Statistical
Disclosure Control", chapter 4). A share that fewer make, or of which we do not know who makes it, is told as a band
of 25 points.

A band is no use if the rest gives it away: what all come to, less the other cells, must leave every band at least ten
points wide, even for who knows what the set comes to. While it does not, the smallest exact cell becomes a band too;
where that does not help either, the set is withheld. No index is told: who reads the cells computes its bounds from
them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from laurel.instruments.supply.answers import Herfindahl, NotShared, ShareRow, ShareSet
from laurel.instruments.supply.dataset import Dataset
from laurel.instruments.supply.records import Cell, InputShares
from laurel.instruments.supply.shares import WHOLE
from laurel.instruments.supply.words import Basis, ProviderSort

FEWEST_FIRMS = 3
DOMINANCE = 0.85
BAND_PCT = 25.0
NARROWEST_PCT = 10.0

Makers = Mapping[tuple[str, str], Sequence[float]]
"""By input and country of headquarters, the shares of its firms; 0 for a firm without a number."""


def makers_of(dataset: Dataset) -> Makers:
    """Which firms make what, where, by our own data."""
    found: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for one in dataset.provisions:
        provider = dataset.provider_of.get(one.provider)
        if provider is not None and provider.sort is ProviderSort.FIRM and not provider.rest:
            firms = found[one.input, provider.country]
            firms[one.provider] = max(firms.get(one.provider, 0.0), one.share_pct or 0.0)
    return {key: tuple(firms.values()) for key, firms in found.items()}


def cells_of(of: ShareSet, makers: Makers) -> InputShares | NotShared:
    """The set as it may be told, the largest first; or why not at all."""
    exact = {row.name: row.least_pct for row in of.shares if row.name not in of.unnumbered}
    cells = {
        name: Cell(name, pct, pct) if _may_be_exact(pct, makers.get((of.input, name), ())) else band(name, pct)
        for name, pct in exact.items()
    }
    total = sum(exact.values())
    while not _wide_enough(list(cells.values()), total):
        left = [one for one in cells.values() if one.least_pct == one.most_pct]
        if not left:
            return NotShared(of.name, of.basis, "a share would follow from the others, even in bands")
        smallest = min(left, key=lambda one: (one.least_pct, one.country))
        cells[smallest.country] = band(smallest.country, smallest.least_pct)
    rows = sorted(cells.values(), key=lambda one: (-one.most_pct, -one.least_pct, one.country))
    return InputShares(of.name, of.basis, tuple(rows), of.years, of.sources[:20])


def _may_be_exact(pct: float, firms: Sequence[float]) -> bool:
    if pct == 0.0:
        return True
    return len(firms) >= FEWEST_FIRMS and 0.0 < max(firms) <= DOMINANCE * sum(firms)


def band(name: str, pct: float) -> Cell:
    """The quarter of the whole that it lies in."""
    place = min(math.floor(pct / BAND_PCT), int(WHOLE / BAND_PCT) - 1)
    return Cell(name, place * BAND_PCT, (place + 1) * BAND_PCT)


def _wide_enough(cells: Sequence[Cell], total: float) -> bool:
    return all(most - least >= NARROWEST_PCT for least, most in follows(cells, total))


def follows(cells: Sequence[Cell], total: float) -> list[tuple[float, float]]:
    """What follows for each cell that is a band, for who knows what all come to: from at least to at most."""
    least, most = sum(one.least_pct for one in cells), sum(one.most_pct for one in cells)
    return [
        (
            max(one.least_pct, total - (most - one.most_pct)),
            min(one.most_pct, total - (least - one.least_pct)),
        )
        for one in cells
        if one.least_pct < one.most_pct
    ]


def as_set(told: InputShares) -> ShareSet:
    """The share set that a member told, as others read it: bounds from its cells alone."""
    least = sum(one.least_pct for one in told.cells)
    rows = [ShareRow(one.country, one.least_pct, one.most_pct) for one in told.cells]
    return ShareSet(
        input=told.input,
        name=told.input,
        basis=told.basis,
        shares=tuple(rows),
        unnumbered=(),
        known_pct=least,
        unknown_pct=max(WHOLE - least, 0.0),
        scaled=False,
        herfindahl=bounds(told.cells, told.basis),
        years=told.years,
        sources=told.sources,
    )


def bounds(cells: Sequence[Cell], basis: Basis) -> Herfindahl:
    """Herfindahl's index from cells: every share at its least; and all that is not told for sure given to one.

    The sum of squares grows fastest with the largest share: that of a band, or, summed over firms, of any cell; else
    somebody who is not named has it all.
    """
    least = sum(one.least_pct**2 for one in cells)
    room = max(WHOLE - sum(one.least_pct for one in cells), 0.0)
    may_grow = [one for one in cells if one.least_pct < one.most_pct or basis is Basis.HEADQUARTERS]
    largest = max((one.least_pct for one in may_grow), default=0.0)
    return Herfindahl(least, least - largest**2 + (largest + room) ** 2, None)
