"""Passkeys (WebAuthn level 3): an officer's own device signs a challenge for this node's name, after it knew its owner.

A challenge is good once, for two minutes, for the one thing it was made for. The device must verify its user. A sign
counter that does not grow is refused: the key may have been copied.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import webauthn
from msgspec import Struct
from sqlalchemy import bindparam
from webauthn.helpers import options_to_json_dict, structs

from laurel.core.errors import BadAsk, BadField, Nothing, SignInRefused
from laurel.core.record import UNREADABLE
from laurel.node.people.register import Register, officer, passkey

CHALLENGE_LASTS = timedelta(minutes=2)
CHALLENGE_BYTES = 32
MAX_CHALLENGES = 2_000
MAX_PASSKEYS = 10
MAX_NAME = 64


class PasskeyRefused(BadAsk):
    """What a device gave was not what it was asked for."""

    says = "this passkey was not taken"
    remedy = "try again; if it is refused again, remove it from the device and add it anew"


@dataclass(frozen=True)
class Place:
    """Where a page stands: `host` is what a passkey is for, `origin` what the browser says it asked from."""

    host: str
    origin: str

    @property
    def has_passkeys(self) -> bool:
        """Browsers make none for a bare address."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False


class PasskeyRow(Struct, frozen=True):
    """A passkey as its officer sees it."""

    id: str
    name: str
    made_at: str
    used_at: str | None


class _ClientPart(Struct, frozen=True, rename="camel"):
    challenge: str
    cross_origin: bool = False


class Challenges:
    """What devices were asked to sign. Kept in memory: a page asks and answers at one world's door."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[bytes, datetime]] = {}

    def make(self, purpose: str, now: datetime) -> bytes:
        """A new one for this purpose."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._open[f"{purpose} {_text(challenge)}"] = challenge, now + CHALLENGE_LASTS
        if len(self._open) > MAX_CHALLENGES:
            del self._open[next(iter(self._open))]
        return challenge

    def take(self, purpose: str, credential: Mapping[str, Any], now: datetime) -> bytes:
        """The challenge that this answers, which is spent by it. Raises PasskeyRefused."""
        try:
            encoded = str(credential["response"]["clientDataJSON"])
            part = msgspec.json.decode(base64.urlsafe_b64decode(encoded + "=="), type=_ClientPart)
        except (*UNREADABLE, KeyError, TypeError) as error:
            raise PasskeyRefused(why="it is no answer of a device") from error
        challenge, until = self._open.pop(f"{purpose} {part.challenge}", (b"", now))
        if now >= until:
            raise PasskeyRefused(why="its challenge was used, expired or never made for this")
        if part.cross_origin:
            raise PasskeyRefused(why="it was asked for inside another site's page")
        return challenge


class Passkeys:
    """The passkeys of a node's officers."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._challenges = Challenges()

    def options_to_add(self, name: str, place: Place, now: datetime) -> dict[str, Any]:
        """What the officer's browser needs to make one. Raises BadField where no browser would."""
        _need_a_name(place)
        kept = self.rows(name)
        if len(kept) >= MAX_PASSKEYS:
            raise BadField(passkeys=len(kept), limit=MAX_PASSKEYS)
        options = webauthn.generate_registration_options(
            rp_id=place.host,
            rp_name="Laurel",
            user_id=hashlib.sha256(f"officer:{name}".encode()).digest(),
            user_name=name,
            challenge=self._challenges.make(f"add {name}", now),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                # It names its officer itself, so that nobody can ask us which officers have one.
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(_bytes(row.id)) for row in kept],
        )
        return options_to_json_dict(options)

    def add(self, name: str, called: str, credential: Mapping[str, Any], place: Place, now: datetime) -> PasskeyRow:
        """Take what the device made. Raises PasskeyRefused, BadField."""
        if not called.strip() or len(called) > MAX_NAME:
            raise BadField(field="name", must_be=f"1 to {MAX_NAME} characters")
        challenge = self._challenges.take(f"add {name}", credential, now)
        try:
            verified = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
            )
        except Exception as error:
            # The library lets through whatever its parsers raise at a malformed answer.
            raise PasskeyRefused(why=str(error)[:200]) from error
        made = PasskeyRow(_text(verified.credential_id), called.strip(), now.isoformat(), None)
        key = {"officer": name, "public_key": verified.credential_public_key, "sign_count": verified.sign_count}
        with self._register.writing() as to:
            if to.execute(_FIND, {"of": made.id}).first() is not None:
                raise PasskeyRefused(why="it is known already")
            to.execute(sa.insert(passkey), msgspec.structs.asdict(made) | key)
        return made

    def options_to_sign_in(self, place: Place, now: datetime) -> dict[str, Any]:
        """What a browser needs to sign in with one: the same for everybody. Raises BadField where no browser would."""
        _need_a_name(place)
        options = webauthn.generate_authentication_options(
            rp_id=place.host,
            challenge=self._challenges.make("sign in", now),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def officer_of(self, credential: Mapping[str, Any], place: Place, now: datetime) -> str:
        """Whose device signed. Raises PasskeyRefused, SignInRefused."""
        challenge = self._challenges.take("sign in", credential, now)
        row = next(iter(self._register.rows(_FIND, {"of": str(credential.get("id"))})), None)
        if row is None or row.disabled_at is not None:
            raise SignInRefused(passkey="unknown")
        try:
            verified = webauthn.verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except Exception as error:
            raise SignInRefused(passkey=row.name, why=str(error)[:200]) from error
        values = {"of": row.id, "was": row.sign_count, "to_count": verified.new_sign_count, "to_used": now.isoformat()}
        with self._register.writing() as to:
            # Of two answers that count alike, made by a key and its copy, one comes second.
            if not to.execute(_COUNT, values).rowcount:
                raise SignInRefused(passkey=row.name, why="its counter did not grow")
        return row.officer

    def rows(self, name: str) -> list[PasskeyRow]:
        """Those of an officer, the oldest first."""
        rows = self._register.rows(_OF, {"of": name})
        return [PasskeyRow(row.id, row.name, row.made_at, row.used_at) for row in rows]

    def remove(self, name: str, key: str) -> None:
        """One of an officer. Raises Nothing."""
        with self._register.writing() as to:
            if not to.execute(_REMOVE, {"of": name, "with_id": key}).rowcount:
                raise Nothing(passkey=key, officer=name)

    def remove_all(self, name: str) -> int:
        """All of an officer: how many."""
        with self._register.writing() as to:
            return to.execute(_REMOVE_ALL, {"of": name}).rowcount


def _need_a_name(place: Place) -> None:
    if not place.has_passkeys:
        raise BadField(host=place.host, must_be="a name, such as localhost: browsers make no passkeys for an address")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


_P = passkey.c
_FIND = (
    sa.select(passkey, officer.c.disabled_at)
    .join(officer, officer.c.name == _P.officer)
    .where(_P.id == bindparam("of"))
)
_OF = sa.select(passkey).where(_P.officer == bindparam("of")).order_by(_P.made_at)
_COUNT = (
    sa.update(passkey)
    .where(_P.id == bindparam("of"), _P.sign_count == bindparam("was"))
    .values(sign_count=bindparam("to_count"), used_at=bindparam("to_used"))
)
_REMOVE = sa.delete(passkey).where(_P.officer == bindparam("of"), _P.id == bindparam("with_id"))
_REMOVE_ALL = sa.delete(passkey).where(_P.officer == bindparam("of"))
