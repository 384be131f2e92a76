"""Who may ask at this node: officers who sign in, sensors and programs with narrow credentials.

`register` is the one database of it; `officers`, `passwords`, `passkeys` and `sessions` are for people, `credentials`
for what is no person, `calendars` for feeds; `limits` says how often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from laurel.core.errors import NotPermitted, SignInNeeded
from laurel.core.instrument import Role
from laurel.node.author import Author
from laurel.node.clock import RealClock
from laurel.node.people.calendars import Calendars
from laurel.node.people.credentials import WIDE, Credential, Credentials, Narrow
from laurel.node.people.limits import Tries
from laurel.node.people.officers import Officers
from laurel.node.people.passkeys import Passkeys
from laurel.node.people.passwords import Passwords
from laurel.node.people.register import Register, digest
from laurel.node.people.sessions import LOCK_AFTER, Session, Sessions

MAX_REMEMBERED = 1_000


@dataclass(frozen=True)
class Caller:
    """Whose token it is. `session` is an officer's; a credential has none."""

    author: Author
    session: Session | None


class People:
    """The people, sensors and programs of one node. Raises NewerDatabase."""

    def __init__(self, path: Path, lock_after: timedelta = LOCK_AFTER, by: PasswordHasher | None = None) -> None:
        self._clock = RealClock()
        self._register = Register(path, self._clock.now())
        self.tries = Tries(self._register)
        self.officers = Officers(self._register, Passwords(by), self.tries)
        self.sessions = Sessions(self._register, lock_after)
        self.passkeys = Passkeys(self._register)
        self.credentials = Credentials(self._register)
        self.calendars = Calendars(self._register)
        self._version = -1
        self._known: dict[str, Session | Credential] = {}

    def close(self) -> None:
        """Let the register go."""
        self._register.close()

    # For the administrator, the demo and tests

    def credential(self, sensor: str, good_for: Narrow = WIDE) -> str:
        """A new token that reports that sensor's scans and does nothing else."""
        return self.credentials.issue(f"sensor:{sensor}", {Role.SENSOR}, good_for, self._clock.now())

    def program(self, name: str, roles: Iterable[Role], good_for: Narrow = WIDE) -> str:
        """A new token for a program that asks on an office's behalf."""
        return self.credentials.issue(f"program:{name}", roles, good_for, self._clock.now())

    def link(self, name: str, roles: Iterable[Role], now: datetime) -> str:
        """A new one-time sign-in token for an officer, who has these roles from now on. Raises BadField."""
        if self.officers.known(name):
            self.officers.set_roles(name, roles)
        else:
            self.officers.add(name, "", roles, now)
        return self.officers.link(name, now)

    # For the doors

    def who(self, token: str, world: str, now: datetime) -> Caller:
        """Whose token this is, and what it is good for in that world now. Raises SignInNeeded, NotPermitted.

        What a change of the register may change is read anew after each.
        """
        version = self._register.version()
        if version != self._version or len(self._known) > MAX_REMEMBERED:
            self._version = version
            self._known.clear()
        of = digest(token)
        found = self._known.get(of)
        if found is None:
            found = self.sessions.find(of, now) or self.credentials.find(of, now)
            if found is None:
                raise SignInNeeded(token="unknown or expired")
            self._known[of] = found
        return self._session(found, now) if isinstance(found, Session) else _credential(found, world, now)

    def _session(self, found: Session, now: datetime) -> Caller:
        if now >= found.expires_at:
            raise SignInNeeded(token="unknown or expired")
        if found.locked is None and self.sessions.idle(found, now):
            found = self._known[found.digest] = found.locked_as("idle")
        return Caller(Author(f"officer:{found.officer}", found.roles), found)


def _credential(found: Credential, world: str, now: datetime) -> Caller:
    good_for = found.good_for
    if good_for.expires_at is not None and now >= good_for.expires_at:
        raise SignInNeeded(token="unknown or expired")
    if good_for.worlds is not None and world not in good_for.worlds:
        raise NotPermitted(author=found.author, world=world, needs="a credential for this world")
    return Caller(Author(found.author, found.roles, good_for.only), None)
