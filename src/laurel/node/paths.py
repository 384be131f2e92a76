"""What can be asked of a world, by its path."""

from __future__ import annotations

from collections.abc import Iterable

from laurel.core.errors import BadField
from laurel.instruments import INSTRUMENTS

# What every world has besides what its instruments bring.
OWN_PATHS = frozenset(
    {
        *("about", "docket", "stream", "exercise/join-here", "replays"),
        *("exercise/end-here", "exercise/archives"),
        *("hotline/attachments", "hotline/export", "consult/publish"),
        *("taxii2/read", "taxii2/add"),
    }
)


def check_paths(paths: Iterable[str]) -> None:
    """Raises BadField for one that is no command or query of this node."""
    known = {f"{one.name}/{part.name}" for one in INSTRUMENTS for part in (*one.commands, *one.queries)} | OWN_PATHS
    for path in paths:
        if path not in known:
            raise BadField(field="only", value=path, must_be="INSTRUMENT/COMMAND or a query, as laurel --help names it")
