"""A data set comes in at run time, stays at home, and says what is wrong in it; the rest goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.instruments.supply.trade import (
    DIGEST,
    EDGES,
    INPUTS,
    JPN,
    KOR,
    Trade,
    country,
    firm,
    header,
    rows,
    share,
)

from laurel.core.errors import BadField, Nothing
from laurel.core.record import MAX_RECORD_BYTES
from laurel.gateways.chips import COLUMNS, NotChips, read_chips
from laurel.instruments.supply.answers import Concentration, Findings, Graph, Inputs, InputWhole
from laurel.instruments.supply.concentration import ConcentrationAsk
from laurel.instruments.supply.dataset import PutRowsAsk
from laurel.instruments.supply.inputs import DatasetAsk, InputAsk, InputsAsk
from laurel.instruments.supply.records import DATASET_PUT, ROWS_PUT, Edge
from laurel.instruments.supply.words import Basis, EdgeSort


@pytest.fixture(scope="module")
def chips(shared_data: Path) -> dict[str, bytes]:
    return {name: (shared_data / "chips" / name).read_bytes() for name in COLUMNS}


@pytest.fixture(scope="module")
def imported(chips: dict[str, bytes]) -> Trade:
    trade = Trade()
    head, parts = read_chips(chips)
    for part in parts:
        trade.ask(JPN, "put-rows", part)
    trade.ask(JPN, "put-dataset", head)
    return trade


def found(trade: Trade, sort: str) -> list[str]:
    report: Findings = trade.query(JPN, "findings", DatasetAsk())
    return [f"{one.subject}: {one.words}" for one in report.findings if one.sort == sort]


# The semiconductor data set


def test_the_semiconductor_data_set_comes_in_whole(imported: Trade) -> None:
    report: Findings = imported.query(JPN, "findings", DatasetAsk())
    assert (report.inputs, report.providers, report.provisions, report.edges) == (126, 403, 1300, 139)
    assert "CC BY-NC 4.0" in report.origin.licence
    assert report.origin.years == (2019, 2021, 2022, 2025)
    assert report.tally["no-share"] == 246
    assert report.tally["no-providers"] == 16
    assert report.tally["unknown-country"] == 1
    assert found(imported, "sum")[0].endswith("unstated shares come to 102.0 %: scaled down to 100")
    assert "cycle" not in report.tally


def test_ninety_of_the_ninety_six_sets_by_country_lie_above_2500(imported: Trade) -> None:
    counted: Concentration = imported.query(JPN, "concentration", ConcentrationAsk())
    stated = next(one for one in counted.tallies if one.basis == "stated")
    assert (stated.sets, stated.as_given) == (96, 90)
    assert (stated.above, stated.above + stated.perhaps) == (88, 90)
    sites = next(one for one in counted.tallies if one.basis == Basis.SITE)
    assert (sites.sets, sites.above) == (2, 0)


def test_every_other_input_comes_before_the_last_product(imported: Trade) -> None:
    listed: Inputs = imported.query(JPN, "inputs", InputsAsk())
    last = next(one for one in listed.inputs if one.name == "Finished logic chip")
    assert last.upstream == 125
    graph: Graph = imported.query(JPN, "graph", DatasetAsk())
    assert len(graph.edges) == 139
    assert max(graph.nodes, key=lambda one: one.layer).name == "Finished logic chip"


def test_each_number_keeps_its_year_source_and_licence(imported: Trade) -> None:
    one: InputWhole = imported.query(JPN, "input", InputAsk("EUV lithography tools"))
    stated = next(each for each in one.sets if each.basis is Basis.UNSTATED)
    assert stated.years
    assert stated.sources
    assert one.origin.licence.startswith("CC BY-NC 4.0")
    assert one.origin.years == tuple(sorted({year for each in one.sets for year in each.years}))


def test_its_parts_fit_into_records_and_equal_files_give_equal_asks(chips: dict[str, bytes]) -> None:
    head, parts = read_chips(chips)
    assert read_chips(dict(reversed(chips.items()))) == (head, parts)
    assert all(len(msgspec.json.encode(part)) < MAX_RECORD_BYTES * 0.8 for part in parts)
    assert [part.index for part in parts] == list(range(head.chunks))


# What is wrong in files


def files(**changed: str) -> dict[str, bytes]:
    """A small set of files in the form of that data set."""
    chart = ",,,"
    given = {
        "inputs": f"N1,Ore,material,,,2025{chart[:-1]}\nN2,Metal,material,,,2025{chart[:-1]}\n",
        "providers": "P1,JPN,Japan,country,\nP2,Amatsu Works,,organization,JPN\n",
        "provision": "P1,N1,60,2025,a source\nP2,N1,,2025,\n",
        "sequence": "N1,N2,\n",
        "stages": "S1,Making,,,by site location,\n",
        **changed,
    }
    return {file: (",".join(COLUMNS[file]) + "\n" + given[file.partition(".")[0]]).encode() for file in COLUMNS}


def test_what_cannot_be_read_is_said_by_file_and_line_and_the_rest_goes_on() -> None:
    bad = "P1,N1,140,2025,s\nP1,N2,about half,20x5,s\nP1,,3,2025,s\nP1,N2,nan,2025,s\nP1,N1,12.5,2025,s\n"
    head, [part, *others] = read_chips(files(provision=bad, sequence="N1,,\nN1,N2,\n"))
    provisions = [one for each in (part, *others) for one in each.provisions]
    assert [one.share_pct for one in provisions] == [None, None, None, 12.5]
    assert [one.partition(":")[0] for one in head.left_out] == [
        *("provision.csv, line 2", "provision.csv, line 3", "provision.csv, line 3"),
        *("provision.csv, line 4", "provision.csv, line 5", "sequence.csv, line 2"),
    ]
    assert head.left_out_in_all == 6
    assert (head.provisions, head.edges) == (4, 1)


@pytest.mark.parametrize("spoiled", [None, b"\xff\xfe not utf-8", b"something,else\n1,2\n", b""])
def test_files_of_something_else_are_refused_whole(spoiled: bytes | None) -> None:
    given = files()
    del given["inputs.csv"]
    with pytest.raises(NotChips):
        read_chips(given if spoiled is None else {**given, "inputs.csv": spoiled})


# What is wrong in rows


def test_shares_that_come_to_140_percent_are_scaled_down_and_said() -> None:
    trade = Trade()
    trade.put(rows(provisions=[share("C1", "N1", 70.0), share("C2", "N1", 70.0)]))
    assert found(trade, "sum") == ["Ore: unstated shares come to 140.0 %: scaled down to 100"]
    [one] = trade.query(JPN, "concentration", ConcentrationAsk()).sets
    assert one.scaled
    assert [row.least_pct for row in one.shares] == pytest.approx([50.0, 50.0])
    assert one.herfindahl.most == pytest.approx(5_000.0)


def test_a_circle_is_named_edge_by_edge_and_the_rest_goes_on() -> None:
    trade = Trade()
    trade.put(rows(edges=[*EDGES, Edge("N4", "N1", EdgeSort.GOES_INTO)]))
    assert sorted(one.partition(":")[0] for one in found(trade, "cycle")) == [
        "Chips (N4) -> Ore (N1)",
        "Metal (N2) -> Chips (N4)",
        "Ore (N1) -> Metal (N2)",
    ]
    graph: Graph = trade.query(JPN, "graph", DatasetAsk())
    assert [(one.input, one.into) for one in graph.edges if not one.cycle] == [("N3", "N4")]


def test_unknown_countries_and_firms_without_headquarters_are_named() -> None:
    trade = Trade()
    trade.put(rows(providers=[country("C1", "ATL"), firm("F1", "Amatsu Works"), firm("F2", "Beihai", "Europe")]))
    assert found(trade, "unknown-country") == [
        "ATL: C1: ATL is no country of ISO 3166",
        "Beihai: F2: Europe is no country of ISO 3166",
    ]
    assert found(trade, "no-headquarters") == ["Amatsu Works: F1: the country of its headquarters is not said"]


def test_rows_that_stand_twice_count_once_and_of_two_numbers_the_greater_does() -> None:
    trade = Trade()
    twice = [share("C1", "N1", 40.0), share("C1", "N1", 40.0), share("C2", "N1", 30.0), share("C2", "N1", 50.0)]
    trade.put(rows(provisions=twice))
    assert found(trade, "duplicate") == ["C1 -> N1: stands there 2 times; it counts once"]
    assert found(trade, "contradiction") == ["C2 -> N1: 30, 50 %: the greatest counts"]
    [one] = trade.query(JPN, "concentration", ConcentrationAsk()).sets
    assert {row.name: row.least_pct for row in one.shares} == {"JPN": 40.0, "CHN": 50.0}


def test_rows_that_name_what_is_not_there_are_said_and_left_aside() -> None:
    trade = Trade()
    trade.put(
        rows(
            provisions=[share("C9", "N1", 40.0), share("C1", "N9", 40.0)], edges=[Edge("N1", "N9", EdgeSort.IS_TYPE_OF)]
        )
    )
    assert len(found(trade, "unknown-provider")) == 1
    assert len(found(trade, "unknown-input")) == 2
    assert trade.query(JPN, "concentration", ConcentrationAsk()).sets == ()


# At home


def test_a_data_set_never_leaves_the_house_and_one_from_a_peer_counts_for_nothing() -> None:
    trade = Trade()
    trade.put()
    for node in trade.nodes.of.values():
        kinds = sorted(record.kind for _, record in node.log)
        assert kinds == ([DATASET_PUT.name, ROWS_PUT.name] if node.member == JPN else [])
    home = trade.nodes.of[JPN]
    for record_id, record in home.log:
        told = msgspec.structs.replace(record, label=msgspec.structs.replace(record.label, rel_to=(JPN, KOR)))
        trade.nodes.of[KOR].view.fold(record_id, told)
    with pytest.raises(Nothing):
        trade.query(KOR, "findings", DatasetAsk())


def test_an_import_can_be_repeated_and_says_until_it_is_whole_that_it_is_not() -> None:
    trade = Trade()
    trade.ask(JPN, "put-dataset", header(chunks=2))
    trade.ask(JPN, "put-rows", rows())
    assert found(trade, "not-whole") == ["trade: 1 of 2 parts have not come: import it again"]
    assert trade.ask(JPN, "put-rows", rows()) == []
    trade.ask(JPN, "put-rows", PutRowsAsk(DIGEST, 1))
    assert found(trade, "not-whole") == []
    [one] = trade.query(JPN, "datasets").datasets
    assert (one.chunks, one.chunks_here) == (2, 2)


def test_the_set_imported_last_of_a_name_holds() -> None:
    trade = Trade()
    trade.put()
    newer = msgspec.structs.replace(header(), digest="cd" * 32)
    trade.ask(JPN, "put-dataset", newer)
    trade.ask(JPN, "put-rows", PutRowsAsk("cd" * 32, 0, rows(named=INPUTS[:1]).inputs))
    assert [one.holds for one in trade.query(JPN, "datasets").datasets] == [True, False]
    assert len(trade.query(JPN, "inputs", InputsAsk()).inputs) == 1


def test_a_part_that_no_record_could_hold_is_refused() -> None:
    long = [share(f"C{number}", "N1", 1.0) for number in range(2_000)]
    trade = Trade()
    with pytest.raises(BadField):
        trade.ask(JPN, "put-rows", rows(provisions=[msgspec.structs.replace(one, source="s" * 200) for one in long]))


def test_inputs_are_found_by_key_and_by_name_and_list_what_hangs_together() -> None:
    trade = Trade()
    trade.put()
    by_key: InputWhole = trade.query(JPN, "input", InputAsk("N2"))
    assert by_key == trade.query(JPN, "input", InputAsk("  mETAL "))
    assert (by_key.upstream, by_key.downstream) == (("Ore",), ("Chips",))
    assert [(one.name, one.sort) for one in by_key.into] == [("Chips", EdgeSort.GOES_INTO)]
    [row] = trade.query(JPN, "inputs", InputsAsk(words="met")).inputs
    assert (row.firms, row.countries, row.upstream, row.downstream) == (3, 2, 1, 1)
    with pytest.raises(Nothing):
        trade.query(JPN, "input", InputAsk("Silk"))
