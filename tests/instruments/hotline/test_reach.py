"""How far a message came: each member says it of itself, and every node concludes the same."""

from __future__ import annotations

import pytest
from tests.instruments.hotline.capitals import UNKNOWN, Capitals

from laurel.core.errors import BadField, Nothing
from laurel.core.record import Precedence
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.board_types import Reached, ReadbackState
from laurel.instruments.hotline.receipts import NotOurs, OwnMessage
from laurel.instruments.hotline.records import Delivered, Shown


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def test_it_climbs_from_sent_to_answered_at_each_member_by_that_members_own_word(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", "USA")

    def seen() -> list[str]:
        views = {tuple((one.member, one.reached.value) for one in capitals.message(at, message).reach) for at in of}
        assert len(views) == 1, "every node shows the same"
        return [reached for _, reached in views.pop()]

    of = ("JPN", "KOR", "USA")
    assert seen() == ["delivered", "delivered"]
    capitals.show("KOR", message)
    assert seen() == ["shown", "delivered"]
    capitals.acknowledge("KOR", message, "합참 지휘통제실")
    assert seen() == ["acknowledged", "delivered"]
    assert capitals.reach("USA", message, "KOR").office == "합참 지휘통제실"
    capitals.reply("USA", answers=message)
    assert seen() == ["acknowledged", "answered"]


def test_our_node_says_once_that_it_has_a_message_and_never_of_our_own(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", precedence=Precedence.IMMEDIATE)
    assert capitals.nodes.of["JPN"].said(Delivered) == []
    [receipt] = capitals.nodes.of["KOR"].said(Delivered)
    assert (receipt.body.message, receipt.label.rel_to) == (message, ("JPN", "KOR"))
    assert (receipt.precedence, receipt.about) == (Precedence.IMMEDIATE, (message,))


def test_a_receipt_is_not_said_to_one_who_left(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", "USA")
    record = dict(capitals.nodes.of["KOR"].log)[message]
    desk = capitals.nodes.of["KOR"].desk("node", capitals.now)
    left = type(desk)(desk.world, desk.member, desk.author, desk.now, ("JPN", "KOR"))
    [draft] = INSTRUMENT.reactions[record.kind](message, record, capitals.nodes.of["KOR"].view, left)
    assert draft.label.rel_to == ("JPN", "KOR")


def test_a_house_shows_a_message_once_and_its_own_never(capitals: Capitals) -> None:
    theirs, ours = capitals.open("JPN", "KOR"), capitals.open("KOR", "JPN")
    assert len(capitals.show("KOR", theirs, ours, theirs)) == 1
    assert capitals.show("KOR", theirs) == []
    assert len(capitals.nodes.of["KOR"].said(Shown)) == 1
    with pytest.raises(Nothing):
        capitals.show("KOR", UNKNOWN)


def test_what_must_not_be_misheard_is_read_back_until_its_writer_says_that_it_is_right(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", readback=True)
    assert capitals.reach("JPN", message, "KOR").readback is ReadbackState.AWAITED
    with pytest.raises(BadField):
        capitals.acknowledge("KOR", message)
    first = capitals.acknowledge("KOR", message, readback="두 발")
    assert capitals.reach("JPN", message, "KOR").readback is ReadbackState.GIVEN
    assert capitals.board("KOR").calls == ()
    capitals.judge("JPN", first, right=False)
    assert capitals.reach("KOR", message, "KOR").readback is ReadbackState.WRONG
    assert [one.message for one in capitals.board("KOR").calls] == [message]
    second = capitals.acknowledge("KOR", message, readback="한 발")
    capitals.judge("JPN", second, right=True)
    reach = capitals.reach("KOR", message, "KOR")
    assert (reach.readback, reach.readback_text) == (ReadbackState.RIGHT, "한 발")
    assert (reach.acknowledgement, reach.reached) == (second, Reached.ACKNOWLEDGED)
    assert capitals.board("KOR").calls == ()


def test_only_who_sent_it_judges_what_was_read_back_and_nobody_acknowledges_to_himself(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", "USA")
    plain = capitals.acknowledge("USA", message)
    given = capitals.acknowledge("KOR", message, readback="한 발")
    with pytest.raises(NotOurs):
        capitals.judge("USA", given, right=False)
    with pytest.raises(BadField):
        capitals.judge("JPN", plain, right=True)
    with pytest.raises(Nothing):
        capitals.judge("JPN", message, right=True)
    with pytest.raises(OwnMessage):
        capitals.acknowledge("JPN", message)


def test_calls_name_what_waits_for_us_the_most_urgent_and_then_the_oldest_first(capitals: Capitals) -> None:
    routine = capitals.open("JPN", "KOR", precedence=Precedence.ROUTINE)
    first = capitals.open("JPN", "KOR")
    second = capitals.open("USA", "KOR", language="en")
    assert [one.message for one in capitals.board("KOR").calls] == [first, second, routine]
    assert capitals.board("JPN").calls == ()
    capitals.acknowledge("KOR", first)
    capitals.reply("KOR", answers=routine)
    [call] = capitals.board("KOR").calls
    assert (call.message, call.member, call.subject, call.language) == (second, "USA", "発射の件", "en")
    items = INSTRUMENT.docket(capitals.nodes.of["KOR"].view, capitals.now)
    assert [item.subject for item in items] == [second]


def test_an_answer_does_not_stand_for_a_readback(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", readback=True)
    capitals.reply("KOR", answers=message)
    assert capitals.reach("JPN", message, "KOR").reached is Reached.ANSWERED
    assert [one.message for one in capitals.board("KOR").calls] == [message]


def test_a_readback_waits_on_the_docket_of_who_sent_the_message(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", readback=True)
    given = capitals.acknowledge("KOR", message, readback="한 발")
    view = capitals.nodes.of["JPN"].view
    assert [item.subject for item in INSTRUMENT.docket(view, capitals.now)] == [given]
    capitals.judge("JPN", given, right=True)
    assert INSTRUMENT.docket(view, capitals.now) == []
