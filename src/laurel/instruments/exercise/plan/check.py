"""Whether a plan can be played: every finding with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

import msgspec

from laurel.core.errors import BadAsk
from laurel.instruments.exercise.plan.fill import quoted, tried
from laurel.instruments.exercise.plan.msel import Cell, CellRole, Inject, Plan


class Level(StrEnum):
    """How bad a finding is: an ERROR keeps an exercise from beginning."""

    PASS = "PASS"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Finding:
    """What was found of one part of the plan, and what to do."""

    level: Level
    about: str
    words: str
    remedy: str = ""


class CannotBegin(BadAsk):
    """The plan has faults with which nobody could play it."""

    says = "this plan cannot be played yet"
    remedy = "mend what it names; laurel exercise check names everything, with remedies"

    @classmethod
    def unless(cls, findings: Iterable[Finding]) -> None:
        """Raises CannotBegin where any is an ERROR."""
        errors = [one for one in findings if one.level is Level.ERROR]
        if errors:
            raise cls(errors=len(errors), first=f"{errors[0].about}: {errors[0].words}")


@dataclass(frozen=True)
class House:
    """What a plan is checked against: what can be asked here, what can be said, and who is in the compact."""

    asks: Mapping[str, type[Any]]
    """The ask of each command, by `instrument/command`."""
    kinds: frozenset[str]
    members: frozenset[str]


def check(plan: Plan, house: House) -> tuple[Finding, ...]:
    """All findings, the worst first; what was looked at and found sound is a PASS."""
    rules = {
        "names": _names(plan),
        "cells": _cells(plan, house),
        "dependencies": chain(_unknown(plan), _circles(plan)),
        "injects": _injects(plan, house),
        "answers": _answers(plan, house),
        "conditions": _conditions(plan, house),
        "expected actions": _expected(plan, house),
        "objectives": _objectives(plan),
    }
    found = {about: tuple(findings) for about, findings in rules.items()}
    sound = [Finding(Level.PASS, about, "nothing wrong") for about, findings in found.items() if not findings]
    return worst_first((*chain(*found.values()), *sound))


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of one level stay in their order."""
    order = (Level.ERROR, Level.WARNING, Level.PASS)
    return tuple(sorted(findings, key=lambda one: order.index(one.level)))


def _names(plan: Plan) -> Iterator[Finding]:
    used = {
        "objective": [one.id for one in plan.objectives],
        "cell": [one.id for one in plan.cells],
        "inject": [one.id for one in plan.moves(dry=True)],
        "expected action": [one.id for _, one in plan.expected],
    }
    for what, ids in used.items():
        for name, times in Counter(ids).items():
            if times > 1:
                yield Finding(Level.ERROR, f"{what} {name}", f"the name is used {times} times", "give each its own")


def _cells(plan: Plan, house: House) -> Iterator[Finding]:
    for cell in plan.cells:
        if cell.member not in house.members:
            yield Finding(Level.ERROR, f"cell {cell.id}", f"{cell.member} is no member here", "name one that is")
    for member in plan.members:
        roles = {cell.role for cell in plan.cells if cell.member == member}
        if CellRole.CONTROL not in roles:
            words = "nobody steers play here, so nobody can stop it but by REAL WORLD"
            yield Finding(Level.WARNING, f"member {member}", words, "give it a control cell")
    if all(cell.role is not CellRole.TRAINING for cell in plan.cells):
        yield Finding(Level.ERROR, "cells", "nobody is trained", "give a member a training cell")


def _unknown(plan: Plan) -> Iterator[Finding]:
    known = {one.id for one in plan.moves(dry=True)}
    played = {one.id for one in plan.injects}
    for inject in plan.moves(dry=True):
        for name in inject.after:
            if name not in known:
                yield Finding(Level.ERROR, _of(inject), f"it waits for {name}, which is no inject", "name one that is")
            elif inject.id in played and name not in played:
                words = f"it waits for {name}, which goes in a dry run alone"
                yield Finding(Level.ERROR, _of(inject), words, "wait for what that says (when)")


def _circles(plan: Plan) -> Iterator[Finding]:
    after = {one.id: one.after for one in plan.moves(dry=True)}
    told: set[str] = set()
    for begin in after:
        way = _round_trip(begin, after)
        if way and told.isdisjoint(way):
            told.update(way)
            words = f"they wait for each other in a circle: {' -> '.join((*way, way[0]))}"
            yield Finding(Level.ERROR, f"inject {begin}", words, "let one of them go by time")


def _round_trip(begin: str, after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way from an inject back to itself through those it waits for; () when there is none."""
    ways: list[tuple[str, ...]] = [(begin,)]
    seen: set[str] = set()
    for way in ways:
        for name in after.get(way[-1], ()):
            if name == begin:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()


def _injects(plan: Plan, house: House) -> Iterator[Finding]:
    cells = {cell.id: cell for cell in plan.cells}
    for inject in plan.injects:
        yield from _when(plan, inject)
        yield from _who(inject, cells.get(inject.cell))
        yield from _what(plan, inject, house)
        if not inject.expects:
            words = "nothing is expected to follow, so nothing will be judged"
            yield Finding(Level.WARNING, _of(inject), words, "say what it is to bring about")


def _answers(plan: Plan, house: House) -> Iterator[Finding]:
    cells = {cell.id: cell for cell in plan.cells}
    for answer in plan.answers:
        yield from _when(plan, answer)
        yield from _what(plan, answer, house)
        cell = cells.get(answer.cell)
        if cell is None:
            yield Finding(Level.ERROR, _of(answer), f"{answer.cell} is no cell of this plan", "name one that is")
        elif cell.role is not CellRole.TRAINING:
            yield Finding(Level.ERROR, _of(answer), "only who is trained answers", "name a training cell")
        if answer.expects:
            yield Finding(Level.ERROR, _of(answer), "an answer expects nothing", "expect it of the inject")


def _when(plan: Plan, inject: Inject) -> Iterator[Finding]:
    ways = [inject.at_s is not None, inject.when is not None, inject.by_hand]
    if inject.by_hand and sum(ways) > 1:
        yield Finding(Level.ERROR, _of(inject), "it goes by hand, and also by itself", "choose one")
    if not any(ways) and not inject.after:
        yield Finding(Level.ERROR, _of(inject), "nothing says when it goes", "give at_s, when, after, or by_hand")
    if inject.at_s is not None and inject.at_s + inject.delay_s > plan.lasts_s:
        yield Finding(Level.ERROR, _of(inject), "it goes after the end of play", "bring it forward, or play longer")


def _who(inject: Inject, cell: Cell | None) -> Iterator[Finding]:
    if cell is None:
        yield Finding(Level.ERROR, _of(inject), f"{inject.cell} is no cell of this plan", "name one that is")
    elif cell.role is CellRole.TRAINING:
        yield Finding(Level.ERROR, _of(inject), "who is trained injects nothing", "name a control or white cell")


def _what(plan: Plan, inject: Inject, house: House) -> Iterator[Finding]:
    if inject.command is None:
        if inject.words is None:
            yield Finding(Level.ERROR, _of(inject), "it does nothing", "give it a command, or words to be read out")
        return
    ask = house.asks.get(inject.command)
    if ask is None:
        yield Finding(Level.ERROR, _of(inject), f"{inject.command} is no command here", "see docs/commands")
        return
    try:
        msgspec.convert(tried(plan, inject), ask)
    except msgspec.ValidationError as error:
        yield Finding(Level.ERROR, _of(inject), f"{inject.command} cannot be asked so: {error}", "correct the ask")
    waits_for = _waits_for(inject, {one.id: one.after for one in plan.moves(dry=True)})
    for name in quoted(inject).injects:
        if name not in waits_for:
            words = f"it quotes a record of {name} without waiting for it"
            yield Finding(Level.WARNING, _of(inject), words, f"put {name} into after")
    for kind in quoted(inject).kinds:
        if kind not in house.kinds:
            yield Finding(Level.ERROR, _of(inject), f"nobody can say {kind}", "name a kind of record")


def _waits_for(inject: Inject, after: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Everything that has gone before it goes."""
    found: set[str] = set()
    ahead = list(inject.after)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += after.get(name, ())
    return frozenset(found)


def _conditions(plan: Plan, house: House) -> Iterator[Finding]:
    brought = {expected.kind for _, expected in plan.expected}
    for inject in plan.moves(dry=True):
        if inject.when is None:
            continue
        if inject.when.kind not in house.kinds:
            yield Finding(Level.ERROR, _of(inject), f"nobody can say {inject.when.kind}", "name a kind of record")
        elif inject.when.by is not None and inject.when.by not in plan.members:
            yield Finding(Level.ERROR, _of(inject), f"it waits for {inject.when.by}, which takes no part", "name one")
        elif inject.when.kind not in brought:
            words = f"it waits for {inject.when.kind}, which nothing in the plan is expected to bring about"
            yield Finding(Level.WARNING, _of(inject), words, "expect it somewhere, or make sure that it comes")


def _expected(plan: Plan, house: House) -> Iterator[Finding]:
    objectives = {one.id for one in plan.objectives}
    trained = {cell.member for cell in plan.cells if cell.role is CellRole.TRAINING}
    for inject, expected in plan.expected:
        about = f"expected action {expected.id} of {inject.id}"
        if expected.kind not in house.kinds:
            yield Finding(Level.ERROR, about, f"nobody can say {expected.kind}", "name a kind of record")
        if expected.member not in trained:
            words = f"{expected.member} trains nobody in this exercise"
            yield Finding(Level.ERROR, about, words, "expect it of one that does")
        if expected.objective not in objectives:
            yield Finding(Level.ERROR, about, f"{expected.objective} is no objective", "name one that is")


def _objectives(plan: Plan) -> Iterator[Finding]:
    trained = {cell.member for cell in plan.cells if cell.role is CellRole.TRAINING}
    met = {one.objective for _, one in plan.expected if one.member in trained}
    for objective in plan.objectives:
        if objective.id not in met:
            words = "nobody can meet it: no expected action of anybody who is trained serves it"
            yield Finding(Level.ERROR, f"objective {objective.id}", words, "expect something, or leave it out")


def _of(inject: Inject) -> str:
    return f"inject {inject.id}"
