"""Verbs of the administrator at the machine: who may sign in and what they may do; what sensors and programs may.

They change the node's register itself, so they work while the node is down, and at once while it runs.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField

if TYPE_CHECKING:
    from msgspec import Struct

    from laurel.node.home.layout import Layout
    from laurel.node.people import People
    from laurel.node.people.credentials import Narrow

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]
Officer = Annotated[str, typer.Argument(help="The officer's name at this node.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="A role; may be given again.")]
Worlds = Annotated[list[str] | None, typer.Option("--world", help="Good in this world alone; may be given again.")]
Days = Annotated[float | None, typer.Option("--days", help="Good for so many days; until revoked, if not given.")]
To = Annotated[Path, typer.Option("--to", help="The file to write it to.")]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read it from standard input instead of asking.")]

WATCH = "watch-officer"

officer = typer.Typer(help="Let officers and programs in, and out.", no_args_is_help=True)
sensor = typer.Typer(help="Let sensors in, and out.", no_args_is_help=True)


# Officers


@officer.command()
def add(
    folder: Folder,
    name: Officer,
    role: Roles = None,
    office: Annotated[str, typer.Option(help="Title, such as 'Watch 2'.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add an officer, who needs a link or a password before signing in."""
    from laurel.node.clock import RealClock
    from laurel.node.doorstep import roles

    given = roles(role or [WATCH])
    _people(folder).officers.add(name, office, given, RealClock().now())
    show({"officer": name, "office": office, "roles": sorted(given)}, as_json=as_json)


@officer.command("list")
def list_(folder: Folder, as_json: AsJson = False) -> None:
    """Everybody who may ask: officers, and programs with their tokens."""
    people = _people(folder)
    rows = {"officers": people.officers.rows(), "programs": people.credentials.rows("program")}
    show({name: [_plain(row) for row in of] for name, of in rows.items()}, as_json=as_json)


@officer.command()
def link(
    folder: Folder,
    name: Officer,
    role: Roles = None,
    world: Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-time sign-in link, good for an hour. An officer who is not there yet is added."""
    from laurel.node.clock import RealClock
    from laurel.node.doorstep import find_world, link_url, roles, world_url

    layout, named = find_world(folder, world)
    people, now = _people(folder), RealClock().now()
    if role or not people.officers.known(name):
        token = people.link(name, roles(role or [WATCH]), now)
    else:
        token = people.officers.link(name, now)
    show({"officer": name, "link": link_url(f"{world_url(layout, named)}/{named.name}", token)}, as_json=as_json)


@officer.command()
def password(folder: Folder, name: Officer, stdin: Stdin = False, as_json: AsJson = False) -> None:
    """Set an officer's password, which is asked for and never given on the command line. Sessions and links end."""
    people = _people(folder)
    _known(people, name)
    given = sys.stdin.readline().rstrip("\n") if stdin else typer.prompt("Password", hide_input=True)
    if not stdin and typer.prompt("The same again", hide_input=True) != given:
        raise BadField(field="password", must_be="the same twice")
    people.officers.set_password(name, given)
    show({"officer": name, "password": "set"}, as_json=as_json)


@officer.command()
def disable(folder: Folder, name: Officer, as_json: AsJson = False) -> None:
    """Shut an officer out at once, in every world. The password and passkeys are kept for later."""
    from laurel.node.clock import RealClock

    _people(folder).officers.disable(name, RealClock().now())
    show({"officer": name, "disabled": True}, as_json=as_json)


@officer.command()
def enable(folder: Folder, name: Officer, as_json: AsJson = False) -> None:
    """Let an officer sign in again."""
    _people(folder).officers.enable(name)
    show({"officer": name, "disabled": False}, as_json=as_json)


@officer.command("roles")
def set_roles(
    folder: Folder,
    name: Officer,
    role: Roles = None,
    office: Annotated[str | None, typer.Option(help="Another title.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give an officer these roles instead of those before. Open screens lock, and have them once unlocked."""
    from laurel.node.doorstep import roles

    people = _people(folder)
    if role:
        people.officers.set_roles(name, roles(role))
    if office is not None:
        people.officers.set_office(name, office)
    _known(people, name)
    show(next(_plain(row) for row in people.officers.rows() if row.name == name), as_json=as_json)


@officer.command()
def revoke(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="An officer, a program, or the id of a program's token.")],
    passkeys: Annotated[bool, typer.Option("--passkeys", help="Remove the officer's passkeys too.")] = False,
    as_json: AsJson = False,
) -> None:
    """End a program's tokens, or an officer's sessions and links. The officer may sign in again."""
    people = _people(folder)
    if people.officers.known(name):
        people.officers.shut_out(name)
        removed = people.passkeys.remove_all(name) if passkeys else 0
        show({"officer": name, "sessions_and_links": "ended", "passkeys_removed": removed}, as_json=as_json)
        return
    show({"program": name, "tokens_ended": people.credentials.revoke("program", name)}, as_json=as_json)


@officer.command()
def token(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The program's name at this node.")],
    to: To,
    role: Roles = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="A command or query it may ask, such as hotline/send; again.")
    ] = None,
    world: Worlds = None,
    days: Days = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a program or gateway: as narrow as you say, good until revoked."""
    from laurel.node.doorstep import roles
    from laurel.node.home.layout import PRIVATE_FILE, write_file

    people = _people(folder)
    good_for = _narrow(folder, only, world, days)
    made = people.program(name, roles(role or [WATCH]), good_for)
    write_file(to, f"{made}\n".encode(), PRIVATE_FILE)
    show(
        {"program": name, "wrote": str(to), "only": sorted(only or []), "worlds": sorted(world or [])}, as_json=as_json
    )


# Sensors


@sensor.command()
def credential(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The sensor's name, as registered with warning register-sensor.")],
    to: To,
    world: Worlds = None,
    days: Days = None,
    as_json: AsJson = False,
) -> None:
    """Make a credential for a sensor: it may report that sensor's scans, nothing else."""
    from laurel.node.home.layout import PRIVATE_FILE, write_file

    made = _people(folder).credential(name, _narrow(folder, None, world, days))
    write_file(to, f"{made}\n".encode(), PRIVATE_FILE)
    show({"sensor": name, "wrote": str(to), "worlds": sorted(world or [])}, as_json=as_json)


@sensor.command("revoke")
def revoke_sensor(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="A sensor, or the id of one of its credentials.")],
    as_json: AsJson = False,
) -> None:
    """End the credentials of a sensor at once."""
    show({"sensor": name, "ended": _people(folder).credentials.revoke("sensor", name)}, as_json=as_json)


@sensor.command("list")
def list_sensors(folder: Folder, as_json: AsJson = False) -> None:
    """The credentials of sensors."""
    show({"sensors": [_plain(row) for row in _people(folder).credentials.rows("sensor")]}, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Two groups of verbs."""
    app.add_typer(officer, name="officer")
    app.add_typer(sensor, name="sensor")


def _layout(folder: Path) -> Layout:
    from laurel.node.home.layout import Layout, read_settings

    layout = Layout(folder)
    read_settings(layout)
    return layout


def _people(folder: Path) -> People:
    from laurel.node.doorstep import people

    return people(_layout(folder))


def _known(people: People, name: str) -> None:
    from laurel.core.errors import Nothing

    if not people.officers.known(name):
        raise Nothing(officer=name)


def _narrow(folder: Path, only: list[str] | None, worlds: list[str] | None, days: float | None) -> Narrow:
    """Raises BadField for a path or a world that there is not: a credential for it would do nothing, silently."""
    from laurel.node.clock import RealClock
    from laurel.node.doorstep import find_world
    from laurel.node.people.credentials import Narrow

    if only:
        from laurel.node.paths import check_paths

        check_paths(only)
    for world in worlds or ():
        find_world(folder, world)
    until = None if days is None else RealClock().now() + timedelta(days=days)
    return Narrow(frozenset(only) if only else None, frozenset(worlds) if worlds else None, until)


def _plain(row: Struct) -> dict[str, Any]:
    from msgspec import to_builtins

    return to_builtins(row)
