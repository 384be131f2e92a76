"""What is refused, and why: times that run backwards, outlines that cross themselves, labels that let out too much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Raw, structs

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.instrument import Desk, View
from laurel.core.label import Label, join
from laurel.core.record import Record
from laurel.instruments.region.records import Corner, Interval, Place
from laurel.physics.outline import first_crossing, winds_round_a_pole

CLOCKS_DIFFER = timedelta(minutes=5)


class BadOutline(BadAsk):
    """Nobody can say what is inside."""

    says = "this outline encloses no area that a chart could show"
    remedy = "give the corners in the order in which a pencil would join them, each once, and no pole inside"


class TooWide(NotPermitted):
    """The label of what is made from a record is as strict as the record's, at least."""

    says = "the label lets more out than that of a record it rests on"
    remedy = "narrow the label, or leave that record out"


class TakenBack(BadAsk):
    """Nothing rests on what does not stand."""

    says = "this record was taken back by its origin"
    remedy = "leave it out; laurel line retractions says why"


def check_interval(field: str, when: Interval) -> None:
    """Raises BadField when it ends before it begins."""
    if when.ends_at < when.begins_at:
        must_be = f"not before {when.begins_at.isoformat()}"
        raise BadField(field=f"{field}.ends_at", value=when.ends_at.isoformat(), must_be=must_be)


def check_past(field: str, at: datetime, now: datetime) -> None:
    """Raises BadField for what has not happened yet."""
    if at > now + CLOCKS_DIFFER:
        raise BadField(field=field, value=at.isoformat(), must_be=f"not after {now.isoformat()}")


def check_outline(field: str, outline: tuple[Corner, ...]) -> None:
    """Raises BadOutline for one that crosses itself, winds round a pole or is a line."""
    corners = [(one.lat_deg, one.lon_deg) for one in outline]
    if winds_round_a_pole(corners):
        raise BadOutline(field=field, why="its edges go round the Earth, so a pole would be inside")
    if len(set(corners)) < len(corners):
        raise BadOutline(field=field, why="a corner stands in it twice")
    crossing = first_crossing(corners)
    if crossing is not None:
        first, second = (f"{number + 1}-{(number + 1) % len(corners) + 1}" for number in crossing)
        raise BadOutline(field=field, why="it crosses itself", edges=f"{first} and {second}")


def check_place(field: str, where: Place | None) -> None:
    """Raises BadOutline."""
    if where is not None and where.outline is not None:
        check_outline(f"{field}.outline", where.outline)


def held(record_id: str, view: View, **name: str) -> Record[Raw]:
    """The record that is spoken of. Raises Nothing, TakenBack."""
    found = view.record(record_id)
    if found is None:
        raise Nothing(record=record_id, **name)
    if not view.stands(record_id):
        raise TakenBack(record=record_id, origin=found.origin)
    return found


def check_rests_on(records: Iterable[str], label: Label, view: View) -> None:
    """Each is here and stands, and none is for fewer than `label`. Raises Nothing, TakenBack, TooWide."""
    for record_id in records:
        check_within(record_id, label, held(record_id, view, list="laurel log list").label)


def check_within(record_id: str, label: Label, given: Label) -> None:
    """Raises TooWide."""
    if not set(label.rel_to) <= set(given.rel_to) or join(label, given) != label:
        raise TooWide(record=record_id, its_label=given.banner, label=label.banner)


def told(given: Label, desk: Desk) -> Label:
    """That label, without those who have left: nothing can be told to them."""
    entitled = {desk.member, *desk.members, *desk.readers}
    return structs.replace(given, rel_to=tuple(one for one in given.rel_to if one in entitled))
