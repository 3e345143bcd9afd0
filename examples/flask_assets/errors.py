"""The ways in which a request can fail, and the bodies that say so."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """An answer that is no success: a status and one sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail

    @property
    def plain(self) -> bool:
        """Whether the description gives this status a text, not an RFC 9457 problem."""
        return self.status in {404, 410, 500}

    def problem(self) -> dict[str, Any]:
        """The body as of RFC 9457."""
        title = HTTPStatus(self.status).phrase
        return {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        }


def bad_request(detail: str) -> Refusal:
    """The request does not fit the description."""
    return Refusal(400, detail)


def unknown(what: str, key: str) -> Refusal:
    """There never was such a thing."""
    return Refusal(404, f"No {what} has the id {key}.")


def gone(what: str, key: str) -> Refusal:
    """It was there and has been deleted."""
    return Refusal(410, f"The {what} {key} has been deleted.")
