"""Joint texts as officers meet them: proposed, amended, taken up, kept silence on, adopted."""

from __future__ import annotations

from datetime import timedelta

from tests.instruments.consult.table import HOUR, NOW, VERSIONS, Table

from laurel.instruments.consult.course_types import TextState, VoteKind
from laurel.instruments.consult.records import Assented, Edit, TextHeld
from laurel.instruments.consult.texts import AmendAsk, AssentAsk, RemarkAsk, TakeUpAsk
from laurel.instruments.consult.words import RemarkKind


def test_silence_is_assent_once_each_node_says_so_after_the_deadline() -> None:
    table = Table()
    text = table.propose("JPN")
    assert [len(table.nodes.of[one].said(TextHeld)) for one in ("JPN", "KOR", "USA")] == [0, 1, 1]
    table.show("KOR", text)
    table.show("USA", text)
    row = table.row(text)
    assert (row.state, row.waits_for) == (TextState.OPEN, ("KOR", "USA"))
    assert table.nodes.wake(NOW + HOUR - timedelta(seconds=1)) == 0
    table.nodes.wake(NOW + HOUR)
    row = table.row(text, NOW + HOUR)
    assert row.state is TextState.ADOPTED
    assert [one.vote for one in row.votes] == [VoteKind.PROPOSED, VoteKind.SILENT, VoteKind.SILENT]
    [kept] = table.nodes.of["KOR"].said(Assented)
    assert kept.body.shown_to == ("KOR watch",)
    assert table.nodes.wake(NOW + HOUR) == 0


def test_an_amendment_is_taken_up_without_retyping_and_adopted_with_a_reservation() -> None:
    table = Table()
    first = table.propose("JPN")
    edit = Edit("en", "act", "stand")
    amendment = table.ask("KOR", "amend", AmendAsk(first, (edit,), "ko", "더 정확하게"))
    assert table.row(first).state is TextState.BROKEN
    second = table.ask("USA", "take-up", TakeUpAsk(amendment, NOW + HOUR))
    row = table.row(second)
    assert (row.round, row.amends, row.versions[0].text) == (2, first, "We stand together.")
    assert row.versions[1:] == VERSIONS[1:]
    table.ask("KOR", "remark", RemarkAsk(second, RemarkKind.RESERVATION, "ko", "우리 법에 따른다."))
    for member in ("JPN", "KOR"):
        table.ask(member, "assent", AssentAsk(second, row.text_hash, "principal"))
    row = table.row(second)
    assert row.state is TextState.ADOPTED
    assert [(one.member, one.words) for one in row.remarks] == [("KOR", "우리 법에 따른다.")]
    assert len(row.clauses) == 3
