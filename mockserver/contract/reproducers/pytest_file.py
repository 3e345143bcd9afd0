"""A finding as a pytest file: plain Python that fails now and passes once the server is mended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from mockserver.contract.codes import CODES
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.reproducers.captures import expression
from mockserver.contract.reproducers.feeds import count_of
from mockserver.contract.reproducers.moments import LATER
from mockserver.contract.reproducers.python_source import Source, repr_of
from mockserver.contract.reproducers.templates import MARK, Scope, pieces, snake
from mockserver.contract.values import Answered, Exchange, Finding, Message
from mockserver.engine.media import is_json

INDENT = "    "
_SANDBOX = re.compile(r"/@check-[0-9a-f]+-\d+$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is: its URL, and what is posted to for a reset, if anything."""

    url: str
    reset: str = ""


def public(url: str, reset: str) -> Place:
    """Where others find a server that was checked at some URL.

    A sandbox that a check made for itself in our own mock is no place for others.
    """
    plain = _SANDBOX.sub("", url)
    return Place(plain, reset or (f"{plain}/__mock__/reset" if plain != url else ""))


@dataclass(slots=True)
class Draft:
    """What a reproducer is written from: the calls with marks, and the variables."""

    finding: Finding
    calls: Sequence[Message]
    scope: Scope
    place: Place
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source(self.scope)


def file_name(finding: Finding) -> str:
    """The name of a finding's pytest file."""
    return f"test_{finding.code.lower()}_{finding.id}.py"


def write(draft: Draft, asserted: Sequence[str]) -> str:
    """The file. Raises KeyError when a value that is needed stands in no answer."""
    body = _body(draft, asserted)
    finding = draft.finding
    words = re.sub(r"\W+", "_", f"{finding.operation}_{finding.aspect}", flags=re.ASCII)
    test = [f"def test_{snake(words).strip('_')}():"]
    if draft.place.reset:
        test.append(f"{INDENT}reset()")
    test += [INDENT + line if line else "" for line in body]
    return "\n".join([*headed(draft, "\n".join(body)), "", "", *test, ""])


def _body(draft: Draft, asserted: Sequence[str]) -> list[str]:
    lines: list[str] = []
    last = len(draft.calls) - 1
    for number, (call, exchange) in enumerate(
        zip(draft.calls, draft.finding.sequence, strict=True)
    ):
        if number == last and draft.finding.expected == LATER:
            lines.append("time.sleep(0.01)  # a later moment is another one")
        if call.method == FOLLOW:
            lines += [_heard(draft, call, exchange), ""]
            continue
        lines.append(call_of(draft, call))
        if number < last and isinstance(exchange.got, Answered):
            lines.append(f"assert answer.status == {exchange.got.status}")
        lines += captures(draft, number, exchange)
        if number < last:
            lines.append("")
    return [*lines, *asserted]


def captures(draft: Draft, step: int, exchange: Exchange) -> list[str]:
    """The lines that learn values from the answer to a call."""
    return [
        f"{variable.name} = {expression(variable.birth, exchange.got, 'answer.json()')}"
        for variable in draft.scope.born(step)
        if variable.birth is not None
    ]


def call_of(draft: Draft, call: Message) -> str:
    """The statement that makes a call."""
    told = [repr_of(call.method), _target(draft, call.target)]
    headers = {name: _header(draft, value) for name, value in call.headers}
    if headers:
        pairs = ", ".join(f"{repr_of(name)}: {value}" for name, value in headers.items())
        told.append(f"{{{pairs}}}")
    body = _payload(draft, call)
    if body:
        told.append(body if headers else f"body={body}")
    line = f"answer = call({', '.join(told)})"
    if len(line) + len(INDENT) <= 100 and "\n" not in line:  # noqa: PLR2004 - a line's width
        return line
    if body:
        told[-1] = _payload(draft, call, 8)
        told[-1] = told[-1] if headers else f"body={told[-1]}"
    rows = [f"{INDENT * 2}{each}," for each in told]
    return "\n".join(["answer = call(", *rows, f"{INDENT})"])


def _heard(draft: Draft, call: Message, exchange: Exchange) -> str:
    headers = ", ".join(f"{repr_of(n)}: {_header(draft, v)}" for n, v in call.headers)
    told = [_target(draft, call.target), str(count_of(exchange))]
    return f"answer = hear({', '.join([*told, f'{{{headers}}}'] if headers else told)})"


def _target(draft: Draft, target: str) -> str:
    parts = pieces(target)
    if parts and isinstance(parts[0], int):  # a URL that the server gave
        return f"path_of({draft.source.text(target)})"
    return draft.source.text(target, quoted=True)


def _header(draft: Draft, value: str) -> str:
    whole = MARK.fullmatch(value)
    variable = draft.scope.variables[int(whole.group(1))] if whole else None
    if variable is not None and variable.birth is None:
        return f'os.environ["{variable.name}"]'
    return draft.source.text(value) if value.isascii() else repr(value.encode())


def _payload(draft: Draft, call: Message, indent: int = 4) -> str:
    """The body: a JSON value where sending that is the same as sending the bytes."""
    if not call.body:
        return ""
    media_type = next((v for name, v in call.headers if name.lower() == "content-type"), "")
    if is_json(media_type.partition(";")[0].strip().lower()):
        try:
            value = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            value = None
        if isinstance(value, dict | list):
            return draft.source.value(value, indent)
    return draft.source.octets(call.body)


def headed(draft: Draft, body: str, modules: Sequence[str] = ()) -> list[str]:
    """A file up to its tests; ``modules`` are those that it needs beside the usual ones."""
    finding = draft.finding
    title = f"{finding.code} {CODES[finding.code].title}: {finding.operation}"
    holds = (f"{v.name} holds {v.what}." for v in draft.scope.environment)
    lines = [
        f'"""{_plain(title)}',
        "",
        _plain(f"{finding.endpoint}, {finding.aspect} {finding.pointer}".rstrip()),
        _plain(f"expected: {finding.expected}"),
        _plain(f"got:      {finding.got}"),
        "",
        _plain(f"BASE_URL tells where the server is ({draft.place.url})."),
        *map(_plain, holds),
    ]
    if draft.place.reset:
        lines.append("RESET_URL is posted to first, so that the server begins with its seed.")
    elif "reset" not in body and finding.flaky:
        lines.append("It was not seen again on a fresh state.")
    return [
        *lines,
        '"""',
        "",
        *_imports(draft, body, modules),
        "",
        *_constants(draft),
        *_support(body, draft),
    ]


def _imports(draft: Draft, body: str, more: Sequence[str]) -> list[str]:
    modules = ["http.client", "os", *more]
    modules += [name for name in ("datetime", "hashlib", "re", "time") if f"{name}." in body]
    modules.append("json")
    modules += ["atexit", "contextlib"] if "hear(" in body else []
    names = ["quote"] if "quote(" in body else []
    return [
        *(f"import {module}" for module in sorted(set(modules))),
        f"from urllib.parse import {', '.join([*names, 'urlsplit'])}",
        *(["", "import websockets.sync.client"] if "hear(" in body else []),
    ]


def _constants(draft: Draft) -> list[str]:
    place = draft.place
    lines = [f'BASE_URL = os.environ.get("BASE_URL", {repr_of(place.url)}).rstrip("/")']
    if place.reset:
        lines.append(f'RESET_URL = os.environ.get("RESET_URL", {repr_of(place.reset)})')
    return lines


def _support(body: str, draft: Draft) -> list[str]:
    lines = _SUPPORT.splitlines()
    if draft.place.reset:
        lines += _RESET.splitlines()
    if "hear(" in body:
        lines += _HEAR.splitlines()
    return lines + (_PATH_OF.splitlines() if "path_of(" in body else [])


def _plain(text: str) -> str:
    """A line of a docstring."""
    line = printed(text.replace("\\", "/").replace('"', "'"))
    return line if len(line) <= 160 else f"{line[:157]}..."  # noqa: PLR2004 - to be read


def printed(text: str) -> str:
    """A text on one line, without characters that no file of source has."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


_SUPPORT = '''

class Answer:
    """What the server said: names of headers are in lower case."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def call(method, target, headers=None, body=None):
    """Bytes are sent as they are, other bodies as JSON."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return sent(BASE_URL + target, method, headers or {}, body)


def sent(url, method, headers, body):
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=30)
    try:
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request(method, path, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()'''

_RESET = """

def reset():
    assert sent(RESET_URL, "POST", {}, b"").status < 400"""

_HEAR = '''

class Heard:
    """Frames of a feed: one stands for itself, others in a list."""

    def __init__(self, frames):
        self.frames = frames

    def json(self):
        told = [json.loads(frame) for frame in self.frames]
        return told[0] if len(told) == 1 else told


FEEDS = {}
OPEN = contextlib.ExitStack()
atexit.register(OPEN.close)


def hear(target, count, headers=None):
    """What a feed has told since it was heard last; one frame more than count at most."""
    if target not in FEEDS:
        url = "ws" + BASE_URL[len("http"):] + target
        opening = websockets.sync.client.connect(url, additional_headers=headers)
        FEEDS[target] = OPEN.enter_context(opening)
    frames = []
    try:
        while len(frames) <= count:
            frames.append(FEEDS[target].recv(timeout=3 if len(frames) < count else 0.3))
    except TimeoutError:
        pass
    return Heard(frames)'''

_PATH_OF = '''

def path_of(link):
    """Where a URL that the server gave leads, below BASE_URL."""
    parts = urlsplit(link)
    path = parts.path.removeprefix(urlsplit(BASE_URL).path)
    return path + ("?" + parts.query if parts.query else "")'''
