"""Handlers made from a description alone: what is created is listed, read, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mockserver.engine.handlers import Call, Handler, Handlers, Reply
from mockserver.engine.inference.inferring import Inference, infer
from mockserver.engine.inference.model import Role
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.actions import Action
from mockserver.engine.inferred.acts import Acts
from mockserver.engine.inferred.answers import READ, Answer, only_switches, refuse_to_switch
from mockserver.engine.inferred.bulk import Bulk
from mockserver.engine.inferred.contents import with_contents
from mockserver.engine.inferred.embedding import together
from mockserver.engine.inferred.listing import Listing
from mockserver.engine.inferred.refusals import Refusals
from mockserver.engine.inferred.repeating import idempotency_header, once
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of
from mockserver.engine.problems import problem_reply
from mockserver.engine.schema import Schemas
from mockserver.engine.seeds.addresses import origins_of
from mockserver.engine.seeds.shelves import Shelves
from mockserver.engine.spec import Description, Operation, Schema
from mockserver.engine.values.makers import Makers
from mockserver.errors import StartupError

Made = Callable[[Acting], Handler]

_LISTS = frozenset(("list", "search"))
_UNHEEDED = frozenset(("", "ignored", "total"))
"""What parameters of lists ask for that no list does anything about."""

_MADE: Mapping[str, Made] = {
    "list": lambda acting: Listing(acting).reply,
    "search": lambda acting: Listing(acting).reply,
    "create": lambda acting: Acts(acting).create,
    "read": lambda acting: Acts(acting).read,
    "exists": lambda acting: Acts(acting).read,
    "replace": lambda acting: Acts(acting).replace,
    "upsert": lambda acting: Acts(acting).upsert,
    "merge": lambda acting: Acts(acting).merge,
    "delete": lambda acting: Acts(acting).delete,
    "singleton-read": lambda acting: Acts(acting).read,
    "singleton-replace": lambda acting: Acts(acting).upsert,
    "singleton-merge": lambda acting: Acts(acting).merge,
    "singleton-delete": lambda acting: Acts(acting).delete,
    "bulk-create": lambda acting: together(Bulk(acting).create),
    "bulk-replace": lambda acting: together(Bulk(acting).replace),
    "bulk-merge": lambda acting: together(Bulk(acting).merge),
    "bulk-delete": lambda acting: together(Bulk(acting).delete),
    "clear": lambda acting: together(Bulk(acting).clear),
    "action": lambda acting: Action(acting).reply,
}
"""What makes the handler of an operation, by its kind."""


class Inferred:
    """The handlers of one description, and the records that it begins with.

    ``files`` are those that the description was read from.

    Raises StartupError with everything that is wrong in ``x-mock`` extensions.
    """

    def __init__(self, description: Description, schemas: Schemas, seed: int, records: int) -> None:
        self.files: tuple[Path, ...] = ()
        self.inference: Inference = infer(description, schemas.resolved)
        if self.inference.problems:
            raise StartupError(self.inference.problems)
        self.makers = Makers(schemas, seed)
        self.shelves = Shelves(self.inference, self.makers, records)
        self.handlers = Handlers(problem_reply)
        self.handlers.negotiates = True
        self.handlers.make_header = self._made_header
        self.handlers.origins = origins_of(description)
        self.handlers.collections = tuple(self.inference.resources)
        self.world = World(self.inference, description, self.makers, self.shelves, records)
        for operation in description.operations:
            role = self.inference.roles[operation.id]
            self.handlers.operation(operation.id)(self._handler(operation, role))
            self.handlers.refusal(operation.id)(Refusals(self.world, operation).shape())
            self.handlers.guess_of[operation.id] = _guess(role)

    def _made_header(self, schema: Schema, name: str) -> str:
        """A value for a header that an answer must carry and nobody knows."""
        return text_of(self.makers.make(schema, (name,)))

    def _handler(self, operation: Operation, role: Role) -> Handler:
        """The handler of an operation, compiled when it is first called."""
        made: list[Handler] = []

        def handle(call: Call) -> Reply:
            if not made:
                handler, header = self._made(operation, role), idempotency_header(operation)
                made.append(once(handler, header) if header else handler)
            return made[0](call)

        return handle

    def _made(self, operation: Operation, role: Role) -> Handler:
        resource = self.inference.resources.get(role.resource)
        if only_switches(operation):
            return refuse_to_switch
        if resource is None:
            return self._documented(operation, role)
        acting = Acting(self.world, operation, role, resource)
        return with_contents(acting, _MADE[role.kind](acting))

    def _documented(self, operation: Operation, role: Role) -> Handler:
        """What an operation on nothing that is kept answers, the same for the same path."""
        answer = Answer(self.world, operation, READ, role.answers)

        def handle(call: Call) -> Reply:
            names = (operation.id, *(text_of(value) for value in call.path.values()))
            body: Any = None if answer.is_empty else answer.makes(answer.envelope.schema, names)
            return answer.reply(call, body)

        return handle


def _guess(role: Role) -> str:
    """What an operation is taken for, in words: kind, resource, the key and where it is kept."""
    told = f"{role.kind} {role.resource}".rstrip()
    keys = " and ".join(
        f"{key.parameter} (the member {'/'.join(key.property)})" if key.property else key.parameter
        for key in role.keys
    )
    by = f" by {keys}" if keys else ""
    unheeded = [query.name for query in role.queries if query.meaning in _UNHEEDED]
    ignored = f"; not heeded: {', '.join(unheeded)}" if unheeded and role.kind in _LISTS else ""
    return f"{told}{by}: {role.why}{ignored}"
