"""Resources inferred from a description: what is kept, and what each operation does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.engine.inference.homes import named, settle
from mockserver.engine.inference.kinds import Kinds
from mockserver.engine.inference.making import Maker
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.overrides import Overrides
from mockserver.engine.inference.paths import tree, walk
from mockserver.engine.inference.places import Places
from mockserver.engine.inference.views import Resolve, Views
from mockserver.engine.spec import Description
from mockserver.errors import Problem


@dataclass(frozen=True, slots=True)
class Inference:
    """The resources by name, a role for each operation id, and what is wrong with overrides."""

    resources: Mapping[str, Resource]
    roles: Mapping[str, Role]
    problems: tuple[Problem, ...]


def infer(description: Description, resolve: Resolve) -> Inference:
    """The resources of a description and the roles of its operations.

    ``resolve`` gives what a schema's ``$ref`` refers to. Everything is a guess with a reason,
    which an operation's extension ``x-mock`` overrides. Whatever a description holds, each of
    its operations has a role.
    """
    root = tree(description.operations)
    places = Places(root, Views(resolve))
    settle(places)
    kinds = Kinds(places)
    guesses = [kinds.guess(entry, node) for node in walk(root) for entry in node.operations]
    names = named([draft for draft in places.drafts if draft.home is None])
    overrides = Overrides(description, places, names)
    guesses = [overrides.applied(guess) for guess in guesses]
    maker = Maker(places, names)
    resources = {name: maker.resource(draft) for draft, name in names.items()}
    roles = {guess.operation.id: maker.role(guess) for guess in guesses}
    ordered = {operation.id: roles[operation.id] for operation in description.operations}
    return Inference(resources, ordered, tuple(overrides.problems))
