"""A stand-in for a node with very much in flight: `python -m tests.browser.swarm --tracks 1000 --hz 10`.

Every picture moves every track, as a node carries each to the moment of the picture. Each is plotted once a second, in
turn: then its predicted path, its impact and what is said of them are new, and every five seconds its trail has a point
more. The page's files come by the node's own route, the pictures in the node's own changes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import uvicorn
from litestar import Litestar, Router, WebSocket, get, websocket
from litestar.config.compression import CompressionConfig
from litestar.exceptions import WebSocketDisconnect
from numpy.typing import NDArray
from tests.browser.feed import about, links
from tests.browser.flight import BANNER, JAPAN, LAUNCHED, alert, ellipses, sensors

from laurel.api.page import console_routes
from laurel.api.shared import About
from laurel.api.stream import Frames
from laurel.instruments.warning.picture import line_points
from laurel.instruments.warning.picture_types import (
    Launch,
    PathPoint,
    Picture,
    Position,
    PredictedImpactPoint,
    SystemTrack,
    VehicleClass,
)
from laurel.instruments.warning.records import AlertReason, AlertState, Phase, SensorKind, TrackState

WORLD = "midflight"
LASTS_S = 1_320
STARTS_S = 200.0
TRAIL_S = 5
DEG = np.pi / 180
Floats = NDArray[np.float64]


class Swarm:
    """So many flights, side by side; each second of each is known beforehand."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.line_points = line_points(count)
        dice = np.random.default_rng(7)
        self.azimuth = dice.uniform(70.0, 125.0, count)
        self.reach_m = dice.uniform(2.5e6, 5.5e6, count)
        self.apogee_m = dice.uniform(4e5, 1.1e6, count)
        self.lat0, self.lon0 = dice.uniform(38.5, 41.5, count), dice.uniform(124.5, 129.5, count)
        share = np.arange(LASTS_S + 1) / LASTS_S
        lat, azimuth = self.lat0[:, None] * DEG, self.azimuth[:, None] * DEG
        angle = self.reach_m[:, None] * share / 6_371_000.0
        sine = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(azimuth)
        east = np.arctan2(np.sin(azimuth) * np.sin(angle) * np.cos(lat), np.cos(angle) - np.sin(lat) * sine)
        self.lat, self.lon = np.arcsin(sine) / DEG, (self.lon0[:, None] + east / DEG + 540) % 360 - 180
        self.alt = 4 * self.apogee_m[:, None] * share * (1 - share)
        self.trails: list[tuple[PathPoint, ...]] = [()] * count
        self.every_s = TRAIL_S
        self.plotted: dict[int, tuple[float, list[PathPoint], PredictedImpactPoint, Launch]] = {}
        self.plotted_s = np.zeros(count)

    def at(self, rows: NDArray[np.intp], times: Floats) -> Floats:
        """Longitude, latitude, altitude and second of each row at each of its times: (rows, times, 4)."""
        whole = np.minimum(times.astype(int), LASTS_S - 1)
        part = times - whole
        row = rows[:, None]
        columns = [
            grid[row, whole] * (1 - part) + grid[row, whole + 1] * part for grid in (self.lon, self.lat, self.alt)
        ]
        return np.stack([*columns, times], axis=-1)

    def plot(self, t_s: float) -> None:
        """What follows from the plots of this moment: paths, impacts, launches."""
        turns = (np.arange(self.count) % 10) / 10
        due = np.flatnonzero((np.floor(t_s - turns) != np.floor(self.plotted_s - turns)) | (self.plotted_s == 0))
        off = 1e-3 * np.sin(t_s * 13 + due)
        times = np.broadcast_to(np.linspace(t_s, LASTS_S, self.line_points), (len(due), self.line_points))
        paths = self.at(due, times)
        paths[:, :, 0] += off[:, None]
        for row, path, aside in zip(due.tolist(), paths.tolist(), off.tolist(), strict=True):
            self.plotted[row] = (t_s, *self.outlook(row, t_s, [PathPoint(*point) for point in path], aside))
        self.plotted_s[due] = t_s

    def outlook(
        self, row: int, t_s: float, path: list[PathPoint], off: float
    ) -> tuple[list[PathPoint], PredictedImpactPoint, Launch]:
        """What one plot now says."""
        impact50, impact90 = ellipses(8_000 + 4e6 / t_s, 0.3, float(self.azimuth[row]))
        launch50, launch90 = ellipses(900 + 9e4 / t_s, 0.7, 12.0)
        down = LAUNCHED + timedelta(seconds=LASTS_S + off)
        bound = timedelta(seconds=9)
        end = path[-1]
        areas = (JAPAN,) if row % 9 == 0 else ()
        impact = PredictedImpactPoint(
            end.lat_deg, end.lon_deg, down, 5.5, down - bound, down + bound, impact50, impact90, areas
        )
        return (
            path,
            impact,
            Launch(float(self.lat0[row]), float(self.lon0[row]) + off, LAUNCHED, 0.9, launch50, launch90),
        )

    def trail(self, row: int, t_s: float) -> tuple[PathPoint, ...]:
        """About as many points as a node shows: half as often when they are too many."""
        if t_s / self.every_s > self.line_points:
            self.every_s *= 2
            self.trails = [one[::2] for one in self.trails]
        held = self.trails[row]
        if len(held) * self.every_s < t_s:
            more = [
                PathPoint(
                    float(self.lon[row, second]), float(self.lat[row, second]), float(self.alt[row, second]), second
                )
                for second in range(len(held) * self.every_s, math.ceil(t_s), self.every_s)
            ]
            held = self.trails[row] = (*held, *more)
        return held

    def track(self, row: int, here: PathPoint, t_s: float, now: datetime) -> SystemTrack:
        """As a node would show it now."""
        seen_s, path, impact, launch = self.plotted[row]
        ahead = next((n for n, point in enumerate(path) if point.t_s > t_s), len(path))
        seen = LAUNCHED + timedelta(seconds=seen_s)
        return SystemTrack(
            number=f"JPN-{row + 1}",
            state=TrackState.TRACKED,
            phase=Phase.COAST,
            first_at=LAUNCHED,
            at=now,
            seen_at=seen,
            position=Position(here.lat_deg, here.lon_deg, here.alt_m),
            position_sigma_m=80.0 + 35.123 * (t_s - seen_s),
            speed_mps=4_800.0 + math.sin(t_s / 100 + row) * 900,
            speed_sigma_mps=4.0 + 3.07 * (t_s - seen_s),
            heading_deg=float(self.azimuth[row]) + t_s / 100,
            climb_mps=900.0 - t_s,
            members=("JPN", "KOR", "USA"),
            tracks=(f"JPN-{row + 1}", f"KOR-{row + 1}", f"USA-{row + 1}"),
            sensor_kinds=(SensorKind.INFRARED, SensorKind.RADAR),
            sensors=5,
            confidence="two kinds",
            classes=(VehicleClass("intermediate-range", 0.91), VehicleClass("medium-range", 0.09)),
            trail=self.trail(row, seen_s),
            path=tuple(path[ahead:]),
            overflies=(JAPAN,) if row % 7 == 0 else (),
            launch=launch,
            impact=impact,
            no_impact_because=None,
            observed=None,
            sources=("JPN/NORTH", "JPN/WEST", "KOR/EAST", "USA/SBIR-3", "USA/TPY-1"),
            flags=(),
            split_from=None,
            notice=None,
        )

    def picture(self, t_s: float) -> Picture:
        """Everything, so long after the launch."""
        now = LAUNCHED + timedelta(seconds=t_s)
        self.plot(t_s)
        where = self.at(np.arange(self.count), np.full((self.count, 1), t_s))[:, 0].tolist()
        words = "Predicted to pass over the territory of JPN."
        said = alert(t_s, 112, AlertReason.OVERFLIGHT, AlertState.PREDICTED, words, areas=(JAPAN,), impact_s=LASTS_S)
        tracks = tuple(self.track(row, PathPoint(*here), t_s, now) for row, here in enumerate(where))
        return Picture(now, tracks, said, sensors(t_s), ())


def app(tracks: int, hz: float) -> Litestar:
    """The page, and a stream of so many pictures a second."""
    swarm = Swarm(tracks)
    swarm.picture(STARTS_S)
    began = time.monotonic()

    def played_s() -> float:
        return STARTS_S + time.monotonic() - began

    @get("/about")
    async def about_world() -> About:
        return msgspec.structs.replace(about(WORLD), now=LAUNCHED + timedelta(seconds=played_s()), banner=BANNER)

    @websocket("/stream")
    async def stream(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        frames = Frames()

        async def say(message: object) -> None:
            await socket.send_text(msgspec.json.encode(message).decode())

        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            number = 0
            due = time.monotonic()
            while True:
                t_s = played_s()
                picture = swarm.picture(t_s)
                await socket.send_bytes(frames.following(picture))
                number += 1
                if number % max(1, round(hz / 2)) == 1:
                    await say({"type": "clock", "now": picture.at, "rate": 1.0, "real": datetime.now(UTC)})
                    await say({"type": "links", "links": links(WORLD), "trouble": {"parked": [], "disagreements": []}})
                due = max(due + 1 / hz, time.monotonic() - 1 / hz)
                # Who asks for the page meanwhile must be answered too.
                await asyncio.sleep(max(0.01, due - time.monotonic()))

    world = Router(f"/{WORLD}", route_handlers=[about_world, stream, *console_routes()])
    return Litestar(
        [world], compression_config=CompressionConfig(backend="gzip", minimum_size=2_000), openapi_config=None
    )


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--tracks", type=int, default=1_000)
    parser.add_argument("--hz", type=float, default=10.0)
    asked = parser.parse_args(given)
    # Nothing here forms cycles worth a search through a million points.
    gc.disable()
    served = app(asked.tracks, asked.hz)
    uvicorn.run(served, host="127.0.0.1", port=asked.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
