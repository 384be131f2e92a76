"""What nodes tell each other about the line itself."""

from __future__ import annotations

from msgspec import Struct

from laurel.core.instrument import FOREVER, Kind


class Quarantined(Struct, frozen=True):
    """To an origin: your record is authentic but we do not understand it. We keep it."""

    record: str
    kind: str
    why: str


class Forked(Struct, frozen=True):
    """Evidence: one origin said two things under one number. Both are kept."""

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str


QUARANTINED = Kind("line.quarantined.v1", Quarantined, FOREVER)
FORKED = Kind("line.forked.v1", Forked, FOREVER)

KINDS = (QUARANTINED, FORKED)
