"""Caveats: what a member may not do is never shown as open to it, and the law that says so is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.consult.capitals import ALL, AT, OFFICER, Capitals
from tests.instruments.consult.strategies import CAVEATS, OPTIONS, tightened

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.instruments.consult.caveats import (
    BadCharter,
    DeclareCaveatAsk,
    DeclareCharterCaveatsAsk,
    EndCaveatAsk,
    available_to,
    charter_caveats,
    evaluate,
)
from laurel.instruments.consult.course import CloseAsk
from laurel.instruments.consult.course_types import CaveatRow, OptionRow, Stage
from laurel.instruments.consult.options import (
    Forbidden,
    OfferOptionAsk,
    Replaced,
    TakeStanceAsk,
    check_text,
)
from laurel.instruments.consult.records import Caveat, CaveatDeclared, Option, Part, Stance
from laurel.instruments.consult.stages import WrongStage
from laurel.instruments.consult.words import Activity, Binds, Field, Position
from laurel.node.home.compact import load_compact

CHARTER = load_compact("camp-david").charter
JPN, KOR, USA = (charter_caveats(CHARTER, member) for member in ("JPN", "KOR", "USA"))
FORCE, ABROAD = JPN
ENTRY, DISPATCH = KOR


def a_part(member: str, *activities: Activity, where: tuple[str, ...] = ("high-seas",)) -> Part:
    return Part(member, activities, where)


def an_option(*parts: Part, days: float = 1.0) -> Option:
    return Option("0" * 64, "Escort", Field.DEFENSIVE, "en", "Escort ships.", parts, AT + timedelta(days=days))


def a_row(member: str, caveat: Caveat, record: str = "c" * 64) -> CaveatRow:
    return CaveatRow(member, record, caveat, AT)


# What follows from a caveat


def test_a_part_that_its_own_caveat_speaks_of_is_forbidden_and_the_law_is_cited() -> None:
    option = an_option(
        a_part("JPN", Activity.USE_OF_FORCE, Activity.SURVEILLANCE), a_part("USA", Activity.USE_OF_FORCE)
    )
    [row] = evaluate(option, [a_row("JPN", FORCE)], ())
    assert (row.member, row.of_member, row.caveat, row.activities) == (
        *("JPN", "JPN", "jpn-use-of-force"),
        (Activity.USE_OF_FORCE,),
    )
    assert "article 9" in row.source
    assert "not legal advice" in row.source
    assert {Activity.LOGISTICAL_SUPPORT, Activity.SURVEILLANCE} <= set(row.open_activities)
    assert available_to(option, [row]) == ("USA",)


def test_a_partial_role_is_open_where_the_whole_is_not() -> None:
    part = a_part("JPN", Activity.LOGISTICAL_SUPPORT, where=("KOR",))
    option = an_option(part, a_part("USA", Activity.USE_OF_FORCE))
    assert evaluate(option, [a_row("JPN", FORCE), a_row("JPN", ABROAD)], ()) == ()
    assert available_to(option, ()) == ("JPN", "USA")


def test_a_caveat_on_others_speaks_of_them_there_and_only_there() -> None:
    there = a_part("JPN", Activity.DEPLOYMENT, where=("KOR",))
    elsewhere = a_part("USA", Activity.DEPLOYMENT)
    own = a_part("KOR", Activity.DEPLOYMENT, where=("KOR",))
    rows = evaluate(an_option(there, elsewhere, own), [a_row("KOR", ENTRY)], ())
    assert [(row.member, row.of_member) for row in rows] == [("JPN", "KOR")]


def test_a_part_that_names_no_place_may_be_anywhere() -> None:
    nowhere = a_part("USA", Activity.EXERCISE, where=())
    assert [row.caveat for row in evaluate(an_option(nowhere), [a_row("KOR", ENTRY)], ())] == ["kor-entry-of-forces"]


def test_it_holds_on_the_day_that_the_option_begins() -> None:
    until = structs.replace(FORCE, valid_from=AT, valid_until=AT + timedelta(days=2))
    part = a_part("JPN", Activity.USE_OF_FORCE)
    held = [bool(evaluate(an_option(part, days=days), [a_row("JPN", until)], ())) for days in (-0.1, 0.0, 1.9, 2.0)]
    assert held == [False, True, True, False]


def test_only_its_own_members_consent_lifts_it_and_only_where_consent_can() -> None:
    option = an_option(a_part("USA", Activity.EXERCISE, where=("KOR",)), a_part("JPN", Activity.USE_OF_FORCE))
    caveats = [a_row("JPN", FORCE, "a" * 64), a_row("KOR", ENTRY, "b" * 64)]
    lifted = {("KOR", "b" * 64), ("USA", "b" * 64), ("JPN", "a" * 64)}
    assert [row.caveat for row in evaluate(option, caveats, {("USA", "b" * 64)})] == [
        "kor-entry-of-forces",
        "jpn-use-of-force",
    ]
    assert [row.caveat for row in evaluate(option, caveats, lifted)] == ["jpn-use-of-force"]


@given(option=OPTIONS, caveats=st.lists(CAVEATS, max_size=4), data=st.data())
def test_a_tighter_caveat_never_makes_an_option_more_available(
    option: Option, caveats: list[CaveatRow], data: st.DataObject
) -> None:
    tighter = [structs.replace(row, caveat=data.draw(tightened(row.caveat))) for row in caveats]
    consents = {(row.member, row.record) for row in caveats if data.draw(st.booleans())}
    before, after = (evaluate(option, rows, consents) for rows in (caveats, tighter))
    assert set(available_to(option, after)) <= set(available_to(option, before))
    # Of each part too: what was forbidden stays so.
    shut = [{(row.member, one) for row in rows for one in row.activities} for rows in (before, after)]
    assert shut[0] <= shut[1]
    for row in after:
        assert not {(row.member, one) for one in row.open_activities} & shut[1]


# Said and shown


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def declare(capitals: Capitals, member: str, caveat: Caveat) -> str:
    return capitals.ask(member, "declare-caveat", DeclareCaveatAsk(caveat, ALL))


def offer(capitals: Capitals, consultation: str, *parts: Part, member: str = "USA", **other: Any) -> str:
    begins = capitals.at + timedelta(days=1)
    ask = OfferOptionAsk(consultation, "Escort", Field.DEFENSIVE, "en", "Escort ships.", parts, begins, **other)
    return capitals.ask(member, "offer-option", ask)


def stance(capitals: Capitals, member: str, consultation: str, on: str, **other: Any) -> str:
    ask = TakeStanceAsk(consultation, on, Position.SUPPORTS, "en", "It helps.")
    return capitals.ask(member, "take-stance", structs.replace(ask, **other))


def the_option(capitals: Capitals, member: str, consultation: str, option: str) -> OptionRow:
    return next(one for one in capitals.seen(member, consultation).options if one.id == option)


def test_all_nodes_show_the_same_option_forbidden_to_the_same_member(capitals: Capitals) -> None:
    consultation = capitals.request()
    declare(capitals, "JPN", FORCE)
    option = offer(capitals, consultation, a_part("JPN", Activity.USE_OF_FORCE), a_part("USA", Activity.USE_OF_FORCE))
    rows = [the_option(capitals, member, consultation, option) for member in ("JPN", "KOR", "USA")]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0].available_to == ("USA",)
    assert [row.caveat for row in rows[0].forbidden] == ["jpn-use-of-force"]
    assert capitals.row("KOR", consultation).stage is Stage.OPTIONS
    # Nobody supports what its own law forbids it; others may support it, and no text can rest on it.
    with pytest.raises(Forbidden, match="article 9"):
        stance(capitals, "JPN", consultation, option)
    stance(capitals, "JPN", consultation, option, position=Position.OPPOSES)
    stance(capitals, "KOR", consultation, option)
    with pytest.raises(Forbidden, match=r"stays_open=.*logistical-support"):
        check_text(capitals.nodes.of["USA"].view, consultation, [option])


def test_an_amended_option_is_another_and_has_no_stances(capitals: Capitals) -> None:
    consultation = capitals.request()
    declare(capitals, "JPN", FORCE)
    first = offer(capitals, consultation, a_part("JPN", Activity.USE_OF_FORCE), a_part("USA", Activity.USE_OF_FORCE))
    stance(capitals, "KOR", consultation, first)
    role = (a_part("JPN", Activity.LOGISTICAL_SUPPORT), a_part("USA", Activity.USE_OF_FORCE))
    second = offer(capitals, consultation, *role, member="JPN", instead=first)
    old, new = (the_option(capitals, "KOR", consultation, one) for one in (first, second))
    assert (old.replaced_by, new.instead) == (second, first)
    assert (len(old.stances), new.stances, new.available_to) == (1, (), ("JPN", "USA"))
    assert capitals.row("KOR", consultation).waits_for_us == "Respond to the request, by 04 Mar 05:30 UTC"
    for wrong in (
        lambda: stance(capitals, "KOR", consultation, first),
        lambda: offer(capitals, consultation, *role, instead=first),
        lambda: check_text(capitals.nodes.of["USA"].view, consultation, [first]),
    ):
        with pytest.raises(Replaced, match=second):
            wrong()
    check_text(capitals.nodes.of["USA"].view, consultation, [second])


def test_consent_is_a_stance_on_that_very_option_and_the_last_one_holds(capitals: Capitals) -> None:
    consultation = capitals.request()
    entry = declare(capitals, "KOR", ENTRY)
    option = offer(capitals, consultation, a_part("USA", Activity.EXERCISE, where=("KOR",)))
    assert the_option(capitals, "USA", consultation, option).available_to == ()
    with pytest.raises(NotPermitted):
        stance(capitals, "USA", consultation, option, consents=(entry,))
    with pytest.raises(BadField, match="supports or accepts"):
        stance(capitals, "KOR", consultation, option, consents=(entry,), position=Position.ABSTAINS)
    stance(capitals, "KOR", consultation, option, consents=(entry,))
    assert the_option(capitals, "USA", consultation, option).available_to == ("USA",)
    # A peer that names another's caveat lifts nothing, and who thinks again takes its consent back.
    capitals.say("USA", Stance(consultation, option, Position.SUPPORTS, "en", "so be it", (entry,)))
    stance(capitals, "KOR", consultation, option, position=Position.ABSTAINS)
    assert the_option(capitals, "USA", consultation, option).available_to == ()


def test_a_caveat_said_again_replaces_the_first_and_consent_to_the_first_is_none_to_the_second(
    capitals: Capitals,
) -> None:
    consultation = capitals.request()
    entry = declare(capitals, "KOR", ENTRY)
    option = offer(capitals, consultation, a_part("USA", Activity.EXERCISE, where=("KOR",)))
    stance(capitals, "KOR", consultation, option, consents=(entry,))
    capitals.later(seconds=1)
    declare(capitals, "KOR", structs.replace(ENTRY, title="Only with consent, given anew"))
    assert the_option(capitals, "USA", consultation, option).available_to == ()
    capitals.later(seconds=1)
    capitals.ask("KOR", "end-caveat", EndCaveatAsk(ENTRY.name, "agreed for good"))
    assert the_option(capitals, "USA", consultation, option).available_to == ("USA",)
    with pytest.raises(Nothing):
        capitals.ask("KOR", "end-caveat", EndCaveatAsk(ENTRY.name, "twice"))


def test_nobody_declares_or_ends_anothers_caveat(capitals: Capitals) -> None:
    declare(capitals, "JPN", FORCE)
    with pytest.raises(Nothing):
        capitals.ask("KOR", "end-caveat", EndCaveatAsk(FORCE.name, "not ours"))
    capitals.say("KOR", CaveatDeclared(structs.replace(FORCE, activities=(Activity.STATEMENT,))))
    found = {(row.member, row.caveat.activities) for row in capitals.look("USA", "caveats").caveats}
    assert found == {("JPN", FORCE.activities), ("KOR", (Activity.STATEMENT,))}
    with pytest.raises(BadField):
        capitals.ask("KOR", "declare-caveat", DeclareCaveatAsk(FORCE, label(Classification.SECRET, {"JPN", "USA"})))


def test_a_caveat_is_known_to_those_who_are_told_and_to_no_other(capitals: Capitals) -> None:
    two = label(Classification.SECRET, {"JPN", "USA"})
    capitals.ask("JPN", "declare-caveat", DeclareCaveatAsk(FORCE, two))
    assert [len(capitals.look(member, "caveats").caveats) for member in ("JPN", "KOR", "USA")] == [1, 0, 1]
    end = capitals.ask("JPN", "end-caveat", EndCaveatAsk(FORCE.name, "changed"))
    record = capitals.nodes.of["JPN"].view.record(end)
    assert record is not None
    assert record.label == two


def test_what_the_compacts_file_says_of_us_is_declared_once_and_marked_as_an_illustration(capitals: Capitals) -> None:
    node = capitals.nodes.of["JPN"]
    desk = replace(node.desk(OFFICER, AT), charter=CHARTER)
    decide = next(one.decide for one in node.instrument.commands if one.name == "declare-charter-caveats")
    for draft in decide(DeclareCharterCaveatsAsk(ALL), node.view, desk):
        capitals.nodes.say(draft, desk)
    rows = capitals.look("KOR", "caveats").caveats
    assert [(row.member, row.caveat.name) for row in rows] == [
        ("JPN", "jpn-deployment-abroad"),
        ("JPN", "jpn-use-of-force"),
    ]
    assert all(row.caveat.illustration for row in rows)
    with pytest.raises(Nothing):
        decide(DeclareCharterCaveatsAsk(ALL), node.view, desk)


def test_a_charter_caveat_that_cannot_be_read_names_itself() -> None:
    with pytest.raises(BadCharter, match="jpn-odd"):
        charter_caveats({"consult": {"caveats": [{"member": "JPN", "name": "jpn-odd"}]}}, "JPN")


@pytest.mark.parametrize("caveat", [*JPN, *KOR, *USA], ids=lambda caveat: caveat.name)
def test_every_caveat_of_the_file_is_an_illustration_with_its_source_and_leaves_something_open(caveat: Caveat) -> None:
    assert caveat.illustration
    assert caveat.source.endswith("Illustration, not legal advice.")
    assert caveat.allows
    assert not set(caveat.allows) & set(caveat.activities)
    assert caveat.consent_lifts or caveat.binds is Binds.OWN


def test_an_option_has_one_part_for_each_and_begins_in_time_to_come(capitals: Capitals) -> None:
    consultation = capitals.request()
    part = a_part("JPN", Activity.STATEMENT)
    for parts in ((part, part), (a_part("AUS", Activity.STATEMENT),)):
        with pytest.raises(BadField, match="one each"):
            offer(capitals, consultation, *parts)
    ask = OfferOptionAsk(consultation, "Now", Field.DIPLOMATIC, "en", "At once.", (part,), AT)
    with pytest.raises(BadField, match="begins_at"):
        capitals.ask("JPN", "offer-option", ask)
    capitals.ask("KOR", "close", CloseAsk(consultation, "done"))
    with pytest.raises(WrongStage):
        offer(capitals, consultation, part)
