"""The communications check: whether everybody whom a plan needs can be reached and can act, as this node knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from laurel.core.instrument import Role
from laurel.instruments.exercise.plan.check import Finding, Level
from laurel.instruments.exercise.plan.msel import Cell, CellRole, Plan


class Answer(StrEnum):
    """Whether the world of the exercise answers at another member."""

    YES = "yes"
    NO_MORE = "no more"
    NEVER = "never"


@dataclass(frozen=True)
class Road:
    """The way to another member: whether its card was admitted here, and whether its node answers, through whom."""

    member: str
    joined: bool
    answer: Answer
    via: str = ""


@dataclass(frozen=True)
class Account:
    """An officer of this node: for which office, what they may do, and whether they can sign in."""

    office: str
    roles: frozenset[str]
    enters: bool


@dataclass(frozen=True)
class Comms:
    """What a node knows in the world of an exercise. `clock_set` is None while nobody has set its clock."""

    member: str
    roads: Sequence[Road]
    accounts: Sequence[Account]
    now: datetime
    clock_set: bool
    halted: bool


def comcheck(plan: Plan, known: Comms) -> tuple[Finding, ...]:
    """A finding for each member and each office of ours in the plan, and for the clock."""
    return (*_members(plan, known), *_offices(plan, known), _clock(plan, known))


def _members(plan: Plan, known: Comms) -> Iterator[Finding]:
    if known.member not in plan.members:
        words = "it has no cell in this plan, so nothing is played here"
        yield Finding(Level.WARNING, f"member {known.member}", words, "give it a cell, or play without it")
    roads = {one.member: one for one in known.roads}
    for member in plan.members:
        if member != known.member:
            yield _member(f"member {member}", roads.get(member))


def _member(about: str, road: Road | None) -> Finding:
    if road is None or not road.joined:
        remedy = "let it take part (laurel exercise join-here): its card comes with that"
        return Finding(Level.ERROR, about, "it has not joined: no card of it that opens is here", remedy)
    if road.answer is Answer.NEVER:
        words = "its world of the exercise has never answered here"
        return Finding(Level.ERROR, about, words, "see that its node runs and that its address is right")
    if road.answer is Answer.NO_MORE:
        words = "its world of the exercise does not answer now"
        return Finding(Level.WARNING, about, words, "wait until it answers, or play without it")
    if road.via:
        return Finding(Level.PASS, about, f"it has joined and answers, by way of {road.via}")
    return Finding(Level.PASS, about, "it has joined and answers")


def _offices(plan: Plan, known: Comms) -> Iterator[Finding]:
    for cell in plan.cells:
        if cell.member == known.member:
            yield _office(cell, [one for one in known.accounts if _key(one.office) == _key(cell.office)])


def _office(cell: Cell, holders: Sequence[Account]) -> Finding:
    about = f"cell {cell.id}"
    if not holders:
        words = f"nobody at this node has the office {cell.office}"
        return Finding(Level.WARNING, about, words, "let an officer in who has it: laurel officer add")
    ready = [one for one in holders if one.enters]
    if not ready:
        words = f"nobody who has the office {cell.office} can sign in"
        return Finding(Level.WARNING, about, words, "give them a link to sign in with: laurel officer link")
    if cell.role is CellRole.CONTROL and all(Role.EXERCISE_CONTROL not in one.roles for one in ready):
        words = f"nobody who has the office {cell.office} may steer play"
        return Finding(Level.WARNING, about, words, "give one of them the role exercise-control: laurel officer roles")
    return Finding(Level.PASS, about, f"{cell.office}: somebody has it and can sign in")


def _clock(plan: Plan, known: Comms) -> Finding:
    about = "clock"
    if known.halted:
        words = "play was halted, and a halt is never lifted"
        return Finding(Level.ERROR, about, words, "announce another exercise")
    if not known.clock_set:
        words = "nobody has set it, so nothing will go by itself"
        return Finding(Level.WARNING, about, words, "set it: laurel exercise set-clock")
    if known.now >= plan.starts_at + timedelta(seconds=plan.lasts_s):
        words = "it shows a time after the end of play, so all that goes by time goes at once"
        return Finding(Level.WARNING, about, words, "plan a later start: the clock never goes back")
    return Finding(Level.PASS, about, "set, and within the time of play or before it")


def _key(office: str) -> str:
    return " ".join(office.split()).casefold()
