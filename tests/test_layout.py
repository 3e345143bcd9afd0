from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mockserver

PACKAGE = Path(mockserver.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_there_are_modules() -> None:
    assert len(MODULES) > 30


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short_and_says_what_it_is(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_public_names_are_sorted_and_there() -> None:
    assert mockserver.__all__ == sorted(mockserver.__all__)
    assert [name for name in mockserver.__all__ if not hasattr(mockserver, name)] == []
