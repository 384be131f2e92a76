"""Who may ask at this node: officers with sessions, sensors with credentials.

Only the SHA-256 of a token is kept. Officers sign in with a one-time link that becomes a session.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table, Text, bindparam

from laurel.core.errors import SignInNeeded
from laurel.core.instrument import Role
from laurel.node.world import Author

LINK_LASTS = timedelta(hours=12)
SESSION_LASTS = timedelta(hours=12)

_metadata = MetaData()
_token = Table(
    "token",
    _metadata,
    Column("digest", Text, primary_key=True),
    Column("use", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("expires_at", Text),
)


class People:
    """The node's tokens, in one small database that all its worlds share."""

    def __init__(self, path: Path) -> None:
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
        _metadata.create_all(self._engine)
        path.chmod(0o600)

    def credential(self, sensor: str) -> str:
        """A new lasting token for a sensor."""
        return self._add("credential", f"sensor:{sensor}", {Role.SENSOR}, None)

    def link(self, officer: str, roles: Iterable[Role], now: datetime) -> str:
        """A new one-time sign-in token for an officer."""
        return self._add("link", f"officer:{officer}", roles, now + LINK_LASTS)

    def program(self, name: str, roles: Iterable[Role]) -> str:
        """A new lasting token for a program that asks on an office's behalf."""
        return self._add("credential", f"program:{name}", roles, None)

    def redeem(self, link: str, now: datetime) -> str:
        """Spend a one-time link; the token of the session it opens. Raises SignInNeeded."""
        with self._engine.begin() as to:
            row = to.execute(_FIND, {"of": _digest(link), "for": "link"}).first()
            if row is None or not _lasts(row.expires_at, now):
                raise SignInNeeded(link="used, expired or unknown")
            to.execute(_DROP, {"of": _digest(link)})
            session = secrets.token_urlsafe(32)
            to.execute(
                sa.insert(_token),
                {
                    "digest": _digest(session),
                    "use": "session",
                    "author": row.author,
                    "roles": row.roles,
                    "expires_at": (now + SESSION_LASTS).isoformat(),
                },
            )
        return session

    def who(self, token: str, now: datetime) -> Author:
        """Whose token this is. Raises SignInNeeded."""
        with self._engine.begin() as from_:
            row = from_.execute(_WHO, {"of": _digest(token)}).first()
        if row is None or not _lasts(row.expires_at, now):
            raise SignInNeeded(token="unknown or expired")
        return Author(row.author, frozenset(Role(one) for one in row.roles.split()))

    def _add(self, use: str, author: str, roles: Iterable[Role], expires_at: datetime | None) -> str:
        token = secrets.token_urlsafe(32)
        row = {"digest": _digest(token), "use": use, "author": author, "roles": " ".join(sorted(roles))}
        with self._engine.begin() as to:
            to.execute(sa.insert(_token), {**row, "expires_at": expires_at and expires_at.isoformat()})
        return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _lasts(expires_at: str | None, now: datetime) -> bool:
    return expires_at is None or now < datetime.fromisoformat(expires_at)


_FIND = sa.select(_token).where(_token.c.digest == bindparam("of"), _token.c.use == bindparam("for"))
_DROP = sa.delete(_token).where(_token.c.digest == bindparam("of"))
_WHO = sa.select(_token).where(_token.c.digest == bindparam("of"), _token.c.use != "link")
