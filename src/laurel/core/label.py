"""Who may read a record, and how it must be kept. There is no default label anywhere."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from laurel.core.errors import BadLabel

MEMBER_CODE = re.compile(r"[A-Z]{3}")


class Classification(StrEnum):
    """How much harm disclosure would do. Order of declaration is order of strictness."""

    UNCLASSIFIED = "UNCLASSIFIED"
    RESTRICTED = "RESTRICTED"
    CONFIDENTIAL = "CONFIDENTIAL"
    SECRET = "SECRET"
    TOP_SECRET = "TOP SECRET"

    @property
    def rank(self) -> int:
        """0 for the least strict."""
        return list(Classification).index(self)


class Label(Struct, frozen=True, order=False):
    """Classification, the literal audience (sorted, includes the origin), and caveats (sorted)."""

    classification: Classification
    rel_to: tuple[str, ...]
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rel_to or tuple(sorted(set(self.rel_to))) != self.rel_to:
            raise BadLabel(rel_to=self.rel_to)
        if not all(MEMBER_CODE.fullmatch(code) for code in self.rel_to):
            raise BadLabel(rel_to=self.rel_to)
        if tuple(sorted(set(self.caveats))) != self.caveats:
            raise BadLabel(caveats=self.caveats)

    @property
    def banner(self) -> str:
        """`SECRET//REL TO USA, JPN, KOR`: USA first, the rest alphabetical, caveats last."""
        members = sorted(self.rel_to, key=lambda code: (code != "USA", code))
        parts = [self.classification.value, "REL TO " + ", ".join(members), *self.caveats]
        return "//".join(parts)


def label(classification: Classification, rel_to: set[str], caveats: frozenset[str] = frozenset()) -> Label:
    """A label from unordered parts."""
    return Label(classification, tuple(sorted(rel_to)), tuple(sorted(caveats)))


def join(first: Label, second: Label) -> Label:
    """The label of a thing made from two: the stricter of each part.

    Raises BadLabel when no member may read both.
    """
    return label(
        max(first.classification, second.classification, key=lambda one: one.rank),
        set(first.rel_to) & set(second.rel_to),
        frozenset(first.caveats) | frozenset(second.caveats),
    )
