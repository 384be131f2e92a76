"""What Laurel uses of matplotlib, typed; the package leaves much of it unknown."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

rcParams: dict[str, object]

def rc_context(rc: Mapping[str, object]) -> AbstractContextManager[None]: ...
def get_data_path() -> str: ...
