"""Commitments: bound to offices, never to names."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
