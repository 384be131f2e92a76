"""339 published tests become past incidents: as many in each year as the list has, unknown where it says nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.instruments.region.desk import Desk, all_three, source

from laurel.core.errors import BadField
from laurel.gateways.missile_tests import DATASET, Listed, past_incident, read_tests
from laurel.instruments.region.board_types import Years
from laurel.instruments.region.filing import ImportPastAsk
from laurel.instruments.region.incidents import IncidentsAsk
from laurel.instruments.region.records import ReadFrom
from laurel.instruments.region.years import YearsAsk

TOGETHER = 100
LATER = datetime(2100, 1, 1, tzinfo=UTC)
PLACES = b'{"facilities": {"a-base": {"name": "A base", "lat": 40.0, "lon": 125.0}}}'


def listed(folder: Path) -> Listed:
    return read_tests((folder / "test.en.json").read_bytes(), (folder / "facility.en.json").read_bytes())


def take(desk: Desk, found: Listed, report: str) -> int:
    """How many records it takes to say all that the list says."""
    incidents = [past_incident(one, report) for one in found.lines]
    return sum(
        len(desk.ask("JPN", "import-past", ImportPastAsk(tuple(incidents[n : n + TOGETHER]), all_three()), LATER))
        for n in range(0, len(incidents), TOGETHER)
    )


def a_list(*tests: dict[str, Any]) -> bytes:
    unknown = dict.fromkeys(("time", "missile", "landing", "apogee", "distance", "outcome"), "unknown")
    common = {**unknown, "date": "2001-02-03", "facility": "a-base", "bearing": 90, "description": ""}
    return json.dumps({"timeBins": [{"year": 2001, "data": [{**common, **one} for one in tests]}]}).encode()


def test_the_published_list_imports_with_its_own_count_of_every_year(desk: Desk, shared_data: Path) -> None:
    found = listed(shared_data / "missile-tests")
    assert (len(found.lines), found.findings) == (339, ())
    report = desk.file("JPN", source("The list", read_from=ReadFrom.DATASET))
    assert take(desk, found, report) == 339
    years = desk.look("KOR", "years", YearsAsk(dataset=DATASET))
    assert isinstance(years, Years)
    assert {one.year: one.incidents for one in years.years} == found.years
    assert years.incidents == sum(found.years.values()) == 339
    assert take(desk, found, report) == 0


def test_what_the_list_does_not_know_is_said_as_unknown() -> None:
    [line] = read_tests(a_list({"facility": "nowhere", "apogee": "na"}), PLACES).lines
    incident = past_incident(line, "a" * 64)
    assert incident.when.begins_at == datetime(2001, 2, 3, tzinfo=UTC)
    assert incident.when.ends_at - incident.when.begins_at == timedelta(days=1)
    assert (incident.where, incident.outcome) == (None, None)
    assert [one.name for one in incident.figures] == ["bearing"]
    assert incident.title == "Launch of a missile of unknown type, site unknown"
    assert "time unknown" in incident.text
    assert "apogee unknown, distance unknown" in incident.text
    assert "at the site (UTC+9) is from 2001-02-03 09:00 to 2001-02-04 09:00" in incident.text


def test_a_time_is_kept_to_the_minute_and_said_in_local_time_too() -> None:
    [line] = read_tests(a_list({"time": "22:22 (UTC)", "apogee": 970, "distance": 4500}), PLACES).lines
    incident = past_incident(line, "a" * 64)
    assert incident.when.begins_at == incident.when.ends_at == datetime(2001, 2, 3, 22, 22, tzinfo=UTC)
    assert [(one.name, one.value, one.unit) for one in incident.figures][:2] == [
        ("apogee", 970.0, "km"),
        ("distance", 4500.0, "km"),
    ]
    assert incident.where is not None
    assert incident.where.name == "A base"
    assert "Local time at the site (UTC+9): 2001-02-04 07:22." in incident.text


def test_a_month_is_a_month_and_two_of_a_day_have_names_of_their_own() -> None:
    lines = read_tests(a_list({"date": "2001-12"}, {}, {}), PLACES).lines
    assert [one.slug for one in lines] == ["2001-12-1", "2001-02-03-1", "2001-02-03-2"]
    assert lines[0].when.ends_at == datetime(2002, 1, 1, tzinfo=UTC)


def test_a_line_that_is_none_is_named_and_the_rest_goes_on() -> None:
    found = read_tests(a_list({"date": "2001-99-99"}, {"time": "27:00 (UTC)"}, {"facility": "elsewhere"}), PLACES)
    assert [one.slug for one in found.lines] == ["2001-02-03-2"]
    assert [one.split(":")[0] for one in found.findings] == ["2001, line 1", "2001, line 2", "2001-02-03-2"]
    for broken in (b"", b"[]", b"{", b'{"timeBins": 3}'):
        with pytest.raises(BadField):
            read_tests(broken, PLACES)


def test_a_list_that_changed_amends_what_it_said_before(desk: Desk) -> None:
    report = desk.file("JPN", source("The list", read_from=ReadFrom.DATASET))
    assert take(desk, read_tests(a_list({}, {}), PLACES), report) == 2
    assert take(desk, read_tests(a_list({}, {"outcome": "failure"}), PLACES), report) == 1
    rows = desk.look("USA", "incidents", IncidentsAsk(dataset=DATASET)).incidents
    assert sorted((one.outcome or "", one.amended) for one in rows) == [("", 0), ("failure", 1)]
