"""Handlers changed by machine, one place at a time, and served: what the gate is measured with.

The changes are those that mutmut and cosmic-ray make, and a few of those that people make: an
operand that is forgotten, an entry that is missing.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mockserver"

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.Pow: ast.Mult,
}  # fmt: skip
_PAIRS = (
    ("lower", "upper"), ("lstrip", "rstrip"), ("find", "rfind"), ("index", "rindex"),
    ("partition", "rpartition"), ("split", "rsplit"), ("removeprefix", "removesuffix"),
    ("startswith", "endswith"), ("min", "max"), ("any", "all"), ("values", "keys"),
)  # fmt: skip
_CALLED = {a: b for one, other in _PAIRS for a, b in ((one, other), (other, one))} | {
    "strip": "lstrip", "casefold": "upper", "sorted": "list", "setdefault": "get",
}  # fmt: skip
_UNSEEN = frozenset(("annotation", "returns", "ctx", "bases", "type_params"))
"""Parts of functions and classes that say nothing of what is done."""

Changed = tuple[str, ast.AST | None]
"""What is changed, and what stands there then; None where nothing does."""


@dataclass(frozen=True)
class Mutant:
    module: str
    number: int
    line: int
    what: str

    @property
    def kind(self) -> str:
        return self.what.partition(":")[0]


def _copy(node: ast.AST, **fields: object) -> ast.AST:
    """The node with other fields; its children are shared."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _without(items: list, index: int) -> list:
    return [*items[:index], *items[index + 1 :]]


def _comparisons(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            for other in _COMPARED[type(op)]:
                ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                yield f"comparison: becomes {other.__name__}", _copy(node, ops=ops)


def _connectives(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"and/or: becomes {other.__name__}", _copy(node, op=other())
        for index in range(len(node.values)):
            rest = _without(node.values, index)
            dropped = ast.unparse(node.values[index])[:30]
            yield (
                f"operand: {dropped} dropped",
                rest[0] if len(rest) == 1 else _copy(node, values=rest),
            )
    if isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            yield "not: dropped", ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
        else:
            yield "unary: dropped", node.operand


def _conditions(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, (ast.If, ast.IfExp)):
        for value in (True, False):
            yield f"condition: becomes {value}", _copy(node, test=ast.Constant(value))
    if isinstance(node, ast.While):
        yield "condition: becomes False", _copy(node, test=ast.Constant(value=False))
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield "condition: negated", _copy(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield (
                "condition: of a comprehension dropped",
                _copy(node, ifs=_without(node.ifs, index)),
            )


def _constants(node: ast.AST) -> Iterator[Changed]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield f"boolean: becomes {not value}", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        for by in (1, -1):
            yield f"number: {value} becomes {value + by}", ast.Constant(value + by)
    elif isinstance(value, str) and value:
        yield f"text: XX around {value[:40]!r}", ast.Constant(f"XX{value}XX")
        other = value.lower() if value != value.lower() else value.upper()
        if other != value:
            yield f"text: {value[:40]!r} in other case", ast.Constant(other)
    elif isinstance(value, bytes) and value:
        yield f"text: XX around {value[:40]!r}", ast.Constant(b"XX" + value + b"XX")


def _arithmetic(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        other = _COMPUTED[type(node.op)]
        yield f"arithmetic: becomes {other.__name__}", _copy(node, op=other())
    if isinstance(node, ast.AugAssign):
        yield "assignment: no longer augmented", ast.Assign([node.target], node.value)


def _calls(node: ast.AST) -> Iterator[Changed]:
    if not isinstance(node, ast.Call):
        return
    none = ast.Constant(value=None)
    for index, argument in enumerate(node.args):
        told = ast.unparse(argument)[:30]
        if not (isinstance(argument, ast.Constant) and argument.value is None):
            args = [*node.args[:index], none, *node.args[index + 1 :]]
            yield f"argument: {told} becomes None", _copy(node, args=args)
        if len(node.args) + len(node.keywords) > 1:
            rest = _without(node.args, index)
            yield f"argument: {told} dropped", _copy(node, args=rest)
    for index, keyword in enumerate(node.keywords):
        yield (
            f"argument: {keyword.arg} dropped",
            _copy(node, keywords=_without(node.keywords, index)),
        )
    for index in range(len(node.args) - 1):
        args = list(node.args)
        args[index : index + 2] = args[index + 1], args[index]
        yield f"argument: {index} and the next swapped", _copy(node, args=args)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _CALLED:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        func = _copy(node.func, **{field: _CALLED[name]})
        yield f"call: {name} becomes {_CALLED[name]}", _copy(node, func=func)
    if isinstance(node.func, ast.Attribute) and name in {"strip", "lower", "upper", "casefold"}:
        yield f"call: {name} dropped", node.func.value


def _collections(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield f"slice: {bound} bound dropped", _copy(node, **{bound: None})
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        for index, key in enumerate(node.keys):
            told = ast.unparse(key)[:30] if key is not None else "**"
            keys, values = _without(node.keys, index), _without(node.values, index)
            yield f"entry: {told} dropped", _copy(node, keys=keys, values=values)
    is_target = isinstance(getattr(node, "ctx", None), ast.Store)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)) and len(node.elts) > 1 and not is_target:
        for index, each in enumerate(node.elts):
            told = ast.unparse(each)[:30]
            yield f"entry: {told} dropped", _copy(node, elts=_without(node.elts, index))
    if isinstance(node, ast.Lambda):
        yield "lambda: becomes None", _copy(node, body=ast.Constant(value=None))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _statements(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, (ast.Expr, ast.Raise, ast.Delete, ast.AugAssign)):
        yield f"statement: {ast.unparse(node)[:40]} dropped", ast.Pass()
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not all(isinstance(target, ast.Name) for target in targets):
            yield f"statement: {ast.unparse(node)[:40]} dropped", ast.Pass()
        if not _is_none(node.value):
            yield "assignment: of None", _copy(node, value=ast.Constant(value=None))
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "return: of None", _copy(node, value=ast.Constant(value=None))


def _flow(node: ast.AST) -> Iterator[Changed]:
    if isinstance(node, ast.Break):
        yield "loop: break becomes continue", ast.Continue()
    if isinstance(node, ast.Continue):
        yield "loop: continue becomes break", ast.Break()
    if isinstance(node, ast.For):
        yield "loop: over nothing", _copy(node, iter=ast.List([], ast.Load()))
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        never = ast.Name("StopAsyncIteration", ast.Load())
        yield "except: catches something else", _copy(node, type=never)
    if isinstance(node, ast.FunctionDef):
        for index in range(len(node.decorator_list)):
            rest = _without(node.decorator_list, index)
            yield "decorator: removed", _copy(node, decorator_list=rest)


OPERATORS: tuple[Callable[[ast.AST], Iterator[Changed]], ...] = (
    _comparisons, _connectives, _conditions, _constants, _arithmetic, _calls, _collections,
    _statements, _flow,
)  # fmt: skip


@dataclass
class _Place:
    """Where a child hangs in a tree."""

    parent: ast.AST
    field: str
    index: int | None
    child: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _children(node: ast.AST) -> Iterator[_Place]:
    for field, value in ast.iter_fields(node):
        if field in _UNSEEN:
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield _Place(node, field, index if isinstance(value, list) else None, child)


def _says_nothing(node: ast.AST) -> bool:
    """Whether it is a text that documents, an import, or about types alone."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        return any(getattr(target, "id", "") == "__all__" for target in node.targets)
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _places(node: ast.AST, line: int = 0) -> Iterator[tuple[_Place, int, str, ast.AST]]:
    """All that can be changed in a tree, in the order of its text."""
    for place in _children(node):
        if _says_nothing(place.child):
            continue
        here = getattr(place.child, "lineno", line)
        for operator in OPERATORS:
            for what, other in operator(place.child):
                yield place, here, what, other
        yield from _places(place.child, here)


def source_of(module: str) -> Path:
    return PACKAGE.parent / (module.replace(".", "/") + ".py")


def mutants(module: str) -> list[Mutant]:
    tree = ast.parse(source_of(module).read_text())
    return [Mutant(module, n, line, what) for n, (_, line, what, _) in enumerate(_places(tree))]


def changed(mutant: Mutant) -> ast.Module:
    """The module with its one change."""
    tree = ast.parse(source_of(mutant.module).read_text())
    for number, (place, _, _, other) in enumerate(_places(tree)):
        if number == mutant.number:
            place.put(other)
            break
    return ast.fix_missing_locations(tree)


def modules(stem: str) -> list[str]:
    folder = PACKAGE / "apis" / stem
    return [
        f"mockserver.apis.{stem}.{p.stem}"
        for p in sorted(folder.glob("*.py"))
        if p.stem != "__init__"
    ]


def inferred() -> list[str]:
    """The modules of the handlers that are inferred from a description."""
    folder = PACKAGE / "engine" / "inferred"
    names = [p.stem for p in sorted(folder.glob("*.py")) if p.stem != "__init__"]
    return [f"mockserver.engine.inferred.{name}" for name in names]


def sample(names: list[str], count: int, seed: int) -> list[Mutant]:
    """Some mutants: of each kind as many as the square root of how many there are has it."""
    everything = [m for name in names for m in mutants(name)]
    kinds = Counter(mutant.kind for mutant in everything)
    choice = random.Random(seed)
    drawn = {m: choice.random() ** (kinds[m.kind] ** 0.5) for m in everything}
    return sorted(drawn, key=lambda mutant: drawn[mutant], reverse=True)[:count]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name, path=None, target=None):
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(source_of(name)))

    def exec_module(self, module):
        path = source_of(module.__name__)
        module.__file__ = str(path)
        exec(compile(changed(self._mutant), str(path), "exec"), module.__dict__)


def install(mutant: Mutant) -> None:
    """From now on the module is imported as it was changed."""
    sys.meta_path.insert(0, _Finder(mutant))
