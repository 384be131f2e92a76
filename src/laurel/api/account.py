"""What an officer changes about their own way in: the password, the passkeys. It takes a session just opened."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Response, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from laurel.api.door import Connection
from laurel.api.sign_in import Ask, Lobby, Secret, Short, SignedIn
from laurel.core.errors import NotPermitted
from laurel.node.people.passkeys import PasskeyRow
from laurel.node.people.sessions import Session


class ProveAgain(NotPermitted):
    """An open screen must not be enough to take an officer's name over."""

    says = "this was opened too long ago to change how you sign in"
    remedy = "lock the screen, unlock it, and do this within ten minutes; or give the current password"


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """The new one, and the current one where the session is no longer fresh."""

    new: Secret
    current: Secret | None = None


class NewPasskey(Struct, frozen=True, forbid_unknown_fields=True):
    """What the device made, and what its officer calls it."""

    name: Short
    credential: dict[str, Any]


class OldPasskey(Struct, frozen=True, forbid_unknown_fields=True):
    """Which one."""

    id: Annotated[str, Meta(max_length=2_000)]


def account_routes(lobby: Lobby) -> list[BaseRouteHandler]:
    """Each needs an unlocked session."""
    door = lobby.door

    def unlocked(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        door.asker(connection, connection.url.path.strip("/"))
        connection.state["session"] = lobby.session(connection, acts=True)

    def mine(request: Ask, *, fresh: bool = True) -> Session:
        one: Session = request.state["session"]
        if fresh and not one.fresh(door.clock.now()):
            raise ProveAgain(officer=one.officer, opened_at=one.opened_at)
        return one

    @post("/account/password", tags=["people"], status_code=200, guards=[unlocked])
    async def password(data: JSONBody[NewPassword], request: Ask) -> Response[SignedIn]:
        """Set or change the password. Every other session of this officer ends, and this one gets a new token."""
        one = mine(request, fresh=data.current is None)
        officers = door.people.officers
        async with lobby.passwords:
            if data.current is not None:
                tried = f"session:{one.digest}"
                await asyncio.to_thread(officers.by_password, one.officer, data.current, door.clock.now(), tried=tried)
            await asyncio.to_thread(officers.set_password, one.officer, data.new)
        lobby.told("password-changed", one)
        return lobby.open(request, one.officer, "password")

    @post("/account/passkeys/options", tags=["people"], status_code=200, guards=[unlocked])
    async def options(request: Ask) -> dict[str, Any]:
        """What a browser needs to make a passkey."""
        one = mine(request)
        return door.people.passkeys.options_to_add(one.officer, door.place(request), door.clock.now())

    @post("/account/passkeys", tags=["people"], status_code=200, guards=[unlocked])
    async def add(data: JSONBody[NewPasskey], request: Ask) -> PasskeyRow:
        """Take the passkey that the device made."""
        one = mine(request)
        made = door.people.passkeys.add(one.officer, data.name, data.credential, door.place(request), door.clock.now())
        lobby.told("passkey-added", one, made.name)
        return made

    @post("/account/passkeys/remove", tags=["people"], status_code=200, guards=[unlocked])
    async def remove(data: JSONBody[OldPasskey], request: Ask) -> SignedIn:
        """Take one away. The others, the password and the administrator's links stay."""
        one = mine(request)
        door.people.passkeys.remove(one.officer, data.id)
        lobby.told("passkey-removed", one)
        return lobby.signed_in(one)

    return [password, options, add, remove]
