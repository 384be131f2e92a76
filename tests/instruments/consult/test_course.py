"""The course of a consultation: one member alone requests it, all see the same, and each late word has one outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from tests.instruments.consult.capitals import ALERT, ALL, AT, MEMBERS, Capitals, a_request

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.core.record import Precedence
from laurel.instruments.consult.course import (
    AssessAsk,
    CloseAsk,
    ConveneAsk,
    DepartAsk,
    NobodyToConsult,
    RequestAsk,
    RespondAsk,
)
from laurel.instruments.consult.course_types import Stage
from laurel.instruments.consult.ready import ReadyAsk
from laurel.instruments.consult.records import (
    Assessed,
    ConsultationRequest,
    Convening,
    Departed,
    Responded,
    ResponseMeasured,
    Source,
)
from laurel.instruments.consult.sources import OtherSource, TooWide
from laurel.instruments.consult.stages import WrongStage
from laurel.instruments.consult.voice import MemberGone, WeLeft
from laurel.instruments.consult.words import Ground, Level, Means


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def test_one_member_alone_requests_and_all_see_it_the_same(capitals: Capitals) -> None:
    consultation = capitals.request()
    rows = [capitals.row(member, consultation) for member in MEMBERS]
    assert {(row.id, row.stage, row.waits_for, row.due) for row in rows} == {
        (consultation, Stage.REQUESTED, ("KOR", "USA"), AT + timedelta(minutes=30))
    }
    assert [row.waits_for_us for row in rows] == [
        "Give our own assessment",
        *["Respond to the request, by 04 Mar 05:30 UTC"] * 2,
    ]


def test_the_requester_measures_each_first_response_by_its_own_clock(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.later(seconds=90)
    capitals.respond("KOR", consultation)
    capitals.later(seconds=30)
    capitals.respond("KOR", consultation)
    for member in MEMBERS:
        responses = {one.member: one for one in capitals.seen(member, consultation).responses}
        assert (responses["KOR"].seconds, responses["KOR"].at) == (90.0, AT + timedelta(seconds=120))
        assert (responses["USA"].seconds, responses["USA"].at) == (None, None)
    assert [one.body.member for one in capitals.nodes.of["JPN"].said(ResponseMeasured)] == ["KOR"]
    assert capitals.nodes.of["USA"].said(ResponseMeasured) == []


def test_another_than_the_requester_measures_nothing(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.say("KOR", ResponseMeasured(consultation, "USA", 1.0))
    assert [one.seconds for one in capitals.seen("JPN", consultation).responses] == [None, None]


def test_who_has_not_responded_in_time_is_overdue_until_it_responds_or_leaves(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.later(minutes=31)
    assert [one.overdue for one in capitals.seen("USA", consultation).responses] == [True, True]
    assert capitals.row("USA", consultation).state == "requested, overdue: KOR, USA"
    capitals.respond("KOR", consultation)
    capitals.ask("USA", "depart", DepartAsk(consultation, "no part of ours"))
    assert [one.overdue for one in capitals.seen("JPN", consultation).responses] == [False, False]


def test_a_response_names_one_of_the_ways_to_meet_and_the_requester_gives_none(capitals: Capitals) -> None:
    consultation = capitals.request()
    with pytest.raises(BadField, match="from 0"):
        capitals.ask("KOR", "respond", RespondAsk(consultation, "Watch", "en", "yes", 1))
    with pytest.raises(NotPermitted, match="our own request"):
        capitals.respond("JPN", consultation)


def test_it_goes_its_course_and_may_pass_over_a_stage(capitals: Capitals) -> None:
    consultation = capitals.request()
    for member in MEMBERS:
        capitals.ask(member, "assess", AssessAsk(consultation, "en", f"As {member} sees it."))
    assert capitals.row("KOR", consultation).stage is Stage.ASSESSED
    capitals.ask("KOR", "convene", ConveneAsk(consultation, Convening(Means.HOTLINE, AT)))
    seen = capitals.seen("USA", consultation)
    assert seen.row.stage is Stage.ASSESSED
    assert seen.convened == Convening(Means.HOTLINE, AT)
    assert [(one.member, one.text) for one in seen.assessments] == [(one, f"As {one} sees it.") for one in MEMBERS]


def test_it_is_assessed_once_all_have_that_did_not_leave(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.ask("JPN", "assess", AssessAsk(consultation, "en", "a test"))
    capitals.ask("KOR", "assess", AssessAsk(consultation, "en", "a threat"))
    assert capitals.row("JPN", consultation).stage is Stage.REQUESTED
    capitals.ask("USA", "depart", DepartAsk(consultation, "no part of ours"))
    assert capitals.row("JPN", consultation).stage is Stage.ASSESSED


def test_nothing_counts_that_a_member_says_after_it_left(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.ask("USA", "depart", DepartAsk(consultation, "no part of ours"))
    with pytest.raises(WeLeft):
        capitals.ask("USA", "assess", AssessAsk(consultation, "en", "late"))
    capitals.say("USA", Assessed(consultation, "en", "late all the same"))
    for member in MEMBERS:
        seen = capitals.seen(member, consultation)
        assert (seen.departed, seen.assessments) == (("USA",), ())


def test_it_is_closed_when_a_member_closes_it_or_nobody_is_left_to_talk_to(capitals: Capitals) -> None:
    closed, lonely = capitals.request(), capitals.request()
    capitals.ask("KOR", "close", CloseAsk(closed, "talked over the line"))
    capitals.ask("KOR", "depart", DepartAsk(lonely, "no part of ours"))
    assert capitals.row("JPN", lonely).stage is Stage.REQUESTED
    capitals.ask("USA", "depart", DepartAsk(lonely, "no part of ours"))
    for member in MEMBERS:
        assert capitals.row(member, closed).state == "closed, ended by KOR"
        assert [capitals.row(member, one).stage for one in (closed, lonely)] == [Stage.CLOSED] * 2
    with pytest.raises(WrongStage, match="request a new one"):
        capitals.ask("JPN", "assess", AssessAsk(closed, "en", "too late"))


def test_who_closed_it_does_not_open_it_again_by_leaving(capitals: Capitals) -> None:
    consultation = capitals.request()
    capitals.ask("KOR", "close", CloseAsk(consultation, "done"))
    capitals.say("KOR", Departed(consultation, "and gone"))
    seen = capitals.seen("USA", consultation)
    assert (seen.closed_by, seen.departed, seen.row.stage) == (("KOR",), (), Stage.CLOSED)


def test_it_cannot_go_on_without_a_member_that_was_expelled(capitals: Capitals) -> None:
    consultation = capitals.request()
    node = capitals.nodes.of["JPN"]
    desk = replace(node.desk("officer:sato", AT), members=("JPN", "KOR"))
    decide = next(one.decide for one in node.instrument.commands if one.name == "assess")
    with pytest.raises(MemberGone, match="USA"):
        decide(AssessAsk(consultation, "en", "alone"), node.view, desk)


def test_a_request_names_itself_and_another_and_only_members(capitals: Capitals) -> None:
    with pytest.raises(NobodyToConsult):
        capitals.request(label=label(Classification.SECRET, {"JPN"}))
    with pytest.raises(BadField, match="JPN"):
        capitals.request(label=label(Classification.SECRET, {"KOR", "USA"}))
    with pytest.raises(NotPermitted, match="AUS"):
        capitals.request(label=label(Classification.SECRET, {"AUS", "JPN"}))
    with pytest.raises(BadField, match="convening"):
        capitals.request(convening=(Convening(Means.VIDEO, AT),))


@pytest.mark.parametrize(
    ("members", "to", "precedence"),
    [
        (MEMBERS, label(Classification.SECRET, {"JPN", "KOR"}), Precedence.IMMEDIATE),
        (("JPN", "KOR"), ALL, Precedence.IMMEDIATE),
        (MEMBERS, ALL, Precedence.ROUTINE),
    ],
)
def test_a_request_that_was_said_to_others_than_it_names_is_none(
    capitals: Capitals, members: tuple[str, ...], to: object, precedence: Precedence
) -> None:
    assert isinstance(to, type(ALL))
    body = ConsultationRequest("s", Ground.THREAT, Level.WORKING, "en", "o", members, 60)
    said = capitals.say("JPN", body, to, precedence)
    with pytest.raises(Nothing):
        capitals.seen("KOR", said)


def test_what_is_said_to_fewer_than_all_counts_for_nobody(capitals: Capitals) -> None:
    consultation = capitals.request()
    to_two = label(Classification.SECRET, {"JPN", "KOR"})
    capitals.say("KOR", Responded(consultation, "Watch", "en", "between us"), to_two)
    capitals.say("KOR", Responded(consultation, "Watch", "en", "in no hurry"), precedence=Precedence.ROUTINE)
    assert [one.at for one in capitals.seen("JPN", consultation).responses] == [None, None]


# From a record, without retyping


def test_a_request_is_filled_in_whole_from_an_alert(capitals: Capitals) -> None:
    alert = capitals.say("JPN", ALERT, precedence=Precedence.FLASH)
    ready = capitals.look("KOR", "ready", ReadyAsk((alert,), language="ko"))
    assert isinstance(ready, RequestAsk)
    assert (ready.subject, ready.ground, ready.label) == (ALERT.words, Ground.THREAT, ALL)
    assert ready.sources == (Source(alert, "warning.alert.v1", "JPN", AT, ALERT.words),)
    assert ALERT.words in ready.opinion
    assert "협의를 요청한다" in ready.opinion
    # As the terminal hands it on.
    again = msgspec.json.decode(msgspec.json.encode(ready), type=RequestAsk)
    consultation = capitals.ask("KOR", "request", again)
    assert capitals.seen("USA", consultation).sources == ready.sources


def test_a_request_rests_on_several_records_and_on_any_item_of_the_docket(capitals: Capitals) -> None:
    alert = capitals.say("JPN", ALERT, precedence=Precedence.FLASH)
    first = capitals.ask("JPN", "request", a_request(subject="A first matter"))
    narrow = capitals.say("JPN", ALERT, label(Classification.SECRET, {"JPN", "KOR"}))
    ready: RequestAsk = capitals.look("JPN", "ready", ReadyAsk((alert, narrow), items=(first,), language="en"))
    assert [one.record for one in ready.sources] == [alert, narrow, first]
    assert ready.label == label(Classification.SECRET, {"JPN", "KOR"})
    assert ready.subject == "JPN requests consultation: A first matter"
    assert (ready.ground, ready.respond_within_s) == (Ground.THREAT, 1_800)
    assert capitals.ask("JPN", "request", ready)
    many = tuple(capitals.say("JPN", ALERT) for _ in range(16))
    for ask in (ReadyAsk(), ReadyAsk(many)):
        with pytest.raises(BadField):
            capitals.look("JPN", "ready", ask)
    with pytest.raises(Nothing):
        capitals.look("JPN", "ready", ReadyAsk(items=("no such item",)))


def test_no_source_says_other_than_its_record_and_none_goes_further(capitals: Capitals) -> None:
    alert = capitals.say("JPN", ALERT, label(Classification.SECRET, {"JPN", "KOR"}))
    ready: RequestAsk = capitals.look("JPN", "ready", ReadyAsk((alert,)))
    source = ready.sources[0]
    invented = msgspec.structs.replace(source, words="A hundred missiles.")
    with pytest.raises(OtherSource, match="differs=words"):
        capitals.request(label=ready.label, sources=(invented,))
    with pytest.raises(TooWide, match="JPN, KOR"):
        capitals.request(sources=(source,))
    with pytest.raises(TooWide):
        capitals.request(label=label(Classification.RESTRICTED, {"JPN", "KOR"}), sources=(source,))
    assert capitals.ask("JPN", "request", a_request(label=ready.label, sources=(source,)))
