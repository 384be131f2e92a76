"""Weather: a box and a time in which radars see less and false echoes are many, and clouds hide what burns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from laurel.instruments.exercise.written import BadScenario, Latitude, Longitude, Moment


class WeatherEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Rain and cloud over an area, from the ground to `top_m`. A box whose east is less than its west crosses 180."""

    from_s: Moment
    to_s: Moment
    south_deg: Latitude
    west_deg: Longitude
    north_deg: Latitude
    east_deg: Longitude
    top_m: Annotated[float, Meta(gt=0.0, le=25_000.0)]
    attenuation_db: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0
    """Of an echo, both ways together."""
    clutter: Annotated[float, Meta(ge=1.0, le=100.0)] = 1.0
    """So many times as many false plots."""

    def over(self, t_s: float, lat_deg: float, lon_deg: float) -> bool:
        """Whether it is over that place then."""
        wide = (self.east_deg - self.west_deg) % 360.0
        across = (lon_deg - self.west_deg) % 360.0 <= wide
        return across and self.from_s <= t_s < self.to_s and self.south_deg <= lat_deg <= self.north_deg


def check_weather(entry: WeatherEntry, where: str) -> None:
    """Raises BadScenario."""
    if not entry.from_s < entry.to_s:
        raise BadScenario(field=f"{where}.to_s", value=entry.to_s, why="it ends before it begins")
    if not entry.south_deg < entry.north_deg:
        raise BadScenario(field=f"{where}.north_deg", value=entry.north_deg, why="not north of south_deg")


def loss_db(weather: Iterable[WeatherEntry], t_s: float, *places: tuple[float, float, float]) -> float:
    """What an echo loses between a radar and what it sees: by each weather that holds either (degrees, metres)."""
    return sum(
        one.attenuation_db
        for one in weather
        if any(alt_m < one.top_m and one.over(t_s, lat, lon) for lat, lon, alt_m in places)
    )


def clutter(weather: Iterable[WeatherEntry], t_s: float, lat_deg: float, lon_deg: float) -> float:
    """How many times as many false plots a radar has there: the worst weather counts."""
    return max((one.clutter for one in weather if one.over(t_s, lat_deg, lon_deg)), default=1.0)


def clouded(weather: Iterable[WeatherEntry], t_s: float, place: tuple[float, float, float]) -> bool:
    """Whether clouds hide what is there (degrees, metres) from above."""
    lat_deg, lon_deg, alt_m = place
    return any(alt_m < one.top_m and one.over(t_s, lat_deg, lon_deg) for one in weather)
