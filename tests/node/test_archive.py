"""The archive: a conversation whole, and what is found in it, at real worlds."""

from __future__ import annotations

import pytest
from tests.gateways.talk import ENGLISH, EVERYBODY, HOTLINE, JAPANESE, KOREAN, say
from tests.node.worlds import OFFICER, Worlds, exchange

from laurel.core.errors import Nothing
from laurel.core.record import Draft
from laurel.core.words import excerpt
from laurel.instruments.hotline.archive import records_of, subject_of
from laurel.instruments.hotline.records import (
    MESSAGE,
    Acknowledged,
    Delivered,
    Message,
    Translation,
    TranslationReviewed,
)
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.keep.find import Found, find
from laurel.node.keep.reader import Reader
from laurel.node.world import World

Two = tuple[World, World]


@pytest.fixture
def two(worlds: Worlds) -> Two:
    return worlds.open("JPN", HOTLINE), worlds.open("KOR", HOTLINE)


def told(world: World, body: object) -> str:
    assert isinstance(body, Message | Translation | Delivered | Acknowledged | TranslationReviewed)
    return say(world, "officer:sato", Draft(body, EVERYBODY))[0]


def search(world: World, words: str, most: int = 50) -> list[Found]:
    with world.store.reading() as from_:
        return find(from_, world.catalogue, words, most)


def thread(world: World, conversation: str) -> set[str]:
    with world.store.reading() as from_:
        return set(records_of(Reader(from_), conversation))


def test_messages_and_translations_are_found_with_their_conversation(two: Two) -> None:
    japan, korea = two
    opening = told(japan, Message("ja", JAPANESE, subject="発射"))
    exchange(japan, korea)
    answer = told(korea, Message("ko", KOREAN, conversation=opening))
    translation = told(korea, Translation(opening, "en", ENGLISH, "Kim"))
    exchange(japan, korea)
    for world in two:
        [one] = search(world, "ballistic missile")
        assert (one.of, one.record, one.origin, one.language) == (opening, translation, "KOR", "en")
        assert (one.excerpt, one.banner) == (ENGLISH, EVERYBODY.banner)
        [one] = search(world, "확인했습니다")
        assert (one.of, one.record, one.kind) == (opening, answer, MESSAGE.name)
        assert [one.record for one in search(world, "ミサイル")] == [opening]
        assert search(world, "nowhere") == []


def test_the_last_that_came_is_found_first_and_no_more_than_were_asked_for(two: Two) -> None:
    japan, _ = two
    said = [told(japan, Message("en", f"Buoy {n} is adrift.", subject="Buoys")) for n in range(5)]
    assert [one.record for one in search(japan, "buoy adrift", 3)] == said[:1:-1]


def test_with_a_message_its_translation_is_found_no_more(two: Two) -> None:
    japan, korea = two
    opening = told(japan, Message("ja", JAPANESE, subject="発射"))
    told(japan, Translation(opening, "en", ENGLISH, "Sato"))
    japan.say(Asked(OFFICER, "line/retract", RetractAsk(opening, "Sent by mistake."), "ask:retract"))
    exchange(japan, korea)
    for world in two:
        assert search(world, "ballistic") == []
        assert search(world, "ミサイル") == []


def test_a_conversation_is_gathered_whole_and_no_other_with_it(two: Two) -> None:
    japan, korea = two
    opening = told(japan, Message("ja", JAPANESE, subject="発射"))
    other = told(japan, Message("ja", JAPANESE, subject="訓練"))
    exchange(japan, korea)
    answer = told(korea, Message("ko", KOREAN, conversation=opening))
    receipts = [
        told(korea, Delivered(opening)),
        told(japan, Delivered(answer)),
        told(japan, Acknowledged(answer, "NSS")),
    ]
    translation = told(korea, Translation(answer, "en", ENGLISH, "Kim"))
    review = told(korea, TranslationReviewed(translation, "Lee"))
    told(korea, Delivered(other))
    exchange(japan, korea)
    for world in two:
        assert thread(world, opening) >= {opening, answer, *receipts, translation, review}
        assert not thread(world, opening) & thread(world, other)
        with world.store.reading() as from_:
            assert subject_of(Reader(from_), opening) == "発射"
    with pytest.raises(Nothing):
        thread(japan, "0" * 64)


def test_a_retracted_message_leaves_the_conversation_with_all_that_speaks_of_it(two: Two) -> None:
    japan, korea = two
    opening = told(japan, Message("ja", JAPANESE, subject="発射"))
    wrong = told(japan, Message("ja", "誤り", conversation=opening))
    exchange(japan, korea)
    receipt = told(korea, Delivered(wrong))
    exchange(japan, korea)
    japan.say(Asked(OFFICER, "line/retract", RetractAsk(wrong, "Wrong."), "ask:retract"))
    exchange(japan, korea)
    assert not thread(korea, opening) & {wrong, receipt}
    assert opening in thread(korea, opening)


def test_an_excerpt_shows_where_the_words_stand() -> None:
    long = f"{'あ' * 100} missile {'い' * 300}"
    piece = excerpt(long, ["MISSILE"])
    assert piece.startswith("…あ")
    assert piece.endswith("い…")
    assert "missile" in piece
    assert excerpt("short\nand  plain", ["nowhere"]) == "short and plain"
