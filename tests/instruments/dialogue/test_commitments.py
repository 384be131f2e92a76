"""Commitments: whose word counts, how far each is, who judged it; and what becomes of them when an office ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs
from tests.instruments.dialogue.houses import (
    ALL,
    MINISTER,
    TWO,
    Houses,
    a_promise,
    an_action,
)

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.instruments.dialogue.commitments import CommitmentAsk
from laurel.instruments.dialogue.labels import BeyondAudience, TooWide
from laurel.instruments.dialogue.offices import AbolishOfficeAsk, HoldOfficeAsk, OpenOfficeAsk
from laurel.instruments.dialogue.offices_said import key_of
from laurel.instruments.dialogue.pledges import AbolishedOffice, NoteProgressAsk, PromisedAlready, ReviewAsk
from laurel.instruments.dialogue.records import (
    Commitment,
    Evidence,
    Initiative,
    Milestone,
    OfficeAbolished,
    OfficeOpened,
    Progress,
    Review,
    Step,
)

PROOF = (Evidence("Published", url="https://www.mofa.go.jp/"),)


@pytest.fixture
def houses() -> Houses:
    return Houses()


def progress(commitment: str, step: Step, **other: object) -> NoteProgressAsk:
    return structs.replace(NoteProgressAsk(commitment, step, "Done so far.", "en", ALL), **other)


def review(commitment: str, score: int, **other: object) -> ReviewAsk:
    return structs.replace(ReviewAsk(commitment, score, "We looked.", "en", ALL, PROOF), **other)


def opened(houses: Houses, office: str = MINISTER, *also: str, member: str = "JPN") -> str:
    return houses.ask(member, "open-office", OpenOfficeAsk(office, ALL, also))


def abolish(houses: Houses, office: str = MINISTER, successor: str | None = None, member: str = "JPN") -> str:
    return houses.ask(member, "abolish-office", AbolishOfficeAsk(office, "Reorganised.", successor))


# Promised and kept


def test_a_promise_is_open_until_its_own_member_says_otherwise(houses: Houses) -> None:
    promise = houses.commit("JPN")
    assert houses.promised("KOR")[promise].state == "open"
    with pytest.raises(NotPermitted, match="JPN says"):
        houses.ask("KOR", "note-progress", progress(promise, Step.FULFILLED))
    # A peer's word on ours counts for nothing.
    houses.say("KOR", Progress(promise, Step.FULFILLED, "They did.", "en"))
    assert houses.promised("USA")[promise].state == "open"
    houses.ask("JPN", "note-progress", progress(promise, Step.UNDER_WAY))
    assert houses.promised("USA")[promise].state == "under-way"
    houses.ask("JPN", "note-progress", progress(promise, Step.FULFILLED, evidence=PROOF))
    assert promise not in houses.promised("USA")
    assert houses.promised("USA", closed=True)[promise].state == "fulfilled"
    whole = houses.look("KOR", "commitment", CommitmentAsk(promise))
    assert [one.step for one in whole.progress] == [Step.FULFILLED, Step.UNDER_WAY]
    # It turns out that it was not.
    houses.ask("JPN", "note-progress", progress(promise, Step.UNDER_WAY))
    assert houses.promised("USA")[promise].state == "under-way"


def test_what_is_late_is_overdue_and_stands_on_the_docket(houses: Houses) -> None:
    promise, someday = houses.commit("JPN"), houses.commit("KOR", due_at=None)
    assert list(houses.promised()) == [promise, someday], "what has no day comes last"
    assert houses.docket("USA") == {}
    houses.later(days=20)
    assert houses.docket("USA")[promise].state == "due"
    houses.later(days=20)
    item = houses.docket("USA")[promise]
    assert (item.state, item.offices, item.title) == (
        "overdue",
        (MINISTER,),
        f"JPN, {MINISTER}: 共同の備蓄計画を示す。",
    )
    assert [one.overdue for one in houses.promised("USA").values()] == [True, False]
    houses.ask("JPN", "note-progress", progress(promise, Step.WITHDRAWN))
    assert set(houses.docket("JPN")) == {f"review:{promise}"}


def test_a_response_action_of_a_consultation_is_a_commitment_of_its_own_member(houses: Houses) -> None:
    action = houses.response_action("KOR", "Policy bureau", "Shares its warning data", days=30)
    [row] = houses.promised("USA").values()
    assert (row.id, row.source, row.office, row.state) == (action, "consultation", "Policy bureau", "open")
    houses.ask("KOR", "note-progress", progress(action, Step.FULFILLED))
    houses.ask("USA", "review", review(action, 1))
    [row] = houses.promised("JPN", closed=True).values()
    assert (row.state, [one.score for one in row.reviews]) == ("fulfilled", [1])


def test_an_action_in_the_minutes_is_proposed_until_its_member_takes_it_up(houses: Houses) -> None:
    houses.declare()
    meeting = houses.convene("JPN")
    houses.later(days=21)
    _, own, theirs, refused = houses.minute("JPN", meeting, an_action("JPN"), an_action("KOR"), an_action("USA", "X"))
    assert {one: row.state for one, row in houses.promised("USA").items()} == {
        own: "open",
        theirs: "proposed",
        refused: "proposed",
    }
    houses.ask("KOR", "note-progress", progress(theirs, Step.ACCEPTED))
    houses.ask("USA", "note-progress", progress(refused, Step.DECLINED))
    with pytest.raises(BadField, match="withdrawn"):
        houses.ask("JPN", "note-progress", progress(own, Step.DECLINED))
    rows = houses.promised("USA", closed=True)
    assert {one: rows[one].state for one in (own, theirs, refused)} == {
        own: "open",
        theirs: "open",
        refused: "declined",
    }
    assert {rows[one].source for one in (own, theirs)} == {"minutes"}
    assert [one.id for one in houses.meeting("KOR", meeting).actions] == sorted((own, theirs, refused))


def test_an_initiative_has_partners_and_milestones(houses: Houses) -> None:
    steps = (Milestone("Course designed", houses.at + timedelta(days=100)), Milestone("First class"))
    promise = houses.commit(
        "USA",
        office="Trilateral Secretariat",
        words="A maritime course for coast guards",
        language="en",
        due_at=houses.at + timedelta(days=300),
        initiative=Initiative.PARTNER_CAPACITY,
        partners=("ASEAN", "Pacific Islands Forum"),
        milestones=steps,
    )
    houses.commit("JPN")
    [row] = houses.promised("KOR", initiatives=True).values()
    assert (row.id, row.partners, row.milestones) == (promise, ("ASEAN", "Pacific Islands Forum"), steps)
    with pytest.raises(BadField, match="one of 2 milestones"):
        houses.ask("USA", "note-progress", progress(promise, Step.UNDER_WAY, reached=(2,)))
    houses.ask("USA", "note-progress", progress(promise, Step.UNDER_WAY, reached=(1, 0, 1)))
    assert houses.promised("KOR")[promise].reached == (0, 1)
    with pytest.raises(BadField, match="milestones"):
        houses.commit("USA", milestones=(Milestone("Too late", houses.at + timedelta(days=31)),))


def test_commitments_are_found_by_member_office_and_topic(houses: Houses) -> None:
    opened(houses, MINISTER, "外務大臣")
    one = houses.commit("JPN", office="minister for FOREIGN affairs")
    two = houses.commit("KOR", topic="cyber")
    assert set(houses.promised("USA", member="JPN")) == {one}
    assert set(houses.promised("USA", office="外務大臣", member="JPN")) == {one}
    assert set(houses.promised("USA", office=MINISTER)) == {one, two}
    assert set(houses.promised("USA", topic="cyber")) == {two}
    assert len(houses.promised("USA", most=1)) == 1


# Judged


def test_reviews_stand_side_by_side_the_last_of_each_member(houses: Houses) -> None:
    promise = houses.commit("JPN")
    houses.ask("KOR", "review", review(promise, -1))
    houses.ask("JPN", "review", review(promise, 1))
    houses.ask("KOR", "review", review(promise, 0, reason="일부만 이행되었다.", language="ko"))
    row = houses.promised("USA")[promise]
    assert [(one.member, one.score) for one in row.reviews] == [("JPN", 1), ("KOR", 0)]
    assert row.unreviewed == ("USA",)
    assert len(houses.look("USA", "commitment", CommitmentAsk(promise)).reviews) == 3


def test_a_review_goes_to_nobody_who_does_not_know_of_the_promise(houses: Houses) -> None:
    promise = houses.commit("JPN", label=TWO)
    with pytest.raises(BeyondAudience, match="USA"):
        houses.ask("KOR", "review", review(promise, 1))
    with pytest.raises(Nothing):
        houses.ask("USA", "review", review(promise, 1))
    with pytest.raises(BadField, match="evidence"):
        houses.ask("KOR", "review", review(promise, 1, label=TWO, evidence=(Evidence("Hearsay"),)))
    secret = label(Classification.SECRET, {"JPN", "KOR"})
    houses.ask("KOR", "review", review(promise, 1, label=secret))
    [row] = houses.promised("JPN").values()
    assert row.reviews[0].banner == "SECRET//REL TO JPN, KOR"


def test_the_docket_asks_us_to_judge_what_was_settled(houses: Houses) -> None:
    promise = houses.commit("JPN")
    houses.ask("JPN", "note-progress", progress(promise, Step.FULFILLED))
    assert houses.docket("KOR")[f"review:{promise}"].records[0] == promise
    houses.ask("KOR", "review", review(promise, 1))
    assert f"review:{promise}" not in houses.docket("KOR")
    assert f"review:{promise}" in houses.docket("USA")
    houses.later(days=200)
    assert houses.docket("USA") == {}


# Offices


def test_a_promise_of_an_abolished_office_is_refused_and_the_heir_named(houses: Houses) -> None:
    opened(houses)
    opened(houses, "Minister for External Relations")
    abolish(houses, successor="Minister for External Relations")
    with pytest.raises(AbolishedOffice, match="successor=Minister for External Relations"):
        houses.commit("JPN", office="minister  for foreign-affairs")
    houses.declare()
    meeting = houses.convene("KOR")
    houses.later(days=21)
    with pytest.raises(AbolishedOffice):
        houses.minute("KOR", meeting, an_action("JPN"))
    assert houses.meeting("KOR", meeting).minutes is None, "nothing of it is said"
    houses.commit("KOR", office=MINISTER)


def test_what_an_office_promised_passes_on_when_it_is_abolished(houses: Houses) -> None:
    for office in (MINISTER, "Second", "Third"):
        opened(houses, office)
    promise = houses.commit("JPN")
    abolish(houses, MINISTER, "Second")
    abolish(houses, "Second", "Third")
    row = houses.promised("KOR")[promise]
    assert (row.office, row.bound_to, row.nobodys) == (MINISTER, "Third", False)
    assert set(houses.promised("KOR", member="JPN", office="third")) == {promise}
    assert houses.office("KOR", "Third", of="JPN").commitments == 1
    assert houses.office("KOR", MINISTER, of="JPN").successor == "Second"


def test_what_nobody_took_over_is_nobodys_and_stands_on_the_docket(houses: Houses) -> None:
    opened(houses)
    promise = houses.commit("JPN", due_at=houses.at + timedelta(days=900))
    assert houses.docket("USA") == {}
    abolish(houses)
    row = houses.promised("USA")[promise]
    assert (row.bound_to, row.nobodys) == (None, True)
    item = houses.docket("USA")[promise]
    assert (item.state, item.offices) == ("nobody's", ())
    assert f"{MINISTER} is no more" in item.summary
    opened(houses)
    assert houses.docket("USA") == {}
    assert houses.promised("USA")[promise].bound_to == MINISTER


def test_offices_that_hand_to_each_other_in_a_circle_are_nobodys(houses: Houses) -> None:
    promise = houses.say("JPN", Commitment("JPN", "A", "Words", "en", "topic"))
    houses.say("JPN", OfficeOpened("A"))
    houses.say("JPN", OfficeAbolished("A", "x", "B"))
    houses.say("JPN", OfficeAbolished("B", "x", "A"))
    assert houses.promised("KOR")[promise].nobodys


def test_an_office_is_abolished_by_its_own_member_for_one_that_is_open(houses: Houses) -> None:
    opened(houses)
    with pytest.raises(Nothing):
        abolish(houses, "Nothing at all")
    with pytest.raises(Nothing):
        abolish(houses, MINISTER, "Nothing at all")
    with pytest.raises(BadField, match="another office"):
        abolish(houses, MINISTER, MINISTER.upper())
    with pytest.raises(Nothing):
        abolish(houses, MINISTER, member="KOR")
    # What a peer says of our offices is of its own offices.
    houses.say("KOR", OfficeAbolished(MINISTER, "no"))
    assert houses.office("USA", MINISTER, of="JPN").state == "open"
    abolish(houses)
    with pytest.raises(Nothing, match="abolished"):
        abolish(houses)


def test_two_offices_do_not_bear_one_name(houses: Houses) -> None:
    opened(houses, MINISTER, "外務大臣")
    with pytest.raises(BadField, match="another office"):
        opened(houses, "Minister of State", "外務大臣")
    opened(houses, "Minister for foreign affairs", "外務大臣", "외무대신")
    assert houses.office("KOR", "Minister for foreign affairs", of="JPN").also == ("外務大臣", "외무대신")
    with pytest.raises(BadField, match="letters"):
        opened(houses, "---")


def test_who_holds_an_office_is_told_to_those_whom_the_label_names(houses: Houses) -> None:
    opened(houses)
    home = label(Classification.RESTRICTED, {"JPN"})
    houses.ask("JPN", "hold-office", HoldOfficeAsk(MINISTER, home, "N. N. the first"))
    assert houses.office("JPN", MINISTER, of="JPN").holder == "N. N. the first"
    assert houses.office("KOR", MINISTER, of="JPN").holder is None
    houses.ask("JPN", "hold-office", HoldOfficeAsk(MINISTER, TWO, "N. N. the second"))
    assert houses.office("KOR", MINISTER, of="JPN").holder == "N. N. the second"
    houses.ask("JPN", "hold-office", HoldOfficeAsk(MINISTER, TWO))
    assert houses.office("JPN", MINISTER, of="JPN").holder is None
    with pytest.raises(Nothing):
        houses.ask("KOR", "hold-office", HoldOfficeAsk(MINISTER, TWO, "Nobody"))


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Minister for Foreign Affairs", "minister-for-foreign-affairs"),
        ("Vice-Minister,  Defense", "VICE MINISTER DEFENSE"),
        ("외교부 장관", "외교부　장관"),
        ("外務大臣", "外務大臣 "),
    ],
)
def test_offices_are_one_by_their_letters(one: str, same: str) -> None:
    assert key_of(one) == key_of(same)
    assert key_of(one) != key_of(f"{one} of another")


def test_a_promise_is_due_in_time_to_come_and_told_to_members(houses: Houses) -> None:
    with pytest.raises(BadField, match="due_at"):
        houses.commit("JPN", due_at=houses.at)
    with pytest.raises(BadField, match=r"label\.rel_to"):
        houses.commit("JPN", label=label(Classification.RESTRICTED, {"JPN", "FRA"}))
    with pytest.raises(Nothing):
        houses.ask("JPN", "commit", a_promise(houses.at, meeting="0" * 64))
    with pytest.raises(Nothing):
        houses.ask("JPN", "review", ReviewAsk("0" * 64, 1, "x", "en", ALL))


def test_a_review_that_came_before_the_promise_counts_once_it_is_here(houses: Houses) -> None:
    promise = houses.commit("JPN")
    log = houses.nodes.of["JPN"].log
    houses.say("KOR", Review(promise, 1, "Kept.", "en"))
    late = Houses()
    for record_id, record in reversed(log):
        late.nodes.of["USA"].view.fold(record_id, record)
    late.at = houses.at
    assert [one.score for one in late.promised("USA")[promise].reviews] == [1]


def test_what_follows_from_a_record_is_promised_once_in_the_same_words_for_the_same_day(houses: Houses) -> None:
    cause = houses.declare("KOR")
    due_at = houses.at + timedelta(days=90)
    promise = houses.commit("JPN", about=(cause,), due_at=due_at)
    assert list(houses.promised(about=cause)) == [promise]
    with pytest.raises(PromisedAlready, match=promise):
        houses.ask("JPN", "commit", a_promise(houses.at, about=(cause,), due_at=due_at), "officer:tanaka")
    later = houses.commit("JPN", about=(cause,), due_at=due_at + timedelta(days=1))
    theirs = houses.commit("KOR", about=(cause,), due_at=due_at)
    assert set(houses.promised(about=cause)) == {promise, later, theirs}
    assert houses.commit("JPN", due_at=due_at) not in houses.promised(about=cause)


def test_a_promise_follows_from_a_record_that_is_here_and_is_told_to_nobody_who_has_it_not(houses: Houses) -> None:
    with pytest.raises(Nothing, match="about"):
        houses.commit("JPN", about=("f" * 64,))
    with pytest.raises(TooWide, match="RESTRICTED"):
        houses.commit("JPN", about=(houses.declare("JPN", to=TWO),))
