"""The semiconductor supply chain data set of the Center for Security and Emerging Technology, read at run time.

Five files: inputs, providers, provision, sequence, stages. They are licensed CC BY-NC 4.0 and are no part of this
program: who imports them keeps the licence, and each number its source and year. What cannot be read becomes a line
that says so; the rest goes on.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from laurel.core.errors import BadAsk
from laurel.instruments.supply.dataset import MAX_CHUNK_BYTES, STAGE, PutDatasetAsk, PutRowsAsk
from laurel.instruments.supply.records import MAX_CHUNKS, MAX_ROWS, Edge, Input, Provider, Provision
from laurel.instruments.supply.words import Counts, EdgeSort, ProviderSort

TITLE = "The Semiconductor Supply Chain"
SOURCE = (
    "Center for Security and Emerging Technology (CSET), Georgetown University: Advanced Semiconductor Supply Chain"
)
LICENCE = "CC BY-NC 4.0: Creative Commons Attribution-NonCommercial 4.0 International"

CHART = (
    "market_share_chart_global_market_size_info",
    "market_share_chart_caption",
    "market_share_chart_source",
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inputs.csv": ("input_id", "input_name", "type", "stage_name", "description", "year", *CHART),
    "providers.csv": ("provider_id", "provider_name", "alias", "provider_type", "country"),
    "provision.csv": ("provider_id", "provided_id", "share_provided", "year", "source"),
    "sequence.csv": ("input_id", "goes_into_id", "is_type_of_id"),
    "stages.csv": ("stage_id", "stage_name", "description", *CHART),
}
"""The files, and the columns of each that must be there."""

MOST_LINES = 200
LONGEST_LINE = 400
LONGEST_REMARK = 2_000
PROVIDERS = {"organization": ProviderSort.FIRM, "country": ProviderSort.COUNTRY}
REST = "Various"
"""How the name of a provider begins who is no one in particular."""

Row = Mapping[str, str]
Say = Callable[[str], None]
Made = TypeVar("Made", bound=Struct)


class NotChips(BadAsk):
    """What was given cannot be read as a data set at all."""

    says = "these are not the files of a supply chain data set"
    remedy = f"give a folder with {', '.join(COLUMNS)}, in UTF-8, each with its header line"


def read_chips(
    files: Mapping[str, bytes], *, name: str = "chips", title: str = TITLE, source: str = SOURCE, licence: str = LICENCE
) -> tuple[PutDatasetAsk, tuple[PutRowsAsk, ...]]:
    """The header and the parts of the rows, ready to be asked. Equal files give equal asks. Raises NotChips."""
    tables = {file: _table(file, files) for file in COLUMNS}
    lines: list[str] = []
    counts = {row["stage_id"]: _counts(row) for _, row in tables["stages.csv"]}

    def each(file: str, make: Callable[[Row, Say], Iterable[Made]]) -> list[Made]:
        made: list[Made] = []
        for number, row in tables[file]:
            where = f"{file}, line {number}"
            try:
                made += make(row, lambda why, where=where: lines.append(f"{where}: {why}"))
            except msgspec.ValidationError as error:
                lines.append(f"{where}: left out, {error}")
        return made

    inputs, stages = each("inputs.csv", _input), each("stages.csv", _stage)
    providers = each("providers.csv", _provider)
    provisions = each("provision.csv", lambda row, say: _provision(row, counts, say))
    edges = each("sequence.csv", _edges)
    digest = _digest(files)
    parts = (
        *_parts(PutRowsAsk(digest, 0), "inputs", [*inputs, *stages]),
        *_parts(PutRowsAsk(digest, 0), "providers", providers),
        *_parts(PutRowsAsk(digest, 0), "provisions", provisions),
        *_parts(PutRowsAsk(digest, 0), "edges", edges),
    ) or (PutRowsAsk(digest, 0),)
    if len(parts) > MAX_CHUNKS:
        raise NotChips(parts=len(parts), at_most=MAX_CHUNKS)
    header = PutDatasetAsk(
        name=name,
        title=title,
        source=source,
        licence=licence,
        digest=digest,
        chunks=len(parts),
        inputs=len(inputs),
        providers=len(providers),
        provisions=len(provisions),
        edges=len(edges),
        left_out=tuple(line[:LONGEST_LINE] for line in lines[:MOST_LINES]),
        left_out_in_all=len(lines),
    )
    return header, tuple(msgspec.structs.replace(part, index=index) for index, part in enumerate(parts))


# Files


def _table(file: str, files: Mapping[str, bytes]) -> list[tuple[int, Row]]:
    """Each row with the number of its last line in the file; what a row lacks is empty. Raises NotChips."""
    if file not in files:
        raise NotChips(missing=file)
    try:
        reader = csv.DictReader(io.StringIO(files[file].decode("utf-8-sig"), newline=""), restval="")
        lacking = [column for column in COLUMNS[file] if column not in (reader.fieldnames or ())]
        rows: list[tuple[int, Row]] = [
            (reader.line_num, {name: str(row[name] or "").strip() for name in COLUMNS[file]}) for row in reader
        ]
    except (UnicodeDecodeError, csv.Error, KeyError) as error:
        raise NotChips(file=file, why=str(error)) from None
    if lacking:
        raise NotChips(file=file, lacks=", ".join(lacking))
    return rows


def _digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the hashes of the five files, in the order of `COLUMNS`."""
    return hashlib.sha256("".join(hashlib.sha256(files[file]).hexdigest() for file in COLUMNS).encode()).hexdigest()


def _parts(empty: PutRowsAsk, of: str, rows: Sequence[Struct]) -> Iterator[PutRowsAsk]:
    """These rows in as many parts as it takes for each to be short enough for a record."""
    if not rows:
        return
    part = msgspec.structs.replace(empty, **{of: tuple(rows)})
    if len(rows) <= MAX_ROWS and len(msgspec.json.encode(part)) <= MAX_CHUNK_BYTES:
        yield part
        return
    half = len(rows) // 2
    yield from _parts(empty, of, rows[:half])
    yield from _parts(empty, of, rows[half:])


# Rows


def _input(row: Row, say: Say) -> Iterable[Input]:
    return [
        msgspec.convert(
            {
                "key": row["input_id"],
                "name": row["input_name"],
                "sort": row["type"],
                "stage": row["stage_name"],
                "text": _remark(row["description"], say),
                "year": _year(row["year"], say),
                "market_size": row["market_share_chart_global_market_size_info"],
                "source": _remark(row["market_share_chart_source"], say),
            },
            Input,
        )
    ]


def _stage(row: Row, say: Say) -> Iterable[Input]:
    return [
        msgspec.convert(
            {
                "key": row["stage_id"],
                "name": row["stage_name"],
                "sort": STAGE,
                "stage": row["stage_name"],
                "text": _remark(row["description"], say),
                "market_size": row["market_share_chart_global_market_size_info"],
                "source": _remark(row["market_share_chart_source"], say),
            },
            Input,
        )
    ]


def _counts(row: Row) -> Counts | None:
    """What a stage's own caption says that its shares count."""
    caption = row["market_share_chart_caption"].lower()
    if "site" in caption:
        return Counts.SITE
    return Counts.HEADQUARTERS if "headquarter" in caption else None


def _provider(row: Row, say: Say) -> Iterable[Provider]:
    if row["provider_type"] not in PROVIDERS:
        say(f"left out, provider_type {row['provider_type']!r} is none of {', '.join(PROVIDERS)}")
        return ()
    found = {
        "key": row["provider_id"],
        "name": row["provider_name"],
        "sort": PROVIDERS[row["provider_type"]],
        "alias": row["alias"],
        "country": row["country"],
        "rest": row["provider_name"].startswith(REST),
    }
    return (msgspec.convert(found, Provider),)


def _provision(row: Row, counts: Mapping[str, Counts | None], say: Say) -> Iterable[Provision]:
    found = {
        "provider": row["provider_id"],
        "input": row["provided_id"],
        "share_pct": _share(row["share_provided"], say),
        "year": _year(row["year"], say),
        "source": _remark(row["source"], say),
        "counts": counts.get(row["provided_id"]),
    }
    return (msgspec.convert(found, Provision),)


def _edges(row: Row, say: Say) -> Iterable[Edge]:
    found = [
        msgspec.convert({"input": row["input_id"], "into": row[column], "sort": sort}, Edge)
        for column, sort in (("goes_into_id", EdgeSort.GOES_INTO), ("is_type_of_id", EdgeSort.IS_TYPE_OF))
        if row[column]
    ]
    if not found:
        say("left out, it neither goes into anything nor is a type of anything")
    return found


def _share(text: str, say: Say) -> float | None:
    if not text:
        return None
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if 0.0 <= share <= 100.0:
        return share
    say(f"share {text[:40]!r} is no percentage: kept without a number")
    return None


def _year(text: str, say: Say) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and 1900 <= int(text[:9]) <= 2200:
        return int(text)
    say(f"year {text[:40]!r} is none: kept without a year")
    return None


def _remark(text: str, say: Say) -> str:
    if len(text) > LONGEST_REMARK:
        say(f"a text of {len(text)} characters was cut to {LONGEST_REMARK}")
    return text[:LONGEST_REMARK]
