"""How an exercise announced in the live world becomes a world of its own at this node.

The live world's records are the authority: who joined, with which card, and whether play was halted.
This module carries that into the exercise world's folder; the node starts and stops its process.
"""

from __future__ import annotations

import logging

from laurel.core.errors import LaurelError, Nothing
from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.instruments.exercise.commands import JoinAsk
from laurel.instruments.exercise.view import Exercise, Exercises
from laurel.node.asked import Asked, Author, Said
from laurel.node.doorstep import free_port
from laurel.node.home import keys
from laurel.node.home.layout import WorldLayout
from laurel.node.home.terms import Terms, read_terms, write_terms
from laurel.node.site import Site

log = logging.getLogger(__name__)


async def join_exercise(site: Site, author: Author, name: str, ask_id: str) -> Said:
    """Make this member's keys for the exercise, and say its card in the live world.

    Raises Nothing when no such exercise was announced. A repeat uses the keys that are there.
    """
    found = await _announced(site, name)
    world = World(site.station.world.compact, name)
    folder = site.layout.world(world)
    now = site.station.inner.clock.now()
    if not folder.signing_key.exists():
        keys.make_world(site.layout, world, now)
    card = keys.card(site.layout, world, now)
    if read_terms(folder) is None:
        write_terms(folder, Terms(found.title, found.starts_at, free_port(site.layout)))
    told = label(Classification.UNCLASSIFIED, set(site.station.roster.speakers))
    return await site.station.say(Asked(author, "exercise/join", JoinAsk(name, card.decode(), told), ask_id))


async def follow_exercises(site: Site) -> None:
    """Carry cards and halts of the live world into the exercise worlds this node takes part in."""
    answer: Exercises = await site.station.judge("exercise/exercises", NoAsk())
    for one in answer.exercises:
        folder = site.layout.world(World(site.station.world.compact, one.exercise))
        terms = read_terms(folder) if folder.folder.is_dir() else None
        if terms is None:
            continue
        _follow_cards(site, folder, one)
        if one.halted is not None and terms.halted is None:
            write_terms(folder, Terms(terms.title, terms.starts_at, terms.http_port, one.halted.reason))
            log.warning("exercise %s was halted by %s: %s", one.exercise, one.halted.member, one.halted.reason)


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


async def _announced(site: Site, name: str) -> Exercise:
    answer: Exercises = await site.station.judge("exercise/exercises", NoAsk())
    found = next((one for one in answer.exercises if one.exercise == name), None)
    if found is None:
        raise Nothing(exercise=name, announced=", ".join(one.exercise for one in answer.exercises))
    return found
