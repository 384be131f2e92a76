"""Search: words and parts of words in any script, only in what stands, whatever is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from tests.node.notebook import latest, notebook, written
from tests.node.worlds import OFFICER, Worlds, exchange, note

from laurel.core.instrument import Instrument, Kept
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.keep import search as searching
from laurel.node.keep.reader import Reader
from laurel.node.keep.views import rebuild
from laurel.node.world import World

TEXTS = {
    "ja": "北朝鮮が弾道ミサイルを発射した。直ちに協議したい。",
    "ko": "북한이 탄도미사일을 발사했습니다. 즉시 협의를 요청합니다.",
    "en": 'The "launch" was seen NOT far from AND near the coast; 100% sure_ OR not?',
}
OPERATORS = [
    *('"', '""', "'", "*", "launch*", "^launch", "-launch", "+launch", "text:launch", "record:a", "{text}: launch"),
    *(
        "AND",
        "OR",
        "NOT",
        "NEAR(launch seen, 2)",
        "(",
        ")",
        "launch AND",
        'launch" OR "x',
        "launch\0seen",
        "\0",
        "%",
        "_",
    ),
    *("'; DROP TABLE log; --", "\\", "launch) OR rank MATCH 'bm25(1)'", "NEAR", "a:b:c", '"launch" "', "＂launch＂"),
]


def searched(kept: Kept) -> Kept:
    return replace(kept, searched=("text",))


def archive() -> Instrument:
    """The notebook, with an index of its words."""
    return replace(notebook(), tables=(searched(written), searched(latest)))


def found(world: World, words: str, kept: Kept = written, most: int = 100) -> list[str]:
    """The texts of what a search finds, in its order."""
    table = kept.table
    with world.store.reading() as from_:
        ids = Reader(from_).search(searched(kept), words, most)
        return [from_.execute(sa.select(table.c.text).where(table.c.id == one)).scalar_one() for one in ids]


def write(world: World, *texts: str, topic: str = "topic", weight: int = 0) -> list[str]:
    return [world.say(note(text, topic=topic, weight=weight)).records[0] for text in texts]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ミサイル", ["ja"]),
        ("弾道ミサイル 協議", ["ja"]),
        ("協議", ["ja"]),
        ("미사일", ["ko"]),
        ("협의 요청", ["ko"]),
        ("\u1106\u1175\u1109\u1161\u110b\u1175\u11af", ["ko"]),
        ("LAUNCH coast", ["en"]),
        ("100%", ["en"]),
        ("sure_", ["en"]),
        ("AND", ["en"]),
        ('"launch"', ["en"]),
        ("launchpad", []),
        ("発射 미사일", []),
        ("", []),
        (" \n ", []),
    ],
)
def test_words_and_parts_of_words_are_found_in_every_script(
    worlds: Worlds, words: str, expected: Sequence[str]
) -> None:
    world = worlds.open("JPN", archive())
    write(world, *TEXTS.values())
    assert found(world, words) == [TEXTS[one] for one in expected]


words = st.text(st.sampled_from('abA"*^:() 미사일発射%_\\-'), max_size=6)


@settings(max_examples=25, deadline=None)
@given(st.lists(words.filter(str.strip), max_size=12, unique=True), st.lists(words, min_size=1, max_size=12))
def test_the_index_finds_what_a_reading_of_every_row_finds(
    tmp_path_factory: pytest.TempPathFactory, texts: Sequence[str], asked: Sequence[str]
) -> None:
    with Worlds(tmp_path_factory.mktemp("search")) as worlds:
        world = worlds.open("JPN", archive())
        write(world, *texts)
        for one in asked:
            wanted = [word.lower() for word in one.split()]
            holds = {text for text in texts if wanted and all(word in text.lower() for word in wanted)}
            assert set(found(world, one)) == holds


@pytest.mark.attack("search-syntax")
@pytest.mark.parametrize("typed", OPERATORS)
def test_nothing_that_is_typed_is_an_operator(worlds: Worlds, typed: str) -> None:
    world = worlds.open("JPN", archive())
    write(world, *TEXTS.values(), typed.replace("\0", "") or "empty")
    wanted = typed.replace("\0", " ").split()
    everything = [*TEXTS.values(), typed.replace("\0", "") or "empty"]
    assert set(found(world, typed)) == {
        one for one in everything if wanted and all(word.lower() in one.lower() for word in wanted)
    }


def test_the_last_taken_in_come_first_and_no_more_than_asked_for(worlds: Worlds) -> None:
    world = worlds.open("JPN", archive())
    write(world, *(f"radar report {number}" for number in range(9)))
    assert found(world, "radar", most=3) == [f"radar report {number}" for number in (8, 7, 6)]
    assert found(world, "ra", most=2) == [f"radar report {number}" for number in (8, 7)]


def test_what_was_taken_back_is_found_no_more(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN", archive()), worlds.open("KOR", archive())
    [record] = write(japan, "launch detected")
    exchange(japan, korea)
    assert found(korea, "detected") == ["launch detected"]
    japan.say(Asked(OFFICER, "line/retract", RetractAsk(record, "It was a test."), "ask:retract"))
    exchange(japan, korea)
    assert [found(one, "detected") for one in (japan, korea)] == [[], []]


def test_a_row_that_gave_way_to_a_greater_is_not_found_by_its_words(worlds: Worlds) -> None:
    world = worlds.open("JPN", archive())
    write(world, "first words", weight=1)
    write(world, "later words", weight=2)
    write(world, "lesser words", weight=0)
    assert [found(world, one, latest) for one in ("first", "later", "lesser", "words")] == [
        [],
        ["later words"],
        [],
        ["later words"],
    ]


def test_a_rebuild_and_a_restart_leave_the_index_as_it_was(worlds: Worlds) -> None:
    world = worlds.open("JPN", archive())
    write(world, *TEXTS.values())
    rebuild(world.store, world.catalogue)
    assert found(world, "ミサイル") == [TEXTS["ja"]]
    write(world, "ミサイルではない")
    again = worlds.open("JPN", archive())
    assert found(again, "ミサイル") == ["ミサイルではない", TEXTS["ja"]]


def test_an_index_is_made_for_a_table_that_had_none(worlds: Worlds) -> None:
    write(worlds.open("JPN"), *TEXTS.values())
    world = worlds.open("JPN", archive())
    assert found(world, "미사일") == [TEXTS["ko"]]
    assert plan(world, "미사일") == "index"


def test_without_fts5_words_are_looked_for_in_the_rows(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    write(worlds.open("JPN", archive()), TEXTS["ja"])
    with monkeypatch.context() as without:
        without.setattr(searching, "OLDEST", (99,))
        world = worlds.open("JPN", archive())
        write(world, TEXTS["ko"])
        assert [found(world, one) for one in ("미사일", "ミサイル")] == [[TEXTS["ko"]], [TEXTS["ja"]]]
        assert plan(world, "미사일") == "rows"
    again = worlds.open("JPN", archive())
    assert [found(again, one) for one in ("미사일", "ミサイル")] == [[TEXTS["ko"]], [TEXTS["ja"]]]
    assert plan(again, "미사일") == "index"


def plan(world: World, typed: str) -> str:
    """Where the database looks for these words."""
    asked: list[str] = []
    with world.store.reading() as from_:
        event.listen(from_, "before_cursor_execute", partial(_note, asked))
        Reader(from_).search(searched(written), typed, 1)
    return "index" if "MATCH" in asked[-1] else "rows"


def _note(asked: list[str], *given: Any, **_: Any) -> None:
    asked.append(given[2])


def test_a_database_keeps_no_index_that_nobody_asked_for(worlds: Worlds) -> None:
    world = worlds.open("JPN")
    with world.store.reading() as from_:
        names = set(from_.execute(sa.text("SELECT name FROM sqlite_master")).scalars())
    assert not {name for name in names if name.startswith("words_notebook")}
