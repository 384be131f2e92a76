"""Which policies are in force here: the house's, and those that this member last put beside them.

Policies put in force are a record of our own, so the log says which they are, and a restart finds them there. A record
that does not hold any more (a damaged one; one that a newer house contradicts) never opens the border: nothing is
released until a release authority puts others in force.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

import laurel.border
from laurel.border.cedar import BadPolicy
from laurel.border.policy import House, Policies
from laurel.core.label import Classification
from laurel.core.record import UNREADABLE, decode
from laurel.instruments.office.records import POLICY_PUT, PolicyPut
from laurel.node.keep import schema
from laurel.node.keep.reader import Source

SCHEMA_FILE = "laurel.cedarschema"
CLOSED = {
    "closed.cedar": """
@id("own-policies-damaged")
@why("this member's own policies cannot be read: nothing leaves until others are put in force")
forbid (principal, action in [Action::"release", Action::"sanitise"], resource);
"""
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InForce:
    """The policies in force, and the record that put our own among them in force; None while there are none."""

    policies: Policies
    put: str | None


def house(ceiling: Classification, clearances: Mapping[str, Classification] | None = None) -> House:
    """What this package ships, for a compact that carries records up to that ceiling."""
    folder = Path(laurel.border.__file__).parent / "policies"
    files = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.cedar")}
    schema_text = (folder / SCHEMA_FILE).read_text(encoding="utf-8")
    return House(files, schema_text, ceiling, dict(clearances or {}))


def in_force(from_: Source, me: str, house: House) -> InForce:
    """The policies in force by the log. Raises BadPolicy when the house itself does not hold: then nothing may run."""
    Policies(house, {})
    row = from_.execute(_LAST_PUT, {"me": me, "kind": POLICY_PUT.name}).first()
    if row is None:
        return InForce(Policies(house, {}), None)
    try:
        put = msgspec.json.decode(decode(row.payload).body, type=PolicyPut)
        return InForce(Policies(house, put.files), row.id)
    except (*UNREADABLE, BadPolicy):
        log.exception("the policies put in force by record %s do not hold, so nothing is released", row.id)
        return InForce(Policies(house, CLOSED), row.id)


def put_in_force(files: Mapping[str, str], digest: str, record_id: str | None, house: House) -> InForce:
    """What is in force once that record is said. Raises BadPolicy unless it is whole and what its digest names."""
    policies = Policies(house, files)
    if policies.digest != digest:
        raise BadPolicy(why="these are not the policies that were tried", tried=digest, these=policies.digest)
    return InForce(policies, record_id)


_G, _L = schema.log, schema.lane
_LAST_PUT = (
    sa.select(_G.c.id, _G.c.payload)
    .join(_L, _L.c.lane == _G.c.lane)
    .where(_G.c.kind == bindparam("kind"), _L.c.origin == bindparam("me"))
    .order_by(_G.c.position.desc())
    .limit(1)
)
