"""Shares of an input: on which basis, how concentrated, and how much of it nobody by name holds.

The Herfindahl-Hirschman index is the sum of the squares of the shares in percent, 0 to 10,000: Hirschman 1945,
"National Power and the Structure of Foreign Trade"; Herfindahl 1950, "Concentration in the U.S. Steel Industry";
Hirschman 1964, "The Paternity of an Index". Where shares lack, it lies between two bounds: the missing part is spread
over very many, which adds nothing, or it is all one provider's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from laurel.instruments.supply.answers import Herfindahl, MemberShare, ShareRow, ShareSet
from laurel.instruments.supply.dataset import Dataset
from laurel.instruments.supply.records import Input, Provider, Provision
from laurel.instruments.supply.words import STATED, Basis, Counts, ProviderSort

WHOLE = 100.0
CONCENTRATED = 2_500.0
"""Above it a market was called highly concentrated: US Horizontal Merger Guidelines, 2010, section 5.3."""

BASES = {
    Counts.HEADQUARTERS: Basis.STATED_HEADQUARTERS,
    Counts.SITE: Basis.SITE,
    None: Basis.UNSTATED,
}
Named = tuple[str, Provision]
"""A provision, and by what its provider is called on a basis; an empty name is nobody in particular."""


def sets_of(dataset: Dataset, keys: Collection[str] | None = None) -> dict[str, tuple[ShareSet, ...]]:
    """Every share set of these inputs, or of all, by input: of firms, of their headquarters, of countries as stated.

    A set without a single number is none.
    """
    found: defaultdict[str, defaultdict[Basis, list[Named]]] = defaultdict(lambda: defaultdict(list))
    for provision in dataset.provisions:
        provider = dataset.provider_of.get(provision.provider)
        if provider is None or provision.input not in dataset.input_of:
            continue
        if keys is None or provision.input in keys:
            for basis, name in _bases(provider, provision):
                found[provision.input][basis].append((name, provision))
    made = {
        key: tuple(share_set(dataset.input_of[key], basis, by[basis]) for basis in Basis if _numbered(by[basis]))
        for key, by in found.items()
    }
    return {key: made[key] for key in dataset.input_of if made.get(key)}


def _bases(provider: Provider, provision: Provision) -> Iterator[tuple[Basis, str]]:
    name = "" if provider.rest else provider.name
    if provider.sort is ProviderSort.COUNTRY:
        yield BASES[provision.counts], name
        return
    yield Basis.FIRM, name
    yield Basis.HEADQUARTERS, "" if provider.rest else provider.country


def _numbered(found: Iterable[Named]) -> bool:
    return any(one.share_pct is not None for _, one in found)


def share_set(of: Input, basis: Basis, found: Sequence[Named]) -> ShareSet:
    """The shares as they stand; scaled down when they come to more than the whole.

    Of a provider that is named twice with different numbers the greater counts, so that nothing looks less
    concentrated than it is; the headquarters of a country are summed over its firms.
    """
    share: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, one in found:
        if one.share_pct is not None:
            share[name, one.provider] = max(share[name, one.provider], one.share_pct)
    by_name: defaultdict[str, float] = defaultdict(float)
    for (name, _), pct in sorted(share.items()):
        by_name[name] += pct
    stated = sum(by_name.values())
    scale = WHOLE / stated if stated > WHOLE else 1.0
    exact = {name: pct * scale for name, pct in by_name.items() if name}
    unknown = max(WHOLE - sum(exact.values()), 0.0)
    names = {name for name, _ in found if name}
    numbers = [one for _, one in found if one.share_pct is not None]
    rows = made_of(exact, names - set(exact), unknown, basis)
    return ShareSet(
        input=of.key,
        name=of.name,
        basis=basis,
        shares=rows,
        unnumbered=tuple(sorted(names - set(exact))),
        known_pct=stated,
        unknown_pct=unknown,
        scaled=stated > WHOLE,
        herfindahl=index(list(exact.values()), unknown, basis, given=list(by_name.values())),
        years=tuple(sorted({one.year for one in numbers if one.year is not None})),
        sources=tuple(sorted({one.source for one in numbers if one.source})),
    )


def made_of(
    exact: Mapping[str, float], unnumbered: Iterable[str], unknown: float, basis: Basis
) -> tuple[ShareRow, ...]:
    """Each by name, the largest first: whose number is known, exactly; others anything up to the unknown part.

    A country that is the sum of its firms may have any of the unknown part besides: firms of its own may lack.
    """
    room = unknown if basis is Basis.HEADQUARTERS else 0.0
    rows = [ShareRow(name, pct, pct + room) for name, pct in exact.items()]
    rows += [ShareRow(name, 0.0, unknown) for name in unnumbered]
    return tuple(sorted(rows, key=lambda row: (-row.least_pct, -row.most_pct, row.name)))


def index(exact: Sequence[float], unknown: float, basis: Basis, given: Sequence[float]) -> Herfindahl:
    """Herfindahl's index: the lowest and the highest that the unknown part allows, and that of the rows as given.

    At the highest it is all one provider's who has no number; summed over firms it may be the largest country's.
    """
    as_given = sum(pct * pct for pct in given)
    least = sum(pct * pct for pct in exact)
    grows_from = max(exact, default=0.0) if basis is Basis.HEADQUARTERS else 0.0
    return Herfindahl(least, least + unknown * (2.0 * grows_from + unknown), as_given)


def top(of: ShareSet, most: int) -> tuple[float, float]:
    """The sum of so many of the largest shares: the lowest and the highest that the unknown part allows."""
    exact = [row.least_pct for row in of.shares if row.name not in of.unnumbered]
    least = sum(exact[:most])
    if of.basis is Basis.HEADQUARTERS:
        return least, min(least + of.unknown_pct, WHOLE)
    return least, sum(sorted((*exact, of.unknown_pct), reverse=True)[:most])


def together(of: ShareSet, name: str, countries: Collection[str]) -> MemberShare:
    """What of it these countries provide: what is known, and with what is unknown where it may be theirs."""
    rows = {row.name: row for row in of.shares}
    known = sum(rows[one].least_pct for one in countries if one in rows)
    open_ended = of.basis is Basis.HEADQUARTERS or any(one not in rows or one in of.unnumbered for one in countries)
    most = min(known + of.unknown_pct, WHOLE) if open_ended and countries else known
    return MemberShare(name, tuple(sorted(countries)), known, most)


def stated_first(sets: Iterable[ShareSet]) -> ShareSet | None:
    """The set over countries to look at first: as the source states it, else summed over firms."""
    by = {one.basis: one for one in sets}
    return next((by[basis] for basis in (*STATED, Basis.HEADQUARTERS) if basis in by), None)
