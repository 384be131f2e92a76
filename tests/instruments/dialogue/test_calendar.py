"""Calendar facts: meetings and what is due, by tier, each called the same tomorrow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs
from tests.instruments.dialogue.houses import ALL, FOREIGN, MINISTER, Houses

from laurel.core.errors import BadField
from laurel.instruments.dialogue.calendar import CalendarAsk
from laurel.instruments.dialogue.meeting_types import CalendarFacts
from laurel.instruments.dialogue.meetings import CancelMeetingAsk, NoteHeldAsk
from laurel.instruments.dialogue.pledges import NoteProgressAsk
from laurel.instruments.dialogue.records import Milestone, Step, Tier

LEADERS = structs.replace(
    FOREIGN, name="leaders", title="Leaders' meeting", tier=Tier.LEADERS, offices=(), starts_on=date(2027, 1, 15)
)


@pytest.fixture
def houses() -> Houses:
    houses = Houses()
    houses.declare()
    houses.declare(series=LEADERS)
    return houses


def facts(houses: Houses, *tiers: Tier, **asked: Any) -> CalendarFacts:
    return houses.look("KOR", "calendar", CalendarAsk(tiers, **asked))


def test_a_calendar_has_the_meetings_of_its_tiers_cancelled_ones_too(houses: Houses) -> None:
    ministers, leaders = houses.convene(), houses.convene(series="leaders")
    houses.ask("JPN", "cancel-meeting", CancelMeetingAsk(ministers, "x"))
    assert {one.id: one.state for one in facts(houses).meetings} == {ministers: "cancelled", leaders: "planned"}
    assert [one.id for one in facts(houses, Tier.LEADERS).meetings] == [leaders]
    assert facts(houses, Tier.WORKING).meetings == ()
    until = houses.at + timedelta(days=5)
    assert facts(houses, until=until).meetings == ()


def test_what_is_owed_keeps_its_name_when_it_moves(houses: Houses) -> None:
    [before] = facts(houses, Tier.LEADERS).owed
    assert (before.uid, before.due_at, before.state) == ("series-leaders", datetime(2028, 1, 15, tzinfo=UTC), "owed")
    meeting = houses.convene(series="leaders")
    houses.later(days=21)
    houses.ask("JPN", "note-held", NoteHeldAsk(meeting))
    [after] = facts(houses, Tier.LEADERS).owed
    assert (after.uid, after.due_at.date()) == ("series-leaders", date(2028, 3, 24))
    assert after.changes > before.changes
    assert after.changed_at > before.changed_at


def test_a_promise_stands_in_the_calendar_of_the_tier_in_which_its_office_meets(houses: Houses) -> None:
    steps = (Milestone("First step", houses.at + timedelta(days=10)), Milestone("Someday"))
    minister = houses.commit("JPN", milestones=steps)
    nobody_knows = houses.commit("JPN", office="Bureau")
    for_leaders = houses.commit("JPN", office="Bureau", series="leaders")
    houses.commit("JPN", due_at=None)

    def uids(*tiers: Tier) -> set[str]:
        return {one.uid for one in facts(houses, *tiers).owed if one.what != "series"}

    assert uids(Tier.MINISTERS) == {minister, f"{minister}-0", nobody_knows}
    assert uids(Tier.LEADERS) == {for_leaders, nobody_knows}
    assert uids(Tier.WORKING) == {nobody_knows}
    houses.ask("JPN", "note-progress", NoteProgressAsk(minister, Step.UNDER_WAY, "x", "en", ALL, (0,)))
    by_uid = {one.uid: one for one in facts(houses).owed}
    assert (by_uid[f"{minister}-0"].state, by_uid[minister].state) == ("reached", "under-way")
    assert (by_uid[minister].changes, by_uid[minister].office) == (1, MINISTER)


def test_a_calendar_ends_after_it_begins(houses: Houses) -> None:
    with pytest.raises(BadField):
        facts(houses, since=houses.at, until=houses.at - timedelta(days=1))
    with pytest.raises(BadField):
        facts(houses, since=houses.at, until=houses.at + timedelta(days=4_000))
