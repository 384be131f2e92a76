"""Checkpoints of a run: how everybody stood at a moment of rest, whole, so that play goes on from there.

    JPN/ KOR/ USA/            the nodes as they are played now
    checkpoints/0006h00m00s/  one checkpoint: checkpoint.json, and a copy of every node while none of them ran
    abandoned/001/            the nodes that stood here before a run went on from a checkpoint; without their node.toml
                              (set aside as node.toml.abandoned) none of them starts, and reaches those played now
    running                   held by the run that plays here

A checkpoint is whole or not there: it is copied beside its place, flushed and renamed. It holds all that its nodes
hold, keys included, and is only ever copied from.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from stat import S_IMODE

import msgspec
from msgspec import Struct

from laurel import __version__
from laurel.core.errors import BadAsk, Broken
from laurel.instruments.exercise.plan.table import clock
from laurel.instruments.exercise.records import ClockSet
from laurel.node.excon import Settled
from laurel.node.home.layout import PRIVATE_FOLDER, Layout, make_folder, sync_folder, write_file, writing

CHECKPOINTS, ABANDONED, RUNNING = "checkpoints", "abandoned", "running"
TOLD = "checkpoint.json"
RESTORED = "restored"
SET_ASIDE = ".abandoned"


class FolderInUse(Broken):
    """Two runs, one folder."""

    says = "another run plays in this folder"
    remedy = "wait until it is over, or end it; its checkpoints stay"


class NoCheckpoint(BadAsk):
    """There is none, or none so early."""

    says = "there is no checkpoint to go on from"
    remedy = "name a later time of play, or play from the beginning in an empty folder with --checkpoint"


class OtherRun(BadAsk):
    """What was saved of one run is no beginning of another."""

    says = "these checkpoints belong to another run"
    remedy = "give the plan, the changes and the Laurel that they were made with, or play in an empty folder"


class BadCheckpoint(Broken):
    """Somebody changed it, or the disk did."""

    says = "a checkpoint is damaged"
    remedy = "delete its folder; the others are as they were"


class Belongs(Struct, frozen=True, forbid_unknown_fields=True):
    """Which run a checkpoint belongs to: what is played, what is changed in it, and which Laurel plays it."""

    exercise: str
    plan_sha256: str
    world_sha256: str | None
    changed: tuple[str, ...]
    version: str = __version__


class Stand(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a run stands while everybody is at rest.

    `at` is the last moment that was stepped to: all that was due up to it is done, scans among it. `rest` is how each
    member came to rest. Seeds need not be kept: a scenario draws anew for each sensor and look.
    """

    at: datetime
    clock: ClockSet
    steps: int
    scans: int
    rest: Mapping[str, Settled]
    took_s: float = 0.0


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of a checkpoint: `as_of_s` is its second of play, `bytes` what its copies take on the disk."""

    of: Belongs
    as_of_s: float
    made_at: datetime
    bytes: int
    stand: Stand


@dataclass(frozen=True)
class Kept:
    """A checkpoint and where it lies."""

    folder: Path
    checkpoint: Checkpoint


@dataclass
class Rhythm:
    """When checkpoints are due: every so many seconds of play, where there is none yet. None is never."""

    every_s: float | None
    made: list[float] = field(default_factory=list[float])

    def due(self, last_s: float, next_s: float) -> float | None:
        """The second of play as of which one is due between two moments: all is at rest after the first of them."""
        if self.every_s is None:
            return None
        turns = ceil(next_s / self.every_s) - 1
        # Rounding may lead as far as the next moment itself.
        grid_s = (turns if turns * self.every_s < next_s else turns - 1) * self.every_s
        if grid_s <= 0.0 or any(grid_s <= made < next_s for made in self.made):
            return None
        return max(grid_s, last_s)


def keep(place: Path, of: Belongs, as_of_s: float, stand: Stand, made_at: datetime) -> Kept:
    """Make a checkpoint of nodes that do not run. Raises DiskFull, CannotWrite; then it is not there."""
    folder = place / CHECKPOINTS / _name(as_of_s)
    with _beside(folder) as part:
        size = sum(_copy(place / member, part / member) for member in stand.rest)
        made = Checkpoint(of, as_of_s, made_at, size, stand)
        write_file(part / TOLD, msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    return Kept(folder, made)


def listed(place: Path) -> tuple[Kept, ...]:
    """All checkpoints in the folder of a run, the earliest first. Raises BadCheckpoint."""
    files = (place / CHECKPOINTS).glob(f"[0-9]*/{TOLD}")
    return tuple(sorted((Kept(file.parent, _read(file)) for file in files), key=lambda one: one.checkpoint.as_of_s))


def before(place: Path, at_s: float, of: Belongs) -> Kept:
    """The last checkpoint at or before that second of play. Raises NoCheckpoint, OtherRun, BadCheckpoint."""
    found = listed(place)
    there_are = ", ".join(clock(one.checkpoint.as_of_s) for one in found) or "none"
    chosen = next((one for one in reversed(found) if one.checkpoint.as_of_s <= at_s), None)
    if chosen is None:
        raise NoCheckpoint(folder=place, there_are=there_are)
    made_of = chosen.checkpoint.of
    for name in of.__struct_fields__:
        if getattr(made_of, name) != getattr(of, name):
            raise OtherRun(folder=place, differs=name, theirs=getattr(made_of, name), asked=getattr(of, name))
    return chosen


def restore(place: Path, kept: Kept) -> None:
    """Put a copy of the checkpoint where the nodes stand; those that stood there are set aside, whole.

    Broken off, it leaves nodes of two lines. Nobody plays with them: whoever goes on restores them all first.
    Raises BadCheckpoint, DiskFull, CannotWrite.
    """
    members, ready = tuple(kept.checkpoint.stand.rest), place / RESTORED
    with _beside(ready) as part:
        size = sum(_copy(kept.folder / member, part / member) for member in members)
        # Who looked into a copy may have left files there, but none may be missing.
        if size < kept.checkpoint.bytes:
            raise BadCheckpoint(folder=kept.folder, bytes=size, must_be=kept.checkpoint.bytes)
    left = place / ABANDONED / f"{len(abandoned(place)) + 1:03}"
    for member in members:
        if (place / member).exists():
            make_folder(left)
            _set_aside(place / member, left / member)
        with writing(place / member):
            (ready / member).rename(place / member)
    with writing(place):
        ready.rmdir()
        sync_folder(place)


def line(kept: Kept) -> str:
    """What is told of a checkpoint in one line."""
    one = kept.checkpoint
    size, made_at = one.bytes / 1e6, one.made_at.astimezone(UTC)
    return f"checkpoint {clock(one.as_of_s)}  {size:.1f} MB  made {made_at:%Y-%m-%d %H:%M:%S}Z"


def abandoned(place: Path) -> tuple[Path, ...]:
    """The lines of play that were left behind in this folder, the first one first."""
    return tuple(sorted((place / ABANDONED).glob("[0-9]*")))


@contextmanager
def playing(place: Path) -> Generator[None]:
    """Hold the folder for one run. Raises FolderInUse."""
    with writing(place), (place / RUNNING).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(folder=place) from None
        yield


def bytes_in(folder: Path) -> int:
    """What the files of a folder take on the disk."""
    return sum((Path(above) / name).lstat().st_size for above, _, names in os.walk(folder) for name in names)


def _name(as_of_s: float) -> str:
    whole = int(as_of_s)
    return f"{whole // 3_600:04}h{whole // 60 % 60:02}m{as_of_s % 60:02g}s"


def _read(file: Path) -> Checkpoint:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Checkpoint)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadCheckpoint(folder=file.parent, why=error) from None


@contextmanager
def _beside(folder: Path) -> Generator[Path]:
    """A folder to be filled, that takes this place once it is whole. Raises DiskFull, CannotWrite."""
    part = folder.with_name(f".{folder.name}.part")
    for old in (part, folder):
        shutil.rmtree(old, ignore_errors=True)
    make_folder(part)
    try:
        yield part
        with writing(folder):
            sync_folder(part)
            part.rename(folder)
            sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _copy(source: Path, to: Path) -> int:
    """Copy a folder, on the disk when this returns. How many bytes. Raises DiskFull, CannotWrite."""
    copied = 0
    with writing(to):
        for above, _, names in os.walk(source):
            folder = to / Path(above).relative_to(source)
            folder.mkdir(mode=PRIVATE_FOLDER)
            for name in names:
                copied += _copy_file(Path(above) / name, folder / name)
            sync_folder(folder)
    return copied


def _copy_file(source: Path, to: Path) -> int:
    rights = S_IMODE(source.stat().st_mode)
    with source.open("rb") as read, os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights), "wb") as file:
        shutil.copyfileobj(read, file)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _set_aside(node: Path, to: Path) -> None:
    """No node starts there any more; its logs are as they were."""
    settings = Layout(node).settings
    with writing(to):
        if settings.exists():
            settings.rename(settings.with_name(f"{settings.name}{SET_ASIDE}"))
        node.rename(to)
        sync_folder(to.parent)
