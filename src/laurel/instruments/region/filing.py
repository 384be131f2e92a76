"""What officers say of incidents: that one happened, what is put right, what they make of it; past ones from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, RecordId, Text
from laurel.core.instrument import Command, Desk, Noun, View
from laurel.core.label import Label
from laurel.core.record import Draft
from laurel.core.tables import label_of
from laurel.instruments.region.checks import (
    check_interval,
    check_past,
    check_place,
    check_rests_on,
    check_within,
    told,
)
from laurel.instruments.region.disputed import near, region_charter
from laurel.instruments.region.heads import Head, heads_of, of_lines
from laurel.instruments.region.records import (
    TYPES,
    Confidence,
    DatasetLine,
    Disputed,
    Incident,
    IncidentAmended,
    IncidentAssessed,
    Severity,
)
from laurel.instruments.region.reports import WRITERS

MOST_LINES = 100
TAKEN_ANEW = "The list that it was taken from says otherwise now."


class ReportIncidentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say that something happened. `label`: who is told, nobody who may not have the sources it rests on."""

    incident: Incident
    label: Label


class AmendIncidentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Put an incident of ours right: all of it as it is said now, and why. Those are told who were told of it."""

    incident: RecordId
    amended: Incident
    reason: Line


class AssessIncidentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our own assessment of an incident, ours or another's. `label`: who is told, nobody who was not told of it.

    `attribution` is whose act it was, in words, or empty; `place` is what we ourselves call the place.
    """

    incident: RecordId
    severity: Severity
    confidence: Confidence
    language: Language
    text: Text
    label: Label
    attribution: Annotated[str, Meta(max_length=1_000)] = ""
    place: Annotated[str, Meta(max_length=120)] = ""


class ImportPastAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents of a published list, each with its line. What was taken before is not said again; changes amend it."""

    incidents: Annotated[tuple[Incident, ...], Meta(min_length=1, max_length=MOST_LINES)]
    label: Label


def report(ask: ReportIncidentAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say it. Raises BadField, BadOutline, Nothing, TakenBack, TooWide."""
    body = _checked("incident", ask.incident, desk)
    check_rests_on((*body.reports, *body.rests_on), ask.label, view)
    return (Draft(body, ask.label, about=(*body.reports, *body.rests_on)),)


def amend(ask: AmendIncidentAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Put it right. Raises Nothing, NotPermitted and what `report` raises."""
    head = _head(ask.incident, view)
    if head.first.by_member != desk.member:
        why = "another member's incident is that member's to amend: assess it"
        raise NotPermitted(why=why, incident=head.id, of=head.first.by_member)
    body = _checked("amended", ask.amended, desk)
    label = told(label_of(head.first.label), desk)
    check_rests_on((*body.reports, *body.rests_on), label, view)
    return (_amendment(head, body, ask.reason, label),)


def assess(ask: AssessIncidentAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say what we make of it. Raises Nothing, TooWide."""
    del desk
    head = _head(ask.incident, view)
    check_within(head.id, ask.label, label_of(head.first.label))
    body = IncidentAssessed(
        incident=head.id,
        severity=ask.severity,
        confidence=ask.confidence,
        language=ask.language,
        text=ask.text,
        attribution=ask.attribution,
        place=ask.place,
    )
    return (Draft(body, ask.label, about=(head.id,), answers=head.id),)


def import_past(ask: ImportPastAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say those not said before, and amend those that the list now says otherwise. Raises what `report` raises."""
    bodies = [_checked(f"incidents[{place}]", one, desk) for place, one in enumerate(ask.incidents)]
    check_rests_on(dict.fromkeys(report for one in bodies for report in (*one.reports, *one.rests_on)), ask.label, view)
    lines = [_line(f"incidents[{place}].taken_from", one) for place, one in enumerate(bodies)]
    if len(set(lines)) < len(lines):
        raise BadField(field="incidents.taken_from", value="a line twice", must_be="each line of the list once")
    taken = {
        (dataset, line): head
        for dataset in dict.fromkeys(one.dataset for one in lines)
        for line, head in of_lines(view, dataset, [one.line for one in lines], desk.member).items()
    }
    drafts: list[Draft] = []
    for line, body in zip(lines, bodies, strict=True):
        head = taken.get((line.dataset, line.line))
        if head is None:
            drafts.append(Draft(body, ask.label, about=(*body.reports, *body.rests_on)))
        elif not _same(head.body, body):
            drafts.append(_amendment(head, body, TAKEN_ANEW, told(label_of(head.first.label), desk)))
    return drafts


def _checked(field: str, given: Incident, desk: Desk) -> Incident:
    """The incident with every disputed area that is near it. Raises BadField, BadOutline."""
    charter = region_charter(desk.charter)
    if given.type not in (*TYPES, *charter.types):
        raise BadField(field=f"{field}.type", value=given.type, must_be=f"one of {', '.join((*TYPES, *charter.types))}")
    check_interval(f"{field}.when", given.when)
    check_past(f"{field}.when.begins_at", given.when.begins_at, desk.now)
    check_place(f"{field}.where", given.where)
    return structs.replace(given, disputed=_with_all(given.disputed, near(given.where, charter.disputed)))


def _with_all(given: Sequence[Disputed], known: Sequence[Disputed]) -> tuple[Disputed, ...]:
    """What its author names, and what the compact's file names: no claimant is left out of either."""
    by_area = {one.area: one for one in given}
    for one in known:
        named = by_area.get(one.area)
        more = () if named is None else tuple(name for name in named.names if name not in one.names)
        by_area[one.area] = Disputed(one.area, (*one.names, *more))
    return tuple(by_area.values())


def _head(incident: str, view: View) -> Head:
    head = heads_of(view, [incident]).get(incident)
    if head is None:
        raise Nothing(incident=incident, list="laurel region incidents")
    return head


def _line(field: str, body: Incident) -> DatasetLine:
    if body.taken_from is None:
        raise BadField(field=field, value=None, must_be="the list and its line, so that it is taken once")
    return body.taken_from


def _same(held: Incident, given: Incident) -> bool:
    """Whether they say the same, from whichever copy of the list each was read."""
    names = (name for name in Incident.__struct_fields__ if name not in {"reports", "rests_on"})
    return all(getattr(held, name) == getattr(given, name) for name in names)


def _amendment(head: Head, body: Incident, reason: str, label: Label) -> Draft:
    fields = {name: getattr(body, name) for name in Incident.__struct_fields__}
    about = (head.id, *body.reports, *body.rests_on)
    return Draft(IncidentAmended(**fields, amends=head.id, reason=reason), label, about=about, answers=head.id)


COMMANDS: tuple[Command[Any], ...] = (
    Command("report-incident", ReportIncidentAsk, report, WRITERS),
    Command("amend-incident", AmendIncidentAsk, amend, WRITERS),
    Command("assess-incident", AssessIncidentAsk, assess, WRITERS),
    Command("import-past", ImportPastAsk, import_past, WRITERS),
)
NOUN = Noun(commands=COMMANDS)
