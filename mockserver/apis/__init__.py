"""What each mocked API does: one module or package for each stem."""
