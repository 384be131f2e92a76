"""The officers of a node: names, offices, roles, passwords, and the one-time links that let them in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, bindparam

from laurel.core.errors import BadField, Nothing, SignInNeeded, SignInRefused
from laurel.core.instrument import Role
from laurel.node.people.limits import Tries
from laurel.node.people.passwords import Passwords
from laurel.node.people.register import Register, digest, link, new_token, officer, passkey, session

LINK_LASTS = timedelta(hours=1)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class OfficerRow(Struct, frozen=True):
    """An officer as the administrator lists them."""

    name: str
    office: str
    roles: tuple[str, ...]
    password: bool
    passkeys: int
    sessions: int
    links: int
    disabled_at: str | None


class Officers:
    """Who may sign in here, and what they may do. Kept by the administrator at the machine."""

    def __init__(self, register: Register, passwords: Passwords, tries: Tries) -> None:
        self._register = register
        self._passwords = passwords
        self._tries = tries

    # Kept by the administrator

    def add(self, name: str, office: str, roles: Iterable[Role], now: datetime) -> None:
        """A new officer, who cannot sign in before getting a link or a password. Raises BadField."""
        if not NAME.fullmatch(name):
            raise BadField(field="officer", value=name, must_be="up to 64 letters, digits or . _ -, a letter first")
        made = {"name": name, "office": office, "roles": _written(roles), "stamp": 1, "made_at": now.isoformat()}
        with self._register.writing() as to:
            if to.execute(_FIND, {"of": name}).first() is not None:
                raise BadField(field="officer", value=name, must_be="a name that no officer has")
            to.execute(sa.insert(officer), {**made, "password": None, "disabled_at": None})

    def set_roles(self, name: str, roles: Iterable[Role]) -> None:
        """From the next request on, in every world. Open sessions are locked, and get these by unlocking.

        Raises Nothing.
        """
        with self._register.writing() as to:
            before = _the(to, name)
            if before.roles != (written := _written(roles)):
                to.execute(_SET_ROLES, {"of": name, "to_roles": written, "to_stamp": before.stamp + 1})

    def set_office(self, name: str, office: str) -> None:
        """Another title. Raises Nothing."""
        with self._register.writing() as to:
            _the(to, name)
            to.execute(_SET_OFFICE, {"of": name, "to_office": office})

    def disable(self, name: str, now: datetime) -> None:
        """Out at once, everywhere: sessions and links end. Password and passkeys are kept. Raises Nothing."""
        with self._register.writing() as to:
            _the(to, name)
            to.execute(_SET_DISABLED, {"of": name, "to_disabled": now.isoformat()})
            _end(to, name)

    def enable(self, name: str) -> None:
        """May sign in again. Raises Nothing."""
        with self._register.writing() as to:
            _the(to, name)
            to.execute(_SET_DISABLED, {"of": name, "to_disabled": None})

    def shut_out(self, name: str) -> None:
        """End the sessions and the links of an officer, who may sign in again. Raises Nothing."""
        with self._register.writing() as to:
            _the(to, name)
            _end(to, name)

    def set_password(self, name: str, password: str) -> None:
        """Another password; sessions and links end, since whoever had the old one may hold them.

        Raises Nothing, BadField.
        """
        hashed = self._passwords.hashed(password, name)
        with self._register.writing() as to:
            _the(to, name)
            to.execute(_SET_PASSWORD, {"of": name, "to_password": hashed})
            _end(to, name)
        self._tries.forgive(f"officer:{name}")

    def rows(self) -> list[OfficerRow]:
        """All officers, by name."""
        counts = {
            kind: {row[0]: row[1] for row in self._register.rows(statement)}
            for kind, statement in (("passkeys", _PASSKEYS), ("sessions", _SESSIONS), ("links", _LINKS))
        }
        return [
            OfficerRow(
                row.name,
                row.office,
                tuple(row.roles.split()),
                row.password is not None,
                counts["passkeys"].get(row.name, 0),
                counts["sessions"].get(row.name, 0),
                counts["links"].get(row.name, 0),
                row.disabled_at,
            )
            for row in self._register.rows(_ALL)
        ]

    def known(self, name: str) -> bool:
        """Whether there is such an officer."""
        return bool(self._register.rows(_FIND, {"of": name}))

    def has_password(self, name: str) -> bool:
        """Whether a password was set."""
        rows = self._register.rows(_FIND, {"of": name})
        return bool(rows) and rows[0].password is not None

    # Ways in

    def link(self, name: str, now: datetime, lasts: timedelta = LINK_LASTS) -> str:
        """A new one-time token: good once, for an hour. Raises Nothing, BadField while disabled."""
        token = new_token()
        with self._register.writing() as to:
            if _the(to, name).disabled_at is not None:
                raise BadField(officer=name, disabled=True, must_be="enabled first: laurel officer enable")
            to.execute(_FORGET_LINKS, {"before": now.isoformat()})
            made = {"digest": digest(token), "officer": name, "expires_at": (now + lasts).isoformat()}
            to.execute(sa.insert(link), made)
        return token

    def redeem(self, token: str, now: datetime) -> str:
        """Spend a one-time link: whose it was. Raises SignInNeeded."""
        with self._register.writing() as to:
            row = to.execute(_TAKE_LINK, {"of": digest(token)}).first()
            found = None if row is None else to.execute(_FIND, {"of": row.officer}).first()
        if row is None or found is None or now >= datetime.fromisoformat(row.expires_at) or found.disabled_at:
            raise SignInNeeded(link="used, expired or unknown")
        return found.name

    def by_password(self, name: str, password: str, now: datetime, *, tried: str | None = None) -> str:
        """The officer of that name and password. `tried` is what failures count against, if not that officer.

        The same work and the same refusal for a wrong password, an unknown name, an officer without a password
        and a disabled one. Raises SignInRefused, TooMany.
        """
        counted = tried or f"officer:{name[:64]}"
        failures = self._tries.begin(counted, now)
        rows = self._register.rows(_FIND, {"of": name})
        kept = rows[0].password if rows and rows[0].disabled_at is None else None
        if not self._passwords.right(kept, password):
            raise SignInRefused(failures=failures)
        self._tries.forgive(counted)
        if self._passwords.outdated(str(kept)):
            with self._register.writing() as to:
                to.execute(_SET_PASSWORD, {"of": name, "to_password": self._passwords.hashed(password, name)})
        return name


def _written(roles: Iterable[Role]) -> str:
    return " ".join(sorted(roles))


def _the(to: Connection, name: str) -> Any:
    row = to.execute(_FIND, {"of": name}).first()
    if row is None:
        raise Nothing(officer=name)
    return row


def _end(to: Connection, name: str) -> None:
    to.execute(_END_SESSIONS, {"of": name})
    to.execute(_END_LINKS, {"of": name})


_O = officer.c
_FIND = sa.select(officer).where(_O.name == bindparam("of"))
_ALL = sa.select(officer).order_by(_O.name)
_PASSKEYS = sa.select(passkey.c.officer, sa.func.count()).group_by(passkey.c.officer)
_SESSIONS = sa.select(session.c.officer, sa.func.count()).group_by(session.c.officer)
_LINKS = sa.select(link.c.officer, sa.func.count()).group_by(link.c.officer)
_OF = _O.name == bindparam("of")
_SET_ROLES = sa.update(officer).where(_OF).values(roles=bindparam("to_roles"), stamp=bindparam("to_stamp"))
_SET_OFFICE = sa.update(officer).where(_OF).values(office=bindparam("to_office"))
_SET_DISABLED = sa.update(officer).where(_OF).values(disabled_at=bindparam("to_disabled"))
_SET_PASSWORD = sa.update(officer).where(_OF).values(password=bindparam("to_password"))
_END_SESSIONS = sa.delete(session).where(session.c.officer == bindparam("of"))
_END_LINKS = sa.delete(link).where(link.c.officer == bindparam("of"))
_FORGET_LINKS = sa.delete(link).where(link.c.expires_at < bindparam("before"))
_TAKE_LINK = sa.delete(link).where(link.c.digest == bindparam("of")).returning(link.c.officer, link.c.expires_at)
