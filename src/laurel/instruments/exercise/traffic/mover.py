"""One thing that moves: where it is, how large a radar sees it, and whether it burns."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.random import Generator

from laurel.physics.compiled import Vector


class CrossSection(StrEnum):
    """Notional radar cross-section, by class."""

    TINY = "tiny"
    """A bird-sized drone, a shaped warhead."""
    SMALL = "small"
    """A piece of debris, a cruise missile."""
    MISSILE = "missile"
    """A missile or its warhead, for which every sensor's reach is stated."""
    FIGHTER = "fighter"
    LARGE = "large"
    """An airliner, a spent stage, a satellite with its panels."""
    SHIP = "ship"

    @property
    def rcs_m2(self) -> float:
        """Mean radar cross-section, square metres."""
        return _RCS_M2[self]


_RCS_M2 = {
    CrossSection.TINY: 0.01,
    CrossSection.SMALL: 0.1,
    CrossSection.MISSILE: 1.0,
    CrossSection.FIGHTER: 4.0,
    CrossSection.LARGE: 40.0,
    CrossSection.SHIP: 10_000.0,
}


class Mover(Protocol):
    """What every family gives. Times are seconds after `starts_at` of the scenario."""

    @property
    def name(self) -> str:
        """Unique in the scenario; its dice are its own by this name."""
        ...

    @property
    def cross_section(self) -> CrossSection:
        """How large a radar sees it."""
        ...

    @property
    def from_s(self) -> float:
        """The first moment at which it is there."""
        ...

    @property
    def until_s(self) -> float:
        """The last; infinite for what goes on."""
        ...

    @property
    def falls(self) -> bool:
        """Whether it is what the sensors watch for: ballistic, so that they look at their full pace while it flies."""
        ...

    def at(self, t_s: float, /) -> tuple[Vector, Vector] | None:
        """Position and velocity, (3,) each, ECEF metres and metres per second; None while it is not there."""
        ...

    def burns(self, t_s: float, /) -> bool:
        """Whether infrared can see it: a motor burns."""
        ...


def dice(seed: int, *names: str | int) -> Generator:
    """The dice of what is so named. Other names have others, so nothing that is added moves what was there."""
    words = [one if isinstance(one, int) else _number(one) for one in names]
    return np.random.default_rng([seed, *words])


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
