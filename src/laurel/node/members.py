"""Who belongs to a world now, and by which keys: the cards in the folder and what the log has said since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from laurel.border.sealing import SealingSecret
from laurel.core.errors import Broken
from laurel.core.instrument import View
from laurel.core.record import key_id
from laurel.core.roster import Card, KeySpan, Roster, SealingKey, spans_of
from laurel.instruments.line import keys as line_keys
from laurel.instruments.line.agreement import Base
from laurel.instruments.line.keys import Change
from laurel.instruments.line.records import KEY_CHANGED, SEALING_KEY_CHANGED
from laurel.instruments.line.voting import STANDING_KINDS, in_force

# A record of these kinds changes who may say and hear the next one, and by which keys.
ROSTER_KINDS = frozenset({KEY_CHANGED.name, SEALING_KEY_CHANGED.name}) | STANDING_KINDS


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
        in_force = roster.names_in_force(roster.me)
        for name in reversed(in_force):
            if name in self.signing:
                return name, self.signing[name]
        raise NoKey(member=roster.me, world=roster.world.name, in_force=", ".join(in_force))

    def with_signing(self, name: str, key: Ed25519PrivateKey) -> Keys:
        """These and one more to sign with."""
        return Keys({**self.signing, name: key}, self.sealing)

    def with_sealing(self, name: str, secret: SealingSecret) -> Keys:
        """These and one more to open with."""
        return Keys(self.signing, {**self.sealing, name: secret})

    def without(self, names: Collection[str]) -> Keys:
        """These but for those of these names."""
        signing = {name: one for name, one in self.signing.items() if name not in names}
        return Keys(signing, {name: one for name, one in self.sealing.items() if name not in names})


def roster_of(cards: Roster, view: View, heard: Mapping[str, SealingKey]) -> Roster:
    """The roster in force: what the cards say, and what the log says of keys and standings since.

    `heard` are sealing keys that members named in their heads: where each is sealed by a key that the other
    has destroyed, their records could not tell them.
    """
    changes = line_keys.changes(view, cards.me)
    spans = {code: _spans(card, changes.get(code, ())) for code, card in cards.cards.items()}
    said = line_keys.sealing_keys(view)
    sealing = {code: _latest(card.sealing, said.get(code), heard.get(code)) for code, card in cards.cards.items()}
    base = _base(cards, view)
    names = {**cards.names, **base.names}
    now = replace(cards, standings=base.standings, founded=cards.founded or cards.standings, names=names)
    return replace(now, spans={**cards.spans, **spans}, sealing=sealing)


def _base(cards: Roster, view: View) -> Base:
    """Who belongs: as the compact's file names it, and as all whom it names have agreed since by record.

    An exercise has the members of its compact, as the live world last filed them in the folder.
    """
    if cards.world.exercise is not None:
        return Base(None, cards.standings)
    return in_force(view, cards.founded or cards.standings, cards.me).base


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


def _latest(*keys: SealingKey | None) -> SealingKey:
    return max((one for one in keys if one is not None), key=lambda one: one.generation)
