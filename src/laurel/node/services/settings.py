"""services.toml in the node's folder: which services of its own a member has, and how much each may tell.

    [notify.pager]
    kind = "command"
    argv = ["/usr/local/bin/page", "watch"]

    [notify.room]
    kind = "webhook"
    url = "https://room.example/laurel"
    secret_file = "secrets/room"
    tells = "everything"

    [notify.mail]
    kind = "email"
    host = "mail.example"
    port = 465
    tls = "tls"
    sender = "laurel@mail.example"
    to = ["watch@mail.example"]
    user = "laurel"
    password_file = "secrets/mail"

    [translate]
    kind = "http"
    url = "http://127.0.0.1:5000/translate"

Secrets lie in files that nobody else may read, named from the node's folder. What is set up wrongly is named, and
the rest serves.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from laurel.core.errors import BadField, Broken

FILE = "services.toml"
TRANSLATE = "translate"
NOTIFY = "notify:"
OTHERS = 0o077

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MAILBOX = re.compile(r"[^@\s<>,;]{1,64}@[A-Za-z0-9.-]{1,190}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")

Timeout = Annotated[float, Meta(gt=0, le=120)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Argv = Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]
Word = Annotated[str, Meta(min_length=1, max_length=200)]


class BadServices(Broken):
    """services.toml is no TOML, or holds something that is no service."""

    says = "services.toml cannot be read, so what it said before stays in force"
    remedy = "mend it, then see laurel services check"


class BadService(Broken):
    """One of the services is set up wrongly. The others serve."""

    says = "this service is set up wrongly and does nothing"
    remedy = "mend it in services.toml, then see laurel services check; the node reads it again by itself"


class Tells(StrEnum):
    """How much a notifier tells outside our walls."""

    THAT_THERE_IS_ONE = "that-there-is-one"
    EVERYTHING = "everything"


class Tls(StrEnum):
    """How a mail server is spoken to."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class CommandNotifier(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="command"):
    """A program, which finds what it may tell as JSON on its standard input."""

    argv: Argv
    tells: Tells = Tells.THAT_THERE_IS_ONE
    timeout_s: Timeout = 10


class Webhook(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="webhook"):
    """An address to which what it may tell is posted as JSON, signed if there is a secret.

    `plain` lets it go unencrypted to another machine.
    """

    url: Word
    tells: Tells = Tells.THAT_THERE_IS_ONE
    timeout_s: Timeout = 10
    headers: dict[str, Word] = {}
    header_files: dict[str, Path] = {}
    secret_file: Path | None = None
    authority: Path | None = None
    plain: bool = False


class Email(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="email"):
    """A mail server that takes what it may tell to these addresses. `plain` as for a webhook."""

    host: Word
    port: Port
    tls: Tls
    sender: Word
    to: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=20)]
    tells: Tells = Tells.THAT_THERE_IS_ONE
    timeout_s: Timeout = 10
    user: Word | None = None
    password_file: Path | None = None
    authority: Path | None = None
    plain: bool = False


class CommandEngine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="command"):
    """A program that translates its standard input. Among its arguments, {source} and {target} are the languages."""

    argv: Argv
    timeout_s: Timeout = 30


class HttpEngine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="http"):
    """An address that answers {text, source, target} with {text}; the fields of the text may be called otherwise."""

    url: Word
    timeout_s: Timeout = 30
    text_field: Word = "text"
    answer_field: Word = "text"
    headers: dict[str, Word] = {}
    header_files: dict[str, Path] = {}
    authority: Path | None = None
    plain: bool = False


Notifier = CommandNotifier | Webhook | Email
Engine = CommandEngine | HttpEngine
Service = Notifier | Engine


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    notify: dict[str, dict[str, Any]] = {}
    translate: dict[str, Any] | None = None


@dataclass(frozen=True)
class Services:
    """What is set up here: `notify:<name>` and `translate`; and what is set up wrongly."""

    of: Mapping[str, Service] = field(default_factory=dict[str, Service])
    faults: Mapping[str, BadService] = field(default_factory=dict[str, BadService])


def read_services(folder: Path) -> Services:
    """What the node's folder says; nothing where there is no such file. Raises BadServices."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Services()
    except (OSError, UnicodeDecodeError) as error:
        raise BadServices(file=folder / FILE, why=error) from None
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadServices(file=folder / FILE, why=error) from None
    given: dict[str, tuple[Any, dict[str, Any]]] = {
        f"{NOTIFY}{name}": (Notifier, said) for name, said in found.notify.items()
    }
    if found.translate is not None:
        given[TRANSLATE] = (Engine, found.translate)
    of: dict[str, Service] = {}
    faults: dict[str, BadService] = {}
    for name, (kind, said) in given.items():
        try:
            of[name] = _checked(name, msgspec.convert(said, kind, dec_hook=_path), folder)
        except BadField as error:
            faults[name] = BadService(service=name, **error.facts)
        except (msgspec.ValidationError, OSError) as error:
            faults[name] = BadService(service=name, why=error)
    return Services(of, faults)


def _path(wanted: type, given: Any) -> Any:
    """TOML knows no paths. Raises BadField."""
    if wanted is not Path or not isinstance(given, str):
        raise BadField(field="file", value=given, must_be="the path of a file")
    return Path(given)


def _checked(name: str, given: Service, folder: Path) -> Service:
    """With its files found. Raises OSError, BadField."""
    if name != TRANSLATE and not _NAME.fullmatch(name.removeprefix(NOTIFY)):
        raise BadField(field="name", must_be="small letters, digits and hyphens, 40 at most")
    if isinstance(given, CommandNotifier | CommandEngine):
        _check_program(given.argv[0])
        return given
    if isinstance(given, Email):
        _check_mail(given)
        return _with_files(given, folder, "password_file", "authority")
    _check_url(given)
    files = {header: _private(folder, file) for header, file in given.header_files.items()}
    given = msgspec.structs.replace(given, header_files=files)
    return _with_files(given, folder, *(("secret_file", "authority") if isinstance(given, Webhook) else ("authority",)))


def _check_program(program: str) -> None:
    path = Path(program)
    if not path.is_absolute():
        raise BadField(field="argv", value=program, must_be="the whole path of a program: there is no search path")
    if not path.is_file() or not os.access(path, os.X_OK):
        raise BadField(field="argv", value=program, must_be="a program that this node may run")


def _check_mail(given: Email) -> None:
    for address in (given.sender, *given.to):
        if not _MAILBOX.fullmatch(address):
            raise BadField(field="to, sender", value=address, must_be="a mail address")
    if (given.user is None) != (given.password_file is None):
        raise BadField(field="user", must_be="given together with password_file")
    if given.tls is Tls.NONE:
        if given.user is not None:
            raise BadField(field="tls", must_be="tls or starttls: a password goes to no server without")
        _check_plain(given.host, plain=given.plain)


def _check_url(given: Webhook | HttpEngine) -> None:
    try:
        parts = urlsplit(given.url)
    except ValueError:
        raise BadField(field="url", value=given.url, must_be="a web address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadField(field="url", value=given.url, must_be="https:// or http:// and a host")
    if parts.scheme == "http":
        _check_plain(parts.hostname, plain=given.plain)
    for header in (*given.headers, *given.header_files):
        if not _HEADER.fullmatch(header):
            raise BadField(field="headers", value=header, must_be="letters, digits and hyphens")
    if not all(value.isascii() and value.isprintable() for value in given.headers.values()):
        raise BadField(field="headers", must_be="printable ASCII")


def _check_plain(host: str, *, plain: bool) -> None:
    if not plain and not _on_this_machine(host):
        raise BadField(field="plain", host=host, must_be="true, if the way there is safe without TLS")


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_files(given: Any, folder: Path, *names: str) -> Any:
    """Its files by their whole paths. A certificate is no secret."""
    changed: dict[str, Path] = {}
    for name in names:
        file: Path | None = getattr(given, name)
        if file is not None and name == "authority":
            (folder / file).read_bytes()
            changed[name] = folder / file
        elif file is not None:
            changed[name] = _private(folder, file)
    return msgspec.structs.replace(given, **changed)


def _private(folder: Path, file: Path) -> Path:
    path = folder / file
    if path.stat().st_mode & OTHERS:
        raise BadField(field="file", value=path, must_be="a file that nobody else may read: chmod 600")
    read_secret(path)
    return path


def read_secret(path: Path) -> str:
    """The secret in a file, without the end of its line. Raises OSError, BadField."""
    secret = path.read_bytes().decode("utf-8", errors="replace").strip()
    if not secret or not secret.isprintable():
        raise BadField(field="file", value=path, must_be="one line of printable text")
    return secret
