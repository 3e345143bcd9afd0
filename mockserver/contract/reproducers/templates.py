"""The calls of a finding as a script makes them: variables stand where values of the server do."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.masking import Secrets
from mockserver.contract.values import Birth, Exchange, Key, Message, Sent
from mockserver.contract.wire import Writer

MARK = re.compile(r"M0CKV(\d+)Q")
"""Stands in calls for a variable; nothing that goes over the wire changes it."""

_TAKEN = frozenset(
    ("answer", "call", "http", "json", "os", "re", "hashlib", "datetime", "path_of", "quote",
     "urlsplit", "each", "keys", "reset", "pick", "test", "echo", "printf", "curl", "path")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a script learns while it runs: from an answer, or of the environment.

    ``birth`` is None for one of the environment; ``what`` says what to put there.
    """

    name: str
    birth: Birth | None = None
    what: str = ""

    @property
    def is_text(self) -> bool:
        """Whether its value is a text, and not a number."""
        return self.birth is None or isinstance(self.birth.value, str)


class Scope:
    """The variables of one reproducer, by the numbers in their marks.

    ``used`` are those that something refers to.
    """

    def __init__(self, births: Sequence[Birth], sents: Sequence[Sent]) -> None:
        self.variables: list[Variable] = []
        self.used: set[int] = set()
        self._names: set[str] = set()
        self._keys: dict[int, int] = {}
        self._secrets: dict[str, int] = {}
        for birth in births:
            if birth.step >= 0:
                self._keys[birth.number] = self._add(_name(birth, sents), birth)

    def _add(self, wanted: str, birth: Birth | None = None, what: str = "") -> int:
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        self.variables.append(Variable(name, birth, what))
        return len(self.variables) - 1

    def mark(self, number: int) -> str:
        """What stands for a variable from now on."""
        self.used.add(number)
        return f"M0CKV{number}Q"

    def key(self, key: Key) -> str | None:
        """The mark of a key; None for one of before the sequence."""
        number = self._keys.get(key.number)
        return None if number is None else self.mark(number)

    def secret(self, header: str, value: str, caller: str) -> str:
        """The mark of a secret: what a caller presents under some name."""
        if value not in self._secrets:
            name = re.sub(r"\W", "_", header).upper()
            if name in self._names:
                name = f"{re.sub(r'[^A-Za-z0-9]', '_', caller).upper() or 'OTHER'}_{name}"
            told = re.sub(r"[^\w .@-]", "_", f"{caller or 'the caller'} presents as {header}")
            what = f"what {told}"
            self._secrets[value] = self._add(name, None, what)
        return self.mark(self._secrets[value])

    def marked(self, text: str) -> str:
        """A text of an expected answer, with marks where it has values of the server."""
        for variable, number in self._values():
            if variable in text:
                text = text.replace(variable, self.mark(number))
        return text

    def number_of(self, value: Any) -> int | None:
        """The variable of exactly this value, None when there is none."""
        for number, variable in enumerate(self.variables):
            birth = variable.birth
            if birth and birth.is_key and type(birth.value) is type(value) and birth.value == value:
                return number
        return None

    def _values(self) -> list[tuple[str, int]]:
        """Texts that are the server's own, long enough not to stand somewhere by chance."""
        found = [
            (str(v.birth.value), number)
            for number, v in enumerate(self.variables)
            if v.birth and v.birth.is_key and len(str(v.birth.value)) >= 6  # noqa: PLR2004
        ]
        return sorted(found, key=lambda pair: -len(pair[0]))

    @property
    def environment(self) -> list[Variable]:
        """The variables of the environment."""
        return [v for n, v in enumerate(self.variables) if v.birth is None and n in self.used]

    @property
    def presented(self) -> dict[str, str]:
        """What the variables of the environment hold, for a run of the scripts."""
        return {self.variables[number].name: value for value, number in self._secrets.items()}

    def born(self, step: int) -> list[Variable]:
        """The variables in use that the answer to a call gives."""
        return [
            v
            for n, v in enumerate(self.variables)
            if v.birth is not None and v.birth.step == step and n in self.used
        ]


def pieces(text: str) -> list[str | int]:
    """A text with marks as its parts: texts, and numbers of variables."""
    parts: list[str | int] = []
    end = 0
    for found in MARK.finditer(text):
        parts += [text[end : found.start()], int(found.group(1))]
        end = found.end()
    return [part for part in (*parts, text[end:]) if part != ""]


def templates(
    sequence: Sequence[Exchange], scope: Scope, writer: Writer, secrets: Secrets
) -> list[Message]:
    """The calls of a sequence with marks in them."""
    return [_template(exchange, scope, writer, secrets) for exchange in sequence]


def _template(exchange: Exchange, scope: Scope, writer: Writer, secrets: Secrets) -> Message:
    def resolve(key: Key) -> Any:
        mark = scope.key(key)
        if mark is None:
            raise KeyError(key)
        return mark

    sent = exchange.sent
    try:
        marked = writer.message(sent, resolve)
    except KeyError:  # of before the sequence: the value as it was
        marked = exchange.message
    values = dict(marked.headers)
    headers = []
    for name, value in exchange.message.headers:
        told = values.get(name, "")
        headers.append((name, told if MARK.search(told) else value))
    message = Message(marked.method, marked.target, tuple(headers), marked.body)
    return _without_secrets(message, scope, secrets, sent.caller)


def _without_secrets(message: Message, scope: Scope, secrets: Secrets, caller: str) -> Message:
    headers = tuple(
        (name, scope.secret(name, value, caller) if secrets.is_header(name, value) else value)
        for name, value in message.headers
    )
    target = message.target
    for name, value in secrets.in_query(target):
        target = target.replace(f"{name}={value}", f"{name}={scope.secret(name, value, caller)}")
    return replace(message, headers=headers, target=target)


def _name(birth: Birth, sents: Sequence[Sent]) -> str:
    """A name for a value: the parameter that takes it, or else where it stood."""
    key = Key(birth.number)
    wanted = [
        _parameter(sent, name)
        for sent in sents
        for name, value in sent.path_parameters.items()
        if value == key
    ]
    wanted += [name for sent in sents for name, value in sent.query if value == key]
    wanted += [birth.place.rpartition("/")[2], "value"]
    names = (re.sub(r"\W+", "_", snake(each), flags=re.ASCII).strip("_") for each in wanted)
    name = next(name for name in names if name and not name[0].isdigit())
    taken = keyword.iskeyword(name) or name in _TAKEN or hasattr(builtins, name)
    return f"{name}_" if taken else name


def _parameter(sent: Sent, name: str) -> str:
    """The ``id`` of ``/notes/{id}`` is a ``note_id``."""
    before = sent.path.partition(f"/{{{name}}}")[0].rpartition("/")[2]
    return f"{before.removesuffix('s')}_id" if name == "id" and before.isidentifier() else name


def snake(text: str) -> str:
    """``createdAt`` as ``created_at``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
