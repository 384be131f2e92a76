"""Three capitals that consult, without disk or wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from tests.instruments.harness import Nodes

from laurel.core.instrument import NoAsk, Noun, of_nouns
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence
from laurel.instruments.consult import INSTRUMENT as CONSULT
from laurel.instruments.consult.board import ConsultationAsk
from laurel.instruments.consult.course import RequestAsk, RespondAsk
from laurel.instruments.consult.course_types import Consultation, ConsultationRow
from laurel.instruments.consult.records import Convening
from laurel.instruments.consult.words import Ground, Level, Means
from laurel.instruments.dialogue import INSTRUMENT as DIALOGUE
from laurel.instruments.warning.records import KINDS as WARNING_KINDS
from laurel.instruments.warning.records import Alert, AlertReason, AlertState, Area

AT = datetime(2027, 3, 4, 5, 0, tzinfo=UTC)
MEMBERS = ("JPN", "KOR", "USA")
ALL = label(Classification.SECRET, set(MEMBERS))
OFFICER = "officer:sato"
EVERYTHING = of_nouns(
    "consult",
    1,
    (*CONSULT.kinds, *DIALOGUE.kinds, *WARNING_KINDS),
    [
        Noun(
            one.tables,
            one.folds,
            one.commands,
            one.queries,
            one.reactions,
            one.due,
            one.errands,
            one.docket,
        )
        for one in (CONSULT, DIALOGUE)
    ],
)
"""What these nodes understand: consultations, and the commitments that follow. Alerts are only quoted."""

ALERT = Alert(
    reason=AlertReason.IMPACT,
    state=AlertState.PREDICTED,
    tracks=("JPN-1",),
    areas=(Area("JPN", "zone"),),
    confidence="high",
    launched_at=AT - timedelta(minutes=4),
    impact_at=AT + timedelta(minutes=6),
    impact_lat_deg=41.0,
    impact_lon_deg=138.2,
    words="Ballistic missile, impact predicted 05:06 UTC in the zone of JPN.",
)


class Capitals:
    """Three nodes, and a clock that they share unless told otherwise."""

    def __init__(self) -> None:
        self.nodes = Nodes(EVERYTHING, MEMBERS)
        self.at = AT

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def ask(self, member: str, command: str, ask: Struct) -> str:
        """The id of the first record that follows."""
        return self.nodes.ask(member, command, ask, OFFICER, self.at)[0]

    def say(self, member: str, body: Struct, to: Label = ALL, precedence: Precedence = Precedence.IMMEDIATE) -> str:
        """As a peer may say it whose node asks nothing."""
        return self.nodes.say(Draft(body, to, precedence), self.nodes.of[member].desk("node", self.at))

    def wait(self, **by: float) -> None:
        """Time goes by, and every node does what is due."""
        self.later(**by)
        self.nodes.wake(self.at)

    def look(self, member: str, query: str, ask: Struct | None = None) -> Any:
        return self.nodes.of[member].query(query, NoAsk() if ask is None else ask, self.at)

    def seen(self, member: str, consultation: str) -> Consultation:
        return self.look(member, "consultation", ConsultationAsk(consultation))

    def row(self, member: str, consultation: str) -> ConsultationRow:
        return self.seen(member, consultation).row

    # What is asked often.

    def request(self, member: str = "JPN", **other: Any) -> str:
        return self.ask(member, "request", a_request(**other))

    def respond(self, member: str, consultation: str) -> str:
        return self.ask(member, "respond", RespondAsk(consultation, "Watch", "en", "We are with you.", 0))


def a_request(**other: Any) -> RequestAsk:
    given: dict[str, Any] = {
        "subject": "A launch towards our zone",
        "ground": Ground.THREAT,
        "level": Level.ADVISER,
        "language": "ja",
        "opinion": "我が国の安全に関わる。",
        "label": ALL,
        "respond_within_s": 1800,
        "convening": (Convening(Means.VIDEO, AT + timedelta(hours=1)),),
    }
    return RequestAsk(**{**given, **other})
