"""Who has read an alert: every member that has it sees so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import structs
from tests.instruments.harness import Nodes
from tests.instruments.warning.flights import EVERYONE, after

from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.acknowledged import AcknowledgeAlertAsk
from laurel.instruments.warning.picture_types import AlertAcknowledgement
from laurel.instruments.warning.records import Alert, AlertReason, AlertState, Area
from laurel.instruments.warning.said import alert_said, alerts_since, followed, in_force

ZONE, LAND = Area("JPN", "zone"), Area("JPN", "territory")
ALERT = Alert(
    AlertReason.IMPACT,
    AlertState.PREDICTED,
    ("JPN-1",),
    (ZONE,),
    "single source",
    None,
    after(450.0),
    39.4,
    135.8,
    "Said.",
)


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    made = Nodes(INSTRUMENT, ("JPN", "KOR", "USA"))
    yield made
    for node in made.of.values():
        node.view.close()


def say(nodes: Nodes, t_s: float, body: Alert = ALERT, label: Label = EVERYONE) -> str:
    nodes.say(Draft(body, label, Precedence.FLASH), nodes.of["JPN"].desk("node", after(t_s)))
    return nodes.of["JPN"].log[-1][0]


def acknowledge(nodes: Nodes, member: str, alert: str, t_s: float, office: str = "Watch") -> str:
    (said,) = nodes.ask(member, "acknowledge-alert", AcknowledgeAlertAsk(alert, office), "officer:abe", after(t_s))
    return said


def seen_at(nodes: Nodes, member: str) -> tuple[AlertAcknowledgement, ...]:
    (standing,) = nodes.of[member].query("picture", NoAsk(), after(100.0)).alerts
    return standing.acknowledged


def test_every_member_that_has_the_alert_sees_who_acknowledged_it_for_which_office_and_when(nodes: Nodes) -> None:
    alert = say(nodes, 60.0)
    said = acknowledge(nodes, "KOR", alert, 64.0, "Crisis Centre")
    for member in ("JPN", "KOR", "USA"):
        (one,) = seen_at(nodes, member)
        assert (one.member, one.office, one.by, one.at) == ("KOR", "Crisis Centre", "officer:abe", after(64.0))
        assert one.counts
    record = dict(nodes.of["JPN"].log)[said]
    assert (record.label, record.precedence, record.about) == (EVERYONE, Precedence.FLASH, (alert,))


def test_who_may_not_have_the_alert_is_not_told_that_it_was_acknowledged(nodes: Nodes) -> None:
    two = Label(Classification.SECRET, ("JPN", "KOR"))
    said = acknowledge(nodes, "KOR", say(nodes, 60.0, label=two), 64.0)
    assert dict(nodes.of["KOR"].log)[said].label == two
    assert said not in dict(nodes.of["USA"].log)


def test_a_renewed_time_asks_nobody_twice_and_another_area_does(nodes: Nodes) -> None:
    acknowledge(nodes, "KOR", say(nodes, 60.0), 64.0)
    say(nodes, 75.0, structs.replace(ALERT, impact_at=after(500.0)))
    assert [one.counts for one in seen_at(nodes, "USA")] == [True]
    wider = say(nodes, 90.0, structs.replace(ALERT, areas=(LAND, ZONE)))
    assert [one.counts for one in seen_at(nodes, "USA")] == [False]
    acknowledge(nodes, "KOR", wider, 95.0)
    assert [one.counts for one in seen_at(nodes, "USA")] == [False, True]


def test_what_was_replaced_while_the_officer_read_it_may_be_acknowledged(nodes: Nodes) -> None:
    first = say(nodes, 60.0)
    say(nodes, 75.0, structs.replace(ALERT, impact_at=after(500.0)))
    acknowledge(nodes, "JPN", first, 76.0)
    assert [(one.alert, one.counts) for one in seen_at(nodes, "KOR")] == [(first, True)]


def test_of_what_is_said_in_one_moment_as_while_a_clock_stands_the_last_counts_whatever_its_id(nodes: Nodes) -> None:
    said: list[str] = []
    for number in range(12):
        said.append(say(nodes, 60.0, structs.replace(ALERT, words=f"Said {number}.")))
        for node in nodes.of.values():
            (standing,) = node.query("picture", NoAsk(), after(100.0)).alerts
            assert standing.id == said[-1]
            (chain,) = in_force(alerts_since(node.view, after(0.0)))
            assert [one.record for one in chain] == said
    first = alert_said(nodes.of["KOR"].view, said[0])
    assert first is not None
    assert [one.record for one in followed(nodes.of["KOR"].view, first)] == said


def test_nobody_acknowledges_an_alert_that_nobody_said(nodes: Nodes) -> None:
    with pytest.raises(Nothing):
        acknowledge(nodes, "JPN", "0" * 64, 64.0)
    assert alert_said(nodes.of["JPN"].view, "0" * 64) is None
