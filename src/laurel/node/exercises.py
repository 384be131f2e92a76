"""How an exercise announced in the live world becomes a world of its own at this node, and comes to its end.

The live world's records are the authority: who joined, with which card, whether play was halted, and where it ended.
This module carries that into the exercise world's folder, and `laurel.node.halting` a halt; the node starts and stops
its process, and that which ends it (`laurel.node.ending`). What has come of the end is said live, once.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from laurel.core.errors import Broken, LaurelError, Nothing
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification, Label, label
from laurel.core.record import World
from laurel.instruments.exercise.commands import (
    EndedAsk,
    ExerciseEnded,
    JoinAsk,
    LiveOnly,
    must_have_joined,
    must_not_have_ended,
)
from laurel.instruments.exercise.planned import OneExercise, PlanSaid
from laurel.instruments.exercise.view import Exercise, Exercises
from laurel.node.asked import Asked, Said
from laurel.node.author import Author
from laurel.node.doorstep import free_port
from laurel.node.home import keys
from laurel.node.home.ending import (
    Archive,
    Ending,
    archive_of,
    endings,
    is_ending,
    read_ending,
    remove_world,
    write_ending,
)
from laurel.node.home.layout import WorldLayout
from laurel.node.home.terms import PlanHere, Terms, read_plan, read_terms, write_plan, write_terms
from laurel.node.site import Site

LOOK_EVERY_S = 0.2
ANSWER_WITHIN_S = 20.0
SAY_AGAIN_AFTER_S = 10.0

log = logging.getLogger(__name__)


class CannotEnd(Broken):
    """It is not archived, or not all of it could be destroyed yet."""

    says = "the exercise could not be brought to its end here"
    remedy = "the log stays as it is, and play stays stopped: mend what is named, then end the exercise again"


class EndedHere(Struct, frozen=True):
    """What has come of the end of an exercise at this node. Until it has `ended` it goes on by itself: ask again.

    `archive` is the file that is kept, `record` what was said live of it, and `playing` who may still play.
    """

    exercise: str
    ended: bool
    playing: tuple[str, ...]
    archive: str | None = None
    archive_sha256: str | None = None
    records: int | None = None
    record: str | None = None


class ArchiveRow(Struct, frozen=True):
    """What this node keeps of an exercise that ended here. `bytes` is None when the file is not there any more."""

    exercise: str
    title: str
    ended_at: datetime
    ended_by: str
    file: str
    bytes: int | None
    records: int
    sha256: str


async def join_exercise(site: Site, author: Author, name: str, ask_id: str) -> Said:
    """Make this member's keys for the exercise, and say its card in the live world.

    Raises Nothing when no such exercise was announced, ExerciseEnded when it ends or has ended here. A repeat uses
    the keys that are there.
    """
    found = await _announced(site, name)
    world = World(site.station.world.compact, name)
    folder = site.layout.world(world)
    must_not_have_ended(found, site.member)
    if is_ending(folder):
        raise ExerciseEnded(exercise=name, member=site.member)
    now = site.station.inner.clock.now()
    if not folder.signing_key.exists():
        keys.make_world(site.layout, world, now)
    card = keys.card(site.layout, world, now)
    if read_terms(folder) is None:
        write_terms(folder, Terms(found.title, found.starts_at, free_port(site.layout)))
    try:
        return await site.station.say(Asked(author, "exercise/join", JoinAsk(name, card.decode(), _told(site)), ask_id))
    except ExerciseEnded:
        # It came to its end while this was asked: what was just made for it is of no world.
        remove_world(folder)
        raise


async def end_exercise(site: Site, author: Author, name: str, ask_id: str) -> EndedHere:
    """Stop play here, archive it, destroy its keys and stores, and say so in the live world.

    Answers when that is done, or when it takes long: then it goes on by itself, and a repeat tells how far it is.
    What stood in its way is tried once more.

    Raises LiveOnly, Nothing, NotJoined, ExerciseEnded, NoSuchWorld, and CannotEnd when something is in the way.
    """
    live = site.station.world
    if live.exercise is not None:
        raise LiveOnly(world=live.name, live=World(live.compact).name)
    asked = f"end-here/{ask_id}"
    found = await _announced(site, name)
    must_have_joined(found, site.member)
    own = found.member(site.member)
    place = site.layout.world(World(live.compact, name))
    if own is None or own.ended is None:
        if place.folder.is_dir():
            _begin(site, place, author, asked)
            if not await _until_gone(place):
                return EndedHere(name, ended=False, playing=_others(site, found))
        # The folder goes when the end was said: what was read of it before may be older than that.
        found = await _announced(site, name)
        own = found.member(site.member)
    if own is None or own.ended is None:
        raise keys.NoSuchWorld(world=place.world.name, member=site.member)
    # Said under the name of the same ask, it is answered as before; under another it is refused.
    said = await _say_ended(site, name, author.name, asked, Archive(own.ended.archive_sha256, own.ended.records))
    return EndedHere(
        name,
        ended=True,
        playing=_others(site, found),
        archive=archive_of(site.layout, place.world).name,
        archive_sha256=own.ended.archive_sha256,
        records=own.ended.records,
        record=said.records[0],
    )


def _begin(site: Site, place: WorldLayout, author: Author, asked: str) -> None:
    ending = read_ending(place)
    if ending is None:
        site.station.audit_door("exercise-end", author.name, place.world.name)
        write_ending(place, Ending(author.name, asked))
    elif ending.trouble is not None:
        write_ending(place, replace(ending, trouble=None))


async def _until_gone(place: WorldLayout) -> bool:
    """Whether it came to its end in time. Raises CannotEnd."""
    seconds = asyncio.get_running_loop().time
    last_s = seconds() + ANSWER_WITHIN_S
    while (ending := read_ending(place)) is not None:
        if ending.trouble is not None:
            raise CannotEnd(world=place.world.name, trouble=ending.trouble)
        if seconds() > last_s:
            return False
        await asyncio.sleep(LOOK_EVERY_S)
    return True


async def follow_endings(site: Site) -> None:
    """Say live what has come to its end here, and remove the last that is left of it, until cancelled."""
    compact = site.station.world.compact
    while True:
        for world, ending in endings(site.layout).items():
            if world.compact == compact and ending.gone:
                try:
                    await _close(site, world, ending)
                except LaurelError:
                    log.exception("the end of %s is not said yet", world.name)
                    await asyncio.sleep(SAY_AGAIN_AFTER_S)
        await asyncio.sleep(LOOK_EVERY_S)


async def _close(site: Site, world: World, ending: Ending) -> None:
    name = world.exercise or ""
    own = (await _announced(site, name)).member(site.member)
    if ending.archive is not None and (own is None or own.ended is None):
        await _say_ended(site, name, ending.author, ending.ask_id, ending.archive)
    remove_world(site.layout.world(world))


async def _say_ended(site: Site, name: str, author: str, ask_id: str, archive: Archive) -> Said:
    ask = EndedAsk(name, archive.sha256, archive.records, _told(site))
    # An officer asked for the end; that it was reached is the node's own word.
    by = Author(author, frozenset({Role.NODE}))
    return await site.station.say(Asked(by, "exercise/ended", ask, ask_id))


async def archives(site: Site) -> tuple[ArchiveRow, ...]:
    """What this node keeps of exercises that ended here."""
    answer: Exercises = await site.station.judge("exercise/exercises", NoAsk())
    rows: list[ArchiveRow] = []
    for one in answer.exercises:
        own = one.member(site.member)
        if own is not None and own.ended is not None:
            file = archive_of(site.layout, World(site.station.world.compact, one.exercise))
            size = file.stat().st_size if file.is_file() else None
            end = own.ended
            rows.append(
                ArchiveRow(
                    one.exercise, one.title, end.at, end.author, file.name, size, end.records, end.archive_sha256
                )
            )
    return tuple(rows)


async def follow_exercises(site: Site) -> None:
    """Carry cards and plans of the live world into the exercise worlds this node takes part in."""
    answer: Exercises = await site.station.judge("exercise/exercises", NoAsk())
    for one in answer.exercises:
        folder = site.layout.world(World(site.station.world.compact, one.exercise))
        terms = read_terms(folder) if folder.folder.is_dir() and not is_ending(folder) else None
        if terms is None:
            continue
        _follow_cards(site, folder, one)
        await _follow_plan(site, folder, one.exercise)


def _follow_cards(site: Site, folder: WorldLayout, one: Exercise) -> None:
    for member in one.members:
        place = folder.card(member.member)
        card = member.card.encode()
        if member.trouble is not None or member.member == site.member:
            continue
        if place.exists() and place.read_bytes() == card:
            continue
        try:
            keys.admit_card(site.layout, folder.world, card)
        except LaurelError as error:
            log.warning("the card of %s for exercise %s was not admitted: %s", member.member, one.exercise, error)
        else:
            log.info("%s takes part in exercise %s", member.member, one.exercise)


async def _follow_plan(site: Site, folder: WorldLayout, name: str) -> None:
    # The exercise's own process reads nothing of the live world, and its control starts what was planned there.
    try:
        said: PlanSaid = await site.station.judge("exercise/planned", OneExercise(name))
    except Nothing:
        return
    here = read_plan(folder)
    if here is None or here.version != said.version or here.plan != said.plan:
        write_plan(folder, PlanHere(said.version, said.member, said.author, said.at, said.plan))


async def _announced(site: Site, name: str) -> Exercise:
    answer: Exercises = await site.station.judge("exercise/exercises", NoAsk())
    found = next((one for one in answer.exercises if one.exercise == name), None)
    if found is None:
        raise Nothing(exercise=name, announced=", ".join(one.exercise for one in answer.exercises))
    return found


def _told(site: Site) -> Label:
    """The whole compact: one who is not told may take it for real."""
    return label(Classification.UNCLASSIFIED, set(site.station.roster.speakers))


def _others(site: Site, found: Exercise) -> tuple[str, ...]:
    return tuple(one for one in found.playing if one != site.member)
