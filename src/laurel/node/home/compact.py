"""Compacts: which members a grouping has at first, and who agrees to a change. A file for each, in `compacts/`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

import laurel
from laurel.core.errors import Broken, Nothing
from laurel.core.label import MEMBER_CODE, Classification
from laurel.core.roster import Standing


class BadCompact(Broken):
    """A compact's file is damaged."""

    says = "the compact's file cannot be read"
    remedy = "mend the file; compacts/camp-david.toml shows the form"


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """A country: its ISO 3166 alpha-3 code, its English name, and its clearance if that is below the ceiling."""

    code: str
    name: str
    clearance: Classification | None = None


class Agreement(Struct, frozen=True, forbid_unknown_fields=True):
    """Who must assent to what. `all-others`: every member but the one concerned, and two at least."""

    standing: Literal["all-others"]


class Compact(Struct, frozen=True, forbid_unknown_fields=True):
    """A grouping. `ceiling` is the strictest classification its records may carry; `readers` are told one way.

    `charter` is what was agreed about each instrument, by its name: `[charter.consult]`.
    """

    id: str
    title: str
    ceiling: Classification
    agreement: Agreement
    members: tuple[Member, ...]
    readers: tuple[Member, ...] = ()
    charter: dict[str, dict[str, Any]] = {}

    @property
    def standings(self) -> dict[str, Standing]:
        """What each code that it names is at first."""
        readers = dict.fromkeys((one.code for one in self.readers), Standing.READER)
        return dict.fromkeys((one.code for one in self.members), Standing.MEMBER) | readers

    @property
    def names(self) -> dict[str, str]:
        """The English name of each code that it names."""
        return {one.code: one.name for one in (*self.members, *self.readers)}

    @property
    def clearances(self) -> dict[str, Classification]:
        """What those members are cleared for of whom it states that."""
        return {one.code: one.clearance for one in (*self.members, *self.readers) if one.clearance is not None}

    @property
    def codes(self) -> frozenset[str]:
        """The codes of its members and readers."""
        return frozenset(self.names)


def compacts_folder() -> Path:
    """Where the compacts lie: inside the package, or at the root of a checkout."""
    package = Path(laurel.__file__).parent
    inside = package / "compacts"
    return inside if inside.is_dir() else package.parents[1] / "compacts"


def load_compact(name: str, folder: Path | None = None) -> Compact:
    """The compact of that name. Raises Nothing, BadCompact."""
    folder = folder or compacts_folder()
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if name not in known:
        raise Nothing(compact=name, known=", ".join(known))
    file = folder / f"{name}.toml"
    try:
        compact = _parsed(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadCompact(file=file, why=error) from None
    codes = [one.code for one in (*compact.members, *compact.readers)]
    if compact.id != name or len(set(codes)) != len(codes) or not all(map(MEMBER_CODE.fullmatch, codes)):
        raise BadCompact(file=file, why="its id is its file's name; codes are three capitals, each once")
    return compact


@lru_cache(maxsize=4)
def _parsed(text: str) -> Compact:
    """A node looks twice a second whether its members changed; the file hardly ever does."""
    return msgspec.convert(tomllib.loads(text), Compact)
