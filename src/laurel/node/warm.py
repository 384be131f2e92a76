"""What is compiled, so that it can be compiled before anyone waits for it."""

from __future__ import annotations
