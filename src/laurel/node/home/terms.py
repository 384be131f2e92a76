"""What a world is at this node, beside its database: an exercise's terms, a joined compact's door, who belongs."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from laurel.core.errors import Broken
from laurel.core.record import Halt
from laurel.core.roster import Standing
from laurel.node.home.layout import Settings, WorldLayout, write_file

MEMBERS_FILE = "members.json"
Filed = TypeVar("Filed")


class BadTerms(Broken):
    """They are written by the node alone."""

    says = "what a world is at this node cannot be read"
    remedy = "restore the file from a backup; exercise.json comes again when the exercise is joined again"


class Terms(Struct, frozen=True):
    """When play begins (exercise time), where its page is served, and who halted it and why, if somebody did."""

    title: str
    starts_at: datetime
    http_port: int
    halt: Halt | None = None


def read_terms(world: WorldLayout) -> Terms | None:
    """The terms of an exercise world; None for a live one, or one that is still being joined."""
    return _read(world, "exercise.json", Terms)


def write_terms(world: WorldLayout, terms: Terms) -> None:
    """Set them."""
    write_file(world.folder / "exercise.json", msgspec.json.format(msgspec.json.encode(terms), indent=1))


class PlanHere(Struct, frozen=True):
    """The plan that was last said live of an exercise, for its control inside it: who said it, when, and its text."""

    version: int
    member: str
    author: str
    at: datetime
    plan: str


def read_plan(world: WorldLayout) -> PlanHere | None:
    """The plan that was carried into an exercise world; None where none was said. Raises BadTerms."""
    return _read(world, "plan.json", PlanHere)


def write_plan(world: WorldLayout, plan: PlanHere) -> None:
    """Set it."""
    write_file(world.folder / "plan.json", msgspec.json.encode(plan))


class Joined(Struct, frozen=True):
    """The live world of a compact that this node joined beside its first one: where its page is served."""

    http_port: int


class Member(Struct, frozen=True):
    """One member as the records that this node holds make it."""

    code: str
    name: str
    standing: Standing


def read_joined(world: WorldLayout) -> Joined | None:
    """The door of a joined compact; None for the node's first one, and for an exercise. Raises BadTerms."""
    return _read(world, "joined.json", Joined)


def write_joined(world: WorldLayout, joined: Joined) -> None:
    """Set it."""
    write_file(world.folder / "joined.json", msgspec.json.format(msgspec.json.encode(joined), indent=1))


def http_port(settings: Settings, world: WorldLayout) -> int:
    """Where that world's page is served: an exercise and a joined compact have a port of their own. Raises BadTerms."""
    named = read_terms(world) if world.world.exercise is not None else read_joined(world)
    return settings.http_port if named is None else named.http_port


def read_members(world: WorldLayout) -> tuple[Member, ...]:
    """Who belongs by record, as the world's own process last filed it; empty before any change. Raises BadTerms."""
    return _read(world, MEMBERS_FILE, tuple[Member, ...]) or ()


def write_members(world: WorldLayout, members: tuple[Member, ...]) -> None:
    """File it, for the node's other processes."""
    write_file(world.folder / MEMBERS_FILE, msgspec.json.format(msgspec.json.encode(members), indent=1))


def _read(world: WorldLayout, name: str, kind: type[Filed]) -> Filed | None:
    try:
        return msgspec.json.decode((world.folder / name).read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BadTerms(world=world.world.name, file=name, why=str(error)) from None
