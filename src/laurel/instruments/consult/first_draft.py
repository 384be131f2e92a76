"""A joint text to begin with, composed from what the consultation holds, in three languages, so that nobody retypes it.

What members wrote stands in it as they wrote it, in their own language; the sentences around it are `phrases.py`. It
is for people to edit: the machine translates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct

from laurel.core.fields import RecordId
from laurel.core.instrument import Noun, Query, View
from laurel.instruments.consult import caveats
from laurel.instruments.consult.course_types import OptionRow
from laurel.instruments.consult.options import WILLING, option_rows
from laurel.instruments.consult.phrases import EACH, Phrases
from laurel.instruments.consult.procedure import Procedure, procedure
from laurel.instruments.consult.records import Assessed, ConsultationRequest, Version
from laurel.instruments.consult.texts import ProposeTextAsk
from laurel.instruments.consult.words import Position, Purpose

SOURCES = 10
"""How many sources a draft quotes, each by its first lines."""
QUOTED = 600
SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=1)
MOST_OPTIONS = 20


class DraftAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be drafted: the common assessment, or the response."""

    consultation: RecordId
    purpose: Purpose


def answer_draft(ask: DraftAsk, view: View, now: datetime) -> ProposeTextAsk:
    """A text to be edited, then proposed: with the options that members support and nothing forbids. Raises Nothing."""
    found = procedure(view, ask.consultation)
    options = supported(found, view) if ask.purpose is Purpose.RESPONSE else ()
    least = min(max(timedelta(seconds=found.course.request.body.respond_within_s), SHORTEST), LONGEST)
    return ProposeTextAsk(
        consultation=found.course.id,
        purpose=ask.purpose,
        versions=tuple(Version(one.language, "\n".join(_lines(one, ask.purpose, found, options))) for one in EACH),
        deadline=(now + 2 * least).replace(second=0, microsecond=0) + timedelta(minutes=1),
        options=tuple(one.id for one in options),
        least_s=int(least.total_seconds()),
        amends=_latest(found, ask.purpose),
    )


def supported(found: Procedure, view: View) -> tuple[OptionRow, ...]:
    """The options that stand, that no caveat forbids to anyone in them, and that nobody opposes and somebody wants."""
    rows = (
        one
        for one in option_rows(found.course, caveats.standing(view))
        if one.replaced_by is None
        and not one.forbidden
        and any(stance.position in WILLING for stance in one.stances)
        and all(stance.position is not Position.OPPOSES for stance in one.stances)
    )
    return tuple(islice(rows, MOST_OPTIONS))


def _latest(found: Procedure, purpose: Purpose) -> str | None:
    """The text of the last round, for this is the next one; None in the first, or where two of one round compete."""
    drafts = found.of_purpose(purpose)
    last = [one.id for one in drafts if one.body.round == drafts[-1].body.round]
    return last[0] if len(last) == 1 else None


def _lines(words: Phrases, purpose: Purpose, found: Procedure, options: Sequence[OptionRow]) -> Iterator[str]:
    course = found.course
    request = course.request.body
    yield words.consulted.format(words.all_of(course.remaining))
    yield words.requested.format(words.country(course.request.member), words.day(course.request.at))
    yield words.matter.format(words.grounds[request.ground], _subject(words, request))
    yield ""
    yield from _assessment(words, found) if purpose is Purpose.ASSESSMENT else _response(words, found, options)


def _subject(words: Phrases, request: ConsultationRequest) -> str:
    """What it is about. One that was taken over from a source is in the source's language, not in the opinion's."""
    if any(one.words.startswith(request.subject.removesuffix("…")) for one in request.sources):
        return words.quote.format(request.subject)
    return words.quoted(request.subject, request.language)


def _assessment(words: Phrases, found: Procedure) -> Iterator[str]:
    """What was reported, and how each member sees it."""
    course = found.course
    sources = course.request.body.sources[:SOURCES]
    if sources:
        yield words.facts
        for one in sources:
            said = words.quote.format(_short(one.words))
            yield words.own.format(words.begins(one.origin), f"{said} ({one.at:%Y-%m-%d %H:%M:%S} UTC)")
    own = sorted(course.last(Assessed).items())
    if own:
        yield words.assessed
        for member, one in own:
            yield words.own.format(words.begins(member), words.quoted(_short(one.body.text), one.body.language))


def _response(words: Phrases, found: Procedure, options: Sequence[OptionRow]) -> Iterator[str]:
    """The common assessment, if there is one, and what each does."""
    common = found.drafts.get(found.judged.adopted.get(Purpose.ASSESSMENT, ""))
    if common is not None:
        versions = common.body.versions
        one = next((one for one in versions if one.language == words.language), versions[0])
        yield words.assessment
        yield one.text if one.language == words.language else words.quoted(one.text, one.language)
        yield ""
    yield words.response if options else words.nothing
    for option in options:
        title = words.quoted(option.title, option.language)
        yield words.option.format(words.fields[option.field], title, words.day(option.begins_at))
        for part in option.parts:
            if part.activities:
                done = words.comma.join(words.activities[one] for one in part.activities)
                yield words.part.format(words.begins(part.member), done)


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


NOUN = Noun(queries=(Query("draft", DraftAsk, ProposeTextAsk, answer_draft),))
