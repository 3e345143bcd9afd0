"""What all acts of one operation share: its role, its resource, and its answers."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inferred.answers import Answer
from mockserver.engine.inferred.keeping import Keeper
from mockserver.engine.inferred.locating import Locator
from mockserver.engine.inferred.world import World
from mockserver.engine.spec import Operation


class Acting:
    """One operation on one resource."""

    def __init__(self, world: World, operation: Operation, role: Role, resource: Resource) -> None:
        self.world = world
        self.operation = operation
        self.role = role
        self.resource = resource
        self.locator = Locator(world, operation, role, resource)
        self.keeper = Keeper(world, operation, role, self.locator)

    def answer(self, wanted: Sequence[int]) -> Answer:
        """The good answer of this operation, one of the statuses ``wanted`` if it can be."""
        return Answer(self.world, self.operation, wanted, self.role.answers)
