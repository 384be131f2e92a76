"""Views: they follow from the log alone, so the order of arrival does not matter and they can be made again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text
from tests.border.sealing import lane, sealed
from tests.node.notebook import NOTE, Note, fold_note, latest, notebook, written
from tests.node.test_reactions import echo, echoes
from tests.node.worlds import (
    LIVE,
    MEMBERS,
    Worlds,
    check_log,
    contents,
    digests,
    exchange,
    log_of,
    note,
    parked,
    texts,
    wrapped,
)

from laurel.core.instrument import Fold, Instrument, Kept, Kind, Meet, Rows
from laurel.core.record import Precedence, Record
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.standing import whole
from laurel.node.keep.store import Store
from laurel.node.keep.views import BadRow, bring_up_to_date, rebuild, rows_of

# Any order

notes = st.builds(
    note,
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.uuids().map(str),
    topic=st.sampled_from(["sea", "air"]),
    weight=st.integers(-2, 2),
    to=st.just(MEMBERS),
    precedence=st.sampled_from(Precedence),
)


@settings(max_examples=20, deadline=None)
@given(
    st.fixed_dictionaries({me: st.lists(notes, max_size=6, unique_by=lambda one: one.ask_id) for me in MEMBERS}),
    st.data(),
)
def test_views_are_equal_whatever_the_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory, asks: dict[str, list[Any]], data: st.DataObject
) -> None:
    with Worlds(tmp_path_factory.mktemp("views")) as worlds:
        everyone = {me: worlds.open(me) for me in MEMBERS}
        for me, world in everyone.items():
            world.say_many(asks[me])
        said = {me: log_of(world) for me, world in everyone.items()}
        for me, world in everyone.items():
            others = [(origin, one) for origin in MEMBERS if origin != me for one in said[origin]]
            repeats = data.draw(st.lists(st.sampled_from(others), max_size=4)) if others else []
            for origin, one in data.draw(st.permutations([*others, *repeats])):
                world.receive(origin, [wrapped(one, to=me)])
        first, *rest = (digests(world) for world in everyone.values())
        assert rest == [first, first]
        for world in everyone.values():
            assert check_log(world) == sum(map(len, said.values()))
            assert rebuild(world.store, world.catalogue)[:2] == (first, first)


def test_the_greater_row_stays_whichever_comes_first(worlds: Worlds) -> None:
    there, back = worlds.open("KOR"), worlds.open("USA")
    light, heavy, heavier = (
        sealed(worlds.who, f"{weight}", precedence=precedence, body=Note("sea", f"{weight}", weight))
        for weight, precedence in ((1, Precedence.ROUTINE), (5, Precedence.PRIORITY), (5, Precedence.FLASH))
    )
    there.receive("JPN", [wrapped(light), wrapped(heavy), wrapped(heavier)])
    back.receive("JPN", [wrapped(one, to="USA") for one in (heavier, heavy, light)])
    winner = max(heavy.id, heavier.id)
    for me in ("KOR", "USA"):
        assert contents(worlds.path(me))["notebook_latest"] == [("sea", 5, winner, "5")]


# Made again


def test_a_rebuild_gives_the_same_views_and_never_reacts(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN", notebook(echo)), worlds.open("KOR", notebook(echo))
    ours.say_many([note(f"{number}", weight=number % 3) for number in range(10)])
    theirs.say(note("theirs"))
    exchange(ours, theirs)
    said = echoes(ours)
    for world in (ours, theirs):
        before = digests(world)
        assert rebuild(world.store, world.catalogue) == (before, before, check_log(world) - len(said))
    assert ours.react() is False
    assert echoes(ours) == said
    assert digests(ours) == digests(theirs)


def test_a_rebuild_mends_a_view_that_was_tampered_with(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note("one"), note("two")])
    good = digests(world)
    with world.store.writing() as to:
        to.execute(sa.update(whole(written)).where(whole(written).c.text == "one").values(text="eleven"))
        to.execute(sa.delete(whole(latest)))
    before, after, folded = rebuild(world.store, world.catalogue)
    assert (after, folded) == (good, 2)
    assert {name for name in after if before[name] != after[name]} == {"notebook_written", "notebook_latest"}


def test_a_view_is_remade_on_opening_only_when_its_fold_or_table_changed(worlds: Worlds) -> None:
    def shout(record_id: str, record: Record[Note]) -> Rows:
        return [(kept, {**row, "text": record.body.text.upper()}) for kept, row in fold_note(record_id, record)]

    louder = replace(notebook(), folds={NOTE.name: shout})
    worlds.open().say(note("one"))
    assert texts(worlds.open("JPN", louder)) == ["one"]
    world = worlds.open("JPN", replace(louder, version=2))
    assert texts(world) == ["ONE"]
    assert bring_up_to_date(world.store, world.catalogue) == []
    world.say(note("two"))
    assert texts(world) == ["ONE", "TWO"]
    assert texts(worlds.open("JPN", notebook())) == ["one", "two"]


def test_a_table_with_another_column_is_made_afresh_from_the_log(worlds: Worlds) -> None:
    wider = Kept(
        Table(
            "notebook_written",
            MetaData(),
            Column("id", Text, primary_key=True),
            Column("origin", Text, nullable=False),
            Column("text", Text, nullable=False),
            Column("length", Integer, nullable=False),
        ),
        Meet.ONCE,
    )

    def measure(record_id: str, record: Record[Note]) -> Rows:
        text = record.body.text
        return [(wider, {"id": record_id, "origin": record.origin, "text": text, "length": len(text)})]

    [said] = worlds.open().say(note("three")).records
    worlds.open("JPN", replace(notebook(), tables=(wider,), folds={NOTE.name: measure}))
    tables = contents(worlds.path())
    assert tables["notebook_written"] == [(said, "JPN", "three", 5)]
    assert "notebook_latest" not in tables


def test_a_record_that_broke_a_fold_is_folded_once_the_fold_is_mended(worlds: Worlds) -> None:
    def careful(record_id: str, record: Record[Note]) -> Rows:
        return [(written, {"id": record_id, "origin": record.origin, "text": record.body.text})]

    world = worlds.open("KOR")
    world.receive("JPN", [wrapped(*lane(worlds.who, "tear the page", "two"))])
    assert (texts(world), len(parked(world))) == (["two"], 1)
    world = worlds.open("KOR", replace(notebook(), folds={NOTE.name: careful}, version=2))
    assert (texts(world), parked(world)) == (["tear the page", "two"], [])


# Upgrades


class MoodyNote(Struct, frozen=True):
    """A note as an older node knows it: it cannot read one without a mood."""

    topic: str
    text: str
    mood: str
    weight: int = 0


OLDER = replace(notebook(), kinds=(Kind(NOTE.name, MoodyNote, None), *notebook().kinds[1:]))


@pytest.mark.parametrize(
    "before",
    [OLDER, replace(notebook(), kinds=(), folds={}, memories=(), tables=())],
    ids=["whose body did not fit", "of a kind that was unknown"],
)
def test_a_quarantined_record_is_folded_and_remembered_after_an_upgrade(before: Instrument, worlds: Worlds) -> None:
    world = worlds.open("KOR", before)
    rough = sealed(worlds.who, "rough")
    moody = sealed(worlds.who, body=MoodyNote("sea", "calm", "good"), number=2, prev=rough.id)
    world.receive("JPN", [wrapped(rough, moody)])
    world.react()
    assert "rough" not in texts(world) if before is OLDER else "notebook_written" not in contents(worlds.path("KOR"))
    world = worlds.open("KOR")
    assert texts(world) == ["rough", "calm"]
    assert {row[5] for row in contents(worlds.path("KOR"))["log"][:2]} == {None}
    world.say(note("tally"))
    assert echoes(world) == ["3:rough,calm,tally"]
    assert digests(worlds.open("KOR")) == rebuild(world.store, world.catalogue)[1]


def test_what_is_still_not_understood_stays_quarantined(worlds: Worlds) -> None:
    world = worlds.open("KOR")
    world.receive("JPN", [wrapped(sealed(worlds.who, kind="hotline.message.v9"))])
    before = contents(worlds.path("KOR"))
    worlds.open("KOR")
    assert contents(worlds.path("KOR")) == before


# Rows

ODD = Kept(
    Table(
        "odd",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("whole", Integer, nullable=False),
        Column("real", Float, nullable=False),
        Column("raw", LargeBinary),
        Column("flag", Boolean),
    ),
    Meet.ONCE,
)
GOOD: dict[str, Any] = {"id": "é", "whole": 1, "real": 2, "raw": b"", "flag": True}
RECORD: Record[Any] = msgspec.json.decode(
    msgspec.json.encode(
        {
            **dict.fromkeys(("exercise", "prev", "answers")),
            "kind": "odd",
            "compact": LIVE.compact,
            "origin": "JPN",
            "author": "a",
            "at": "2026-08-18T03:00:00Z",
            "label": {"classification": "SECRET", "rel_to": ["JPN"]},
            "precedence": 0,
            "number": 1,
            "about": [],
            "salt": "",
            "body": {},
        }
    ),
    type=Record[Any],
)


def making(row: dict[str, Any]) -> Fold:
    """A fold that makes just this row."""

    def fold(*_: object) -> Rows:
        return [(ODD, row)]

    return fold


@pytest.mark.parametrize(
    "row",
    [GOOD, {**GOOD, "raw": None, "flag": None}, {**GOOD, "whole": -(2**63), "real": math.inf}],
    ids=["plain values", "nothing where it may be", "extremes"],
)
def test_a_row_that_fits_its_table_can_be_written(row: dict[str, Any], worlds: Worlds) -> None:
    catalogue = Catalogue((Instrument("odd", 1, (), tables=(ODD,)),))
    store = Store(worlds.folder / "odd.db", LIVE, catalogue.tables)
    bring_up_to_date(store, catalogue)
    with store.writing() as to:
        store.put_rows(to, rows_of(making(row), "é", RECORD))
        assert to.execute(sa.select(ODD.table)).mappings().all() == [row]
    store.close()


@pytest.mark.parametrize(
    "row",
    [
        {**GOOD, "more": 1},
        {name: value for name, value in GOOD.items() if name != "flag"},
        {**{name: value for name, value in GOOD.items() if name != "flag"}, "flog": True},
        {**GOOD, "id": None},
        {**GOOD, "id": 5},
        {**GOOD, "whole": 2**63},
        {**GOOD, "whole": 1.5},
        {**GOOD, "real": math.nan},
        {**GOOD, "real": 2**70},
        {**GOOD, "raw": "text"},
    ],
    ids=[
        "one column more",
        "one less",
        "another",
        "no key",
        "a number for a text",
        "a number too great",
        "a fraction for a whole",
        "not a number",
        "a whole too great for a real",
        "text for bytes",
    ],
)
def test_a_row_that_its_table_cannot_hold_is_found_before_it_is_written(row: dict[str, Any]) -> None:
    with pytest.raises(BadRow, match="table=odd"):
        rows_of(making(row), "id", RECORD)


def test_half_a_surrogate_cannot_be_written_either() -> None:
    with pytest.raises(UnicodeEncodeError):
        rows_of(making({**GOOD, "id": "\ud800"}), "id", RECORD)
