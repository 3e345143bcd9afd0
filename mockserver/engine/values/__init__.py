"""Values made from a JSON Schema: deterministic, realistic where names tell, and valid."""

from mockserver.engine.values.directions import Direction, directed
from mockserver.engine.values.making import Unsatisfiable, Values
from mockserver.engine.values.workshop import Workshop

__all__ = ["Direction", "Unsatisfiable", "Values", "Workshop", "directed"]
