"""An exercise world at its TAXII door: it is found at its own port alone, and says what it is."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.nodes.door import LIGHT, make_node
from tests.nodes.test_taxii import ACCEPT

from laurel.api import make_app
from laurel.core.instrument import Role
from laurel.core.label import Classification
from laurel.core.record import SALT_BYTES, World, key_id
from laurel.core.roster import KeySpan, Roster, Standing
from laurel.instruments import INSTRUMENTS
from laurel.node.clock import RealClock
from laurel.node.home.compact import load_compact
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.members import Keys
from laurel.node.people import People
from laurel.node.policies import house
from laurel.node.site import Site
from laurel.node.station import Station
from laurel.node.world import World as OneWorld

PLAY = World("camp-david", "freedom-27")
ROOT = "/camp-david.freedom-27/taxii2/"


def played(folder: Path) -> Station:
    """Japan alone, in an exercise."""
    catalogue = Catalogue(INSTRUMENTS)
    store = Store(folder / "world.db", PLAY, catalogue.tables)
    bring_up_to_date(store, catalogue)
    key = Ed25519PrivateKey.generate()
    roster = Roster(PLAY, "JPN", {"JPN": Standing.MEMBER}, {}, {"JPN": (KeySpan(key.public_key()),)})
    keys, salt = Keys({key_id(key.public_key()): key}), partial(secrets.token_bytes, SALT_BYTES)
    return Station(OneWorld(store, catalogue, roster, keys, RealClock(), salt, house(Classification.SECRET)))


async def test_an_exercise_is_found_at_its_own_port_alone_and_says_what_it_is(tmp_path: Path) -> None:
    layout, settings = make_node(tmp_path)
    people, station = People(layout.people, by=LIGHT), played(tmp_path)
    site = Site(station, layout, settings, load_compact("camp-david"), "Overflight of 4 October 2022", dict, None)
    headers = {**ACCEPT, "Authorization": f"Bearer {people.program('hunter', [Role.ANALYST])}"}
    transport = httpx.ASGITransport(app=cast("Any", make_app(site, people)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as to:
        found = (await to.get("/taxii2/")).json()
        assert found["title"] == "EXERCISE freedom-27: Overflight of 4 October 2022, JPN"
        assert found["api_roots"] == [ROOT]
        root = (await to.get(ROOT)).json()
        assert root["title"].startswith("EXERCISE freedom-27")
        assert "None of this is real" in root["description"]
        assert (await to.get("/camp-david/taxii2/")).status_code == 404
    station.close()
    people.close()
