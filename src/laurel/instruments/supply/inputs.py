"""Inputs of a data set: listed, one by one, as a graph, and what is missing from the set."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurel.core.fields import Line, Slug
from laurel.core.instrument import Noun, Query, View
from laurel.instruments.supply.answers import (
    Findings,
    Graph,
    GraphEdge,
    GraphNode,
    InputRow,
    Inputs,
    InputWhole,
    Neighbour,
)
from laurel.instruments.supply.dataset import Dataset, plain, read
from laurel.instruments.supply.findings import gaps
from laurel.instruments.supply.graph import Order, order
from laurel.instruments.supply.records import Edge, Input
from laurel.instruments.supply.shares import sets_of, stated_first
from laurel.instruments.supply.stocks import stock_of, stocks_by_name
from laurel.instruments.supply.words import ProviderSort


class DatasetAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Of the data set of that name, or of the one that was imported last."""

    dataset: Slug | None = None


class InputsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Inputs in whose name all these words stand, or all of them; of that sort, or of every sort."""

    dataset: Slug | None = None
    words: Annotated[str, Meta(max_length=200)] = ""
    sort: Annotated[str, Meta(max_length=60)] = ""


class InputAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The input of that key, or of that name."""

    input: Line
    dataset: Slug | None = None


def graph_of(dataset: Dataset) -> Order:
    """What goes into what."""
    return order(dataset.input_of, dataset.edges)


def answer_findings(ask: DatasetAsk, view: View, now: datetime) -> Findings:
    """What is missing from a data set, and what is wrong in it. Raises Nothing."""
    del now
    return gaps(read(view, ask.dataset))


def answer_inputs(ask: InputsAsk, view: View, now: datetime) -> Inputs:
    """Inputs, how concentrated each is, and how much hangs together with it. Raises Nothing."""
    del now
    dataset = read(view, ask.dataset)
    sets, graph, stocks = sets_of(dataset), graph_of(dataset), stocks_by_name(view)
    providers = _providers(dataset)
    wanted = ask.words.casefold().split()
    rows: list[InputRow] = []
    for one in dataset.input_of.values():
        if not all(word in one.name.casefold() for word in wanted) or ask.sort not in {"", one.sort}:
            continue
        shown = stated_first(sets.get(one.key, ()))
        stock = stocks.get(plain(one.name))
        rows.append(
            InputRow(
                key=one.key,
                name=one.name,
                sort=one.sort,
                stage=one.stage,
                firms=len(providers[one.key, ProviderSort.FIRM]),
                countries=len(providers[one.key, ProviderSort.COUNTRY]),
                herfindahl=None if shown is None else shown.herfindahl,
                basis=None if shown is None else shown.basis,
                upstream=len(graph.upstream(one.key)),
                downstream=len(graph.downstream(one.key)),
                cover_least_days=None if stock is None else stock.cover_least_days,
                cover_most_days=None if stock is None else stock.cover_most_days,
            )
        )
    return Inputs(dataset.origin(), tuple(rows))


def _providers(dataset: Dataset) -> defaultdict[tuple[str, ProviderSort], set[str]]:
    """Who provides each input, by sort, without those who are no one in particular."""
    found: defaultdict[tuple[str, ProviderSort], set[str]] = defaultdict(set)
    for one in dataset.provisions:
        provider = dataset.provider_of.get(one.provider)
        if provider is not None and not provider.rest:
            found[one.input, provider.sort].add(provider.key)
    return found


def answer_input(ask: InputAsk, view: View, now: datetime) -> InputWhole:
    """All that our data say of one input. Raises Nothing."""
    del now
    dataset = read(view, ask.dataset)
    one = dataset.called(ask.input)
    graph = graph_of(dataset)
    sets = sets_of(dataset, {one.key}).get(one.key, ())
    row = stock_of(view, one.name)
    return InputWhole(
        origin=dataset.origin([year for each in sets for year in each.years]),
        key=one.key,
        name=one.name,
        sort=one.sort,
        stage=one.stage,
        text=one.text,
        market_size=one.market_size,
        source=one.source,
        year=one.year,
        sets=sets,
        needs=tuple(_neighbour(dataset, edge, edge.input) for edge in graph.needs.get(one.key, ())),
        into=tuple(_neighbour(dataset, edge, edge.into) for edge in graph.into.get(one.key, ())),
        upstream=_names(dataset, graph.upstream(one.key)),
        downstream=_names(dataset, graph.downstream(one.key)),
        stock=None if row is None else row.stock,
        stock_said_at=None if row is None else row.said_at,
    )


def _neighbour(dataset: Dataset, edge: Edge, key: str) -> Neighbour:
    return Neighbour(key, dataset.input_of[key].name, edge.sort)


def _names(dataset: Dataset, keys: frozenset[str]) -> tuple[str, ...]:
    found: list[Input] = [one for one in dataset.input_of.values() if one.key in keys]
    return tuple(one.name for one in found)


def answer_graph(ask: DatasetAsk, view: View, now: datetime) -> Graph:
    """All inputs in layers, and what goes into what; the edges of circles are marked. Raises Nothing."""
    del now
    dataset = read(view, ask.dataset)
    graph = graph_of(dataset)
    layers = graph.layers()
    nodes = [GraphNode(one.key, one.name, one.sort, layers[one.key]) for one in dataset.input_of.values()]
    return Graph(dataset.origin(), tuple(nodes), graph_edges(graph))


def graph_edges(graph: Order) -> tuple[GraphEdge, ...]:
    """Those that remain, then those set aside."""
    kept = [GraphEdge(one.input, one.into, one.sort, cycle=False) for one in graph.edges]
    return (*kept, *(GraphEdge(one.input, one.into, one.sort, cycle=True) for one in graph.set_aside))


QUERIES: tuple[Query[Any, Any], ...] = (
    Query("inputs", InputsAsk, Inputs, answer_inputs),
    Query("input", InputAsk, InputWhole, answer_input),
    Query("graph", DatasetAsk, Graph, answer_graph),
    Query("findings", DatasetAsk, Findings, answer_findings),
)
NOUN = Noun(queries=QUERIES)
