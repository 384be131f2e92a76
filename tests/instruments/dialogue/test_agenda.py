"""Agendas: what is open comes onto them by itself, and nothing that somebody at the table may not know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.instruments.dialogue.houses import ALL, FOREIGN, MINISTER, TWO, Houses, an_action

from laurel.core.errors import NotPermitted
from laurel.core.label import Classification, label
from laurel.instruments.dialogue.agenda import AgendaDraft, ReadyAgendaAsk, SetAgendaAsk
from laurel.instruments.dialogue.labels import BeyondAudience, TooWide
from laurel.instruments.dialogue.pledges import NoteProgressAsk
from laurel.instruments.dialogue.records import Agenda, AgendaItem, Step


@pytest.fixture
def houses() -> Houses:
    houses = Houses()
    houses.declare()
    return houses


def drafted(houses: Houses, meeting: str, member: str = "JPN") -> AgendaDraft:
    return houses.look(member, "ready-agenda", ReadyAgendaAsk(meeting))


def test_what_earlier_minutes_left_open_comes_first_on_the_next_agenda(houses: Houses) -> None:
    other = houses.commit("JPN", due_at=houses.at + timedelta(days=1))
    first = houses.convene()
    houses.later(days=21)
    _, done, open_still, theirs = houses.minute(
        "JPN", first, an_action("JPN"), an_action("JPN", words="供給網"), an_action("KOR", "Customs")
    )
    houses.ask("JPN", "note-progress", NoteProgressAsk(done, Step.FULFILLED, "Done.", "en", ALL))
    following = houses.convene()
    draft = drafted(houses, following)
    subjects = [one.subject for one in draft.items]
    assert set(subjects[:2]) == {open_still, theirs}
    assert subjects[2] == other
    assert done not in subjects
    assert {one.title for one in draft.items[:2]} == {f"JPN, {MINISTER}: 供給網", "KOR, Customs: KOR sends its list"}
    assert {one.id for one in houses.meeting("KOR", following).carried} == {open_still, theirs}
    # The meeting itself, and that the series is overdue, are no points of its agenda.
    assert not {following, houses.series().records[0]} & set(subjects)


def test_what_a_consultation_led_to_is_on_the_next_agenda(houses: Houses) -> None:
    action = houses.response_action("USA", "Policy bureau", "Shares its warning data", days=300)
    meeting = houses.convene()
    items = {one.subject: one for one in drafted(houses, meeting).items}
    assert items[action].title == "USA, Policy bureau: Shares its warning data"
    assert items[action].records == (action,)


def test_what_is_for_fewer_than_those_who_meet_is_left_out_and_only_counted(houses: Houses) -> None:
    among_two = houses.commit("JPN", label=TWO, words="二国間のみ")
    secret = houses.commit("JPN", label=label(Classification.SECRET, {"JPN", "KOR", "USA"}))
    of_three = houses.convene()
    draft = drafted(houses, of_three)
    assert among_two not in {one.subject for one in draft.items}
    assert draft.left_out == 1
    assert draft.ask is not None
    assert draft.ask.label == label(Classification.SECRET, {"JPN", "KOR", "USA"})
    assert secret in {one.subject for one in draft.items}
    of_two = houses.convene(label=TWO)
    assert among_two in {one.subject for one in drafted(houses, of_two).items}
    # The house that does not know of it does not count it either.
    assert drafted(houses, of_three, "USA").left_out == 0


def test_the_convener_sets_the_agenda_and_its_last_one_holds(houses: Houses) -> None:
    houses.commit("JPN")
    meeting = houses.convene("JPN")
    draft = drafted(houses, meeting)
    assert draft.ask is not None
    with pytest.raises(NotPermitted, match="JPN convened it"):
        houses.ask("KOR", "set-agenda", draft.ask)
    houses.ask("JPN", "set-agenda", draft.ask)
    own = AgendaItem("연락선", "ko")
    last = houses.ask("JPN", "set-agenda", SetAgendaAsk(meeting, "ja", (*draft.items, own), ALL))
    houses.say("KOR", Agenda(meeting, "ko", (own,)))
    agenda = houses.meeting("USA", meeting).agenda
    assert agenda is not None
    assert (agenda.id, agenda.items) == (last, (*draft.items, own))


def test_an_agenda_says_nothing_to_whom_its_points_do_not_reach(houses: Houses) -> None:
    houses.declare(series=FOREIGN, to=TWO)
    secret = houses.commit("JPN", label=label(Classification.SECRET, {"JPN", "KOR"}))
    meeting = houses.convene("JPN")
    point = (AgendaItem("A point", "en", records=(secret,)),)
    with pytest.raises(TooWide):
        houses.ask("JPN", "set-agenda", SetAgendaAsk(meeting, "en", point, ALL))
    with pytest.raises(TooWide):
        houses.ask("JPN", "set-agenda", SetAgendaAsk(meeting, "en", point, TWO))
    houses.ask("JPN", "set-agenda", SetAgendaAsk(meeting, "en", point, label(Classification.SECRET, {"JPN", "KOR"})))
    assert houses.meeting("USA", meeting).agenda is None
    of_two = houses.convene("JPN", label=TWO)
    with pytest.raises(BeyondAudience, match="USA"):
        houses.ask("JPN", "set-agenda", SetAgendaAsk(of_two, "en", (AgendaItem("x", "en"),), ALL))


def test_more_than_an_agenda_holds_is_counted(houses: Houses) -> None:
    meeting = houses.convene()
    for place in range(103):
        houses.commit("JPN", words=f"Promise {place}", language="en")
    draft = drafted(houses, meeting)
    assert (len(draft.items), draft.more) == (100, 3)
