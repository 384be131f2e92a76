"""The HTTP door of one world. Routes follow from the commands and queries of its instruments.

`POST /<world>/<instrument>/<command>` asks; the header `Ask-Id` names the ask, so that a repeat is
harmless. `…/<command>/many` takes one ask a line. `GET /<world>/<instrument>/<query>` answers.
`WS /<world>/stream` pushes what changes. `/sign-in/...` and `/account/...` let officers in. `/taxii2/` and
`/<world>/taxii2/` speak TAXII 2.1. Errors are JSON: what, where, and what to do.
"""

from __future__ import annotations

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from laurel import __version__
from laurel.api.account import account_routes
from laurel.api.asks import command_routes, query_route
from laurel.api.attachments import attachment_route
from laurel.api.audit import audit_routes
from laurel.api.calendar import calendar_routes
from laurel.api.cyber import cyber_routes
from laurel.api.described import Described
from laurel.api.door import ERRORS, RATES, Door, Rates
from laurel.api.exercises import exercise_routes
from laurel.api.exports import export_routes
from laurel.api.guard import Guard
from laurel.api.messages import stream_page
from laurel.api.page import console_routes, root_routes
from laurel.api.replays import shelf_routes
from laurel.api.shared import shared_routes
from laurel.api.sign_in import Lobby, session_routes, sign_in_routes
from laurel.api.stream import stream_route
from laurel.api.taxii import taxii_routes
from laurel.node.clock import RealClock, monotonic
from laurel.node.people import People
from laurel.node.people.limits import Buckets
from laurel.node.replay.shelf import Replays
from laurel.node.site import Site

MAX_BODY_BYTES = 2 * 1024 * 1024


def make_app(site: Site, people: People, rates: Rates = RATES) -> Guard:
    """The application that serves one world, guarded."""
    asks, sign_ins, refusals = (Buckets(rate, monotonic) for rate in (rates.asks, rates.sign_ins, rates.refusals))
    door = Door(site, people, RealClock(), asks, sign_ins, refusals, rates.streams)
    lobby = Lobby(door)
    catalogue = site.station.inner.catalogue
    commands = [
        command_routes(door, instrument.name, command)
        for instrument in catalogue.instruments
        for command in instrument.commands
        if command.for_people
    ]
    queries = [
        query_route(door, instrument.name, query)
        for instrument in catalogue.instruments
        for query in instrument.queries
    ]
    own = [route for pair in commands for route in pair] + queries
    own += shared_routes(door) + exercise_routes(door) + audit_routes(door)
    own += [attachment_route(door), *export_routes(door), *cyber_routes(door), *calendar_routes(door)]
    own += shelf_routes(door, Replays(site.layout))
    taxii_server, taxii_root = taxii_routes(door)
    under = [*own, taxii_root, stream_route(door), stream_page(door), *console_routes()]
    world = Router(f"/{site.station.world.name}", route_handlers=under)
    app = Litestar(
        [
            world,
            taxii_server,
            *root_routes(door),
            *sign_in_routes(lobby),
            *session_routes(lobby),
            *account_routes(lobby),
        ],
        openapi_config=OpenAPIConfig(
            title=f"Laurel, {site.member}, {site.station.world.name}",
            version=__version__,
            path="/schema",
            # The others' pages are drawn by other hosts' scripts, and writing YAML would hold up the node for seconds.
            render_plugins=[JsonRenderPlugin()],
        ),
        exception_handlers=ERRORS,
        plugins=[Described()],
        request_max_body_size=MAX_BODY_BYTES,
        compression_config=CompressionConfig(backend="gzip", minimum_size=2_000, exclude=["/attachments/"]),
        logging_config=None,
    )
    return Guard(app, (site.settings.host, *site.settings.names), tls=site.settings.behind_tls)
