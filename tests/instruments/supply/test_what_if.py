"""Time to impact: against solutions by hand, and what must hold in every graph."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.supply.trade import (
    EDGES,
    JPN,
    START,
    Trade,
    country,
    firm,
    rows,
    share,
)

from laurel.core.errors import BadField, Nothing
from laurel.instruments.supply.answers import Impact, WhatIf
from laurel.instruments.supply.graph import order
from laurel.instruments.supply.impact import NEVER, Buffer, Shortage, path, spread
from laurel.instruments.supply.records import Edge
from laurel.instruments.supply.stocks import PutStockAsk
from laurel.instruments.supply.what_if import WhatIfAsk
from laurel.instruments.supply.words import Basis, EdgeSort, Fails

NONE = Buffer(0.0, 0.0)
INTO, TYPE = EdgeSort.GOES_INTO, EdgeSort.IS_TYPE_OF


def impacts(trade: Trade, ask: WhatIfAsk) -> dict[str, Impact]:
    answer: WhatIf = trade.query(JPN, "what-if", ask)
    return {one.name: one for one in answer.impacts}


@pytest.fixture
def trade() -> Trade:
    """Ore, metal, gas and chips, of which everything is known to the day."""
    made = Trade()
    made.put()
    made.stock("Ore", cover=20.0, lead=10.0)
    made.stock("Metal", cover=30.0, lead=5.0)
    made.stock("Gas", cover=15.0, lead=2.0)
    made.stock("Chips", cover=7.0, lead=60.0)
    return made


# By hand


def test_an_input_that_fails_is_lacking_after_what_is_under_way_and_what_is_in_stock(trade: Trade) -> None:
    found = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore",), START))
    assert {name: one.earliest_days for name, one in found.items()} == {
        "Ore": 10.0 + 20.0,
        "Metal": 30.0 + 5.0 + 30.0,
        "Chips": 65.0 + 60.0 + 7.0,
    }
    assert all(one.earliest == one.latest for one in found.values())
    assert found["Chips"].earliest == START + timedelta(days=132)
    assert found["Chips"].through == ("Ore", "Metal", "Chips")
    assert all((one.lost_least_pct, one.lost_most_pct) == (100.0, 100.0) for one in found.values())
    assert all(one.unknown == () for one in found.values())


def test_of_two_inputs_the_one_that_lacks_first_decides(trade: Trade) -> None:
    found = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore", "Gas"), START))
    assert found["Gas"].earliest_days == 17.0
    assert found["Chips"].earliest_days == 17.0 + 60.0 + 7.0
    assert found["Chips"].through == ("Gas", "Chips")


def test_a_stock_makes_up_for_a_part_for_longer(trade: Trade) -> None:
    found = impacts(trade, WhatIfAsk(Fails.COUNTRY, ("CHN",), START))
    # China has 60 % of the ore and 30 % of the metal, by countries as stated.
    assert found["Ore"].earliest_days == pytest.approx(10.0 + 20.0 / 0.6)
    # Of the metal 30 % lack from day 5. Then it is 60 %, and of the stock of 30 days the rest is left.
    ore_lacks = 10.0 + 20.0 / 0.6 + 5.0
    left = 30.0 - 0.3 * (ore_lacks - 5.0)
    assert found["Metal"].earliest_days == pytest.approx(ore_lacks + left / 0.6)
    assert found["Metal"].lost_most_pct == pytest.approx(60.0)
    assert found["Metal"].basis is Basis.UNSTATED
    assert found["Chips"].basis is None


def test_a_firm_fails_alone_and_one_without_a_number_may_be_all_that_is_unknown(trade: Trade) -> None:
    found = impacts(trade, WhatIfAsk(Fails.FIRM, ("amatsu kōgyō",), START))
    assert found["Metal"].earliest_days == pytest.approx(5.0 + 30.0 / 0.5)
    unnumbered = impacts(trade, WhatIfAsk(Fails.FIRM, ("青海鉱業",), START))["Metal"]
    assert (unnumbered.lost_least_pct, unnumbered.lost_most_pct) == (0.0, pytest.approx(30.0))
    assert unnumbered.earliest_days == pytest.approx(5.0 + 30.0 / 0.3)
    assert unnumbered.latest is None


def test_in_a_blockade_nothing_that_is_under_way_arrives(trade: Trade) -> None:
    found = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore",), START, under_way=False))
    assert found["Ore"].earliest_days == 20.0
    assert found["Metal"].earliest_days == 20.0 + 5.0 + 30.0


def test_what_is_not_known_is_said_and_bounded() -> None:
    trade = Trade()
    trade.put()
    trade.stock("Ore", cover=20.0, lead=10.0)
    found = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore",), START))
    assert (found["Ore"].earliest_days, found["Ore"].latest_days) == (30.0, 30.0)
    assert (found["Chips"].earliest_days, found["Chips"].latest_days) == (30.0, None)
    assert found["Chips"].unknown == ("Metal", "Chips")
    assert found["Chips"].lost_least_pct == 0.0


def test_another_type_may_stand_in_unless_an_officer_says_that_none_can(trade: Trade) -> None:
    trade.put(rows(edges=[Edge("N1", "N2", TYPE), *EDGES[1:]]))
    found = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore",), START))
    assert (found["Metal"].earliest_days, found["Metal"].latest_days) == (65.0, None)
    sure = impacts(trade, WhatIfAsk(Fails.INPUT, ("Ore",), START, indispensable=("Ore",)))
    assert sure["Metal"].latest_days == 65.0


def test_losses_below_what_is_asked_for_are_left_aside(trade: Trade) -> None:
    assert impacts(trade, WhatIfAsk(Fails.COUNTRY, ("AUS",), START, from_pct=50.0)) == {}


def test_who_is_not_there_is_named_and_so_is_a_basis_that_does_not_fit(trade: Trade) -> None:
    for fails, name in ((Fails.COUNTRY, "ATL"), (Fails.FIRM, "Nobody Inc."), (Fails.INPUT, "Silk")):
        with pytest.raises(Nothing):
            trade.query(JPN, "what-if", WhatIfAsk(fails, (name,), START))
    for fails, basis in ((Fails.COUNTRY, Basis.FIRM), (Fails.FIRM, Basis.SITE)):
        with pytest.raises(BadField):
            trade.query(JPN, "what-if", WhatIfAsk(fails, ("CHN",), START, basis=basis))
    with pytest.raises(BadField):
        trade.query(JPN, "what-if", WhatIfAsk(Fails.INPUT, ("Ore",), START.replace(year=9_999)))


def test_the_last_stock_holds_is_kept_at_home_and_goes_by_the_name_of_its_input(trade: Trade) -> None:
    trade.stock("N1", cover=1.0, lead=0.0)
    listed = {one.stock.input: one.stock for one in trade.query(JPN, "stocks").stocks}
    assert listed["Ore"].cover_most_days == 1.0
    assert len(listed) == 4
    assert trade.query("KOR", "stocks").stocks == ()
    with pytest.raises(BadField):
        trade.ask(JPN, "put-stock", _backwards())


def _backwards() -> PutStockAsk:
    return PutStockAsk("Ore", cover_least_days=5.0, cover_most_days=4.0)


def test_a_country_that_fails_is_read_on_the_basis_that_is_asked_for(trade: Trade) -> None:
    trade.put(
        rows(
            providers=[country("C1", "CHN"), firm("F1", "Beihai", "CHN")],
            provisions=[share("C1", "N1", 50.0), share("F1", "N1", 100.0)],
        )
    )
    stated = impacts(trade, WhatIfAsk(Fails.COUNTRY, ("CHN",), START))
    summed = impacts(trade, WhatIfAsk(Fails.COUNTRY, ("CHN",), START, basis=Basis.HEADQUARTERS))
    assert (stated["Ore"].earliest_days, summed["Ore"].earliest_days) == (50.0, 30.0)


# In every graph

KEYS = tuple(f"N{number}" for number in range(7))
EDGE = st.builds(Edge, st.sampled_from(KEYS), st.sampled_from(KEYS), st.sampled_from([INTO, TYPE]))
GRAPHS = st.lists(EDGE, max_size=14)
FORWARD = EDGE.map(lambda edge: Edge(min(edge.input, edge.into), max(edge.input, edge.into), edge.sort))
ACYCLIC = st.lists(FORWARD.filter(lambda edge: edge.input != edge.into), max_size=14)
BUFFERS = st.dictionaries(st.sampled_from(KEYS), st.builds(Buffer, st.integers(0, 60), st.integers(0, 60)))
DIRECT = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([0.25, 0.5, 1.0]), min_size=1)


def run(
    edges: list[Edge], direct: Mapping[str, float], buffers: Mapping[str, Buffer], *, types: bool = True
) -> dict[str, Shortage]:
    return spread(order(KEYS, edges), direct, buffers, unknown=NONE, types_count=types)


def no_earlier(later: Mapping[str, Shortage], sooner: Mapping[str, Shortage]) -> bool:
    first = {key: one.first_days for key, one in sooner.items()}
    return all(one.first_days >= first.get(key, NEVER) - 1e-9 for key, one in later.items())


@given(ACYCLIC, DIRECT, BUFFERS, st.sampled_from(KEYS), st.integers(1, 50))
def test_more_stock_never_makes_an_impact_earlier(
    edges: list[Edge], direct: dict[str, float], buffers: dict[str, Buffer], key: str, more: int
) -> None:
    had = buffers.get(key, NONE)
    for richer in (Buffer(had.cover_days + more, had.lead_days), Buffer(had.cover_days, had.lead_days + more)):
        assert no_earlier(run(edges, direct, {**buffers, key: richer}), run(edges, direct, buffers))


@pytest.mark.parametrize("types", [True, False])
@given(edges=ACYCLIC.filter(bool), direct=DIRECT, buffers=BUFFERS, data=st.data())
def test_taking_an_edge_away_never_makes_an_impact_earlier(
    *, types: bool, edges: list[Edge], direct: dict[str, float], buffers: dict[str, Buffer], data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(edges))
    fewer = [edge for edge in edges if edge != gone]
    assert no_earlier(run(fewer, direct, buffers, types=types), run(edges, direct, buffers, types=types))


@given(GRAPHS.flatmap(lambda edges: st.tuples(st.just(edges), st.permutations(edges))), DIRECT, BUFFERS)
def test_the_order_of_edges_changes_nothing(
    orders: tuple[list[Edge], list[Edge]], direct: dict[str, float], buffers: dict[str, Buffer]
) -> None:
    one, other = orders
    assert order(KEYS, one) == order(KEYS, other)
    assert run(one, direct, buffers) == run(other, direct, buffers)


@given(GRAPHS)
def test_what_remains_of_a_graph_is_acyclic_and_only_edges_on_circles_are_set_aside(edges: list[Edge]) -> None:
    graph = order(KEYS, edges)
    place = {key: number for number, key in enumerate(graph.inputs)}
    assert sorted(graph.inputs) == sorted(KEYS)
    assert all(place[edge.input] < place[edge.into] for edge in graph.edges)
    after: dict[str, set[str]] = {}
    for edge in edges:
        after.setdefault(edge.input, set()).add(edge.into)
    for edge in graph.set_aside:
        reached, waiting = set[str](), [edge.into]
        while waiting:
            key = waiting.pop()
            if key not in reached:
                reached.add(key)
                waiting += after.get(key, set())
        assert edge.input in reached, "it lies on no circle"
    assert {*graph.edges, *graph.set_aside} == set(edges)


@given(ACYCLIC, DIRECT, BUFFERS)
def test_a_path_leads_from_what_fails_and_time_never_runs_back_on_it(
    edges: list[Edge], direct: dict[str, float], buffers: dict[str, Buffer]
) -> None:
    found = run(edges, direct, buffers)
    for key in found:
        way = path(found, key)
        assert way[0] in direct
        assert way[-1] == key
        assert [found[one].first_days for one in way] == sorted(found[one].first_days for one in way)


@settings(max_examples=25)
@given(ACYCLIC, st.sampled_from(KEYS), BUFFERS)
def test_a_whole_loss_arrives_by_the_shortest_way(edges: list[Edge], fails: str, buffers: dict[str, Buffer]) -> None:
    """Of whole losses alone it is the shortest path, which Bellman and Ford's sweep finds without a graph."""
    days = dict.fromkeys(KEYS, NEVER)
    cost = {key: (one.cover_days + one.lead_days) for key in KEYS for one in (buffers.get(key, NONE),)}
    days[fails] = cost[fails]
    for _ in KEYS:
        for edge in edges:
            days[edge.into] = min(days[edge.into], days[edge.input] + cost[edge.into])
    found = run(edges, {fails: 1.0}, buffers)
    assert {key: one.first_days for key, one in found.items()} == {key: at for key, at in days.items() if at < NEVER}
