"""The end of one exercise world at this node, in a process of its own: small steps, each of which may be the last.

1. nobody plays: the world's process is ended, and this one holds its database;
2. the log is verified, exported to the archives, written through to the disk, opened again and verified once more
   from that file alone, as a replay would; its hash is noted;
3. its streams are deleted, its accounts leave the server, and what the server kept of them goes;
4. its keys are written over and removed;
5. its database, cards, terms and whatever else lies in its folder are removed, with what is good for it alone.

Nothing of 3 to 5 begins before 2 is whole. After a power cut the next attempt does again what was not noted, and
each step finds done what was done. That it has ended is for the live world to say (`laurel.node.exercises`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
from contextlib import closing, suppress
from pathlib import Path

from msgspec.structs import replace

from laurel.core.errors import Broken, LaurelError, WrongWorld
from laurel.core.record import World
from laurel.instruments import INSTRUMENTS
from laurel.node.carry.client import EXPECTED, connected, drop_streams, why
from laurel.node.carry.natsconf import inbox
from laurel.node.home import keys
from laurel.node.home.ending import ENDING_FILE, Archive, archive_of, read_ending, write_ending
from laurel.node.home.keyfiles import destroy
from laurel.node.home.layout import (
    PRIVATE_FILE,
    Layout,
    WorldLayout,
    join_address,
    make_folder,
    read_settings,
    sync_folder,
    writing,
)
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.ledger import export, must_hold, verify
from laurel.node.keep.store import Store
from laurel.node.people import People
from laurel.node.replay.opened import of_file
from laurel.node.replay.telling import Telling

# It may take long, and the live world goes first.
NICE = 10
LEFT_WITHIN_S = 60.0
LOOK_EVERY_S = 0.2
ASKED_TIMES = 3
REFUSED = "authorization violation"
PROOF = "proof"

log = logging.getLogger(__name__)


class ArchiveInTheWay(Broken):
    """An archive is never written over."""

    says = "another file stands where the archive of this exercise is to stand"
    remedy = "move that file away, then end the exercise again: nothing was destroyed"


class ArchiveIncomplete(Broken):
    """What was read back is not what was written."""

    says = "the archive does not hold what the log holds"
    remedy = "see to the disk, then end the exercise again: nothing was destroyed"


class StillOnServer(Broken):
    """The server has not taken its new configuration."""

    says = "the NATS server still lets this exercise in"
    remedy = "it is tried again by itself; if this stays, see the server's log"


async def end_world(layout: Layout, world: World) -> None:
    """Bring it to its end, from wherever the last attempt stopped. Raises WrongWorld for a live world, LaurelError.

    What keeps it from being archived is noted in its file, and nothing is done until it is asked for again.
    """
    if world.exercise is None:
        raise WrongWorld(what="the end of an exercise", offered_to=world.name)
    place = layout.world(world)
    ending = read_ending(place)
    if ending is None or not ending.goes_on:
        return
    if ending.archive is None:
        try:
            ending = replace(ending, archive=archive(layout, world))
        except LaurelError as error:
            log.critical("exercise %s cannot end: %s", world.name, error)
            write_ending(place, replace(ending, trouble=str(error)))
            return
        write_ending(place, ending)
    if not ending.left:
        await leave_server(layout, world)
        ending = replace(ending, left=True)
        write_ending(place, ending)
    destroy_keys(place)
    destroy_rest(layout, world)
    write_ending(place, replace(ending, gone=True))
    log.info("exercise world %s is no more; %s is kept", world.name, ending.archive)


def archive(layout: Layout, world: World) -> Archive:
    """The log as a file that only its owner may open, on the disk and verified.

    Raises WorldInUse, LogDoesNotHold, BadArchive, ArchiveIncomplete, ArchiveInTheWay, CannotWrite, DiskFull.
    """
    place = layout.world(world)
    named = archive_of(layout, world)
    part = layout.archives / f".{named.name}.part"
    make_folder(layout.archives)
    with closing(Store(place.database, world, Catalogue(INSTRUMENTS).tables)):
        found = verify(layout, world)
        must_hold(found)
        with writing(part):
            # It may be a second name of the archive itself: that one is not written over.
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
                export(layout, world, file)
                file.flush()
                os.fsync(file.fileno())
        _prove(part, place, found["records"])
        made = Archive(_sha256(part), found["records"])
        _name(part, named, made.sha256)
    return made


def _prove(file: Path, place: WorldLayout, records: int) -> None:
    """Open the archive as a replay does: every record read, checked and folded, from this file alone."""
    source = of_file(file)
    if source.records != records:
        raise ArchiveIncomplete(file=file, holds=source.records, log_holds=records)
    if records == 0:
        return
    room = place.folder / PROOF
    shutil.rmtree(room, ignore_errors=True)
    make_folder(room)
    catalogue = Catalogue(INSTRUMENTS)
    with closing(Store(room / "proof.db", source.world, catalogue.tables)) as store:
        telling = Telling(source, store, catalogue)
        telling.open(lambda _stage, _done: None)
    if len(telling.times) != records:
        raise ArchiveIncomplete(file=file, holds=len(telling.times), log_holds=records)


def _name(part: Path, named: Path, sha256: str) -> None:
    """Give it its name, once it is whole; one that an attempt before has named is the same to the byte."""
    with writing(named):
        try:
            named.hardlink_to(part)
        except FileExistsError:
            if _sha256(named) != sha256:
                raise ArchiveInTheWay(file=named) from None
        part.unlink()
        sync_folder(named.parent)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


async def leave_server(layout: Layout, world: World) -> None:
    """No stream, no account and no file of it at our own NATS server.

    When the streams are deleted our own card goes: what has no card of ours is no world of this node, and the server
    is told so. The key to sign in with stays until the server has proved that it opens nothing any more.

    Raises StillOnServer, CannotWrite; LineLost, in a group.
    """
    place = layout.world(world)
    ours, settings = keys.credentials(layout, world), read_settings(layout)
    me = settings.member
    await _drop_all(ours, me)
    with writing(place.card(me)):
        place.card(me).unlink(missing_ok=True)
        sync_folder(place.peers)
    try:
        async with asyncio.timeout(LEFT_WITHIN_S):
            while True:
                # What reads its configuration anew may hang up on whoever is signing in: that proves nothing.
                if await _is_refused(ours, me, drops=False):
                    break
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise StillOnServer(world=world.name, within_s=LEFT_WITHIN_S) from None
    kept = layout.nats_store / "jetstream" / world.name
    with writing(kept), suppress(FileNotFoundError):
        shutil.rmtree(kept)


async def _drop_all(ours: keys.Credentials, me: str) -> None:
    """No stream of it is left, or nobody is let in any more.

    A server that was told of this world's end before reads its configuration anew, and may hang up: it is asked again.
    Raises LineLost, in a group.
    """
    for left in reversed(range(ASKED_TIMES)):
        try:
            await _is_refused(ours, me, drops=True)
        except* EXPECTED:
            if left == 0:
                raise
        else:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _is_refused(ours: keys.Credentials, me: str, *, drops: bool) -> bool:
    """Whether our own server lets this world's courier in no more; if it does, all streams go that shall.

    Where they shall go, raises LineLost, in a group, when the server does not answer.
    """
    refused = False
    address = join_address(ours.own_host, ours.own_port)
    try:
        async with connected(address, ours.own_authority, ours, ours.local_seed, inbox(me)) as client:
            if drops:
                await drop_streams(client)
    except* EXPECTED as broken:
        refused = REFUSED in why(broken).lower()
        if drops and not refused:
            raise
    return refused


def destroy_keys(place: WorldLayout) -> None:
    """What it signed, opened and signed in with. Raises CannotWrite."""
    if place.keys.exists():
        for file in place.keys.iterdir():
            destroy(file)
        with writing(place.keys):
            sync_folder(place.keys)


def destroy_rest(layout: Layout, world: World) -> None:
    """All else that lies in its folder, and what was good for it alone at the doors. Raises CannotWrite."""
    with closing(People(layout.people)) as people:
        people.calendars.forget(world.name)
        people.credentials.forget(world.name)
    place = layout.world(world)
    with writing(place.folder):
        for one in place.folder.iterdir():
            if one.is_dir():
                shutil.rmtree(one)
            elif one.name != ENDING_FILE:
                one.unlink()
        sync_folder(place.folder)
