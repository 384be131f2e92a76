"""The audit: one line for every decision at the border, and the policy that decided."""

from __future__ import annotations

from sqlalchemy.dialects.sqlite import insert

from laurel.node.keep import schema
from laurel.node.keep.transaction import Transaction


def audit(
    to: Transaction,
    decision: str,
    member: str,
    record: str,
    policy: str,
    why: str,
    *,
    author: str = "",
    digest: str = "",
) -> None:
    """Write down that this was decided of a record that came from, or would go to, that member.

    `author` is who asked, where somebody did; `digest` names the policies in force.
    """
    row = {"decision": decision, "member": member, "author": author, "record": record}
    to.put(_PUT_AUDIT, {"line": None, "at": to.at, **row, "policy": policy, "digest": digest, "why": why, "chain": ""})


_PUT_AUDIT = insert(schema.audit)
