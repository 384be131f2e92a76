"""How officers come in, lock their screen and go: one-time links, passwords, passkeys.

Every way in opens a new session with a new token and ends the one that was there; unlocking is signing in again. A
link is spent by this door alone, never by opening its address: what fetches addresses ahead of people spends nothing.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from laurel.api.door import Connection, Door, as_written
from laurel.core.errors import BadField, LaurelError, NotPermitted, SignInNeeded
from laurel.node.people.passkeys import PasskeyRow
from laurel.node.people.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from laurel.node.people.register import digest
from laurel.node.people.sessions import Session, Way, Why

# Each takes four cores for 50 ms, and 64 MiB.
PASSWORDS_AT_ONCE = 2
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")

Short = Annotated[str, Meta(min_length=1, max_length=64)]
Secret = Annotated[str, Meta(max_length=4 * MAX_CHARACTERS)]

Ask = Request[Any, Any, Any]


class ByLink(Struct, frozen=True, forbid_unknown_fields=True):
    """A one-time link's token."""

    link: Annotated[str, Meta(max_length=100)]


class ByPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's name and password."""

    officer: Short
    password: Secret


class ByPasskey(Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser got from a device (PublicKeyCredential.toJSON, WebAuthn level 3, 5.1)."""

    credential: dict[str, Any]


class SigningOut(Struct, frozen=True, forbid_unknown_fields=True):
    """Here, or at every screen this officer is signed in at."""

    everywhere: bool = False


class SignedIn(Struct, frozen=True):
    """Whose session this is, and how it stands."""

    officer: str
    roles: tuple[str, ...]
    opened_by: Way
    opened_at: datetime
    expires_at: datetime
    locked: Why | None
    lock_after_s: int
    has_password: bool
    passkeys: tuple[PasskeyRow, ...]
    password_min: int = MIN_CHARACTERS


class Lobby:
    """What the ways in share."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.passwords = asyncio.Semaphore(PASSWORDS_AT_ONCE)

    def ours(self, connection: Connection, _: BaseRouteHandler) -> None:
        """For those whom nobody knows yet, before a byte of the body is read. Raises CrossSite."""
        self.door.same_page(connection, acts=True)

    def known(self, connection: Connection, _: BaseRouteHandler) -> None:
        """For officers, before a byte of the body is read. Raises as `session`."""
        connection.state["session"] = self.session(connection, acts=True)

    def session(self, connection: Connection, *, acts: bool) -> Session:
        """The officer's session, locked or not. Raises as `Door.caller`."""
        caller = self.door.caller(connection, acts=acts)
        if caller.session is None:
            raise NotPermitted(author=caller.author.name, needs="an officer's session")
        return caller.session

    def before(self, request: Ask) -> tuple[str | None, Session | None]:
        """The token that came along and the session it opens, if it opens one."""
        token = request.cookies.get(self.door.cookie)
        found = None if token is None else self.door.people.sessions.find(digest(token), self.door.clock.now())
        return token, found

    def open(self, request: Ask, officer: str, by: Way) -> Response[SignedIn]:
        """A new session with a new token; the one that was there ends. Raises SignInNeeded."""
        people, now = self.door.people, self.door.clock.now()
        old, left = self.before(request)
        token = people.sessions.open(officer, by, now, instead_of=old)
        opened = people.sessions.find(digest(token), now)
        if opened is None:
            raise SignInNeeded(officer=officer)
        unlocked = left is not None and left.officer == officer and left.locked is not None
        self.told("unlocked" if unlocked else "signed-in", opened, f"by {by}, from {self.door.address(request)}")
        return Response(self.signed_in(opened), cookies=[self.cookie(token)])

    def cookie(self, token: str, **ends: Any) -> Cookie:
        """The session cookie: no script reads it, no other site sends it, and it goes when the browser is closed."""
        return Cookie(
            self.door.cookie, value=token, httponly=True, samesite="strict", secure=self.door.tls, path="/", **ends
        )

    def signed_in(self, one: Session) -> SignedIn:
        """How the session stands."""
        people = self.door.people
        return SignedIn(
            officer=one.officer,
            roles=tuple(sorted(one.roles)),
            opened_by=one.opened_by,
            opened_at=one.opened_at,
            expires_at=one.expires_at,
            locked=one.locked,
            lock_after_s=self.door.site.settings.lock_after_min * 60,
            has_password=people.officers.has_password(one.officer),
            passkeys=tuple(people.passkeys.rows(one.officer)),
        )

    def told(self, decision: str, one: Session, why: str = "") -> None:
        """A line for the audit. Of these there are as many as there are acts of an officer."""
        self.door.site.station.audit_door(decision, f"officer:{one.officer}", f"session {one.name} {why}".strip())


def sign_in_routes(lobby: Lobby) -> list[BaseRouteHandler]:
    """Of the node rather than of a world: they stand at the top."""
    door = lobby.door

    @get("/sign-in", include_in_schema=False)
    async def sign_in(link: FromQuery[str]) -> Redirect:
        """To the page that spends the link, which it gets behind the # that no server ever sees."""
        if not TOKEN.fullmatch(link):
            raise BadField(field="link", must_be="a one-time token")
        return Redirect(f"/{door.world}/#link={link}")

    @post("/sign-in/link", tags=["people"], status_code=200, guards=[lobby.ours])
    async def by_link(data: JSONBody[ByLink], request: Ask) -> Response[SignedIn]:
        """Spend a one-time link. Nothing that anybody guesses wrong shuts this door."""
        try:
            officer = door.people.officers.redeem(data.link, door.clock.now())
        except SignInNeeded:
            door.refused("sign-in-refused", door.address(request), "by link")
            raise
        return lobby.open(request, officer, "link")

    @post("/sign-in/password", tags=["people"], status_code=200, guards=[lobby.ours])
    async def by_password(data: JSONBody[ByPassword], request: Ask) -> Response[SignedIn]:
        """Sign in, or unlock, with name and password."""
        address, now = door.address(request), door.clock.now()
        door.sign_ins.take(address)
        _, left = lobby.before(request)
        own = left is not None and left.officer == data.officer
        tried = f"session:{left.digest}" if left is not None and own else f"officer:{data.officer}"
        try:
            async with lobby.passwords:
                officer = await asyncio.to_thread(
                    door.people.officers.by_password, data.officer, data.password, now, tried=tried
                )
        except LaurelError as error:
            # The name may be a password typed into the wrong field: it is written down only where somebody has it.
            known = data.officer if door.people.officers.known(data.officer) else "unknown"
            door.refused("sign-in-refused", f"officer:{known}", f"by password, from {address}: {error}")
            raise
        door.sign_ins.give_back(address)
        return lobby.open(request, officer, "password")

    @post("/sign-in/passkey/options", tags=["people"], status_code=200, guards=[lobby.ours])
    async def passkey_options(request: Ask) -> dict[str, Any]:
        """What a browser needs to sign in with a passkey: the same for everybody."""
        door.sign_ins.take(door.address(request))
        return door.people.passkeys.options_to_sign_in(door.place(request), door.clock.now())

    @post("/sign-in/passkey", tags=["people"], status_code=200, guards=[lobby.ours])
    async def by_passkey(data: JSONBody[ByPasskey], request: Ask) -> Response[SignedIn]:
        """Sign in, or unlock, with a passkey."""
        address = door.address(request)
        try:
            officer = door.people.passkeys.officer_of(data.credential, door.place(request), door.clock.now())
        except LaurelError as error:
            door.refused("sign-in-refused", address, f"by passkey: {error}")
            raise
        door.sign_ins.give_back(address)
        return lobby.open(request, officer, "passkey")

    return [sign_in, by_link, by_password, passkey_options, by_passkey]


def session_routes(lobby: Lobby) -> list[BaseRouteHandler]:
    """What an officer does with a session, locked or not."""
    door = lobby.door

    @get("/sign-in/session", tags=["people"])
    async def session(request: Ask) -> SignedIn:
        """Whose session this is, and how it stands."""
        return lobby.signed_in(lobby.session(request, acts=False))

    @post("/sign-in/here", tags=["people"], status_code=200, guards=[lobby.known])
    async def here(request: Ask) -> SignedIn:
        """The officer's hand is at the screen: it does not lock yet. What is locked stays so."""
        one: Session = request.state["session"]
        door.people.sessions.seen(one, door.clock.now())
        return lobby.signed_in(one)

    @post("/sign-in/lock", tags=["people"], status_code=200, guards=[lobby.known])
    async def lock(request: Ask) -> SignedIn:
        """Lock the screen now."""
        one: Session = request.state["session"]
        door.people.sessions.lock(one, door.clock.now())
        lobby.told("locked", one)
        return lobby.signed_in(one.locked_as("asked"))

    @post("/sign-out", tags=["people"], status_code=200, guards=[lobby.known])
    async def sign_out(data: JSONBody[SigningOut], request: Ask) -> Response[dict[str, str]]:
        """End this session, or all of this officer's."""
        one: Session = request.state["session"]
        data = await as_written(request, SigningOut)
        if data.everywhere:
            door.people.sessions.end_all(one.officer)
        else:
            door.people.sessions.end(one)
        lobby.told("signed-out", one, "everywhere" if data.everywhere else "")
        return Response({"signed_out": one.officer}, cookies=[lobby.cookie("", max_age=0)])

    return [session, here, lock, sign_out]
