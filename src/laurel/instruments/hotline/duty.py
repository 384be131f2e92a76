"""The duty list: who is called when nobody acknowledges."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
