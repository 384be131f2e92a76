"""Laurel: one sovereign node of a security partnership."""

__version__ = "0.1.0"
