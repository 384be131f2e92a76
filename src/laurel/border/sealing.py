"""The seal of a parcel: HPKE (RFC 9180, base mode, single shot) with the hybrid KEM ML-KEM-768 + X25519.

What is recorded today is opened only by who breaks both a lattice and a curve. Base mode proves nothing of the
sender: the signatures of the records within do. The seal's own randomness comes from the operating system.

A key travels as the two raw keys, one after the other: public 1184 + 32 bytes, secret (seed and scalar) 64 + 32.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from laurel.core.errors import BrokenSeal, Malformed
from laurel.core.roster import SEALING_NAME, SealingKey

SUITE = "hpke-mlkem768x25519-sha256-aes256gcm"
PUBLIC_BYTES = 1184 + 32
SECRET_BYTES = 64 + 32
# What sealing adds: the encapsulated key and the AEAD's tag.
OVERHEAD_BYTES = 1120 + 16

SealingSecret = MLKEM768X25519PrivateKey

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def secret_from(raw: bytes) -> SealingSecret:
    """The secret key in these 96 bytes. Raises Malformed."""
    seed, scalar = _secrets(raw)
    return MLKEM768X25519PrivateKey(seed, scalar)


def public_bytes(raw: bytes) -> bytes:
    """The public key, 1216 bytes, of the secret in these 96. Raises Malformed."""
    seed, scalar = _secrets(raw)
    return seed.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()


def _secrets(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(raw) != SECRET_BYTES:
        raise Malformed(what="sealing key", bytes=len(raw), must_be=SECRET_BYTES)
    return MLKEM768PrivateKey.from_seed_bytes(raw[:64]), X25519PrivateKey.from_private_bytes(raw[64:])


@lru_cache(maxsize=64)
def public_from(raw: bytes) -> MLKEM768X25519PublicKey:
    """The public key in these 1216 bytes. Raises Malformed."""
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(raw[:-32])
        curve = X25519PublicKey.from_public_bytes(raw[-32:])
    except ValueError as error:
        raise Malformed(what="sealing key", why=str(error), bytes=len(raw)) from None
    return MLKEM768X25519PublicKey(lattice, curve)


def checked_key(name: str, public: bytes) -> SealingKey:
    """A key that somebody told us, if it can be one. Raises Malformed."""
    if not re.fullmatch(SEALING_NAME, name):
        raise Malformed(what="sealing key", name=name)
    public_from(public)
    return SealingKey(name, public)


def seal_bytes(plain: bytes, to: bytes, info: bytes) -> bytes:
    """`plain` for the holder of the public key's secret, bound to `info`. Raises Malformed for a key that is none."""
    try:
        return _SUITE.encrypt(plain, public_from(to), info)
    except ValueError as error:
        raise Malformed(what="sealing key", why=str(error)) from None


def open_bytes(sealed: bytes, secret: SealingSecret, info: bytes) -> bytes:
    """What was sealed for us under the same `info`. Raises BrokenSeal."""
    try:
        return _SUITE.decrypt(sealed, secret, info)
    except (InvalidTag, ValueError):
        raise BrokenSeal(bytes=len(sealed)) from None
