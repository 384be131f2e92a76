"""A mail server of the member's own."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from laurel.core.errors import BadField
from laurel.node.services.failing import ServiceFailed, too_late
from laurel.node.services.settings import Email, Tls, read_secret
from laurel.node.services.web import trusting

FAILURES = (smtplib.SMTPException, OSError, ValueError, BadField)
HEAD = ("precedence", "member", "label")
"""Of what may be told, what stands above the text."""


async def send_mail(service: Email, key: str, facts: Mapping[str, str], now: datetime) -> str:
    """Hand it to the server. Raises ServiceFailed: not reached, refused, too late."""
    sent = asyncio.get_running_loop().create_future()
    connection = _Connection(service)
    # Python's mail client waits: in a thread of its own, which holds up neither the world nor its end.
    work = threading.Thread(
        target=_work, args=(connection, letter(service, key, facts, now), sent), name="mail", daemon=True
    )
    work.start()
    try:
        async with asyncio.timeout(service.timeout_s):
            return await sent
    except TimeoutError:
        raise too_late(service.timeout_s) from None
    except FAILURES as error:
        raise ServiceFailed(why=f"{type(error).__name__}: {error}") from None
    finally:
        connection.cut()


class _Connection:
    """A session with the server that another thread can cut off."""

    def __init__(self, service: Email) -> None:
        self._service = service
        self._socket: socket.socket | None = None

    def send(self, mail: EmailMessage) -> None:
        """Raises FAILURES."""
        service = self._service
        context = trusting(service.authority)
        if service.tls is Tls.TLS:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                service.host, service.port, timeout=service.timeout_s, context=context
            )
        else:
            client = smtplib.SMTP(service.host, service.port, timeout=service.timeout_s)
        with client:
            self._socket = client.sock
            if service.tls is Tls.STARTTLS:
                client.starttls(context=context)
                self._socket = client.sock
            if service.user is not None and service.password_file is not None:
                client.login(service.user, read_secret(service.password_file))
            client.send_message(mail)

    def cut(self) -> None:
        """Whatever it waits for ends now."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _work(connection: _Connection, mail: EmailMessage, sent: asyncio.Future[str]) -> None:
    def settle(how: Callable[[], None]) -> None:
        # The world may have ended meanwhile, or waited no longer.
        with suppress(RuntimeError):
            sent.get_loop().call_soon_threadsafe(lambda: None if sent.done() else how())

    try:
        connection.send(mail)
    except FAILURES as error:
        settle(lambda error=error: sent.set_exception(error))
    else:
        settle(lambda: sent.set_result(""))


def letter(service: Email, key: str, facts: Mapping[str, str], now: datetime) -> EmailMessage:
    """The mail. Sent again it has the same Message-ID, so that a mailbox may know it."""
    mail = EmailMessage()
    mail["From"] = service.sender
    mail["To"] = ", ".join(service.to)
    mail["Date"] = format_datetime(now)
    domain = service.sender.rpartition("@")[2]
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Subject"] = " ".join(facts.get("notice", "").split())
    head = "\n".join(f"{name}: {facts[name]}" for name in HEAD if name in facts)
    parts = (facts.get("notice", ""), head, facts.get("subject", ""), facts.get("text", ""))
    mail.set_content("\n\n".join(part for part in parts if part))
    return mail
