"""What collections begin with: examples, fixtures and made records, linked with each other."""
