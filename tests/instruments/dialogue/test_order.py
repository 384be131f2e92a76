"""Whatever the order in which records arrive, and however often, every node judges the same."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
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
    Step,
)

MEMBER = st.sampled_from(MEMBERS)
OFFICE = st.sampled_from([MINISTER, "minister for foreign affairs", "Second", "Third"])
PLACE = st.integers(0, 3)
"""Which of the meetings, or commitments, said before."""


def a_meeting(begins: int) -> Meeting:
    begins_at = AT + timedelta(days=begins)
    return Meeting(FOREIGN.name, "A meeting", "en", begins_at, begins_at + timedelta(hours=1), "Seoul", "Asia/Seoul")


SAYS = st.one_of(
    st.builds(lambda months: structs.replace(FOREIGN, at_least_every_months=months), st.integers(1, 3)),
    st.builds(a_meeting, st.integers(-40, 40)),
    st.tuples(st.just("changed"), PLACE, st.sampled_from(Change), st.integers(-40, 40)),
    st.tuples(st.just("agenda"), PLACE),
    st.tuples(st.just("minutes"), PLACE),
    st.builds(lambda member, office: Commitment(member, office, "Words", "en", "topic", AT), MEMBER, OFFICE),
    st.tuples(st.just("progress"), PLACE, st.sampled_from(Step)),
    st.tuples(st.just("review"), PLACE, st.integers(-1, 1)),
    st.builds(OfficeOpened, OFFICE),
    st.builds(OfficeHeld, OFFICE, st.none() | st.just("N. N.")),
    st.builds(OfficeAbolished, OFFICE, st.just("x"), st.none() | OFFICE),
)
STORIES = st.lists(st.tuples(MEMBER, SAYS), min_size=1, max_size=24)


def told(story: list[tuple[str, Any]]) -> list[tuple[str, Record[Any]]]:
    """The story as records, each naming what was said before it."""
    houses = Houses()
    meetings, promises = ["0" * 64], ["1" * 64]
    for member, said in story:
        body = said
        if isinstance(said, tuple):
            what, place, *rest = said
            of, promise = meetings[place % len(meetings)], promises[place % len(promises)]
            body = {
                "changed": lambda: MeetingChanged(of, rest[0], "", AT + timedelta(days=rest[1])),
                "agenda": lambda: Agenda(of, "en", (AgendaItem("A point", "en"),)),
                "minutes": lambda: Minutes(of, (Version("en", "We met."),)),
                "progress": lambda: Progress(promise, rest[0], "Words", "en"),
                "review": lambda: Review(promise, rest[0], "Words", "en"),
            }[what]()
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


def check_any_order(story: list[tuple[str, Any]], seed: int) -> None:
    records = told(story)
    shuffled = [*records, *records[: len(records) // 2]]
    random.Random(seed).shuffle(shuffled)
    assert judged(records) == judged(shuffled)


@given(STORIES, st.integers(0, 2**32))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_order_of_arrival_changes_what_is_judged(story: list[tuple[str, Any]], seed: int) -> None:
    check_any_order(story, seed)


@pytest.mark.long
@given(STORIES, st.integers(0, 2**32))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_order_of_many_changes_what_is_judged(story: list[tuple[str, Any]], seed: int) -> None:
    check_any_order(story, seed)
