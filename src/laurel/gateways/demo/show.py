"""How a run is told at the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from laurel.gateways.demo.summary import MemberLine, Summary
from laurel.gateways.demo.watch import Sample

MARKS_S = (60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1_200.0, 1_800.0, 2_400.0, 3_000.0, 3_600.0)
NEAR_S = 20.0


def show(summary: Summary, to: Console) -> None:
    """Print the summary of a run."""
    flight = summary.flight
    to.print()
    to.print(f"[bold]{summary.title}[/bold]")
    to.print(
        f"Flown in {flight.flight_s:.0f} s (published {flight.published_flight_s:.0f} s), "
        f"apogee {flight.apogee_km:.0f} km, range {flight.range_km:.0f} km, "
        f"impact at {flight.impact_lat_deg:.2f} {flight.impact_lon_deg:.2f}",
        highlight=False,
    )
    to.print(_members(summary.members))
    to.print(_errors(summary))
    to.print(_records(summary.members))
    stages = ", ".join(f"{name} {spent:.1f} s" for name, spent in summary.stages_s.items())
    to.print(f"Time spent: {stages}")
    for check in summary.checks:
        mark = "[green]holds[/green]" if check.holds else "[bold red]FAILS[/bold red]"
        to.print(f"{mark}  {check.says}: ", end="")
        to.print(check.found, markup=False, highlight=False)


def _members(members: Sequence[MemberLine]) -> Table:
    table = Table(title="Seconds since launch", title_justify="left", box=None, header_style="bold")
    for column in ("member", "first plot", "first track", "first alert", "lead to impact", "alerts"):
        table.add_column(column, justify="left" if column in {"member", "alerts"} else "right")
    for one in members:
        first = one.alerts[0] if one.alerts else None
        table.add_row(
            one.member,
            _number(one.first_plot_s),
            _number(one.first_track_s),
            _number(first.at_s if first else None),
            _number(first.lead_s if first else None),
            ", ".join(f"{alert.reason} {alert.state} {alert.at_s:+.0f}" for alert in one.alerts),
        )
    return table


def _errors(summary: Summary) -> Table:
    title = "Predicted against true impact, km (half axis of the 90 % ellipse)"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    table.add_column("member")
    marks = [mark for mark in MARKS_S if mark < summary.flight.flight_s]
    for mark in marks:
        table.add_column(f"{mark:+.0f} s", justify="right")
    table.add_column("last", justify="right")
    for one in summary.members:
        cells = [_error(_at(one.samples, mark)) for mark in marks]
        last = [sample for sample in one.samples if sample.impact_error_km is not None]
        table.add_row(one.member, *cells, _error(last[-1] if last else None))
    return table


def _records(members: Sequence[MemberLine]) -> Table:
    kinds = sorted({kind for one in members for held in one.records.values() for kind in held})
    table = Table(title="Records in each log, by origin", title_justify="left", box=None, header_style="bold")
    table.add_column("log of")
    table.add_column("said by")
    for kind in kinds:
        table.add_column(kind.removesuffix(".v1").partition(".")[2], justify="right")
    for one in members:
        for origin, held in sorted(one.records.items()):
            table.add_row(one.member, origin, *(str(held.get(kind, "")) for kind in kinds))
    return table


def _at(samples: Sequence[Sample], mark_s: float) -> Sample | None:
    """The sample nearest to that time, if it is near."""
    near = [one for one in samples if abs(one.t_s - mark_s) <= NEAR_S]
    return min(near, key=lambda one: abs(one.t_s - mark_s), default=None)


def _error(sample: Sample | None) -> str:
    if sample is None or sample.impact_error_km is None:
        return "-"
    wide = "" if sample.impact_90_km is None else f" ({sample.impact_90_km:.1f})"
    return f"{sample.impact_error_km:.1f}{wide}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
