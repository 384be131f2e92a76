"""Who belongs to a world now, and by which keys: the cards in the folder and what the log has said since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from laurel.border.sealing import SealingSecret
from laurel.core.errors import Broken
from laurel.core.instrument import View
from laurel.core.record import key_id
from laurel.core.roster import Card, KeySpan, Roster, SealingKey, Standing, spans_of
from laurel.instruments.line import keys as line_keys
from laurel.instruments.line.keys import Change
from laurel.instruments.line.records import (
    KEY_CHANGED,
    SEALING_KEY_CHANGED,
    STANDING_ASSENTED,
    STANDING_PROPOSED,
)

# A record of these kinds changes who may say and hear the next one, and by which keys.
ROSTER_KINDS = frozenset(kind.name for kind in (KEY_CHANGED, SEALING_KEY_CHANGED, STANDING_PROPOSED, STANDING_ASSENTED))


class NoKey(Broken):
    """The log names a key of ours whose secret is not here."""

    says = "the key that we sign with now is not in this node's folder"
    remedy = "restore the world's keys folder from a backup; nothing can be said until then"


@dataclass(frozen=True)
class Keys:
    """What this node holds in secret for one world, by name. Which of them signs now is for the roster to say."""

    signing: Mapping[str, Ed25519PrivateKey]
    sealing: Mapping[str, SealingSecret] = field(default_factory=dict[str, SealingSecret])

    def signer(self, roster: Roster) -> tuple[str, Ed25519PrivateKey]:
        """The one key that is in force, and its name. Raises NoKey."""
        for name in roster.names_in_force(roster.me):
            if name in self.signing:
                return name, self.signing[name]
        raise NoKey(member=roster.me, world=roster.world.name, in_force=sorted(roster.names_in_force(roster.me)))


def roster_of(cards: Roster, view: View) -> Roster:
    """The roster in force: what the cards say, and what the log says of keys and standings since."""
    changes = line_keys.changes(view, cards.me)
    spans = {code: _spans(card, changes.get(code, ())) for code, card in cards.cards.items()}
    said = line_keys.sealing_keys(view)
    sealing = {code: _later(card.sealing, said.get(code)) for code, card in cards.cards.items()}
    return replace(cards, standings=standings(cards, view), spans={**cards.spans, **spans}, sealing=sealing)


def standings(cards: Roster, view: View) -> Mapping[str, Standing]:
    """What each member is now: as the compact names it, and as all whom it names have agreed since."""
    del view
    return cards.standings


def _spans(card: Card, changes: Sequence[Change]) -> tuple[KeySpan, ...]:
    """The keys of a member: those of its card, and each that a key we knew before has vouched for."""
    known = {key_id(span.key): span for span in spans_of(card)}
    for change in changes:
        if change.old in known:
            ends = {(end.audience, end.precedence): end.number for end in change.ends}
            known[change.old] = KeySpan(known[change.old].key, ends)
            new = Ed25519PublicKey.from_public_bytes(change.new)
            known.setdefault(key_id(new), KeySpan(new))
    return tuple(known.values())


def _later(card: SealingKey, said: SealingKey | None) -> SealingKey:
    return said if said is not None and said.generation > card.generation else card
