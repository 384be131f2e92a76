"""How what the members agreed by record comes into the node's folder, where its other processes read it.

The live world's log is the authority. Its own process files who belongs (so that the NATS server lets nobody else
sign in, and exercises have the same members), and admits the cards that the agreed proposals carry.
"""

from __future__ import annotations

import logging

from laurel.core.errors import LaurelError
from laurel.core.roster import Roster
from laurel.instruments.line.voting import in_force
from laurel.node.home import keys
from laurel.node.home.terms import Member, read_members, write_members
from laurel.node.keep.reader import Reader
from laurel.node.site import Site

log = logging.getLogger(__name__)


async def follow_members(site: Site) -> None:
    """Carry agreed standings and cards of the live world into its folder."""
    roster = site.station.roster
    place = site.layout.world(site.station.world)
    before = read_members(place)
    if not before and roster.standings == roster.founded:
        return
    names = site.names
    now = tuple(Member(code, names.get(code, code), one) for code, one in sorted(roster.standings.items()))
    if now != before:
        write_members(place, now)
        log.warning("who belongs to %s: %s", site.station.world.name, _said(now))
    for member, card in (await site.station.reading(lambda: _agreed_cards(site, roster))).items():
        if not place.card(member).exists():
            _admit(site, member, card)


def _agreed_cards(site: Site, roster: Roster) -> dict[str, str]:
    """The last card that a change in force carried for each member that is entitled now."""
    with site.station.inner.store.reading() as from_:
        changes = in_force(Reader(from_), roster.founded, roster.me).changes
    cards = {one.proposal.member: one.proposal.card for one in changes if one.proposal.card is not None}
    return {member: card for member, card in cards.items() if member in roster.entitled and member != roster.me}


def _admit(site: Site, member: str, card: str) -> None:
    try:
        keys.admit_card(site.layout, site.station.world, card.encode())
    except LaurelError:
        log.exception("the card of %s, which the members agreed to, was not admitted", member)
    else:
        log.warning("%s was admitted to %s by agreement", member, site.station.world.name)


def _said(members: tuple[Member, ...]) -> str:
    return ", ".join(f"{one.code} {one.standing.value}" for one in members)
