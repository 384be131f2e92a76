"""What each member is: proposed by one, in force when all whom the compact names have assented.

`agreement.py` says when that is. Here are the records' tables, what officers may ask, and what is told to one that
comes in or comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurel.core.errors import BadAsk, BadField, BadSignature, Malformed, Nothing
from laurel.core.fields import Code, Line, RecordId
from laurel.core.instrument import (
    Command,
    Desk,
    Item,
    NoAsk,
    Noun,
    Query,
    Role,
    View,
)
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.roster import Card, Standing, fingerprint, open_card
from laurel.instruments.line import voting
from laurel.instruments.line.agreement import MIN_ASKED, Agreed, Base, Change, Proposal
from laurel.instruments.line.records import (
    STANDING_ASSENTED,
    STANDING_PROPOSED,
    Held,
    StandingAssented,
    StandingDeclined,
    StandingProposed,
    StandingsTold,
)
from laurel.instruments.line.voting import PROPOSED, TOLD, VOTED, facts, in_force

PRINCIPALS = frozenset({Role.PRINCIPAL})
ENTITLED = frozenset({Standing.MEMBER, Standing.READER})


class LiveChangesOnly(BadAsk):
    """An exercise has the members of its compact."""

    says = "who belongs to a compact is changed in its live world only"
    remedy = "ask the live world of the compact"


class NotAsked(BadAsk):
    """The compact does not name this member for that change."""

    says = "this member's assent to that change is not asked"
    remedy = "those who are asked stand in the facts"


class TooFewAsked(BadAsk):
    """Nobody alone changes what another is."""

    says = "too few members would have to assent: nobody decides alone what another is"
    remedy = "at your own node, laurel expel cuts a member off; what it is to others takes two"


class VoteSpent(BadAsk):
    """One change at a time: a second yes could bring another into force somewhere else."""

    says = "this member has spoken on a change of this turn already"
    remedy = "wait until that one is agreed or cannot be any more; if it is declined, propose anew"


class NoLongerOpen(BadAsk):
    """It cannot come into force any more."""

    says = "this change can no longer be agreed"
    remedy = "propose it anew: who belongs has changed since, or somebody spoke for another change"


class NotThatCard(BadAsk):
    """The card is what is agreed to."""

    says = "the fingerprint is not that of the card in the proposal"
    remedy = "call the new member and compare; if its card has another fingerprint, decline"


class ProposeStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member shall be from now on: member, reader, suspended or expelled. A new one comes with its card."""

    member: Code
    standing: Standing
    reason: Line
    name: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    card: Annotated[str, Meta(min_length=1, max_length=64_000)] | None = None


class AssentStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """Agree to a proposal, by the id that was on the screen; with a card, also by the fingerprint you compared."""

    proposal: RecordId
    fingerprint: Annotated[str, Meta(max_length=80)] | None = None


class DeclineStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """Do not agree to a proposal: it cannot come into force any more."""

    proposal: RecordId
    reason: Line


def propose(ask: ProposeStanding, view: View, desk: Desk) -> Sequence[Draft]:
    """Say to all who are entitled what a member shall be. It is this member's own assent.

    Raises LiveChangesOnly, NotAsked, TooFewAsked, VoteSpent, BadField.
    """
    now = _agreed(view, desk)
    base = now.base
    asked = _asked(base, ask.member, desk)
    is_now = base.standings.get(ask.member)
    if ask.standing is is_now:
        raise BadField(field="standing", value=ask.standing.value, must="be another than it has")
    name = ask.name or base.names.get(ask.member)
    if is_now in {None, Standing.EXPELLED}:
        _check_newcomer(ask, desk)
    elif ask.card is not None:
        raise BadField(field="card", must="be left out: this member's card was admitted before")
    turn = now.ballot.turn
    _check_unspent(now, turn, desk)
    body = StandingProposed(
        ask.member, name or ask.member, ask.standing, ask.reason, base.after, turn, tuple(sorted(asked)), ask.card
    )
    return (Draft(body, _to_all(base), Precedence.IMMEDIATE),)


def assent(ask: AssentStanding, view: View, desk: Desk) -> Sequence[Draft]:
    """Agree to it. In force with the last assent that it needs.

    Raises LiveChangesOnly, Nothing, NoLongerOpen, NotAsked, VoteSpent, NotThatCard.
    """
    now, found = _open_proposal(ask.proposal, view, desk)
    if found.card is not None:
        shown = fingerprint(open_card(found.card.encode()))
        if ask.fingerprint is None or ask.fingerprint.split() != shown.split():
            raise NotThatCard(member=found.member, you_gave=ask.fingerprint)
    body = StandingAssented(found.id, found.after, found.turn)
    return (Draft(body, _to_all(now.base), Precedence.IMMEDIATE, about=(found.id,), answers=found.id),)


def decline(ask: DeclineStanding, view: View, desk: Desk) -> Sequence[Draft]:
    """Do not agree to it. Raises LiveChangesOnly, Nothing, NoLongerOpen, NotAsked, VoteSpent."""
    now, found = _open_proposal(ask.proposal, view, desk)
    body = StandingDeclined(found.id, found.after, found.turn, ask.reason)
    return (Draft(body, _to_all(now.base), Precedence.IMMEDIATE, about=(found.id,), answers=found.id),)


def _agreed(view: View, desk: Desk) -> Agreed:
    if desk.world.exercise is not None:
        raise LiveChangesOnly(world=desk.world.name)
    return in_force(view, desk.founded or dict.fromkeys(desk.members, Standing.MEMBER), desk.member)


def _open_proposal(proposal: str, view: View, desk: Desk) -> tuple[Agreed, Proposal]:
    now = _agreed(view, desk)
    found = facts(view).proposals.get(proposal)
    if found is None:
        raise Nothing(proposal=proposal)
    if found.after != now.base.after or not now.ballot.may_pass(found):
        raise NoLongerOpen(proposal=proposal, member=found.member, standing=found.standing.value)
    _asked(now.base, found.member, desk)
    _check_unspent(now, found.turn, desk)
    return now, found


def _asked(base: Base, member: str, desk: Desk) -> frozenset[str]:
    asked = base.asked(member)
    if desk.member not in asked:
        raise NotAsked(member=desk.member, asked=", ".join(sorted(asked)))
    if len(asked) < MIN_ASKED:
        raise TooFewAsked(asked=", ".join(sorted(asked)), at_least=MIN_ASKED)
    return asked


def _check_unspent(now: Agreed, turn: int, desk: Desk) -> None:
    spoken = {said for said, votes in now.ballot.first.items() if said >= turn and desk.member in votes}
    if spoken:
        raise VoteSpent(member=desk.member, turn=min(spoken))


def _check_newcomer(ask: ProposeStanding, desk: Desk) -> None:
    """Only one who comes in, by a whole card of its own for this very world. Raises BadField."""
    if ask.standing not in ENTITLED:
        raise BadField(field="standing", value=ask.standing.value, must="be member or reader: it does not belong yet")
    if ask.card is None or ask.name is None:
        raise BadField(missing="card and name", why="a new member is admitted by its card")
    card = card_in(ask.card)
    if card is None or (card.member, card.world) != (ask.member, desk.world):
        raise BadField(field="card", must=f"be a whole card of {ask.member} for {desk.world.name}")


def _to_all(base: Base) -> Label:
    return label(Classification.RESTRICTED, set(base.entitled))


def card_in(text: str) -> Card | None:
    """The card in a proposal, or None when it is not whole."""
    try:
        return open_card(text.encode())
    except (Malformed, BadSignature):
        return None


# What follows


def on_change(record_id: str, record: Record[Any], view: View, desk: Desk) -> Sequence[Draft]:
    """To each that a change let in, once: who belongs since. It holds no record that says so."""
    del record_id, record
    if desk.world.exercise is not None or desk.member not in desk.members:
        return ()
    now = in_force(view, desk.founded or dict.fromkeys(desk.members, Standing.MEMBER), desk.member)
    said = {(row.after, row.to_member) for row in view.rows(TOLD) if row.by_member == desk.member}
    return [
        _tell(one, desk)
        for one in now.changes
        if one.lets_in and one.proposal.member != desk.member and (one.proposal.id, one.proposal.member) not in said
        if one.proposal.member in now.base.entitled
    ]


def _tell(change: Change, desk: Desk) -> Draft:
    since, newcomer = change.since, change.proposal.member
    held = tuple(Held(code, since.names.get(code, code), one) for code, one in sorted(since.standings.items()))
    told_to = label(Classification.RESTRICTED, {desk.member, newcomer})
    return Draft(StandingsTold(change.proposal.id, held), told_to, Precedence.IMMEDIATE)


class ChangeRow(Struct, frozen=True):
    """One proposal, and who has spoken on it. `words` are what an officer who assents must have read."""

    proposal: str
    at: datetime
    by: str
    author: str
    member: str
    name: str
    standing: Standing
    reason: str
    fingerprint: str | None
    asked: tuple[str, ...]
    assented: tuple[str, ...]
    declined: tuple[str, ...]
    words: str


class Changes(Struct, frozen=True):
    """Every change of standing that was proposed, oldest first."""

    changes: tuple[ChangeRow, ...]


def answer_changes(ask: NoAsk, view: View, now: datetime) -> Changes:
    """Every change of standing that was proposed, who assented and who declined."""
    del ask, now
    votes = view.rows(VOTED)
    rows: list[ChangeRow] = []
    for row in view.rows(PROPOSED):
        asked = set(row.asked.split())
        assented = {vote.by_member for vote in votes if vote.proposal == row.id} & asked
        declined = {vote.by_member for vote in votes if vote.declined == row.id} & asked
        card = None if row.card is None else card_in(row.card)
        shown = None if card is None else fingerprint(card)
        rows.append(
            ChangeRow(
                proposal=row.id,
                at=datetime.fromisoformat(row.at),
                by=row.by_member,
                author=row.author,
                member=row.member,
                name=row.name,
                standing=Standing(row.standing),
                reason=row.reason,
                fingerprint=shown,
                asked=tuple(sorted(asked)),
                assented=tuple(sorted(assented)),
                declined=tuple(sorted(declined)),
                words=_words(row.member, row.name, Standing(row.standing), shown),
            )
        )
    return Changes(tuple(rows))


WORDS: Mapping[Standing, str] = {
    Standing.MEMBER: "shall be a member: it speaks, and may be named by every label from the next record on",
    Standing.READER: "shall be a reader: it is told what policies release to readers, and says receipts alone",
    Standing.SUSPENDED: "shall be suspended: nothing more goes to it or is taken from it",
    Standing.EXPELLED: "shall be expelled: its keys count for nothing more",
}


def _words(member: str, name: str, standing: Standing, shown: str | None) -> str:
    said = f"{member} ({name}) {WORDS[standing]}. It keeps what it has; nothing of the past is granted."
    return said if shown is None else f"{said} Its card has the fingerprint {shown}: call {name} and compare."


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each proposal that waits for somebody who is asked."""
    labels = {row.id: row.label for row in view.rows(PROPOSED)}
    followed = {row.after for row in view.rows(PROPOSED)}
    open_ = [
        one
        for one in answer_changes(NoAsk(), view, now).changes
        if not one.declined and set(one.assented) != set(one.asked) and one.proposal not in followed
    ]
    return [
        Item(
            subject=one.proposal,
            title=f"{one.by} proposes: {one.member} {one.standing.value}",
            state=f"waiting for {', '.join(sorted(set(one.asked) - set(one.assented)))}",
            due=None,
            offices=("principal",),
            label=msgspec.json.decode(labels[one.proposal], type=Label),
            summary=f"{one.reason}. {one.words}",
        )
        for one in open_
    ]


TABLES = voting.TABLES
FOLDS = voting.FOLDS
COMMANDS = (
    Command("propose-standing", ProposeStanding, propose, PRINCIPALS, confirm="Propose to change who belongs here?"),
    Command(
        "assent-standing",
        AssentStanding,
        assent,
        PRINCIPALS,
        confirm="Have you read this proposal's words, and does this government agree to them?",
    ),
    Command("decline-standing", DeclineStanding, decline, PRINCIPALS, confirm="Decline, so that this cannot pass?"),
)
QUERIES = (Query("standings", NoAsk, Changes, answer_changes, live=True),)
REACTIONS = {STANDING_PROPOSED.name: on_change, STANDING_ASSENTED.name: on_change}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, reactions=REACTIONS, docket=docket)
