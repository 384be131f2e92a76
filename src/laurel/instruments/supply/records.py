"""What members tell each other of supply, and what each keeps at home.

What crosses has no field for a firm. Data sets, stocks and the firms of a notice are home-only: labelled to their
origin alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, RecordId, Sha256, Slug, Text
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc
from laurel.instruments.supply.words import Basis, Counts, EdgeSort, MeasureSort, ProviderSort

MEET_WITHIN = timedelta(days=15)
"""IPEF Agreement Relating to Supply Chain Resilience, Article 12: so long the members have to meet when one asks."""
MAX_CHUNKS = 200
MAX_ROWS = 2_000

Key = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
"""By what a data set calls a thing of its own: `N26`."""

Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Days = Annotated[float, Meta(ge=0.0, le=36_500.0)]
Year = Annotated[int, Meta(ge=1900, le=2200)]
Remark = Annotated[str, Meta(max_length=2_000)]
Place = Annotated[str, Meta(max_length=60)]
"""A country as a data set names it: ISO 3166 alpha-3, or what it has instead, which is then said."""


# Home: a data set, in a header and in rows


class Input(Struct, frozen=True):
    """Something that is made or needed: a material, a tool, a step, the product at the end; or a whole stage."""

    key: Key
    name: Line
    sort: Annotated[str, Meta(max_length=60)] = ""
    stage: Annotated[str, Meta(max_length=120)] = ""
    text: Remark = ""
    year: Year | None = None
    market_size: Remark = ""
    source: Remark = ""


class Provider(Struct, frozen=True):
    """A firm, with the country of its headquarters; or a country, of which the source gives one number.

    `rest`: no one in particular, but what a source says of all others together.
    """

    key: Key
    name: Line
    sort: ProviderSort
    alias: Annotated[str, Meta(max_length=300)] = ""
    country: Place = ""
    rest: bool = False


class Provision(Struct, frozen=True):
    """A provider's share of an input, in percent, with its year and source; None where the source names no number."""

    provider: Key
    input: Key
    share_pct: Percent | None
    year: Year | None = None
    source: Remark = ""
    counts: Counts | None = None


class Edge(Struct, frozen=True):
    """One input goes into another, or is a type of it."""

    input: Key
    into: Key
    sort: EdgeSort


class DatasetPut(Struct, frozen=True):
    """A supply data set was imported: what it is, whose, on what terms, and in how many parts its rows follow.

    `digest` is the hash of the files as they were read, and names the rows that belong to it. The last set of a name
    holds. `market` is whose purchases its shares speak of; None is the whole world's. Stages are not counted as inputs.
    `left_out` says what of the files became no row, or lost its number, and why.
    """

    name: Slug
    title: Line
    source: Remark
    licence: Line
    digest: Sha256
    chunks: Annotated[int, Meta(ge=1, le=MAX_CHUNKS)]
    inputs: int
    providers: int
    provisions: int
    edges: int
    market: Code | None = None
    left_out: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    left_out_in_all: int = 0


class RowsPut(Struct, frozen=True):
    """A part of a data set's rows. What is said of a row is said again by none of another part."""

    digest: Sha256
    index: Annotated[int, Meta(ge=0, lt=MAX_CHUNKS)]
    inputs: Annotated[tuple[Input, ...], Meta(max_length=MAX_ROWS)] = ()
    providers: Annotated[tuple[Provider, ...], Meta(max_length=MAX_ROWS)] = ()
    provisions: Annotated[tuple[Provision, ...], Meta(max_length=MAX_ROWS)] = ()
    edges: Annotated[tuple[Edge, ...], Meta(max_length=MAX_ROWS)] = ()


class StockPut(Struct, frozen=True):
    """Of an input, by its own name: for how many days we have it, and how long what is under way keeps coming.

    Each from at least to at most; None is unknown, and an unknown most has no bound. The last said of a name holds.
    """

    input: Line
    cover_least_days: Days | None = None
    cover_most_days: Days | None = None
    lead_least_days: Days | None = None
    lead_most_days: Days | None = None
    as_of: Utc | None = None
    source: Remark = ""


class FirmNamed(Struct, frozen=True):
    """A firm that a notice is about, with other names by which it might be told, and what is known of its part."""

    name: Name
    aliases: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    country: Place = ""
    text: Remark = ""


class NoticeFirms(Struct, frozen=True):
    """The firms behind a notice of ours, which bears the same reference and does not name them."""

    reference: Slug
    firms: Annotated[tuple[FirmNamed, ...], Meta(min_length=1, max_length=200)]


# What crosses


class Duration(Struct, frozen=True):
    """How long it is expected to last, from at least to at most; None is unknown."""

    least_days: Days | None = None
    most_days: Days | None = None


class DisruptionNotice(Struct, frozen=True):
    """A supply is disrupted, or will be: the form of the IPEF supply chain agreement. Called by this record's id.

    `summary` is the impact. `reference` is the member's own file number. `meeting` asks the audience to meet within
    15 days. `instead` is the notice of ours that this one replaces: the clock of the first goes on.
    """

    reference: Slug
    title: Line
    language: Language
    summary: Text
    cause: Text
    begins_at: Utc
    duration: Duration
    sectors: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=50)]
    inputs: Annotated[tuple[Line, ...], Meta(max_length=50)]
    measures: Annotated[str, Meta(max_length=20_000)]
    help_wanted: Annotated[str, Meta(max_length=20_000)]
    office: Name
    meeting: bool
    instead: RecordId | None = None


class Met(Struct, frozen=True):
    """The members met on this notice. Any of its audience says it."""

    notice: RecordId
    met_at: Utc
    language: Language
    text: Text


class NoticeClosed(Struct, frozen=True):
    """The disruption is over, or was none, says its own member."""

    notice: RecordId
    language: Language
    text: Text


class HelpRequested(Struct, frozen=True):
    """A member asks the audience for so much of an input, until then. `notice` is the disruption it is for."""

    title: Line
    language: Language
    text: Text
    input: Line
    quantity: Annotated[float, Meta(gt=0)] | None
    unit: Annotated[str, Meta(max_length=60)]
    needed_by: Utc
    office: Name
    notice: RecordId | None = None


class HelpOffered(Struct, frozen=True):
    """A member can give so much of an input, from then on; to a request, or to whom it may serve."""

    title: Line
    language: Language
    text: Text
    input: Line
    quantity: Annotated[float, Meta(gt=0)] | None
    unit: Annotated[str, Meta(max_length=60)]
    available_from: Utc
    office: Name
    request: RecordId | None = None


class HelpAccepted(Struct, frozen=True):
    """Who asked takes this offer for that request of its own."""

    request: RecordId
    offer: RecordId
    language: Language
    text: Text


class MeasureNotified(Struct, frozen=True):
    """An export control or an investment screening: what, on what legal basis, whom it concerns, from when.

    `text` is what is done. `concerns` are countries, by code; none is everybody. `office` answers questions.
    `instead` is the notice of ours that this one replaces.
    """

    sort: MeasureSort
    title: Line
    language: Language
    text: Text
    legal_basis: Line
    concerns: Annotated[tuple[Code, ...], Meta(max_length=250)]
    inputs: Annotated[tuple[Line, ...], Meta(max_length=200)]
    in_force_from: Utc
    in_force_until: Utc | None
    office: Name
    instead: RecordId | None = None


class Cell(Struct, frozen=True):
    """A country's share, from at least to at most: equal where it may be told, a band where it would tell of a firm."""

    country: Place
    least_pct: Percent
    most_pct: Percent


class InputShares(Struct, frozen=True):
    """The shares of countries in an input, on one basis. What no cell holds is unknown, or belongs to none."""

    input: Line
    basis: Basis
    cells: Annotated[tuple[Cell, ...], Meta(max_length=250)]
    years: tuple[Year, ...]
    sources: Annotated[tuple[Remark, ...], Meta(max_length=20)]


class Dependence(Struct, frozen=True):
    """Shares that a member tells the others, country by country, with title, source and licence of the data.

    `market` is whose purchases they speak of; None is the whole world's. The last of a member and name holds.
    """

    dataset: Slug
    title: Line
    source: Remark
    licence: Line
    market: Code | None
    inputs: Annotated[tuple[InputShares, ...], Meta(min_length=1, max_length=200)]


DATASET_PUT = Kind("supply.dataset-put.v1", DatasetPut, FOREVER, undone_by="import it again: the last of a name holds")
ROWS_PUT = Kind("supply.rows-put.v1", RowsPut, FOREVER, undone_by="import the data set again")
STOCK_PUT = Kind("supply.stock-put.v1", StockPut, FOREVER, undone_by="put another: the last of an input holds")
NOTICE_FIRMS = Kind("supply.notice-firms.v1", NoticeFirms, FOREVER, undone_by="it never left the house")
NOTICE = Kind("supply.notice.v1", DisruptionNotice, FOREVER, retractable=True)
MET = Kind("supply.met.v1", Met, FOREVER, retractable=True)
NOTICE_CLOSED = Kind("supply.notice-closed.v1", NoticeClosed, FOREVER, retractable=True)
HELP_REQUESTED = Kind("supply.help-requested.v1", HelpRequested, FOREVER, retractable=True)
HELP_OFFERED = Kind("supply.help-offered.v1", HelpOffered, FOREVER, retractable=True)
HELP_ACCEPTED = Kind("supply.help-accepted.v1", HelpAccepted, FOREVER, retractable=True)
MEASURE = Kind("supply.measure.v1", MeasureNotified, FOREVER, retractable=True)
DEPENDENCE = Kind("supply.dependence.v1", Dependence, FOREVER, retractable=True)

HOME = (DATASET_PUT, ROWS_PUT, STOCK_PUT, NOTICE_FIRMS)
"""Labelled to their origin alone."""
CROSSES = (NOTICE, MET, NOTICE_CLOSED, HELP_REQUESTED, HELP_OFFERED, HELP_ACCEPTED, MEASURE, DEPENDENCE)
KINDS = (*HOME, *CROSSES)
