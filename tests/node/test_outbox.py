"""The outgoing side: what waits, in which parcels; and heads, which show what was lost on the way."""

from __future__ import annotations

import msgspec
from tests.node.worlds import (
    LIVE,
    MEMBERS,
    Worlds,
    deliver,
    note,
    opened,
)

from laurel.border.parcel import MAX_PARCEL_BYTES, read_outside
from laurel.core.record import Precedence, decode
from laurel.node.carry.road import Waiting
from laurel.node.outbox import Outbox
from laurel.node.world import World

FLASH, ROUTINE = Precedence.FLASH, Precedence.ROUTINE


def words(parcel: Waiting) -> list[str]:
    return [
        msgspec.json.decode(decode(one.payload).body)["text"] for one in opened(parcel.wrapped, parcel.peer).records
    ]


def waits(world: World, peer: str) -> list[list[str]]:
    return [words(parcel) for parcel in Outbox(world).waiting(peer, 10_000)]


# Parcels


def test_what_waits_is_parcelled_by_lane_the_highest_precedence_first(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many(
        [
            note("r1"),
            note("f1", precedence=FLASH),
            note("only Korea", to=("KOR",)),
            note("r2"),
            note("f2", precedence=FLASH),
            note("not for Korea", to=("USA",)),
        ]
    )
    assert waits(world, "KOR") == [["f1", "f2"], ["r1", "r2"], ["only Korea"]]
    assert waits(world, "USA") == [["f1", "f2"], ["r1", "r2"], ["not for Korea"]]
    assert [parcel.precedence for parcel in Outbox(world).waiting("KOR", 10)] == [FLASH, ROUTINE, ROUTINE]
    [parcel, *_] = Outbox(world).waiting("KOR", 10)
    outside, inside = read_outside(parcel.wrapped), opened(parcel.wrapped)
    assert (outside.world, outside.sender, outside.recipient) == (LIVE.name, "JPN", "KOR")
    assert (inside.origin, inside.audience, inside.precedence) == ("JPN", MEMBERS, FLASH)


def test_a_parcel_takes_so_many_records_and_so_many_bytes(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note(f"{number}") for number in range(130)])
    assert [len(part) for part in waits(world, "KOR")] == [64, 64, 2]
    other = worlds.open("USA")
    other.say_many([note("x" * 250_000, f"{number}") for number in range(5)])
    parcels = Outbox(other).waiting("KOR", 100)
    assert [len(words(parcel)) for parcel in parcels] == [2, 2, 1]
    assert all(len(parcel.wrapped) <= MAX_PARCEL_BYTES for parcel in parcels)


def test_what_was_carried_waits_no_longer_and_what_was_not_waits_after_a_restart(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note("r1"), note("f1", precedence=FLASH), note("r2")])
    [flash, _] = Outbox(world).waiting("KOR", 10)
    Outbox(world).carried([flash])
    Outbox(world).carried([flash])
    world = worlds.open()
    assert waits(world, "KOR") == [["r1", "r2"]]
    assert waits(world, "USA") == [["f1"], ["r1", "r2"]]
    assert len(Outbox(world).waiting("KOR", 1)[0].positions) == 1


def test_records_of_others_never_wait(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    theirs.say(note("one"))
    deliver(theirs, ours)
    assert waits(ours, "USA") == []
