"""What is derived of a record for a reader: when it is due, once, in the terms of the policy, and never the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec import Struct
from tests.node.notebook import NOTE, Note, notebook
from tests.node.test_policies import put
from tests.node.worlds import START, Worlds, audited, contents, log_of, note, parked, set_pages

from laurel.core.errors import DiskFull
from laurel.core.instrument import Desk, Instrument, Kind, React, Terms, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record, decode
from laurel.core.roster import Standing
from laurel.instruments.line.records import Retracted
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.node.keep import schema
from laurel.node.world import World


class CoarseNote(Struct, frozen=True):
    """How long the note was, in so many letters."""

    letters: int


COARSE_NOTE = Kind("notebook.coarse-note.v1", CoarseNote, None)


def coarse_note(body: Note, terms: Terms) -> CoarseNote | None:
    if body.text == "break":
        raise OSError("the pencil broke")
    return None if "all" in terms.drop else CoarseNote(len(body.text) // terms.coarsen_m * terms.coarsen_m)


def coarse_notebook(react: React | None = None) -> Instrument:
    whole = notebook(react)
    return replace(whole, kinds=(*whole.kinds, COARSE_NOTE), sanitises={NOTE.name: coarse_note})


def terms(delay_s: int = 0, drop: str = "", member: str = "THA") -> Mapping[str, str]:
    text = f"""@id("coarse-notes") @why("{{member}} may know how long our notes are")
    @coarsen_m("100") @delay_s("{delay_s}") @classification("UNCLASSIFIED") @drop("{drop}")
    permit (principal == Member::"{member}", action == Action::"sanitise", resource);"""
    return {"readers.cedar": text}


@pytest.fixture
def worlds(tmp_path: Path) -> Worlds:
    return Worlds(tmp_path)


def opened(worlds: Worlds, react: React | None = None) -> World:
    """Japan's world, with Thailand as a reader."""
    world = worlds.open("JPN", coarse_notebook(react), OFFICE)
    world.roster = replace(world.roster, standings={**world.roster.standings, "THA": Standing.READER})
    return world


def coarse(world: World) -> list[Record[object]]:
    records = (world.catalogue.read(decode(one.payload))[0] for one in log_of(world))
    return [record for record in records if record.kind == COARSE_NOTE.name]


def planned(worlds: Worlds) -> int:
    return len(contents(worlds.path())["derive"])


LONG = "canary " * 30


def test_a_record_without_a_delay_is_told_at_once_to_the_reader_alone_and_says_what_it_is_of(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        policy = put(world, terms())
        (original,) = world.say(note(LONG)).records
        (told,) = coarse(world)
        assert told.body == CoarseNote(200)
        assert told.label == Label(Classification.UNCLASSIFIED, ("JPN", "THA"))
        assert told.about == (original, policy)
        assert planned(worlds) == 0
        waits: list[int] = [row[3] for row in contents(worlds.path())["outbox"] if row[0] == "THA"]
        assert [log_of(world)[position - 1].id for position in waits] == [log_of(world)[-1].id]
        assert b"canary" not in log_of(world)[-1].payload
        with world.store.reading() as from_:
            row = from_.execute(sa.select(schema.derived)).one()
        assert (row.record, row.original) == (log_of(world)[-1].id, original)


def test_a_delayed_one_is_told_when_it_is_due_across_restarts_and_once(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(600))
        world.say(note(LONG))
        assert coarse(world) == []
        assert world.wake().next_at == START + timedelta(seconds=600)
        worlds.clock.at += timedelta(seconds=599)
        world = opened(worlds)
        assert world.wake().said == 0
        worlds.clock.at += timedelta(seconds=1)
        assert world.wake().said == 1
        assert world.wake() == replace(world.wake(), said=0, next_at=None)
        world = opened(worlds)
        assert world.wake().said == 0
        assert len(coarse(world)) == 1
        assert coarse(world)[0].at == START + timedelta(seconds=600)


def test_a_member_that_has_the_record_itself_is_told_nothing_coarser(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(member="KOR"))
        world.say(note("for all"))
        assert coarse(world) == []
        world.say(note("not for Korea", to=("USA",)))
        assert [one.label.rel_to for one in coarse(world)] == [("JPN", "KOR")]


def test_a_policy_that_is_taken_back_before_the_time_stops_what_was_planned(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(600))
        world.say(note(LONG))
        put(world, {}, "put-none-instead")
        worlds.clock.at += timedelta(seconds=600)
        assert world.wake().said == 0
        assert coarse(world) == []
        assert planned(worlds) == 0


@pytest.mark.attack("membership")
def test_a_reader_that_was_suspended_meanwhile_is_told_nothing(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(600))
        world.say(note(LONG))
        world.roster = replace(world.roster, standings={**world.roster.standings, "THA": Standing.SUSPENDED})
        worlds.clock.at += timedelta(seconds=600)
        world.wake()
        assert coarse(world) == []


def test_stricter_terms_put_meanwhile_hold_for_what_was_planned(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(600))
        world.say(note(LONG))
        stricter = {"r.cedar": terms(600)["readers.cedar"].replace('"100"', '"150"').replace("UNCLASS", "CONF")}
        stricter = {"r.cedar": stricter["r.cedar"].replace("CONFIFIED", "RESTRICTED")}
        put(world, stricter, "put-stricter")
        worlds.clock.at += timedelta(seconds=600)
        assert world.wake().said == 1
        (told,) = coarse(world)
        assert told.body == CoarseNote(150)
        assert told.label.classification is Classification.RESTRICTED


def test_a_record_that_leaves_nothing_to_tell_is_not_told(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(drop="all"))
        world.say(note(LONG))
        assert coarse(world) == []
        assert planned(worlds) == 0


def test_one_that_cannot_be_sanitised_is_parked_and_shown_and_the_record_stands(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms())
        (original,) = world.say(note("break")).records
        world.say(note(LONG))
        assert len(coarse(world)) == 1
        assert [(what, subject) for what, subject, _ in parked(world)] == [("node.derive", f"{original} for THA")]
        assert planned(worlds) == 0


def test_a_transaction_that_fails_plans_nothing(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, terms(600))
        set_pages(world, 2)
        with pytest.raises(DiskFull):
            world.say(note("x" * 100_000))
        set_pages(world, None)
        assert planned(worlds) == 0
        assert world.wake().next_at is None


def test_what_was_retracted_before_the_time_is_not_told(worlds: Worlds) -> None:
    def take_back(record_id: str, record: Record[Note], view: View, desk: Desk) -> list[Draft]:
        del view, desk
        home = Label(Classification.RESTRICTED, ("JPN",))
        return [Draft(Retracted(record_id, "said in error"), home)] if record.body.text == LONG else []

    with worlds:
        world = opened(worlds, take_back)
        put(world, terms(600))
        world.say(note(LONG))
        worlds.clock.at += timedelta(seconds=600)
        assert world.wake().said == 0
        assert coarse(world) == []
        assert audited(world)[-1] == ("not-derived", "THA", "coarse-notes")
