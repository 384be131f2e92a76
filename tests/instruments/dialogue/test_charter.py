"""What the compact's file says is put on record by its members, each for itself, once."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from tests.instruments.dialogue.houses import ALL, MEMBERS, OFFICER, Houses

from laurel.core.errors import Nothing
from laurel.instruments.dialogue.charter import BadCharter, DeclareCharterAsk, declare_charter
from laurel.instruments.dialogue.meeting_board import MeetingsAsk
from laurel.instruments.dialogue.offices import AbolishOfficeAsk, OpenOfficeAsk

FILE = """
[[series]]
name = "foreign-ministers"
title = "Foreign ministers' meeting"
language = "en"
tier = "ministers"
topic = "foreign-affairs"
starts_on = 2023-08-18
at_least_every_months = 12
offices = [{ member = "JPN", office = "Minister for Foreign Affairs" }]
source = { title = "The Spirit of Camp David", url = "https://www.mofa.go.kr/", date = 2023-08-18 }

[[meetings]]
series = "foreign-ministers"
title = "In Seoul"
language = "en"
begins_at = 2024-02-22T00:00:00Z
ends_at = 2024-02-22T23:59:59Z
all_day = true
place = "Seoul"
time_zone = "Asia/Seoul"
host = "KOR"
held = true

[[meetings]]
series = "foreign-ministers"
title = "On the margins in Munich"
language = "en"
begins_at = 2025-02-15T12:00:00Z
ends_at = 2025-02-15T13:00:00Z
place = "Munich"
time_zone = "Europe/Berlin"
held = true

[[commitments]]
name = "share-warning"
words = "Share missile warning data in real time"
language = "en"
topic = "warning"
bound = [{ member = "JPN", office = "Minister of Defense" }, { member = "USA", office = "Secretary" }]

[[commitments]]
name = "own"
words = "Something of one"
language = "en"
topic = "warning"
member = "KOR"
office = "Minister of National Defense"
"""


def declare(houses: Houses, member: str, charter: str = FILE) -> list[str]:
    node = houses.nodes.of[member]
    houses.later(seconds=1)
    desk = dataclasses.replace(node.desk(OFFICER, houses.at), charter={"dialogue": tomllib.loads(charter)})
    return [houses.nodes.say(draft, desk) for draft in declare_charter(DeclareCharterAsk(ALL), node.view, desk)]


def test_three_capitals_put_each_thing_on_record_once() -> None:
    houses = Houses()
    for member in MEMBERS:
        declare(houses, member)
    row = houses.series("USA")
    assert (row.declared_by, row.differs, row.held) == (MEMBERS, (), 2)
    assert row.last is not None
    assert (row.last.title, row.last.convener) == ("On the margins in Munich", "JPN")
    meetings = houses.look("JPN", "meetings", MeetingsAsk()).meetings
    assert [(one.place, one.convener, one.state) for one in meetings] == [
        ("Munich", "JPN", "held"),
        ("Seoul", "KOR", "held"),
    ]
    promised = houses.promised("KOR").values()
    assert {(one.member, one.by, one.name, one.source) for one in promised} == {
        ("JPN", "JPN", "share-warning", "charter"),
        ("USA", "USA", "share-warning", "charter"),
        ("KOR", "KOR", "own", "charter"),
    }


def test_declared_twice_it_says_nothing_new() -> None:
    houses = Houses()
    assert len(declare(houses, "KOR")) == 3
    with pytest.raises(Nothing):
        declare(houses, "KOR")
    longer = FILE.replace("Munich", "München", 1)
    assert len(declare(houses, "JPN")) == 3
    assert len(declare(houses, "JPN", longer)) == 1, "what the file says since is said"


def test_a_file_of_the_past_binds_no_office_that_is_no_more() -> None:
    houses = Houses()
    houses.ask("JPN", "open-office", OpenOfficeAsk("Minister of Defense", ALL))
    houses.ask("JPN", "abolish-office", AbolishOfficeAsk("Minister of Defense", "Reorganised."))
    declare(houses, "JPN")
    assert houses.promised() == {}


@pytest.mark.parametrize(
    ("line", "instead", "named"),
    [
        ('tier = "ministers"', 'tier = "kings"', "Foreign|foreign-ministers"),
        ('name = "own"', "", "no name"),
        ("2024-02-22T00:00:00Z", '"soon"', "In Seoul"),
        ('office = "Minister of National Defense"', "", "own"),
        ("[[meetings]]", "[meetings]", "TOML|meetings"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_entry(line: str, instead: str, named: str) -> None:
    text = FILE.replace(line, instead)
    text = text if "[meetings]" not in instead else FILE.split("[[meetings]]", maxsplit=1)[0] + "[meetings]\n"
    with pytest.raises(BadCharter, match=named):
        declare(Houses(), "KOR", text)
