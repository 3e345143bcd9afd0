"""Calls that are sent twice under one idempotency key: the second is answered as the first was."""

from __future__ import annotations

import hashlib

from mockserver.engine.handlers import Call, Handler, Reply, without_views
from mockserver.engine.inference.words import normal
from mockserver.engine.media import encode_json
from mockserver.engine.spec import Operation
from mockserver.state.blobs import Blob

ANSWERS = "#answers"
"""The collection of answers by what was asked, a digest."""

MAX_ANSWERS = 1_000
"""Answers that are remembered in a sandbox; the oldest are forgotten first."""

MAX_OCTETS = 8 * 1024 * 1024
"""Octets of the answers that are remembered in a sandbox, about; a larger one is never."""

_NAMES = frozenset(("idempotencykey", "xidempotencykey", "idempotencytoken"))
_WRITING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def idempotency_header(operation: Operation) -> str:
    """The header in which an operation takes an idempotency key; empty where it takes none."""
    if operation.method not in _WRITING:
        return ""
    declared = (p.name for p in operation.parameters if p.location == "header")
    return next((name for name in declared if normal(name) in _NAMES), "")


def once(handler: Handler, header: str) -> Handler:
    """A handler that does nothing again for the same call with the same idempotency key.

    The same key with another body is another call: a description that takes any key and any body
    leaves no refusal for it.
    """

    def handle(call: Call) -> Reply:
        key = call.request.header(header.lower())
        if not key:
            return handler(call)
        asked = _digest(call, key)
        known = call.transaction.get(ANSWERS, asked)
        if known is not None:
            return Reply(known.value["body"], known.value["status"], known.value["headers"])
        reply = handler(call)
        if not isinstance(reply.body, bytes | Blob):
            body = without_views(reply.body)  # as it is now, whatever happens to its records
            size = len(encode_json(body, str))
            told = {"body": body, "status": reply.status, "headers": reply.headers, "size": size}
            call.transaction.put(ANSWERS, asked, told)
            _forget(call)
        return reply

    return handle


def _digest(call: Call, key: str) -> str:
    request, caller = call.request, str(dict(call.identity or {}).get("identity", ""))
    texts = (call.operation.id, caller, request.target, key)
    digest = hashlib.sha256()
    for part in (*(text.encode() for text in texts), request.query, request.body):
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def _forget(call: Call) -> None:
    """Leave no more than are to be remembered, the newest of them."""
    size = 0
    for number, answer in enumerate(list(call.transaction.newest(ANSWERS)), start=1):
        size += answer.value.get("size", 0)
        if number > MAX_ANSWERS or size > MAX_OCTETS:
            call.transaction.delete(ANSWERS, answer.key)
