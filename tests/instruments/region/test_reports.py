"""Sources and their grades."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.instruments.region.desk import NOON, Desk, all_three, incident, source

from laurel.core.errors import BadField, Nothing
from laurel.core.label import Classification, Label
from laurel.instruments.region.checks import TooWide
from laurel.instruments.region.reports import GradeReportAsk, ReportsAsk


def test_a_source_is_shown_in_the_words_it_was_written_in_with_its_hash_and_its_grade_in_words(desk: Desk) -> None:
    korean = source(
        "북, 미사일 발사", language="ko", text="합동참모본부는 미사일이 발사되었다고 밝혔다.", publisher="연합뉴스"
    )
    filed = desk.file("KOR", korean)
    found = desk.source_of("JPN", filed)
    assert (found.text, found.report.language, found.report.sha256) == (korean.text, "ko", "0" * 64)
    assert [(one.member, one.grade, one.means) for one in found.report.grades] == [
        ("KOR", "B2", "usually reliable, probably true")
    ]
    assert found.report.doubts == ()


def test_the_grades_of_several_members_stand_side_by_side_and_the_history_is_kept(desk: Desk) -> None:
    filed = desk.file("JPN", source())
    for member, grade in (("KOR", "C3"), ("JPN", "A1"), ("KOR", "D4")):
        ask = GradeReportAsk(filed, grade, "en", f"{member} knows better", all_three())
        desk.ask(member, "grade-report", ask, NOON + timedelta(minutes=1 + len(grade)))
    found = desk.source_of("USA", filed)
    assert [(one.member, one.grade) for one in found.report.grades] == [("JPN", "A1"), ("KOR", "D4")]
    assert [(one.member, one.grade) for one in found.history] == [
        ("JPN", "B2"),
        ("JPN", "A1"),
        ("KOR", "C3"),
        ("KOR", "D4"),
    ]
    assert found.history[-1].reason == "KOR knows better"


def test_a_grade_goes_no_further_than_the_report(desk: Desk) -> None:
    two = Label(Classification.RESTRICTED, ("JPN", "KOR"))
    filed = desk.file("JPN", source(), two)
    with pytest.raises(TooWide):
        desk.ask("KOR", "grade-report", GradeReportAsk(filed, "C3", "en", "why", all_three()))
    with pytest.raises(Nothing):
        desk.ask("USA", "grade-report", GradeReportAsk(filed, "C3", "en", "why", all_three()))
    not_a_report = desk.report("KOR", incident())
    with pytest.raises(Nothing):
        desk.ask("KOR", "grade-report", GradeReportAsk(not_a_report, "C3", "en", "why", all_three()))


def test_wrong_times_of_a_publisher_are_said_and_what_an_officer_mistypes_is_refused(desk: Desk) -> None:
    filed = desk.file("JPN", source(published_at=NOON + timedelta(days=3), whole=False))
    assert desk.source_of("JPN", filed).report.doubts == (
        "It bears a date of publication after the time it was read.",
        "Only its beginning was kept.",
    )
    undated = desk.file("JPN", source(published_at=None))
    assert desk.source_of("JPN", undated).report.doubts == ("It does not say when it was published.",)
    with pytest.raises(BadField, match="retrieved_at"):
        desk.file("JPN", source(retrieved_at=NOON + timedelta(hours=1)))


def test_sources_are_found_by_their_words_and_their_time(desk: Desk) -> None:
    first = desk.file("JPN", source("Missile over the sea"))
    second = desk.file("JPN", source("독도 인근 해역", text="선박이 발견되었다", language="ko"))
    assert [one.id for one in desk.look("USA", "reports", ReportsAsk(words="over sea")).reports] == [first]
    assert [one.id for one in desk.look("USA", "reports", ReportsAsk(words="독도")).reports] == [second]
    assert {one.id for one in desk.look("USA", "reports", ReportsAsk()).reports} == {first, second}
    assert desk.look("USA", "reports", ReportsAsk(until=NOON)).reports == ()
    one = desk.look("USA", "reports", ReportsAsk(most=1))
    assert (len(one.reports), one.more) == (1, True)
