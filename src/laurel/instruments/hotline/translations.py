"""Translations: records of their own, drafts until a person has reviewed them."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
