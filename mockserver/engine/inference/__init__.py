"""What a description keeps, inferred from its operations, and handlers made of that."""
