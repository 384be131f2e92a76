"""The console's files, and the way in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import MediaType, Response, get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import File, Redirect

import laurel
from laurel.api.door import Door
from laurel.core.errors import UnknownAsk

STATIC = Path(laurel.__file__).parent / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".woff2": "font/woff2",
}


def console_routes() -> list[Any]:
    """The page and its parts."""

    @get("/", include_in_schema=False, media_type=MediaType.HTML)
    async def page() -> Response[bytes] | File:
        """The console."""
        index = STATIC / "index.html"
        if not index.is_file():
            text = "<h1>The console was not built</h1><p>Run <code>make demo</code>, or install the wheel.</p>"
            return Response(text.encode(), media_type=MediaType.HTML, status_code=503)
        return File(
            index,
            content_disposition_type="inline",
            media_type="text/html",
            headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"},
        )

    @get("/assets/{name:str}", include_in_schema=False)
    async def asset(name: FromPath[str]) -> File:
        """A part of the console. Its name holds a hash of its content, so it never changes."""
        if name not in {file.name for file in (STATIC / "assets").glob("*")}:
            raise UnknownAsk(asset=name)
        forever = {"Cache-Control": "max-age=31536000, immutable"}
        kind = MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
        return File(
            STATIC / "assets" / name, filename=name, media_type=kind, content_disposition_type="inline", headers=forever
        )

    return [page, asset]


def root_routes(door: Door) -> list[BaseRouteHandler]:
    """What does not stand under the world's name."""
    home = f"/{door.site.station.world.name}/"

    @get("/", include_in_schema=False)
    async def root() -> Redirect:
        """To the console of this world."""
        return Redirect(home)

    @get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """Whether this world answers."""
        return {"world": door.site.station.world.name}

    return [root, healthz]
