"""A finding as a shell script: curl lines, with variables for what the server made for itself."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mockserver.contract.codes import CODES
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.reproducers.captures import expression
from mockserver.contract.reproducers.pytest_file import Draft, printed
from mockserver.contract.reproducers.templates import Scope, Variable, pieces
from mockserver.contract.values import Answered, Failed, Message

_SAFE = re.compile(r'[^"$`\\!]*')
_PRINTED = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
_QUOTED = re.compile(rb'"(M0CKV(\d+)Q)"')
LARGE = 60_000
"""Bytes of a body past which it is no word of a command line any more."""


def file_name(code: str, identifier: str) -> str:
    """The name of a finding's script."""
    return f"{code.lower()}_{identifier}.sh"


def write(draft: Draft) -> str:
    """The script. Raises KeyError when a value that is needed stands in no answer."""
    lines = _calls(draft)
    body = "\n".join(lines)
    return "\n".join([*_head(draft, body), "", *lines, *_tail(draft), ""])


def _head(draft: Draft, body: str) -> list[str]:
    finding = draft.finding
    title = f"{finding.code} {CODES[finding.code].title}: {finding.operation}, {finding.endpoint}"
    lines = ["#!/usr/bin/env bash", _comment(title), "set -euo pipefail"]
    lines.append(f"BASE_URL=${{BASE_URL:-{shlex.quote(draft.place.url)}}}")
    lines += [f': "${{{v.name}:?{v.what}}}"' for v in draft.scope.environment]
    if draft.place.reset:
        lines.append(f"RESET_URL=${{RESET_URL:-{shlex.quote(draft.place.reset)}}}")
    lines += [text for name, text in _FUNCTIONS.items() if f"{name} " in body]
    if draft.place.reset:
        lines += ["", 'curl -sS -o /dev/null -X POST "$RESET_URL"']
    return lines


def _tail(draft: Draft) -> list[str]:
    finding = draft.finding
    return [
        "",
        _comment(f"{finding.aspect} {finding.pointer}".rstrip()),
        _comment(f"expected: {finding.expected}"),
        _comment(f"got:      {finding.got}"),
    ]


def _comment(text: str) -> str:
    return f"# {printed(text)}"


def _calls(draft: Draft) -> list[str]:
    lines = []
    last = len(draft.calls) - 1
    for number, call in enumerate(_numbers(draft)):
        exchange = draft.finding.sequence[number]
        if call.method == FOLLOW:
            lines.append(
                _comment(f"hear the feed at {exchange.message.target}: see the pytest file")
            )
            continue
        born = draft.scope.born(number) if number < last else []
        shown = ["-i"] if number == last and call.method != "HEAD" else []
        line = _line(draft, call, shown)
        if not born:
            quiet = "" if number == last else " -o /dev/null"
            told = _status(exchange.got)
            lines.append(f"{line}{quiet}{told}" if number < last else line)
        elif len(born) == 1 and (only := _piped(draft, born[0], number)):
            lines.append(f"{born[0].name}=$({line}{only})")
        else:
            lines.append(f"answer=$({line} -i)")
            lines += [_picked(draft, variable, number) for variable in born]
    return lines


def _numbers(draft: Draft) -> Iterator[Message]:
    """The calls, with numbers standing in JSON without quotes."""

    def bare(found: re.Match[bytes]) -> bytes:
        is_text = draft.scope.variables[int(found.group(2))].is_text
        return found.group(0) if is_text else found.group(1)

    for call in draft.calls:
        yield replace(call, body=_QUOTED.sub(bare, call.body))


def _status(outcome: Answered | Failed) -> str:
    return f"  # {outcome.status}" if isinstance(outcome, Answered) else ""


def _piped(draft: Draft, variable: Variable, step: int) -> str:
    """What picks a value of a JSON body; empty when it stands elsewhere."""
    if variable.birth is None or variable.birth.place.startswith("header"):
        return ""
    where = expression(variable.birth, draft.finding.sequence[step].got, "answer")
    return "" if "answer.text" in where else f" | pick {shlex.quote(where)}"


def _picked(draft: Draft, variable: Variable, step: int) -> str:
    if variable.birth is None:
        return ""
    where = expression(variable.birth, draft.finding.sequence[step].got, "answer.json()")
    return f'{variable.name}=$(pick_of {shlex.quote(where)} <<< "$answer")'


def _line(draft: Draft, call: Message, shown: Sequence[str]) -> str:
    def told(text: str) -> str:
        return word(draft.scope, text)

    words = [*_command(call), *shown, *_headers(call, told)]
    large = len(call.body) > LARGE or b"\0" in call.body or not _is_text(call.body)
    if large:
        encoded = base64.b64encode(call.body).decode()
        before = f"base64 --decode <<< {encoded} | "
        return " ".join([before + words[0], *words[1:], "--data-binary", "@-", _url(draft, call)])
    return " ".join([*words, *_data(call, told), _url(draft, call)])


def _command(call: Message) -> list[str]:
    if call.method == "HEAD":
        words = ["curl", "-sS", "--head"]
    else:
        words = ["curl", "-sS"]
        words += [] if call.method == "GET" and not call.body else ["-X", call.method]
    if "%2E" in call.target:
        words.append("--path-as-is")
    if any(character in call.target for character in "[]{}"):
        words.append("--globoff")
    return words


def _headers(call: Message, told: Callable[[str], str]) -> list[str]:
    words: list[str] = []
    names = {name.lower() for name, _ in call.headers}
    for name, value in call.headers:
        text = f"{name}: {value}" if value else f"{name};"  # curl's way to send an empty one
        words += ["-H", told(text)]
    if "content-type" not in names and (call.body or call.method in {"POST", "PUT", "PATCH"}):
        words += ["-H", "'Content-Type:'"]  # curl would say that it is a form
    return words


def _data(call: Message, told: Callable[[str], str]) -> list[str]:
    if call.body:
        return ["--data-raw", told(call.body.decode("utf-8", "replace"))]
    return ["--data-raw", "''"] if call.method in {"POST", "PUT", "PATCH"} else []


def _literal(text: str) -> str:
    return shlex.quote(text) if _PRINTED.fullmatch(text) else _ansi(text)


def _url(draft: Draft, call: Message) -> str:
    parts = pieces(call.target)
    if parts and isinstance(parts[0], int):  # a URL that the server gave
        return f'"$BASE_URL$(path_of {word(draft.scope, call.target)})"'
    return word(draft.scope, call.target, "$BASE_URL", quoted=True)


def word(scope: Scope, text: str, base: str = "", *, quoted: bool = False) -> str:
    """A word of a command, with variables in it; ``quoted`` for those in the path of a URL.

    ``base`` is a variable that it begins with.
    """
    parts: list[str] = []
    literal = ""
    for part in pieces(text):
        if isinstance(part, str):
            literal += part
        parts.append(part if isinstance(part, str) else _variable(scope, part, quoted=quoted))
    has_variables = bool(base) or len("".join(parts)) > len(literal)
    if not has_variables:
        return _literal(text)
    if _SAFE.fullmatch(literal) and _PRINTED.fullmatch(literal):
        return f'"{base}{"".join(parts)}"'
    words = [f'"{base}"'] if base else []
    for part, shown in zip(pieces(text), parts, strict=True):
        words.append(_literal(shown) if isinstance(part, str) else f'"{shown}"')
    return "".join(words)


def _variable(scope: Scope, number: int, *, quoted: bool) -> str:
    variable = scope.variables[number]
    value = "" if variable.birth is None else str(variable.birth.value)
    if quoted and not re.fullmatch(r"[\w.~-]*", value, re.ASCII):
        return f'$(quoted "${variable.name}")'
    return f"${{{variable.name}}}"


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _ansi(text: str) -> str:
    """``$'…'`` for texts with control characters (Bash manual, section 3.1.2.4)."""
    told = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    told = told.replace("\r", "\\r").replace("\t", "\\t")
    return "$'" + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\x{ord(c.group()):02x}", told) + "'"


_FUNCTIONS = {
    "pick": """pick() { python3 -c "
import json, re, sys
answer = json.load(sys.stdin)
print($1)"; }""",
    "pick_of": """pick_of() { python3 -c "
import json, re, sys
class answer:
    head, _, text = sys.stdin.read().replace('\\r\\n', '\\n').partition('\\n\\n')
    headers = {n.lower(): v for n, _, v in (l.partition(': ') for l in head.split('\\n'))}
    json = staticmethod(lambda: json.loads(answer.text))
print($1)"; }""",
    "path_of": """path_of() { python3 -c "
import sys
from urllib.parse import urlsplit
base, link = map(urlsplit, sys.argv[1:])
print(link.path.removeprefix(base.path) + ('?' + link.query if link.query else ''))
" "$BASE_URL" "$1"; }""",
    "quoted": """quoted() { python3 -c "
import sys
from urllib.parse import quote
print(quote(sys.argv[1], safe=''))" "$1"; }""",
}
