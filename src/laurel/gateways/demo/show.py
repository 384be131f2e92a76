"""How a run is told at the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from laurel.gateways.demo.summary import MemberLine, Summary
from laurel.gateways.demo.watch import Sample
from laurel.instruments.warning.records import AlertState

MARKS_S = (120.0, 240.0, 360.0, 600.0, 1_200.0, 2_400.0)
NEAR_S = 20.0


def show(summary: Summary, to: Console) -> None:
    """Print the summary of a run."""
    flight = summary.flight
    to.print()
    to.print(f"[bold]{summary.title}[/bold]")
    published = "" if flight.published_flight_s is None else f" (published {flight.published_flight_s:.0f} s)"
    to.print(
        f"Flown in {flight.flight_s:.0f} s{published}, "
        f"apogee {flight.apogee_km:.0f} km, range {flight.range_km:.0f} km, "
        f"impact at {flight.impact_lat_deg:.2f} {flight.impact_lon_deg:.2f}",
        highlight=False,
    )
    to.print(_members(summary.members))
    for one in summary.members:
        to.print(_alerts(one), highlight=False)
    to.print(_errors(summary))
    to.print(_records(summary.members))
    for check in summary.checks:
        mark = "[green]holds[/green]" if check.holds else "[bold red]FAILS[/bold red]"
        to.print(f"{mark}  {check.says}: ", end="")
        to.print(check.found, markup=False, highlight=False)


def _table(title: str, columns: Sequence[str], named: int) -> Table:
    """A table whose first columns are names and the others figures."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < named else "right")
    return table


def _members(members: Sequence[MemberLine]) -> Table:
    columns = ("member", "first plot", "first track", "first alert", "impact told", "time left")
    table = _table("Seconds since launch", columns, 1)
    for one in members:
        told = next((alert for alert in one.alerts if alert.lead_s is not None), None)
        table.add_row(
            one.member,
            _number(one.first_plot_s),
            _number(one.first_track_s),
            _number(one.alerts[0].at_s if one.alerts else None),
            _number(told.at_s if told else None),
            _number(told.lead_s if told else None),
        )
    return table


def _alerts(one: MemberLine) -> str:
    by_reason: dict[str, list[str]] = {}
    for alert in one.alerts:
        state = "" if alert.state == AlertState.PREDICTED else f" {alert.state}"
        by_reason.setdefault(alert.reason, []).append(f"{alert.at_s:+.0f} s{state}")
    said = "; ".join(f"{reason} {', '.join(times)}" for reason, times in by_reason.items())
    return f"{one.member} alerts: {said or 'none'}"


def _errors(summary: Summary) -> Table:
    marks = [mark for mark in MARKS_S if mark < summary.flight.flight_s]
    columns = ("member", *(f"{mark:+.0f} s" for mark in marks), "last")
    table = _table("Predicted against true impact, km (90 % ellipse)", columns, 1)
    for one in summary.members:
        last = [sample for sample in one.samples if sample.impact_error_km is not None][-1:]
        table.add_row(one.member, *(_error(_at(one.samples, mark)) for mark in marks), *map(_error, last or [None]))
    return table


def _records(members: Sequence[MemberLine]) -> Table:
    kinds = sorted({kind for one in members for held in one.records.values() for kind in held})
    columns = ("log of", "said by", *(_short(kind) for kind in kinds))
    table = _table("Records in each log", columns, 2)
    for one in members:
        for origin, held in sorted(one.records.items()):
            table.add_row(one.member, origin, *(str(held.get(kind, "")) for kind in kinds))
    return table


def _short(kind: str) -> str:
    """`warning.track-report.v1` as two words."""
    return kind.partition(".")[2].rpartition(".")[0].replace("-", " ")


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
