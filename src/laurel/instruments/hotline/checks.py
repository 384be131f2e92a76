"""Line checks between every pair, and what they tell of the line."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
