"""What members tell each other about their promises. A response action of a consultation is one already."""

from __future__ import annotations

from typing import Any

from laurel.core.instrument import Kind

KINDS: tuple[Kind[Any], ...] = ()
