"""What takes two persons, where the node must know every command: proposing one, and doing it once it is approved.

The proposal is a record; the approval is another, and it is the act. In the one transaction of the approval the
proposed ask is decided with the views and the time of now, so nothing is done that would be refused now. What it
says names both officers as its author, and the approval first among what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Struct, structs

from laurel.core.errors import BadField, NotPermitted
from laurel.core.instrument import Command, Desk, Role, View
from laurel.core.record import Draft
from laurel.instruments.office.records import Proposed
from laurel.instruments.office.twofold import Proposal, SecondPersonNeeded, home, is_person, proposal_of

APPROVE, DECLINE = "office/approve", "office/decline"
ON_A_PROPOSAL = frozenset({APPROVE, DECLINE})


class StaleProposal(BadField):
    """It was proposed to an older version of this node, whose command asked otherwise."""

    says = "what was proposed can no longer be asked like this"
    remedy = "decline it and propose it anew"


def propose(path: str, command: Command[Any], ask: Struct, view: View, desk: Desk) -> Sequence[Draft]:
    """The proposal, once the ask was seen to be one that would be done now. Raises SecondPersonNeeded, BadAsk.

    A program or the node may not propose either: it and one officer are not two persons.
    """
    if not is_person(desk.author):
        raise SecondPersonNeeded(author=desk.author, command=path)
    command.decide(ask, view, desk)
    text = msgspec.json.encode(ask, order="deterministic").decode()
    words = command.words(desk.world) or ""
    body = Proposed(path, text, words, round(command.lapses.total_seconds()))
    return (Draft(body, home(desk.member)),)


def proposal_for(
    ask: Any, roles: frozenset[Role], command_of: Callable[[str], Command[Any]], view: View, desk: Desk
) -> tuple[Proposal, Command[Any]]:
    """The proposal that an approval or refusal names. Raises Nothing, NotPermitted for who may not ask that itself."""
    found = proposal_of(view, ask.proposal, desk.now)
    command = command_of(found.command)
    if not roles & command.roles:
        raise NotPermitted(author=desk.author, command=found.command, needs=", ".join(sorted(command.roles)))
    return found, command


def done(found: Proposal, command: Command[Any], approval: str, view: View, desk: Desk) -> tuple[Sequence[Draft], Desk]:
    """What the approved ask says now, and the desk it is said at, with both names. Raises StaleProposal, BadAsk."""
    try:
        ask = msgspec.json.decode(found.ask, type=command.ask)
    except msgspec.ValidationError as error:
        raise StaleProposal(proposal=found.id, command=found.command, why=str(error)) from None
    both = replace(desk, author=f"{found.by}+{desk.author}")
    drafts = command.decide(ask, view, both)
    return [structs.replace(one, about=(approval, *one.about)) for one in drafts], both
