"""Keys that change while their world runs: by hand, and the sealing key of a live world every day.

The order is such that a crash anywhere leaves one valid key and nothing half told:

1. the new secret is on the disk, and means nothing yet;
2. the word of it is in the log: from here on it is the key in force, for us and for whoever has heard;
3. our own card names it, so that whoever is introduced later knows it too;
4. the old signing secret is destroyed. An old sealing secret opens what is on its way until the horizon, and dies then.

What was broken off is finished when the world is opened again: a secret that the log does not name is destroyed.
An officer asks for a change by a file in the world's keys folder, which holds the name of the key to be replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from laurel.border.sealing import SealingSecret
from laurel.core.errors import LaurelError
from laurel.core.record import Lane, Precedence, key_id
from laurel.core.roster import SealingKey
from laurel.instruments.line import keys as line_keys
from laurel.instruments.line.keys import ChangeSealingKey, ChangeSigningKey, Replaced, Word
from laurel.instruments.line.records import LaneEnd
from laurel.node.asked import Asked, Said
from laurel.node.home import keyfiles, keys
from laurel.node.home.layout import Layout, WorldLayout, write_file, writing
from laurel.node.keep.reader import Reader
from laurel.node.keep.transaction import Transaction
from laurel.node.station import Station
from laurel.node.world import World

SEALING_LASTS = timedelta(days=1)
HORIZON_DAYS = 7
LOOK_EVERY_S = 0.5
TEND_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Which(StrEnum):
    """The two keys of a member that change."""

    SIGNING = "signing"
    SEALING = "sealing"


def ask_for_change(place: WorldLayout, which: Which, old: str) -> None:
    """Let the world change that key, when it next looks, if it is still the one of that name."""
    write_file(_request(place, which), f"{old}\n".encode())


def asked_for(place: WorldLayout) -> list[Which]:
    """The changes that were asked for and not yet made."""
    return [which for which in Which if _request(place, which).exists()]


def _request(place: WorldLayout, which: Which) -> Path:
    return place.keys / f"change-{which}"


async def follow_keys(layout: Layout, station: Station) -> None:
    """Change what is asked for within half a second, and what is old within a minute, until cancelled."""
    place = layout.world(station.world)
    loop = asyncio.get_running_loop()
    tended_s = -TEND_EVERY_S
    while True:
        if loop.time() - tended_s >= TEND_EVERY_S or asked_for(place):
            try:
                await station.writing(lambda: tend(layout, station.inner))
            except LaurelError:
                log.exception("the keys of %s were not tended; those in force stay", station.world.name)
                await asyncio.sleep(LOOK_EVERY_S * 4)
            else:
                tended_s = loop.time()
                station.outgoing.set()
        await asyncio.sleep(LOOK_EVERY_S)


def tend(layout: Layout, world: World) -> None:
    """Finish what was broken off, change what is asked for or old, destroy what is over. For the writer's thread."""
    place = layout.world(world.store.world)
    finish(layout, world)
    if world.recovery.quiet:
        # A change is told to the peers: until we speak to them no key is made, and what is asked for waits.
        return
    for which in asked_for(place):
        request = _request(place, which)
        if request.read_text(encoding="utf-8").strip() == in_force(world, which):
            _CHANGE[which](place, world)
        finish(layout, world)
        with writing(request):
            request.unlink()
    if _sealing_is_old(place, world):
        change_sealing(place, world)
        finish(layout, world)


def in_force(world: World, which: Which) -> str:
    """The name of our key of that sort now. Raises NoKey."""
    if which is Which.SIGNING:
        return world.keys.signer(world.roster)[0]
    return world.roster.sealing_of(world.roster.me).name


def change_signing(place: WorldLayout, world: World) -> None:
    """Make a key and sign with it from the next record on."""
    say_signing_key(world, keyfiles.next_signing_key(place))


def change_sealing(place: WorldLayout, world: World) -> None:
    """Make a key and be written to by it from now on."""
    generation = world.roster.sealing_of(world.roster.me).generation + 1
    say_sealing_key(world, *keyfiles.make_sealing_key(place, generation), HORIZON_DAYS)


_CHANGE = {Which.SIGNING: change_signing, Which.SEALING: change_sealing}


def say_signing_key(world: World, new: Ed25519PrivateKey) -> Said:
    """Sign with this key from the next record on; tell everyone, by the old key, where that one ended."""
    old, _ = world.keys.signer(world.roster)
    public = new.public_key()
    world.keys = world.keys.with_signing(key_id(public), new)
    roster = world.roster

    def ask(to: Transaction) -> Asked:
        ends = dict(_ends(to, roster.me))
        for member in roster.entitled:
            # The words themselves are the old key's last in their lanes.
            lane = Lane(world.store.world, roster.me, tuple(sorted({roster.me, member})), Precedence.FLASH)
            ends[lane] = ends.get(lane, 0) + 1
        words = tuple(Word(member, _told(member, ends)) for member in sorted(roster.entitled))
        body = ChangeSigningKey(old, public.public_bytes_raw(), words)
        return Asked(world.author, "line/change-signing-key", body, f"signing:{key_id(public)}")

    said = world.say_alone(ask)
    log.warning("we sign with the key %s from now on; %s has ended", key_id(public), old)
    return said


def _ends(to: Transaction, me: str) -> Iterator[tuple[Lane, int]]:
    return ((lane, stand.number) for lane, stand in to.stands.items() if lane.origin == me and stand.number)


def _told(member: str, ends: dict[Lane, int]) -> tuple[LaneEnd, ...]:
    """Where the old key ended in the lanes that a member reads, and in no other."""
    return tuple(
        LaneEnd(lane.audience, int(lane.precedence), number)
        for lane, number in sorted(ends.items())
        if member in lane.audience
    )


def say_sealing_key(world: World, key: SealingKey, secret: SealingSecret, horizon_days: int) -> Said:
    """Be written to by this key from now on, and open with it beside those before."""
    world.keys = world.keys.with_sealing(key.name, secret)
    body = ChangeSealingKey(key.name, key.public, horizon_days)
    asked = Asked(world.author, "line/change-sealing-key", body, f"sealing:{key.name}")
    said = world.say_alone(lambda _: asked)
    log.info("parcels for us are sealed with the key %s from now on", key.name)
    return said


def finish(layout: Layout, world: World) -> None:
    """Let our card and our folder say what the log says: steps 3 and 4."""
    place, roster = layout.world(world.store.world), world.roster
    name, key = world.keys.signer(roster)
    spans = roster.spans.get(roster.me, ())
    former = tuple(span.key.public_bytes_raw() for span in spans if span.ends is not None)
    sealing = roster.sealing_of(roster.me)
    if keys.renew_card(layout, place.world, key, former, sealing, world.clock.now()):
        log.info("our card for %s names the keys that are in force now", place.world.name)
    old = [one for one in keyfiles.signing_keys(place) if one != name]
    over = over_at(keyfiles.sealing_keys(place), sealing, _history(world), world.clock.now())
    if not (old or over):
        return
    world.keys = world.keys.without({*old, *over})
    world.note("destroyed", [*((one, "key-span") for one in old), *((one, "outbox-horizon") for one in over)])
    for one in old:
        keyfiles.destroy_signing_key(place, one)
    for one in over:
        keyfiles.destroy_sealing_key(place, one)
    log.warning("destroyed the keys %s", ", ".join([*old, *over]))


def over_at(names: Iterable[str], present: SealingKey, history: tuple[Replaced, ...], now: datetime) -> list[str]:
    """Which of these sealing keys are over: those never told, and those whose successor was said a horizon ago."""
    over: list[str] = []
    for name in names:
        key = SealingKey(name, b"")
        later = (one.at + timedelta(days=one.horizon_days) for one in history if one.generation > key.generation)
        if name != present.name and (key.generation >= present.generation or min(later, default=now) <= now):
            over.append(name)
    return over


def _sealing_is_old(place: WorldLayout, world: World) -> bool:
    """Whether the present key was in use long enough, or its secret is lost. No exercise lasts so long."""
    if in_force(world, Which.SEALING) not in world.keys.sealing:
        return True
    history = _history(world)
    since = history[-1].at if history else world.roster.cards[world.roster.me].made_at
    return place.world.exercise is None and world.clock.now() - since >= SEALING_LASTS


def _history(world: World) -> tuple[Replaced, ...]:
    with world.store.reading() as from_:
        return line_keys.sealing_history(Reader(from_), world.roster.me)
