"""A record as the source of a request: in its own words, with its kind, its origin and its time, none of it typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from laurel.core.errors import BadAsk, Nothing, NotPermitted
from laurel.core.fields import Language
from laurel.core.instrument import View
from laurel.core.label import Label, join
from laurel.core.record import UNREADABLE, Record
from laurel.core.words import words_in
from laurel.instruments.consult.records import Source
from laurel.instruments.cyber.records import STIX_OBJECT, StixObject
from laurel.instruments.warning.records import TRACK_REPORT, TrackReport

STIX_WORDS = ("type", "name", "value", "description", "pattern", "sighting_of_ref", "first_seen", "last_seen")
LONGEST = 2_000
CUT = " […]"


class OtherSource(BadAsk):
    """Provenance is what the log says, not what was typed."""

    says = "this is not what the record says"
    remedy = "take the source as laurel consult ready gives it; your own words belong in the opinion"


class SourceTakenBack(BadAsk):
    """Nobody is asked to consult over what does not stand."""

    says = "this source was taken back by its origin"
    remedy = "leave it out; laurel line retractions says why"


class TooWide(NotPermitted):
    """The label of what is made from a record is as strict as the record's, at least."""

    says = "the label lets more out than that of the source it quotes"
    remedy = "narrow the label, or leave the source out and say in your opinion what you may say"


class Found(Struct, frozen=True):
    """A record as a source, with its label and what it is written in."""

    source: Source
    label: Label
    record: Record[Raw]
    language: str | None


class _Own(Struct, frozen=True):
    language: Language | None = None


def find(view: View, record_id: str) -> Found:
    """The record as a source. Raises Nothing, SourceTakenBack."""
    record = view.record(record_id)
    if record is None:
        raise Nothing(record=record_id, list="laurel log list")
    if not view.stands(record_id):
        raise SourceTakenBack(record=record_id, origin=record.origin)
    source = Source(record_id, record.kind, record.origin, record.at, words_of(record))
    return Found(source, record.label, record, _language(record))


def check(sources: Sequence[Source], label: Label, view: View) -> None:
    """Each must be what our log says, and none for fewer than `label`.

    Raises Nothing, SourceTakenBack, OtherSource, TooWide.
    """
    for one in sources:
        found = find(view, one.record)
        if found.source != one:
            wrong = [name for name in Source.__struct_fields__ if getattr(found.source, name) != getattr(one, name)]
            raise OtherSource(record=one.record, differs=", ".join(wrong))
        if not set(label.rel_to) <= set(found.label.rel_to) or join(label, found.label) != label:
            raise TooWide(record=one.record, source=found.label.banner, label=label.banner)


def words_of(record: Record[Raw]) -> str:
    """What a record says in words, whatever its kind: its own, or what a track report amounts to; else its kind.

    A STIX object says what it is, and its own words.
    """
    if record.kind == TRACK_REPORT.name:
        return _cut(_tracks(msgspec.json.decode(record.body, type=TrackReport)))
    if record.kind == STIX_OBJECT.name:
        return _cut(_stix(msgspec.json.decode(record.body, type=StixObject))) or STIX_OBJECT.name.split(".")[1]
    body = msgspec.json.decode(record.body, type=dict[str, Any])
    return _cut(words_in(body)) or record.kind.split(".")[1]


def _language(record: Record[Raw]) -> str | None:
    try:
        return msgspec.json.decode(record.body, type=_Own).language
    except msgspec.ValidationError:
        return None


def _tracks(report: TrackReport) -> str:
    lines = [f"{len(report.tracks)} tracks at {report.at:%Y-%m-%d %H:%M:%S} UTC."]
    for one in report.tracks:
        text = f"Track {one.number}: {one.state.value}, {one.phase.value}, {one.plots} plots"
        if one.launch is not None:
            text += f"; launched {one.launch.at:%H:%M:%S} UTC from {one.launch.lat_deg:.2f}, {one.launch.lon_deg:.2f}"
        if one.observed is not None:
            text += f"; fell {one.observed.at:%H:%M:%S} UTC at {one.observed.lat_deg:.2f}, {one.observed.lon_deg:.2f}"
        lines.append(f"{text}.")
    return "\n".join(lines)


def _stix(told: StixObject) -> str:
    try:
        stix = msgspec.json.decode(told.stix, type=dict[str, Any])
    except UNREADABLE:
        return ""
    texts = [stix.get(name) for name in STIX_WORDS]
    return "\n".join(dict.fromkeys(one.strip() for one in texts if isinstance(one, str) and one.strip()))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
