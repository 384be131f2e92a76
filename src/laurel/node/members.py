"""The roster in force: what is filed in the node's folder, and what the log says since."""

from __future__ import annotations

from dataclasses import replace

from laurel.core.instrument import View
from laurel.core.roster import Roster
from laurel.instruments.line.voting import CHANGES, in_force

__all__ = ["CHANGES", "roster_of"]


def roster_of(view: View, filed: Roster) -> Roster:
    """Who belongs now. An exercise has the members of its compact, as its folder names them."""
    founded = filed.founded or filed.standings
    if filed.world.exercise is not None:
        return replace(filed, founded=founded)
    base = in_force(view, founded, filed.me).base
    return replace(filed, standings=base.standings, founded=founded, names={**filed.names, **base.names})
