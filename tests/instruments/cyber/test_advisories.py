"""Advisories: said to whom it concerns, in several languages, open until their own member closes or replaces them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.instruments.cyber.partners import EVERYONE, NOW, Houses, indicator, marked, stix_id

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.core.record import Precedence
from laurel.instruments.cyber import advisories
from laurel.instruments.cyber.advisories import AdviseAsk, CloseAdvisoryAsk
from laurel.instruments.cyber.records import Severity, Tlp, Version

ONE = stix_id("indicator", 1)
KOREAN = Version("ko", "가상의 경보", "가상의 본문.", "가상의 조치.")


def advice(**more: Any) -> AdviseAsk:
    given: dict[str, Any] = {
        "severity": Severity.CRITICAL,
        "language": "ja",
        "title": "架空の勧告",
        "text": "架空の本文。",
        "label": EVERYONE,
        "advice": "架空の対処。",
        "versions": (KOREAN,),
    }
    return AdviseAsk(**given | more)


def advise(houses: Houses, member: str = "JPN", **more: Any) -> str:
    [said] = houses.ask(member, "advise", advice(**more), "officer:sato", NOW)
    return said


def open_items(houses: Houses, member: str = "USA") -> list[str]:
    return [one.subject for one in houses.of[member].view.docket(NOW)]


def test_an_advisory_stands_on_every_docket_in_its_own_language_first() -> None:
    houses = Houses()
    [sent] = houses.share("JPN", indicator())
    said = advise(houses, objects=(ONE,))
    [item] = houses.of["KOR"].view.docket(NOW)
    assert (item.subject, item.title, item.state) == (said, "JPN advises: 架空の勧告", "critical")
    [row] = houses.look("KOR", "advisories").advisories
    assert (row.advisory.language, row.advisory.versions) == ("ja", (KOREAN,))
    assert houses.object("KOR", ONE).advisories == (said,)
    record = next(record for one, record in houses.of["KOR"].log if one == said)
    assert (record.about, record.precedence) == ((sent,), Precedence.IMMEDIATE)
    assert houses.of["KOR"].view.search(advisories.said, "가상의 조치", 5) == [said]


def test_its_own_member_closes_or_replaces_it_and_nobody_else() -> None:
    houses = Houses()
    first = advise(houses)
    with pytest.raises(NotPermitted, match="JPN"):
        houses.ask("KOR", "close-advisory", CloseAdvisoryAsk(first, "done"), "officer:kim", NOW)
    second = advise(houses, replaces=first, title="改訂")
    assert open_items(houses) == [second]
    houses.ask("JPN", "close-advisory", CloseAdvisoryAsk(second, "対処済み"), "officer:sato", NOW)
    assert open_items(houses) == []
    rows = {row.id: row for row in houses.look("USA", "advisories").advisories}
    assert (rows[first].replaced_by, rows[second].closed) == (second, "対処済み")


def test_an_advisory_names_no_object_to_those_who_may_not_have_it() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER), to=label(Classification.RESTRICTED, {"JPN", "KOR"}))
    with pytest.raises(NotPermitted, match="lets more out"):
        advise(houses, objects=(ONE,))
    with pytest.raises(Nothing):
        advise(houses, objects=(stix_id("indicator", 2),))
    advise(houses, objects=(ONE,), label=label(Classification.RESTRICTED, {"JPN", "KOR"}))


def test_one_language_is_said_once() -> None:
    with pytest.raises(BadField, match="another language"):
        advise(Houses(), language="ko")
