"""What falls beside a missile: spent stages, and the pieces of one that breaks or was hit. Each has its own drag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import pi
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from laurel.instruments.exercise.traffic.ballistic import Ballistic
from laurel.instruments.exercise.traffic.mover import CrossSection, dice
from laurel.instruments.exercise.written import BadScenario, Seconds
from laurel.instruments.warning.records import Name
from laurel.physics.boost import Stage
from laurel.physics.flight import BadStart, Flight, NoImpact, fly

TUMBLING_DRAG = 0.8
"""Drag coefficient of a spent stage that tumbles, by the area of its cross-section (notional)."""
PARTING_MPS = 3.0
"""A spent stage falls back at that speed, or no sensor could ever tell it from what flies on."""


class DebrisEntry(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="debris"):
    """Pieces of a missile that breaks `after_s` after its lift-off, by itself or because it was hit.

    Their speeds away from where it was going are normal, one sigma `spread_mps` along each axis; their ballistic
    coefficients are even in the logarithm. Where it `ends`, the missile is no more.
    """

    name: Name
    of: str
    after_s: Seconds
    pieces: Annotated[int, Meta(ge=1, le=500)]
    spread_mps: Annotated[float, Meta(ge=0.0, le=2_000.0)]
    beta_from_kgpm2: Annotated[float, Meta(gt=0.0, le=20_000.0)]
    beta_to_kgpm2: Annotated[float, Meta(gt=0.0, le=20_000.0)]
    ends: bool = True
    cross_section: CrossSection = CrossSection.SMALL


def check_debris(entry: DebrisEntry, where: str) -> None:
    """Raises BadScenario."""
    if entry.beta_to_kgpm2 < entry.beta_from_kgpm2:
        why = f"less than beta_from_kgpm2, {entry.beta_from_kgpm2:g}"
        raise BadScenario(field=f"{where}.beta_to_kgpm2", value=entry.beta_to_kgpm2, why=why)


def broken(entry: DebrisEntry, of: Ballistic, seed: int, where: str) -> Iterator[Ballistic]:
    """The missile, as it flies on or ends, and its pieces NAME-1 and so on. Raises BadScenario."""
    at_s = of.from_s + entry.after_s
    found = of.at(at_s)
    if found is None:
        flown_s = round(of.until_s - of.from_s, 1)
        why = f"{of.name} flies for {flown_s} s"
        raise BadScenario(field=f"{where}.after_s", value=entry.after_s, why=why)
    yield replace(of, ends_s=at_s) if entry.ends else of
    position, velocity = found
    for nth in range(entry.pieces):
        own = dice(seed, entry.name, nth)
        kick = entry.spread_mps * own.standard_normal(3)
        ratio = entry.beta_to_kgpm2 / entry.beta_from_kgpm2
        beta = entry.beta_from_kgpm2 * ratio ** float(own.random())
        try:
            flight = fly(position, velocity + kick, beta)
        except (BadStart, NoImpact) as error:
            raise BadScenario(field=where, value=f"{entry.name}-{nth + 1}", why=str(error)) from None
        yield Ballistic(f"{entry.name}-{nth + 1}", flight, at_s, entry.cross_section)


def spent(name: str, flight: Flight, launch_s: float, stages: tuple[Stage, ...]) -> Iterator[Ballistic]:
    """Each stage from its cutoff to the ground, empty and tumbling: NAME-stage-1 and so on."""
    for number, (stage, (_, out_s)) in enumerate(zip(stages, flight.burns, strict=False), 1):
        if out_s >= flight.impact_t_s:
            return
        position, velocity = flight.at(out_s)
        backward = velocity * (1.0 - PARTING_MPS / float(np.linalg.norm(velocity)))
        beta = stage.dry_kg / (TUMBLING_DRAG * pi / 4.0 * stage.diameter_m**2)
        fallen = fly(position, backward, beta)
        yield Ballistic(f"{name}-stage-{number}", fallen, launch_s + out_s, CrossSection.LARGE)
