"""NATS user keys: Ed25519 keys written in base32 with a role byte and a check sum (nkeys, ADR-14)."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED_BYTES = 32
_CHECKSUM_BYTES = 2

_USER = 20 << 3
# The role's eight bits follow the five that make the first letter an S.
_USER_SEED = bytes(((18 << 3) | (_USER >> 5), (_USER & 31) << 3))
_PUBLIC = re.compile(r"U[A-Z2-7]{55}")
_SEED = re.compile(r"SU[A-Z2-7]{56}")


def user_seed(secret: bytes) -> str:
    """The seed (`SU...`) made from 32 random bytes: what a client signs in with."""
    return _text(_USER_SEED + secret)


def public_user_key(seed: str) -> str:
    """The public key (`U...`) of a user seed: what a server knows the client by."""
    secret = _bytes(seed)[len(_USER_SEED) : -_CHECKSUM_BYTES]
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return _text(bytes((_USER,)) + public)


def is_user_seed(text: str) -> bool:
    """True for a whole user seed, its check sum included."""
    return bool(_SEED.fullmatch(text)) and _text(_bytes(text)[:-_CHECKSUM_BYTES]) == text


def is_public_user_key(text: str) -> bool:
    """True for a whole public user key, its check sum included."""
    return bool(_PUBLIC.fullmatch(text)) and _text(_bytes(text)[:-_CHECKSUM_BYTES]) == text


def _text(body: bytes) -> str:
    checksum = binascii.crc_hqx(body, 0).to_bytes(_CHECKSUM_BYTES, "little")
    return base64.b32encode(body + checksum).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))
