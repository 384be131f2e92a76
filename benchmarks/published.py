"""Every published flight test of which apogee, range and time were reported, flown by a notional vehicle.

The boost is solved for apogee, range and bearing; the flight time is then the simulator's own, and is compared
with the reported one: within 60 s where seconds were published, 90 s where minutes were. Sites and bearings are
those of a public database of tests (nk-missile-tests, after the CNS database), read off maps of the flights; that of
4 October 2022 is turned to pass over Aomori, as reported.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, structs

from laurel.physics.boost import Site, Vehicle, solve_boost
from laurel.physics.reported import consistent
from laurel.physics.vehicles import ICBM_LIQUID, ICBM_SOLID, IRBM

KUSONG = Site(40.066, 125.21)
MUPYONG_RI = Site(40.611, 126.426)
PYONGYANG = Site(39.2, 125.67)
PYONGSONG = Site(39.28, 125.87)
SAMSOK = Site(39.1, 125.9)

BY_SECONDS, BY_MINUTES = 60.0, 90.0


class Report(NamedTuple):
    """What governments and the press reported of a flight, and the class of vehicle that we take for it."""

    day: str
    vehicle: Vehicle
    site: Site
    azimuth_deg: float
    apogee_km: float
    range_km: float
    seconds: float
    tolerance_s: float


REPORTS = (
    Report("2017-05-14", IRBM, KUSONG, 71.0, 2111.5, 787.0, 1800.0, BY_MINUTES),
    Report("2017-07-28", ICBM_LIQUID, MUPYONG_RI, 70.0, 3724.9, 998.0, 2832.0, BY_SECONDS),
    Report("2017-08-29", IRBM, PYONGYANG, 73.0, 550.0, 2700.0, 870.0, BY_MINUTES),
    Report("2017-09-15", IRBM, PYONGYANG, 72.0, 770.0, 3700.0, 1140.0, BY_MINUTES),
    Report("2017-11-29", ICBM_LIQUID, PYONGSONG, 76.0, 4475.0, 950.0, 3180.0, BY_MINUTES),
    Report("2022-01-30", IRBM, MUPYONG_RI, 75.0, 2000.0, 800.0, 1800.0, BY_MINUTES),
    Report("2022-10-04", IRBM, MUPYONG_RI, 86.0, 970.0, 4550.0, 1320.0, BY_MINUTES),
    Report("2022-11-18", ICBM_LIQUID, PYONGYANG, 70.0, 6040.9, 999.2, 4135.0, BY_SECONDS),
    Report("2023-07-12", ICBM_SOLID, SAMSOK, 62.0, 6648.4, 1001.2, 4491.0, BY_SECONDS),
    Report("2023-12-18", ICBM_SOLID, SAMSOK, 61.0, 6518.2, 1002.3, 4415.0, BY_SECONDS),
    Report("2024-10-31", ICBM_SOLID, SAMSOK, 62.0, 7687.5, 1001.2, 5156.0, BY_SECONDS),
)

IMPOSSIBLE = Report("2022-03-24", ICBM_LIQUID, PYONGYANG, 72.0, 6248.5, 1090.0, 4052.0, BY_SECONDS)


class Row(Struct, frozen=True):
    """One flight of the table; `off_s` is simulated minus reported."""

    day: str
    vehicle: str
    apogee_km: float
    range_km: float
    reported_s: float
    simulated_s: float
    off_s: float
    tolerance_s: float
    within: bool
    arc_s: float
    left_s: float
    possible: bool
    burnout_s: float
    impact_mps: float


def row_of(report: Report) -> Row:
    """The report beside its flight."""
    apogee_m, range_m = report.apogee_km * 1e3, report.range_km * 1e3
    flight = solve_boost(report.vehicle, report.site, report.azimuth_deg, apogee_m, range_m).flight
    verdict = consistent(apogee_m, range_m, report.seconds)
    off_s = flight.impact_t_s - report.seconds
    return Row(
        day=report.day,
        vehicle=report.vehicle.name,
        apogee_km=report.apogee_km,
        range_km=report.range_km,
        reported_s=report.seconds,
        simulated_s=round(flight.impact_t_s, 1),
        off_s=round(off_s, 1),
        tolerance_s=report.tolerance_s,
        within=abs(off_s) <= report.tolerance_s,
        arc_s=round(verdict.arc_s, 1),
        left_s=round(verdict.left_s, 1),
        possible=verdict.consistent,
        burnout_s=round(flight.burnout_t_s, 1),
        impact_mps=round(flight.impact_speed_mps),
    )


def main() -> None:
    """Fly them all and print a table; exits 1 when a flight misses its band or the false report passes."""
    parser = argparse.ArgumentParser(description="Published flights, flown by notional vehicles.")
    parser.add_argument("--json", metavar="PATH", help="write the table to this file")
    given = parser.parse_args()
    rows = [row_of(report) for report in REPORTS]
    false = row_of(IMPOSSIBLE)
    print(
        f"{'day':10}  {'apogee':>7}  {'range':>6}  {'reported':>8}  {'flown':>7}  {'off':>6}  {'arc':>6}  {'left':>5}"
    )
    for row in (*rows, false):
        print(
            f"{row.day:10}  {row.apogee_km:7.1f}  {row.range_km:6.1f}  {row.reported_s:8.0f}  {row.simulated_s:7.1f}"
            f"  {row.off_s:+6.1f}  {row.arc_s:6.1f}  {row.left_s:5.0f}  {'possible' if row.possible else 'IMPOSSIBLE'}"
        )
    within = sum(row.within for row in rows)
    print(f"{within} of {len(rows)} within their band; the report of {IMPOSSIBLE.day} is called impossible", end="")
    print("" if not false.possible else " - NOT")
    missed = [f"{row.day} is {row.off_s:+.0f} s off, {row.tolerance_s:.0f} s allowed" for row in rows if not row.within]
    missed += [f"the report of {false.day} passes"] * false.possible
    if given.json:
        found = {
            "title": "Published flights",
            "says": "Flight tests as published, flown by notional vehicles with a solved boost; the time is simulated.",
            "within": f"{within} of {len(rows)}",
            "rows": [structs.asdict(row) for row in (*rows, false)],
            "missed": missed,
        }
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
