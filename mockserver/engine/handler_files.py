"""Handlers that somebody wrote in a file of their own, in the place of those of an API."""

from __future__ import annotations

import copy
import difflib
import functools
import importlib.util
import inspect
import linecache
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from mockserver.engine.handlers import Call, Handler, Handlers, Reply
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from mockserver.errors import ApiError, MockServerError, Problem, StartupError

logger = logging.getLogger("mockserver")

_NEEDED = "expected 'handlers = Handlers()', with 'from mockserver import Handlers' above it"

_NOT_FOR_FILES = ("authenticate_with", "complete_of", "shown_of", "derived_from", "refusal_of")

Place = tuple[int, str]
"""An API, by its number, and the id of one of its operations."""


def with_handlers(apis: Sequence[Api], files: Iterable[Path]) -> list[Api]:
    """The APIs with the handlers of Python files laid over theirs, one operation at a time.

    A file is run, so it must be the user's own. An operation is named by its operationId, by
    ``METHOD /path``, or either with ``stem:`` before it. Raises StartupError with everything
    that is wrong.
    """
    made = [replace(api, handlers=_copied(api.handlers)) for api in apis]
    places = _places(made)
    problems: list[Problem] = []
    for file in files:
        given = read_handlers(file)
        for name in sorted({*given.by_operation, *given.frames_of}):
            found = places.get(name, ())
            if len(found) == 1:
                _lay_over(made, found[0], given, name)
            else:
                problems.append(Problem(str(file), "", _unplaced(name, found, places, made)))
    if problems:
        raise StartupError(problems)
    return made


def _copied(handlers: Handlers) -> Handlers:
    """Handlers that may be changed while those of the module stay as they are."""
    made = copy.copy(handlers)
    made.by_operation = dict(handlers.by_operation)
    made.frames_of = dict(handlers.frames_of)
    made.slow = set(handlers.slow)
    made.body_limit_of = dict(handlers.body_limit_of)
    made.guess_of = dict(handlers.guess_of)
    made.origin_of = dict(handlers.origin_of)
    return made


def _places(apis: Sequence[Api]) -> dict[str, list[Place]]:
    """The operations by all that they may be called."""
    places: dict[str, list[Place]] = {}
    for number, api in enumerate(apis):
        stem, base_path = api.description.stem, api.description.base_path
        for operation in api.description.operations:
            method, path = operation.method, operation.path
            plain = {operation.id, f"{method} {path}", f"{method} {base_path}{path}"}
            for name in plain | {f"{stem}:{each}" for each in plain}:
                places.setdefault(name, []).append((number, operation.id))
    return places


def _unplaced(
    name: str, found: Sequence[Place], places: Mapping[str, Any], apis: Sequence[Api]
) -> str:
    if found:
        names = " or ".join(f"'{apis[n].description.stem}:{name}'" for n, _ in found)
        return f"the operation {name!r} is in several APIs: say {names}"
    plain = [known for known in places if ":" not in known]
    nearest = difflib.get_close_matches(name, plain, n=1)
    hint = f"; the nearest is {nearest[0]!r}" if nearest else "; 'mockserver routes' lists them"
    return f"a handler is given for the operation {name!r}, which is not described{hint}"


def _lay_over(apis: Sequence[Api], place: Place, given: Handlers, name: str) -> None:
    number, operation_id = place
    handlers = apis[number].handlers
    operation = next(o for o in apis[number].description.operations if o.id == operation_id)
    handlers.slow.discard(operation_id)
    if name in given.by_operation:
        function = given.by_operation[name]
        handlers.by_operation[operation_id] = _guarded(function, operation)
        origin = _origin(function)
        handlers.origin_of[operation_id] = origin
        handlers.guess_of[operation_id] = f"handler {origin}"
    if name in given.frames_of:
        handlers.frames_of[operation_id] = given.frames_of[name]
    if name in given.slow:
        handlers.slow.add(operation_id)
    if name in given.body_limit_of:
        handlers.body_limit_of[operation_id] = given.body_limit_of[name]


def _guarded(function: Callable[[Call], Any], operation: Operation) -> Handler:
    """The handler of a file: it may answer with a value alone, and its bugs are told as its own."""

    @functools.wraps(function)
    def handler(call: Call) -> Reply:
        try:
            answered = function(call)
        except MockServerError:
            raise
        except Exception as error:
            logger.exception("the handler of %s failed", operation.id)
            own = inspect.unwrap(function).__code__.co_filename
            frames = traceback.extract_tb(error.__traceback__)
            where = ([frame for frame in frames if frame.filename == own] or frames)[-1]
            detail = (
                f"The handler of {operation.id} failed in {Path(where.filename).name}, "
                f"line {where.lineno}: {type(error).__name__}: {error}"
            )
            raise ApiError(500, detail) from None
        if isinstance(answered, Reply):
            return answered
        return Reply(answered, operation.success[0])

    return handler


def _origin(function: Callable[..., Any]) -> str:
    code = inspect.unwrap(function).__code__
    return f"{function.__name__} ({Path(code.co_filename).name}, line {code.co_firstlineno})"


def read_handlers(file: Path) -> Handlers:
    """What a Python file calls ``handlers``. Raises StartupError naming file and line."""
    module = _run(file)
    handlers = getattr(module, "handlers", None)
    if not isinstance(handlers, Handlers):
        came = "nothing of that name" if handlers is None else f"a {type(handlers).__name__}"
        raise StartupError([Problem(str(file), "", f"{_NEEDED}; there is {came}")])
    problems = [
        f"the handler {function.__name__!r} of {name!r} is async; expected a plain function"
        for name, function in handlers.by_operation.items()
        if inspect.iscoroutinefunction(function)
    ]
    problems += [
        f"'handlers.{name.partition('_')[0]}' is for built-in APIs; expected only "
        "'handlers.operation' and 'handlers.frames'"
        for name in _NOT_FOR_FILES
        if getattr(handlers, name)
    ]
    if problems:
        raise StartupError([Problem(str(file), "", message) for message in problems])
    return handlers


def _run(file: Path) -> ModuleType:
    name = f"_handlers_{abs(hash(file.resolve()))}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise StartupError([Problem(str(file), "", "expected a Python file (*.py)")])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    folder = str(file.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # what lies beside the file may be imported, now and later
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError as error:
        if error.filename != str(file) and error.filename != str(file.resolve()):
            raise StartupError([Problem(str(file), "", _told(file, error))]) from error
        raise StartupError([Problem(str(file), "", "no such file of handlers")]) from error
    except Exception as error:
        raise StartupError([Problem(str(file), "", _told(file, error))]) from error
    return module


def _told(file: Path, error: Exception) -> str:
    """An exception with the last line of the file that led to it."""
    own = [f.lineno for f in traceback.extract_tb(error.__traceback__)
           if Path(f.filename) == file.resolve()]  # fmt: skip
    line = error.lineno if isinstance(error, SyntaxError) else (own or [None])[-1]
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    text = linecache.getline(str(file), line).strip() if line else ""
    where = f"line {line}: " if line else ""
    shown = f" in {text!r}" if text else ""
    return f"{where}{type(error).__name__}: {message}{shown}"
