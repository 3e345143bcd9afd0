"""The examples of a description that show records: of answers, of bodies, and of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.shapes import Envelope
from mockserver.engine.schema import Schemas
from mockserver.engine.seeds.links import Links
from mockserver.engine.spec import Description, Operation
from mockserver.errors import pointer_to

MAX_EXAMPLES = 100
"""Examples of one resource that become records."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a description shows of a record, and where: a JSON pointer to it."""

    value: Mapping[str, Any]
    pointer: str


class Examples:
    """The examples of records by the name of their resource, those of answers first.

    Of answers, what shows one record comes before what lists several: it says more.
    """

    def __init__(
        self,
        description: Description,
        schemas: Schemas,
        resources: Mapping[str, Resource],
        roles: Mapping[str, Role],
    ) -> None:
        self._description = description
        self._schemas = schemas
        self._found: dict[str, list[Example]] = {}
        for forms in (("item",), ("list", "map")):
            for operation in description.operations:
                self._answered(operation, roles[operation.id], forms)
        for operation in description.operations:
            self._sent(operation, roles[operation.id])
        for resource in resources.values():
            self._written(resource)

    def of(self, resource: str) -> list[Example]:
        """The examples of a resource."""
        return self._found.get(resource, [])

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that have examples."""
        return tuple(self._found)

    def name_others(self, resources: Mapping[str, Resource], links: Links) -> None:
        """Have records be there that the examples of others name or embed."""
        for name, shown in list(self._found.items()):
            for link in links.of(resources[name]):
                path = resources[link.resource].key
                if resources[link.resource].parents or len(path) != 1:
                    continue
                for example in list(shown):
                    named = example.value.get(link.member)
                    pointer = example.pointer + pointer_to([link.member])
                    for each in named if isinstance(named, list) else [named]:
                        value = each if link.whole else {path[0]: each}
                        if isinstance(value, dict) and value.get(path[0]) is not None:
                            self._add(link.resource, value, pointer)

    def _add(self, resource: str, value: Any, pointer: str) -> None:
        found = self._found.setdefault(resource, [])
        if isinstance(value, dict) and value and len(found) < MAX_EXAMPLES:
            found.append(Example(value, pointer))

    def _answered(self, operation: Operation, role: Role, forms: tuple[str, ...]) -> None:
        for status, answer in {role.answer.status: role.answer, **role.answers}.items():
            if not role.resource or answer.form not in forms or status not in operation.responses:
                continue
            shown = operation.responses[status].examples.get(answer.media_type, {})
            place = ("responses", status, "content", answer.media_type)
            for name, value in shown.items():
                self._taken_out(role.resource, answer, value, _pointer(operation, place, name))

    def _taken_out(self, resource: str, envelope: Envelope, value: Any, pointer: str) -> None:
        for step in envelope.path:
            value = value.get(step) if isinstance(value, dict) else None
        pointer += pointer_to(envelope.path)
        if envelope.form == "item":
            self._add(resource, value, pointer)
            return
        listed: Any = value.items() if isinstance(value, dict) else enumerate(value or ())
        for step, element in listed if isinstance(value, dict | list) else ():
            for name in envelope.each:
                element = element.get(name) if isinstance(element, dict) else None  # noqa: PLW2901
            self._add(resource, element, pointer + pointer_to((step, *envelope.each)))

    def _sent(self, operation: Operation, role: Role) -> None:
        """Examples of bodies show records where nothing that is answered does."""
        if not role.resource or role.body.form != "item" or operation.body is None:
            return
        if self._found.get(role.resource) or role.kind not in ("create", "upsert", "replace"):
            return
        for media_type, shown in operation.body.examples.items():
            for name, value in shown.items():
                place = ("requestBody", "content", media_type)
                pointer = _pointer(operation, place, name)
                self._taken_out(role.resource, role.body, value, pointer)

    def _written(self, resource: Resource) -> None:
        """Examples that stand in the schema of the records itself."""
        if self._found.get(resource.name):
            return
        plain = self._schemas.resolved(resource.schema)
        reference = resource.schema.get("$ref", "")
        pointer = str(reference).removeprefix("#") or "/"
        listed = plain.get("examples")
        shown = [plain["example"]] if "example" in plain else []
        for value in [*shown, *(listed if isinstance(listed, list) else ())]:
            self._add(resource.name, value, pointer)


def _pointer(operation: Operation, place: tuple[str, ...], name: str) -> str:
    steps = ("examples", name, "value") if name else ("example",)
    return pointer_to(("paths", operation.path, operation.method.lower(), *place, *steps))
