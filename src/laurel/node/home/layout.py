"""A node's folder: what lies where, and how its files are written.

    node.toml                     who this node is
    services.toml                 the services of its own that it sends errands to, if it has any
    people.db                     its officers, sessions and credentials, for all its worlds
    keys/                         TLS: its authority, its server, its client
    nats/                         the NATS server's configuration, streams and log
    worlds/<world>/world.db       one world's log and views
    worlds/<world>/keys/          what it signs with, and how its courier signs in
    worlds/<world>/peers/         the cards of its members, this one included
    worlds/<world>/taxii/         what became of what TAXII clients added, for a day
    worlds/<world>/ending.json    how far the end of an exercise has come: the last of its files to go
    archives/                     what is kept of exercises that ended, and files of logs that shall be replayed here
    replays/                      what open replays copy for themselves, for as long as they are open

A file is old or new, never half: it is written beside its place, flushed and renamed.
"""

from __future__ import annotations

import errno
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from laurel.core.errors import BadField, Broken, DiskFull
from laurel.core.label import MEMBER_CODE
from laurel.core.record import World

PRIVATE_FILE = 0o600
PUBLIC_FILE = 0o644
PRIVATE_FOLDER = 0o700

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LAST_PORT = 65_535


class NoNodeHere(Broken):
    """There is no node.toml."""

    says = "there is no node in this folder"
    remedy = "make one with laurel init, or name its folder"


class BadNodeFile(Broken):
    """node.toml is damaged."""

    says = "the node's own description cannot be read"
    remedy = "mend node.toml, or restore it from a backup"


class CannotWrite(Broken):
    """The system refused to write."""

    says = "a file of the node could not be written"
    remedy = "check the folder's owner, rights and disk; nothing was changed"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who a node is, and where it is reached: `host` is how its peers name it.

    `names` are the hosts by which its officers' browsers reach it besides; `behind_tls` says that they do so through
    a server of its own that speaks TLS. A screen locks after so many minutes without its officer's hand.
    """

    member: str
    name: str
    compact: str
    host: str
    http_port: int
    nats_port: int
    names: tuple[str, ...] = ()
    behind_tls: bool = False
    lock_after_min: int = 15

    @property
    def address(self) -> str:
        """Where peers find its NATS server: `host:port`."""
        return join_address(self.host, self.nats_port)

    @property
    def listens_on(self) -> str:
        """The interface its NATS server binds: this machine alone if its peers are on it; "" is all."""
        return self.host if _is_loopback(self.host) else ""

    @property
    def own_host(self) -> str:
        """How the node itself reaches its NATS server."""
        return self.host if _is_loopback(self.host) else "127.0.0.1"


@dataclass(frozen=True)
class WorldLayout:
    """The folder of one world."""

    world: World
    folder: Path

    @property
    def database(self) -> Path:
        """The log and the views."""
        return self.folder / "world.db"

    @property
    def keys(self) -> Path:
        """What this world signs with and signs in by."""
        return self.folder / "keys"

    @property
    def signing_key(self) -> Path:
        """What this member's records in this world are signed with: PKCS 8, PEM."""
        return self.keys / "signing.key"

    @property
    def peer_seed(self) -> Path:
        """The nkey seed that signs in at the peers' servers."""
        return self.keys / "peer.nk"

    @property
    def local_seed(self) -> Path:
        """The nkey seed that signs in at our own server."""
        return self.keys / "local.nk"

    @property
    def peers(self) -> Path:
        """The cards of its members, this one included."""
        return self.folder / "peers"

    @property
    def taxii(self) -> Path:
        """What became of what TAXII clients added, a file for each envelope."""
        return self.folder / "taxii"

    def card(self, member: str) -> Path:
        """The admitted card of a member."""
        return self.peers / f"{member}.card"


@dataclass(frozen=True)
class Layout:
    """The folder of one node."""

    folder: Path

    @property
    def settings(self) -> Path:
        """node.toml: who this node is."""
        return self.folder / "node.toml"

    @property
    def people(self) -> Path:
        """Who may ask at its doors, shared by its worlds."""
        return self.folder / "people.db"

    @property
    def keys(self) -> Path:
        """The keys and certificates of its TLS identity."""
        return self.folder / "keys"

    @property
    def authority_key(self) -> Path:
        """What signs its certificates."""
        return self.keys / "authority.key"

    @property
    def authority(self) -> Path:
        """The certificate its peers trust."""
        return self.keys / "authority.crt"

    @property
    def server_key(self) -> Path:
        """What its server proves itself with."""
        return self.keys / "server.key"

    @property
    def server_certificate(self) -> Path:
        """What its server shows."""
        return self.keys / "server.crt"

    @property
    def client_key(self) -> Path:
        """What its couriers prove themselves with."""
        return self.keys / "client.key"

    @property
    def client_certificate(self) -> Path:
        """What its couriers show."""
        return self.keys / "client.crt"

    @property
    def nats(self) -> Path:
        """The NATS server's files."""
        return self.folder / "nats"

    @property
    def nats_configuration(self) -> Path:
        """Written from the rest of this folder, never by hand."""
        return self.nats / "nats.conf"

    @property
    def nats_authorities(self) -> Path:
        """The TLS authorities of this node and of every peer it admitted."""
        return self.nats / "authorities.pem"

    @property
    def nats_store(self) -> Path:
        """The streams."""
        return self.nats / "jetstream"

    @property
    def nats_log(self) -> Path:
        """What the server says."""
        return self.nats / "nats.log"

    @property
    def nats_pid(self) -> Path:
        """The server's process."""
        return self.nats / "nats.pid"

    @property
    def archives(self) -> Path:
        """What is kept of exercises that ended, and where files of logs are put that shall be replayed here."""
        return self.folder / "archives"

    @property
    def replays(self) -> Path:
        """What replays that are open copy for themselves."""
        return self.folder / "replays"

    @property
    def worlds(self) -> Path:
        """A folder for each world."""
        return self.folder / "worlds"

    def world(self, world: World) -> WorldLayout:
        """Where that world lies, whether or not it was made. Raises BadField."""
        check_name("compact", world.compact)
        if world.exercise is not None:
            check_name("exercise", world.exercise)
        return WorldLayout(world, self.worlds / world.name)

    def worlds_with(self, member: str) -> tuple[World, ...]:
        """The worlds in which that member's card lies here, the live ones first."""
        cards = self.worlds.glob(f"*/peers/{member}.card")
        parts = (card.parent.parent.name.partition(".") for card in cards)
        worlds = (World(compact, exercise or None) for compact, _, exercise in parts)
        return tuple(sorted(worlds, key=lambda world: (world.exercise is not None, world.name)))


def read_settings(layout: Layout) -> Settings:
    """Who the node is. Raises NoNodeHere, BadNodeFile."""
    try:
        text = layout.settings.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NoNodeHere(folder=layout.folder) from None
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        check_settings(settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, BadField) as error:
        raise BadNodeFile(file=layout.settings, why=error) from None
    return settings


def write_settings(layout: Layout, settings: Settings) -> None:
    """Write node.toml. Raises BadField, CannotWrite, DiskFull."""
    check_settings(settings)
    # A JSON string or number is a TOML one; only DEL differs, and it is refused above.
    lines = (
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in msgspec.structs.asdict(settings).items()
    )
    write_file(layout.settings, "".join(lines).encode())


def check_settings(settings: Settings) -> None:
    """Raises BadField for what no node can have."""
    if not MEMBER_CODE.fullmatch(settings.member):
        raise BadField(field="member", value=settings.member, must="be three capital letters")
    check_name("compact", settings.compact)
    if not settings.name.isprintable() or not settings.name.strip():
        raise BadField(field="name", value=settings.name, must="be printable and not empty")
    for host in (settings.host, *settings.names):
        check_host("host", host)
    if settings.lock_after_min < 1:
        raise BadField(field="lock_after_min", value=settings.lock_after_min, must="be a minute or more")
    for field, port in (("http_port", settings.http_port), ("nats_port", settings.nats_port)):
        check_port(field, port)


def check_name(field: str, name: str) -> None:
    """Raises BadField unless it may name a folder, an account and a subject alike."""
    if not _NAME.fullmatch(name):
        raise BadField(field=field, value=name, must="be small letters, digits and hyphens, 40 at most")


def check_host(field: str, host: str) -> None:
    """Raises BadField unless it is a DNS name or an IP address."""
    if not _HOST.fullmatch(host) and not _is_address(host):
        raise BadField(field=field, value=host, must="be a DNS name or an IP address")


def check_port(field: str, port: int) -> None:
    """Raises BadField for a port that no peer could connect to."""
    if not 1 <= port <= _LAST_PORT:
        raise BadField(field=field, value=port, must=f"be between 1 and {_LAST_PORT}")


def join_address(host: str, port: int) -> str:
    """`host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split_address(address: str) -> tuple[str, int]:
    """The host and port of an address. Raises BadField."""
    host, colon, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not colon or not port.isascii() or not port.isdigit():
        raise BadField(field="address", value=address, must="be host:port")
    check_host("address", host)
    check_port("address", int(port))
    return host, int(port)


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may open, and those above it. Raises CannotWrite, DiskFull."""
    with writing(folder):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def write_file(path: Path, content: bytes, mode: int = PUBLIC_FILE) -> None:
    """Replace a file whole, on the disk when this returns. Raises CannotWrite, DiskFull."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """What was named, renamed or removed in it is so on the disk, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Say which file could not be written, and why."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(file=path) from None
        raise CannotWrite(file=path, why=error.strerror) from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
