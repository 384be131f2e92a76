"""Show 4 on three real nodes: a saved article, 339 published tests, and a launch that was announced before it flew."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.nodes.flying import Flying, hold
from tests.nodes.test_show_five import Capital
from tests.nodes.three import MEMBERS, Node, laurel, seen, three_nodes

from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.gateways.demo.door import Door
from laurel.gateways.missile_tests import DATASET
from laurel.instruments.region.board_types import Notices
from laurel.instruments.region.notices import NotifyLaunchAsk
from laurel.instruments.region.records import (
    Corner,
    HazardArea,
    Interval,
    LaunchClass,
    NotifiedLaunch,
    Spot,
)
from laurel.instruments.warning.records import NoticeFit

WRITTEN = Path(__file__).parents[1] / "gateways" / "written"
BANNER = "RESTRICTED//REL TO USA, JPN, KOR"
ALL = label(Classification.RESTRICTED, set(MEMBERS))
RATE = 8.0


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_what_the_region_shows_is_believed_as_far_as_its_sources_and_its_notices_go(
    tmp_path: Path, shared_data: Path
) -> None:
    async with three_nodes(tmp_path) as nodes:
        capitals = {member: terminal(node, tmp_path) for member, node in nodes.items()}
        await a_saved_article_becomes_a_graded_source(capitals)
        await published_tests_become_past_incidents(capitals, shared_data / "missile-tests")
        await an_announced_launch_is_matched_to_its_track(nodes)


def terminal(node: Node, folder: Path) -> Capital:
    """That member's terminal, with an analyst's token in a file."""
    token = folder / f"{node.member}.analyst"
    token.write_text(node.token(Role.ANALYST, Role.WATCH_OFFICER))
    return Capital(node, token)


async def typed(capital: Capital, *words: str | Path) -> Any:
    """What a verb of the region prints there, where it files something."""
    return await laurel("region", *words, "--url", capital.node.live.url, "--token", capital.token, "--json")


async def a_saved_article_becomes_a_graded_source(capitals: dict[str, Capital]) -> None:
    korea, japan, america = (capitals[member] for member in ("KOR", "JPN", "USA"))
    words = ("read-article", WRITTEN / "article.ko.html", "--file", "--grade", "B2", "--label", BANNER)
    filed = await typed(korea, *words)
    assert (filed["grade"], filed["label"], filed["findings"]) == ("B2", BANNER, [])
    report = filed["report"]
    again = await typed(korea, *words)
    assert (again["report"], again["again"]) == (report, True)

    incident = await korea.says(
        "region",
        "report-incident",
        incident={
            "type": "airspace",
            "title": "시험용: 에스크 해협 상공의 물체",
            "language": "ko",
            "text": "시험을 위하여 지어낸 사건입니다.",
            "when": {"begins_at": "2022-10-03T22:25:00Z", "ends_at": "2022-10-03T22:25:00Z"},
            "reports": [report],
        },
        label=ALL,
    )
    seen_there = await japan.until(lambda found: found["incidents"], "region", "incidents")
    assert [(one["id"], one["grades"]) for one in seen_there["incidents"]] == [(incident, ["B2"])]
    whole = await japan.sees("region", "incident", incident=incident)
    [source] = whole["sources"]
    assert (source["title"], source["language"]) == ("[시험용] 에스크 해협 상공을 지나간 발사체", "ko")
    assert source["published_at"] == "2022-10-03T23:05:00Z"
    assert [(one["member"], one["grade"]) for one in source["grades"]] == [("KOR", "B2")]

    mine = {"report": report, "grade": "C3", "language": "ja", "reason": "試験用の理由です。", "label": ALL}
    await japan.says("region", "grade-report", **mine)
    view = {"incident": incident, "severity": "minor", "confidence": "low", "language": "en", "label": ALL}
    await america.until(lambda found: found["incidents"], "region", "incidents")
    await america.says("region", "assess-incident", **view, text="TEST: nothing that we saw ourselves.")

    def complete(found: Any) -> bool:
        return len(found["sources"][0]["grades"]) == 2 and len(found["assessments"]) == 1

    for capital in capitals.values():
        whole = await capital.until(complete, "region", "incident", incident=incident)
        assert [one["grade"] for one in whole["sources"][0]["grades"]] == ["B2", "C3"]
        assert [one["member"] for one in whole["assessments"]] == ["USA"]
    ready = await japan.sees("consult", "ready", records=[incident])
    assert ready["subject"].startswith("시험용")


async def published_tests_become_past_incidents(capitals: dict[str, Capital], folder: Path) -> None:
    japan = capitals["JPN"]
    words = ("import-tests", folder / "test.en.json", "--facilities", folder / "facility.en.json")
    options = ("--grade", "B2", "--label", BANNER)
    taken = await typed(japan, *words, *options)
    bins = json.loads((folder / "test.en.json").read_bytes())["timeBins"]
    of_file = {str(one["year"]): len(one["data"]) for one in bins}
    assert (taken["lines"], taken["said"], taken["findings"]) == (339, 339, [])
    assert taken["years"] == of_file
    again = await typed(japan, *words, *options)
    assert (again["said"], again["report"]) == (0, taken["report"])
    for capital in capitals.values():
        found = await capital.until(lambda one: one["incidents"] == 339, "region", "years", dataset=DATASET)
        assert {str(one["year"]): one["incidents"] for one in found["years"]} == of_file


async def an_announced_launch_is_matched_to_its_track(nodes: dict[str, Node]) -> None:
    flying = await hold(nodes, nodes["USA"].to, "announced", 60.0, 330.0)
    ask = NotifyLaunchAsk(announced(flying), ALL)
    analyst = Door(flying.stage.doors["USA"].url, nodes["USA"].token(Role.ANALYST))
    await analyst.ask(flying.stage.to, "region/notify-launch", ask, "test:notice")

    async def told() -> bool:
        found = [await door.look(flying.stage.to, "region/notices", Notices) for door in flying.stage.doors.values()]
        return all(len(one.notices) == 1 for one in found)

    await seen(told, "the notice at every node")
    await flying.begin(RATE)
    await flying.end()
    await flying.settled()
    for member, picture in (await flying.pictures()).items():
        # A false track beside it is seen by one sensor.
        track = max(picture.tracks, key=lambda one: one.sensors)
        assert track.notice is not None, member
        assert track.notice.fit is NoticeFit.AS_NOTIFIED, track.notice
        # It is less likely an attack, and is tracked, predicted and warned of like everything else.
        assert track.confidence == "two kinds; as notified"
        assert track.impact is not None
        assert picture.alerts
        notices = await flying.stage.doors[member].look(flying.stage.to, "region/notices", Notices)
        [row] = notices.notices
        assert {one.fit for one in row.matches} >= {NoticeFit.AS_NOTIFIED}


def announced(flying: Flying) -> NotifiedLaunch:
    """The flight of the exercise as its notice would have told of it, with a generous area of impact."""
    corners = ((30.0, 165.0), (50.0, 165.0), (50.0, -170.0), (30.0, -170.0))
    return NotifiedLaunch(
        notifier="A test agency (invented)",
        number="TEST 1",
        source="Notice written for a test",
        grade="B2",
        vehicle=LaunchClass.BALLISTIC_TEST,
        windows=(Interval(flying.at(-1_800.0), flying.at(-1_800.0) + timedelta(hours=2)),),
        site_name="The range",
        site=Spot(40.611, 126.426, 15_000.0),
        language="en",
        words="TEST DATA. A launch eastward within the window, into the area.",
        areas=(HazardArea("Area A", tuple(Corner(*one) for one in corners)),),
        direction_deg=86.0,
    )
