"""What tests of a node stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.worlds import Worlds


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Worlds]:
    """The live worlds of the three members, closed in the end."""
    with Worlds(tmp_path) as opened:
        yield opened
