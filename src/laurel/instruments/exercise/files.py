"""Files that people write for exercises: whatever is wrong in one is named by its field, its value and the reason."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from laurel.core.errors import BadAsk

T = TypeVar("T")


class BadFile(BadAsk):
    """Not what it should be. Who reads a file says it by the name of what it holds."""

    says = "this file cannot be read"
    remedy = "correct the field it names"


_WHERE = re.compile(r"(?P<why>.*) - at `\$\.?(?P<path>.*)`")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def decoded(file: bytes, limit: int) -> Any:
    """What a TOML file says. Raises BadFile."""
    if len(file) > limit:
        raise BadFile(bytes=len(file), limit=limit)
    try:
        return msgspec.toml.decode(file)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(why=str(error) or "nested too deeply") from None


def shaped(raw: Any, shape: type[T], within: str = "") -> T:
    """The same, as `shape`. Raises BadFile, which names the field; `within` is where `raw` stands in the file."""
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        raise _named(error, raw, within) from None


def _named(error: msgspec.ValidationError, raw: object, within: str) -> BadFile:
    found = _WHERE.fullmatch(str(error))
    if found is None:
        return BadFile(field=within or "(the whole file)", why=str(error))
    value: Any = raw
    for name, index in _STEP.findall(found["path"]):
        value = value[int(index)] if index else value[name]
    field_path = f"{within}.{found['path']}" if within else found["path"]
    if isinstance(value, dict | list):
        return BadFile(field=field_path, why=found["why"])
    return BadFile(field=field_path, value=value, why=found["why"])
