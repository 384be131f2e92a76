"""A request filled in from any record that is here, so that nobody copies a fact by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from laurel.core.fields import Language, RecordId
from laurel.core.instrument import Noun, Query, View
from laurel.core.record import Precedence, Record
from laurel.instruments.consult import sources
from laurel.instruments.consult.course import RequestAsk
from laurel.instruments.consult.records import Convening
from laurel.instruments.consult.words import Ground, Level, Means

SUBJECT_LENGTH = 200
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
    """Which record a request shall rest on, and in which language (en, ja, ko) its opinion begins: else in its own."""

    record: RecordId
    language: Language | None = None


class _Alerted(Struct, frozen=True):
    reason: str = ""


def answer_ready(ask: ReadyAsk, view: View, now: datetime) -> RequestAsk:
    """A whole request, to be looked through and asked. Raises Nothing, SourceTakenBack."""
    found = sources.find(view, ask.record)
    language = ask.language or found.language or ENGLISH
    language = language if language in OPINION else ENGLISH
    within = WITHIN[found.record.precedence]
    first = found.source.words.strip().splitlines()[0]
    return RequestAsk(
        subject=first if len(first) <= SUBJECT_LENGTH else first[: SUBJECT_LENGTH - 1] + "…",
        ground=_ground(found.record),
        level=Level.ADVISER,
        language=language,
        opinion=OPINION[language].format(found.source.words),
        label=found.label,
        respond_within_s=int(within.total_seconds()),
        convening=(
            Convening(Means.HOTLINE, _next_minute(now + within)),
            Convening(Means.VIDEO, _next_minute(now + 2 * within)),
        ),
        sources=(found.source,),
    )


def _ground(record: Record[Raw]) -> Ground:
    """A missile that comes down on a member is a threat, any other a provocation; the rest is a challenge."""
    if not record.kind.startswith("warning."):
        return Ground.CHALLENGE
    alerted = msgspec.json.decode(record.body, type=_Alerted) if record.kind.startswith("warning.alert.") else None
    return Ground.THREAT if alerted is not None and alerted.reason == "impact" else Ground.PROVOCATION


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


NOUN = Noun(queries=(Query("ready", ReadyAsk, RequestAsk, answer_ready),))
