"""Every instrument has one shape, so that who knows one knows all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec.inspect
import pytest
from msgspec import Struct

import laurel.instruments
from laurel.core.instrument import Command, Instrument, Kept, Kind, Meet, Query
from laurel.core.words import WORDS
from laurel.instruments import INSTRUMENTS

HOME = Path(laurel.instruments.__file__).parent
FOLDERS = sorted(path.name for path in HOME.iterdir() if path.is_dir() and path.name != "__pycache__")
FILES = ("README.md", "__init__.py", "records.py")
WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

CONSOLE = Path(__file__).parents[2] / "console" / "src"
PLACES = {"warning": "watch/WatchRoom.svelte", "line": "watch/Retractions.svelte", "office": "office/Bars.svelte"}
"""Where in the console those are met that have no room of their own."""
HAVE_NO_ROOM = {"exercise": "announced, joined and halted from the terminal; the page's banner says which world it is"}
NO_WORDS = {
    "warning.alert.v1": "a template's words",
    "warning.public-alert.v1": "a template's words",
    "office.proposed.v1": "the command's own words of confirmation",
}
"""Kinds whose words nobody wrote, so nobody looks for them."""

KINDS = {kind.name for instrument in INSTRUMENTS for kind in instrument.kinds}
"""An instrument may fold any kind, its own or another's."""


Part = Kind[Any] | Command[Any] | Query[Any, Any] | Kept


def each(parts: Callable[[Instrument], Sequence[Part]]) -> pytest.MarkDecorator:
    """One case for every such part of every instrument, named after both."""
    return pytest.mark.parametrize(
        ("instrument", "one"),
        [
            pytest.param(instrument, one, id=f"{instrument.name}: {name_of(one)}")
            for instrument in INSTRUMENTS
            for one in parts(instrument)
        ],
    )


def name_of(one: Part) -> str:
    return one.table.name if isinstance(one, Kept) else one.name


def is_frozen(body: type[Struct]) -> bool:
    return body.__struct_config__.frozen


def test_the_tuple_names_every_folder_and_nothing_else() -> None:
    assert sorted(instrument.name for instrument in INSTRUMENTS) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_holds_the_same_files_as_every_other(folder: str) -> None:
    assert [name for name in FILES if not (HOME / folder / name).is_file()] == []
    assert WORD.fullmatch(folder)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda instrument: instrument.name)
def test_a_readme_gives_the_purpose_and_every_kind(instrument: Instrument) -> None:
    readme = (HOME / instrument.name / "README.md").read_text()
    assert readme.startswith("# ")
    unnamed = {kind.name for kind in instrument.kinds}
    unnamed -= {kind.name for kind in instrument.kinds if f"`{kind.name}`" in readme}
    unnamed -= {kind.name for kind in instrument.kinds if f"`{kind.name.split('.')[1]}`" in readme}
    assert not unnamed


@each(lambda instrument: instrument.kinds)
def test_a_kind_is_named_after_its_instrument_and_version(instrument: Instrument, one: Kind[Any]) -> None:
    prefix, name, version = one.name.split(".")
    assert prefix == instrument.name
    assert WORD.fullmatch(name)
    assert re.fullmatch(r"v[1-9][0-9]*", version)


@each(lambda instrument: instrument.kinds)
def test_a_kind_is_frozen_documented_and_says_how_long_it_is_kept(instrument: Instrument, one: Kind[Any]) -> None:
    assert is_frozen(one.body)
    assert one.body.__doc__
    assert one.keeps is None or one.keeps >= timedelta(days=1), f"{instrument.name} forgets {one.name} within a day"


@each(lambda instrument: instrument.commands)
def test_a_command_is_documented_closed_and_permitted_to_someone(instrument: Instrument, one: Command[Any]) -> None:
    assert WORD.fullmatch(one.name)
    assert one.decide.__doc__
    assert one.ask.__doc__
    assert is_frozen(one.ask)
    # A field that the asker misspelt must not be lost in silence.
    assert one.ask.__struct_config__.forbid_unknown_fields
    assert one.roles, f"nobody may ask {instrument.name}/{one.name}"
    assert one.persons in {1, 2}
    if one.persons == 2:
        assert one.confirm, "two persons must read the same words"
        assert one.for_people


@each(lambda instrument: instrument.queries)
def test_a_query_is_documented_and_closed(instrument: Instrument, one: Query[Any, Any]) -> None:
    assert WORD.fullmatch(one.name), instrument.name
    assert one.answer.__doc__
    assert one.ask.__doc__
    assert one.result.__doc__
    assert one.ask.__struct_config__.forbid_unknown_fields


@each(lambda instrument: instrument.tables)
def test_a_table_is_named_after_its_instrument_and_can_decide_between_equal_keys(
    instrument: Instrument, one: Kept
) -> None:
    assert one.table.name.startswith(f"{instrument.name.replace('-', '_')}_")
    assert len(one.table.primary_key.columns) > 0
    columns = set(one.table.columns.keys())
    assert set(one.searched) <= columns
    if one.meet is Meet.GREATEST:
        assert one.rank
        assert set(one.rank) <= columns
    else:
        assert one.rank == ()


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda instrument: instrument.name)
def test_an_instrument_reads_only_kinds_that_exist(instrument: Instrument) -> None:
    read = {*instrument.folds, *instrument.reactions, *(kind for one in instrument.memories for kind in one.kinds)}
    assert read <= KINDS


def test_what_people_do_has_a_room_in_the_console_or_a_place_in_one() -> None:
    met = {one.name for one in INSTRUMENTS if one.queries or any(command.for_people for command in one.commands)}
    roomless = {name for name in met if not (CONSOLE / name / f"{name.title()}Room.svelte").is_file()}
    assert roomless - HAVE_NO_ROOM.keys() == {*PLACES}
    for place in PLACES.values():
        assert (CONSOLE / place).is_file(), place


@each(lambda instrument: instrument.kinds)
def test_what_people_write_is_found(instrument: Instrument, one: Kind[Any]) -> None:
    if one.name not in NO_WORDS and any(is_words(field) for field in fields_of(one.body)):
        folding = [each for each in INSTRUMENTS if one.name in each.folds]
        searched = [kept.table.name for each in folding for kept in each.tables if kept.searched]
        assert searched, f"no table with what {instrument.name} says in {one.name} is searched"


def is_words(field: msgspec.inspect.Field) -> bool:
    """Whether an officer's own words stand there: a text, not a record's id; or versions of one."""
    one = field.type
    if field.name == "versions" and isinstance(one, msgspec.inspect.VarTupleType):
        return True
    return field.name in WORDS and isinstance(one, msgspec.inspect.StrType) and one.pattern is None


def fields_of(body: type[Struct]) -> tuple[msgspec.inspect.Field, ...]:
    return cast("msgspec.inspect.StructType", msgspec.inspect.type_info(body)).fields


def test_no_name_is_taken_twice() -> None:
    for parts in (
        [one.name for instrument in INSTRUMENTS for one in instrument.kinds],
        [one.table.name for instrument in INSTRUMENTS for one in instrument.tables],
        *([one.name for one in (*instrument.commands, *instrument.queries)] for instrument in INSTRUMENTS),
    ):
        assert sorted(set(parts)) == sorted(parts)
