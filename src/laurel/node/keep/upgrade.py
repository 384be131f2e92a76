"""A database of an older Laurel becomes one of this: step by step, within the transaction that opens it.

Views are not carried over: those whose tables changed are made again from the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from laurel.node.keep.audit import encoded, line_of, link
from laurel.node.keep.schema import SCHEMA_VERSION

BATCH = 1_000


def upgrade(to: Connection, found: int) -> None:
    """Take every step from that version of the schema to this one. Until the commit it is the old database."""
    for version in range(found, SCHEMA_VERSION):
        STEPS[version](to)


def _relay_and_chain(to: Connection) -> None:
    """1 to 2: an outbox that knows by whom, an audit that knows who and is chained."""
    run = to.exec_driver_sql
    run(
        "CREATE TABLE outbox_2 (peer TEXT NOT NULL, via TEXT NOT NULL, precedence INTEGER NOT NULL,"
        " position INTEGER NOT NULL, PRIMARY KEY (peer, via, precedence, position)) WITHOUT ROWID"
    )
    run("INSERT INTO outbox_2 SELECT peer, '', precedence, position FROM outbox")
    run("DROP TABLE outbox")
    run("ALTER TABLE outbox_2 RENAME TO outbox")
    for name in ("author", "digest", "chain"):
        run(f"ALTER TABLE audit ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    chain, after = "", 0
    while rows := run("SELECT * FROM audit WHERE line > ? ORDER BY line LIMIT ?", (after, BATCH)).all():
        chained: list[tuple[str, int]] = []
        for row in rows:
            chain = link(chain, encoded(line_of(row)))
            chained.append((chain, row.line))
        run("UPDATE audit SET chain = ? WHERE line = ?", chained)
        after = chained[-1][1]
    run("CREATE INDEX audit_record ON audit (record)")


STEPS: Mapping[int, Callable[[Connection], None]] = {1: _relay_and_chain}
