"""What members tell each other of their region: sources, incidents, how each assesses them, launches announced.

A report is somebody else's words, read and graded by one of our officers; an incident is what a member says happened,
and on what it rests. Neither is changed by anybody but its member; what others think of it they say beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, RecordId, Sha256, Slug, Text
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc

Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Metres = Annotated[float, Meta(ge=0.0, le=2.0e7)]
Bearing = Annotated[float, Meta(ge=0.0, le=360.0)]
Grade = Annotated[str, Meta(pattern="^[A-F][1-6]$")]
"""The Admiralty code: how far the source is to be relied on (A-F), how credible what it says is (1-6)."""
Records = Annotated[tuple[RecordId, ...], Meta(max_length=50)]


class Corner(Struct, frozen=True, array_like=True):
    """A corner of an outline: latitude and longitude, degrees, WGS84."""

    lat_deg: Latitude
    lon_deg: Longitude


Outline = Annotated[tuple[Corner, ...], Meta(min_length=3, max_length=500)]
"""Corners in order, the last joined to the first, each edge the short way: one may cross the date line."""


class Interval(Struct, frozen=True):
    """From then until then. Both the same when it is known to the second; a whole day when only the day is known."""

    begins_at: Utc
    ends_at: Utc


class Spot(Struct, frozen=True):
    """A place, known to within so many metres. 0: as exactly as it is written."""

    lat_deg: Latitude
    lon_deg: Longitude
    within_m: Metres = 0.0


class Place(Struct, frozen=True):
    """Where, as the member that says it writes the name; a spot, an outline, both, or the name alone."""

    name: Name
    language: Language
    spot: Spot | None = None
    outline: Outline | None = None


class NamedBy(Struct, frozen=True):
    """What a claimant (ISO 3166 alpha-3) calls a place."""

    claimant: Code
    language: Language
    name: Name


class Disputed(Struct, frozen=True):
    """An area to which more than one lays claim, by the names that they give it. It takes no side."""

    area: Slug
    names: Annotated[tuple[NamedBy, ...], Meta(min_length=2, max_length=20)]


# Sources


class ReadFrom(StrEnum):
    """How a report came to an officer."""

    FEED = "feed"
    ARTICLE = "article"
    DATASET = "dataset"
    OFFICER = "officer"


class Count(Struct, frozen=True):
    """How many of something (`missiles`, `casualties`): at least, and at most unless that is open."""

    of: Slug
    least: Annotated[int, Meta(ge=0, le=10**9)]
    most: Annotated[int, Meta(ge=0, le=10**9)] | None = None


class Stated(Struct, frozen=True):
    """What a report states as fact, so that two reports can be held against each other. None: it does not say.

    `outcome` is one word, such as `success` or `failure`.
    """

    when: Interval | None = None
    where: Spot | None = None
    counts: Annotated[tuple[Count, ...], Meta(max_length=10)] = ()
    outcome: Slug | None = None


class SourcedReport(Struct, frozen=True):
    """What somebody published, in the language it was written in, read and graded by an officer.

    `sha256` is of the exact bytes that were read; `text` is what was read of them, `whole` or its beginning.
    """

    title: Line
    language: Language
    text: Text
    publisher: Name
    retrieved_at: Utc
    sha256: Sha256
    read_from: ReadFrom
    grade: Grade
    url: Annotated[str, Meta(max_length=2_000)] = ""
    published_at: Utc | None = None
    licence: Annotated[str, Meta(max_length=200)] = ""
    whole: bool = True
    stated: Stated = Stated()


class Graded(Struct, frozen=True):
    """A member's grade of a report, and why. Its last one holds; each member has its own."""

    report: RecordId
    grade: Grade
    language: Language
    reason: Line


# Incidents

TYPES = ("missile-launch", "artillery", "airspace", "maritime", "cyber", "other")
"""What sorts of incident there are. A compact's file may add its own: `[charter.region] types`."""


class Figure(Struct, frozen=True):
    """A number that was reported of it, with its unit: apogee, 2111.5, km."""

    name: Slug
    value: float
    unit: Annotated[str, Meta(min_length=1, max_length=20)]


class DatasetLine(Struct, frozen=True):
    """Which line of which published list an incident was taken from, so that it is taken once."""

    dataset: Slug
    line: Slug


class Incident(Struct, frozen=True):
    """Something that happened, as one member says. It is called by this record's id.

    `reports` are the sources it rests on, `rests_on` other records (tracks, alerts, messages). `disputed` are areas
    near it that more than one claims.
    """

    type: Slug
    title: Line
    language: Language
    text: Text
    when: Interval
    where: Place | None = None
    disputed: Annotated[tuple[Disputed, ...], Meta(max_length=10)] = ()
    outcome: Slug | None = None
    figures: Annotated[tuple[Figure, ...], Meta(max_length=20)] = ()
    reports: Records = ()
    rests_on: Records = ()
    taken_from: DatasetLine | None = None


class IncidentAmended(Incident, frozen=True, kw_only=True):
    """An incident of ours as we say it now, whole, and why it changed. The last one holds."""

    amends: RecordId
    reason: Line


class Severity(StrEnum):
    """How grave a member holds an incident to be, in the order of gravity."""

    NONE = "none"
    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class Confidence(StrEnum):
    """How sure a member is of its own assessment: the words of ICD 203."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class IncidentAssessed(Struct, frozen=True):
    """A member's own assessment. Its last one holds; it stands beside those of others and is joined with none.

    `attribution`: whose act it was, in words; empty when the member attributes it to nobody. `place`: what the member
    itself calls the place.
    """

    incident: RecordId
    severity: Severity
    confidence: Confidence
    language: Language
    text: Text
    attribution: Annotated[str, Meta(max_length=1_000)] = ""
    place: Annotated[str, Meta(max_length=120)] = ""


# Launches that were notified


class LaunchClass(StrEnum):
    """What a notice says will fly: the generic classes of HCOC notifications."""

    SATELLITE_LAUNCH = "satellite-launch"
    SOUNDING_ROCKET = "sounding-rocket"
    BALLISTIC_TEST = "ballistic-test"
    OTHER = "other"


class HazardArea(Struct, frozen=True):
    """Where something is to come down, or ships and aircraft are told to keep away."""

    name: Name
    outline: Outline


class NotifiedLaunch(Struct, frozen=True):
    """A launch that was announced before it is made. It is called by this record's id.

    `notifier` announced it, a state or an agency and not always a member; `number` is the notice's own; `source` says
    what it is (an HCOC notification, a NAVAREA warning, a NOTAM). `site` is the launch site with its radius,
    `direction_deg` where it is to fly, clockwise from true north. `words` are the notice's own.
    """

    notifier: Name
    number: Line
    source: Name
    grade: Grade
    vehicle: LaunchClass
    windows: Annotated[tuple[Interval, ...], Meta(min_length=1, max_length=20)]
    site_name: Name
    site: Spot
    language: Language
    words: Text
    areas: Annotated[tuple[HazardArea, ...], Meta(max_length=20)] = ()
    direction_deg: Bearing | None = None
    report: RecordId | None = None
    replaces: RecordId | None = None


class NoticeCancelled(Struct, frozen=True):
    """A notice that we passed on holds no more."""

    notice: RecordId
    language: Language
    reason: Line


REPORT = Kind("region.report.v1", SourcedReport, FOREVER, retractable=True)
GRADED = Kind("region.graded.v1", Graded, FOREVER, retractable=True)
INCIDENT = Kind("region.incident.v1", Incident, FOREVER, retractable=True)
INCIDENT_AMENDED = Kind("region.incident-amended.v1", IncidentAmended, FOREVER, retractable=True)
INCIDENT_ASSESSED = Kind("region.incident-assessed.v1", IncidentAssessed, FOREVER, retractable=True)
NOTIFIED_LAUNCH = Kind("region.notified-launch.v1", NotifiedLaunch, FOREVER, retractable=True)
NOTICE_CANCELLED = Kind("region.notice-cancelled.v1", NoticeCancelled, FOREVER, retractable=True)

KINDS = (
    REPORT,
    GRADED,
    INCIDENT,
    INCIDENT_AMENDED,
    INCIDENT_ASSESSED,
    NOTIFIED_LAUNCH,
    NOTICE_CANCELLED,
)
