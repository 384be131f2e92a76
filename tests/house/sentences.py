"""The sentences that the node itself can say, read from its source, with holes where something is filled in.

A sentence is followed from where it is said to where it is written: through names, calls, tables, f-strings and the
arguments of callers. `{0}` is filled with what is not written there, such as an officer's own words; `<0>` with a piece
that is a sentence, or part of one, itself. Pieces are listed too, with `…` before them: they stand in a hole alone.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, product
from pathlib import Path

HOLE = "{}"
TOLD = "<>"
PIECE = "…"
DEEPEST = 12
"""How many names and calls a sentence is followed through."""
SENTENCES = frozenset({"because", "confidence", "waits_for_us"})
"""Fields that hold a sentence of the node wherever they are read."""
MOST_ENDS = 64
"""How many sentences one place may say, before it is taken for something that no officer reads."""

Texts = frozenset[str]
DATA: Texts = frozenset({HOLE})
Scope = ast.FunctionDef | ast.ClassDef | None


@dataclass(frozen=True)
class Module:
    """One file: what it defines at its top and in its classes, and what it imports."""

    name: str
    tree: ast.Module
    parents: Mapping[ast.AST, ast.AST]

    @cached_property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        return {one.name: one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef)}

    @cached_property
    def classes(self) -> tuple[ast.ClassDef, ...]:
        return tuple(one for one in ast.walk(self.tree) if isinstance(one, ast.ClassDef))

    @cached_property
    def constants(self) -> Mapping[str, ast.expr]:
        return dict(assigned(self.tree.body))

    @cached_property
    def imports(self) -> Mapping[str, tuple[str, str]]:
        return {
            alias.asname or alias.name: (one.module or "", alias.name)
            for one in ast.walk(self.tree)
            if isinstance(one, ast.ImportFrom)
            for alias in one.names
        }

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        return tuple(one for one in ast.walk(self.tree) if isinstance(one, ast.Call))

    def around(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function in which it stands."""
        at = self.parents.get(node)
        while at is not None and not isinstance(at, ast.FunctionDef):
            at = self.parents.get(at)
        return at


@dataclass
class Source:
    """All that is read, and what was heard while following sentences: pieces that fill holes of others."""

    modules: Mapping[str, Module]
    pieces: set[str] = field(default_factory=set[str])

    def _fields(self, module: Module, name: str) -> tuple[str, ...]:
        """The fields of a struct as this module knows it, in their order."""
        source, original = module.imports.get(name, (module.name, name))
        classes = self.modules[source].classes if source in self.modules else ()
        lines = [line for one in classes if one.name == original for line in one.body]
        fields = [line.target for line in lines if isinstance(line, ast.AnnAssign)]
        return tuple(one.id for one in fields if isinstance(one, ast.Name))

    def heirs(self, name: str) -> frozenset[str]:
        """The names of a class and of all that inherit from it."""
        found: set[str] = set()
        more = {name}
        classes = [one for module in self.modules.values() for one in module.classes]
        while more - found:
            found |= more
            more = {one.name for one in classes if any(isinstance(of, ast.Name) and of.id in found for of in one.bases)}
        return frozenset(found)

    def made(self, name: str) -> Iterator[tuple[Module, Mapping[str, ast.expr]]]:
        """Where a struct is made, with what stands in each of its fields."""
        for module, call in self._calls.get(name, ()):
            given = dict(zip(self._fields(module, name), call.args, strict=False))
            yield module, given | {one.arg: one.value for one in call.keywords if one.arg}

    def said(self, module: Module, expr: ast.expr) -> set[str]:
        """What this can say, and every piece that can fill a hole of it."""
        self.pieces = set()
        whole = {_numbered(one) for one in self._texts(module, expr, {}, 0) if _speaks(one)}
        return whole | ({PIECE + one for one in map(_numbered, filter(_speaks, self.pieces)) if one not in whole})

    def within(self, module: Module, function: ast.FunctionDef) -> set[str]:
        """What is written in a function that puts sentences together bit by bit: all with a blank in it."""
        self.pieces = set()
        ends = [one for one in ast.walk(function) if isinstance(one, ast.Constant | ast.JoinedStr)]
        inside = {part for one in ends if isinstance(one, ast.JoinedStr) for part in ast.walk(one) if part is not one}
        docstrings = {one.value for one in function.body if isinstance(one, ast.Expr)}
        for one in ends:
            if one not in inside and one not in docstrings:
                self.pieces |= self._texts(module, one, {}, 0)
        return {PIECE + _numbered(one) for one in self.pieces if _speaks(one) and " " in one.strip()}

    def _texts(self, module: Module, expr: ast.expr | None, known: Mapping[str, Texts], deep: int) -> Texts:
        texts = DATA
        if deep > DEEPEST:
            return texts
        match expr:
            case ast.Constant(value=str() as text):
                texts = frozenset({text})
            case ast.JoinedStr():
                texts = self._filled(module, expr, known, deep)
            case ast.Tuple(elts=each) | ast.BoolOp(values=each):
                texts = self._any(module, each, known, deep)
            case ast.IfExp():
                texts = self._any(module, (expr.body, expr.orelse), known, deep)
            case ast.BinOp(op=ast.Add()):
                left, right = (self._texts(module, one, known, deep) for one in (expr.left, expr.right))
                texts = frozenset(a + b for a, b in product(left, right))
            case ast.Subscript():
                texts = self._table(module, expr, known, deep)
            case ast.Call():
                texts = self._call(module, expr, known, deep)
            case ast.Name():
                texts = self._name(module, expr, known, deep)
            case ast.Attribute(attr=name) if name in self._properties:
                texts = self._returned(*self._properties[name], {}, deep)
            case ast.Attribute(attr=name) if name in SENTENCES:
                texts = frozenset({TOLD})
            case _:
                pass
        return texts

    def _any(self, module: Module, each: Iterable[ast.expr], known: Mapping[str, Texts], deep: int) -> Texts:
        return frozenset(text for one in each for text in self._texts(module, one, known, deep))

    def _filled(self, module: Module, expr: ast.JoinedStr, known: Mapping[str, Texts], deep: int) -> Texts:
        text = ""
        for part in expr.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                filling = self._texts(module, part.value, known, deep)
                self.pieces |= filling
                text += _hole(filling)
        return frozenset({text})

    def _table(self, module: Module, expr: ast.Subscript, known: Mapping[str, Texts], deep: int) -> Texts:
        if isinstance(expr.slice, ast.Slice):
            return self._texts(module, expr.value, known, deep)
        at, table = self._defined(module, expr.value)
        return self._any(at, table.values, known, deep + 1) if isinstance(table, ast.Dict) else DATA

    def _call(self, module: Module, expr: ast.Call, known: Mapping[str, Texts], deep: int) -> Texts:
        match expr.func:
            case ast.Attribute(attr="join"):
                strung = self._any(module, _parts(expr.args), known, deep + 1)
                self.pieces |= strung
                return frozenset({_hole(strung)})
            case ast.Attribute(attr="get"):
                at, table = self._defined(module, expr.func.value)
                given = self._any(module, expr.args[1:], known, deep + 1)
                return given | (self._any(at, table.values, known, deep + 1) if isinstance(table, ast.Dict) else DATA)
            case ast.Attribute(attr="format"):
                filling = self._any(module, expr.args, known, deep + 1)
                self.pieces |= filling
                whole = self._texts(module, expr.func.value, known, deep)
                return frozenset(one.replace(HOLE, _hole(filling)) for one in whole)
            case ast.Attribute(attr="capitalize" | "removesuffix" | "lower"):
                return self._texts(module, expr.func.value, known, deep)
            case ast.Name() | ast.Attribute():
                found = self._function(module, expr.func)
                if found is None:
                    return DATA
                at, function = found
                names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
                given = dict(zip(names, expr.args, strict=False))
                given |= {one.arg: one.value for one in expr.keywords if one.arg}
                told = {key: self._texts(module, one, known, deep + 1) for key, one in given.items()}
                return self._returned(at, function, told, deep)
            case _:
                return DATA

    def _returned(self, module: Module, function: ast.FunctionDef, known: Mapping[str, Texts], deep: int) -> Texts:
        ends = [one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value]
        said = self._any(module, ends, known, deep + 1)
        return said if len(said) < MOST_ENDS else DATA

    def _name(self, module: Module, expr: ast.Name, known: Mapping[str, Texts], deep: int) -> Texts:
        if expr.id in known:
            return known[expr.id]
        function = module.around(expr)
        if function:
            bound = [value for name, value in assigned(ast.walk(function)) if name == expr.id]
            if bound:
                return self._any(module, bound, known, deep + 1)
            names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
            if expr.id in names:
                return self._from_callers(module, function, names.index(expr.id), expr.id, deep)
        at, value = self._defined(module, expr)
        return DATA if value is None else self._texts(at, value, {}, deep + 1)

    def _from_callers(self, module: Module, function: ast.FunctionDef, place: int, name: str, deep: int) -> Texts:
        given = [
            (one, next((key.value for key in call.keywords if key.arg == name), None) or _at(call.args, place))
            for one, call in self._calls.get(function.name, ())
            if one is module or one.imports.get(function.name) == (module.name, function.name)
        ]
        said = frozenset(text for one, value in given for text in self._texts(one, value, {}, deep + 1))
        return said if 0 < len(said) < MOST_ENDS else DATA

    def _home(self, module: Module, name: str) -> tuple[Module, str] | None:
        """The module in which a name is defined, and what it is called there."""
        if name in module.functions or name in module.constants:
            return module, name
        source, original = module.imports.get(name, ("", ""))
        return (self.modules[source], original) if source in self.modules else None

    def _function(self, module: Module, expr: ast.Name | ast.Attribute) -> tuple[Module, ast.FunctionDef] | None:
        """What is called: by its own name, or by that of its module."""
        match expr:
            case ast.Name(id=name):
                home = self._home(module, name)
            case ast.Attribute(value=ast.Name(id=of), attr=name) if of in module.imports:
                at = self.modules.get(".".join(module.imports[of]))
                home = (at, name) if at else None
            case _:
                return None
        return (home[0], home[0].functions[home[1]]) if home and home[1] in home[0].functions else None

    @cached_property
    def _calls(self) -> Mapping[str, Sequence[tuple[Module, ast.Call]]]:
        """Every call, by the name of what is called."""
        found: defaultdict[str, list[tuple[Module, ast.Call]]] = defaultdict(list)
        for module in self.modules.values():
            for call in module.calls:
                found[called(call)].append((module, call))
        return found

    @cached_property
    def _properties(self) -> Mapping[str, tuple[Module, ast.FunctionDef]]:
        """Those whose name no other property bears."""
        found = [
            (module, one)
            for module in self.modules.values()
            for one in module.functions.values()
            if any(isinstance(by, ast.Name) and by.id == "property" for by in one.decorator_list)
        ]
        names = Counter(one.name for _, one in found)
        return {one.name: (module, one) for module, one in found if names[one.name] == 1}

    def _defined(self, module: Module, expr: ast.expr) -> tuple[Module, ast.expr | None]:
        home = self._home(module, expr.id) if isinstance(expr, ast.Name) else None
        return (home[0], home[0].constants.get(home[1])) if home else (module, None)


def read(root: Path, package: str) -> Source:
    """Every module under `root`, which is the folder of `package`."""
    modules: dict[str, Module] = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join((package, *(part for part in parts if part != "__init__")))
        tree = ast.parse(path.read_text())
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        modules[name] = Module(name, tree, parents)
    return Source(modules)


def assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for one in nodes:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            yield one.targets[0].id, one.value
        elif isinstance(one, ast.AnnAssign | ast.NamedExpr) and isinstance(one.target, ast.Name) and one.value:
            yield one.target.id, one.value


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _parts(each: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """What is strung together, one by one."""
    for one in each:
        match one:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                yield from _parts(parts)
            case ast.Starred(value=value):
                yield from _parts((value,))
            case ast.GeneratorExp(elt=value) | ast.ListComp(elt=value):
                yield from _parts((value,))
            case ast.IfExp(body=body, orelse=other):
                yield from _parts((body, other))
            case _:
                yield one


def _at(values: list[ast.expr], place: int) -> ast.expr | None:
    return values[place] if place < len(values) else None


def _hole(filling: Texts) -> str:
    return TOLD if any(_speaks(one) or TOLD in one for one in filling) else HOLE


def _speaks(text: str) -> bool:
    return re.search("[a-z]{2}", text) is not None


def _numbered(text: str) -> str:
    """With the holes by their place: `{0} of <1>`."""
    place = count()
    return re.sub(r"\{\}|<>", lambda hole: f"{hole[0][0]}{next(place)}{hole[0][1]}", text).strip()
