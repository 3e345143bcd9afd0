"""What a person should know of an inferred API when the server starts."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.spec import Description, Operation

_ON_A_RECORD = frozenset(("read", "exists", "replace", "merge", "delete"))
_DELETING = frozenset(("delete", "singleton-delete"))
_SHOWN = 3


def notes_of(description: Description, inference: Inference) -> list[str]:
    """What is answered although the description does not say so."""
    forgetful = list(_without_not_found(description, inference))
    if not forgetful:
        return []
    named = ", ".join(operation.id for operation in forgetful[:_SHOWN])
    rest = len(forgetful) - _SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return [f"a deleted record is 404 in {named}{more} too, where no 404 is documented"]


def _without_not_found(description: Description, inference: Inference) -> Iterator[Operation]:
    """The operations on records that may be deleted, which document no 404."""
    roles = inference.roles
    deleted = {role.resource for role in roles.values() if role.kind in _DELETING}
    for operation in description.operations:
        role = roles[operation.id]
        documented = operation.response(HTTPStatus.NOT_FOUND) is not None
        if role.kind in _ON_A_RECORD and role.resource in deleted and not documented:
            yield operation
