"""The secret keys of one world on the disk: made, read, destroyed.

    signing.key             the key it first signed with; signing-<key id>.key those after it
    sealing-<name>.key      the keys that parcels for us are sealed with, the present one and some before it

Which key signs is for the log to say: a file whose key the log does not name yet signs nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from laurel.border.sealing import SECRET_BYTES, SealingSecret, public_bytes, secret_from
from laurel.core.errors import Broken, Malformed
from laurel.core.record import key_id
from laurel.core.roster import SealingKey, sealing_key
from laurel.node.home.layout import PRIVATE_FILE, WorldLayout, write_file, writing


class BadKeyFile(Broken):
    """A file that must be whole is not."""

    says = "a key or card of this node cannot be read"
    remedy = "restore the file from a backup"


def make_signing_key(path: Path) -> Ed25519PrivateKey:
    """A new key to sign with, on the disk. Raises CannotWrite, DiskFull."""
    key = Ed25519PrivateKey.generate()
    write_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE_FILE)
    return key


def next_signing_key(place: WorldLayout) -> Ed25519PrivateKey:
    """A new key under its own name, beside those that are there. Raises CannotWrite, DiskFull."""
    beside = place.keys / "signing-new.key"
    key = make_signing_key(beside)
    with writing(beside):
        beside.rename(place.keys / f"signing-{key_id(key.public_key())}.key")
    return key


def signing_keys(place: WorldLayout) -> dict[str, tuple[Path, Ed25519PrivateKey]]:
    """Every key to sign with that lies here, by name. Raises BadKeyFile."""
    found: dict[str, tuple[Path, Ed25519PrivateKey]] = {}
    for path in sorted(place.keys.glob("signing*.key")):
        key = _signing_key(path)
        found[key_id(key.public_key())] = (path, key)
    return found


def _signing_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError) as error:
        raise BadKeyFile(file=path, why=error) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKeyFile(file=path, why="not an Ed25519 key")
    return key


def make_sealing_key(place: WorldLayout, generation: int) -> tuple[SealingKey, SealingSecret]:
    """A new key to be written to by, its secret on the disk. Raises CannotWrite, DiskFull."""
    raw = secrets.token_bytes(SECRET_BYTES)
    key = sealing_key(generation, public_bytes(raw))
    write_file(_sealing_file(place, key.name), base64.b64encode(raw) + b"\n", PRIVATE_FILE)
    return key, secret_from(raw)


def sealing_keys(place: WorldLayout) -> dict[str, SealingSecret]:
    """Every key to open with that lies here, by name. Raises BadKeyFile."""
    return {path.stem.removeprefix("sealing-"): _sealing_secret(path) for path in _sealing_files(place)}


def _sealing_secret(path: Path) -> SealingSecret:
    try:
        return secret_from(base64.b64decode(path.read_bytes().strip(), validate=True))
    except (OSError, binascii.Error, Malformed) as error:
        raise BadKeyFile(file=path, why=error) from None


def _sealing_files(place: WorldLayout) -> list[Path]:
    return sorted(place.keys.glob("sealing-*.key"))


def _sealing_file(place: WorldLayout, name: str) -> Path:
    return place.keys / f"sealing-{name}.key"


def destroy_signing_key(place: WorldLayout, name: str) -> None:
    """It signs nothing more. Raises BadKeyFile, CannotWrite."""
    destroy(signing_keys(place)[name][0])


def destroy_sealing_key(place: WorldLayout, name: str) -> None:
    """What was sealed with it is closed for good. Raises CannotWrite."""
    destroy(_sealing_file(place, name))


def destroy(path: Path) -> None:
    """Write over a secret, then remove it. A disk that keeps old blocks, or a backup, may know it still.

    Raises CannotWrite.
    """
    with writing(path):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
