"""Waking: what time itself makes due is asked once, late if need be, and never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.node.notebook import ALARM_AT, Ring, due, notebook
from tests.node.worlds import OFFICER, Worlds, check_log, deliver, log_of, note, parked, texts

from laurel.core.instrument import Command, Due, NoAsk, Role, View
from laurel.core.record import Draft, decode


def test_nothing_fires_before_its_time_and_the_node_knows_when_to_wake(worlds: Worlds) -> None:
    world = worlds.open()
    assert world.wake().next_at is None
    world.say(note("wake me"))
    worlds.clock.at = ALARM_AT - timedelta(microseconds=1)
    woken = world.wake()
    assert (woken.said, woken.next_at) == (0, ALARM_AT)
    assert texts(world) == ["wake me"]


def test_what_is_due_fires_once_across_wakes_and_restarts(worlds: Worlds) -> None:
    world = worlds.open()
    world.say_many([note("wake me"), note("wake me too")])
    world = worlds.open()
    worlds.clock.at = ALARM_AT
    assert [world.wake().said, world.wake().said] == [2, 0]
    world = worlds.open()
    assert (world.wake().said, world.wake().next_at) == (0, None)
    assert texts(world) == ["wake me", "wake me too", "rang", "rang"]
    assert [decode(one.payload).author for one in log_of(world)] == [OFFICER.name] * 2 + ["node"] * 2
    assert check_log(world) == 4


def test_what_fires_late_after_downtime_says_so(worlds: Worlds) -> None:
    worlds.open().say(note("wake me"))
    worlds.close("JPN")
    worlds.clock.at = ALARM_AT + timedelta(hours=3)
    world = worlds.open()
    assert world.wake().said == 1
    assert texts(world)[-1] == "rang 3:00:00 late"
    assert decode(log_of(world)[-1].payload).at == worlds.clock.at


def test_each_node_fires_its_own(worlds: Worlds) -> None:
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    ours.say(note("wake me"))
    deliver(ours, theirs)
    worlds.clock.at = ALARM_AT
    assert [ours.wake().said, theirs.wake().said] == [1, 1]
    assert [texts(ours, "JPN"), texts(theirs, "KOR")] == [["wake me", "rang"], ["rang"]]


def test_a_due_ask_that_fails_is_parked_and_the_others_fire(worlds: Worlds) -> None:
    def both(view: View) -> Sequence[Due]:
        rings = due(view)
        return [*(replace(one, key=f"bad:{one.key}", command="stumble", ask=NoAsk()) for one in rings), *rings]

    def stumble(*_: object) -> Sequence[Draft]:
        raise ZeroDivisionError

    commands = (*notebook().commands, Command("stumble", NoAsk, stumble, frozenset({Role.NODE})))
    instrument = replace(notebook(), due=both, commands=commands)
    world = worlds.open("JPN", instrument)
    [said] = world.say(note("wake me")).records
    worlds.clock.at = ALARM_AT
    assert [world.wake().said, world.wake().said] == [1, 0]
    world = worlds.open("JPN", instrument)
    assert (world.wake().said, world.wake().next_at) == (0, None)
    assert parked(world) == [("node.notebook/stumble", f"bad:alarm:{said}", "ZeroDivisionError: ")]
    assert texts(world) == ["wake me", "rang"]


def test_an_instrument_that_cannot_tell_what_is_due_does_not_silence_the_others(worlds: Worlds) -> None:
    def broken(_: View) -> Sequence[Due]:
        raise KeyError("view")

    other = replace(notebook(), name="other", tables=(), folds={}, memories=(), kinds=(), due=broken)
    world = worlds.open("JPN", other, notebook())
    world.say(note("wake me"))
    worlds.clock.at = ALARM_AT
    assert world.wake().said == 1
    assert parked(world) == [("other.due", "every wake", "KeyError: 'view'")]


def test_many_dues_fire_in_the_order_of_their_time(worlds: Worlds) -> None:
    def staggered(view: View) -> Sequence[Due]:
        return [
            replace(one, at=one.at - timedelta(seconds=number), ask=Ring(one.at), key=f"{number}")
            for one in due(view)
            for number in range(150)
        ]

    world = worlds.open("JPN", replace(notebook(), due=staggered))
    world.say(note("wake me"))
    worlds.clock.at = ALARM_AT - timedelta(seconds=100)
    woken = world.wake()
    assert (woken.said, woken.next_at) == (50, ALARM_AT - timedelta(seconds=99))
    worlds.clock.at = ALARM_AT
    assert (world.wake().said, check_log(world)) == (100, 151)
