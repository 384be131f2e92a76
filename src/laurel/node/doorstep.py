"""What the terminal needs of a node's folder before it knocks: its worlds, addresses and people."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterable
from pathlib import Path

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import Role
from laurel.core.record import World, key_id
from laurel.node.home import keys
from laurel.node.home.layout import Layout, join_address, read_settings
from laurel.node.home.terms import http_port
from laurel.node.people import People


def find_world(folder: Path, name: str | None) -> tuple[Layout, World]:
    """The node's folder and one of its worlds: the live one if none is named. Raises Nothing."""
    layout = Layout(folder)
    worlds = keys.worlds(layout)
    found = next((one for one in worlds if name is None or one.name == name), None)
    if found is None:
        raise Nothing(world=name, worlds=", ".join(one.name for one in worlds))
    return layout, found


def key_names(layout: Layout, world: World) -> dict[str, str]:
    """The names of our keys in a world, as our own card has them. Raises NoSuchWorld, BadKeyFile."""
    roster = keys.load_roster(layout, world)
    ours = roster.cards[roster.me]
    return {"signing": key_id(ours.key), "sealing": ours.sealing_name}


def is_served(database: Path) -> bool:
    """Whether a process has this world's database open."""
    with database.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def world_url(layout: Layout, world: World) -> str:
    """Where that world's doors are, without a path."""
    settings = read_settings(layout)
    return f"http://{join_address(settings.host, http_port(settings, layout.world(world)))}"


def free_port(layout: Layout) -> int:
    """A port at which nothing answers now, for one more world of this node."""
    with socket.socket() as one:
        one.bind((read_settings(layout).own_host, 0))
        return one.getsockname()[1]


def link_url(page: str, link: str) -> str:
    """The address of a world's page that spends a one-time link, which stands where no server on the way sees it."""
    return f"{page}/#link={link}"


def people(layout: Layout) -> People:
    """Who may ask at this node."""
    return People(layout.people)


def roles(names: Iterable[str]) -> list[Role]:
    """Roles by name. Raises BadField."""
    known = {role.value: role for role in Role if role not in {Role.NODE, Role.SENSOR}}
    for name in names:
        if name not in known:
            raise BadField(field="role", value=name, must_be=", ".join(known))
    return [known[name] for name in names]
