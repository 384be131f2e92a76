"""Herfindahl's index and shares by hand; what is missing is bounded, and bases are never mixed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.instruments.supply.trade import JPN, KOR, USA, Trade, country, firm, rows, share

from laurel.core.errors import BadField
from laurel.instruments.supply.answers import DependenceNow, InputWhole, ShareSet
from laurel.instruments.supply.concentration import DependenceAsk
from laurel.instruments.supply.dataset import Dataset
from laurel.instruments.supply.inputs import InputAsk
from laurel.instruments.supply.records import DatasetPut, Input, Provider, Provision
from laurel.instruments.supply.shares import index, sets_of, top
from laurel.instruments.supply.words import Basis, Counts, ProviderSort

HEADER = DatasetPut("trade", "Trade", "", "CC0", "ab" * 32, 1, 1, 1, 1, 0)
SHARES = st.lists(st.floats(0.0, 100.0), max_size=8).map(
    lambda given: [one * 100.0 / max(sum(given), 100.0) for one in given]
)


def one_set(basis: Basis, providers: list[Provider], provisions: list[Provision]) -> ShareSet:
    held = Dataset(
        "id",
        datetime(2026, 1, 1, tzinfo=UTC),
        HEADER,
        1,
        (Input("N1", "Ore"),),
        tuple(providers),
        tuple(provisions),
        (),
    )
    return next(one for one in sets_of(held)["N1"] if one.basis is basis)


# By hand


def test_the_index_of_a_whole_set_is_the_sum_of_squares() -> None:
    providers = [country("C1", "CHN"), country("C2", "AUS"), country("C3", "JPN")]
    of = one_set(Basis.UNSTATED, providers, [share("C1", "N1", 60.0), share("C2", "N1", 30.0), share("C3", "N1", 10.0)])
    assert (of.herfindahl.least, of.herfindahl.most) == (4_600.0, 4_600.0)
    assert [row.name for row in of.shares] == ["CHN", "AUS", "JPN"]
    assert top(of, 2) == (90.0, 90.0)


def test_what_is_missing_lies_between_very_many_and_one() -> None:
    of = one_set(
        Basis.UNSTATED, [country("C1", "CHN"), country("C2", "AUS")], [share("C1", "N1", 60.0), share("C2", "N1", None)]
    )
    assert (of.herfindahl.least, of.herfindahl.most) == (3_600.0, 3_600.0 + 40.0**2)
    assert of.unknown_pct == 40.0
    assert of.unnumbered == ("AUS",)
    assert [(row.name, row.least_pct, row.most_pct) for row in of.shares] == [("CHN", 60.0, 60.0), ("AUS", 0.0, 40.0)]
    assert top(of, 1) == (60.0, 60.0)
    assert top(of, 2) == (60.0, 100.0)


def test_of_countries_summed_over_firms_the_missing_part_may_be_the_largest_ones() -> None:
    providers = [firm("F1", "Amatsu", JPN), firm("F2", "Bandai Ore", JPN), firm("F3", "Beihai", "CHN")]
    of = one_set(
        Basis.HEADQUARTERS, providers, [share("F1", "N1", 30.0), share("F2", "N1", 20.0), share("F3", "N1", 40.0)]
    )
    assert of.herfindahl.least == 50.0**2 + 40.0**2
    assert of.herfindahl.most == 60.0**2 + 40.0**2
    assert [(row.name, row.least_pct, row.most_pct) for row in of.shares] == [(JPN, 50.0, 60.0), ("CHN", 40.0, 50.0)]


def test_all_others_together_are_nobody_by_name() -> None:
    rest = Provider("C2", "Various countries", ProviderSort.COUNTRY, rest=True)
    of = one_set(Basis.UNSTATED, [country("C1", "CHN"), rest], [share("C1", "N1", 60.0), share("C2", "N1", 40.0)])
    assert [row.name for row in of.shares] == ["CHN"]
    assert of.known_pct == 100.0
    assert of.unknown_pct == 40.0
    assert of.herfindahl.least == 3_600.0
    assert of.herfindahl.as_given == 5_200.0


def test_a_set_without_a_number_is_none() -> None:
    held = Dataset(
        "id",
        datetime(2026, 1, 1, tzinfo=UTC),
        HEADER,
        1,
        (Input("N1", "Ore"),),
        (country("C1", "CHN"),),
        (share("C1", "N1", None),),
        (),
    )
    assert sets_of(held) == {}


def test_headquarters_sites_and_firms_are_sets_of_their_own() -> None:
    trade = Trade()
    providers = [country("C1", JPN), country("C2", "CHN"), firm("F1", "Amatsu", JPN)]
    provisions = [
        share("C1", "N1", 10.0, Counts.SITE),
        share("C2", "N1", 90.0, Counts.SITE),
        share("C1", "N1", 70.0, Counts.HEADQUARTERS),
        share("C2", "N1", 55.0),
        share("F1", "N1", 65.0),
    ]
    trade.put(rows(providers=providers, provisions=provisions))
    one: InputWhole = trade.query(JPN, "input", InputAsk("Ore"))
    assert {each.basis: {row.name: row.least_pct for row in each.shares} for each in one.sets} == {
        Basis.FIRM: {"Amatsu": 65.0},
        Basis.HEADQUARTERS: {JPN: 65.0},
        Basis.STATED_HEADQUARTERS: {JPN: 70.0},
        Basis.SITE: {"CHN": 90.0, JPN: 10.0},
        Basis.UNSTATED: {"CHN": 55.0},
    }


# Dependence of members


def test_dependence_is_told_for_each_member_and_for_all_together() -> None:
    trade = Trade()
    trade.put(
        rows(
            providers=[country("C1", JPN), country("C2", KOR), country("C3", "CHN"), country("C4", USA)],
            provisions=[
                share("C1", "N1", 30.0),
                share("C2", "N1", 10.0),
                share("C3", "N1", 45.0),
                share("C4", "N1", None),
            ],
        )
    )
    [row] = trade.query(JPN, "dependence", DependenceAsk(members=(JPN, KOR, USA))).rows
    assert [(one.name, one.least_pct, one.most_pct) for one in row.each] == [
        (JPN, 30.0, 30.0),
        (KOR, 10.0, 10.0),
        (USA, 0.0, 15.0),
    ]
    assert (row.together.least_pct, row.together.most_pct) == (40.0, 55.0)
    assert [one.name for one in row.outside] == ["CHN"]
    assert (row.outside_least_pct, row.outside_most_pct, row.unknown_pct) == (45.0, 60.0, 15.0)
    assert (row.top_least_pct, row.top_most_pct) == (85.0, 90.0)


def test_without_members_it_is_our_own_dependence_and_firms_are_no_basis_of_it() -> None:
    trade = Trade()
    trade.put()
    asked: DependenceNow = trade.query(JPN, "dependence", DependenceAsk(inputs=("Ore",)))
    assert [one.together.countries for one in asked.rows] == [(JPN,)]
    assert asked.origin.licence == "CC0: a notional licence"
    with pytest.raises(BadField):
        trade.query(JPN, "dependence", DependenceAsk(basis=Basis.FIRM))


# Always


@given(SHARES, st.sampled_from([Basis.UNSTATED, Basis.HEADQUARTERS]))
def test_the_bounds_hold_whatever_the_missing_part_is(shares: list[float], basis: Basis) -> None:
    unknown = max(100.0 - sum(shares), 0.0)
    bounds = index(shares, unknown, basis, given=shares)
    assert 0.0 <= bounds.least <= bounds.most <= 10_000.0 + 1e-6
    for parts in (1, 2, 7):
        spread = sum(one * one for one in shares) + parts * (unknown / parts) ** 2
        assert bounds.least - 1e-6 <= spread <= bounds.most + 1e-6


@given(
    st.lists(st.tuples(st.sampled_from(["C1", "C2", "C3"]), st.floats(0.0, 100.0)), min_size=1, max_size=12).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_the_order_of_rows_changes_nothing(orders: tuple[list[tuple[str, float]], list[tuple[str, float]]]) -> None:
    providers = [country("C1", "CHN"), country("C2", "AUS"), country("C3", "JPN")]
    one, other = (one_set(Basis.UNSTATED, providers, [share(key, "N1", pct) for key, pct in rows]) for rows in orders)
    assert one == other
