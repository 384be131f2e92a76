"""Joint statements: an adopted text told to everybody; and the actions that follow from it."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
