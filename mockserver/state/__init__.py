"""What is true now, and what changed."""
