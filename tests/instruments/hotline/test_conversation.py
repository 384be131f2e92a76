"""Conversations: who is told what, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.instruments.hotline.capitals import START, UNKNOWN, Capitals

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.instruments.hotline.conversation import NotToldOf
from laurel.instruments.hotline.records import Call


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def test_a_message_with_a_subject_opens_a_conversation_that_all_it_names_read_in_its_own_language(
    capitals: Capitals,
) -> None:
    opening = capitals.open("JPN", "KOR", "USA", subject="発射の件", text="西方で一発を探知した。")
    for member in ("JPN", "KOR", "USA"):
        shown = capitals.conversation(member, opening)
        assert (shown.subject, shown.members, shown.earlier) == ("発射の件", ("JPN", "KOR", "USA"), 0)
        assert shown.banner == "SECRET//REL TO USA, JPN, KOR"
        [message] = shown.messages
        assert (message.text, message.language, message.member) == ("西方で一発を探知した。", "ja", "JPN")
        assert message.precedence is Precedence.FLASH


def test_a_conversation_of_two_is_not_heard_of_by_the_third(capitals: Capitals) -> None:
    opening = capitals.open("JPN", "KOR")
    assert capitals.board("USA").conversations == ()
    with pytest.raises(Nothing):
        capitals.conversation("USA", opening)


def test_a_reply_goes_to_all_who_were_told_unless_it_names_fewer(capitals: Capitals) -> None:
    opening = capitals.open("JPN", "KOR", "USA")
    to_all = capitals.reply("KOR", conversation=opening)
    to_one = capitals.reply("KOR", conversation=opening, to=("JPN",))
    assert capitals.message("USA", to_all).banner == "SECRET//REL TO USA, JPN, KOR"
    assert capitals.message("JPN", to_one).banner == "SECRET//REL TO JPN, KOR"
    assert [one.id for one in capitals.conversation("USA", opening).messages] == [opening, to_all]


def test_a_reply_never_goes_to_one_who_was_not_told_of_what_it_follows(capitals: Capitals) -> None:
    opening = capitals.open("JPN", "KOR")
    with pytest.raises(NotToldOf) as caught:
        capitals.reply("KOR", conversation=opening, to=("JPN", "USA"))
    assert caught.value.facts == {"not_told": "USA", "told": "JPN, KOR"}
    wide = capitals.open("JPN", "KOR", "USA")
    aside = capitals.reply("KOR", conversation=wide, to=("JPN",))
    assert capitals.message("JPN", capitals.reply("JPN", answers=aside)).banner == "SECRET//REL TO JPN, KOR"
    with pytest.raises(NotToldOf):
        capitals.reply("JPN", answers=aside, to=("KOR", "USA"))


def test_what_answers_goes_on_in_the_same_conversation(capitals: Capitals) -> None:
    opening, other = capitals.open("JPN", "KOR"), capitals.open("JPN", "KOR", subject="別件")
    answer = capitals.reply("KOR", answers=opening)
    assert capitals.message("JPN", answer).conversation == opening
    with pytest.raises(BadField):
        capitals.reply("KOR", answers=opening, conversation=other)
    with pytest.raises(BadField):
        capitals.reply("KOR", answers=opening, subject="another")


@pytest.mark.parametrize(
    "given",
    [
        {"to": ("KOR",)},
        {"to": ("KOR",), "subject": "s", "text": "  \n"},
        {"to": (), "subject": "s"},
        {"to": ("JPN",), "subject": "s"},
        {"to": ("AUS",), "subject": "s"},
        {"to": ("KOR",), "subject": "s", "minutes_of": Call("voice", START, START - timedelta(seconds=1), ())},
        {"to": ("KOR",), "subject": "s", "about": (UNKNOWN,)},
        {"conversation": UNKNOWN},
        {"answers": UNKNOWN},
    ],
    ids=["no-subject", "no-words", "to-nobody", "to-ourselves", "stranger", "backwards", "about", "no-such", "answers"],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_said(capitals: Capitals, given: dict[str, Any]) -> None:
    with pytest.raises(BadAsk):
        capitals.reply("JPN", **given)
    assert capitals.board("JPN").conversations == ()


def test_only_the_message_that_opened_it_names_a_conversation(capitals: Capitals) -> None:
    opening = capitals.open("JPN", "KOR")
    reply = capitals.reply("KOR", conversation=opening)
    with pytest.raises(BadField):
        capitals.reply("JPN", conversation=reply)
    with pytest.raises(BadField):
        capitals.reply("JPN", conversation=opening, subject="again")


def test_the_board_lists_the_last_spoken_in_first_and_marks_it_by_the_strictest_it_shows(capitals: Capitals) -> None:
    first = capitals.open("JPN", "KOR", "USA", classification=Classification.RESTRICTED)
    second = capitals.open("KOR", "JPN", subject="훈련")
    capitals.reply("USA", conversation=first, text="Understood.", language="en", precedence=Precedence.ROUTINE)
    [one, two] = capitals.board("JPN").conversations
    assert (one.id, two.id) == (first, second)
    assert one.banner == "SECRET//REL TO USA, JPN, KOR"
    assert (one.last_text, one.last_member, one.last_language, one.messages) == ("Understood.", "USA", "en", 2)
    assert (one.opened_by, one.precedence, one.waits_for) == ("JPN", Precedence.ROUTINE, ("JPN", "KOR"))
    assert (one.unacknowledged, two.unacknowledged) == (1, 1)


def test_a_long_conversation_is_read_page_by_page_from_its_end(capitals: Capitals) -> None:
    opening = capitals.open("JPN", "KOR")
    said = [opening, *(capitals.reply("KOR", f"{count}", conversation=opening) for count in range(6))]
    last = capitals.conversation("JPN", opening, most=3)
    assert ([one.id for one in last.messages], last.earlier) == (said[4:], 4)
    before = capitals.conversation("JPN", opening, most=3, before=said[4])
    assert ([one.id for one in before.messages], before.earlier) == (said[1:4], 1)
    with pytest.raises(Nothing):
        capitals.conversation("JPN", opening, before=opening)
