"""What several parts of a scenario file are written in."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk

Words = Annotated[str, Meta(min_length=1, max_length=2_000)]
Member = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Azimuth = Annotated[float, Meta(ge=0.0, lt=360.0)]
Kilometres = Annotated[float, Meta(gt=0.0, le=20_000.0)]
Seconds = Annotated[float, Meta(gt=0.0, le=100_000.0)]
Height = Annotated[float, Meta(ge=-500.0, le=9_000.0)]
"""Of ground, metres above the ellipsoid."""
Moment = Annotated[float, Meta(ge=0.0, le=2_592_000.0)]
"""Seconds after `starts_at`: thirty days at most."""


class BadScenario(BadAsk):
    """The file is not a scenario."""

    says = "this scenario cannot be played"
    remedy = "correct the field it names; scenarios/README.md explains each one"


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """Some time, in seconds after `starts_at`."""

    from_s: Moment
    to_s: Moment

    def holds(self, t_s: float) -> bool:
        """Whether that moment is in it."""
        return self.from_s <= t_s < self.to_s


def check_span(span: Span, where: str) -> None:
    """Raises BadScenario for a time that ends before it begins."""
    if not span.from_s < span.to_s:
        raise BadScenario(field=f"{where}.to_s", value=span.to_s, why="it ends before it begins")
