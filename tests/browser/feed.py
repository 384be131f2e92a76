"""A stand-in for a node: serves the built console with scripted pictures. `python feed.py --port 8080`.

`/<scene>/` is live, `/<scene>.<exercise>/` the same in an exercise; `/signed-out/` knows nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from flight import BANNER, LAUNCHED, SCENES, Scene
from litestar import Litestar, MediaType, Response, WebSocket, get, websocket
from litestar.exceptions import NotAuthorizedException, NotFoundException, WebSocketDisconnect

REPOSITORY = Path(__file__).parents[2]
STATIC = Path(os.environ.get("LAUREL_STATIC", REPOSITORY / "src" / "laurel" / "static"))
POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self' ws: wss:"
)
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
MEMBERS = (("JPN", "Japan"), ("KOR", "South Korea"), ("USA", "United States"))
FIRST_ASKED: dict[str, float] = {}


def scene_of(world: str) -> Scene:
    """The scene of an address, live or in an exercise."""
    scene = SCENES.get(world.partition(".")[0])
    if scene is None:
        raise NotFoundException(f"no scene {world}; there are {', '.join(SCENES)}")
    return scene


def played_s(world: str) -> float:
    """Seconds after launch: begins when the world is first asked for, and goes on over a reconnection."""
    scene = scene_of(world)
    now = time.monotonic()
    return scene.starts_s + (now - FIRST_ASKED.setdefault(world, now)) * scene.rate


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def exercise_of(world: str) -> str | None:
    return world.partition(".")[2] or None


def about(world: str) -> dict[str, Any]:
    scene = scene_of(world)
    exercise = exercise_of(world)
    live = world.partition(".")[0]
    return {
        "member": "JPN",
        "name": "Japan",
        "compact": "camp-david",
        "exercise": exercise,
        "title": "Overflight of 4 October 2022" if exercise else None,
        "world": world,
        "banner": BANNER,
        "now": iso(LAUNCHED + timedelta(seconds=played_s(world))),
        "rate": scene.rate,
        "version": "0.1.0",
        "officer": "watch-1",
        "members": [{"code": code, "name": name} for code, name in MEMBERS],
        "worlds": [
            {"world": name, "url": f"/{name}/", "exercise": exercise_of(name)}
            for name in (live, f"{live}.freedom-27")
        ],
    }


def links(world: str) -> list[dict[str, Any]]:
    """Both partners heard; in the scene `lost`, one of them is gone."""
    now = datetime.now(UTC)
    gone = world.startswith("lost")
    return [
        {
            "member": "KOR",
            "name": "South Korea",
            "state": "path-down" if gone else "healthy",
            "since": iso(now - timedelta(seconds=74 if gone else 86_400)),
            "heard_at": iso(now - timedelta(seconds=75 if gone else 2)),
        },
        {
            "member": "USA",
            "name": "United States",
            "state": "healthy",
            "since": iso(now - timedelta(hours=31)),
            "heard_at": iso(now - timedelta(seconds=1)),
        },
    ]


def trouble(world: str) -> dict[str, Any]:
    forks = [{"origin": "KOR", "number": 412}] if world.startswith("lost") else []
    return {"type": "trouble", "parked": [], "forks": forks}


def served(path: Path) -> Response[bytes]:
    if not path.is_file() or STATIC not in path.resolve().parents:
        raise NotFoundException(f"{path.name} is not part of the console")
    return Response(
        path.read_bytes(),
        media_type=TYPES.get(path.suffix, "application/octet-stream"),
        headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    )


@get("/", media_type=MediaType.HTML)
async def index() -> str:
    names = (*SCENES, *(f"{name}.freedom-27" for name in SCENES), "signed-out")
    return "<!doctype html><title>Scenes</title>" + "".join(
        f'<p><a href="/{name}/">{name}</a>' for name in names
    )


@get("/{world:str}/")
async def page(world: str) -> Response[bytes]:
    del world
    return served(STATIC / "index.html")


@get("/{world:str}/about")
async def about_world(world: str) -> dict[str, Any]:
    if world == "signed-out":
        raise NotAuthorizedException("no one is signed in")
    return about(world)


@get("/{world:str}/assets/{name:str}")
async def asset(world: str, name: str) -> Response[bytes]:
    del world
    return served(STATIC / "assets" / name)


@websocket("/{world:str}/stream")
async def stream(socket: WebSocket[Any, Any, Any], world: str) -> None:
    scene = scene_of(world)
    await socket.accept()

    async def say(message: object) -> None:
        await socket.send_text(msgspec.json.encode(message).decode())

    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await say({"type": "links", "links": links(world)})
        await say(trouble(world))
        while True:
            t_s = played_s(world)
            now = LAUNCHED + timedelta(seconds=t_s)
            await say(
                {"type": "clock", "now": iso(now), "rate": scene.rate, "real": iso(datetime.now(UTC))}
            )
            await say({"type": "picture", "picture": scene.picture(t_s)})
            await say({"type": "links", "links": links(world)})
            await asyncio.sleep(0.5)


app = Litestar([index, page, about_world, asset, stream], openapi_config=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main()
