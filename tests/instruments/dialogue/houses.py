"""Three houses that meet over the years, without disk or wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct
from tests.instruments.harness import Nodes

from laurel.core.instrument import Item, NoAsk
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence
from laurel.instruments.consult.records import KINDS as CONSULT_KINDS
from laurel.instruments.consult.records import PROCEDURE, ResponseAction, Version
from laurel.instruments.dialogue import INSTRUMENT
from laurel.instruments.dialogue.commitment_types import CommitmentRow, DossierAnswer, OfficeRow
from laurel.instruments.dialogue.commitments import CommitmentsAsk
from laurel.instruments.dialogue.dossier import DossierAsk
from laurel.instruments.dialogue.meeting_board import MeetingAsk
from laurel.instruments.dialogue.meeting_types import SeriesRow, WholeMeeting
from laurel.instruments.dialogue.meetings import Action, ConveneAsk, TakeMinutesAsk
from laurel.instruments.dialogue.pledges import CommitAsk
from laurel.instruments.dialogue.records import Seat, Series, Tier
from laurel.instruments.dialogue.series import DeclareSeriesAsk

AT = datetime(2027, 3, 4, 5, 0, tzinfo=UTC)
MEMBERS = ("JPN", "KOR", "USA")
ALL = label(Classification.RESTRICTED, set(MEMBERS))
TWO = label(Classification.RESTRICTED, {"JPN", "KOR"})
OFFICER = "officer:sato"
MINISTER = "Minister for Foreign Affairs"
EVERYTHING = dataclasses.replace(INSTRUMENT, kinds=(*INSTRUMENT.kinds, *CONSULT_KINDS))
"""What these nodes understand: the dialogue. Consultations are only quoted."""

FOREIGN = Series(
    name="foreign-ministers",
    title="Foreign ministers' meeting",
    language="en",
    tier=Tier.MINISTERS,
    topic="foreign-affairs",
    starts_on=date(2026, 1, 31),
    at_least_every_months=12,
    hosts=("USA", "JPN", "KOR"),
    offices=(Seat("JPN", MINISTER), Seat("KOR", MINISTER), Seat("USA", "Secretary of State")),
)


class Houses:
    """Three nodes, and a clock that they share."""

    def __init__(self) -> None:
        self.nodes = Nodes(EVERYTHING, MEMBERS)
        self.at = AT

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def ask(self, member: str, command: str, ask: Struct, author: str = OFFICER) -> str:
        """The id of the first record that follows."""
        return self.asked(member, command, ask, author)[0]

    def asked(self, member: str, command: str, ask: Struct, author: str = OFFICER) -> Sequence[str]:
        # Each ask is a moment of its own, so equal asks are different records in order.
        self.later(seconds=1)
        return self.nodes.ask(member, command, ask, author, self.at)

    def say(self, member: str, body: Struct, to: Label = ALL, precedence: Precedence = Precedence.ROUTINE) -> str:
        """As a peer may say it whose node asks nothing."""
        self.later(seconds=1)
        return self.nodes.say(Draft(body, to, precedence), self.nodes.of[member].desk("node", self.at))

    def look(self, member: str, query: str, ask: Struct | None = None) -> Any:
        return self.nodes.of[member].query(query, NoAsk() if ask is None else ask, self.at)

    def docket(self, member: str) -> dict[str, Item]:
        return {one.subject: one for one in self.nodes.of[member].view.docket(self.at)}

    # What is asked often.

    def declare(self, member: str = "JPN", series: Series = FOREIGN, to: Label = ALL) -> str:
        return self.ask(member, "declare-series", DeclareSeriesAsk(series, to))

    def series(self, member: str = "JPN", name: str = FOREIGN.name) -> SeriesRow:
        return next(one for one in self.look(member, "series").series if one.series.name == name)

    def convene(self, member: str = "JPN", **other: Any) -> str:
        return self.ask(member, "convene", a_meeting(self.at, **other))

    def meeting(self, member: str, meeting: str) -> WholeMeeting:
        return self.look(member, "meeting", MeetingAsk(meeting))

    def minute(self, member: str, meeting: str, *actions: Action, to: Label = ALL) -> Sequence[str]:
        """The ids of the minutes and of the commitments that follow."""
        ask = TakeMinutesAsk(meeting, (Version("en", "We met."),), to, actions)
        return self.asked(member, "take-minutes", ask)

    def commit(self, member: str = "JPN", **other: Any) -> str:
        return self.ask(member, "commit", a_promise(self.at, **other))

    def promised(self, at: str = "JPN", **asked: Any) -> dict[str, CommitmentRow]:
        return {one.id: one for one in self.look(at, "commitments", CommitmentsAsk(**asked)).commitments}

    def office(self, member: str, name: str, *, of: str) -> OfficeRow:
        return next(one for one in self.look(member, "offices").offices if (one.member, one.office) == (of, name))

    def dossier(self, member: str = "JPN", office: str = MINISTER, sha256: str | None = None) -> DossierAnswer:
        return self.look(member, "dossier", DossierAsk(office, sha256))

    def response_action(self, member: str, office: str, words: str, **by: float) -> str:
        """What follows from a consultation."""
        body = ResponseAction("a" * 64, "b" * 64, member, office, words, self.at + timedelta(**by))
        return self.say(member, body, ALL, PROCEDURE)


def a_meeting(at: datetime, **other: Any) -> ConveneAsk:
    begins_at = at + other.pop("after", timedelta(days=20))
    given: dict[str, Any] = {
        "series": FOREIGN.name,
        "title": "Foreign ministers in Seoul",
        "language": "en",
        "begins_at": begins_at,
        "ends_at": begins_at + timedelta(hours=3),
        "place": "Seoul",
        "time_zone": "Asia/Seoul",
        "label": ALL,
        "host": "KOR",
    }
    return ConveneAsk(**{**given, **other})


def a_promise(at: datetime, **other: Any) -> CommitAsk:
    given: dict[str, Any] = {
        "office": MINISTER,
        "words": "共同の備蓄計画を示す。",
        "language": "ja",
        "topic": "supply-chains",
        "label": ALL,
        "due_at": at + timedelta(days=30),
    }
    return CommitAsk(**{**given, **other})


def an_action(member: str, office: str = MINISTER, **other: Any) -> Action:
    given: dict[str, Any] = {"words": f"{member} sends its list", "language": "en", "topic": "supply-chains"}
    return Action(member, office, **{**given, **other})
