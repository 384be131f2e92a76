"""The desk that every test here sits at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.instruments.region.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Three nodes."""
    made = Desk()
    yield made
    made.close()
