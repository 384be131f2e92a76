"""Verbs of flight: whether a reported flight can be true, and a flight solved. They need no node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField, Nothing

if TYPE_CHECKING:
    from laurel.physics.boost import Site
    from laurel.physics.reported import Fit

app = typer.Typer(help="Judge a reported flight, or fly it with a notional vehicle.", no_args_is_help=True)

Apogee = Annotated[float, typer.Option("--apogee", help="The highest point, km.")]
Range = Annotated[float, typer.Option("--range", help="Distance over the ground from launch to impact, km.")]
SiteOption = Annotated[str, typer.Option("--site", help="Where it left the ground: LAT,LON in degrees.")]
Azimuth = Annotated[float, typer.Option("--azimuth", help="Bearing from the site to the impact, degrees.")]

SOMEWHERE = "39.2,125.67"
EASTWARD = 75.0


@app.command()
def judge(
    apogee: Apogee,
    range_: Range,
    seconds: Annotated[float, typer.Option("--seconds", help="The whole flight time, s.")],
    site: SiteOption = SOMEWHERE,
    azimuth: Azimuth = EASTWARD,
    as_json: AsJson = False,
) -> None:
    """Whether a reported flight can be one flight, and why.

    Example, a report that cannot be true: laurel flight judge --apogee 6248.5 --range 1090 --seconds 4052
    """
    from laurel.physics.reported import consistent, nearest_fit

    verdict = consistent(apogee * 1e3, range_ * 1e3, seconds)
    nearest = nearest_fit(_site(site), azimuth, apogee * 1e3, range_ * 1e3, seconds)
    found = None if nearest is None else _flown(nearest)
    apart_s = None if nearest is None else round(seconds - nearest.solution.flight.impact_t_s, 1)
    in_words = "no notional vehicle flies that apogee and range"
    if nearest is not None and apart_s is not None:
        than = "longer" if apart_s < 0.0 else "shorter"
        flight_s = nearest.solution.flight.impact_t_s
        in_words = f"{nearest.vehicle} flies it in {flight_s:.0f} s, {abs(apart_s):.0f} s {than} than reported"
    show(
        {
            "verdict": "possible" if verdict.consistent else "impossible",
            "why": verdict.words,
            "arc_s": round(verdict.arc_s, 1),
            "left_s": round(verdict.left_s, 1),
            "possible_left_s": [round(verdict.least_s, 1), round(verdict.most_s, 1)],
            "nearest": found if as_json else in_words,
            "apart_s": apart_s,
        },
        as_json=as_json,
    )


@app.command()
def fly(
    apogee: Apogee,
    range_: Range,
    site: SiteOption = SOMEWHERE,
    azimuth: Azimuth = EASTWARD,
    as_json: AsJson = False,
) -> None:
    """Solve the boost of the likeliest notional vehicle that flies that apogee and range.

    Example: laurel flight fly --apogee 970 --range 4500 --azimuth 86 --site 40.61,126.43
    """
    from laurel.physics.reported import fits

    found = next(fits(_site(site), azimuth, apogee * 1e3, range_ * 1e3), None)
    if found is None:
        raise Nothing(vehicle="that flies it", apogee_km=apogee, range_km=range_)
    show(_flown(found), as_json=as_json)


def _flown(fit: Fit) -> dict[str, Any]:
    flight = fit.solution.flight
    return {
        "vehicle": fit.vehicle,
        "flight_s": round(flight.impact_t_s, 1),
        "burnout_s": round(flight.burnout_t_s, 1),
        "apogee_km": round(flight.apogee_m / 1e3, 1),
        "apogee_s": round(flight.apogee_t_s, 1),
        "impact_mps": round(flight.impact_speed_mps),
        "impact": f"{flight.impact_lat_deg:.3f},{flight.impact_lon_deg:.3f}",
        "azimuth_deg": round(fit.solution.azimuth_deg, 2),
        "kick_deg": round(fit.solution.kick_deg, 2),
        "cutoff": round(fit.solution.cutoff_fraction, 4),
    }


def _site(text: str) -> Site:
    """Raises BadField."""
    from laurel.physics.boost import Site

    try:
        lat_deg, lon_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise BadField(field="site", value=text, must_be="LAT,LON in degrees, such as 39.2,125.67") from None
    if not (abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0):
        raise BadField(field="site", value=text, must_be="a latitude up to 90 and a longitude up to 180 degrees")
    return Site(lat_deg, lon_deg)
