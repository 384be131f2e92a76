"""Three nodes that speak of their region, and what their officers write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.instruments.harness import Nodes

from laurel.core.label import Classification, Label
from laurel.instruments.region import INSTRUMENT
from laurel.instruments.region.board_types import IncidentWhole, ReportWhole
from laurel.instruments.region.filing import ReportIncidentAsk
from laurel.instruments.region.incidents import IncidentAsk
from laurel.instruments.region.records import (
    Incident,
    Interval,
    Place,
    ReadFrom,
    SourcedReport,
    Spot,
    Stated,
)
from laurel.instruments.region.reports import FileReportAsk, ReportAsk

__all__ = ["NOON", "Desk", "all_three", "incident", "lasting", "source"]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICER = "officer:mori"
MEMBERS = ("JPN", "KOR", "USA")


def all_three(classification: Classification = Classification.RESTRICTED) -> Label:
    return Label(classification, MEMBERS)


def lasting(begins_h: float, hours: float = 1.0) -> Interval:
    """An interval that begins so many hours after noon."""
    return Interval(NOON + timedelta(hours=begins_h), NOON + timedelta(hours=begins_h + hours))


def source(title: str = "Missile fired, ministry says", grade: str = "B2", **changes: Any) -> SourcedReport:
    fields: dict[str, Any] = {
        "title": title,
        "language": "en",
        "text": "The ministry said that a missile was fired.",
        "publisher": "The Daily",
        "retrieved_at": NOON - timedelta(minutes=5),
        "sha256": "0" * 64,
        "read_from": ReadFrom.ARTICLE,
        "grade": grade,
        "published_at": NOON - timedelta(minutes=30),
        "stated": Stated(),
    }
    return SourcedReport(**{**fields, **changes})


def incident(title: str = "A missile fell into the sea", **changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "type": "missile-launch",
        "title": title,
        "language": "en",
        "text": "It was launched in the morning and fell into the sea.",
        "when": lasting(-4.0),
        "where": Place("The sea", "en", Spot(39.0, 133.0, 20e3)),
    }
    return Incident(**{**fields, **changes})


class Desk:
    """What officers of three members ask of their nodes."""

    def __init__(self) -> None:
        self.nodes = Nodes(INSTRUMENT, MEMBERS)

    def ask(self, member: str, command: str, ask: Any, now: datetime = NOON) -> list[str]:
        return self.nodes.ask(member, command, ask, OFFICER, now)

    def look(self, member: str, query: str, ask: Any, now: datetime = NOON) -> Any:
        return self.nodes.of[member].query(query, ask, now)

    def file(self, member: str, report: SourcedReport, label: Label | None = None) -> str:
        return self.ask(member, "file-report", FileReportAsk(report, label or all_three()))[0]

    def report(self, member: str, body: Incident, label: Label | None = None, now: datetime = NOON) -> str:
        return self.ask(member, "report-incident", ReportIncidentAsk(body, label or all_three()), now)[0]

    def whole(self, member: str, incident_id: str, now: datetime = NOON) -> IncidentWhole:
        found = self.look(member, "incident", IncidentAsk(incident_id), now)
        assert isinstance(found, IncidentWhole)
        return found

    def source_of(self, member: str, report_id: str) -> ReportWhole:
        found = self.look(member, "report", ReportAsk(report_id))
        assert isinstance(found, ReportWhole)
        return found

    def close(self) -> None:
        for node in self.nodes.of.values():
            node.view.close()
