"""What a node holds in secret, and the cards by which members come to trust each other's keys.

Every world has keys of its own. A card is admitted when

1. it is whole: its own signature holds, and what it carries is well formed;
2. it is for this world, and not our own;
3. the compact names the member, or its members agreed to it by record;
4. no other key of that member is admitted here, unless the member's own records told us of the new one and the
   card names the old among its former ones; and it is not older than the card we hold;
5. none of its keys is already somebody else's.

That the card is truly that member's is for two officers to find out, by comparing fingerprints: of a founding
member each for itself, of a later one those who assent to its proposal, which carries the card.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from laurel.border.sealing import public_from
from laurel.core.errors import BadAsk, BadField, Broken, Malformed, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import World, key_id
from laurel.core.roster import Card, Roster, SealingKey, fingerprint, open_card, sign_card
from laurel.node.home import terms
from laurel.node.home.compact import load_compact
from laurel.node.home.keyfiles import (
    BadKeyFile,
    make_sealing_key,
    make_signing_key,
    signing_keys,
)
from laurel.node.home.layout import (
    PRIVATE_FILE,
    Layout,
    Settings,
    WorldLayout,
    check_port,
    check_settings,
    make_folder,
    read_settings,
    split_address,
    write_file,
    write_settings,
    writing,
)
from laurel.node.home.nkey import SEED_BYTES, is_public_user_key, is_user_seed, public_user_key, user_seed
from laurel.node.home.pki import make_authority, make_client, make_server, read_authority

MAX_CARD_BYTES = 32 * 1024
MAX_NAME_LENGTH = 80


class NodeExists(BadAsk):
    """A node is made once."""

    says = "there is a node in this folder already"
    remedy = "choose another folder; keys are never overwritten"


class WorldExists(BadAsk):
    """A world's keys are made once."""

    says = "this node has that world already"
    remedy = "use it as it is; keys are never overwritten"


class NoSuchWorld(Broken):
    """A world's keys or cards are not here."""

    says = "this node does not take part in that world"
    remedy = "make it first: laurel init for the live one, laurel exercise join for an exercise"


class OwnCard(BadAsk):
    """Nobody is its own peer."""

    says = "this is our own card"
    remedy = "hand it to the other members, and admit the cards that they hand to you"


class KeyChanged(BadAsk):
    """The one case in which an officer must make a call."""

    says = "this member is already known by another key"
    remedy = "call the member and compare fingerprints; only if it truly made new keys, laurel expel, then admit"


class OlderCard(BadAsk):
    """An old address must not be played back."""

    says = "a newer card of this member is already admitted"
    remedy = "ask the member for its present card"


class KeyTaken(Untrusted):
    """A key names one member in one world."""

    says = "this card carries a key that is already somebody else's"
    remedy = "refuse it and tell the member: a key has one owner and one world"


@dataclass(frozen=True)
class Credentials:
    """How one world's courier signs in: at our own server, and at the peers'."""

    own_host: str
    own_port: int
    own_authority: str
    certificate: Path
    key: Path
    local_seed: str
    peer_seed: str


def init_node(layout: Layout, settings: Settings, now: datetime, *, newcomer: bool = False) -> None:
    """Make the node's folder, its TLS identity and its live world.

    A `newcomer` is not named by the compact: its members admit it by record. Raises NodeExists, BadField, Nothing (no
    such compact), CannotWrite, DiskFull. node.toml comes last, so an attempt that broke off is simply made again.
    """
    check_settings(settings)
    if layout.settings.exists():
        raise NodeExists(folder=layout.folder)
    _check_named(settings.member, settings.compact, newcomer=newcomer)
    for folder in (layout.folder, layout.keys, layout.nats, layout.worlds):
        make_folder(folder)
    authority = make_authority(settings.member, now)
    server = make_server(authority, settings.member, settings.host, now)
    client = make_client(authority, settings.member, now)
    write_file(layout.authority_key, authority.key_pem, PRIVATE_FILE)
    write_file(layout.authority, authority.certificate_pem)
    write_file(layout.server_key, server.key_pem, PRIVATE_FILE)
    write_file(layout.server_certificate, server.certificate_pem)
    write_file(layout.client_key, client.key_pem, PRIVATE_FILE)
    write_file(layout.client_certificate, client.certificate_pem)
    _make_keys(layout, settings, World(settings.compact), now)
    write_settings(layout, settings)


def make_world(layout: Layout, world: World, now: datetime) -> None:
    """Keys and our own card for one more exercise. Raises WorldExists, BadField, CannotWrite, DiskFull."""
    settings = read_settings(layout)
    if not layout.world(World(world.compact)).card(settings.member).exists():
        joined = ", ".join(one.name for one in worlds(layout) if one.exercise is None)
        raise BadField(field="compact", value=world.compact, must=f"be one that this node is in: {joined}")
    if layout.world(world).card(settings.member).exists():
        raise WorldExists(world=world.name)
    _make_keys(layout, settings, world, now)


def join_compact(layout: Layout, compact: str, http_port: int, now: datetime, *, newcomer: bool = False) -> World:
    """A second live world on the same node: keys, card, database, accounts and port of its own.

    The machine, its TLS identity, its NATS server and its officers are shared. Raises Nothing (no such compact),
    WorldExists, BadField, CannotWrite, DiskFull.
    """
    settings = read_settings(layout)
    world = World(compact)
    _check_named(settings.member, compact, newcomer=newcomer)
    place = layout.world(world)
    if place.card(settings.member).exists():
        raise WorldExists(world=world.name)
    check_port("http_port", http_port)
    taken = {terms.http_port(settings, layout.world(one)): one.name for one in worlds(layout)}
    if http_port in taken or http_port == settings.nats_port:
        raise BadField(field="http_port", value=http_port, must="be free", used_by=taken.get(http_port, "NATS"))
    make_folder(place.folder)
    terms.write_joined(place, terms.Joined(http_port))
    _make_keys(layout, settings, world, now)
    return world


def _check_named(member: str, compact: str, *, newcomer: bool) -> None:
    codes = load_compact(compact).codes
    if member not in codes and not newcomer:
        raise BadField(
            field="member", value=member, must=f"be one of {', '.join(sorted(codes))}, or a newcomer with a name"
        )


def card(layout: Layout, world: World, now: datetime) -> bytes:
    """Our signed card for a world: what is handed to the other members.

    It is the same file until the node's name, host or port changes; then a new one is signed.
    """
    settings = read_settings(layout)
    place = layout.world(world)
    file = _read(place, place.card(settings.member))
    held = open_card(file)
    if (held.name, held.address) == (settings.name, settings.address):
        return file
    anew = replace(held, name=settings.name, address=settings.address, made_at=now)
    return _write_own_card(place, anew, signing_key(layout, world))


def renew_card(
    layout: Layout, world: World, key: Ed25519PrivateKey, former: tuple[bytes, ...], sealing: SealingKey, now: datetime
) -> bool:
    """Let our own card name the keys that are in force now. Whether it was another before."""
    place = layout.world(world)
    held = open_card(_read(place, place.card(read_settings(layout).member)))
    public = key.public_key().public_bytes_raw()
    names = replace(held, signing_key=public, former=former, sealing_name=sealing.name, sealing_public=sealing.public)
    if names == held:
        return False
    _write_own_card(place, replace(names, made_at=now), key)
    return True


def admit_card(layout: Layout, world: World, file: bytes, vouched: Collection[bytes] = ()) -> Card:
    """Admit a member to a world by its card: the five checks above.

    `vouched` are the keys for which that member's own records here have vouched (`ledger.told_keys`).

    Raises Malformed, BadSignature, WrongWorld, OwnCard, UnknownMember, KeyChanged, OlderCard, KeyTaken.
    """
    settings = read_settings(layout)
    roster = load_roster(layout, world)
    offered = _open_offered(file)
    if offered.world != world:
        raise WrongWorld(what="member card", said_in=offered.world.name, offered_to=world.name)
    if offered.member == settings.member:
        raise OwnCard(member=offered.member)
    if offered.member not in roster.entitled:
        raise UnknownMember(member=offered.member, compact=world.compact, members=", ".join(sorted(roster.entitled)))
    held = roster.cards.get(offered.member)
    if held is not None and not _may_follow(offered, held, vouched):
        raise KeyChanged(member=offered.member, admitted=fingerprint(held), offered=fingerprint(offered))
    if held is not None and held.made_at > offered.made_at:
        raise OlderCard(member=offered.member, admitted=held.made_at, offered=offered.made_at)
    _check_keys_are_its_own(layout, offered)
    write_file(layout.world(world).card(offered.member), file)
    return offered


def expel_member(layout: Layout, world: World, member: str) -> None:
    """Take a member's card away. Raises UnknownMember, OwnCard, CannotWrite."""
    if member == read_settings(layout).member:
        raise OwnCard(member=member)
    place = layout.world(world).card(member)
    if member not in load_roster(layout, world).cards:
        raise UnknownMember(member=member, world=world.name)
    with writing(place):
        place.unlink()


def worlds(layout: Layout) -> tuple[World, ...]:
    """The worlds this node takes part in, live ones first, its own first compact before all.

    Raises NoNodeHere, BadNodeFile.
    """
    settings = read_settings(layout)
    found = layout.worlds_with(settings.member)
    return tuple(sorted(found, key=lambda one: (one.exercise is not None, one.compact != settings.compact, one.name)))


def load_roster(layout: Layout, world: World) -> Roster:
    """The members of a world as this node knows them, itself included. Raises NoSuchWorld, BadKeyFile."""
    settings = read_settings(layout)
    place = layout.world(world)
    if not place.card(settings.member).is_file():
        raise NoSuchWorld(world=world.name, member=settings.member)
    cards = {file.stem: _read_card(place, file) for file in sorted(place.peers.glob("*.card"))}
    compact = load_compact(world.compact)
    # An exercise has the members of its compact, as the live world last filed them.
    filed = terms.read_members(layout.world(World(world.compact)))
    standings = {one.code: one.standing for one in filed} or compact.standings
    names = compact.names | {one.code: one.name for one in filed}
    return Roster(
        world, settings.member, standings, cards, founded=compact.standings, names=names, charter=compact.charter
    )


def signing_key(layout: Layout, world: World) -> Ed25519PrivateKey:
    """The key that our own card for a world names. Raises NoSuchWorld, BadKeyFile."""
    place = layout.world(world)
    own = place.card(read_settings(layout).member)
    name = key_id(open_card(_read(place, own)).key)
    found = signing_keys(place).get(name)
    if found is None:
        raise BadKeyFile(file=place.signing_key, why="the key that our card names is not here")
    return found[1]


def local_key(layout: Layout, world: World) -> str:
    """The public nkey by which our own server knows this world's courier. Raises NoSuchWorld."""
    place = layout.world(world)
    return public_user_key(_read_seed(place, place.local_seed))


def credentials(layout: Layout, world: World) -> Credentials:
    """How the courier of a world signs in. Raises NoSuchWorld."""
    settings = read_settings(layout)
    place = layout.world(world)
    return Credentials(
        own_host=settings.own_host,
        own_port=settings.nats_port,
        own_authority=_read(place, layout.authority).decode(),
        certificate=layout.client_certificate,
        key=layout.client_key,
        local_seed=_read_seed(place, place.local_seed),
        peer_seed=_read_seed(place, place.peer_seed),
    )


def _make_keys(layout: Layout, settings: Settings, world: World, now: datetime) -> None:
    place = layout.world(world)
    for folder in (place.folder, place.keys, place.peers):
        make_folder(folder)
    key = make_signing_key(place.signing_key)
    sealing, _ = make_sealing_key(place, 0)
    for path in (place.peer_seed, place.local_seed):
        write_file(path, f"{user_seed(secrets.token_bytes(SEED_BYTES))}\n".encode(), PRIVATE_FILE)
    ours = Card(
        member=settings.member,
        name=settings.name,
        world=place.world,
        signing_key=key.public_key().public_bytes_raw(),
        nats_key=public_user_key(_read_seed(place, place.peer_seed)),
        tls_authority=_read(place, layout.authority).decode(),
        address=settings.address,
        made_at=now,
        sealing_name=sealing.name,
        sealing_public=sealing.public,
    )
    _write_own_card(place, ours, key)


def _write_own_card(place: WorldLayout, ours: Card, key: Ed25519PrivateKey) -> bytes:
    file = sign_card(ours, key)
    write_file(place.card(ours.member), file)
    return file


def _may_follow(offered: Card, held: Card, vouched: Collection[bytes]) -> bool:
    """Whether a later card may name that key: the same, or one that the member's records told us of."""
    if offered.signing_key == held.signing_key:
        return True
    return offered.signing_key in vouched and held.signing_key in offered.former


def _open_offered(file: bytes) -> Card:
    """The card in a file that somebody handed us. What ends up in the server's configuration is checked."""
    if len(file) > MAX_CARD_BYTES:
        raise Malformed(what="member card", bytes=len(file), limit=MAX_CARD_BYTES)
    offered = open_card(file)
    try:
        read_authority(offered.tls_authority)
        split_address(offered.address)
        public_from(offered.sealing_public)
    except (BadField, Malformed) as error:
        raise Malformed(what="member card", member=offered.member, why=error) from None
    if not is_public_user_key(offered.nats_key):
        raise Malformed(what="member card", member=offered.member, why="its NATS key is no user key")
    if not offered.name.isprintable() or not 1 <= len(offered.name) <= MAX_NAME_LENGTH:
        raise Malformed(what="member card", member=offered.member, why="its name cannot be shown")
    return offered


def _check_keys_are_its_own(layout: Layout, offered: Card) -> None:
    """Two accounts with one key would make the server refuse its whole configuration."""
    for world in worlds(layout):
        if offered.nats_key == local_key(layout, world):
            raise KeyTaken(member=offered.member, owner="this node", world=world.name)
        for known in load_roster(layout, world).cards.values():
            if (known.member, known.world) == (offered.member, offered.world):
                continue
            if offered.nats_key == known.nats_key or offered.signing_key == known.signing_key:
                raise KeyTaken(member=offered.member, owner=known.member, world=known.world.name)


def _read_card(place: WorldLayout, file: Path) -> Card:
    try:
        held = open_card(_read(place, file))
    except Untrusted as error:
        raise BadKeyFile(file=file, why=error) from None
    if held.member != file.stem or held.world != place.world:
        raise BadKeyFile(file=file, why=f"it is the card of {held.member} for {held.world.name}")
    return held


def _read_seed(place: WorldLayout, file: Path) -> str:
    seed = _read(place, file).decode(errors="replace").strip()
    if not is_user_seed(seed):
        raise BadKeyFile(file=file, why="not a NATS user seed")
    return seed


def _read(place: WorldLayout, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NoSuchWorld(world=place.world.name, missing=file) from None
    except OSError as error:
        raise BadKeyFile(file=file, why=error.strerror) from None
