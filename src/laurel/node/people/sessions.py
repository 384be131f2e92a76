"""Sessions: what a sign-in opens, how long it lasts, and when it locks.

A session lasts twelve hours and locks after a quarter of an hour without its officer's hand. Locked, it goes on
showing the picture and can do nothing else; whoever unlocks it signs in anew and gets a new token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import bindparam

from laurel.core.errors import SignInNeeded
from laurel.core.instrument import Role
from laurel.node.people.register import Register, digest, new_token, officer, session

SESSION_LASTS = timedelta(hours=12)
LOCK_AFTER = timedelta(minutes=15)
# How long after signing in an officer may change how they sign in.
FRESH_FOR = timedelta(minutes=10)
# An officer's hand is written down this often at most.
SEEN_EVERY = timedelta(seconds=30)
MAX_SESSIONS = 20

Way = Literal["link", "password", "passkey"]
Why = Literal["idle", "asked", "roles"]


@dataclass(frozen=True)
class Session:
    """An officer's session as it stands."""

    digest: str
    officer: str
    roles: frozenset[Role]
    opened_by: Way
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    locked: Why | None

    def fresh(self, now: datetime) -> bool:
        """Whether its officer has only just proved who they are."""
        return now - self.opened_at < FRESH_FOR

    def locked_as(self, why: Why) -> Session:
        """The same, locked."""
        return replace(self, locked=why)

    @property
    def name(self) -> str:
        """What the audit calls it: not enough to use it."""
        return self.digest[:12]


class Sessions:
    """The open sessions of a node, whichever of its worlds they are used in."""

    def __init__(self, register: Register, lock_after: timedelta) -> None:
        self._register = register
        self._lock_after = lock_after

    def open(self, name: str, by: Way, now: datetime, instead_of: str | None = None) -> str:
        """The token of a new session. `instead_of` is a token that ends with it. Raises SignInNeeded."""
        token = new_token()
        with self._register.writing() as to:
            row = to.execute(_OFFICER, {"of": name}).first()
            if row is None or row.disabled_at is not None:
                raise SignInNeeded(officer=name)
            if instead_of is not None:
                to.execute(_END, {"of": digest(instead_of)})
            to.execute(_FORGET, {"before": now.isoformat()})
            made = {"digest": digest(token), "officer": name, "stamp": row.stamp, "opened_by": by, "locked_at": None}
            times = {"opened_at": now, "seen_at": now, "expires_at": now + SESSION_LASTS}
            to.execute(sa.insert(session), made | {key: time.isoformat() for key, time in times.items()})
            to.execute(_END_OLDEST, {"of": name})
        return token

    def find(self, of: str, now: datetime) -> Session | None:
        """The session whose token has that digest, if it lasts and its officer may still sign in."""
        row = next(iter(self._register.rows(_FIND, {"of": of})), None)
        if row is None or row.disabled_at is not None:
            return None
        expires_at = datetime.fromisoformat(row.expires_at)
        if now >= expires_at:
            return None
        seen_at = datetime.fromisoformat(row.seen_at)
        return Session(
            of,
            row.officer,
            frozenset(Role(one) for one in row.roles.split()),
            row.opened_by,
            datetime.fromisoformat(row.opened_at),
            seen_at,
            expires_at,
            self._locked(row, now - seen_at),
        )

    def _locked(self, row: Any, idle: timedelta) -> Why | None:
        if row.stamp != row.officer_stamp:
            return "roles"
        if row.locked_at is not None:
            return "asked"
        return "idle" if idle >= self._lock_after else None

    def idle(self, one: Session, now: datetime) -> bool:
        """Whether its officer's hand has rested too long by now."""
        return now - one.seen_at >= self._lock_after

    def seen(self, one: Session, now: datetime) -> None:
        """Its officer did something. A locked session stays locked."""
        if one.locked is None and now - one.seen_at >= min(SEEN_EVERY, self._lock_after / 4):
            with self._register.writing() as to:
                to.execute(_SEEN, {"of": one.digest, "to_seen": now.isoformat(), "was": one.seen_at.isoformat()})

    def lock(self, one: Session, now: datetime) -> None:
        """Its officer goes away for a while."""
        with self._register.writing() as to:
            to.execute(_LOCK, {"of": one.digest, "to_locked": now.isoformat()})

    def end(self, one: Session) -> None:
        """Signed out."""
        with self._register.writing() as to:
            to.execute(_END, {"of": one.digest})

    def end_all(self, name: str) -> None:
        """Signed out everywhere."""
        with self._register.writing() as to:
            to.execute(_END_ALL, {"of": name})


_S = session.c
_OFFICER = sa.select(officer.c.stamp, officer.c.disabled_at).where(officer.c.name == bindparam("of"))
_FIND = (
    sa.select(session, officer.c.roles, officer.c.disabled_at, officer.c.stamp.label("officer_stamp"))
    .join(officer, officer.c.name == _S.officer)
    .where(_S.digest == bindparam("of"))
)
_SEEN = (
    sa.update(session)
    .where(_S.digest == bindparam("of"), _S.seen_at == bindparam("was"))
    .values(seen_at=bindparam("to_seen"))
)
_LOCK = sa.update(session).where(_S.digest == bindparam("of")).values(locked_at=bindparam("to_locked"))
_END = sa.delete(session).where(_S.digest == bindparam("of"))
_END_ALL = sa.delete(session).where(_S.officer == bindparam("of"))
_FORGET = sa.delete(session).where(_S.expires_at < bindparam("before"))
_END_OLDEST = sa.delete(session).where(
    _S.digest.in_(
        sa.select(_S.digest)
        .where(_S.officer == bindparam("of"))
        .order_by(_S.opened_at.desc())
        .offset(MAX_SESSIONS)
        .limit(-1)
    )
)
