"""How far the end of an exercise world has come at this node: a file in the world's folder, the last to go from it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from laurel.core.errors import BadField, Broken
from laurel.core.record import World
from laurel.node.home.layout import Layout, WorldLayout, write_file, writing

ENDING_FILE = "ending.json"


class BadEnding(Broken):
    """It is written by the node alone."""

    says = "what is known of the end of an exercise cannot be read"
    remedy = "restore the file from a backup, or remove it and end the exercise again: laurel exercise end-here"


class Archive(Struct, frozen=True):
    """What is kept: the SHA-256 of the file's bytes, and how many records it holds."""

    sha256: str
    records: int


class Ending(Struct, frozen=True):
    """Who asked for the end, and under which name of the ask.

    `archive` is set when all of it is on the disk and was verified: before that nothing is destroyed. `left` when the
    NATS server knows nothing of it any more, `gone` when nothing else of the world is left. `trouble` is why it does
    not go on.
    """

    author: str
    ask_id: str
    archive: Archive | None = None
    left: bool = False
    gone: bool = False
    trouble: str | None = None

    @property
    def goes_on(self) -> bool:
        """Whether there is something to do for the node: what nobody could archive waits to be asked for again."""
        return not self.gone and (self.archive is not None or self.trouble is None)


def archive_of(layout: Layout, world: World) -> Path:
    """Where the archive of an exercise world is put when it ends."""
    return layout.archives / f"{world.name}.jsonl"


def read_ending(place: WorldLayout) -> Ending | None:
    """What is known; None of a world that nobody ends. Raises BadEnding."""
    try:
        return msgspec.json.decode((place.folder / ENDING_FILE).read_bytes(), type=Ending)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BadEnding(world=place.world.name, why=str(error)) from None


def write_ending(place: WorldLayout, ending: Ending) -> None:
    """Set it, on the disk when this returns. Raises CannotWrite, DiskFull."""
    write_file(place.folder / ENDING_FILE, msgspec.json.format(msgspec.json.encode(ending), indent=1))


def is_ending(place: WorldLayout) -> bool:
    """Whether somebody ends it: then it is played no more."""
    return (place.folder / ENDING_FILE).exists()


def remove_world(place: WorldLayout) -> None:
    """The last step: the folder with that file. Raises CannotWrite."""
    with writing(place.folder), suppress(FileNotFoundError):
        shutil.rmtree(place.folder)


def endings(layout: Layout) -> dict[World, Ending]:
    """Every exercise world of this node that is being ended. One whose file is damaged waits for a person."""
    found: dict[World, Ending] = {}
    for file in layout.worlds.glob(f"*.*/{ENDING_FILE}"):
        compact, _, exercise = file.parent.name.partition(".")
        world = World(compact, exercise)
        with suppress(BadEnding, BadField):
            ending = read_ending(layout.world(world))
            if ending is not None:
                found[world] = ending
    return found
