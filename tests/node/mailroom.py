"""A real mail server on this machine, which keeps what it takes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from laurel.node.clock import RealClock
from laurel.node.home.pki import make_authority, make_server


@dataclass
class Mailroom:
    """What was taken, from whom to whom, and the answer to whoever brings it."""

    answer: str = "250 OK"
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list[tuple[str, list[str], EmailMessage]])
    port: int = 0

    async def take(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), mail))
        return self.answer


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The authority to believe, and what a server on this machine shows."""
    now = RealClock().now()
    authority = make_authority("JPN", now)
    server = make_server(authority, "JPN", "127.0.0.1", now)
    believed, shown = folder / "authority.pem", folder / "server.pem"
    believed.write_bytes(authority.certificate_pem)
    shown.write_bytes(server.key_pem + server.certificate_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown)
    return believed, context


def _let_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    del server, session, envelope, mechanism
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"laurel", b"open sesame")
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mailroom(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: bool = False,
    answer: str = "250 OK",
) -> AsyncGenerator[Mailroom]:
    """A mail server, spoken to by TLS from the first byte, after STARTTLS, or never."""
    room = Mailroom(answer)

    sessions: list[SMTP] = []

    def made() -> SMTP:
        sessions.append(session())
        return sessions[-1]

    def session() -> SMTP:
        return SMTP(
            SimpleNamespace(handle_DATA=room.take),
            hostname="mail.example",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=password,
            auth_require_tls=starttls is not None,
            authenticator=_let_in,
        )

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, ssl=tls)
    room.port = server.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        server.close()
        for one in sessions:
            if one.transport is not None:
                one.transport.close()
        await asyncio.sleep(0.05)
