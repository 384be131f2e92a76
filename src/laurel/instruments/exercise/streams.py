"""The dice of a sensor's looks.

In a scenario of many objects each pair of sensor and object has dice of its own, by their names and the number of
the look; so has each sensor's clutter. Nothing that is added, moved or switched off changes what another look shows.
The form of one flight came first: there one stream of the sensor's name is drawn in the order of the looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from numpy.random import Generator

from laurel.instruments.exercise.traffic.mover import dice
from laurel.physics.compiled import Matrix, Vector

PAGE = 256


class Throw(NamedTuple):
    """The luck of one look at one object: when in the look it is met, its errors, and whether it is seen."""

    moment: float
    """0 to 1, from the end of the look back to its beginning."""
    normals: Vector
    chance: float


class Speck(NamedTuple):
    """One false plot: where, each in 0 to 1, and when, as a `Throw` has it."""

    place: Vector
    moment: float


class Streams(Protocol):
    """The luck of one sensor. `look` counts from 0."""

    def throws(self, look: int, /) -> Callable[[str], Throw]:
        """That of each object by its name."""
        ...

    def clutter(self, look: int, /, mean: float, most: int) -> Iterator[Speck]:
        """False plots, `mean` in number (Poisson) and `most` at most."""
        ...


class OneStream:
    """Of the one flight: all is drawn in order, whether or not there is anything to see."""

    def __init__(self, drawn: Generator, axes: int) -> None:
        self._drawn, self._axes = drawn, axes

    def throws(self, _look: int, /) -> Callable[[str], Throw]:
        """The same for any name."""
        drawn = self._drawn
        throw = Throw(float(drawn.random()), drawn.standard_normal(self._axes), float(drawn.random()))
        return lambda _name: throw

    def clutter(self, _look: int, /, mean: float, most: int) -> Iterator[Speck]:
        """In order."""
        for _ in range(min(int(self._drawn.poisson(mean)), most)):
            yield Speck(self._drawn.random(self._axes), float(self._drawn.random()))


class ManyStreams:
    """Of many objects: drawn by the page, so that a look long after the last costs no more than the next."""

    def __init__(self, seed: int, sensor: str, axes: int) -> None:
        self._seed, self._sensor, self._axes = seed, sensor, axes
        self._pages: dict[str, tuple[int, Matrix, Matrix]] = {}

    def throws(self, look: int) -> Callable[[str], Throw]:
        """Drawn for those alone whose luck is asked."""

        def throw(name: str) -> Throw:
            number, row = divmod(look, PAGE)
            page = self._pages.get(name)
            if page is None or page[0] != number:
                own = dice(self._seed, self._sensor, name, number)
                page = number, own.random((PAGE, 2)), own.standard_normal((PAGE, self._axes))
                self._pages[name] = page
            return Throw(float(page[1][row, 0]), page[2][row], float(page[1][row, 1]))

        return throw

    def clutter(self, look: int, mean: float, most: int) -> Iterator[Speck]:
        """Dice of its own for every look."""
        own = dice(self._seed, self._sensor, "", look)
        for _ in range(min(int(own.poisson(mean)), most)):
            yield Speck(own.random(self._axes), float(own.random()))
