"""How any OpenAPI description is served: read, compiled, decoded, answered, checked."""
