"""What a description keeps, inferred from its operations: resources, and roles of operations."""
