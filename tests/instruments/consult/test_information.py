"""Requests for information: one question, a time, and answers that say how good they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.instruments.consult.capitals import ALERT, ALL, AT, MEMBERS, Capitals

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.core.record import Precedence
from laurel.instruments.consult.course_types import RequestedInformation
from laurel.instruments.consult.information import AnswerInformationAsk, RequestInformationAsk
from laurel.instruments.consult.ready import ReadyAsk
from laurel.instruments.consult.records import InformationAnswered
from laurel.instruments.consult.sources import OtherSource

TWO = label(Classification.SECRET, {"JPN", "USA"})


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def request(capitals: Capitals, **other: Any) -> str:
    ask = RequestInformationAsk("Debris", "ja", "破片は見つかったか。", ALL, 3_600)
    return capitals.ask("JPN", "request-information", msgspec.structs.replace(ask, **other))


def answer(capitals: Capitals, member: str, question: str, grade: str | None = "B2", **other: Any) -> str:
    ask = AnswerInformationAsk(question, "en", "Two pieces, by ship.", ALL, grade)
    return capitals.ask(member, "answer-information", msgspec.structs.replace(ask, **other))


def shown(capitals: Capitals, member: str) -> RequestedInformation:
    return capitals.look(member, "information").requests[0]


def test_a_question_is_answered_by_each_with_its_grade(capitals: Capitals) -> None:
    question = request(capitals)
    assert shown(capitals, "USA").waits_for == ("KOR", "USA")
    answer(capitals, "USA", question)
    capitals.later(minutes=1)
    answer(capitals, "USA", question, "A1", text="Three pieces.")
    for member in MEMBERS:
        one = shown(capitals, member)
        assert (one.id, one.due, one.waits_for) == (question, AT + timedelta(hours=1), ("KOR",))
        assert [(row.member, row.text, row.grade) for row in one.answers] == [("USA", "Three pieces.", "A1")]
    answer(capitals, "KOR", question, None, text="We may not tell.")
    assert shown(capitals, "JPN").waits_for == ()


def test_an_answer_goes_to_who_asked_and_to_nobody_who_was_not(capitals: Capitals) -> None:
    question = request(capitals, label=TWO)
    for wrong in (ALL, label(Classification.SECRET, {"USA"})):
        with pytest.raises(BadField, match="within JPN, USA"):
            answer(capitals, "USA", question, label=wrong)
    answer(capitals, "USA", question, label=TWO)
    with pytest.raises(Nothing):
        answer(capitals, "KOR", question)
    with pytest.raises(NotPermitted, match="our own question"):
        answer(capitals, "JPN", question, label=TWO)
    # One that was not asked adds nothing.
    capitals.say("KOR", InformationAnswered(question, "ko", "추측", "F6"))
    assert [row.member for row in shown(capitals, "JPN").answers] == ["USA"]


def test_a_question_rests_on_records_as_they_are_and_asks_somebody(capitals: Capitals) -> None:
    alert = capitals.say("JPN", ALERT, precedence=Precedence.FLASH)
    source = capitals.look("JPN", "ready", ReadyAsk((alert,))).sources[0]
    request(capitals, sources=(source,))
    assert shown(capitals, "KOR").sources == (source,)
    with pytest.raises(OtherSource):
        request(capitals, sources=(msgspec.structs.replace(source, words="more"),))
    with pytest.raises(BadField, match="those who are asked"):
        request(capitals, label=label(Classification.SECRET, {"JPN"}))


def test_what_is_not_answered_in_time_is_overdue_on_the_docket_until_it_is(capitals: Capitals) -> None:
    question = request(capitals, label=TWO)
    node = capitals.nodes.of["USA"]
    capitals.later(minutes=61)
    assert [(one.subject, one.state) for one in node.instrument.docket(node.view, capitals.at)] == [
        (question, "overdue")
    ]
    answer(capitals, "USA", question, label=TWO)
    assert node.instrument.docket(node.view, capitals.at) == []
