"""Translations: beside the original, drafts until another person has read them."""

from __future__ import annotations

import pytest
from tests.instruments.hotline.capitals import KIM, UNKNOWN, Capitals

from laurel.core.errors import BadAsk, Nothing
from laurel.core.instrument import Errand, Outcome
from laurel.core.record import Draft
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.board_types import TranslationRow
from laurel.instruments.hotline.records import Translation, TranslationFailed, TranslationReviewed
from laurel.instruments.hotline.translations import (
    LONGEST,
    OwnTranslation,
    ReviewTranslationAsk,
    SameLanguage,
    TranslateAsk,
    WantTranslationAsk,
)

LEE = "officer:lee"


@pytest.fixture
def capitals() -> Capitals:
    return Capitals()


def translate(capitals: Capitals, message: str, by: str = KIM, *, engine: bool = False) -> str:
    ask = TranslateAsk(message, "ko", "한 발을 탐지했다.", "Kim Min-ji", engine)
    return capitals.ask("KOR", "translate", ask, by)[0]


def review(capitals: Capitals, translation: str, by: str, member: str = "KOR") -> str:
    return capitals.ask(member, "review-translation", ReviewTranslationAsk(translation, "Lee"), by)[0]


def shown(capitals: Capitals, at: str, message: str) -> tuple[TranslationRow, ...]:
    return capitals.message(at, message).translations


def want(capitals: Capitals, message: str, language: str = "ko") -> Errand:
    capitals.ask("KOR", "want-translation", WantTranslationAsk(message, language))
    [errand] = INSTRUMENT.errands(capitals.nodes.of["KOR"].view)
    return errand


def run(capitals: Capitals, errand: Errand, outcome: Outcome) -> None:
    capitals.ask("KOR", errand.command, errand.then(outcome), "node")


def test_it_is_a_draft_with_its_translators_name_until_another_person_stands_by_it(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", "USA")
    translation = translate(capitals, message)
    for member in ("JPN", "KOR", "USA"):
        [row] = shown(capitals, member, message)
        assert (row.draft, row.reviewer, row.translator, row.engine) == (True, None, "Kim Min-ji", False)
    assert capitals.message("USA", message).text == "探知した。"
    review(capitals, translation, LEE)
    for member in ("JPN", "KOR", "USA"):
        [row] = shown(capitals, member, message)
        assert (row.draft, row.reviewer) == (False, "Lee")


def test_nobody_reviews_what_he_made_and_no_program_reviews_anything(capitals: Capitals) -> None:
    translation = translate(capitals, capitals.open("JPN", "KOR"))
    for by in (KIM, "officer:KIM", "program:gateway", "node"):
        with pytest.raises(OwnTranslation):
            review(capitals, translation, by)
    # Another member's officer of the same name is another person.
    review(capitals, translation, KIM, "JPN")


def test_a_review_that_another_node_should_have_refused_counts_for_nothing(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR")
    translation = translate(capitals, message)
    seoul = capitals.nodes.of["KOR"]
    told = dict(seoul.log)[translation].label
    for by in (KIM, "node"):
        capitals.nodes.say(Draft(TranslationReviewed(translation, "Lee"), told), seoul.desk(by, capitals.now))
    [row] = shown(capitals, "JPN", message)
    assert row.draft


def test_our_engine_makes_a_draft_for_our_own_house_alone(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR", "USA", text="探知した。")
    errand = want(capitals, message)
    assert (errand.to, errand.facts) == ("translate", {"text": "探知した。", "source": "ja", "target": "ko"})
    run(capitals, errand, Outcome(done=True, answer="탐지했다."))
    [row] = shown(capitals, "KOR", message)
    assert (row.text, row.engine, row.draft, row.translator) == ("탐지했다.", True, True, "translation engine")
    assert shown(capitals, "JPN", message) == shown(capitals, "USA", message) == ()
    assert INSTRUMENT.errands(capitals.nodes.of["KOR"].view) == []
    assert capitals.ask("KOR", "want-translation", WantTranslationAsk(message, "ko")) == []


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Outcome(done=False, why="timed out"), "timed out"),
        (Outcome(done=False), "no reason"),
        (Outcome(done=True, answer=" \n"), "nothing"),
        (Outcome(done=True, answer="가" * (LONGEST + 1)), "carried"),
    ],
    ids=["failed", "mute", "empty", "endless"],
)
def test_an_engine_that_fails_says_why_and_may_be_asked_again(capitals: Capitals, outcome: Outcome, why: str) -> None:
    message = capitals.open("JPN", "KOR")
    run(capitals, want(capitals, message), outcome)
    [failed] = capitals.nodes.of["KOR"].said(TranslationFailed)
    assert why in failed.body.why
    assert capitals.nodes.of["KOR"].said(Translation) == []
    assert INSTRUMENT.errands(capitals.nodes.of["KOR"].view) == []
    assert want(capitals, message).facts["target"] == "ko"


def test_what_cannot_be_translated_is_refused(capitals: Capitals) -> None:
    message = capitals.open("JPN", "KOR")
    with pytest.raises(SameLanguage):
        capitals.ask("KOR", "want-translation", WantTranslationAsk(message, "ja"))
    with pytest.raises(Nothing):
        translate(capitals, UNKNOWN)
    with pytest.raises(Nothing):
        review(capitals, UNKNOWN, LEE)
    with pytest.raises(BadAsk):
        capitals.ask("KOR", "translate", TranslateAsk(message, "ko", " ", "Kim", engine=False))
