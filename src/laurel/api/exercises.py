"""Routes of exercises that no instrument answers alone: taking part, the end, a plan's faults, where play stands."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Struct

from laurel.api.door import Connection, Door, as_written, ask_id_of
from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.instruments.exercise.commands import exercise_only
from laurel.instruments.exercise.plan.check import Level
from laurel.instruments.exercise.plan.comcheck import Account, Answer, Comms, Road
from laurel.instruments.exercise.plan.msel import Condition
from laurel.instruments.exercise.plan.outline import Outline
from laurel.instruments.exercise.plan.run import Judged, Verdict, judged, ready_s
from laurel.instruments.exercise.planned import CONTROL, READ_BY, read_through
from laurel.instruments.exercise.records import InjectOutcome, PlanText
from laurel.instruments.exercise.view import Clock as ClockAnswer
from laurel.node.asked import Said
from laurel.node.author import Author
from laurel.node.carry.link import LinkState
from laurel.node.excon import Excon, Settled, Stand
from laurel.node.exercises import ArchiveRow, EndedHere, archives, end_exercise, join_exercise
from laurel.node.home.terms import PlanHere, read_plan
from laurel.node.level import SettleAsk

ANSWERS = {
    LinkState.HEALTHY: Answer.YES,
    LinkState.RELAYED: Answer.YES,
    LinkState.PATH_DOWN: Answer.NO_MORE,
    LinkState.NODE_DOWN: Answer.NO_MORE,
    LinkState.NEVER: Answer.NEVER,
}


class CheckAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Look for faults in this plan; nothing is said."""

    plan: PlanText


class FindingRow(Struct, frozen=True):
    """What was found of one part of a plan, and what to do."""

    level: Level
    about: str
    words: str
    remedy: str


class Checked(Struct, frozen=True):
    """All findings, the worst first, and the plan as people read it; with an ERROR among them it cannot be played."""

    findings: tuple[FindingRow, ...]
    outline: Outline


class InjectRow(Struct, frozen=True):
    """An inject of the plan: whose it is, when it goes as far as is known, what became of it."""

    id: str
    title: str
    member: str
    cell: str
    answer: bool
    by_hand: bool
    after: tuple[str, ...]
    when: Condition | None
    command: str | None
    words: str | None
    goes_s: float | None
    called: bool
    outcome: InjectOutcome | None
    at_s: float | None
    records: tuple[str, ...]
    why: str


class ExpectedRow(Struct, frozen=True):
    """An expected action and what came of it so far."""

    id: str
    inject: str
    member: str
    kind: str
    within_s: float
    objective: str
    criterion: str
    verdict: Verdict
    took_s: float | None


class Msel(Struct, frozen=True):
    """The master scenario events list as it is played here, in seconds of play.

    `late_s`: so late, at worst, this node has brought about its injects since the clock was set, since the clock runs
    too fast for the machine; null while it keeps up.
    """

    title: str
    starts_at: datetime
    lasts_s: float
    dry: bool
    now_s: float
    late_s: float | None
    injects: tuple[InjectRow, ...]
    expected: tuple[ExpectedRow, ...]


def exercise_routes(door: Door) -> list[BaseRouteHandler]:
    """All of them."""
    station = door.site.station

    @post("/exercise/join-here/{exercise:str}", tags=["exercise"], status_code=200)
    async def join_here(
        request: Request[Any, Any, Any],
        exercise: FromPath[str],
        ask_id: Annotated[str | None, HeaderParameter(name="Ask-Id", required=False)] = None,
    ) -> Said:
        """Take part: makes this member's keys for the exercise world and says its card, live."""
        author = door.asker(request, "exercise/join-here")
        return await join_exercise(door.site, author, exercise, ask_id_of(ask_id))

    @post("/exercise/end-here/{exercise:str}", tags=["exercise"], status_code=200)
    async def end_here(
        request: Request[Any, Any, Any],
        exercise: FromPath[str],
        ask_id: Annotated[str | None, HeaderParameter(name="Ask-Id", required=False)] = None,
    ) -> EndedHere:
        """End it at this node: archives what was played, destroys its keys and stores, and says so, live."""
        author = door.asker(request, "exercise/end-here", CONTROL)
        return await end_exercise(door.site, author, exercise, ask_id_of(ask_id))

    @get("/exercise/archives", tags=["exercise"])
    async def kept(request: Request[Any, Any, Any]) -> list[ArchiveRow]:
        """What this node keeps of the exercises that ended here."""
        door.reader(request, "exercise/archives")
        return list(await archives(door.site))

    def checker(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        connection.state["author"] = door.asker(connection, "exercise/check", READ_BY)

    @post("/exercise/check", tags=["exercise"], status_code=200, guards=[checker])
    async def check(request: Request[Any, Any, Any], data: JSONBody[CheckAsk]) -> Checked:
        """What keeps a plan from being played here, and what is doubtful in it. Nothing is said.

        In the world of an exercise also whether everybody whom it needs can be reached and can act.
        """
        del data
        author: Author = request.state["author"]
        ask = await as_written(request, CheckAsk)
        comms = await _comms(door)
        found, read = await station.reading(lambda: read_through(ask.plan, station.inner.desk(author.name), comms))
        return Checked(tuple(FindingRow(one.level, one.about, one.words, one.remedy) for one in found), read)

    @get("/exercise/msel", tags=["exercise"])
    async def msel(request: Request[Any, Any, Any]) -> Msel:
        """The plan as it is played here: every inject, and every expected action judged so far."""
        door.reader(request, "exercise/msel", needs=READ_BY)
        # What a replay has heard goes back with it: it is read anew each time.
        replayed = station.world.exercise is not None and door.site.replay() is not None
        stand = await (Excon(station) if replayed else _excon(door, "msel")).stand()
        if stand is None:
            raise Nothing(exercise=station.world.name, plan="none is played yet")
        return msel_of(stand)

    @get("/exercise/plan-here", tags=["exercise"])
    async def plan_here(request: Request[Any, Any, Any]) -> PlanHere:
        """The plan that was last said live of this exercise, to be started in it. For its control."""
        door.reader(request, "exercise/plan-here", needs=READ_BY)
        exercise_only("plan-here", station.inner.desk(""))
        found = read_plan(door.site.layout.world(station.world))
        if found is None:
            raise Nothing(exercise=station.world.name, plan="none was said live")
        return found

    def steerer(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        door.asker(connection, "exercise/settle", CONTROL)

    @post("/exercise/settle", tags=["exercise"], status_code=200, guards=[steerer])
    async def settle(request: Request[Any, Any, Any], data: JSONBody[SettleAsk]) -> Settled:
        """Do all that this moment of a standing clock asks for. For stepping an exercise from moment to moment."""
        del data
        return await _excon(door, "settle").settle(await as_written(request, SettleAsk))

    return [join_here, end_here, kept, check, msel, plan_here, settle]


def _excon(door: Door, asked: str) -> Excon:
    """Exercise control of this world. Raises ExerciseOnly."""
    excon = door.site.excon
    if excon is None:
        exercise_only(asked, door.site.station.inner.desk(""))
        raise Nothing(asked=asked, world=door.world)
    return excon


async def _comms(door: Door) -> Comms | None:
    """What the comcheck is made of; None where nothing is played."""
    site, station = door.site, door.site.station
    if station.world.exercise is None or site.replay() is not None:
        return None
    clock: ClockAnswer = await station.judge("exercise/clock", NoAsk())
    cards = station.roster.cards
    roads = tuple(Road(one.member, one.member in cards, ANSWERS[one.state], one.via) for one in site.links())
    officers = await asyncio.to_thread(door.people.officers.rows)
    accounts = tuple(
        Account(
            one.office,
            frozenset(one.roles),
            enters=one.disabled_at is None and bool(one.password or one.passkeys or one.sessions or one.links),
        )
        for one in officers
    )
    halted = station.halted is not None
    return Comms(site.member, roads, accounts, clock.now, clock_set=clock.set is not None, halted=halted)


def msel_of(stand: Stand) -> Msel:
    """Every inject that nodes bring about by themselves, and every expected action, as they stand."""
    play, course = stand.play, stand.course
    plan, answers = play.plan, {one.id for one in play.plan.answers}
    members = {cell.id: cell.member for cell in plan.cells}
    rows: list[InjectRow] = []
    for inject in stand.moves:
        fate = play.fates.get(inject.id)
        rows.append(
            InjectRow(
                id=inject.id,
                title=inject.title,
                member=members[inject.cell],
                cell=inject.cell,
                answer=inject.id in answers,
                by_hand=inject.by_hand,
                after=inject.after,
                when=inject.when,
                command=inject.command,
                words=inject.words,
                goes_s=ready_s(inject, course),
                called=inject.id in play.called,
                outcome=None if fate is None else fate.outcome,
                at_s=course.settled.get(inject.id),
                records=() if fate is None else fate.records,
                why="" if fate is None else fate.why,
            )
        )
    expected = tuple(_expected(one) for one in judged(plan, course, stand.now_s))
    return Msel(
        title=plan.title,
        starts_at=plan.starts_at,
        lasts_s=plan.lasts_s,
        dry=play.dry,
        now_s=stand.now_s,
        late_s=stand.late_s,
        injects=tuple(rows),
        expected=expected,
    )


def _expected(one: Judged) -> ExpectedRow:
    expected = one.expected
    return ExpectedRow(
        id=expected.id,
        inject=one.inject,
        member=expected.member,
        kind=expected.kind,
        within_s=expected.within_s,
        objective=expected.objective,
        criterion=expected.criterion,
        verdict=one.verdict,
        took_s=one.took_s,
    )
