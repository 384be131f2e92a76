"""The tables of a world's database that are not views: the log and what keeps it going."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

SCHEMA_VERSION = 2

metadata = MetaData()

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

lane = Table(
    "lane",
    metadata,
    Column("lane", Integer, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("precedence", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("head", Text),
    UniqueConstraint("origin", "audience", "precedence"),
)

log = Table(
    "log",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("lane", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("misread", Text),
    Column("taken_at", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    UniqueConstraint("lane", "number"),
)
Index("log_kind", log.c.kind, log.c.position)

held = Table(
    "held",
    metadata,
    Column("lane", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
)

fork = Table(
    "fork",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lane", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
)

ask = Table(
    "ask",
    metadata,
    Column("author", Text, primary_key=True),
    Column("ask_id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("records", Text, nullable=False),
    sqlite_with_rowid=False,
)

cursor = Table("cursor", metadata, Column("name", Text, primary_key=True), Column("position", Integer, nullable=False))

parked = Table(
    "parked",
    metadata,
    Column("reaction", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("parked_at", Text, nullable=False),
    Column("error", Text, nullable=False),
)

memory = Table(
    "memory",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("peer", Text, primary_key=True),
    # The member that carries it on, when the direct path is cut; empty for the direct one.
    Column("via", Text, primary_key=True),
    Column("precedence", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

# Where in the log records of our own stand that came back from a peer, after a backup was restored.
recovered = Table("recovered", metadata, Column("position", Integer, primary_key=True))

# Sealed parcels of one member for another, which we carry on and cannot read.
relay = Table(
    "relay",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("precedence", Integer, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
Index("relay_recipient", relay.c.recipient, relay.c.precedence)

# Records of ours of which a policy lets a member have a sanitised one, and when.
derive = Table(
    "derive",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("due_at", Text, nullable=False),
    Column("terms", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Sanitised records of ours that were said, and the record each was made from.
derived = Table(
    "derived",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("record", Text, nullable=False),
    Column("original", Text, nullable=False),
)
Index("derived_original", derived.c.original)

# Each line is chained to the one before: `chain` is the SHA-256 of the chain before and of this line.
audit = Table(
    "audit",
    metadata,
    Column("line", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("chain", Text, nullable=False),
)
Index("audit_record", audit.c.record)
