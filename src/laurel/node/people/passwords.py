"""Passwords: argon2id with stated parameters, and equal work for whoever tries.

64 MiB, three passes, four lanes: the second recommended choice of RFC 9106, section 4. At least fifteen characters, as
NIST SP 800-63B-4 asks of a password that stands alone; no rule about their kinds.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from laurel.core.errors import BadField

MIN_CHARACTERS = 15
MAX_CHARACTERS = 256
# What is verified when there is no password to verify: of a random one that nobody kept.
DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$IELGeht75l1zL9uyvnuGjQ$fJgjfwFdE8KtqL43a2Ux0jNHTe4dk/bpxWnclyCj1VE"


def hasher() -> PasswordHasher:
    """The one way passwords are hashed at this node."""
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)


class Passwords:
    """Makes and checks hashes. Slow on purpose: 50 ms of four cores and 64 MiB each."""

    def __init__(self, by: PasswordHasher | None = None) -> None:
        self._by = by or hasher()
        self._dummy = DUMMY if by is None else by.hash("nobody's")

    def hashed(self, password: str, officer: str) -> str:
        """What is kept of a password. Raises BadField when it is too short, too long, or the officer's own name."""
        plain = _plain(password)
        if not MIN_CHARACTERS <= len(plain) <= MAX_CHARACTERS:
            raise BadField(field="password", must_be=f"{MIN_CHARACTERS} to {MAX_CHARACTERS} characters")
        if len(set(plain)) < 5 or officer.casefold() * 2 in plain.casefold():
            raise BadField(field="password", must_be="more than a few characters, or your name, again and again")
        return self._by.hash(plain)

    def right(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. The same work is done when there is none to compare with."""
        plain = _plain(password)[: MAX_CHARACTERS + 1]
        try:
            self._by.verify(self._dummy if kept is None else kept, plain)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than ours."""
        return self._by.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """One form for the many ways in which a keyboard may compose the same characters."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())
