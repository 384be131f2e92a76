"""The audit: one line for every decision at the border, and the policy that decided."""

from __future__ import annotations

from sqlalchemy.dialects.sqlite import insert

from laurel.node.keep import schema
from laurel.node.keep.transaction import Transaction


def audit(to: Transaction, decision: str, member: str, record: str, policy: str, why: str) -> None:
    """Write down that this was decided of a record that came from, or would go to, that member."""
    row = {"decision": decision, "member": member, "record": record, "policy": policy, "why": why}
    to.put(_PUT_AUDIT, {"line": None, "at": to.at, **row})


_PUT_AUDIT = insert(schema.audit)
