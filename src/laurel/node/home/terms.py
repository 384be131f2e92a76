"""The terms of an exercise world at this node: kept beside its database, read by whoever starts it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from laurel.core.errors import Broken
from laurel.node.home.layout import WorldLayout, write_file


class BadTerms(Broken):
    """They are written by `join_exercise` alone."""

    says = "the terms of an exercise world cannot be read"
    remedy = "restore exercise.json from a backup, or join the exercise again"


class Terms(Struct, frozen=True):
    """When play begins (exercise time), where its page is served, and why it was halted, if it was."""

    title: str
    starts_at: datetime
    http_port: int
    halted: str | None = None


def read_terms(world: WorldLayout) -> Terms | None:
    """The terms of an exercise world; None for a live one, or one that is still being joined."""
    try:
        return msgspec.json.decode((world.folder / "exercise.json").read_bytes(), type=Terms)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BadTerms(world=world.world.name, why=str(error)) from None


def write_terms(world: WorldLayout, terms: Terms) -> None:
    """Set them."""
    write_file(world.folder / "exercise.json", msgspec.json.format(msgspec.json.encode(terms), indent=1))
