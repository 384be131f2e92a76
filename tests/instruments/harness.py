"""The nodes that tests of instruments play with."""

from __future__ import annotations

from laurel.node.rehearsal import NODE, WORLD, MemoryView, Node, Nodes, meet, record_of

__all__ = ["NODE", "WORLD", "MemoryView", "Node", "Nodes", "meet", "record_of"]
