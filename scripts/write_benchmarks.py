"""Write docs/benchmarks.md and its pictures from build/bench/*.json, which `make bench` measured.

What a benchmark is, its own docstring says; what it found, its JSON: numbers and words become a list, lists of objects
become tables. Only the comparison with Stone Soup and the bound has a section of its own making.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CHECKOUT = Path(__file__).parents[1]
FIRST = ("peer", "tracker", "impact", "published", "missile_tests", "end_to_end", "log", "start")
LONGEST_LIST = 12

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

INK, LAUREL, BEST, FASTEST = "#333333", "#0b6e4f", "#c8553d", "#8d99ae"

HEAD = """# Benchmarks

Written by `scripts/write_benchmarks.py` from what `make bench` measured: change the scripts, not this page.

{machine}. {date}. A benchmark fails, and `make bench` with it, when it misses a target that it states.
"""


def machine() -> str:
    """The machine in a few words: processor, cores, system, Python."""
    name = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.is_file():
        names = [line.partition(":")[2].strip() for line in about.read_text().splitlines() if "model name" in line]
        name = names[0] if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def about(name: str) -> str:
    """What the benchmark's script says of itself."""
    script = CHECKOUT / "benchmarks" / f"{name}.py"
    return (ast.get_docstring(ast.parse(script.read_text())) or "") if script.is_file() else ""


def words(key: str) -> str:
    """A key as a reader wants it."""
    return key.replace("_", " ")


def number(value: Any) -> str:
    """A value in a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000.0 else f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("|", "\\|")


def table(columns: list[str], rows: list[list[Any]]) -> str:
    """In Markdown."""
    lines = [columns, ["---"] * len(columns), *([number(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def plain(value: Json) -> bool:
    """Whether it fits a cell."""
    return isinstance(value, str | int | float)


def generic(figures: dict[str, Json]) -> list[str]:
    """A section of any benchmark: its plain values as a list, each list of objects as a table."""
    lines = [f"- {words(key)}: {number(value)}" for key, value in figures.items() if plain(value) and key != "title"]
    parts = ["\n".join(lines) + "\n"] if lines else []
    for key, value in figures.items():
        if isinstance(value, dict):
            parts += generic(value)
        elif isinstance(value, list):
            rows = [each for each in value if isinstance(each, dict)]
            if rows:
                columns = [column for column in rows[0] if plain(rows[0][column])]
                cells = [[row.get(column, "") for column in columns] for row in rows]
                parts += [f"{words(key).capitalize()}:\n", table([words(column) for column in columns], cells)]
            elif 0 < len(value) <= LONGEST_LIST and key != "missed":
                parts.append(f"- {words(key)}: {', '.join(number(each) for each in value)}\n")
    return parts


def peer(figures: dict[str, Any], pictures: Path) -> list[str]:
    """The comparison with Stone Soup, and the tracker against the bound."""
    ours: list[dict[str, Any]] = figures["laurel"]
    theirs: list[dict[str, Any]] = figures.get("stone_soup", [])
    parts = ["Stone Soup's best setup (GOSPA): " + figures.get("best", "not run") + ".\n"]
    parts.append("Its fastest: " + figures.get("fastest", "not run") + ".\n")
    for our in ours:
        rivals = [one for one in theirs if one["scene"] == our["scene"]]
        phases = list(our["phases"])
        rows = [
            [
                "Laurel" if one is our else f"Stone Soup, {one['role']}",
                one["cpu_ms_per_update"],
                1 if one is our else one["ratio"],
                *(one["phases"][phase]["gospa_m"] for phase in phases),
                *(one["phases"][phase]["rms_m"] for phase in phases),
                one["changes"],
            ]
            for one in (our, *rivals)
        ]
        columns = ["tracker", "CPU ms a track update", "CPU time over Laurel's"]
        columns += [f"GOSPA {phase}, m" for phase in phases] + [f"rms {phase}, m" for phase in phases]
        parts.append(f"### {our['scene']}\n")
        parts.append(table([*columns, "changes of track"], rows))
        name = our["scene"].replace(" ", "-") + ".svg"
        picture(pictures / name, lambda axes, our=our, rivals=rivals: over_time(axes, our, rivals))
        parts.append(f"![GOSPA over time, {our['scene']}](benchmarks/{name})\n")
    parts.append("### Setups tried\n")
    tried: list[dict[str, Any]] = figures.get("tried", [])
    if tried:
        phases = list(tried[0]["phases"])
        rows = [
            [one["tracker"], one["cpu_ms_per_update"], *(one["phases"][phase]["gospa_m"] for phase in phases)]
            for one in tried
        ]
        parts.append(table(["Stone Soup", "CPU ms a track update", *(f"GOSPA {phase}, m" for phase in phases)], rows))
    parts.append("### Against the posterior Cramér-Rao bound\n")
    bounds: list[dict[str, Any]] = figures["bound"]
    rows = [
        [
            one["radars"], one["runs"], one["position_over_bound"], one["velocity_over_bound"], one["position_nees"],
            f"{one['nees_low']} to {one['nees_high']}",
        ]
        for one in bounds
    ]  # fmt: skip
    columns = ["radars", "runs", "position RMSE / bound", "velocity RMSE / bound", "position NEES", "band, 95 %"]
    parts.append(table(columns, rows))
    picture(pictures / "bound.svg", lambda axes: over_bound(axes, bounds))
    parts.append("![Position RMSE over the bound](benchmarks/bound.svg)\n")
    memory: dict[str, float] = figures["memory"]
    parts += [f"- most memory held, {words(key)}: {number(value)}\n" for key, value in memory.items()]
    return parts


def over_time(axes: Axes, our: dict[str, Any], rivals: list[dict[str, Any]]) -> None:
    """GOSPA of each tracker, logarithmic."""
    for one in rivals:
        colour = BEST if one["role"] == "best" else FASTEST
        axes.plot(one["seconds"], one["gospa_m"], color=colour, lw=1.4, label=f"Stone Soup, {one['role']}")
    axes.plot(our["seconds"], our["gospa_m"], color=LAUREL, lw=1.8, label="Laurel")
    axes.set_yscale("log")
    axes.set_xlabel("seconds after the first plot")
    axes.set_ylabel("GOSPA, m (cutoff 10 km, order 2)")
    axes.legend(frameon=False)


def over_bound(axes: Axes, bounds: list[dict[str, Any]]) -> None:
    """Error over the bound."""
    for one, colour in zip(bounds, (LAUREL, BEST), strict=False):
        times, ratios = zip(*one["over_time"], strict=True)
        axes.plot(times, ratios, color=colour, lw=1.5, label=f"{one['radars']} radar{'s' if one['radars'] > 1 else ''}")
    axes.axhline(1.0, color=INK, lw=0.8)
    axes.axhline(1.05, color=INK, lw=0.8, ls=":")
    axes.set_xlabel("seconds after the first plot")
    axes.set_ylabel("position RMSE / bound")
    axes.legend(frameon=False)


def picture(path: Path, draw: Callable[[Axes], None]) -> None:
    """One small drawing, the same bytes for the same figures."""
    mpl.rcParams["svg.hashsalt"] = "laurel"
    mpl.rcParams["font.size"] = 9
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True, alpha=0.25)
    draw(axes)
    figure.savefig(path, metadata={"Date": None})


def page(measured: Path, out: Path, date: str) -> None:
    """Writes the page and the pictures."""
    pictures = out / "benchmarks"
    pictures.mkdir(parents=True, exist_ok=True)
    names = sorted(path.stem for path in measured.glob("*.json"))
    in_order = [name for name in FIRST if name in names] + [name for name in names if name not in FIRST]
    parts = [HEAD.format(machine=machine(), date=date)]
    for name in in_order:
        figures: dict[str, Any] = json.loads((measured / f"{name}.json").read_text())
        parts += [f"## {figures.get('title', words(name).capitalize())}\n", f"`benchmarks/{name}.py`. {about(name)}\n"]
        parts += peer(figures, pictures) if name == "peer" else generic(figures)
        missed: list[str] = figures.get("missed", [])
        parts += [f"- **Missed:** {target}\n" for target in missed]
    (out / "benchmarks.md").write_text("\n".join(parts))


def main() -> int:
    """0 when there was something to write of."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--measured", type=Path, default=CHECKOUT / "build" / "bench", help="folder of JSON files")
    arguments.add_argument("--out", type=Path, default=CHECKOUT / "docs", help="where the page goes")
    arguments.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="of the run")
    given = arguments.parse_args()
    if not any(given.measured.glob("*.json")):
        print("Nothing measured yet: run make bench", file=sys.stderr)
        return 1
    page(given.measured, given.out, given.date)
    return 0


if __name__ == "__main__":
    sys.exit(main())
