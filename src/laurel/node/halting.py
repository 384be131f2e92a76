"""REAL WORLD: a halt stops an exercise's world at this node, wherever it was said, and is told in both worlds.

Said live, it reaches the exercise through the folder's terms, and goes down the exercise's own lanes too; said in the
exercise, the live world of the officer's own node says it again in the officer's name. So it comes to each member on
two roads, and the sooner one stops play.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from msgspec.structs import replace

from laurel.core.errors import LaurelError
from laurel.core.instrument import PEOPLE
from laurel.core.label import Classification, label
from laurel.core.record import Halt
from laurel.instruments.exercise.commands import HaltAsk
from laurel.instruments.exercise.view import halts_of
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.home import keys
from laurel.node.home.ending import is_ending
from laurel.node.home.layout import WorldLayout
from laurel.node.home.terms import Terms, read_terms, write_terms
from laurel.node.keep.reader import Reader
from laurel.node.site import Site
from laurel.node.station import HALT

LOOK_EVERY_S = 0.1
SAY_AGAIN_AFTER_S = 10.0

log = logging.getLogger(__name__)


async def halted(site: Site) -> Halt | None:
    """Who halted this exercise, by its own log or by the terms in its folder; None while it may be played.

    From then on nothing is said in it, its screens are told, and the terms tell the rest of the node.
    """
    station = site.station
    name, place = station.world.exercise or "", site.layout.world(station.world)
    terms = read_terms(place)
    if terms is None:
        return None
    if terms.halt is not None:
        # Before the log is looked at, which a busy machine takes its time for.
        station.halt(terms.halt)
    heard = (await _heard(site)).get(name)
    halt = terms.halt or heard
    if halt is None:
        return None
    station.halt(halt)
    if terms.halt is None:
        _write(place, terms, halt)
    if heard is None and halt.member == site.member:
        await _say(site, name, halt)
    return halt


async def until_halted(site: Site) -> None:
    """Look for a halt, as long as there is none."""
    while True:
        try:
            if await halted(site) is not None:
                return
        except LaurelError:
            log.exception("whether the exercise was halted cannot be read; it is looked at again")
        await asyncio.sleep(LOOK_EVERY_S)


async def follow_halts(site: Site) -> None:
    """Carry what was halted live into the exercise worlds, and say live what was halted within, until cancelled."""
    while True:
        try:
            await _carry(site, await _heard(site))
        except LaurelError:
            log.exception("a halt is not carried yet")
            await asyncio.sleep(SAY_AGAIN_AFTER_S)
        await asyncio.sleep(LOOK_EVERY_S)


async def _carry(site: Site, heard: Mapping[str, Halt]) -> None:
    for world in keys.worlds(site.layout):
        place = site.layout.world(world)
        name = world.exercise
        if name is None or world.compact != site.station.world.compact or is_ending(place):
            continue
        terms = read_terms(place)
        if terms is None:
            continue
        if terms.halt is None and name in heard:
            _write(place, terms, heard[name])
        elif terms.halt is not None and name not in heard and terms.halt.member == site.member:
            await _say(site, name, terms.halt)


async def _heard(site: Site) -> Mapping[str, Halt]:
    """What this world's log says, read beside its readers: whoever looks at a picture does not hold up a halt."""

    def read() -> Mapping[str, Halt]:
        with site.station.inner.store.reading() as from_:
            return halts_of(Reader(from_))

    return await asyncio.to_thread(read)


def _write(place: WorldLayout, terms: Terms, halt: Halt) -> None:
    write_terms(place, replace(terms, halt=halt))
    log.warning("exercise %s was halted by %s: %s", place.world.exercise, halt.member, halt.reason)


async def _say(site: Site, name: str, halt: Halt) -> None:
    """In the name of the officer who said it in the other world."""
    ask = HaltAsk(name, halt.reason, label(Classification.UNCLASSIFIED, set(site.station.roster.speakers)))
    await site.station.say(Asked(Author(halt.author, PEOPLE), HALT, ask, f"halt:{name}"))
