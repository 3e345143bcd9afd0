"""A command line that repeats a request."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Mapping
from typing import Any

from mockserver.engine.exchanges import FEED

_LEFT_OUT = frozenset(
    (
        "host", "content-length", "connection", "accept-encoding", "transfer-encoding",
        "user-agent", "expect",
    )
)  # fmt: skip
"""Headers that curl sends as it needs them."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_GLOB = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/\.{1,2}(/|$|\?)")


def command(method: str, url: str, request: Mapping[str, Any]) -> str:
    """A shell command with curl; ``request`` has headers and body as they are shown."""
    words = ["curl", *_options(method, url), shlex.quote(re.sub("^ws", "http", url))]
    body = request["body"]
    headers = [(each["name"], each["value"]) for each in request["headers"]]
    if body is not None and "content-type" not in {name.lower() for name, _ in headers}:
        words.append("-H 'content-type:'")  # or curl says it is a form
    for name, value in headers:
        if name.lower() not in _LEFT_OUT and (name.lower(), value) != ("accept", "*/*"):
            words.append(f"-H {shlex.quote(f'{name}: {value}' if value else f'{name};')}")
    if body is None:
        return " ".join(words)
    text = body.get("text")
    line = ""
    if text is None or _CONTROL.search(text):
        encoded = body.get("base64") or base64.b64encode(text.encode()).decode()
        line = f"printf %s {shlex.quote(encoded)} | base64 -d | "
        words.append("--data-binary @-")
    else:
        words.append(f"--data-raw {shlex.quote(text)}")
    note = f"  # the body had {body['bytes']} bytes, of which this is the beginning"
    return line + " ".join(words) + (note if body["cut"] else "")


def _options(method: str, url: str) -> list[str]:
    options = []
    if method == "HEAD":
        options.append("--head")
    elif method == FEED:
        options += ["--http1.1", "--include", "--no-buffer", "-H 'connection: upgrade'"]
    elif method != "GET":
        options += ["-X", shlex.quote(method)]
    if _GLOB.search(url):
        options.append("--globoff")
    if _DOTS.search(url):
        options.append("--path-as-is")
    return options
