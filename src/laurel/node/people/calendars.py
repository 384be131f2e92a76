"""Addresses of calendar feeds: a calendar program cannot sign in, so a token in the address is its credential.

It opens one feed and nothing else: one world, one tier, nothing more strictly classified than its ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam

from laurel.core.errors import Nothing
from laurel.core.label import Classification
from laurel.node.people.register import Register, calendar, credential_id, digest, new_token


@dataclass(frozen=True)
class Shown:
    """What a feed shows: meetings and promises of this tier in this world, up to this classification."""

    world: str
    tier: str
    ceiling: Classification


@dataclass(frozen=True)
class Feed:
    """A calendar's address as it stands."""

    id: str
    name: str
    shows: Shown


class FeedRow(Struct, frozen=True):
    """A calendar's address as officers list it: never the token itself, which nobody keeps."""

    id: str
    name: str
    tier: str
    ceiling: str
    made_by: str
    made_at: str
    expires_at: str


class Calendars:
    """Tokens of calendar feeds."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def issue(self, name: str, shows: Shown, by: str, now: datetime, expires_at: datetime) -> tuple[str, FeedRow]:
        """A new token, told this once, and how it is listed."""
        token = new_token()
        row = FeedRow(
            credential_id(), name, shows.tier, shows.ceiling.value, by, now.isoformat(), expires_at.isoformat()
        )
        made = {
            "digest": digest(token),
            "world": shows.world,
            **{name: getattr(row, name) for name in FeedRow.__struct_fields__},
        }
        with self._register.writing() as to:
            to.execute(sa.insert(calendar), made)
        return token, row

    def find(self, token: str, world: str, now: datetime) -> Feed | None:
        """What the token opens in that world now, if anything."""
        row = next(iter(self._register.rows(_FIND, {"of": digest(token), "in_world": world})), None)
        if row is None or now >= datetime.fromisoformat(row.expires_at):
            return None
        return Feed(row.id, row.name, Shown(row.world, row.tier, Classification(row.ceiling)))

    def rows(self, world: str) -> list[FeedRow]:
        """Those of a world, the oldest first."""
        found = self._register.rows(_ALL, {"in_world": world})
        return [FeedRow(**{name: getattr(row, name) for name in FeedRow.__struct_fields__}) for row in found]

    def revoke(self, with_id: str, world: str) -> None:
        """End one at once. Raises Nothing."""
        with self._register.writing() as to:
            if not to.execute(_REVOKE, {"with_id": with_id, "in_world": world}).rowcount:
                raise Nothing(calendar=with_id)

    def forget(self, world: str) -> None:
        """End all of a world that is no more."""
        with self._register.writing() as to:
            to.execute(_FORGET, {"in_world": world})


_C = calendar.c
_FIND = sa.select(calendar).where(_C.digest == bindparam("of"), _C.world == bindparam("in_world"))
_ALL = sa.select(calendar).where(_C.world == bindparam("in_world")).order_by(_C.made_at, _C.id)
_REVOKE = sa.delete(calendar).where(_C.id == bindparam("with_id"), _C.world == bindparam("in_world"))
_FORGET = sa.delete(calendar).where(_C.world == bindparam("in_world"))
