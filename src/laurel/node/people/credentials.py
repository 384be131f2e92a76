"""Lasting credentials of sensors, gateways and other programs: as narrow as whoever makes them says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam

from laurel.core.errors import Nothing
from laurel.core.instrument import Role
from laurel.node.people.register import Register, credential, credential_id, digest, new_token


@dataclass(frozen=True)
class Narrow:
    """What a credential is good for. None is all that its roles may, in every world of the node, for ever."""

    only: frozenset[str] | None = None
    worlds: frozenset[str] | None = None
    expires_at: datetime | None = None


WIDE = Narrow()


@dataclass(frozen=True)
class Credential:
    """A lasting token as it stands."""

    author: str
    roles: frozenset[Role]
    good_for: Narrow = field(default=WIDE)


class CredentialRow(Struct, frozen=True):
    """A lasting token as the administrator lists it."""

    id: str
    name: str
    roles: tuple[str, ...]
    only: tuple[str, ...]
    worlds: tuple[str, ...]
    made_at: str
    expires_at: str | None


class Credentials:
    """Tokens of what is no person."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def issue(self, author: str, roles: Iterable[Role], good_for: Narrow, now: datetime) -> str:
        """A new token for `sensor:NAME` or `program:NAME`."""
        token = new_token()
        made = {
            "digest": digest(token),
            "id": credential_id(),
            "author": author,
            "roles": " ".join(sorted(roles)),
            "only": " ".join(sorted(good_for.only or ())),
            "worlds": " ".join(sorted(good_for.worlds or ())),
            "made_at": now.isoformat(),
            "expires_at": None if good_for.expires_at is None else good_for.expires_at.isoformat(),
        }
        with self._register.writing() as to:
            to.execute(sa.insert(credential), made)
        return token

    def find(self, of: str, now: datetime) -> Credential | None:
        """The credential whose token has that digest, if it lasts."""
        row = next(iter(self._register.rows(_FIND, {"of": of})), None)
        if row is None:
            return None
        expires_at = None if row.expires_at is None else datetime.fromisoformat(row.expires_at)
        if expires_at is not None and now >= expires_at:
            return None
        good_for = Narrow(_set(row.only), _set(row.worlds), expires_at)
        return Credential(row.author, frozenset(Role(one) for one in row.roles.split()), good_for)

    def rows(self, kind: str) -> list[CredentialRow]:
        """Those of every `sensor` or every `program`."""
        return [
            CredentialRow(
                row.id,
                row.author.partition(":")[2],
                tuple(row.roles.split()),
                tuple(row.only.split()),
                tuple(row.worlds.split()),
                row.made_at,
                row.expires_at,
            )
            for row in self._register.rows(_ALL, {"like": f"{kind}:%"})
        ]

    def revoke(self, kind: str, name: str) -> int:
        """End those of that name, or the one with that id: how many. Raises Nothing."""
        with self._register.writing() as to:
            ended = to.execute(_REVOKE, {"of": f"{kind}:{name}", "with_id": name, "like": f"{kind}:%"}).rowcount
        if not ended:
            raise Nothing(**{kind: name})
        return ended

    def forget(self, world: str) -> None:
        """End those that were good for that world alone."""
        with self._register.writing() as to:
            to.execute(_FORGET, {"in_world": world})


def _set(words: str) -> frozenset[str] | None:
    return frozenset(words.split()) or None


_C = credential.c
_FIND = sa.select(credential).where(_C.digest == bindparam("of"))
_ALL = sa.select(credential).where(_C.author.like(bindparam("like"))).order_by(_C.author, _C.made_at)
_REVOKE = sa.delete(credential).where(
    (_C.author == bindparam("of")) | ((_C.id == bindparam("with_id")) & _C.author.like(bindparam("like")))
)
_FORGET = sa.delete(credential).where(_C.worlds == bindparam("in_world"))
