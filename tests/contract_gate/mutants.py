"""Handlers changed by machine, one place at a time, and served: what the gate is measured with."""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.util
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mockserver"

_COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    module: str
    number: int
    line: int
    what: str


def _compare(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:  # noqa: C901 - a table
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        other = _COMPARED[type(node.ops[0])]

        def swap(n: ast.AST) -> None:
            n.ops[0] = other()

        yield f"comparison becomes {other.__name__}", swap
    if isinstance(node, ast.BoolOp):
        other_op = ast.Or if isinstance(node.op, ast.And) else ast.And

        def flip(n: ast.AST) -> None:
            n.op = other_op()

        yield f"becomes {other_op.__name__}", flip
    if isinstance(node, ast.Constant) and type(node.value) is int:

        def more(n: ast.AST) -> None:
            n.value += 1

        yield f"{node.value} + 1", more
    if isinstance(node, ast.Constant) and type(node.value) is bool:

        def negate(n: ast.AST) -> None:
            n.value = not n.value

        yield f"{not node.value}", negate
    if isinstance(node, ast.Constant) and type(node.value) is str and 0 < len(node.value) < 40:

        def spoil(n: ast.AST) -> None:
            n.value = n.value + "x"

        yield f"{node.value!r} + 'x'", spoil
    if isinstance(node, (ast.If, ast.IfExp)):

        def always(n: ast.AST) -> None:
            n.test = ast.Constant(value=True)

        def never(n: ast.AST) -> None:
            n.test = ast.Constant(value=False)

        yield "condition becomes True", always
        yield "condition becomes False", never
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):

        def positive(n: ast.AST) -> None:
            n.op = ast.UAdd()
            n.operand = ast.Call(ast.Name("bool", ast.Load()), [n.operand], [])

        yield "not dropped", positive
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):

        def drop(n: ast.AST) -> None:
            n.value = ast.Constant(value=None)

        yield "call dropped", drop
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):

        def turn(n: ast.AST) -> None:
            n.op = ast.Sub() if isinstance(n.op, ast.Add) else ast.Add()

        yield "+ and - swapped", turn


def _places(tree: ast.Module) -> Iterator[tuple[int, int, str, Callable[[ast.AST], None]]]:
    """Where a module can be changed inside its functions."""
    docs = {
        id(n.body[0].value)
        for n in ast.walk(tree)
        if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Module))
        and n.body
        and isinstance(n.body[0], ast.Expr)
    }
    inside: set[int] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                inside.update(id(n) for n in ast.walk(statement))
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in docs or id(node) not in inside:
            continue
        if isinstance(node, ast.Expr) and id(node.value) in docs:
            continue
        for what, change in _compare(node):
            yield index, getattr(node, "lineno", 0), what, change


def source_of(module: str) -> Path:
    return PACKAGE.parent / (module.replace(".", "/") + ".py")


def mutants(module: str) -> list[Mutant]:
    tree = ast.parse(source_of(module).read_text())
    return [Mutant(module, n, line, what) for n, (_, line, what, _) in enumerate(_places(tree))]


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
    everything = [m for name in names for m in mutants(name)]
    return random.Random(seed).sample(everything, min(count, len(everything)))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name, path=None, target=None):
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(source_of(name)))

    def exec_module(self, module):
        path = source_of(module.__name__)
        tree = ast.parse(path.read_text())
        index, _, _, change = list(_places(tree))[self._mutant.number]
        change(list(ast.walk(tree))[index])
        module.__file__ = str(path)
        exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), module.__dict__)


def install(mutant: Mutant) -> None:
    """From now on the module is imported as it was changed."""
    sys.meta_path.insert(0, _Finder(mutant))


__all__ = ["Mutant", "copy", "install", "modules", "mutants", "sample"]
