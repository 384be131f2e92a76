"""What the compacts' files say of the dialogue, put on record by the same code for every grouping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.instruments.harness import Nodes

from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, label
from laurel.instruments.dialogue import INSTRUMENT
from laurel.instruments.dialogue.charter import DeclareCharterAsk
from laurel.instruments.dialogue.commitment_types import Commitments
from laurel.instruments.dialogue.commitments import CommitmentsAsk
from laurel.instruments.dialogue.meeting_board import MeetingsAsk
from laurel.instruments.dialogue.meeting_types import Meetings, SeriesList
from laurel.node.home.compact import load_compact

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
OFFICER = "officer:abe"
COMPACTS = ("camp-david", "quad", "aukus")


def declared(name: str) -> Nodes:
    """The nodes of that grouping, each having declared what its file says."""
    compact = load_compact(name)
    members = {one.code for one in compact.members}
    nodes = Nodes(INSTRUMENT, members)
    for member in nodes.members:
        declare(nodes, member, compact.charter, members)
    return nodes


def declare(nodes: Nodes, member: str, charter: dict[str, dict[str, Any]], members: set[str]) -> None:
    node = nodes.of[member]
    desk = replace(node.desk(OFFICER, NOW), charter=charter)
    decide = next(one.decide for one in INSTRUMENT.commands if one.name == "declare-charter")
    ask = DeclareCharterAsk(label(Classification.UNCLASSIFIED, members))
    for draft in decide(ask, node.view, desk):
        nodes.say(draft, desk)
    nodes.settle(NOW)


def series_of(nodes: Nodes, member: str) -> SeriesList:
    return nodes.of[member].query("series", NoAsk(), NOW)


@pytest.mark.parametrize("name", COMPACTS)
def test_every_member_sees_the_same_series_meetings_and_commitments_each_with_its_source(name: str) -> None:
    nodes = declared(name)
    said = load_compact(name).charter["dialogue"]
    for member in nodes.members:
        node = nodes.of[member]
        series = series_of(nodes, member).series
        meetings: Meetings = node.query("meetings", MeetingsAsk(most=500), NOW)
        promised: Commitments = node.query("commitments", CommitmentsAsk(closed=True, most=500), NOW)
        assert {row.series.name for row in series} == {one["name"] for one in said["series"]}
        assert all(row.declared_by == nodes.members and row.differs == () for row in series)
        assert len(meetings.meetings) == len(said["meetings"])
        assert len(promised.commitments) == sum(len(one["bound"]) for one in said["commitments"])
        sources = [row.series.source for row in series]
        sources += [row.source for row in meetings.meetings]
        sources += [row.citation for row in promised.commitments]
        assert all(one is not None and one.url.startswith("http") and one.date <= NOW.date() for one in sources)


@pytest.mark.parametrize("name", COMPACTS)
def test_what_is_on_record_is_not_declared_again(name: str) -> None:
    nodes = declared(name)
    compact = load_compact(name)
    before = {member: len(nodes.of[member].log) for member in nodes.members}
    for member in nodes.members:
        with pytest.raises(Nothing):
            declare(nodes, member, compact.charter, {one.code for one in compact.members})
    assert {member: len(nodes.of[member].log) for member in nodes.members} == before


def test_the_next_meeting_of_each_series_is_owed_a_year_after_the_last_that_was_held() -> None:
    rows = {row.series.name: row for row in series_of(declared("camp-david"), "KOR").series}
    owed = {name: row.owed_by.date() for name, row in rows.items() if row.owed_by is not None}
    assert owed["leaders"] == date(2025, 11, 15)
    assert owed["foreign-ministers"] == date(2026, 9, 22)
    assert owed["security-advisers"] == date(2025, 10, 25)
    assert {name for name, row in rows.items() if row.overdue} >= {"leaders", "security-advisers"}
    assert not rows["foreign-ministers"].overdue
    # Nothing is owed where no frequency was promised.
    assert owed.keys().isdisjoint({"finance-ministers", "secretariat", "cyber-working-group"})


def test_the_secretariat_is_the_republic_of_koreas_for_two_years_and_then_the_united_states() -> None:
    nodes = declared("camp-david")
    for day, holder in ((date(2026, 1, 15), "KOR"), (date(2026, 11, 21), "USA"), (date(2028, 11, 20), "JPN")):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        rows: SeriesList = nodes.of["JPN"].query("series", NoAsk(), at)
        [row] = [row for row in rows.series if row.series.name == "secretariat"]
        assert row.secretariat == holder
    assert row.secretariat_until == date(2030, 11, 20)


def test_the_hosts_of_the_defence_ministers_take_turns() -> None:
    [row] = [row for row in series_of(declared("camp-david"), "USA").series if row.series.name == "defence-ministers"]
    assert row.last is not None
    assert (row.last.host, row.next_host) == ("JPN", "KOR")


def test_meetings_were_held_in_their_time_and_none_is_of_the_future() -> None:
    for name in COMPACTS:
        node = declared(name).of["USA"]
        meetings: Meetings = node.query("meetings", MeetingsAsk(most=500), NOW)
        assert all(row.state == "held" for row in meetings.meetings)
        assert all(row.ends_at - row.begins_at < timedelta(days=6) for row in meetings.meetings)
        assert all(row.begins_at.year in {2023, 2024, 2025} for row in meetings.meetings)
