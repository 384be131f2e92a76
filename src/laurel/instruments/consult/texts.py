"""Joint texts: proposed, amended, and adopted by silence."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
