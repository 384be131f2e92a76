"""What the queries of notices, of help and of measures answer."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from laurel.instruments.supply.records import (
    DisruptionNotice,
    FirmNamed,
    HelpOffered,
    HelpRequested,
    MeasureNotified,
)


class MeetingRow(Struct, frozen=True):
    """That the members met, as one of them says."""

    record: str
    member: str
    met_at: datetime
    language: str
    text: str


class NoticeRow(Struct, frozen=True):
    """A disruption notice and how it stands: `meeting` is not-asked, waits, overdue or met; `state` open or closed.

    `firms` only at its own house. `replaced_by` is a later notice that stands instead of it.
    """

    id: str
    member: str
    at: datetime
    banner: str
    notice: DisruptionNotice
    state: str
    meeting: str
    meet_by: datetime | None
    meetings: tuple[MeetingRow, ...]
    closed_at: datetime | None
    closing_language: str | None
    closing_text: str | None
    replaced_by: str | None
    firms: tuple[FirmNamed, ...]


class Notices(Struct, frozen=True):
    """The notices of all members, the last first."""

    at: datetime
    notices: tuple[NoticeRow, ...]


class OfferRow(Struct, frozen=True):
    """An offer of help. `fits` are requests for the same input that it does not name. `accepted` by which request."""

    id: str
    member: str
    at: datetime
    banner: str
    offer: HelpOffered
    fits: tuple[str, ...]
    accepted: str | None


class AcceptanceRow(Struct, frozen=True):
    """That who asked took an offer, with the words."""

    record: str
    offer: str
    at: datetime
    language: str
    text: str


class RequestRow(Struct, frozen=True):
    """A request for help: open, offered, agreed, or overdue; and the offers that name it, and those that fit it."""

    id: str
    member: str
    at: datetime
    banner: str
    request: HelpRequested
    state: str
    offers: tuple[str, ...]
    fits: tuple[str, ...]
    accepted: tuple[str, ...]
    acceptances: tuple[AcceptanceRow, ...]
    agreed: float | None


class Help(Struct, frozen=True):
    """Who asks for what, and who offers it, the last first."""

    at: datetime
    requests: tuple[RequestRow, ...]
    offers: tuple[OfferRow, ...]


class MeasureRow(Struct, frozen=True):
    """A measure: announced, in-force, ended, or replaced."""

    id: str
    member: str
    at: datetime
    banner: str
    measure: MeasureNotified
    state: str
    replaced_by: str | None


class Measures(Struct, frozen=True):
    """Export controls and investment screenings that members told of, the last first."""

    at: datetime
    measures: tuple[MeasureRow, ...]
