"""Whom a record of the dialogue may name, and how strict it must be."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from laurel.core.errors import BadField, NotPermitted
from laurel.core.instrument import Desk, View
from laurel.core.label import Label, join


class TooWide(NotPermitted):
    """What quotes a record is as strict as that record, at least."""

    says = "the label lets more out than that of a record it names"
    remedy = "narrow the label, or leave that point out"


class BeyondAudience(NotPermitted):
    """Nobody is told of a thing that he was not told."""

    says = "the label names members who do not have what this speaks of"
    remedy = "leave them out of rel_to"


def check_told(label: Label, desk: Desk) -> None:
    """Us, and other members in standing. Raises BadField."""
    if desk.member not in label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(label.rel_to), must_be=f"with {desk.member}")
    strangers = set(label.rel_to) - {desk.member, *desk.members}
    if strangers:
        raise BadField(
            field="label.rel_to", value=", ".join(sorted(strangers)), must_be=f"of {', '.join(desk.members)}"
        )


def check_within(label: Label, audience: Label, desk: Desk) -> None:
    """Told to nobody who was not told of what it answers. Raises BadField, BeyondAudience."""
    check_told(label, desk)
    beyond = set(label.rel_to) - set(audience.rel_to)
    if beyond:
        raise BeyondAudience(beyond=", ".join(sorted(beyond)), told=", ".join(audience.rel_to))


def check_quotes(label: Label, records: Iterable[str], view: View) -> None:
    """As strict as every one of these records that is here. Raises TooWide."""
    for one in records:
        found = view.record(one)
        if found is not None and not covers(found.label, label):
            raise TooWide(record=one, said=found.label.banner, label=label.banner)


def covers(source: Label, label: Label) -> bool:
    """Whether what has this source's label may stand under that label."""
    return set(label.rel_to) <= set(source.rel_to) and join(label, source) == label


def same_as(told: Label, desk: Desk) -> Label:
    """For those who were told before, without those who have left: nothing can be told to them."""
    entitled = {desk.member, *desk.members}
    return msgspec.structs.replace(told, rel_to=tuple(one for one in told.rel_to if one in entitled))
