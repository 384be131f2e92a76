"""Whatever is asked wrongly or said wrongly of a joint text has one outcome, which all nodes reach.

What a command refuses is refused with a reason; the same said all the same, by a node that is wrong or hostile, is
judged alike everywhere: `Table.row` compares all three nodes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct, structs
from tests.instruments.consult.table import HOUR, NOW, TO_ALL, VERSIONS, Table

from laurel.core.errors import BadField, LaurelError
from laurel.core.label import Classification, Label
from laurel.instruments.consult.course import RequestAsk
from laurel.instruments.consult.course_types import TextState, VoteKind
from laurel.instruments.consult.deadlines import TooSoon
from laurel.instruments.consult.drafts import EditDoesNotFit, hash_of
from laurel.instruments.consult.records import Amended, Assented, Edit, JointText, Objected, Remarked, Version
from laurel.instruments.consult.silence import KeepSilenceAsk
from laurel.instruments.consult.texts import (
    AmendAsk,
    AssentAsk,
    ExtendAsk,
    NoLongerOpen,
    ObjectAsk,
    OtherWords,
    ProposeTextAsk,
    RemarkAsk,
    ShownTextAsk,
    Spent,
    Superseded,
    TooFewLeft,
    TooLate,
)
from laurel.instruments.consult.voice import MemberGone, Over, VoiceLost, WeLeft
from laurel.instruments.consult.words import Ground, Level, Purpose, RemarkKind
from laurel.instruments.hotline.records import CheckMeasured
from laurel.instruments.line.records import GapDeclared
from laurel.node.rehearsal import NODE

SECOND = timedelta(seconds=1)


def body_of(table: Table, text: str) -> JointText:
    return table.found().drafts[text].body


def assent_to(table: Table, member: str, text: str, now: Any = NOW) -> str:
    return table.ask(member, "assent", AssentAsk(text, body_of(table, text).text_hash, "principal"), now)


# The deadline


@pytest.mark.parametrize("deadline", [NOW - HOUR, NOW, NOW + timedelta(seconds=59)])
def test_a_deadline_in_the_past_or_shorter_than_the_silence_is_refused(deadline: Any) -> None:
    with pytest.raises(TooSoon):
        Table().propose("JPN", deadline=deadline)


def test_a_deadline_shorter_than_the_worst_delay_of_the_line_is_refused_and_the_earliest_named() -> None:
    table = Table()
    for member, delay_s in (("KOR", 400.0), ("USA", 2.0), ("KOR", 3.0)):
        table.say("JPN", CheckMeasured("a" * 64, member, heard_after_s=delay_s), Label(Classification.SECRET, ("JPN",)))
    with pytest.raises(TooSoon) as refused:
        table.propose("JPN", deadline=NOW + timedelta(seconds=459))
    assert (refused.value.facts["slowest"], refused.value.facts["worst_delay_s"]) == ("KOR", 400.0)
    assert refused.value.facts["earliest"] == (NOW + timedelta(seconds=460)).isoformat()
    table.propose("JPN", deadline=NOW + timedelta(seconds=460))
    # What another measured says nothing of our lines.
    table.propose("USA", deadline=NOW + timedelta(seconds=60))


def test_a_text_that_was_said_with_a_deadline_in_the_past_is_never_adopted() -> None:
    table = Table()
    body = structs.replace(body_of(table, table.propose("JPN")), round=2, amends="b" * 64, deadline=NOW - HOUR)
    late = table.say("USA", body)
    for member in ("JPN", "KOR"):
        table.say(member, assented(late, body))
    assert table.row(late).state is TextState.BROKEN


def assented(text: str, body: JointText, text_hash: str = "") -> Assented:
    return Assented(
        body.consultation, text, text_hash or body.text_hash, body.purpose, body.round, silent=False, shown_to=()
    )


# What is not the text on the table


def test_a_text_whose_hash_is_not_of_its_words_is_never_adopted() -> None:
    table = Table()
    words = (Version("en", "We do nothing."),)
    body = structs.replace(body_of(table, table.propose("JPN")), round=2, amends="b" * 64, versions=words)
    forged = table.say("USA", body)
    for member in ("JPN", "KOR"):
        table.say(member, assented(forged, body))
    assert table.row(forged).state is TextState.BROKEN


def test_an_assent_names_the_hash_that_the_officer_read_and_another_counts_for_nothing() -> None:
    table = Table()
    text = table.propose("JPN")
    with pytest.raises(OtherWords):
        table.ask("KOR", "assent", AssentAsk(text, "c" * 64, "principal"))
    body = body_of(table, text)
    table.say("KOR", assented(text, body, "c" * 64))
    assert table.row(text).state is TextState.OVERTAKEN


def test_what_speaks_to_a_superseded_text_is_refused_and_said_all_the_same_changes_nothing_of_the_next() -> None:
    table = Table()
    first = table.propose("JPN")
    second = table.propose("USA")
    edits = (Edit("en", "act", "stand"),)
    asks: tuple[tuple[str, Struct], ...] = (
        ("amend", AmendAsk(first, edits, "ko", "더 정확하게")),
        ("object", ObjectAsk(first, "ko", "아니다")),
        ("assent", AssentAsk(first, body_of(table, first).text_hash, "principal")),
        ("extend", ExtendAsk(first, NOW + 2 * HOUR)),
        ("propose-text", ProposeTextAsk(table.consultation, Purpose.RESPONSE, VERSIONS, NOW + HOUR, amends=first)),
    )
    for command, ask in asks:
        with pytest.raises(Superseded) as refused:
            table.ask("KOR", command, ask)
        assert refused.value.facts["latest"] == second
    table.say("KOR", Amended(table.consultation, first, Purpose.RESPONSE, 1, edits, "ko", "더 정확하게"))
    assert [table.row(one).state for one in (first, second)] == [TextState.BROKEN, TextState.OPEN]
    assent_to(table, "KOR", second)
    assent_to(table, "JPN", second)
    assert [table.row(one).state for one in (first, second)] == [TextState.BROKEN, TextState.ADOPTED]


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ((Edit("en", "nowhere", "here"),), EditDoesNotFit),
        ((Edit("en", "t", "T"),), EditDoesNotFit),
        ((Edit("en", "act", "act"),), EditDoesNotFit),
        ((Edit("fr", "act", "agir"),), BadField),
        ((Edit("en", "We act together.", ""),), BadField),
    ],
)
def test_an_edit_that_does_not_fit_exactly_once_is_refused(edits: tuple[Edit, ...], error: type[LaurelError]) -> None:
    table = Table()
    text = table.propose("JPN")
    with pytest.raises(error):
        table.ask("KOR", "amend", AmendAsk(text, edits, "ko", "더 정확하게"))
    assert table.row(text).state is TextState.OPEN


def test_a_text_names_each_language_once_and_what_it_amends_where_there_are_two() -> None:
    table = Table()
    with pytest.raises(BadField):
        table.propose("JPN", versions=(VERSIONS[0], VERSIONS[0]))
    first = table.propose("JPN")
    body = structs.replace(body_of(table, first), versions=VERSIONS[:1])
    hash_ = hash_of(body.purpose, body.versions, body.options, body.clauses)
    assert hash_ is not None
    table.say("USA", structs.replace(body, text_hash=hash_))
    with pytest.raises(BadField):
        table.propose("KOR")
    assert table.row(table.propose("KOR", amends=first)).round == 2


# Too late


def test_an_objection_after_the_deadline_counts_until_our_own_assent_is_said() -> None:
    table = Table()
    text = table.propose("JPN")
    late = NOW + HOUR + SECOND
    for member in ("KOR", "USA"):
        table.show(member, text)
    table.nodes.ask("USA", "keep-silence", KeepSilenceAsk(text), NODE, late)
    assert table.row(text, late).waits_for == ("KOR",)
    with pytest.raises(Spent):
        table.ask("USA", "object", ObjectAsk(text, "en", "No."), late)
    table.ask("KOR", "object", ObjectAsk(text, "ko", "아니다"), late)
    assert table.row(text, late).state is TextState.BROKEN
    assert not table.nodes.ask("KOR", "keep-silence", KeepSilenceAsk(text), NODE, late)


def test_an_objection_said_after_the_own_assent_changes_nothing() -> None:
    table = Table()
    text = table.propose("JPN")
    for member in ("KOR", "USA"):
        assent_to(table, member, text)
    table.say("KOR", Objected(table.consultation, text, Purpose.RESPONSE, 1, "ko", "아니다"))
    assert table.row(text).state is TextState.ADOPTED
    with pytest.raises(NoLongerOpen):
        table.ask("KOR", "object", ObjectAsk(text, "ko", "아니다"))


def test_a_reservation_after_the_assent_is_refused_and_shown_nowhere_an_interpretation_is_not() -> None:
    table = Table()
    text = table.propose("JPN")
    assent_to(table, "KOR", text)
    with pytest.raises(TooLate):
        table.ask("KOR", "remark", RemarkAsk(text, RemarkKind.RESERVATION, "ko", "유보"))
    table.say("KOR", Remarked(table.consultation, text, RemarkKind.RESERVATION, "ko", "유보"))
    table.ask("KOR", "remark", RemarkAsk(text, RemarkKind.INTERPRETATION, "ko", "해석"))
    assert [one.words for one in table.row(text).remarks] == ["해석"]


def test_a_text_is_shown_once_to_an_office_and_one_whose_state_is_final_is_only_looked_at() -> None:
    table = Table()
    text = table.propose("JPN")
    assert [len(table.nodes.ask("KOR", "shown-text", ShownTextAsk(text, one), NODE, NOW)) for one in "aab"] == [1, 0, 1]
    table.close("USA")
    assert table.found().judged.closed
    assert not table.nodes.ask("KOR", "shown-text", ShownTextAsk(text, "c"), NODE, NOW)


# Who leaves, who is gone, who lost its records


def test_a_member_that_leaves_breaks_the_text_and_the_next_round_asks_the_others() -> None:
    table = Table()
    text = table.propose("JPN")
    table.leave("KOR")
    row = table.row(text)
    assert row.state is TextState.BROKEN
    assert [one.vote for one in row.votes] == [VoteKind.PROPOSED, VoteKind.LEFT, None]
    with pytest.raises(WeLeft):
        assent_to(table, "KOR", text)
    following = table.propose("USA")
    assert [one.member for one in table.row(following).votes] == ["JPN", "USA"]
    assent_to(table, "JPN", following)
    assert table.row(following).state is TextState.ADOPTED


def test_a_member_that_leaves_after_its_assent_has_assented() -> None:
    table = Table()
    text = table.propose("JPN")
    assent_to(table, "KOR", text)
    table.leave("KOR")
    assert table.row(text).waits_for == ("USA",)
    assent_to(table, "USA", text)
    assert table.row(text).state is TextState.ADOPTED


def test_nobody_is_left_alone_with_a_text_and_what_was_closed_stays_closed() -> None:
    table = Table()
    table.leave("KOR")
    table.leave("USA")
    assert table.found().judged.closed
    with pytest.raises((Over, TooFewLeft)):
        table.propose("JPN")
    other = Table()
    other.close("KOR")
    with pytest.raises(Over):
        other.propose("JPN")
    # Nor does it open again when who closed it leaves.
    other.leave("KOR")
    assert other.found().judged.closed


def test_with_a_member_that_is_one_no_more_a_consultation_cannot_go_on() -> None:
    table = Table()
    text = table.propose("JPN")
    table.nodes.of["USA"].members = ("JPN", "USA")
    with pytest.raises(MemberGone) as refused:
        assent_to(table, "USA", text)
    assert refused.value.facts["gone"] == "KOR"
    assert table.row(text, NOW + 2 * HOUR).state is TextState.PROVISIONAL


def test_who_declared_a_gap_has_no_voice_until_a_request_names_the_gap() -> None:
    table = Table()
    text = table.propose("JPN")
    gap = table.say("KOR", GapDeclared(1, 1, "The disk failed."))
    with pytest.raises(VoiceLost):
        assent_to(table, "KOR", text)
    body = body_of(table, text)
    table.say("KOR", assented(text, body))
    assent_to(table, "USA", text)
    row = table.row(text, NOW + 2 * HOUR)
    assert (row.state, row.waits_for) == (TextState.PROVISIONAL, ("KOR",))
    ask = RequestAsk("Again", Ground.THREAT, Level.ADVISER, "en", "It goes on.", TO_ALL, 3_600)
    table.consultation = table.ask("JPN", "request", ask)
    request = table.nodes.of["USA"].view.record(table.consultation)
    assert request is not None
    assert gap in request.about
    anew = table.propose("JPN")
    for member in ("KOR", "USA"):
        assent_to(table, member, anew)
    assert table.row(anew).state is TextState.ADOPTED


# Two at once, and clocks that differ


def test_of_two_texts_that_race_across_a_partition_neither_is_adopted_and_the_next_round_decides() -> None:
    table = Table()
    one = table.propose("JPN")
    words = (Version("en", "We wait."),)
    body = structs.replace(body_of(table, one), versions=words)
    hash_ = hash_of(body.purpose, words, body.options, body.clauses)
    assert hash_ is not None
    # USA said it before it had heard of the other.
    other = table.say("USA", structs.replace(body, text_hash=hash_))
    for text in (one, other):
        table.show("KOR", text)
    table.nodes.wake(NOW + 2 * HOUR)
    states = [table.row(text, NOW + 2 * HOUR).state for text in (one, other)]
    assert states == [TextState.OVERTAKEN, TextState.OVERTAKEN]
    third = table.propose("KOR", amends=one)
    for member in ("JPN", "USA"):
        assent_to(table, member, third)
    assert table.row(third).state is TextState.ADOPTED


def test_silence_on_one_of_two_rivals_is_no_answer() -> None:
    table = Table()
    one = table.propose("JPN")
    table.show("KOR", one)
    body = body_of(table, one)
    hash_ = hash_of(body.purpose, VERSIONS[:1], body.options, body.clauses)
    assert hash_ is not None
    # KOR says it would agree to either, had it been proposed alone: it proposes nothing, and must speak.
    table.say("USA", structs.replace(body, versions=VERSIONS[:1], text_hash=hash_, asked=("JPN", "KOR", "USA")))
    assert not table.nodes.ask("KOR", "keep-silence", KeepSilenceAsk(one), NODE, NOW + 2 * HOUR)


@pytest.mark.parametrize("ahead_s", [-300, 0, 300])
def test_clocks_that_differ_by_minutes_change_when_a_silence_is_said_and_nothing_else(ahead_s: int) -> None:
    table = Table()
    text = table.propose("JPN")
    ahead = timedelta(seconds=ahead_s)
    for member, wrong in (("KOR", ahead), ("USA", -ahead)):
        table.show(member, text, NOW + wrong)
    for member, wrong in (("KOR", ahead), ("USA", -ahead)):
        early, late = NOW + HOUR - SECOND - wrong, NOW + HOUR - wrong
        assert not table.nodes.ask(member, "keep-silence", KeepSilenceAsk(text), NODE, early + wrong)
        assert table.nodes.ask(member, "keep-silence", KeepSilenceAsk(text), NODE, late + wrong)
    # JPN's own clock has not come to the deadline: it is adopted all the same, by the records alone.
    assert table.row(text, NOW).state is TextState.ADOPTED


def test_nobody_was_shown_it_so_no_silence_is_kept_until_somebody_was_for_long_enough() -> None:
    table = Table()
    text = table.propose("JPN")
    table.show("USA", text)
    late = NOW + HOUR
    table.nodes.wake(late)
    row = table.row(text, late)
    assert (row.state, row.waits_for) == (TextState.PROVISIONAL, ("KOR",))
    [item] = table.nodes.of["KOR"].instrument.docket(table.nodes.of["KOR"].view, late)
    assert "provisional, waiting for KOR" in item.state
    assert "nobody here was shown it" in item.summary
    table.show("KOR", text, late)
    table.nodes.wake(late + timedelta(seconds=59))
    assert table.row(text, late).waits_for == ("KOR",)
    table.nodes.wake(late + timedelta(seconds=60))
    assert table.row(text, late).state is TextState.ADOPTED


def test_an_extension_opens_a_round_in_which_all_vote_anew() -> None:
    table = Table()
    text = table.propose("JPN")
    assent_to(table, "KOR", text)
    longer = table.ask("USA", "extend", ExtendAsk(text, NOW + 2 * HOUR))
    row = table.row(longer)
    assert (row.round, row.waits_for) == (2, ("JPN", "KOR"))
    assert row.text_hash == table.row(text).text_hash
    assert table.row(text).state is TextState.OVERTAKEN
