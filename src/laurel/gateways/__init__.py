"""Doors for the formats that others already speak, one file for each."""
