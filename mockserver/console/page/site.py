"""The pages of the console on Flask: the console itself, its files, and the form for the token."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from mockserver import __version__
from mockserver.console.access import Access

_STATIC = Path(__file__).parent / "static"
_YEAR = 365 * 24 * 3600
_MAX_FORM = 4096

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; trusted-types lit-html; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""No script but the page's own files, nothing from other hosts, no markup made of text."""


def create_site(access: Access) -> Flask:
    """The Flask application; its addresses are relative, so that any prefix will do."""
    site = Flask(__name__, static_folder=None)
    site.config["MAX_CONTENT_LENGTH"] = _MAX_FORM
    files = _files()
    edition = _edition(files)
    modules = sorted(name for name in files if name.startswith("js/"))

    @site.get("/")
    def console() -> str:
        """The page; Flask redirects to it where the slash is missing."""
        locked = bool(access.token)
        return render_template(
            "console.html", edition=edition, modules=modules, locked=locked, version=__version__
        )

    @site.get("/static/<asked>/<path:name>")
    def static(asked: str, name: str) -> Response:
        """A file, under an address that changes when any of them does."""
        if asked != edition:
            abort(404)
        answer = send_from_directory(_STATIC, name, max_age=_YEAR)
        answer.cache_control.immutable = True
        return answer

    @site.get("/login")
    def login() -> str:
        """The form for the token."""
        return render_template("login.html", edition=edition, wrong=False)

    @site.post("/login")
    def log_in() -> BaseResponse | tuple[str, int]:
        """Give the cookie to whoever presents the token."""
        if not access.admits(request.form.get("token", "")):
            return render_template("login.html", edition=edition, wrong=True), 401
        return _with_cookie(access.cookie())

    @site.post("/logout")
    def log_out() -> BaseResponse:
        """Take the cookie back."""
        return _with_cookie(access.no_cookie())

    @site.after_request
    def guarded(answer: Response) -> Response:
        """Every answer says what a browser may do with it."""
        answer.headers.update(_HEADERS)
        if not answer.cache_control.immutable:
            answer.cache_control.no_store = True
        return answer

    return site


def _with_cookie(cookie: str) -> BaseResponse:
    answer = redirect(f"{request.script_root}/", 303)
    answer.headers["Set-Cookie"] = cookie
    return answer


def _files() -> dict[str, bytes]:
    """The files of the page by their path."""
    return {
        path.relative_to(_STATIC).as_posix(): path.read_bytes()
        for path in sorted(_STATIC.rglob("*"))
        if path.is_file()
    }


def _edition(files: dict[str, bytes]) -> str:
    """A name for the files as they are, to stand in their addresses."""
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()[:12]
