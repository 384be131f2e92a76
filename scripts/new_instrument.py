"""Make a new instrument, in the shape of every other: new_instrument.py NAME.

Its folder, its test and its room in the console. The console finds a room by its name; INSTRUMENTS is edited, since a
sovereign node names what it runs.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
INSTRUMENTS = CHECKOUT / "src" / "laurel" / "instruments"
SHAPE = Path(__file__).parent / "instrument"
EXAMPLE = "sample"
PLACES = {
    ".md": "src/laurel/instruments",
    ".py": "src/laurel/instruments",
    "test.py": "tests/instruments",
    ".svelte": "console/src",
    ".ts": "console/src",
}
"""Where the folder is that a file of the example belongs into, by how the file is called."""


class CannotMake(Exception):
    """Nothing was made; says why and what would do."""


def make(name: str) -> list[Path]:
    """The files of the instrument, which is named in INSTRUMENTS. Raises CannotMake, having changed nothing."""
    if not re.fullmatch("[a-z]+", name) or keyword.iskeyword(name):
        raise CannotMake(f"NAME={name!r} will not do: one word in lower case, such as NAME=harvest")
    files = {CHECKOUT / _place(shape, name): renamed(shape.read_text(), name) for shape in sorted(SHAPE.iterdir())}
    taken = next((folder for folder in sorted({file.parent for file in files}) if folder.exists()), None)
    if taken is not None:
        raise CannotMake(f"{taken.relative_to(CHECKOUT)} is there already: choose another name")
    catalogue = INSTRUMENTS / "__init__.py"
    listed = list_instrument(catalogue.read_text(), name)
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    catalogue.write_text(listed)
    python = [str(file) for file in (catalogue, *files) if file.suffix == ".py"]
    for mend in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *mend, *python], cwd=CHECKOUT, check=True)
    # The terminal knows its verbs from a file, so that it starts without loading any instrument; so does the page.
    for script in ("write_commands.py", "write_records.py", "write_api.py"):
        subprocess.run([sys.executable, f"scripts/{script}"], cwd=CHECKOUT, check=True)
    return sorted(files)


def renamed(text: str, name: str) -> str:
    """The example's text, about another instrument."""
    return text.replace(EXAMPLE, name).replace(EXAMPLE.title(), name.title())


def _place(shape: Path, name: str) -> str:
    file = shape.stem
    kind = "test.py" if file.startswith("test_") else Path(file).suffix
    return f"{PLACES[kind]}/{name}/{renamed(file, name)}"


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
        files = make(arguments[0] if arguments else "")
    except CannotMake as error:
        print(f"Laurel: {error}", file=sys.stderr)
        return 1
    print("Made and named in INSTRUMENTS:")
    for file in files:
        print(f"  {file.relative_to(CHECKOUT)}")
    print(
        "Its example keeps notes. Say in README.md what members do together, replace the example, and: make check test"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
