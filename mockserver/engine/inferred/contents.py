"""Operations that take or answer the bytes of files: what was sent is what is read."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.engine.handlers import Call, Handler, Reply
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import READ, chosen
from mockserver.engine.inferred.uploads import (
    BYTES,
    CONTENTS,
    Kept,
    brought,
    drop,
    keep,
    kept_for,
)
from mockserver.engine.media import is_json, matching
from mockserver.engine.spec import Response
from mockserver.engine.wire.accept import choose
from mockserver.engine.wire.negotiation import acceptable
from mockserver.state.blobs import Blob

_STRUCTURED = ("xml", "x-www-form-urlencoded", "form-data", "yaml")
_TAKING = frozenset(("POST", "PUT", "PATCH"))


def with_contents(acting: Acting, handler: Handler) -> Handler:
    """A handler that keeps the bytes it is sent, or answers those that were sent."""
    contents = Contents(acting)
    method, body = acting.operation.method, acting.operation.body
    if contents.may_give and method == "GET":
        return contents.giving(handler)
    brings = body is not None and not all(map(is_json, body.content))
    if brings and method in _TAKING and acting.role.kind != "create":
        return contents.taking(handler)
    if method == "DELETE" and acting.role.kind == "action":
        return contents.dropping(handler)
    return handler


class Contents:
    """The bytes that one operation is about."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._resource = acting.resource
        self._response: Response | None = chosen(acting.operation, READ)[1]
        named = acting.operation.path.rpartition("}")[2].strip("/")
        self._rest = "" if acting.resource.singleton else named

    @property
    def may_give(self) -> bool:
        """Whether a good answer may be bytes."""
        return any(map(_is_bytes, self._response.content if self._response else ()))

    def taking(self, handler: Handler) -> Handler:
        """A handler that keeps what it is sent, once it has taken it."""

        def handle(call: Call) -> Reply:
            reply = handler(call)
            if brought(call) is not None:
                keep(call, self._resource, self._key(call), self._rest)
            return reply

        return handle

    def dropping(self, handler: Handler) -> Handler:
        """A handler that takes away what was sent to the same path."""

        def handle(call: Call) -> Reply:
            reply = handler(call)
            drop(call, self._resource, self._key(call), self._rest)
            return reply

        return handle

    def giving(self, handler: Handler) -> Handler:
        """A handler that answers what was sent, where a client takes it."""

        def handle(call: Call) -> Reply:
            reply = handler(call)
            if not call.transaction.is_written(CONTENTS):
                return reply
            found = next(filter(None, self._kept(call)), None)
            return reply if found is None else self._given(call, reply, *found)

        return handle

    def _given(self, call: Call, reply: Reply, media_type: str, blob: Blob) -> Reply:
        accept = call.request.header("accept")
        for documented, concrete in acceptable(self._response, accept) if self._response else ():
            if not _is_bytes(documented):
                return reply
            is_range = "*" in documented
            if is_range and matching(media_type, (documented,)) and choose(accept, (media_type,)):
                return Reply(blob, reply.status, reply.headers, media_type)
            if not is_range and concrete in (media_type, BYTES):
                return Reply(blob, reply.status, reply.headers, concrete)
        return reply

    def _key(self, call: Call) -> str:
        """The key of the record that a call is about, whatever name it used for it."""
        record = self._acting.locator.peek(call)
        return record.key if record is not None else self._acting.locator.key(call)

    def _kept(self, call: Call) -> Iterator[Kept | None]:
        """Bytes that were sent to this path, with the record, or with the one above."""
        key = self._key(call)
        yield kept_for(call, self._resource, key, self._rest)
        yield kept_for(call, self._resource, key, "")
        if self._resource.singleton:
            for resource, above in self._acting.locator.parents(call):
                yield kept_for(call, resource, above, "")


def _is_bytes(media_type: str) -> bool:
    """Whether a media type is one of files, and none of values that a schema describes."""
    return not is_json(media_type) and not media_type.endswith(_STRUCTURED)
