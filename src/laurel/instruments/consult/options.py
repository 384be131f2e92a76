"""Options for response, each member's part in them, and stances."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
