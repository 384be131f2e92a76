"""What the dialogue shows: what the compact's file says, and a little more, played by the instrument itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from tests.instruments.harness import Nodes

from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, label
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue import INSTRUMENT
from laurel.instruments.dialogue.agenda import SetAgendaAsk
from laurel.instruments.dialogue.charter import DeclareCharterAsk
from laurel.instruments.dialogue.commitments import CommitmentsAsk
from laurel.instruments.dialogue.meeting_board import MeetingsAsk
from laurel.instruments.dialogue.meetings import Action, ConveneAsk, TakeMinutesAsk
from laurel.instruments.dialogue.pledges import NoteProgressAsk, ReviewAsk
from laurel.instruments.dialogue.records import AgendaItem, Evidence, Step
from laurel.node.home.compact import load_compact

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
MEMBERS = ("JPN", "KOR", "USA")
ALL = label(Classification.RESTRICTED, set(MEMBERS))
LAST_WEEK, NEXT_MONTH = "Cyber Working Group in Seoul", "Foreign Ministers' Meeting in Tokyo"
WARNING = "missile-warning-data"


@cache
def played() -> Nodes:
    """Three members that declared their file, met last week, will meet next month, and judged a promise."""
    nodes = Nodes(INSTRUMENT, MEMBERS)
    open_to_all = DeclareCharterAsk(label(Classification.UNCLASSIFIED, set(MEMBERS)))
    charter = load_compact("camp-david").charter
    declare = next(one.decide for one in INSTRUMENT.commands if one.name == "declare-charter")
    for member in MEMBERS:
        desk = replace(nodes.of[member].desk("officer:sato", NOW - timedelta(days=30)), charter=charter)
        for draft in declare(open_to_all, nodes.of[member].view, desk):
            nodes.say(draft, desk)
    _last_week(nodes)
    _next_month(nodes)
    _judged(nodes)
    return nodes


def _last_week(nodes: Nodes) -> None:
    at = NOW - timedelta(days=7)
    ask = ConveneAsk(
        series="cyber-working-group",
        title=LAST_WEEK,
        language="en",
        begins_at=at,
        ends_at=at + timedelta(hours=3),
        place="서울, 외교부",
        time_zone="Asia/Seoul",
        label=ALL,
        host="KOR",
    )
    [meeting] = nodes.ask("KOR", "convene", ask, "officer:han", at - timedelta(days=20))
    items = (
        AgendaItem("암호화폐 절취 대응", "ko", "세 나라의 조치를 비교한다."),
        AgendaItem("Industry engagement", "en"),
    )
    nodes.ask("KOR", "set-agenda", SetAgendaAsk(meeting, "ko", items, ALL), "officer:han", at - timedelta(days=9))
    versions = (
        Version("ko", "세 나라는 정보기술 인력의 위장 취업에 공동으로 대응하기로 하였다."),
        Version("en", "The three agreed to respond together to the disguised employment of IT workers."),
        Version("ja", "三か国は、IT労働者の偽装就労に共同で対応することで一致した。"),
    )
    due = NOW + timedelta(days=75)
    actions = (
        Action(
            "KOR", "Director-General for North Korean Nuclear Affairs", "기업 안내서를 발간한다", "ko", "cyber", due
        ),
        Action("JPN", "Ambassador in charge of Cyber Policy", "企業向け説明会を開く", "ja", "cyber", due),
    )
    minutes = TakeMinutesAsk(meeting, versions, ALL, actions)
    nodes.ask("KOR", "take-minutes", minutes, "officer:han", at + timedelta(hours=4))


def _next_month(nodes: Nodes) -> None:
    at = datetime(2026, 2, 20, 1, 0, tzinfo=UTC)
    ask = ConveneAsk(
        series="foreign-ministers",
        title=NEXT_MONTH,
        language="en",
        begins_at=at,
        ends_at=at + timedelta(hours=2),
        place="東京、飯倉公館",
        time_zone="Asia/Tokyo",
        label=ALL,
        host="JPN",
    )
    nodes.ask("JPN", "convene", ask, "officer:sato", NOW - timedelta(days=3))


def _judged(nodes: Nodes) -> None:
    rows = nodes.of["JPN"].query("commitments", CommitmentsAsk(closed=True, most=500), NOW).commitments
    own = {row.member: row for row in rows if row.name == WARNING}
    words = "常時運用を開始した。"
    done = NoteProgressAsk(own["JPN"].id, Step.FULFILLED, words, "ja", own["JPN"].label, (0,))
    nodes.ask("JPN", "note-progress", done, "officer:sato", NOW - timedelta(days=2))
    page = Evidence("Joint press statement, 19 December 2023", url="https://www.einpresswire.com/article/676291959/")
    for member, score, reason, language in (
        ("KOR", 1, "2023년 12월 19일부터 가동 중이다.", "ko"),
        ("USA", 0, "In operation; redundancy of the path is still to be shown.", "en"),
    ):
        review = ReviewAsk(own["JPN"].id, score, reason, language, own["JPN"].label, (page,))
        nodes.ask(member, "review", review, "officer:lee", NOW - timedelta(days=1))


def answer(asked: str, given: Mapping[str, Any]) -> Struct:
    """What Japan's node would say. Raises what it raises."""
    node = played().of["JPN"]
    query = next((one for one in node.instrument.queries if one.name == asked), None)
    if query is None:
        raise Nothing(query=asked)
    return query.answer(msgspec.convert(given, query.ask, strict=False), node.view, NOW)


def meeting_of(title: str) -> str:
    """The id of that meeting."""
    found = played().of["JPN"].query("meetings", MeetingsAsk(most=500), NOW).meetings
    return next(row.id for row in found if row.title == title)


def commitment_of(member: str, name: str) -> str:
    """The id of that member's part of a promise."""
    found = played().of["JPN"].query("commitments", CommitmentsAsk(closed=True, most=500), NOW).commitments
    return next(row.id for row in found if (row.member, row.name) == (member, name))


def series_overdue() -> int:
    """How many series are late."""
    return sum(row.overdue for row in played().of["JPN"].query("series", NoAsk(), NOW).series)
