"""Under which label things leave: at home by default, further by an officer's standing release alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from laurel.core.instrument import Desk, View
from laurel.core.label import Classification, Label, join, label
from laurel.instruments.warning.view import standing_release


def home(member: str) -> Label:
    """What sensors, scans and releases are said under."""
    return Label(Classification.SECRET, (member,))


def outward(view: View, desk: Desk) -> tuple[Label, tuple[str, ...]]:
    """The label of what is made from scans now, and the release that it rests on; home without one.

    A member that has left the world since the release is left out; one that only listens now says nothing.
    """
    found = standing_release(view, desk.member) if desk.member in desk.members else None
    if found is None:
        return home(desk.member), ()
    record, release = found
    said = release.release
    present = set(said.rel_to) & set(desk.members)
    return label(said.classification, present, frozenset(said.caveats)), (record,)


def stricter(first: Label, others: Sequence[Label]) -> Label:
    """The label of a thing made from all of these. Raises BadLabel when no member may read them all."""
    return reduce(join, others, first)
