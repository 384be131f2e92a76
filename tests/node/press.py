"""A command that takes two watch officers, and who may ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from msgspec import Struct, structs
from sqlalchemy import select
from tests.node.notebook import Write, notebook, write, written

from laurel.core.errors import BadField
from laurel.core.instrument import Command, Desk, Instrument, NoAsk, Role, View
from laurel.core.record import Draft
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.office.twofold import ApproveAsk, DeclineAsk, Proposal
from laurel.node.asked import Asked, Said
from laurel.node.author import Author
from laurel.node.world import World

WATCH = frozenset({Role.WATCH_OFFICER})
SATO, ABE, KATO = (Author(f"officer:{name}", WATCH) for name in ("sato", "abe", "kato"))
MORI = Author("officer:mori", frozenset({Role.ADMINISTRATOR}))
PROGRAM = Author("program:bot", WATCH)
LASTS = timedelta(minutes=10)
OF = "ab" * 32
"""What a printed note is about, beside the approval."""

_STOPPED = select(written.table).where(written.table.c.text == "stop the press")


def print_note(ask: Write, view: View, desk: Desk) -> Sequence[Draft]:
    """As a note, until somebody writes `stop the press`. Raises BadField."""
    if view.rows(_STOPPED):
        raise BadField(field="text", why="the press was stopped")
    return [structs.replace(one, about=(OF,)) for one in write(ask, view, desk)]


def press() -> tuple[Instrument, Instrument]:
    """The notebook with that command, and the office."""
    whole = notebook()
    made = Command("print", Write, print_note, WATCH, persons=2, confirm="Print it?", drill="Play printing it?")
    return replace(whole, commands=(*whole.commands, made)), OFFICE


def ask(world: World, author: Author, command: str, what: Struct, ask_id: str) -> Said:
    return world.say(Asked(author, command, what, ask_id))


def propose(world: World, text: str, by: Author = SATO, ask_id: str | None = None) -> str:
    """The id of the proposal to print that."""
    said = ask(world, by, "notebook/print", Write("news", text), ask_id or f"print:{text}")
    assert said.waits
    return said.records[0]


def approve(world: World, proposal: str, by: Author = ABE, ask_id: str | None = None) -> Said:
    return ask(world, by, "office/approve", ApproveAsk(proposal), ask_id or f"approve:{proposal[:16]}")


def decline(world: World, proposal: str, by: Author = ABE) -> Said:
    return ask(world, by, "office/decline", DeclineAsk(proposal, "not now"), f"decline:{proposal[:16]}")


def proposals(world: World) -> dict[str, Proposal]:
    """What the screens show, by id."""
    return {one.id: one for one in world.judge("office/proposals", NoAsk()).proposals}
