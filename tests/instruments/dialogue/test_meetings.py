"""Series and meetings: owed by the clock, convened by turns, moved, held; and whose word counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from msgspec import structs
from tests.instruments.dialogue.houses import ALL, AT, FOREIGN, TWO, Houses, a_meeting, an_action

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue import meetings_said
from laurel.instruments.dialogue.calendar import CalendarAsk
from laurel.instruments.dialogue.labels import BeyondAudience
from laurel.instruments.dialogue.meeting_board import MeetingsAsk
from laurel.instruments.dialogue.meetings import (
    CancelMeetingAsk,
    FilePaperAsk,
    MeetingOver,
    MoveMeetingAsk,
    NoteHeldAsk,
    ReadyMeetingAsk,
    TakeMinutesAsk,
)
from laurel.instruments.dialogue.months import NeverFalls
from laurel.instruments.dialogue.records import (
    Change,
    Commitment,
    Meeting,
    MeetingChanged,
    Minutes,
    Recurrence,
    Rotation,
)
from laurel.instruments.dialogue.series import DeclareSeriesAsk


@pytest.fixture
def houses() -> Houses:
    return Houses()


# Series


def test_a_series_is_owed_from_its_start_and_then_from_the_last_that_was_held(houses: Houses) -> None:
    houses.declare()
    assert houses.series().owed_by == datetime(2027, 1, 31, tzinfo=UTC)
    assert houses.series().overdue
    [item] = houses.docket("USA").values()
    assert (item.state, item.title) == ("overdue", "Foreign ministers' meeting: the next is overdue")
    assert "not held since it began on 31 Jan 2026" in item.summary

    meeting = houses.convene()
    assert houses.series().overdue, "what is convened is not yet held"
    houses.later(days=21)
    houses.ask("JPN", "note-held", NoteHeldAsk(meeting))
    held = houses.meeting("KOR", meeting).meeting
    assert (houses.series("KOR").overdue, houses.series("KOR").owed_by) == (
        False,
        held.begins_at.replace(year=held.begins_at.year + 1),
    )
    assert houses.docket("USA") == {}
    houses.later(days=370)
    assert houses.series().overdue


def test_a_series_that_ended_owes_nothing(houses: Houses) -> None:
    houses.declare()
    houses.declare(series=structs.replace(FOREIGN, until=date(2027, 2, 1)))
    row = houses.series("USA")
    assert (row.ended, row.owed_by, row.overdue, row.next_host) == (True, None, False, None)
    assert houses.docket("USA") == {}


def test_a_series_is_one_when_members_say_the_same_and_who_says_otherwise_is_named(houses: Houses) -> None:
    houses.declare("USA", structs.replace(FOREIGN, at_least_every_months=6))
    assert houses.series().declared_by == ("USA",)
    for member in ("KOR", "JPN"):
        houses.declare(member)
    row = houses.series("KOR")
    assert (row.series, row.declared_by, row.differs) == (FOREIGN, ("JPN", "KOR", "USA"), ("USA",))
    houses.declare("USA")
    assert houses.series("JPN").differs == ()


@pytest.mark.parametrize("recurrence", [Recurrence(0), Recurrence(12, month=2, day=30), Recurrence(240)])
def test_a_recurrence_that_never_falls_is_refused(houses: Houses, recurrence: Recurrence) -> None:
    with pytest.raises(NeverFalls):
        houses.declare(series=structs.replace(FOREIGN, recurrence=recurrence))
    # A peer that declares one all the same stops nobody: its series has no usual day.
    houses.say("KOR", structs.replace(FOREIGN, recurrence=recurrence))
    assert houses.series().usual_on in {None, date(2046, 1, 31)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": ("JPN", "FRA")},
        {"hosts": ("JPN", "JPN")},
        {"until": date(2020, 1, 1)},
        {"secretariat": Rotation(("PRK",), 24, date(2024, 11, 20))},
    ],
)
def test_a_series_speaks_of_members_and_ends_after_it_starts(houses: Houses, wrong: dict[str, object]) -> None:
    with pytest.raises(BadField):
        houses.ask("JPN", "declare-series", DeclareSeriesAsk(structs.replace(FOREIGN, **wrong), ALL))


def test_the_secretariat_and_the_usual_day_are_shown(houses: Houses) -> None:
    rotation = Rotation(("KOR", "USA", "JPN"), 24, date(2024, 11, 20))
    usual = Recurrence(12, month=9, day=15)
    houses.declare(series=structs.replace(FOREIGN, secretariat=rotation, recurrence=usual))
    row = houses.series()
    assert (row.secretariat, row.secretariat_until) == ("USA", date(2028, 11, 20))
    assert row.usual_on == date(2027, 9, 15)


# Meetings


def test_the_next_meeting_is_proposed_by_turns_where_the_host_had_it_last(houses: Houses) -> None:
    houses.declare(series=structs.replace(FOREIGN, recurrence=Recurrence(12, month=9, day=15)))
    first = houses.look("JPN", "ready-meeting", ReadyMeetingAsk(FOREIGN.name))
    assert (first.host, first.begins_at.date(), first.previous, first.time_zone) == (
        "USA",
        date(2027, 9, 15),
        None,
        "Etc/UTC",
    )
    one = houses.convene("KOR", host="USA", place="Washington", time_zone="America/New_York")
    two = houses.convene("KOR", host=None, place="Munich", time_zone="Europe/Berlin", after=timedelta(days=40))
    ready = houses.look("JPN", "ready-meeting", ReadyMeetingAsk(FOREIGN.name))
    assert (ready.host, ready.previous) == ("JPN", two)
    three = houses.convene("JPN", host="JPN", after=timedelta(days=60))
    four = houses.convene("JPN", host="KOR", after=timedelta(days=80))
    again = houses.look("KOR", "ready-meeting", ReadyMeetingAsk(FOREIGN.name))
    assert (again.host, again.place, again.time_zone) == ("USA", "Washington", "America/New_York")
    assert [houses.meeting("USA", each).meeting.previous for each in (one, two, three, four)] == [None, one, two, three]
    assert houses.meeting("USA", two).meeting.next == three


def test_a_meeting_is_moved_held_and_cancelled_by_who_convened_it_and_nobody_else(houses: Houses) -> None:
    houses.declare()
    meeting = houses.convene("JPN")
    begins_at = houses.at + timedelta(days=40)
    move = MoveMeetingAsk(meeting, begins_at, begins_at + timedelta(hours=1), "国会会期のため", "釜山")
    with pytest.raises(NotPermitted, match="JPN convened it"):
        houses.ask("KOR", "move-meeting", move)
    houses.ask("JPN", "move-meeting", move)
    # What a peer says all the same changes nothing.
    houses.say("KOR", MeetingChanged(meeting, Change.CANCELLED, "no"))
    row = houses.meeting("USA", meeting).meeting
    assert (row.state, row.begins_at, row.place, row.time_zone, row.reason, row.changes) == (
        "moved",
        begins_at,
        "釜山",
        "Asia/Seoul",
        "国会会期のため",
        1,
    )
    with pytest.raises(BadField, match="begun before"):
        houses.ask("JPN", "note-held", NoteHeldAsk(meeting))
    houses.ask("JPN", "cancel-meeting", CancelMeetingAsk(meeting, "台風"))
    assert houses.meeting("USA", meeting).meeting.state == "cancelled"
    with pytest.raises(MeetingOver):
        houses.ask("JPN", "cancel-meeting", CancelMeetingAsk(meeting, "again"))
    houses.ask("JPN", "move-meeting", structs.replace(move, reason="on again"))
    houses.at = begins_at + timedelta(minutes=1)
    houses.ask("JPN", "note-held", NoteHeldAsk(meeting))
    whole = houses.meeting("USA", meeting)
    assert whole.meeting.state == "held"
    assert [one.change.change for one in whole.changes] == [Change.MOVED, Change.CANCELLED, Change.MOVED, Change.HELD]
    with pytest.raises(MeetingOver):
        houses.ask("JPN", "move-meeting", move)


def test_the_docket_has_meetings_that_are_soon_and_asks_whether_past_ones_were_held(houses: Houses) -> None:
    houses.declare(series=structs.replace(FOREIGN, at_least_every_months=None))
    soon, far = houses.convene(), houses.convene(after=timedelta(days=100))
    assert {one: item.state for one, item in houses.docket("KOR").items()} == {soon: "soon"}
    houses.later(days=30)
    assert houses.docket("KOR")[soon].state == "was it held?"
    assert houses.meeting("KOR", soon).meeting.state == "past"
    houses.ask("JPN", "note-held", NoteHeldAsk(soon))
    houses.ask("JPN", "cancel-meeting", CancelMeetingAsk(far, "not needed"))
    houses.later(days=60)
    assert houses.docket("KOR") == {}


def test_a_meeting_of_whole_days_is_past_when_its_last_day_is_over(houses: Houses) -> None:
    houses.declare()
    begins_at, ends_at = datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 3, 21, 23, 59, 59, tzinfo=UTC)
    meeting = houses.convene(begins_at=begins_at, ends_at=ends_at, all_day=True)
    houses.at = datetime(2027, 3, 21, 23, 59, 59, tzinfo=UTC)
    assert houses.meeting("USA", meeting).meeting.state == "planned"
    houses.at = datetime(2027, 3, 22, 0, 0, 1, tzinfo=UTC)
    assert houses.meeting("USA", meeting).meeting.state == "past"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"time_zone": "Asia/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"ends_at": AT}, "ends_at"),
        ({"host": "FRA"}, "host"),
        ({"after": timedelta(days=-3)}, "begins_at"),
        ({"held": True}, "begins_at"),
        ({"label": label(Classification.RESTRICTED, {"KOR", "USA"})}, "label.rel_to"),
        ({"label": label(Classification.RESTRICTED, {"FRA", "JPN"})}, "label.rel_to"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_and_the_field_named(
    houses: Houses, wrong: dict[str, object], field: str
) -> None:
    houses.declare()
    with pytest.raises(BadField) as refused:
        houses.ask("JPN", "convene", a_meeting(houses.at, **wrong))
    assert refused.value.facts["field"] == field


def test_a_meeting_is_of_a_series_that_is_on_record(houses: Houses) -> None:
    with pytest.raises(Nothing):
        houses.convene(series="no-such")


def test_meetings_are_listed_by_when_they_begin_now(houses: Houses) -> None:
    houses.declare()
    first, second = houses.convene(after=timedelta(days=5)), houses.convene(after=timedelta(days=10))
    begins_at = houses.at + timedelta(days=50)
    houses.ask("JPN", "move-meeting", MoveMeetingAsk(first, begins_at, begins_at, "later"))
    for ask in (MeetingsAsk(), MeetingsAsk(series=FOREIGN.name)):
        assert [one.id for one in houses.look("KOR", "meetings", ask).meetings] == [first, second]
    until = houses.at + timedelta(days=20)
    for series in (None, FOREIGN.name):
        [only] = houses.look("KOR", "meetings", MeetingsAsk(series=series, until=until)).meetings
        assert only.id == second


# Papers and minutes


def test_a_paper_reaches_those_whom_its_own_label_names(houses: Houses) -> None:
    houses.declare()
    meeting = houses.convene()
    to = label(Classification.SECRET, {"JPN", "KOR"})
    texts = (Version("ja", "論点"), Version("ko", "논점"))
    paper = houses.ask("KOR", "file-paper", FilePaperAsk(meeting, "論点整理", to, texts))
    for member, seen in (("JPN", [paper]), ("KOR", [paper]), ("USA", [])):
        assert [one.id for one in houses.meeting(member, meeting).papers] == seen
    [shown] = houses.meeting("JPN", meeting).papers
    assert (shown.versions, shown.banner, shown.member) == (texts, "SECRET//REL TO JPN, KOR", "KOR")
    assert houses.nodes.of["JPN"].view.search(meetings_said.words, "논점", 5) == [paper]


def test_a_paper_for_a_meeting_of_two_goes_to_no_third(houses: Houses) -> None:
    houses.declare(to=TWO)
    meeting = houses.convene(label=TWO)
    with pytest.raises(BeyondAudience, match="USA"):
        houses.ask("KOR", "file-paper", FilePaperAsk(meeting, "A paper", ALL, (Version("en", "x"),)))
    with pytest.raises(BadField, match="a text or a file"):
        houses.ask("KOR", "file-paper", FilePaperAsk(meeting, "A paper", TWO))
    twice = (Version("en", "x"), Version("en", "y"))
    with pytest.raises(BadField, match="one text for each language"):
        houses.ask("KOR", "file-paper", FilePaperAsk(meeting, "A paper", TWO, twice))
    much = tuple(Version(language, "語" * 40_000) for language in ("ja", "ko"))
    with pytest.raises(BadField, match="200000 bytes"):
        houses.ask("KOR", "file-paper", FilePaperAsk(meeting, "A paper", TWO, much))


def test_the_conveners_last_minutes_hold_and_come_after_the_meeting_began(houses: Houses) -> None:
    houses.declare()
    meeting = houses.convene("JPN")
    with pytest.raises(MeetingOver, match="planned"):
        houses.minute("JPN", meeting)
    houses.later(days=21)
    with pytest.raises(NotPermitted):
        houses.minute("KOR", meeting)
    houses.minute("JPN", meeting)
    texts = (Version("ja", "議事録"), Version("en", "Minutes"), Version("ko", "회의록"))
    last = houses.ask("JPN", "take-minutes", TakeMinutesAsk(meeting, texts, ALL))
    houses.say("KOR", Minutes(meeting, (Version("en", "Quite otherwise."),)))
    minutes = houses.meeting("USA", meeting).minutes
    assert minutes is not None
    assert (minutes.id, minutes.versions) == (last, texts)


def test_an_action_of_a_stranger_is_refused(houses: Houses) -> None:
    houses.declare()
    meeting = houses.convene()
    houses.later(days=21)
    with pytest.raises(BadField, match=r"actions\.member"):
        houses.minute("JPN", meeting, an_action("FRA"))


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-9))),
    ],
)
def test_a_time_for_which_there_is_no_year_stops_nothing(houses: Houses, at: datetime) -> None:
    houses.declare(series=structs.replace(FOREIGN, starts_on=date.max, recurrence=None))
    with pytest.raises(NeverFalls):
        houses.declare(series=structs.replace(FOREIGN, starts_on=date.max, recurrence=Recurrence(12, 9, 1)))
    meeting = houses.say("KOR", Meeting(FOREIGN.name, "A meeting", "en", at, at, "Seoul", "Asia/Seoul", all_day=True))
    promise = houses.say("KOR", Commitment("KOR", "Bureau", "Words", "en", "topic", at))
    assert houses.meeting("JPN", meeting).meeting.begins_at.tzinfo is UTC
    assert promise in houses.promised("JPN")
    houses.docket("JPN")
    houses.look("JPN", "calendar", CalendarAsk())
    assert houses.series("JPN").owed_by is not None
