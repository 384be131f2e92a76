"""How often, and how many: buckets of tokens for askers, and waits that grow for those who guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.core.errors import TooMany
from laurel.node.people.register import Register, failure

FREE_FAILURES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
MAX_REMEMBERED = 10_000
MAX_NAMED = 10_000


def wait_after(failures: int) -> timedelta:
    """How long no further try is looked at: nothing for four, 30 s after the fifth, then doubled up to an hour."""
    if failures < FREE_FAILURES:
        return timedelta()
    doublings = min(failures - FREE_FAILURES, 20)
    return min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)


class Tries:
    """Failed tries in a row by what was tried, shared by every process of the node.

    A try is counted before it is looked at, so that a hundred at once are a hundred. A name that nobody has is
    counted like any other: waiting tells nothing. What is tried is one officer's password or one session's, never
    a link: who guesses an officer's password shuts the password, and leaves links, passkeys and open sessions alone.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def begin(self, tried: str, now: datetime) -> int:
        """Count a try as failed until it is forgiven: how many that makes. Raises TooMany while it must wait."""
        with self._register.writing() as to:
            row = to.execute(_FIND, {"of": tried}).first()
            if row is not None and now < datetime.fromisoformat(row.until):
                raise TooMany(wait_s=_seconds(datetime.fromisoformat(row.until) - now), because="of failed sign-ins")
            failures = 1
            if row is not None and now - datetime.fromisoformat(row.last_at) < FORGOTTEN_AFTER:
                failures += row.failures
            values = {"failures": failures, "last_at": now.isoformat()}
            to.execute(_DROP, {"of": tried})
            to.execute(
                sa.insert(failure), {"tried": tried, **values, "until": (now + wait_after(failures)).isoformat()}
            )
            if row is None:
                _forget(to, now)
        return failures

    def forgive(self, tried: str) -> None:
        """It was the right one after all."""
        with self._register.writing() as to:
            to.execute(_DROP, {"of": tried})


def _forget(to: Connection, now: datetime) -> None:
    """Made-up names cost room until a day later at most, and never more than there is."""
    to.execute(_FORGET, {"before": (now - FORGOTTEN_AFTER).isoformat()})
    if (to.execute(_COUNT).scalar() or 0) > MAX_REMEMBERED:
        to.execute(_FORGET_OLDEST)


def _seconds(left: timedelta) -> int:
    return max(1, round(left.total_seconds() + 0.5))


@dataclass(frozen=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    per_s: float
    burst: float


class Buckets:
    """A bucket of tokens for each name. In memory, a few hundred bytes a name, and for so many names at most."""

    def __init__(self, rate: Rate, seconds: Callable[[], float], most: int = MAX_NAMED) -> None:
        self._rate = rate
        self._seconds = seconds
        self._most = most
        self._left: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        """How many names are remembered."""
        return len(self._left)

    def take(self, name: str) -> None:
        """One token. Raises TooMany when there is none."""
        now_s = self._seconds()
        left, at_s = self._left.pop(name, (self._rate.burst, now_s))
        left = min(self._rate.burst, left + (now_s - at_s) * self._rate.per_s)
        taken = left >= 1.0
        self._left[name] = (left - 1.0 if taken else left, now_s)
        if len(self._left) > self._most:
            # Who asked longest ago has the fullest bucket, so forgetting it gives the least away.
            del self._left[next(iter(self._left))]
        if not taken:
            raise TooMany(wait_s=max(1, round((1.0 - left) / self._rate.per_s + 0.5)), by=name)

    def give_back(self, name: str) -> None:
        """It was well used."""
        left, at_s = self._left.get(name, (self._rate.burst, self._seconds()))
        self._left[name] = (min(self._rate.burst, left + 1.0), at_s)


_FIND = sa.select(failure).where(failure.c.tried == bindparam("of"))
_DROP = sa.delete(failure).where(failure.c.tried == bindparam("of"))
_FORGET = sa.delete(failure).where(failure.c.last_at < bindparam("before"))
_COUNT = sa.select(sa.func.count()).select_from(failure)
_FORGET_OLDEST = sa.delete(failure).where(
    failure.c.tried.in_(sa.select(failure.c.tried).order_by(failure.c.last_at).limit(MAX_REMEMBERED // 10))
)
