"""One verb for each command and query, made from `commands.json`. They speak HTTP only.

`commands.json` is written by `scripts/write_commands.py` from the instruments, and a test holds it
to them.
"""

from __future__ import annotations

import inspect
import json
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from laurel.cli.show import show
from laurel.core.errors import BadAsk, BadField, Broken

Url = Annotated[
    str | None, typer.Option("--url", envvar="LAUREL_URL", help="A world's address: http://host:port/world")
]
Token = Annotated[
    Path | None, typer.Option("--token", envvar="LAUREL_TOKEN", help="The file with the token to ask with.")
]
AskId = Annotated[
    str | None, typer.Option("--ask-id", help="Name of the ask: a repeat under the same name says nothing twice.")
]
Ask = Annotated[str | None, typer.Option("--ask", help="The whole ask as JSON, or @FILE, or @- for standard input.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")]


class NodeUnreachable(Broken):
    """No answer is not a refusal."""

    says = "the node does not answer"
    remedy = "see that laurel node runs and that the address is right; repeat with the same --ask-id"


class NodeRefused(BadAsk):
    """What the node itself said, passed on."""

    def __init__(self, mistake: Mapping[str, Any]) -> None:
        super().__init__(**mistake.get("facts", {}))
        self._said = mistake

    def __str__(self) -> str:
        """As the node put it."""
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self._said.get('says')} ({facts}). {self._said.get('remedy')}"


def add_to(app: typer.Typer) -> dict[str, typer.Typer]:
    """A group for each instrument, a verb for each of its commands and queries. The groups by name."""
    groups: dict[str, typer.Typer] = {}
    listed = json.loads((Path(__file__).parent / "commands.json").read_text())
    for instrument in listed:
        group = typer.Typer(help=instrument["purpose"], no_args_is_help=True)
        for verb in instrument["verbs"]:
            takes = " Takes two persons." if verb["persons"] > 1 else ""
            group.command(verb["name"], help=f"{verb['says']}{takes}")(_verb(instrument["name"], verb))
        groups[instrument["name"]] = group
        app.add_typer(group, name=instrument["name"])
    return groups


def _verb(instrument: str, verb: Mapping[str, Any]) -> Callable[..., None]:
    """A function whose signature Typer reads its options from."""
    path = f"{instrument}/{verb['name']}"
    fields: list[Mapping[str, Any]] = verb["fields"]
    asks = verb["asks"]

    def run(**given: Any) -> None:
        ask = _ask(fields, given)
        if not asks:
            show(call(given["url"], given["token"], "GET", path, ask, None), as_json=given["as_json"])
            return
        if verb["confirm"] and not given["yes"]:
            typer.confirm(_words(verb, given["url"]), abort=True)
        ask_id = given["ask_id"] or new_ask_id()
        show(call(given["url"], given["token"], "POST", path, ask, ask_id), as_json=given["as_json"])

    options = {_python(field["name"]): _option(field) for field in fields}
    common: dict[str, Any] = {"ask": Ask, "url": Url, "token": Token, "as_json": Json}
    if asks:
        common["ask_id"] = AskId
    if verb["confirm"]:
        common["yes"] = Yes
    hints = options | common
    described = cast("Any", run)
    described.__annotations__ = hints
    described.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=False if hint in (Json, Yes) else None, annotation=hint
            )
            for name, hint in hints.items()
        ]
    )
    return run


def _words(verb: Mapping[str, Any], url: str | None) -> str:
    """What must be read before it is asked. The address ends in the world's name: an exercise's has a dot."""
    plays = "." in (url or "").rstrip("/").rpartition("/")[2]
    return verb["drill"] if plays and verb["drill"] else verb["confirm"]


def _python(field: str) -> str:
    return f"field_{field}"


def _option(field: Mapping[str, Any]) -> Any:
    needed = " (needed)" if field["needed"] else ""
    flag = "--" + field["name"].replace("_", "-")
    metavar = "TEXT" if field["text"] else "JSON"
    return Annotated[str | None, typer.Option(flag, metavar=metavar, help=f"{field['says']}{needed}")]


def _ask(fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The ask from `--ask` and the single options, which win. Raises BadField."""
    ask: dict[str, Any] = {}
    whole: str | None = given["ask"]
    if whole is not None:
        text = whole
        if whole == "@-":
            text = sys.stdin.read()
        elif whole.startswith("@"):
            text = Path(whole[1:]).read_text(encoding="utf-8")
        ask = _json("--ask", text)
    for field in fields:
        value: str | None = given[_python(field["name"])]
        if value is not None:
            ask[field["name"]] = value if field["text"] else _json("--" + field["name"], value)
    missing = [field["name"] for field in fields if field["needed"] and field["name"] not in ask]
    if missing:
        raise BadField(missing=", ".join(missing), or_give="--ask with all of them")
    return ask


def _json(option: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadField(field=option, why=f"not JSON: {error}") from None


def call(
    url: str | None, token: Path | None, method: str, path: str, ask: Mapping[str, Any], ask_id: str | None
) -> Any:
    """Ask a node. Raises NodeUnreachable, NodeRefused."""
    import httpx

    url, headers = _door(url, token)
    if ask_id is not None:
        headers["Ask-Id"] = ask_id
    body: dict[str, Any] = {"json": ask} if method == "POST" else {"params": ask}
    try:
        answer = httpx.request(method, f"{url.rstrip('/')}/{path}", headers=headers, timeout=30, **body)
    except httpx.TransportError as error:
        raise NodeUnreachable(url=url, why=str(error), ask_id=ask_id) from None
    if answer.is_error:
        raise NodeRefused(answer.json())
    return answer.json()


def send(
    url: str | None,
    token: Path | None,
    path: str,
    params: Mapping[str, str],
    content: Iterable[bytes],
    size: int,
    ask_id: str,
) -> Any:
    """Hand a node a file of that many bytes, block by block. Raises NodeUnreachable, NodeRefused."""
    import httpx

    url, headers = _door(url, token)
    # Its length goes ahead, so that a node refuses what is too large before it comes.
    headers |= {"Ask-Id": ask_id, "Content-Length": str(size), "Content-Type": "application/octet-stream"}
    address = f"{url.rstrip('/')}/{path}"
    try:
        answer = httpx.post(address, params=dict(params), content=content, headers=headers, timeout=600)
    except httpx.TransportError as error:
        raise NodeUnreachable(url=url, why=str(error), ask_id=ask_id) from None
    if answer.is_error:
        raise NodeRefused(answer.json())
    return answer.json()


def fetch(url: str | None, token: Path | None, method: str, path: str) -> Iterator[bytes]:
    """What a node hands out, block by block. Raises NodeUnreachable, NodeRefused."""
    import httpx

    url, headers = _door(url, token)
    try:
        with httpx.stream(method, f"{url.rstrip('/')}/{path}", headers=headers, timeout=60) as answer:
            if answer.is_error:
                raise NodeRefused(json.loads(answer.read()))
            yield from answer.iter_bytes()
    except httpx.TransportError as error:
        raise NodeUnreachable(url=url, why=str(error)) from None


def _door(url: str | None, token: Path | None) -> tuple[str, dict[str, str]]:
    if url is None or token is None:
        raise BadField(missing="--url and --token", or_set="LAUREL_URL and LAUREL_TOKEN")
    return url, {"Authorization": f"Bearer {token.read_text().strip()}"}


def new_ask_id() -> str:
    """A name for an ask that was given none."""
    return f"cli:{secrets.token_hex(12)}"
