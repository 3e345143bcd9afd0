"""What a check found, written for people and for their tools: one module for each format."""
