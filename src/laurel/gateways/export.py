"""What is gathered from a world for a bundle: a conversation's records, or what members said of a joint statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from laurel.core.errors import Nothing, UnknownMember
from laurel.core.record import Sealed, decode
from laurel.core.roster import Roster
from laurel.gateways.bundle import Export, What, make
from laurel.gateways.statement import TITLE, publishable
from laurel.instruments.consult.records import JOINT_STATEMENT
from laurel.instruments.hotline.archive import records_of, subject_of
from laurel.node.keep.reader import Reader
from laurel.node.site import Site


def conversation_bundle(site: Site, conversation: str, author: str, at: datetime, *, home: bool) -> bytes:
    """A conversation of the hotline: what all its members hold of it, and with `home` what we noted for ourselves.

    Whatever was taken back is not in it. Raises Nothing.
    """
    store = site.station.inner.store
    with store.reading() as from_:
        view = Reader(from_)
        opening = view.record(conversation)
        if opening is None:
            raise Nothing(conversation=conversation)
        audiences = {opening.label.rel_to, (site.member,)} if home else {opening.label.rel_to}
        found = store.sealed(from_, records_of(view, conversation))
        title = subject_of(view, conversation)
    records = [one for one in found if decode(one.payload).label.rel_to in audiences]
    return _make(site, What.CONVERSATION, conversation, title, records, author, at)


def statement_bundle(site: Site, consultation: str, at: datetime) -> bytes:
    """What each member stated after this consultation, and nothing else: no card, no name.

    Raises Nothing, NotPublic.
    """
    store = site.station.inner.store
    with store.reading() as from_:
        found = store.of_kind(from_, JOINT_STATEMENT.name)
    ordered = publishable(found, consultation, site.member)
    return _make(site, What.JOINT_STATEMENT, consultation, TITLE, ordered, "", at)


def _make(
    site: Site, what: What, subject: str, title: str, records: Sequence[Sealed], author: str, at: datetime
) -> bytes:
    world, roster = site.station.inner, site.station.roster
    folder = site.layout.world(world.store.world)
    signers = {decode(one.payload).origin for one in records} | {roster.me}
    files = {code: folder.card(code) for code in signers} if what is What.CONVERSATION else {}
    cards = {code: file.read_bytes() for code, file in files.items() if file.is_file()}
    name, key = world.keys.signer(roster)
    keys = _keys(records, roster)
    keys[roster.me] = {**keys.get(roster.me, {}), name: key.public_key()}
    export = Export(what, subject, title, records, cards, keys, roster.me, author, at)
    return make(export, name, key)


def _keys(records: Sequence[Sealed], roster: Roster) -> dict[str, dict[str, Ed25519PublicKey]]:
    """Those that signed these, as far as we still know them."""
    keys: defaultdict[str, dict[str, Ed25519PublicKey]] = defaultdict(dict)
    for sealed in records:
        origin = decode(sealed.payload).origin
        try:
            keys[origin][sealed.key_id] = roster.key(origin, sealed.key_id)
        except UnknownMember:
            # A member whose card was taken away: the checker must have it from elsewhere.
            continue
    return dict(keys)
