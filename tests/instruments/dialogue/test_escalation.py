"""Whatever the dialogue has on the docket prefills a consultation; what the consultation leads to is on the agenda."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import Struct
from tests.instruments.consult.capitals import ALL, Capitals
from tests.instruments.dialogue.houses import FOREIGN, MINISTER

from laurel.core.record import Precedence
from laurel.instruments.consult.ready import ReadyAsk
from laurel.instruments.consult.records import PROCEDURE, ResponseAction
from laurel.instruments.dialogue.agenda import ReadyAgendaAsk
from laurel.instruments.dialogue.dossier import DossierAsk
from laurel.instruments.dialogue.records import Commitment, Meeting, OfficeAbolished, OfficeOpened, Progress, Step


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def say(capitals: Capitals, member: str, body: Struct) -> str:
    capitals.later(seconds=1)
    return capitals.say(member, body, ALL, Precedence.ROUTINE)


def a_meeting(capitals: Capitals) -> Meeting:
    begins_at = capitals.at + timedelta(days=9)
    ends_at = begins_at + timedelta(hours=2)
    return Meeting(FOREIGN.name, "外相会合", "ja", begins_at, ends_at, "東京", "Asia/Tokyo", "JPN")


def test_every_item_of_the_dialogue_prefills_a_consultation(capitals: Capitals) -> None:
    say(capitals, "JPN", FOREIGN)
    say(capitals, "JPN", a_meeting(capitals))
    late = Commitment("KOR", MINISTER, "핵심 광물 비축 계획", "ko", "supply-chains", capitals.at)
    say(capitals, "KOR", late)
    kept = say(capitals, "KOR", late)
    say(capitals, "KOR", Progress(kept, Step.FULFILLED, "이행했다.", "ko"))
    say(capitals, "JPN", Commitment("JPN", "Bureau", "Words", "en", "topic"))
    say(capitals, "JPN", OfficeOpened("Bureau"))
    say(capitals, "JPN", OfficeAbolished("Bureau", "Reorganised."))
    items = capitals.nodes.of["USA"].view.docket(capitals.at)
    assert {one.state for one in items} == {"overdue", "soon", "fulfilled", "nobody's"}
    for item in items:
        ready = capitals.look("USA", "ready", ReadyAsk(items=(item.subject,)))
        assert ready.subject == item.title
        assert tuple(one.record for one in ready.sources) == item.records
    whole = capitals.look("USA", "ready", ReadyAsk(items=tuple(one.subject for one in items)))
    assert "핵심 광물 비축 계획" in whole.opinion


def test_what_an_open_consultation_asks_and_what_it_leads_to_is_before_the_ministers(capitals: Capitals) -> None:
    say(capitals, "JPN", FOREIGN)
    say(capitals, "JPN", OfficeOpened(MINISTER))
    meeting = say(capitals, "JPN", a_meeting(capitals))
    consultation = capitals.request()
    due_at = capitals.at + timedelta(days=60)
    action = ResponseAction(consultation, "b" * 64, "JPN", MINISTER, "情報を共有する。", due_at)
    promised = capitals.say("JPN", action, ALL, PROCEDURE)
    draft = capitals.look("JPN", "ready-agenda", ReadyAgendaAsk(meeting))
    # Both are SECRET, as the consultation is, and so is the agenda that quotes them.
    assert draft.ask.label == ALL
    assert {promised, consultation} <= {record for one in draft.items for record in one.records}
    dossier = capitals.look("JPN", "dossier", DossierAsk(MINISTER)).dossier
    assert [one.id for one in dossier.commitments] == [promised]
    assert consultation in {one.subject for one in dossier.consultations}
    assert [one.id for one in dossier.meetings] == [meeting]
