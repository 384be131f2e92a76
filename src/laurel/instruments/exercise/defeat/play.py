"""The one way to anything that engages: proof that it is play."""

from __future__ import annotations

from dataclasses import dataclass

from laurel.core.errors import BadAsk
from laurel.core.record import World


class LiveWorld(BadAsk):
    """Asked outside an exercise."""

    says = "nothing is engaged in the live world"
    remedy = "ask in an exercise: weapon effects exist there only, and are notional"


@dataclass(frozen=True)
class Play:
    """An exercise world. Raises LiveWorld of any other."""

    world: World

    def __post_init__(self) -> None:
        if self.world.exercise is None:
            raise LiveWorld(world=self.world.name)


def prove(play: object) -> None:
    """Nothing, for a Play. Raises LiveWorld of anything else, whatever a caller's types say."""
    if not isinstance(play, Play):
        raise LiveWorld(world=play)
