"""The part of Numba that Laurel uses: a compiled function keeps the type of the plain one."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

__version__: str

def njit(
    *,
    cache: bool = ...,
    nogil: bool = ...,
    fastmath: bool = ...,
    error_model: str = ...,
    parallel: bool = ...,
    inline: str = ...,
    boundscheck: bool | None = ...,
) -> Callable[[_F], _F]: ...
