"""Whatever arrives in whatever order: every node that holds the same shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.harness import MemoryView
from tests.instruments.supply.test_notices import met
from tests.instruments.supply.trade import DAY, JPN, MEMBERS, START, Trade

from laurel.core.errors import BadAsk
from laurel.core.instrument import NoAsk
from laurel.core.record import Record
from laurel.instruments.supply import INSTRUMENT
from laurel.instruments.supply.assistance import AcceptHelpAsk
from laurel.instruments.supply.inputs import DatasetAsk
from laurel.instruments.supply.notices import CloseNoticeAsk
from laurel.instruments.supply.records import FirmNamed
from laurel.instruments.supply.sharing import SharedAsk

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["notice", "again", "met", "close", "request", "offer", "accept", "measure", "stock", "put"]),
        st.sampled_from(MEMBERS),
        st.integers(0, 20),
    ),
    max_size=12,
)
QUESTIONS = {"findings": DatasetAsk(), "shared": SharedAsk()}
LOOKED_AT = ("notices", "help", "measures", "stocks", "datasets", "findings", "shared")


def played(acts: Sequence[tuple[str, str, int]]) -> list[tuple[str, Record[Any]]]:
    """What Japan's node holds after each member did that; what a node refuses is not said."""
    trade = Trade()
    notices, requests, offers = [trade.notice()], [trade.request()], [trade.offer()]
    for number, (what, member, which) in enumerate(acts):
        reference, called = f"{member.lower()}-{number}", notices[which % len(notices)]
        wanted, given_help = requests[which % len(requests)], offers[which % len(offers)]
        try:
            match what:
                case "notice":
                    notices.append(trade.notice(member, reference, firms=(FirmNamed("Amatsu Works"),)))
                case "again":
                    notices.append(trade.notice(member, reference, instead=called))
                case "met":
                    trade.ask(member, "say-met", met(called, trade.now))
                case "close":
                    trade.ask(member, "close-notice", CloseNoticeAsk(called, "en", "It is over."))
                case "request":
                    requests.append(trade.request(member))
                case "offer":
                    offers.append(trade.offer(member, request=wanted if which % 2 else None))
                case "accept":
                    trade.ask(member, "accept-help", AcceptHelpAsk(wanted, given_help, "en", "Thank you."))
                case "measure":
                    trade.measure(member)
                case "stock":
                    trade.stock("Ore", cover=float(which), lead=1.0, member=member)
                case _:
                    trade.put(member=member)
        except BadAsk:
            continue
    return trade.nodes.of[JPN].log


def pictured(log: Sequence[tuple[str, Record[Any]]]) -> bytes:
    """All that Japan's node shows of it, a month later."""
    view, now = MemoryView(INSTRUMENT, JPN), START + 30 * DAY
    try:
        for record_id, record in log:
            view.fold(record_id, record)
        shown: list[Any] = [view.contents(), [repr(one) for one in INSTRUMENT.docket(view, now)]]
        for query in INSTRUMENT.queries:
            if query.name in LOOKED_AT:
                try:
                    shown.append(query.answer(QUESTIONS.get(query.name, NoAsk()), view, now))
                except BadAsk as error:
                    shown.append(error.code)
        return msgspec.json.encode(shown)
    finally:
        view.close()


def any_order(acts: Sequence[tuple[str, str, int]], data: st.DataObject) -> None:
    log = played(acts)
    mixed = data.draw(st.permutations(log))
    assert pictured(mixed) == pictured(log)
    assert pictured([*log, *mixed]) == pictured(log)


@settings(max_examples=15)
@given(ACTS, st.data())
def test_the_order_and_number_of_arrivals_change_nothing(acts: list[tuple[str, str, int]], data: st.DataObject) -> None:
    any_order(acts, data)


@pytest.mark.long
@settings(max_examples=500)
@given(ACTS, st.data())
def test_the_order_and_number_of_arrivals_change_nothing_at_length(
    acts: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    any_order(acts, data)
