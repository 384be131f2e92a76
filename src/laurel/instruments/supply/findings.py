"""The gap report: what is missing from a data set, and what is wrong in it. Nothing is thrown away for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from laurel.instruments.supply.answers import Finding, Findings
from laurel.instruments.supply.dataset import STAGE, Dataset
from laurel.instruments.supply.graph import order
from laurel.instruments.supply.places import COUNTRIES
from laurel.instruments.supply.shares import BASES, sets_of
from laurel.instruments.supply.words import Basis, ProviderSort

OFF_BY_PCT = 1.0
"""So much may rounding make of a sum."""

SORTS: dict[str, str] = {
    "not-whole": "parts of the data set have not come yet",
    "left-out": "something of the files became no row, or lost its number",
    "no-share": "a provision without a number",
    "no-source": "a number without a source",
    "no-providers": "an input that nobody provides",
    "unnumbered": "an input whose providers all lack a number",
    "sum": "shares that come to more or less than 100 %",
    "unknown-country": "a country that is none of ISO 3166",
    "no-headquarters": "a firm without a country",
    "duplicate": "a row that stands there twice",
    "contradiction": "one provider with different numbers for one input",
    "same-name": "several providers or inputs of one name",
    "unknown-input": "a row names an input that the data set does not have",
    "unknown-provider": "a row names a provider that the data set does not have",
    "cycle": "an edge of a circle: set aside, the rest goes on",
}


def gaps(dataset: Dataset) -> Findings:
    """Everything found, sort by sort in that order, and how often each."""
    found = [*_whole(dataset), *_provisions(dataset), *_inputs(dataset), *_providers(dataset), *_edges(dataset)]
    tally = Counter(one.sort for one in found)
    tally["left-out"] = max(tally["left-out"], dataset.header.left_out_in_all)
    place = list(SORTS).index
    return Findings(
        origin=dataset.origin(),
        inputs=sum(one.sort != STAGE for one in dataset.inputs),
        providers=len(dataset.providers),
        provisions=len(dataset.provisions),
        edges=len(dataset.edges),
        tally={sort: tally[sort] for sort in SORTS if tally[sort]},
        findings=tuple(sorted(found, key=lambda one: place(one.sort))),
    )


def _whole(dataset: Dataset) -> Iterator[Finding]:
    header = dataset.header
    if dataset.chunks_here < header.chunks:
        lacking = header.chunks - dataset.chunks_here
        yield Finding("not-whole", header.name, f"{lacking} of {header.chunks} parts have not come: import it again")
    for line in header.left_out:
        where, _, why = line.partition(": ")
        yield Finding("left-out", where, why)


def _provisions(dataset: Dataset) -> Iterator[Finding]:
    given: defaultdict[tuple[str, str, str], list[float | None]] = defaultdict(list)
    for one in dataset.provisions:
        provider, of = dataset.provider_of.get(one.provider), dataset.input_of.get(one.input)
        subject = f"{provider.name if provider else one.provider} -> {of.name if of else one.input}"
        if provider is None:
            yield Finding("unknown-provider", subject, f"no provider is called {one.provider}")
        if of is None:
            yield Finding("unknown-input", subject, f"no input is called {one.input}")
        if one.share_pct is None:
            yield Finding("no-share", subject, "the source names no number")
        elif not one.source:
            yield Finding("no-source", subject, f"{one.share_pct:g} % of {one.year or 'no year'}, without a source")
        given[one.provider, one.input, BASES[one.counts]].append(one.share_pct)
    for (provider_key, input_key, _), shares in given.items():
        if len(shares) > 1:
            subject = f"{provider_key} -> {input_key}"
            if len(set(shares)) == 1:
                yield Finding("duplicate", subject, f"stands there {len(shares)} times; it counts once")
            else:
                numbers = ", ".join("none" if share is None else f"{share:g}" for share in shares)
                yield Finding("contradiction", subject, f"{numbers} %: the greatest counts")


def _inputs(dataset: Dataset) -> Iterator[Finding]:
    sets = sets_of(dataset)
    provided = {one.input for one in dataset.provisions}
    for one in dataset.inputs:
        if one.key not in provided:
            yield Finding("no-providers", one.name, f"{one.key}: no row says who provides it")
        elif one.key not in sets:
            yield Finding("unnumbered", one.name, f"{one.key}: providers are named, no shares")
        for each in sets.get(one.key, ()):
            if each.basis is not Basis.HEADQUARTERS and abs(each.known_pct - 100.0) > OFF_BY_PCT:
                after = "scaled down to 100" if each.scaled else "the rest is unknown, and said as bounds"
                yield Finding("sum", one.name, f"{each.basis} shares come to {each.known_pct:.1f} %: {after}")
    for name, count in Counter(one.name for one in dataset.inputs).items():
        if count > 1:
            yield Finding("same-name", name, f"{count} inputs bear this name")
    for key, count in Counter(one.key for one in dataset.inputs).items():
        if count > 1:
            yield Finding("duplicate", key, f"{count} inputs bear this key; the first holds")


def _providers(dataset: Dataset) -> Iterator[Finding]:
    for one in dataset.providers:
        if one.rest:
            continue
        place = one.country if one.sort is ProviderSort.FIRM else one.name
        if not place:
            yield Finding("no-headquarters", one.name, f"{one.key}: the country of its headquarters is not said")
        elif place not in COUNTRIES:
            yield Finding("unknown-country", one.name, f"{one.key}: {place} is no country of ISO 3166")
    named = Counter((one.sort, one.name) for one in dataset.providers)
    for (sort, name), count in named.items():
        if count > 1:
            yield Finding("same-name", name, f"{count} providers ({sort}) bear this name, each counted by itself")
    for key, count in Counter(one.key for one in dataset.providers).items():
        if count > 1:
            yield Finding("duplicate", key, f"{count} providers bear this key; the first holds")


def _edges(dataset: Dataset) -> Iterator[Finding]:
    def named(key: str) -> str:
        of = dataset.input_of.get(key)
        return f"{of.name} ({key})" if of else key

    for one in dataset.edges:
        subject = f"{named(one.input)} -> {named(one.into)}"
        for key in (one.input, one.into):
            if key not in dataset.input_of:
                yield Finding("unknown-input", subject, f"no input is called {key}")
    for one in order(dataset.input_of, dataset.edges).set_aside:
        yield Finding("cycle", f"{named(one.input)} -> {named(one.into)}", f"{one.sort}: lies on a circle; set aside")
    for one, count in Counter(dataset.edges).items():
        if count > 1:
            yield Finding("duplicate", f"{one.input} -> {one.into}", f"stands there {count} times; it counts once")
