"""Make the folder of a new instrument, in the shape of every other: new_instrument.py NAME."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path
from string import Template

CHECKOUT = Path(__file__).parent.parent
INSTRUMENTS = CHECKOUT / "src" / "laurel" / "instruments"
SHAPE = Path(__file__).parent / "instrument"


class CannotMake(Exception):
    """No folder was made; says why and what would do."""


def make(name: str) -> Path:
    """The new folder, named in INSTRUMENTS. Raises CannotMake, having changed nothing."""
    if not re.fullmatch("[a-z]+", name) or keyword.iskeyword(name):
        raise CannotMake(f"NAME={name!r} will not do: one word in lower case, such as NAME=dialogue")
    folder = INSTRUMENTS / name
    if folder.exists():
        raise CannotMake(f"{folder.relative_to(CHECKOUT)} is there already: choose another name")
    catalogue = INSTRUMENTS / "__init__.py"
    listed = list_instrument(catalogue.read_text(), name)
    folder.mkdir()
    for shape in sorted(SHAPE.iterdir()):
        (folder / shape.stem).write_text(Template(shape.read_text()).substitute(name=name))
    catalogue.write_text(listed)
    for mend in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *mend, str(catalogue), str(folder)]
        subprocess.run(command, cwd=CHECKOUT, check=True)
    # The terminal knows its verbs from a file, so that it starts without loading any instrument.
    for script in ("write_commands.py", "write_records.py"):
        subprocess.run([sys.executable, f"scripts/{script}"], cwd=CHECKOUT, check=True)
    return folder


def list_instrument(catalogue: str, name: str) -> str:
    """The text of the catalogue with one more line. Raises CannotMake."""
    imported = f"from laurel.instruments.{name} import INSTRUMENT as {name.upper()}\n"
    found = re.search(r"^INSTRUMENTS\b[^=]*= \((?P<named>[^)]*)\)", catalogue, re.MULTILINE)
    first_import = re.search(r"^from laurel\.instruments\.", catalogue, re.MULTILINE)
    if found is None or first_import is None:
        raise CannotMake("src/laurel/instruments/__init__.py has no tuple INSTRUMENTS to add to")
    named = f"{found['named'].strip().removesuffix(',')}, {name.upper()},"
    before, after = catalogue[: found.start("named")], catalogue[found.end("named") :]
    return before[: first_import.start()] + imported + before[first_import.start() :] + named + after


def main(arguments: list[str]) -> int:
    """Say what was made and what is left to do."""
    try:
        folder = make(arguments[0] if arguments else "")
    except CannotMake as error:
        print(f"Laurel: {error}", file=sys.stderr)
        return 1
    print(f"Made {folder.relative_to(CHECKOUT)} and named it in INSTRUMENTS. Its example keeps notes:")
    print("  1. say in README.md what members do together, and replace the example;")
    print("  2. give it a panel in console/src;")
    print("  3. make check test")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
