"""Disruption notices in the IPEF form, and the meeting within 15 days; requests, offers and measures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.instruments.supply.trade import (
    DAY,
    EVERYONE,
    JPN,
    KOR,
    START,
    USA,
    Trade,
    measure,
    notice,
    offer,
    request,
    to,
)

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.instrument import Item
from laurel.instruments.supply.assistance import AcceptHelpAsk
from laurel.instruments.supply.notices import CloseNoticeAsk, SayMetAsk
from laurel.instruments.supply.records import FirmNamed
from laurel.instruments.supply.told_types import MeasureRow, NoticeRow, RequestRow
from laurel.instruments.supply.words import MeasureSort


def seen(trade: Trade, called: str, member: str = KOR) -> NoticeRow:
    return next(one for one in trade.query(member, "notices").notices if one.id == called)


def item(trade: Trade, called: str, member: str = KOR) -> Item | None:
    return next((one for one in trade.docket(member) if one.subject == called), None)


def met(called: str, at: Any) -> SayMetAsk:
    return SayMetAsk(called, at, "en", "We met by video.")


# Notices


def test_a_notice_says_all_that_the_agreement_asks_for_to_those_it_is_for() -> None:
    trade = Trade()
    filed = trade.notice(least_days=30.0, most_days=90.0, measures="Stocks are opened.", help_wanted="Gallium.")
    row = seen(trade, filed)
    assert (row.notice.summary, row.notice.cause) == (notice().summary, notice().cause)
    assert (row.notice.duration.least_days, row.notice.duration.most_days) == (30.0, 90.0)
    assert (row.notice.sectors, row.notice.measures, row.notice.help_wanted) == (
        ("semiconductors",),
        "Stocks are opened.",
        "Gallium.",
    )
    assert (row.state, row.meeting, row.meet_by) == ("open", "waits", row.at + timedelta(days=15))
    told = trade.notice(reference="jpn-2026-2", label=to(JPN, USA))
    assert told not in {one.id for one in trade.query(KOR, "notices").notices}


def test_the_members_have_fifteen_days_to_meet_and_are_overdue_after() -> None:
    trade = Trade()
    filed = trade.notice()
    trade.now = seen(trade, filed).at + 15 * DAY
    assert seen(trade, filed).meeting == "waits"
    trade.now += timedelta(seconds=1)
    assert seen(trade, filed).meeting == "overdue"
    line = item(trade, filed)
    assert line is not None
    assert (line.state, line.offices, line.records) == ("meeting overdue", ("Ministry of Economy",), (filed,))


def test_a_notice_from_the_end_of_all_time_stops_nobody() -> None:
    trade = Trade()
    trade.now = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    filed = trade.notice()
    trade.now = START
    assert (seen(trade, filed).meeting, item(trade, filed) is not None) == ("waits", True)


def test_that_they_met_is_said_by_any_of_them_and_ends_the_clock() -> None:
    trade = Trade()
    filed = trade.notice()
    with pytest.raises(BadField):
        trade.ask(USA, "say-met", met(filed, trade.now + DAY))
    trade.ask(USA, "say-met", met(filed, trade.now))
    trade.now += 20 * DAY
    row = seen(trade, filed)
    assert (row.meeting, row.meet_by, [one.member for one in row.meetings]) == ("met", None, [USA])
    line = item(trade, filed)
    assert line is not None
    assert (line.state, line.due) == ("open", None)


def test_a_notice_that_replaces_another_goes_on_with_its_clock() -> None:
    trade = Trade()
    first = trade.notice()
    since = seen(trade, first).at
    trade.now += 10 * DAY
    second = trade.notice(reference="jpn-2026-2", instead=first)
    assert seen(trade, second).meet_by == since + timedelta(days=15)
    assert (seen(trade, first).state, seen(trade, first).replaced_by) == ("replaced", second)
    assert item(trade, first) is None
    trade.ask(KOR, "say-met", met(first, trade.now))
    assert seen(trade, second).meeting == "met"


def test_a_notice_that_asks_for_no_meeting_has_no_clock() -> None:
    trade = Trade()
    filed = trade.notice(meeting=False)
    trade.now += 30 * DAY
    assert (seen(trade, filed).meeting, seen(trade, filed).meet_by) == ("not-asked", None)


def test_its_own_member_closes_it_and_replaces_it_and_nobody_else() -> None:
    trade = Trade()
    filed = trade.notice()
    closing = CloseNoticeAsk(filed, "en", "Deliveries go on.")
    with pytest.raises(NotPermitted):
        trade.ask(KOR, "close-notice", closing)
    with pytest.raises(NotPermitted):
        trade.notice(KOR, reference="kor-2026-1", instead=filed)
    trade.ask(JPN, "close-notice", closing)
    assert (seen(trade, filed).state, seen(trade, filed).closing_text) == ("closed", "Deliveries go on.")
    assert item(trade, filed) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": to(KOR, USA)},
        {"least_days": 9.0, "most_days": 3.0},
        {"reference": "jpn-2026-1"},
    ],
)
def test_a_notice_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    trade = Trade()
    trade.notice()
    with pytest.raises(BadField):
        trade.notice(**{"reference": "jpn-2026-9", **wrong})


def test_what_is_said_of_a_notice_goes_to_those_who_have_it_and_are_still_members() -> None:
    trade = Trade()
    filed = trade.notice(label=to(JPN, USA))
    with pytest.raises(Nothing):
        trade.ask(KOR, "say-met", met(filed, trade.now))
    node = trade.nodes.of[JPN]
    node.members = (JPN, KOR)
    trade.ask(JPN, "say-met", met(filed, trade.now))
    assert node.log[-1][1].label.rel_to == (JPN,)


def test_the_firms_of_a_notice_are_seen_at_its_own_house_alone() -> None:
    trade = Trade()
    firms = (FirmNamed("Amatsu Works", ("Amatsu",), JPN, "makes all of it"),)
    filed = trade.notice(firms=firms)
    assert seen(trade, filed, JPN).firms == firms
    assert seen(trade, filed, KOR).firms == ()
    assert len(trade.nodes.of[KOR].log) == 1


# Help


def wanted(trade: Trade, called: str) -> RequestRow:
    return next(one for one in trade.query(KOR, "help").requests if one.id == called)


def test_an_offer_to_a_request_is_taken_by_who_asked() -> None:
    trade = Trade()
    asked = trade.request()
    assert wanted(trade, asked).state == "open"
    given = trade.offer(USA, request=asked)
    other = trade.offer(KOR, request=asked)
    assert (wanted(trade, asked).state, set(wanted(trade, asked).offers)) == ("offered", {given, other})
    taking = AcceptHelpAsk(asked, given, "en", "Thank you.")
    with pytest.raises(NotPermitted):
        trade.ask(KOR, "accept-help", taking)
    trade.ask(JPN, "accept-help", taking)
    row = wanted(trade, asked)
    assert (row.state, row.accepted, row.agreed) == ("agreed", (given,), 2.0)
    assert item(trade, asked) is None


def test_an_offer_to_whom_it_may_serve_is_matched_with_requests_for_the_same_input() -> None:
    trade = Trade()
    fits = trade.offer(USA)
    for wrong in ({"input": "gas"}, {"unit": "litres"}, {"label": to(KOR, USA)}):
        trade.offer(USA, **wrong)
    trade.ask(USA, "offer-help", offer(trade.now + 30 * DAY))
    asked = trade.request()
    row = wanted(trade, asked)
    assert (row.state, row.offers, row.fits) == ("open", (), (fits,))
    trade.ask(JPN, "accept-help", AcceptHelpAsk(asked, fits, "en", "Thank you."))
    assert wanted(trade, asked).state == "agreed"


def test_an_open_request_stands_on_the_docket_and_is_overdue_once_the_help_was_needed() -> None:
    trade = Trade()
    asked = trade.request(notice=trade.notice())
    line = item(trade, asked)
    assert line is not None
    assert line.state == "open"
    assert "5 t of Metal" in line.summary
    assert len(line.records) == 2
    trade.now += 11 * DAY
    assert wanted(trade, asked).state == "overdue"
    trade.now += 60 * DAY
    assert item(trade, asked) is None


def test_an_offer_reaches_who_asked_and_nobody_who_was_not_asked() -> None:
    trade = Trade()
    asked = trade.request(label=to(JPN, USA))
    for label in (EVERYONE, to(USA, KOR)):
        with pytest.raises(BadField):
            trade.offer(USA, request=asked, label=label)
    with pytest.raises(NotPermitted):
        trade.offer(JPN, request=asked, label=to(JPN, USA))
    given = trade.offer(USA, request=asked, label=to(JPN, USA))
    assert trade.query(KOR, "help").offers == ()
    second = trade.request(title="Ten tonnes of metal")
    with pytest.raises(BadField):
        trade.ask(JPN, "accept-help", AcceptHelpAsk(second, given, "en", "Thank you."))
    assert request(START).needed_by == START


# Measures


def measured(trade: Trade, called: str) -> MeasureRow:
    return next(one for one in trade.query(KOR, "measures").measures if one.id == called)


def test_a_measure_is_announced_then_in_force_then_ended() -> None:
    trade = Trade()
    told = trade.measure(in_force_until=START + 100 * DAY)
    states: list[tuple[str, bool]] = []
    for days in (0, 11, 50, 101):
        trade.now = START + days * DAY
        states.append((measured(trade, told).state, item(trade, told) is not None))
    assert states == [("announced", True), ("in-force", True), ("in-force", False), ("ended", False)]
    line = item_at(trade, told)
    assert line.title == "USA, export control: Licences for tools that etch"
    assert "A notional act, section 1. Concerns CHN" in line.summary


def item_at(trade: Trade, called: str) -> Item:
    trade.now = START
    line = item(trade, called)
    assert line is not None
    return line


def test_a_measure_is_replaced_by_its_own_member() -> None:
    trade = Trade()
    told = trade.measure(sort=MeasureSort.INVESTMENT_SCREENING)
    with pytest.raises(NotPermitted):
        trade.measure(JPN, instead=told)
    newer = trade.measure(instead=told)
    assert (measured(trade, told).state, measured(trade, told).replaced_by) == ("replaced", newer)
    with pytest.raises(Nothing):
        trade.measure(instead="0" * 64)
    with pytest.raises(BadField):
        trade.ask(USA, "notify-measure", msgspec.structs.replace(measure(START + DAY), in_force_until=START))
