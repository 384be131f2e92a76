"""What if a country, a firm or an input fails from a date on: what runs short here, and when."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Line, Slug
from laurel.core.instrument import Noun, Query, View
from laurel.core.record import Utc
from laurel.instruments.supply.answers import Impact, ShareSet, WhatIf
from laurel.instruments.supply.dataset import Dataset, plain, read
from laurel.instruments.supply.impact import NEVER, Buffer, Shortage, path, spread
from laurel.instruments.supply.inputs import graph_edges, graph_of
from laurel.instruments.supply.records import Percent, StockPut
from laurel.instruments.supply.shares import WHOLE, sets_of, stated_first
from laurel.instruments.supply.stocks import stocks_by_name
from laurel.instruments.supply.words import Basis, Fails, ProviderSort

SHORTEST, LONGEST = Buffer(0.0, 0.0), Buffer(NEVER, NEVER)
LONGEST_DAYS = 36_500.0
"""What comes later than a hundred years is said not to come."""
LAST_YEAR = 9_000


class WhatIfAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """These fail together from `begins_at` on: countries by code, firms by name, or inputs by name or key.

    A country's losses are taken from each input's set on that `basis`; without one, from the set that the source states
    by country, else from the firms that have their headquarters there. Losses below `from_pct` of an input are left
    aside. `indispensable`: types of an input for which no other stands in. Unless `under_way`, nothing of what fails
    arrives any more.
    """

    fails: Fails
    names: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=60)]
    begins_at: Utc
    dataset: Slug | None = None
    basis: Basis | None = None
    from_pct: Percent = 1.0
    indispensable: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    under_way: bool = True


class _Loss(Struct, frozen=True):
    """The part of an input that fails directly, from at least to at most, and on which basis that was read."""

    least: float
    most: float
    basis: Basis | None


def answer_what_if(ask: WhatIfAsk, view: View, now: datetime) -> WhatIf:
    """Every input that may run short here, the soonest first. Raises Nothing, BadField."""
    del now
    if ask.begins_at.year > LAST_YEAR:
        raise BadField(field="begins_at", value=ask.begins_at.isoformat(), must_be=f"not after the year {LAST_YEAR}")
    dataset = read(view, ask.dataset)
    graph = graph_of(dataset)
    direct = {key: loss for key, loss in _direct(ask, dataset).items() if loss.most * WHOLE >= ask.from_pct}
    put = stocks_by_name(view)
    stocks = {key: put[plain(one.name)] for key, one in dataset.input_of.items() if plain(one.name) in put}
    certain = {dataset.called(name).key for name in ask.indispensable}
    soonest = spread(
        graph,
        {key: loss.most for key, loss in direct.items()},
        {key: _buffer(stock, least=True) for key, stock in stocks.items()},
        unknown=SHORTEST,
        types_count=True,
        under_way=ask.under_way,
    )
    latest = spread(
        graph,
        {key: loss.least for key, loss in direct.items() if loss.least * WHOLE >= ask.from_pct},
        {key: _buffer(stock, least=False) for key, stock in stocks.items()},
        unknown=LONGEST,
        types_count=False,
        indispensable=certain,
        under_way=ask.under_way,
    )
    found = [
        _impact(dataset, ask, key, direct, soonest, latest.get(key), stocks)
        for key in graph.inputs
        if key in soonest and soonest[key].first_days <= LONGEST_DAYS
    ]
    found.sort(key=lambda one: (one.earliest, one.latest_days or NEVER, one.name))
    return WhatIf(
        origin=dataset.origin(),
        fails=ask.fails,
        names=ask.names,
        begins_at=ask.begins_at,
        impacts=tuple(found),
        set_aside=tuple(edge for edge in graph_edges(graph) if edge.cycle),
        words=_words(ask),
    )


def _direct(ask: WhatIfAsk, dataset: Dataset) -> dict[str, _Loss]:
    """What part of each input fails itself. Raises Nothing, BadField."""
    if ask.fails is Fails.INPUT:
        return {dataset.called(name).key: _Loss(1.0, 1.0, None) for name in ask.names}
    if ask.fails is Fails.FIRM:
        if ask.basis not in {None, Basis.FIRM}:
            raise BadField(field="basis", value=ask.basis, must_be="firm, or nothing: a firm has a share of its own")
        names, chosen = _firms(ask.names, dataset), Basis.FIRM
    else:
        if ask.basis is Basis.FIRM:
            raise BadField(field="basis", value=ask.basis.value, must_be="a basis over countries")
        names, chosen = _countries(ask.names, dataset), ask.basis
    found: dict[str, _Loss] = {}
    for key, sets in sets_of(dataset).items():
        of = next((one for one in sets if one.basis is chosen), None) if chosen else stated_first(sets)
        if of is not None and (loss := _lost(of, names)) is not None:
            found[key] = loss
    return found


def _lost(of: ShareSet, names: Collection[str]) -> _Loss | None:
    """The part of a set that these hold; None when none of them is named in it."""
    rows = [row for row in of.shares if row.name in names]
    if not rows:
        return None
    least = sum(row.least_pct for row in rows)
    open_ended = of.basis is Basis.HEADQUARTERS or any(row.name in of.unnumbered for row in rows)
    most = min(least + (of.unknown_pct if open_ended else 0.0), WHOLE)
    return _Loss(least / WHOLE, most / WHOLE, of.basis)


def _firms(names: Sequence[str], dataset: Dataset) -> frozenset[str]:
    firms = [one for one in dataset.providers if one.sort is ProviderSort.FIRM]
    found: set[str] = set()
    for name in names:
        called = {one.name for one in firms if plain(name) in {plain(one.name), plain(one.alias)}}
        if not called:
            raise Nothing(firm=name, dataset=dataset.header.name)
        found |= called
    return frozenset(found)


def _countries(names: Sequence[str], dataset: Dataset) -> frozenset[str]:
    known = {one.name if one.sort is ProviderSort.COUNTRY else one.country for one in dataset.providers}
    for name in names:
        if name not in known:
            raise Nothing(country=name, dataset=dataset.header.name, there_are=", ".join(sorted(known - {""})))
    return frozenset(names)


def _buffer(stock: StockPut, *, least: bool) -> Buffer:
    if least:
        return Buffer(stock.cover_least_days or 0.0, stock.lead_least_days or 0.0)
    cover, lead = stock.cover_most_days, stock.lead_most_days
    return Buffer(NEVER if cover is None else cover, NEVER if lead is None else lead)


def _impact(
    dataset: Dataset,
    ask: WhatIfAsk,
    key: str,
    direct: Mapping[str, _Loss],
    soonest: Mapping[str, Shortage],
    latest: Shortage | None,
    stocks: Mapping[str, StockPut],
) -> Impact:
    way = path(soonest, key)
    days = soonest[key].first_days
    last = latest.first_days if latest is not None and latest.first_days <= LONGEST_DAYS else None
    return Impact(
        key=key,
        name=dataset.input_of[key].name,
        basis=direct[key].basis if key in direct else None,
        earliest=_after(ask.begins_at, days),
        earliest_days=days,
        latest=None if last is None else _after(ask.begins_at, last),
        latest_days=last,
        lost_least_pct=0.0 if latest is None or last is None else latest.lost * WHOLE,
        lost_most_pct=soonest[key].lost * WHOLE,
        through=tuple(dataset.input_of[one].name for one in way),
        unknown=tuple(dataset.input_of[one].name for one in way if _unknown(stocks.get(one))),
    )


def _unknown(stock: StockPut | None) -> bool:
    return stock is None or stock.cover_most_days is None or stock.lead_most_days is None


def _after(begins_at: datetime, days: float) -> datetime:
    """Rounded up to a second, so that nothing is said to run short before it does."""
    return begins_at + timedelta(seconds=math.ceil(days * 86_400))


def _words(ask: WhatIfAsk) -> str:
    under_way = "what is under way still comes" if ask.under_way else "nothing of what fails comes any more"
    return (
        f"{', '.join(ask.names)} ({ask.fails}) fails for good; {under_way}; who remains shares out what there is. "
        f"Whoever a set does not name is taken to have no part in it; losses below {ask.from_pct:g} % are left aside. "
        "Earliest: no stock and no lead time where none is known, and no type stands in for another. "
        "Latest: endless ones, and other types stand in."
    )


NOUN = Noun(queries=(Query("what-if", WhatIfAsk, WhatIf, answer_what_if),))
