"""What the queries of supply answer."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from laurel.instruments.supply.records import (
    InputShares,
    StockPut,
)
from laurel.instruments.supply.words import Basis, EdgeSort, Fails


class Origin(Struct, frozen=True):
    """Whence a number is: data set, source, licence, year; and when we took it in."""

    dataset: str
    title: str
    source: str
    licence: str
    years: tuple[int, ...]
    imported_at: datetime


class DatasetRow(Struct, frozen=True):
    """A data set of ours. `chunks_here` of `chunks` parts of it came. `holds`: it is the last of its name."""

    record: str
    name: str
    title: str
    source: str
    licence: str
    market: str | None
    digest: str
    imported_at: datetime
    by: str
    chunks: int
    chunks_here: int
    inputs: int
    providers: int
    provisions: int
    edges: int
    left_out: int
    holds: bool


class Datasets(Struct, frozen=True):
    """Every data set that was imported here, the last first."""

    datasets: tuple[DatasetRow, ...]


class Finding(Struct, frozen=True):
    """Something that is wrong or lacking in a data set. `sort` is one of `findings.SORTS`; `subject` is where."""

    sort: str
    subject: str
    words: str


class Findings(Struct, frozen=True):
    """The gap report: what there is, what is missing, what is wrong. Everything else goes on."""

    origin: Origin
    inputs: int
    providers: int
    provisions: int
    edges: int
    tally: dict[str, int]
    findings: tuple[Finding, ...]


class Herfindahl(Struct, frozen=True):
    """The Herfindahl-Hirschman index, 0 to 10,000: the lowest and the highest that the missing part allows.

    `as_given` takes the rows as they stand in the source: all others together as one provider, a sum above 100 as it
    is; None where only bands are told.
    """

    least: float
    most: float
    as_given: float | None


class ShareRow(Struct, frozen=True):
    """A provider's share, from at least to at most. `name` is a country's code or a firm's name."""

    name: str
    least_pct: float
    most_pct: float


class ShareSet(Struct, frozen=True):
    """All shares of an input on one basis, the largest first.

    `known_pct` is their sum as stated; `unknown_pct` the part that belongs to nobody by name; `scaled`: the stated
    ones come to more than 100 and were scaled down. `unnumbered` provide it too: the source gives no number.
    """

    input: str
    name: str
    basis: Basis
    shares: tuple[ShareRow, ...]
    unnumbered: tuple[str, ...]
    known_pct: float
    unknown_pct: float
    scaled: bool
    herfindahl: Herfindahl
    years: tuple[int, ...]
    sources: tuple[str, ...]


class InputRow(Struct, frozen=True):
    """An input in a list: how many firms provide it, how concentrated, how many inputs come before and after it."""

    key: str
    name: str
    sort: str
    stage: str
    firms: int
    countries: int
    herfindahl: Herfindahl | None
    basis: Basis | None
    upstream: int
    downstream: int
    cover_least_days: float | None
    cover_most_days: float | None


class Inputs(Struct, frozen=True):
    """Inputs of a data set, in its own order."""

    origin: Origin
    inputs: tuple[InputRow, ...]


class Neighbour(Struct, frozen=True):
    """An input next to another in the graph, and how it stands to it."""

    key: str
    name: str
    sort: EdgeSort


class InputWhole(Struct, frozen=True):
    """One input: what it is, its shares on each basis, what it is made from and goes into, and our stock of it."""

    origin: Origin
    key: str
    name: str
    sort: str
    stage: str
    text: str
    market_size: str
    source: str
    year: int | None
    sets: tuple[ShareSet, ...]
    needs: tuple[Neighbour, ...]
    into: tuple[Neighbour, ...]
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    stock: StockPut | None
    stock_said_at: datetime | None


class GraphNode(Struct, frozen=True):
    """An input and its layer: 0 for what nothing goes into, else one more than the greatest before it."""

    key: str
    name: str
    sort: str
    layer: int


class GraphEdge(Struct, frozen=True):
    """One input goes into another. `cycle`: it closes a circle, and was set aside."""

    input: str
    into: str
    sort: EdgeSort
    cycle: bool


class Graph(Struct, frozen=True):
    """All inputs and what goes into what."""

    origin: Origin
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


class Tally(Struct, frozen=True):
    """Of one basis, or of `stated` (all that the source states by country): how many sets lie above.

    `above` whatever the missing part is, `perhaps` if the missing part is so, `as_given` with the rows as they stand.
    """

    basis: str
    sets: int
    above: int
    perhaps: int
    as_given: int


class Concentration(Struct, frozen=True):
    """How many share sets are more concentrated than that: for sure (`above`), or if the missing part is so."""

    origin: Origin
    above: float
    tallies: tuple[Tally, ...]
    sets: tuple[ShareSet, ...]


class MemberShare(Struct, frozen=True):
    """What of an input is provided by a country, or by several together; from at least to at most."""

    name: str
    countries: tuple[str, ...]
    least_pct: float
    most_pct: float


class DependenceRow(Struct, frozen=True):
    """How an input depends on whom: each asked country, all of them together, the largest outside, and the index."""

    input: str
    name: str
    basis: Basis
    each: tuple[MemberShare, ...]
    together: MemberShare
    outside: tuple[ShareRow, ...]
    outside_least_pct: float
    outside_most_pct: float
    unknown_pct: float
    top_least_pct: float
    top_most_pct: float
    herfindahl: Herfindahl
    years: tuple[int, ...]
    sources: tuple[str, ...]


class DependenceNow(Struct, frozen=True):
    """Dependence, input by input, those first of which the least is provided together. `top`: of so many largest."""

    origin: Origin
    market: str | None
    top: int
    rows: tuple[DependenceRow, ...]


class Impact(Struct, frozen=True):
    """When an input runs short, and how much of it then, if that fails: the earliest and the latest.

    `earliest` supposes the shortest stocks and lead times that are possible; `latest` the longest, and None is that
    it need not come at all. `through` is the path of the earliest. `unknown` are inputs on it whose stock or lead
    time is not known here. `basis` is that of the shares it loses directly, None where it loses none.
    """

    key: str
    name: str
    basis: Basis | None
    earliest: datetime
    earliest_days: float
    latest: datetime | None
    latest_days: float | None
    lost_least_pct: float
    lost_most_pct: float
    through: tuple[str, ...]
    unknown: tuple[str, ...]


class WhatIf(Struct, frozen=True):
    """What follows if that fails from that time on, the first to run short first. `words` says what was supposed."""

    origin: Origin
    fails: Fails
    names: tuple[str, ...]
    begins_at: datetime
    impacts: tuple[Impact, ...]
    set_aside: tuple[GraphEdge, ...]
    words: str


class StockRow(Struct, frozen=True):
    """Our stock of an input, as last put; `in_dataset`: the data set in use knows that name."""

    record: str
    stock: StockPut
    said_at: datetime
    by: str
    in_dataset: bool


class Stocks(Struct, frozen=True):
    """All stocks, by the input's name."""

    stocks: tuple[StockRow, ...]


class NotShared(Struct, frozen=True):
    """A share set that is not told even in bands, and why."""

    input: str
    basis: Basis
    why: str


class ToShare(Struct, frozen=True):
    """What would be told of our data, as it would be told; and what would be withheld."""

    origin: Origin
    inputs: tuple[InputShares, ...]
    withheld: tuple[NotShared, ...]


class TheirSet(Struct, frozen=True):
    """A share set that a member told, with the index that follows from what was told alone."""

    record: str
    member: str
    at: datetime
    banner: str
    dataset: str
    title: str
    source: str
    licence: str
    market: str | None
    shares: ShareSet


class TheirInput(Struct, frozen=True):
    """An input, and what each member told of it, side by side; sets of two bases stay two."""

    name: str
    sets: tuple[TheirSet, ...]


class Shared(Struct, frozen=True):
    """What members told each other of their dependence, by input."""

    inputs: tuple[TheirInput, ...]
