"""The node's register of people: one small database that all its worlds share, several processes at once.

Of every token only the SHA-256 is kept. A change made by one process is seen by the others at their next look.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Row, Select, Table, Text, bindparam, event

from laurel.core.errors import NewerDatabase

REGISTER_VERSION = 2
BUSY_MS = 10_000
PRIVATE_FILE = 0o600

metadata = MetaData()

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

officer = Table(
    "officer",
    metadata,
    Column("name", Text, primary_key=True),
    Column("office", Text, nullable=False),
    Column("roles", Text, nullable=False),
    # Grows with every change of roles: a session opened under an earlier one is locked.
    Column("stamp", Integer, nullable=False),
    Column("password", Text),
    Column("disabled_at", Text),
    Column("made_at", Text, nullable=False),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Text, primary_key=True),
    Column("officer", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("used_at", Text),
)

session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("officer", Text, nullable=False, index=True),
    Column("stamp", Integer, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("locked_at", Text),
)

link = Table(
    "link",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("officer", Text, nullable=False, index=True),
    Column("expires_at", Text, nullable=False),
)

credential = Table(
    "credential",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("author", Text, nullable=False, index=True),
    Column("roles", Text, nullable=False),
    # The commands and queries, and the worlds, that it may ask; empty is all that its roles may.
    Column("only", Text, nullable=False),
    Column("worlds", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("expires_at", Text),
)

# Addresses of calendar feeds: what each shows, and who made it.
calendar = Table(
    "calendar",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("world", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("ceiling", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

# Tries that failed, by what was tried: an officer's name, known or not, or one session.
failure = Table(
    "failure",
    metadata,
    Column("tried", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("until", Text, nullable=False),
)

# What a register of version 1 held everything in.
_token = Table(
    "token",
    MetaData(),
    Column("digest", Text, primary_key=True),
    Column("use", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("expires_at", Text),
)

Rows = Sequence[Row[*tuple[Any, ...]]]


class Register:
    """The database. Raises NewerDatabase."""

    def __init__(self, path: Path, now: datetime) -> None:
        path.touch(PRIVATE_FILE)
        path.chmod(PRIVATE_FILE)
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        event.listen(self._engine, "connect", _on_connect)
        with self.writing() as to:
            metadata.create_all(to)
            found = int(to.execute(_GET_VERSION).scalar() or REGISTER_VERSION)
            if found > REGISTER_VERSION:
                raise NewerDatabase(database=path, found=found, supported=REGISTER_VERSION)
            to.execute(_PUT_VERSION)
            if sa.inspect(to).has_table("token"):
                _take_over(to, now)
        # This connection only ever looks, so its `data_version` changes with every commit of any process.
        self._looking = self._engine.connect()

    def close(self) -> None:
        """Let the database go."""
        self._looking.close()
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction that no other process writes beside."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def rows(self, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None) -> Rows:
        """All rows of a constant statement, as of now."""
        with self._engine.connect() as connection:
            return connection.execute(statement, values).all()

    def version(self) -> int:
        """Another number after every change of the register, whoever made it. Takes microseconds."""
        return self._looking.exec_driver_sql("PRAGMA data_version").scalar_one()


def new_token() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def credential_id() -> str:
    """What a credential is called where it is listed and revoked."""
    return secrets.token_hex(6)


def _on_connect(connection: Any, _record: object) -> None:
    # SQLAlchemy would begin transactions by itself, and too late to keep another writer out.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _take_over(to: Connection, now: datetime) -> None:
    """A register of version 1: credentials and links go on, sessions end, those who had them are officers now.

    An officer gets the roles of the link or session that would have lasted longest.
    """
    at = now.isoformat()
    for row in to.execute(sa.select(_token).order_by(_token.c.expires_at)):
        kind, _, name = row.author.partition(":")
        if row.use == "credential":
            made = {"digest": row.digest, "id": credential_id(), "author": row.author, "roles": row.roles}
            to.execute(sa.insert(credential), {**made, "only": "", "worlds": "", "made_at": at, "expires_at": None})
            continue
        if kind != "officer":
            continue
        values = {"office": "", "roles": row.roles, "stamp": 1, "password": None, "disabled_at": None, "made_at": at}
        to.execute(sa.delete(officer).where(officer.c.name == name))
        to.execute(sa.insert(officer), {"name": name, **values})
        if row.use == "link":
            to.execute(sa.insert(link), {"digest": row.digest, "officer": name, "expires_at": row.expires_at})
    _token.drop(to)


_GET_VERSION = sa.select(meta.c.value).where(meta.c.name == "version")
_PUT_VERSION = sa.text("INSERT INTO meta (name, value) VALUES ('version', :version) ON CONFLICT DO NOTHING").bindparams(
    bindparam("version", str(REGISTER_VERSION))
)
