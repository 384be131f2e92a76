"""A request filled in from records and from what the docket holds, so that nobody copies a fact by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce

import msgspec
from msgspec import Struct

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Language, Line, RecordId
from laurel.core.instrument import Item, Noun, Query, View
from laurel.core.label import join
from laurel.core.record import Precedence
from laurel.instruments.consult import sources
from laurel.instruments.consult.course import RequestAsk
from laurel.instruments.consult.records import Convening
from laurel.instruments.consult.words import Ground, Level, Means

SUBJECT_LENGTH = 200
MOST_SOURCES = 15
GRAVEST_FIRST = (Ground.THREAT, Ground.PROVOCATION, Ground.CHALLENGE)
ENGLISH = "en"

WITHIN: Mapping[Precedence, timedelta] = {
    Precedence.FLASH: timedelta(minutes=30),
    Precedence.IMMEDIATE: timedelta(hours=1),
    Precedence.PRIORITY: timedelta(hours=6),
    Precedence.ROUTINE: timedelta(days=1),
}
"""Within what time a first response is asked for, by the urgency of the record it is about."""

OPINION: Mapping[str, str] = {
    "en": (
        "In our opinion the following affects our collective interests and security, and we ask to consult on it:\n\n{}"
    ),
    "ja": "我が国は、次の事案が我々の共通の利益と安全保障に影響を及ぼすものと考え、協議を求める。\n\n{}",
    "ko": "우리는 다음 사안이 우리의 공동 이익과 안보에 영향을 미친다고 보아, 이에 관한 협의를 요청한다.\n\n{}",
}


class ReadyAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What a request shall rest on: records by their ids, items of the docket by their subjects, or both.

    Its opinion begins in `language` (en, ja, ko), else in that of the first record.
    """

    records: tuple[RecordId, ...] = ()
    items: tuple[Line, ...] = ()
    language: Language | None = None


class _Alerted(Struct, frozen=True):
    reason: str = ""


def answer_ready(ask: ReadyAsk, view: View, now: datetime) -> RequestAsk:
    """A whole request, to be looked through and asked. Raises BadField, Nothing, SourceTakenBack."""
    items = _items(ask.items, view, now)
    ids = dict.fromkeys((*ask.records, *(record for item in items for record in item.records)))
    found = [sources.find(view, record) for record in ids]
    labels = [*(one.label for one in found), *(item.label for item in items)]
    if not labels or len(labels) > MOST_SOURCES:
        raise BadField(field="records, items", value=len(labels), must_be=f"1 to {MOST_SOURCES} records and items")
    language = ask.language or next((one.language for one in found if one.language in OPINION), None) or ENGLISH
    language = language if language in OPINION else ENGLISH
    within = min((WITHIN[one.record.precedence] for one in found), default=WITHIN[Precedence.ROUTINE])
    words = [*(item.title for item in items), *(one.source.words for one in found)]
    quoted = [
        *(one.source.words for one in found),
        *(f"{one.title}. {one.summary}" for one in items if not one.records),
    ]
    first = words[0].strip().splitlines()[0]
    return RequestAsk(
        subject=first if len(first) <= SUBJECT_LENGTH else first[: SUBJECT_LENGTH - 1] + "…",
        ground=next((one for one in GRAVEST_FIRST if one in map(_ground, found)), Ground.CHALLENGE),
        level=Level.ADVISER,
        language=language,
        opinion=OPINION[language].format("\n\n".join(quoted)),
        label=reduce(join, labels),
        respond_within_s=int(within.total_seconds()),
        convening=(
            Convening(Means.HOTLINE, _next_minute(now + within)),
            Convening(Means.VIDEO, _next_minute(now + 2 * within)),
        ),
        sources=tuple(one.source for one in found),
    )


def _items(subjects: tuple[str, ...], view: View, now: datetime) -> list[Item]:
    """Those items of the docket. Raises Nothing."""
    if not subjects:
        return []
    open_now = {one.subject: one for one in view.docket(now)}
    for subject in subjects:
        if subject not in open_now:
            raise Nothing(item=subject, list="GET docket")
    return [open_now[one] for one in subjects]


def _ground(found: sources.Found) -> Ground:
    """A missile that comes down on a member is a threat, any other a provocation; the rest is a challenge."""
    record = found.record
    if not record.kind.startswith("warning."):
        return Ground.CHALLENGE
    alerted = msgspec.json.decode(record.body, type=_Alerted) if record.kind.startswith("warning.alert.") else None
    return Ground.THREAT if alerted is not None and alerted.reason == "impact" else Ground.PROVOCATION


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


NOUN = Noun(queries=(Query("ready", ReadyAsk, RequestAsk, answer_ready),))
