"""How concentrated inputs are, and how each member, and all together, depend on whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurel.core.errors import BadField
from laurel.core.fields import Code, Line, Slug
from laurel.core.instrument import Noun, Query, View
from laurel.instruments.supply.answers import Concentration, DependenceNow, DependenceRow, ShareSet, Tally
from laurel.instruments.supply.dataset import read
from laurel.instruments.supply.shares import CONCENTRATED, WHOLE, sets_of, together, top
from laurel.instruments.supply.words import STATED, Basis

STATED_BY_COUNTRY = "stated"


class ConcentrationAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Share sets by Herfindahl's index, on one basis or on each; `above` is where the count begins."""

    dataset: Slug | None = None
    basis: Basis | None = None
    above: Annotated[float, Meta(ge=0, le=10_000)] = CONCENTRATED


class DependenceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Of these inputs, or of all: what these countries provide, one by one and together, and who else does.

    `members` are countries by code, of any region; our own when none is named. `top`: so many of the largest outside.
    """

    dataset: Slug | None = None
    inputs: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    members: Annotated[tuple[Code, ...], Meta(max_length=60)] = ()
    basis: Basis | None = None
    top: Annotated[int, Meta(ge=1, le=20)] = 3


def answer_concentration(ask: ConcentrationAsk, view: View, now: datetime) -> Concentration:
    """How many share sets lie above, on each basis; and every set, the most concentrated first. Raises Nothing."""
    del now
    dataset = read(view, ask.dataset)
    every = [one for sets in sets_of(dataset).values() for one in sets]
    chosen = [one for one in every if ask.basis in {None, one.basis}]
    by_basis = [(basis.value, [one for one in chosen if one.basis is basis]) for basis in Basis]
    stated = [one for one in every if one.basis in STATED] if ask.basis is None else []
    tallies = [_tally(name, sets, ask.above) for name, sets in ((STATED_BY_COUNTRY, stated), *by_basis) if sets]
    chosen.sort(key=lambda one: (-one.herfindahl.least, -one.herfindahl.most, one.name, one.basis))
    return Concentration(dataset.origin(), ask.above, tuple(tallies), tuple(chosen))


def _tally(name: str, sets: Sequence[ShareSet], above: float) -> Tally:
    sure = sum(one.herfindahl.least > above for one in sets)
    return Tally(
        basis=name,
        sets=len(sets),
        above=sure,
        perhaps=sum(one.herfindahl.most > above for one in sets) - sure,
        as_given=sum((one.herfindahl.as_given or 0.0) > above for one in sets),
    )


def answer_dependence(ask: DependenceAsk, view: View, now: datetime) -> DependenceNow:
    """What each asked country provides of each input, what they do together, and who else. Raises Nothing, BadField."""
    del now
    if ask.basis is Basis.FIRM:
        raise BadField(field="basis", value=ask.basis.value, must_be="a basis over countries")
    dataset = read(view, ask.dataset)
    keys = {dataset.called(name).key for name in ask.inputs} or None
    members = tuple(sorted(set(ask.members))) or (view.member,)
    rows = [
        _row(one, members, ask.top)
        for sets in sets_of(dataset, keys).values()
        for one in sets
        if one.basis is not Basis.FIRM and ask.basis in {None, one.basis}
    ]
    rows.sort(key=lambda row: (row.together.least_pct, -row.herfindahl.least, row.name, row.basis))
    return DependenceNow(dataset.origin(), dataset.header.market, ask.top, tuple(rows))


def _row(of: ShareSet, members: tuple[str, ...], most: int) -> DependenceRow:
    own = together(of, " + ".join(members), members)
    outside = [row for row in of.shares if row.name not in members]
    top_least, top_most = top(of, most)
    return DependenceRow(
        input=of.input,
        name=of.name,
        basis=of.basis,
        each=tuple(together(of, one, (one,)) for one in members),
        together=own,
        outside=tuple(outside[:most]),
        outside_least_pct=sum(row.least_pct for row in outside),
        outside_most_pct=max(WHOLE - own.least_pct, 0.0),
        unknown_pct=of.unknown_pct,
        top_least_pct=top_least,
        top_most_pct=top_most,
        herfindahl=of.herfindahl,
        years=of.years,
        sources=of.sources,
    )


QUERIES: tuple[Query[Any, Any], ...] = (
    Query("concentration", ConcentrationAsk, Concentration, answer_concentration),
    Query("dependence", DependenceAsk, DependenceNow, answer_dependence),
)
NOUN = Noun(queries=QUERIES)
