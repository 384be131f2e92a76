"""Which sensor of which member saw what, and when: from the pedigrees of tracks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from laurel.instruments.exercise.review.threats import Threat


class Coverage(Struct, frozen=True):
    """One sensor and one threat: its first and last plot that a track of `member` rests on, and how many.

    `begins_s` and `ends_s` count from the beginning of the threat. `share` is the part of the whole flight between the
    two, where the truth is known; there may be holes in it.
    """

    threat: str
    member: str
    sensor: str
    first_at: datetime
    last_at: datetime
    begins_s: float
    ends_s: float
    plots: int
    share: float | None


class Unseen(Struct, frozen=True):
    """A threat that no track of this member is of."""

    threat: str
    member: str


def coverage(threats: Sequence[Threat]) -> tuple[Coverage, ...]:
    """By threat, then member and sensor. A sensor whose plots made two tracks of one threat counts once."""
    found: list[Coverage] = []
    for threat in threats:
        began = threat.begins_at
        if began is None:
            continue
        spans: dict[tuple[str, str], tuple[datetime, datetime, int]] = {}
        for line in threat.tracks:
            for one in line.seen:
                key = (line.member, one.sensor)
                first_at, last_at, plots = spans.get(key, (one.first_at, one.last_at, 0))
                spans[key] = (min(first_at, one.first_at), max(last_at, one.last_at), plots + one.plots)
        for (member, sensor), (first_at, last_at, plots) in sorted(spans.items()):
            found.append(
                Coverage(
                    threat=threat.name,
                    member=member,
                    sensor=sensor,
                    first_at=first_at,
                    last_at=last_at,
                    begins_s=round((first_at - began).total_seconds(), 3),
                    ends_s=round((last_at - began).total_seconds(), 3),
                    plots=plots,
                    share=_share(threat, first_at, last_at),
                )
            )
    return tuple(found)


def unseen(threats: Sequence[Threat], members: Sequence[str]) -> tuple[Unseen, ...]:
    """What each member did not track."""
    return tuple(
        Unseen(threat.name, member)
        for threat in threats
        for member in members
        if not any(line.member == member and line.said for line in threat.tracks)
    )


def _share(threat: Threat, first_at: datetime, last_at: datetime) -> float | None:
    if threat.flight is None or threat.flight.fell is None:
        return None
    whole_s = (threat.flight.fell.at - threat.flight.launched_at).total_seconds()
    return round(min(1.0, (last_at - first_at).total_seconds() / whole_s), 3) if whole_s > 0.0 else None
