"""The member's own services: a program, a web address, a mail server that do what only the world outside can do.

What goes out to them leaves the walls of the house, so each says how much it may tell. The node runs no shell, hands
no environment on, waits for no service longer than that allows, and reads no more of an answer than fits in a record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from laurel.core.errors import Broken
from laurel.node.services.command import run_command
from laurel.node.services.failing import ServiceFailed
from laurel.node.services.mail import send_mail
from laurel.node.services.settings import (
    CommandEngine,
    CommandNotifier,
    Email,
    HttpEngine,
    Service,
    Services,
    Tells,
    Webhook,
)
from laurel.node.services.web import post

__all__ = ["NoSuchService", "ServiceFailed", "run", "service_of"]

Facts = Mapping[str, str]

ALWAYS_TOLD = ("id", "office", "notice")
"""What any notifier learns: by what the errand is known, who is called, and that there is something."""


class NoSuchService(Broken):
    """An errand names a service that is not set up here."""

    says = "this node has no such service"
    remedy = "name one of services.toml, or set it up there: see laurel services check"


def service_of(services: Services, name: str) -> Service:
    """The service of that name. Raises NoSuchService, and BadService when it is set up wrongly."""
    if name in services.faults:
        raise services.faults[name]
    try:
        return services.of[name]
    except KeyError:
        raise NoSuchService(service=name, there_are=", ".join(sorted(services.of)) or "none") from None


def told(service: Service, facts: Facts) -> Facts:
    """What this service may learn: an engine the text it translates, a notifier what its setting says."""
    if isinstance(service, CommandEngine | HttpEngine) or service.tells is Tells.EVERYTHING:
        return facts
    return {name: facts[name] for name in ALWAYS_TOLD if name in facts}


async def run(service: Service, key: str, facts: Facts, now: datetime) -> str:
    """Let it do an errand; what it answered. Raises ServiceFailed within its own time limit."""
    answer = await _RUN[type(service)](service, key, told(service, facts), now)
    return answer.strip()


async def _command(service: CommandNotifier, key: str, facts: Facts, now: datetime) -> str:
    del key, now
    return await run_command(service.argv, msgspec.json.encode(facts), service.timeout_s)


async def _webhook(service: Webhook, key: str, facts: Facts, now: datetime) -> str:
    del now
    return await post(service, msgspec.json.encode(facts), key)


async def _email(service: Email, key: str, facts: Facts, now: datetime) -> str:
    return await send_mail(service, key, facts, now)


async def _engine(service: CommandEngine, key: str, facts: Facts, now: datetime) -> str:
    del key, now
    argv = [facts[part[1:-1]] if part in {"{source}", "{target}"} else part for part in service.argv]
    return _text(await run_command(argv, facts["text"].encode(), service.timeout_s))


async def _http_engine(service: HttpEngine, key: str, facts: Facts, now: datetime) -> str:
    del now
    asked = {service.text_field: facts["text"], "source": facts["source"], "target": facts["target"]}
    answer = await post(service, msgspec.json.encode(asked), key)
    try:
        found = msgspec.json.decode(answer, type=dict[str, Any]).get(service.answer_field)
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, str):
        raise ServiceFailed(why=f"its answer has no field {service.answer_field!r} with a text")
    return _text(found)


def _text(answer: str) -> str:
    if not answer.strip():
        raise ServiceFailed(why="its answer is empty")
    return answer


_RUN: Mapping[type, Callable[[Any, str, Facts, datetime], Awaitable[str]]] = {
    CommandNotifier: _command,
    Webhook: _webhook,
    Email: _email,
    CommandEngine: _engine,
    HttpEngine: _http_engine,
}
