"""Caveats: what a member's law does not let it do, held against every option."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
