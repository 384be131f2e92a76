"""Whatever the order in which records arrive, and however often, every node judges the same."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs
from tests.instruments.dialogue.houses import (
    AT,
    EVERYTHING,
    FOREIGN,
    MEMBERS,
    MINISTER,
    Houses,
)
from tests.instruments.harness import MemoryView

from laurel.core.instrument import NoAsk
from laurel.core.record import Record
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue.commitments import CommitmentsAsk
from laurel.instruments.dialogue.meeting_board import MeetingAsk, MeetingsAsk
from laurel.instruments.dialogue.records import (
    Agenda,
    AgendaItem,
    Change,
    Commitment,
    Meeting,
    MeetingChanged,
    Minutes,
    OfficeAbolished,
    OfficeHeld,
    OfficeOpened,
    Progress,
    Review,
    Series,
    Step,
)

MEMBER = st.sampled_from(MEMBERS)
OFFICE = st.sampled_from([MINISTER, "minister for foreign affairs", "Second", "Third"])
DAYS = st.integers(-40, 40).map(lambda days: timedelta(days=days))
PLACE = st.sampled_from("0123")
"""Which of the meetings, or of the commitments, that were said before."""


def a_series(months: int) -> Series:
    return structs.replace(FOREIGN, at_least_every_months=months)


def a_meeting(after: timedelta) -> Meeting:
    begins_at = AT + after
    return Meeting(FOREIGN.name, "A meeting", "en", begins_at, begins_at + timedelta(hours=1), "Seoul", "Asia/Seoul")


def a_change(meeting: str, change: Change, after: timedelta) -> MeetingChanged:
    return MeetingChanged(meeting, change, "", AT + after)


def an_agenda(meeting: str) -> Agenda:
    return Agenda(meeting, "en", (AgendaItem("A point", "en"),))


def some_minutes(meeting: str) -> Minutes:
    return Minutes(meeting, (Version("en", "We met."),))


def a_promise(member: str, office: str) -> Commitment:
    return Commitment(member, office, "Words", "en", "topic", AT)


def a_progress(commitment: str, step: Step) -> Progress:
    return Progress(commitment, step, "Words", "en")


def a_review(commitment: str, score: int) -> Review:
    return Review(commitment, score, "Words", "en")


SAYS: st.SearchStrategy[Struct] = st.one_of(
    st.builds(a_series, st.integers(1, 3)),
    st.builds(a_meeting, DAYS),
    st.builds(a_change, PLACE, st.sampled_from(Change), DAYS),
    st.builds(an_agenda, PLACE),
    st.builds(some_minutes, PLACE),
    st.builds(a_promise, MEMBER, OFFICE),
    st.builds(a_progress, PLACE, st.sampled_from(Step)),
    st.builds(a_review, PLACE, st.integers(-1, 1)),
    st.builds(OfficeOpened, OFFICE),
    st.builds(OfficeHeld, OFFICE, st.none() | st.just("N. N.")),
    st.builds(OfficeAbolished, OFFICE, st.just("x"), st.none() | OFFICE),
)
STORIES = st.lists(st.tuples(MEMBER, SAYS), min_size=1, max_size=24)


def told(story: list[tuple[str, Struct]]) -> list[tuple[str, Record[Any]]]:
    """The story as records, each naming what was said before it."""
    houses = Houses()
    meetings, promises = ["0" * 64], ["1" * 64]
    for member, said in story:
        body = said
        if isinstance(body, MeetingChanged | Agenda | Minutes):
            body = structs.replace(body, meeting=meetings[int(body.meeting) % len(meetings)])
        elif isinstance(body, Progress | Review):
            body = structs.replace(body, commitment=promises[int(body.commitment) % len(promises)])
        record_id = houses.say(member, body)
        if isinstance(body, Meeting):
            meetings.append(record_id)
        if isinstance(body, Commitment):
            promises.append(record_id)
    return houses.nodes.of["USA"].log


def judged(records: list[tuple[str, Record[Any]]]) -> tuple[Any, ...]:
    """Every table, and what queries and the docket say."""
    view = MemoryView(EVERYTHING, "USA")
    for record_id, record in records:
        view.fold(record_id, record)
    now = AT + timedelta(hours=1)
    queries = {one.name: one for one in EVERYTHING.queries}
    meetings = [one for one, record in sorted(records, key=lambda each: each[0]) if isinstance(record.body, Meeting)]
    asked = [
        ("series", NoAsk()),
        ("offices", NoAsk()),
        ("meetings", MeetingsAsk()),
        ("commitments", CommitmentsAsk(closed=True)),
        *(("meeting", MeetingAsk(one)) for one in dict.fromkeys(meetings)),
    ]
    seen = [queries[name].answer(ask, view, now) for name, ask in asked]
    whole = (view.contents(), seen, view.docket(now))
    view.close()
    return whole


def check_any_order(story: list[tuple[str, Struct]], seed: int) -> None:
    records = told(story)
    shuffled = [*records, *records[: len(records) // 2]]
    random.Random(seed).shuffle(shuffled)
    assert judged(records) == judged(shuffled)


@given(STORIES, st.integers(0, 2**32))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_order_of_arrival_changes_what_is_judged(story: list[tuple[str, Struct]], seed: int) -> None:
    check_any_order(story, seed)


@pytest.mark.long
@given(STORIES, st.integers(0, 2**32))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_order_of_many_changes_what_is_judged(story: list[tuple[str, Struct]], seed: int) -> None:
    check_any_order(story, seed)
