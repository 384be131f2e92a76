"""From an alert to a joint statement and to commitments, without retyping; and what comes too early or too late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.instruments.consult.capitals import ALERT, ALL, AT, MEMBERS, Capitals
from tests.node.worlds import Worlds

from laurel.core.errors import BadField
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.instruments.consult import INSTRUMENT as CONSULT
from laurel.instruments.consult.caveats import DeclareCaveatAsk, charter_caveats
from laurel.instruments.consult.course import AssessAsk, CloseAsk, DepartAsk
from laurel.instruments.consult.course_types import Stage, TextState
from laurel.instruments.consult.first_draft import DraftAsk
from laurel.instruments.consult.information import RequestInformationAsk
from laurel.instruments.consult.options import Forbidden, OfferOptionAsk, StanceTooLate, TakeStanceAsk
from laurel.instruments.consult.ready import ReadyAsk
from laurel.instruments.consult.records import JointStatement, Part, ResponseAction, Stance
from laurel.instruments.consult.sources import SourceTakenBack
from laurel.instruments.consult.stages import WrongStage
from laurel.instruments.consult.statement import ActAsk, IssuedAlready, IssueStatementAsk, OtherText
from laurel.instruments.consult.texts import AssentAsk, ObjectAsk, RemarkAsk, ShownTextAsk
from laurel.instruments.consult.voice import Over, WeLeft
from laurel.instruments.consult.words import Activity, Field, Position, Purpose, RemarkKind
from laurel.instruments.dialogue.commitments import CommitmentsAsk
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.home.compact import load_compact


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def from_alert(capitals: Capitals) -> str:
    alert = capitals.say("JPN", ALERT, precedence=Precedence.FLASH)
    return capitals.ask("JPN", "request", capitals.look("JPN", "ready", ReadyAsk((alert,), language="ja")))


def proposed(capitals: Capitals, member: str, consultation: str, purpose: Purpose = Purpose.RESPONSE) -> str:
    """The first draft, as it is composed, handed on as the terminal does."""
    whole = msgspec.json.encode(capitals.look(member, "draft", DraftAsk(consultation, purpose)))
    ask = next(one.ask for one in capitals.nodes.of[member].instrument.commands if one.name == "propose-text")
    return capitals.ask(member, "propose-text", msgspec.json.decode(whole, type=ask))


def assent(capitals: Capitals, member: str, consultation: str, text: str) -> None:
    row = next(one for one in capitals.seen(member, consultation).texts if one.id == text)
    capitals.ask(member, "assent", AssentAsk(text, row.text_hash, "Foreign ministry"))


def adopted(capitals: Capitals, consultation: str, purpose: Purpose = Purpose.RESPONSE) -> str:
    text = proposed(capitals, "JPN", consultation, purpose)
    for member in ("KOR", "USA"):
        assent(capitals, member, consultation, text)
    return text


def an_option(capitals: Capitals, consultation: str, **role: Activity) -> str:
    parts = tuple(Part(member, (activity,), ("high-seas",)) for member, activity in role.items())
    begins = capitals.at + timedelta(days=1)
    ask = OfferOptionAsk(consultation, "Guard the sea lanes", Field.DEFENSIVE, "en", "Together.", parts, begins)
    return capitals.ask("USA", "offer-option", ask)


def supports(capitals: Capitals, member: str, consultation: str, on: str, **other: Any) -> str:
    ask = TakeStanceAsk(consultation, on, Position.SUPPORTS, "en", "It helps.")
    return capitals.ask(member, "take-stance", msgspec.structs.replace(ask, **other))


def test_from_an_alert_to_a_joint_statement_and_commitments(capitals: Capitals) -> None:
    for caveat in charter_caveats(load_compact("camp-david").charter, "JPN"):
        capitals.ask("JPN", "declare-caveat", DeclareCaveatAsk(caveat, ALL))
    consultation = from_alert(capitals)
    for member in ("KOR", "USA"):
        capitals.respond(member, consultation)
        capitals.ask(member, "assess", AssessAsk(consultation, "en", f"{member} saw it too."))
    capitals.ask("JPN", "assess", AssessAsk(consultation, "ja", "我が国も確認した。"))
    assessment = adopted(capitals, consultation, Purpose.ASSESSMENT)
    assert capitals.row("KOR", consultation).stage is Stage.ASSESSED

    # The caveat removes one option for one member; another gives it a partial role.
    force = Activity.USE_OF_FORCE
    first = an_option(capitals, consultation, JPN=force, USA=force)
    with pytest.raises(Forbidden, match="jpn-use-of-force"):
        supports(capitals, "JPN", consultation, first)
    second = an_option(capitals, consultation, JPN=Activity.LOGISTICAL_SUPPORT, USA=force)
    for member in MEMBERS:
        supports(capitals, member, consultation, second)
        supports(capitals, member, consultation, first, position=Position.OPPOSES)

    ready = capitals.look("JPN", "draft", DraftAsk(consultation, Purpose.RESPONSE))
    with pytest.raises(Forbidden, match="jpn-use-of-force"):
        capitals.ask("JPN", "propose-text", msgspec.structs.replace(ready, options=(first,)))
    text = proposed(capitals, "JPN", consultation)
    shown = {one.id: one for one in capitals.seen("USA", consultation).texts}
    assert shown[text].options == (second,)
    said = {one.language: one.text for one in shown[text].versions}
    common = {one.language: one.text for one in shown[assessment].versions}
    assert list(said) == ["en", "ja", "ko"]
    for language, words in common.items():
        assert words in said[language]
        assert ALERT.words in words
        assert "我が国も確認した。" in words
    assert f"Matter (threat): “{ALERT.words}”\n" in said["en"]
    assert "  - The United States of America: use of force" in said["en"]
    assert "- Defensive: “Guard the sea lanes” (from 5 March 2027)" in said["en"]
    assert "  - 日本国：後方支援" in said["ja"]
    assert "  - 미합중국: 무력 사용" in said["ko"]

    # KOR reserves, and its silence adopts the text; USA assents expressly.
    capitals.ask("KOR", "remark", RemarkAsk(text, RemarkKind.RESERVATION, "ko", "국회의 동의를 조건으로 한다."))
    capitals.ask("KOR", "shown-text", ShownTextAsk(text, "Foreign ministry"))
    assent(capitals, "USA", consultation, text)
    assert "our silence" in str(capitals.row("KOR", consultation).waits_for_us).lower()
    assert capitals.row("JPN", consultation).waits_for == ("KOR",)
    with pytest.raises(WrongStage):
        capitals.ask("JPN", "act", ActAsk(consultation, "Navy", "too early", AT + timedelta(days=9)))
    capitals.wait(hours=3)
    assert {capitals.row(member, consultation).stage for member in MEMBERS} == {Stage.ADOPTED}

    for days, member, office in ((1, "JPN", "Ministry of Defense"), (2, "USA", "Pacific Fleet")):
        due_at = capitals.at + timedelta(days=days)
        capitals.ask(member, "act", ActAsk(consultation, office, "Sail", due_at, option=second))
    for member in MEMBERS:
        capitals.ask(member, "issue-statement", IssueStatementAsk(consultation, shown[text].text_hash))
    whole = [capitals.seen(one, consultation) for one in MEMBERS]
    assert whole[0] == whole[1] == whole[2]
    assert capitals.row("USA", consultation).stage is Stage.FOLLOWED_UP
    assert [(one.member, one.office) for one in whole[0].actions] == [
        ("JPN", "Ministry of Defense"),
        ("USA", "Pacific Fleet"),
    ]
    statement = whole[0].statement
    assert statement is not None
    assert (statement.issued_by, statement.missing) == (MEMBERS, ())

    # The same promises stand in the dialogue, by office and date, and are overdue when their time has come.
    rows = capitals.look("KOR", "commitments", CommitmentsAsk()).commitments
    assert {(one.office, one.consultation, one.text, one.overdue) for one in rows} == {
        ("Ministry of Defense", consultation, text, False),
        ("Pacific Fleet", consultation, text, False),
    }
    capitals.later(days=3)
    assert [one.overdue for one in capitals.look("KOR", "commitments", CommitmentsAsk()).commitments] == [True, True]
    items = capitals.nodes.of["KOR"].instrument.docket(capitals.nodes.of["KOR"].view, capitals.at)
    assert {(one.offices, one.state) for one in items} == {
        (("Ministry of Defense",), "overdue"),
        (("Pacific Fleet",), "overdue"),
    }


def test_a_statement_says_the_adopted_words_and_nothing_else_unclassified(capitals: Capitals) -> None:
    consultation = from_alert(capitals)
    text = proposed(capitals, "JPN", consultation)
    capitals.ask("USA", "remark", RemarkAsk(text, RemarkKind.INTERPRETATION, "en", "As we read it."))
    for member in ("KOR", "USA"):
        assent(capitals, member, consultation, text)
    row = next(one for one in capitals.seen("USA", consultation).texts if one.id == text)
    with pytest.raises(OtherText):
        capitals.ask("USA", "issue-statement", IssueStatementAsk(consultation, "0" * 64))
    said = capitals.ask("USA", "issue-statement", IssueStatementAsk(consultation, row.text_hash))
    record = capitals.nodes.of["KOR"].view.record(said)
    assert record is not None
    assert (record.label.classification, record.label.rel_to) == (Classification.UNCLASSIFIED, MEMBERS)
    body = msgspec.json.decode(record.body, type=JointStatement)
    assert (body.versions, body.text_hash, body.members) == (row.versions, row.text_hash, MEMBERS)
    assert [one.words for one in body.remarks] == ["As we read it."]
    with pytest.raises(IssuedAlready):
        capitals.ask("USA", "issue-statement", IssueStatementAsk(consultation, row.text_hash))
    statement = capitals.seen("JPN", consultation).statement
    assert statement is not None
    assert (statement.issued_by, statement.missing) == (("USA",), ("JPN", "KOR"))
    assert capitals.row("JPN", consultation).waits_for_us == "Issue the joint statement, as others have"
    # Words that were not adopted are nobody's joint statement.
    forged = msgspec.structs.replace(body, versions=body.versions[:1])
    capitals.say("KOR", forged)
    assert capitals.seen("JPN", consultation).statement == statement


def test_nothing_follows_from_a_text_that_is_not_adopted(capitals: Capitals) -> None:
    consultation = from_alert(capitals)
    text = proposed(capitals, "JPN", consultation)
    capitals.ask("KOR", "object", ObjectAsk(text, "ko", "아니오"))
    for command, ask in (
        ("act", ActAsk(consultation, "Navy", "too early", AT + timedelta(days=9))),
        ("issue-statement", IssueStatementAsk(consultation, "0" * 64)),
    ):
        with pytest.raises(WrongStage, match="wait until all have assented"):
            capitals.ask("JPN", command, ask)
    assert capitals.row("USA", consultation).stage is Stage.TEXT
    capitals.ask("USA", "close", CloseAsk(consultation, "no text in sight"))
    assert {capitals.row(one, consultation).stage for one in MEMBERS} == {Stage.NOT_ADOPTED}
    with pytest.raises(Over):
        proposed(capitals, "JPN", consultation)


def test_an_action_is_of_our_own_office_in_time_to_come_and_of_an_option_of_the_text(capitals: Capitals) -> None:
    consultation = from_alert(capitals)
    option = an_option(capitals, consultation, USA=Activity.SURVEILLANCE)
    adopted(capitals, consultation)
    with pytest.raises(BadField, match="due_at"):
        capitals.ask("JPN", "act", ActAsk(consultation, "Navy", "late", capitals.at))
    with pytest.raises(BadField, match="option"):
        capitals.ask(
            "JPN", "act", ActAsk(consultation, "Navy", "other", capitals.at + timedelta(days=1), option=option)
        )
    text = capitals.seen("JPN", consultation).texts[0].id
    capitals.say("KOR", ResponseAction(consultation, text, "USA", "Navy", "promised by another", AT))
    assert capitals.seen("USA", consultation).actions == ()
    assert capitals.look("USA", "commitments", CommitmentsAsk()).commitments == ()


def test_a_stance_comes_in_time_or_changes_nothing(capitals: Capitals) -> None:
    consultation = from_alert(capitals)
    text = proposed(capitals, "JPN", consultation)
    supports(capitals, "KOR", consultation, text, position=Position.ACCEPTS)
    capitals.later(hours=3)
    with pytest.raises(StanceTooLate, match="provisional"):
        supports(capitals, "USA", consultation, text)
    for member in ("KOR", "USA"):
        assent(capitals, member, consultation, text)
    with pytest.raises(WrongStage):
        supports(capitals, "USA", consultation, text)
    # Said all the same, by a node that checks nothing: shown everywhere alike, and the verdict is what it was.
    capitals.say("USA", Stance(consultation, text, Position.OPPOSES, "en", "after all"))
    rows = [capitals.seen(member, consultation).texts for member in MEMBERS]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][0].state is TextState.ADOPTED
    assert [(one.member, one.position) for one in rows[0][0].stances] == [
        ("KOR", Position.ACCEPTS),
        ("USA", Position.OPPOSES),
    ]


def test_who_leaves_in_the_middle_breaks_the_text_and_the_next_goes_on_without_it(capitals: Capitals) -> None:
    consultation = from_alert(capitals)
    first = proposed(capitals, "JPN", consultation)
    assent(capitals, "KOR", consultation, first)
    capitals.ask("USA", "depart", DepartAsk(consultation, "no part of ours"))
    assert capitals.seen("KOR", consultation).texts[0].state is TextState.BROKEN
    second = proposed(capitals, "JPN", consultation)
    assent(capitals, "KOR", consultation, second)
    assert {capitals.row(one, consultation).stage for one in MEMBERS} == {Stage.ADOPTED}
    row = capitals.seen("JPN", consultation).texts[1]
    assert [vote.member for vote in row.votes] == ["JPN", "KOR"]
    with pytest.raises(WeLeft):
        capitals.ask("USA", "act", ActAsk(consultation, "Navy", "late", capitals.at + timedelta(days=1)))
    capitals.ask("KOR", "act", ActAsk(consultation, "Navy", "Sail", capitals.at + timedelta(days=1)))
    assert capitals.row("USA", consultation).stage is Stage.FOLLOWED_UP


def test_on_a_real_store_a_question_becomes_a_request_and_a_text_without_retyping(tmp_path: Path) -> None:
    author = Author("officer:sato", frozenset({Role.PRINCIPAL, Role.WATCH_OFFICER}))
    with Worlds(tmp_path) as worlds:
        world = worlds.open("JPN", LINE, CONSULT)

        def ask(command: str, what: msgspec.Struct) -> str:
            return world.say(Asked(author, f"consult/{command}", what, f"ask:number:{command}")).records[0]

        question = ask("request-information", RequestInformationAsk("Debris", "ja", "破片は見つかったか。", ALL, 3_600))
        consultation = ask("request", world.judge("consult/ready", ReadyAsk((question,))))
        ask("propose-text", world.judge("consult/draft", DraftAsk(consultation, Purpose.RESPONSE)))
        [row] = world.judge("consult/consultations", NoAsk()).consultations
        assert (row.id, row.subject, row.stage, row.waits_for) == (consultation, "Debris", Stage.TEXT, ("KOR", "USA"))
        # What was taken back is no source.
        world.say(Asked(author, "line/retract", RetractAsk(question, "found"), "ask:number:retract"))
        with pytest.raises(SourceTakenBack):
            world.judge("consult/ready", ReadyAsk((question,)))
