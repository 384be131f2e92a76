"""What goes into what: an acyclic graph, once the edges of every circle are set aside.

An edge lies on a circle exactly when both its ends belong to one strongly connected component, or are one input. So
which edges are set aside does not depend on the order in which they came. Tarjan 1972, "Depth-first search and linear
graph algorithms", SIAM Journal on Computing 1(2); written without recursion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from laurel.instruments.supply.records import Edge


@dataclass(frozen=True)
class Order:
    """The edges that remain and those set aside; and all inputs, each after whatever goes into it."""

    inputs: tuple[str, ...]
    edges: tuple[Edge, ...]
    set_aside: tuple[Edge, ...]
    needs: Mapping[str, tuple[Edge, ...]]
    into: Mapping[str, tuple[Edge, ...]]

    def upstream(self, key: str) -> frozenset[str]:
        """All that goes into it, however far back."""
        return _reach(key, {one: [edge.input for edge in edges] for one, edges in self.needs.items()})

    def downstream(self, key: str) -> frozenset[str]:
        """All that it goes into, however far on."""
        return _reach(key, {one: [edge.into for edge in edges] for one, edges in self.into.items()})

    def layers(self) -> dict[str, int]:
        """0 for what nothing goes into; else one more than the greatest of what does."""
        layer: dict[str, int] = {}
        for key in self.inputs:
            layer[key] = max((layer[edge.input] + 1 for edge in self.needs.get(key, ())), default=0)
        return layer


def order(inputs: Iterable[str], edges: Iterable[Edge]) -> Order:
    """The graph of these inputs. Edges of which an end is not among them are left out; one given twice is one."""
    keys = sorted(set(inputs))
    known = set(keys)
    given = sorted(
        {edge for edge in edges if {edge.input, edge.into} <= known},
        key=lambda edge: (edge.input, edge.into, edge.sort),
    )
    component = _components(keys, given)
    aside = [edge for edge in given if component[edge.input] == component[edge.into]]
    kept = [edge for edge in given if component[edge.input] != component[edge.into]]
    needs: defaultdict[str, list[Edge]] = defaultdict(list)
    into: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in kept:
        needs[edge.into].append(edge)
        into[edge.input].append(edge)
    return Order(
        inputs=_sorted(keys, needs, into),
        edges=tuple(kept),
        set_aside=tuple(aside),
        needs={key: tuple(each) for key, each in needs.items()},
        into={key: tuple(each) for key, each in into.items()},
    )


def _sorted(keys: Sequence[str], needs: Mapping[str, list[Edge]], into: Mapping[str, list[Edge]]) -> tuple[str, ...]:
    """Kahn 1962."""
    left = {key: len(needs.get(key, ())) for key in keys}
    found = [key for key in keys if not left[key]]
    for key in found:
        for edge in into.get(key, ()):
            left[edge.into] -= 1
            if not left[edge.into]:
                found.append(edge.into)
    return tuple(found)


def _reach(start: str, after: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for key in after.get(waiting.pop(), ()):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return frozenset(found)


def _components(keys: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Of each input its strongly connected component, by the number of the first of it that was met."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        after[edge.input].append(edge.into)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    open_now: list[str] = []
    for root in keys:
        if root in number:
            continue
        path = [(root, iter(after[root]))]
        number[root] = low[root] = len(number)
        open_now.append(root)
        while path:
            key, rest = path[-1]
            deeper = next((one for one in rest if one not in component), None)
            if deeper is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[key])
                if low[key] == number[key]:
                    _close(key, number[key], open_now, component)
            elif deeper in number:
                low[key] = min(low[key], number[deeper])
            else:
                number[deeper] = low[deeper] = len(number)
                open_now.append(deeper)
                path.append((deeper, iter(after[deeper])))
    return component


def _close(root: str, called: int, open_now: list[str], component: dict[str, int]) -> None:
    while True:
        key = open_now.pop()
        component[key] = called
        if key == root:
            return
