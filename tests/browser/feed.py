"""A stand-in for a node: serves the built console with scripted pictures. `python -m tests.browser.feed`.

`/<scene>/` is live, `/<scene>.<exercise>/` the same in an exercise, and `.replay` behind either a replay of it;
`/signed-out/` knows nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import runpy
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, MediaType, Request, Response, WebSocket, get, post, websocket
from litestar.config.compression import CompressionConfig
from litestar.exceptions import NotAuthorizedException, NotFoundException, WebSocketDisconnect
from msgspec import Struct
from tests.browser import audit, cyber, docket, excon, learn, office, region, replay, supply, talk, years
from tests.browser.flight import BANNER, LAUNCHED, SCENES, Scene

from laurel.api.door import tell
from laurel.api.exercises import CheckAsk, Checked
from laurel.api.page import CONTENT_SECURITY_POLICY
from laurel.api.shared import About, MemberRow
from laurel.api.stream import Frames
from laurel.core.errors import LaurelError
from laurel.core.instrument import Item
from laurel.core.roster import Standing
from laurel.instruments.consult.course_types import Caveats, Consultation
from laurel.instruments.exercise.learnt import HotWash
from laurel.instruments.exercise.planned import PlanSaid
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.view import Clock, Exercises
from laurel.instruments.hotline.board_types import Conversation
from laurel.instruments.warning.picture_types import AlertAcknowledgement, Picture
from laurel.node.asked import Said
from laurel.node.carry.link import LinkState
from laurel.node.exercises import ArchiveRow
from laurel.node.keep.find import Found
from laurel.node.replay.marks import Mark
from laurel.node.replay.shown import Replay, Shelf
from laurel.node.site import DisagreementRow, LinkRow, Trouble, WorldLink

REPOSITORY = Path(__file__).parents[2]
STORIES = REPOSITORY / "build" / "stories"
STATIC = Path(os.environ.get("CONSOLE", REPOSITORY / "src" / "laurel" / "static"))
# The page of stories shows these pages side by side.
POLICY = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
NAMES = {"JPN": "Japan", "KOR": "Republic of Korea", "USA": "United States"}
EXERCISE = "freedom-27"
FIRST_ASKED: dict[str, float] = {}
ACKNOWLEDGED: dict[str, list[AlertAcknowledgement]] = {}


def scene_of(world: str) -> Scene:
    """The scene of an address, live or in an exercise."""
    scene = SCENES.get(world.partition(".")[0])
    if scene is None:
        raise NotFoundException(f"no scene {world}; there are {', '.join(SCENES)}")
    return scene


def exercise_of(world: str) -> str | None:
    name = world.removesuffix(replay.SUFFIX).partition(".")[2]
    return name or None


def played_s(world: str) -> float:
    """Seconds after launch: begins when the world is first asked for, and goes on over a reconnection."""
    scene = scene_of(world)
    now = time.monotonic()
    return scene.starts_s + (now - FIRST_ASKED.setdefault(world, now)) * scene.rate


def about(world: str) -> About:
    scene = scene_of(world)
    live = world.partition(".")[0]
    return About(
        member="JPN",
        name=NAMES["JPN"],
        compact="camp-david",
        exercise=exercise_of(world),
        title="Overflight of 4 October 2022" if exercise_of(world) else "Camp David",
        world=world,
        banner=BANNER,
        now=LAUNCHED + timedelta(seconds=played_s(world)),
        real=datetime.now(UTC),
        rate=scene.rate,
        version="0.1.0",
        officer="officer:abe",
        members=tuple(MemberRow(code, name, admitted=True, standing=Standing.MEMBER) for code, name in NAMES.items()),
        worlds=tuple(
            WorldLink(name, exercise_of(name), "Freedom 27", f"/{name}/", halted=False)
            for name in (live, f"{live}.{EXERCISE}")
        ),
        links=links(world),
        replay=replay.shown(world, exercise_of(world), LAUNCHED, played_s(world)),
    )


KOREA = {
    "dark": (LinkState.PATH_DOWN, 74, 75),
    "lost": (LinkState.PATH_DOWN, 74, 75),
    "relayed": (LinkState.RELAYED, 74, 2),
}


def links(world: str) -> tuple[LinkRow, ...]:
    """Both partners heard; in the scene `lost`, one of them is gone; in `relayed`, heard through the other."""
    now = datetime.now(UTC)

    def line(member: str, state: LinkState, since_s: float, heard_s: float) -> LinkRow:
        since, heard = now - timedelta(seconds=since_s), now - timedelta(seconds=heard_s)
        via = "USA" if state is LinkState.RELAYED else ""
        return LinkRow(member, NAMES[member], state, since, heard, via)

    korea = KOREA.get(world.split(".", maxsplit=1)[0], (LinkState.HEALTHY, 86_400, 2))
    return line("KOR", *korea), line("USA", LinkState.HEALTHY, 111_600, 1)


def trouble(world: str) -> Trouble:
    if not world.startswith("lost"):
        return Trouble((), ())
    return Trouble((), (DisagreementRow("KOR", "KOR", "says its lane ends at 412; we hold 414"),))


def served(path: Path, kept: str = "no-cache") -> Response[bytes]:
    if not path.is_file():
        raise NotFoundException(f"{path.name} is not part of the console")
    return Response(
        path.read_bytes(),
        media_type=TYPES.get(path.suffix, "application/octet-stream"),
        headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": kept},
    )


@get("/", media_type=MediaType.HTML)
async def index() -> str:
    names = (*SCENES, *(f"{name}.{EXERCISE}" for name in SCENES), "signed-out")
    return "<!doctype html><title>Scenes</title>" + "".join(f'<p><a href="/{name}/">{name}</a>' for name in names)


@get("/{world:str}/")
async def page(world: str) -> Response[bytes]:
    del world
    return served(STATIC / "index.html")


@get("/{world:str}/stories.html")
async def stories(world: str) -> Response[bytes]:
    """Components by themselves, with what this scene says: `python hatch_build.py stories` builds them."""
    del world
    return served(STORIES / "stories.html")


@get("/{world:str}/about")
async def about_world(world: str) -> About:
    if world == "signed-out":
        raise NotAuthorizedException("no one is signed in")
    return about(world)


@get("/{world:str}/assets/{name:str}")
async def asset(world: str, name: str) -> Response[bytes]:
    del world
    own = STATIC / "assets" / name
    # Its name says what is in it.
    return served(own if own.is_file() else STORIES / "assets" / name, "max-age=31536000, immutable")


def moment(world: str) -> datetime:
    return LAUNCHED + timedelta(seconds=played_s(world))


@get("/{world:str}/hotline/conversation")
async def conversation(world: str) -> Conversation:
    return talk.conversation(moment(world))


@get("/{world:str}/consult/consultation")
async def consultation(world: str) -> Consultation:
    return talk.consultation(world.partition(".")[0], moment(world))


@get("/{world:str}/consult/ready")
async def ready(world: str) -> dict[str, Any]:
    return dict(talk.ready(moment(world)))


@get("/{world:str}/cyber/{name:str}")
async def cyber_room(world: str, name: str, request: Request[Any, Any, Any]) -> Response[bytes]:
    answered = cyber.answer(world.partition(".")[0], name, request.query_params, moment(world))
    if answered is None:
        raise NotFoundException(name)
    return Response(msgspec.json.encode(answered), media_type=MediaType.JSON)


@get("/{world:str}/consult/caveats")
async def caveats(world: str) -> Caveats:
    del world
    return Caveats(())


OF_REGION: Mapping[str, Callable[[Mapping[str, str], datetime], Struct]] = {
    "incidents": lambda _, at: region.incidents(at),
    "incident": lambda given, at: region.incident(given["incident"], at),
    "reports": lambda _, at: region.reports(at),
    "report": lambda given, at: region.report(given["report"], at),
    "notices": lambda _, at: region.notices(at),
    "years": lambda _, at: region.years(at),
}


@get("/{world:str}/region/{asked:str}")
async def region_room(request: Request[Any, Any, Any], world: str, asked: str) -> Struct:
    return OF_REGION[asked](request.query_params, moment(world))


@get("/{world:str}/dialogue/{asked:str}")
async def dialogue_room(request: Request[Any, Any, Any], world: str, asked: str) -> Response[Any]:
    """What the instrument itself says, refusals too; of its own time."""
    del world
    return Response(years.answer(asked, dict(request.query_params)))


@post("/{world:str}/warning/acknowledge-alert", status_code=200)
async def acknowledge(world: str, data: dict[str, str]) -> Said:
    """The one ask that is honoured here: the picture shows it from now on."""
    by = AlertAcknowledgement("JPN", data["office"], "officer:abe", moment(world), data["alert"], counts=True)
    ACKNOWLEDGED.setdefault(world, []).append(by)
    return Said(("0" * 64,))


def picture(world: str, t_s: float) -> Picture:
    """The scene, with what was acknowledged."""
    shown = scene_of(world).picture(t_s)
    read = ACKNOWLEDGED.get(world, [])
    alerts = (
        msgspec.structs.replace(one, acknowledged=(*one.acknowledged, *(by for by in read if by.alert == one.id)))
        for one in shown.alerts
    )
    return msgspec.structs.replace(shown, alerts=tuple(alerts))


@get("/{world:str}/docket")
async def open_items(world: str) -> list[Item]:
    return docket.items(world.partition(".")[0], moment(world))


@get("/{world:str}/search")
async def search(world: str, words: str) -> list[Found]:
    return docket.found(words, moment(world))


@get("/{world:str}/supply/{asked:str}")
async def supply_room(request: Request[Any, Any, Any], world: str, asked: str) -> Response[Any]:
    """What the node itself would say, refusals too."""
    given = {name: request.query_params.getall(name) for name in request.query_params}
    return Response(supply.answer(asked, given, moment(world)))


@get(["/{world:str}/audit", "/{world:str}/audit/{name:path}"])
async def audit_room(request: Request[Any, Any, Any], world: str, name: str = "") -> Response[Any]:
    """Pages of a chain that the node itself makes and checks; in `raid` the officer is no auditor."""
    answered = audit.answer(world.partition(".")[0], name.strip("/"), request.query_params)
    if answered is None:
        raise NotFoundException(name)
    return Response(answered)


@cache
def document() -> dict[str, Any]:
    """As a node describes its doors."""
    return runpy.run_path(str(REPOSITORY / "scripts" / "write_api.py"))["document"]()


@get("/schema/openapi.json", sync_to_thread=True)
def described() -> dict[str, Any]:
    return document()


@get("/{world:str}/replay/marks")
async def marks(world: str) -> list[Mark]:
    del world
    return replay.marks(LAUNCHED)


@post("/{world:str}/replay/{how:str}", status_code=200)
async def moved(world: str, how: str) -> Replay | None:
    """It stands where it stood: what moves it is tested with a node."""
    del how
    return replay.shown(world, exercise_of(world), LAUNCHED, played_s(world))


@get("/{world:str}/replays")
async def shelf(world: str) -> Shelf:
    del world
    return replay.SHELF


@get("/{world:str}/exercise/exercises")
async def exercises(world: str) -> Exercises:
    return replay.exercises(LAUNCHED, announced=exercise_of(world) is None)


@get("/{world:str}/exercise/clock")
async def clock(world: str) -> Clock:
    t_s, rate = played_s(world), scene_of(world).rate
    begun = ClockSet(datetime.now(UTC) - timedelta(seconds=t_s / max(rate, 1.0)), LAUNCHED, rate)
    return Clock(LAUNCHED + timedelta(seconds=t_s), begun if exercise_of(world) else None, None)


def began(world: str) -> datetime:
    return LAUNCHED + timedelta(seconds=scene_of(world).starts_s)


OF_EXERCISE: Mapping[str, Callable[[str], Struct]] = {
    "msel": lambda world: excon.msel(world.partition(".")[0], began(world), moment(world)),
    "plan-here": lambda world: excon.planned(began(world)),
    "areas": lambda world: excon.areas(began(world), moment(world)),
}


@get("/{world:str}/exercise/{asked:str}")
async def exercise_room(world: str, asked: str) -> Response[Any]:
    """What the node itself says, refusals too."""
    if asked not in OF_EXERCISE:
        raise NotFoundException(asked)
    return Response(OF_EXERCISE[asked](world))


@post(["/{world:str}/exercise/{asked:str}", "/{world:str}/line/retract"], status_code=200)
async def exercise_asked(world: str, asked: str = "") -> Said:
    """Taken, and nothing comes of it here: what is asked is what a page of tests looks at."""
    del world, asked
    return Said(("0" * 64,))


@get("/sign-in/session")
async def session() -> Struct:
    return excon.signed_in(datetime.now(UTC))


@get("/{world:str}/exercise/planned")
async def planned(world: str, exercise: str) -> PlanSaid:
    del world
    return learn.planned(exercise, LAUNCHED)


@post("/{world:str}/exercise/check", status_code=200)
async def checked(world: str, data: CheckAsk) -> Checked:
    del world
    return learn.checked(data.plan)


@get("/{world:str}/exercise/hot-wash")
async def hot_wash(world: str) -> HotWash:
    del world
    return learn.hot_wash(LAUNCHED)


@get("/{world:str}/exercise/archives")
async def archives(world: str) -> list[ArchiveRow]:
    del world
    return learn.archives(LAUNCHED)


@websocket("/{world:str}/stream")
async def stream(socket: WebSocket[Any, Any, Any], world: str) -> None:
    scene = scene_of(world)
    frames = Frames()
    await socket.accept()

    async def say(message: object) -> None:
        await socket.send_text(msgspec.json.encode(message).decode())

    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            t_s = played_s(world)
            now = LAUNCHED + timedelta(seconds=t_s)
            await say({"type": "clock", "now": now, "rate": scene.rate, "real": datetime.now(UTC)})
            await say({"type": "links", "links": links(world), "trouble": trouble(world)})
            await socket.send_bytes(frames.following(picture(world, t_s)))
            if replay.is_one(world):
                shown = replay.shown(world, exercise_of(world), LAUNCHED, t_s)
                await say({"type": "replay", "replay": shown})
            live = world.partition(".")[0]
            for name, answer in (office.said(live, exercise_of(world), now) | talk.said(live, now)).items():
                await say({"type": name, name: answer})
            await asyncio.sleep(0.5)


app = Litestar(
    [
        *(index, page, stories, about_world, asset),
        *(conversation, consultation, ready, caveats),
        *(audit_room, cyber_room, dialogue_room, region_room, supply_room),
        *(acknowledge, open_items, search, described, stream),
        *(marks, moved, shelf, exercises, clock),
        *(exercise_room, exercise_asked, session),
        *(planned, checked, hot_wash, archives),
    ],
    exception_handlers={LaurelError: tell},
    compression_config=CompressionConfig(backend="gzip", minimum_size=2_000),
    openapi_config=None,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
