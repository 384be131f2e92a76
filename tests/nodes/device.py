"""A device that holds a passkey, and the browser that asks it: what a page gets from `navigator.credentials`."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, CARRIES_KEY = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey. A test may break any promise of it."""

    origin: str
    host: str
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 1
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `create` resolves to."""
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        carried = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        told: dict[str, object] = {"fmt": "none", "attStmt": {}, "authData": self._told(CARRIES_KEY) + carried}
        page = self._page("webauthn.create", options["challenge"])
        return self._credential({"clientDataJSON": text(page), "attestationObject": text(cbor2.dumps(told))})

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `get` resolves to."""
        page, told = self._page("webauthn.get", options["challenge"]), self._told(0)
        signature = self.key.sign(told + hashlib.sha256(page).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": page, "authenticatorData": told, "signature": signature}
        return self._credential({name: text(part) for name, part in parts.items()})

    def _told(self, more: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _page(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
