"""Who asks: an officer, a program, a sensor, or the node itself."""

from __future__ import annotations

from dataclasses import dataclass

from laurel.core.errors import NotPermitted
from laurel.core.instrument import Role


@dataclass(frozen=True)
class Author:
    """Who asks, and what they may do. `only` is what a narrow credential names: None is all that its roles may."""

    name: str
    roles: frozenset[Role]
    only: frozenset[str] | None = None

    def reach(self, path: str) -> None:
        """Raises NotPermitted for a path that a narrow credential does not name."""
        if self.only is not None and path not in self.only:
            raise NotPermitted(author=self.name, path=path, needs="a credential that names it")
