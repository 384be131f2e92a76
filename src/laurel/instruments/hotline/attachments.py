"""Files: said in parts, put together by their hash."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
